/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * LiveAgent, API v3: POST /files for each attachment, then POST /tickets.
 *
 * Two facts of this desk shape it.  A ticket made by the API is mailed out
 * unless do_not_send_mail is Y: it always is.  And there is no idempotency key:
 * after an unclear end, deliver calls find, which lists the sender's tickets of
 * the last days and reads their first messages for our mark (liveagent.h).
 *
 * Version 3 cannot add a customer's message to a ticket; what can is in
 * desk_liveagent_follow.c.  Text is sent plain: what the API is given as HTML
 * it may trust more than what it fetches as mail.
 *
 * A file the desk refuses for good is left out, and the ticket says so: a
 * refused attachment must not keep a customer's words away.
 */
#include "tickets/desk_liveagent_private.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"

#define MAX_ANSWER (32 << 20)
#define LOOKED_MOST 1000 /* entries in doubt at once; more begin anew */

struct liveagent *
agent_of(struct desk *desk)
{
	g_assert(desk->ops->type == desk_liveagent_ops.type);
	return (struct liveagent *)desk;
}

static void
liveagent_close(struct desk *desk)
{
	struct liveagent *agent = agent_of(desk);

	http_free(&agent->http);
	http_free(&agent->v1);
	mailer_free(&agent->mailer);
	secret_free(&agent->token);
	secret_free(&agent->v1_token);
	g_clear_pointer(&agent->looked, g_hash_table_unref);
	g_free(agent->desk_address);
	g_free(agent->department);
	g_free(agent->desk.name);
	g_free(agent);
}

static gboolean
open_with(struct liveagent *agent, const struct conf_section *settings,
    const struct desk_world *world, GError **error)
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
	agent->encrypted = g_str_has_prefix(url, "https:");
	bucket_init(&agent->bucket, (guint)conf_integer(settings, "rate"),
	    clock_mono(agent->clock));
	agent->http = http_new(
	    &(struct http_settings){
		.url = url,
		.token_header = "apikey",
		.token = agent->token,
		.timeout = conf_duration(settings, "timeout"),
		.allow_private = conf_flag(settings, "allow-private"),
		.ca_file = conf_string(settings, "ca-file"),
		.max_answer = MAX_ANSWER,
		.stopping = world->stopping,
	    },
	    error);
	return agent->http != NULL;
}

static struct desk *
liveagent_open(const struct conf_section *settings,
    const struct desk_world *world, GError **error)
{
	struct liveagent *agent = g_new0(struct liveagent, 1);

	agent->looked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    (GDestroyNotify)g_hash_table_unref);
	agent->ops = desk_liveagent_ops;
	agent->desk.ops = &agent->ops;
	agent->desk.name = g_strdup(conf_title(settings));
	agent->clock = world->clock != NULL ? world->clock : &clock_system;
	if (open_with(agent, settings, world, error) &&
	    agent_open_follow(agent, settings, world, error))
		return &agent->desk;
	liveagent_close(&agent->desk);
	return NULL;
}

gboolean
agent_reserve(struct liveagent *agent, guint calls, GError **error)
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

gboolean
agent_call(struct liveagent *agent, enum answer_call call,
    const struct http_request *request, struct http_answer *answer_r,
    GError **error)
{
	gboolean done = http_call(agent->http, request, answer_r, error) &&
			answer_accepted(call, answer_r, error);

	if (done)
		return TRUE;
	agent->desk.retry_after = answer_r->retry_after;
	http_answer_clear(answer_r);
	return FALSE;
}

/* ANSWER_ADD, not ANSWER_ASK: a look may follow a call whose end was unclear,
 * and its own unclear end must not say that nothing was made. */
gboolean
agent_get(struct liveagent *agent, const char *path,
    struct http_answer *answer_r, GError **error)
{
	struct http_request request = { "GET", path, NULL, NULL };

	return agent_reserve(agent, 1, error) &&
	       agent_call(agent, ANSWER_ADD, &request, answer_r, error);
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

	if (agent_call(agent, ANSWER_FILE, &request, &answer, &fault))
		id = liveagent_read_id(answer.body, &fault);
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

	return agent_call(agent, ANSWER_MAKE, &request, &answer, error) &&
	       liveagent_read_made(answer.body, made_r, error);
}

static gboolean
create(struct liveagent *agent, struct liveagent_post *post,
    struct desk_ticket *made_r, GError **error)
{
	const struct ticket *ticket = post->ticket;
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) left_out = g_string_new(NULL);
	g_autoptr(GPtrArray) tags = agent_tag_ids(agent, ticket->tags, error);

	if (tags == NULL || !send_files(agent, ticket, files, left_out, error))
		return FALSE;
	if (files->len > 0) {
		g_ptr_array_add(files, NULL);
		post->files = (const char *const *)files->pdata;
	}
	if (left_out->len > 0)
		post->left_out = left_out->str;
	post->tags = tags;
	return post_ticket(agent, post, made_r, error);
}

static gboolean
liveagent_create(struct desk *desk, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *made_r, GError **error)
{
	struct liveagent *agent = agent_of(desk);
	struct liveagent_post post = { .ticket = ticket,
		.key = key,
		.department = ticket->department != NULL ? ticket->department
							 : agent->department };
	guint files = ticket->files != NULL ? ticket->files->len : 0;

	agent_forget(agent, key);
	return agent_reserve(agent, 1 + files, error) &&
	       create(agent, &post, made_r, error);
}

gboolean
agent_has(struct liveagent *agent, const char *id, const struct ticket *ticket,
    const struct ident *key, gboolean *ours_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = liveagent_ticket_path(id,
	    "/messages?_page=1&_perPage=50&_sortDir=DESC"
	    "&_sortField=datecreated");

	return agent_get(agent, path, &answer, error) &&
	       liveagent_read_is_ours(
		   answer.body, ticket->message_id, key, ours_r, error);
}

/* A ticket that went away meanwhile is not ours. */
static gboolean
look_at(struct liveagent *agent, const char *id, const struct ticket *ticket,
    const struct ident *key, gboolean *ours_r, GError **error)
{
	g_autoptr(GError) fault = NULL;

	*ours_r = FALSE;
	if (agent_has(agent, id, ticket, key, ours_r, &fault) ||
	    err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

void
agent_forget(struct liveagent *agent, const struct ident *key)
{
	char digits[IDENT_TEXT];

	ident_text(key, digits);
	g_hash_table_remove(agent->looked, digits);
}

static GHashTable *
looked_for(struct liveagent *agent, const struct ident *key)
{
	char digits[IDENT_TEXT];
	GHashTable *ids;

	ident_text(key, digits);
	ids = g_hash_table_lookup(agent->looked, digits);
	if (ids != NULL)
		return ids;
	if (g_hash_table_size(agent->looked) >= LOOKED_MOST)
		g_hash_table_remove_all(agent->looked);
	ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_hash_table_insert(agent->looked, g_strdup(digits), ids);
	return ids;
}

/* What is looked for, and the tickets that were looked at already. */
struct search {
	const struct ticket *ticket;
	const struct ident *key;
	GHashTable *seen; /* ids; borrowed of `looked` */
};

static gboolean
look_among(struct liveagent *agent, const struct search *search,
    const GPtrArray *list, struct desk_ticket *found_r, GError **error)
{
	for (guint i = 0; i < list->len; i++) {
		const struct desk_ticket *one = list->pdata[i];
		gboolean ours = FALSE;

		if (g_hash_table_contains(search->seen, one->id))
			continue;
		if (!look_at(agent, one->id, search->ticket, search->key, &ours,
			error))
			return FALSE;
		if (ours) {
			found_r->id = g_strdup(one->id);
			found_r->code = g_strdup(one->code);
			return TRUE;
		}
		g_hash_table_add(search->seen, g_strdup(one->id));
	}
	return err_set(error, DG_ERROR_NOTFOUND, "the desk has no such ticket");
}

/* By one of the dates of a ticket. */
static gboolean
find_by(struct liveagent *agent, const struct search *search, const char *date,
    struct desk_ticket *found_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path =
	    liveagent_find_path(search->ticket, date, clock_wall(agent->clock));
	struct http_request request = { "GET", path, NULL, NULL };
	g_autoptr(GPtrArray) list = NULL;

	if (!agent_reserve(agent, 1, error) ||
	    !agent_call(agent, ANSWER_MAKE, &request, &answer, error))
		return FALSE;
	list = liveagent_read_tickets(answer.body, search->ticket, error);
	return list != NULL && look_among(agent, search, list, found_r, error);
}

/* A message that was added to an older ticket shows in when that was changed.
 */
static gboolean
liveagent_find(struct desk *desk, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *found_r, GError **error)
{
	struct liveagent *agent = agent_of(desk);
	struct search search = { ticket, key, looked_for(agent, key) };
	g_autoptr(GError) fault = NULL;

	if (find_by(agent, &search, "date_created", found_r, &fault))
		return TRUE;
	if (err_is(fault, DG_ERROR_NOTFOUND) && desk->ops->append != NULL)
		return find_by(agent, &search, "date_changed", found_r, error);
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

const struct desk_ops desk_liveagent_ops = {
	.type = "liveagent",
	.open = liveagent_open,
	.close = liveagent_close,
	.create = liveagent_create,
	.append = agent_append,
	.find = liveagent_find,
	.change = agent_change,
	.note = agent_note,
	.note_apart = TRUE,
	.changes = agent_changes,
	.erase = agent_erase,
	.purged = agent_purged,
	.health = agent_health,
	.test = agent_test,
};
