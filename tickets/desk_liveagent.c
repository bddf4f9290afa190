/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * LiveAgent, API v3: POST /files for each attachment, then POST /tickets.
 *
 * Two facts of this desk shape it.  A ticket made by the API is mailed out
 * unless do_not_send_mail is Y: it always is.  And there is no idempotency key:
 * after an unclear end, deliver calls find, which lists the sender's tickets of
 * the last days and reads their first messages for our mark (liveagent.h).
 *
 * Version 3 cannot add a customer's message to a ticket, so there is no append:
 * a follow-up becomes a ticket of its own.  Its text is sent plain: what the
 * API is given as HTML it may trust more than what it fetches as mail.
 *
 * A file the desk refuses for good is left out, and the ticket says so: a
 * refused attachment must not keep a customer's words away.
 */
#include "tickets/desk.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tickets/bucket.h"
#include "tickets/http.h"
#include "tickets/liveagent.h"

#define MAX_ANSWER (32 << 20)

struct liveagent {
	struct desk desk; /* first */
	struct http *http;
	struct secret *token;
	char *department;
	struct bucket bucket;
	const struct clock *clock;
};

static struct liveagent *
liveagent_of(struct desk *desk)
{
	g_assert(desk->ops == &desk_liveagent_ops);
	return (struct liveagent *)desk;
}

static void
liveagent_close(struct desk *desk)
{
	struct liveagent *agent = liveagent_of(desk);

	http_free(&agent->http);
	secret_free(&agent->token);
	g_free(agent->department);
	g_free(agent->desk.name);
	g_free(agent);
}

static gboolean
open_with(struct liveagent *agent, const struct conf_section *settings,
    GError **error)
{
	const char *url = conf_string(settings, "url");
	const char *token_file = conf_string(settings, "token-file");
	const char *department = conf_string(settings, "department");

	if (url == NULL || token_file == NULL)
		return err_set(error, DG_ERROR_BAD,
		    "a LiveAgent desk needs url and token-file");
	agent->token = secret_load_token(token_file, error);
	if (agent->token == NULL)
		return FALSE;
	agent->department =
	    g_strdup(department != NULL ? department : "default");
	bucket_init(&agent->bucket, (guint)conf_integer(settings, "rate"),
	    clock_mono(agent->clock));
	agent->http = http_new(
	    &(struct http_settings){
		.url = url,
		.token_header = "apikey",
		.token = agent->token,
		.timeout = conf_duration(settings, "timeout"),
		.allow_private = conf_flag(settings, "allow-private"),
		.max_answer = MAX_ANSWER,
	    },
	    error);
	return agent->http != NULL;
}

static struct desk *
liveagent_open(const struct conf_section *settings,
    const struct desk_world *world, GError **error)
{
	struct liveagent *agent = g_new0(struct liveagent, 1);

	agent->desk.ops = &desk_liveagent_ops;
	agent->desk.name = g_strdup(conf_title(settings));
	agent->clock = world->clock != NULL ? world->clock : &clock_system;
	if (open_with(agent, settings, error))
		return &agent->desk;
	liveagent_close(&agent->desk);
	return NULL;
}

/* Takes what `calls` calls cost of the rate; AGAIN with the time to wait. */
static gboolean
reserve(struct liveagent *agent, guint calls, GError **error)
{
	gint64 wait =
	    bucket_take(&agent->bucket, calls, clock_mono(agent->clock));

	agent->desk.retry_after = 0;
	if (wait == 0)
		return TRUE;
	agent->desk.retry_after = (wait + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
	return err_set(error, DG_ERROR_AGAIN,
	    "the rate of this desk is used up for %d s",
	    (int)agent->desk.retry_after);
}

/* One call whose cost is reserved; the answer is one of success. */
static gboolean
call_desk(struct liveagent *agent, enum liveagent_call call,
    const struct http_request *request, struct http_answer *answer_r,
    GError **error)
{
	gboolean done =
	    http_call(agent->http, request, answer_r, error) &&
	    liveagent_accepted(call, answer_r->status, answer_r->body, error);

	if (done)
		return TRUE;
	agent->desk.retry_after = answer_r->retry_after;
	http_answer_clear(answer_r);
	return FALSE;
}

/* What stands in a form's header must not be able to end it. */
static const char *
safe_type(const char *type)
{
	if (type == NULL || strchr(type, '/') == NULL)
		return "application/octet-stream";
	for (const char *at = type; *at != '\0'; at++)
		if (!g_ascii_isalnum(*at) && strchr("/.+-_", *at) == NULL)
			return "application/octet-stream";
	return type;
}

/* The id the desk gave the file.  Errors never mean that a ticket may be there.
 */
static char *
send_file(
    struct liveagent *agent, const struct ticket_file *file, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	struct http_file form = { "file", file->name, safe_type(file->type),
		file->bytes };
	struct http_request request = { "POST", "/files", NULL, &form };
	g_autoptr(GError) fault = NULL;
	char *id = NULL;

	if (call_desk(agent, LIVEAGENT_FILE, &request, &answer, &fault))
		id = liveagent_read_file(answer.body, &fault);
	if (id != NULL)
		return id;
	if (err_is(fault, DG_ERROR_IO))
		fault->code = DG_ERROR_AGAIN;
	g_propagate_error(error, g_steal_pointer(&fault));
	return NULL;
}

static gboolean
send_files(struct liveagent *agent, const struct ticket *ticket, GPtrArray *ids,
    GString *left_out, GError **error)
{
	for (guint i = 0; ticket->files != NULL && i < ticket->files->len;
	     i++) {
		const struct ticket_file *file = ticket->files->pdata[i];
		g_autoptr(GError) fault = NULL;
		char *id = send_file(agent, file, &fault);

		if (id != NULL) {
			g_ptr_array_add(ids, id);
		} else if (err_is(fault, DG_ERROR_BAD)) {
			g_string_append_printf(left_out,
			    "[Attachment %s is missing here: the desk refused "
			    "it, %s]\n",
			    file->name, fault->message);
		} else {
			g_propagate_error(error, g_steal_pointer(&fault));
			g_prefix_error(error, "attachment %u: ", i + 1);
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
post_ticket(struct liveagent *agent, const struct liveagent_post *post,
    struct desk_ticket *made_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *json = liveagent_post_json(post);
	struct http_request request = { "POST", "/tickets", json, NULL };

	return call_desk(agent, LIVEAGENT_MAKE, &request, &answer, error) &&
	       liveagent_read_made(answer.body, made_r, error);
}

static gboolean
liveagent_create(struct desk *desk, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *made_r, GError **error)
{
	struct liveagent *agent = liveagent_of(desk);
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) left_out = g_string_new(NULL);
	struct liveagent_post post = { ticket, key, agent->department, NULL,
		NULL };
	guint files = ticket->files != NULL ? ticket->files->len : 0;

	if (!reserve(agent, 1 + files, error) ||
	    !send_files(agent, ticket, ids, left_out, error))
		return FALSE;
	if (ids->len > 0) {
		g_ptr_array_add(ids, NULL);
		post.files = (const char *const *)ids->pdata;
	}
	if (left_out->len > 0)
		post.left_out = left_out->str;
	return post_ticket(agent, &post, made_r, error);
}

static GPtrArray *
list_candidates(
    struct liveagent *agent, const struct ticket *ticket, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path =
	    liveagent_find_path(ticket, clock_wall(agent->clock));
	struct http_request request = { "GET", path, NULL, NULL };

	if (!reserve(agent, 1, error) ||
	    !call_desk(agent, LIVEAGENT_MAKE, &request, &answer, error))
		return NULL;
	return liveagent_read_tickets(answer.body, ticket, error);
}

/* A ticket that went away meanwhile is not ours. */
static gboolean
look_at(struct liveagent *agent, const char *id, const struct ticket *ticket,
    const struct ident *key, gboolean *ours_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path =
	    liveagent_ticket_path(id, "/messages?_page=1&_perPage=5");
	struct http_request request = { "GET", path, NULL, NULL };
	g_autoptr(GError) fault = NULL;

	*ours_r = FALSE;
	if (!reserve(agent, 1, error))
		return FALSE;
	if (call_desk(agent, LIVEAGENT_ASK, &request, &answer, &fault))
		return liveagent_read_is_ours(
		    answer.body, ticket->message_id, key, ours_r, error);
	if (err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

static gboolean
liveagent_find(struct desk *desk, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *found_r, GError **error)
{
	struct liveagent *agent = liveagent_of(desk);
	g_autoptr(GPtrArray) list = list_candidates(agent, ticket, error);

	for (guint i = 0; list != NULL && i < list->len; i++) {
		const struct desk_ticket *one = list->pdata[i];
		gboolean ours = FALSE;

		if (!look_at(agent, one->id, ticket, key, &ours, error))
			return FALSE;
		if (ours) {
			found_r->id = g_strdup(one->id);
			found_r->code = g_strdup(one->code);
			return TRUE;
		}
	}
	return list != NULL &&
	       err_set(error, DG_ERROR_NOTFOUND, "the desk has no such ticket");
}

static gboolean
liveagent_set_spam(
    struct desk *desk, const char *id, gboolean spam, GError **error)
{
	struct liveagent *agent = liveagent_of(desk);
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = liveagent_ticket_path(id, "");
	g_autofree char *json = liveagent_spam_json(spam);
	struct http_request request = { "PUT", path, json, NULL };

	return reserve(agent, 1, error) &&
	       call_desk(agent, LIVEAGENT_ASK, &request, &answer, error);
}

static gboolean
ping(struct liveagent *agent, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	struct http_request request = { "GET", "/ping", NULL, NULL };

	return call_desk(agent, LIVEAGENT_MAKE, &request, &answer, error);
}

/* The key may be good and lack the rights, or the department may be a wrong
 * one. */
static gboolean
liveagent_health(struct desk *desk, GError **error)
{
	struct liveagent *agent = liveagent_of(desk);
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	struct http_request request = { "GET",
		"/departments?_page=1&_perPage=500", NULL, NULL };

	return reserve(agent, 2, error) && ping(agent, error) &&
	       call_desk(agent, LIVEAGENT_MAKE, &request, &answer, error) &&
	       liveagent_read_departments(
		   answer.body, agent->department, error);
}

const struct desk_ops desk_liveagent_ops = {
	.type = "liveagent",
	.open = liveagent_open,
	.close = liveagent_close,
	.create = liveagent_create,
	.append = NULL,
	.find = liveagent_find,
	.set_spam = liveagent_set_spam,
	.health = liveagent_health,
};
