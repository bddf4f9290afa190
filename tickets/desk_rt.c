/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Request Tracker 5: REST 2 for new tickets, the mail gateway for follow-ups.
 *
 * REST 2 cannot speak for a customer: what it adds to a ticket is the API
 * user's answer and is mailed to the customer.  The gateway records the message
 * as its sender's, but tells no ticket number; so a ticket is made by the one
 * and carried on by the other, which is given the number (RT itself threads by
 * the subject's tag alone) and the message as it came.
 *
 * RT has no idempotency key and does not look at Message-IDs.  Each ticket
 * gets the entry's key in a custom field, each follow-up in a header field
 * (desk_rt_make.c); find looks for both.
 */
#include "tickets/desk_rt_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

#define MAX_ANSWER (32 << 20)

struct rt *
rt_of(struct desk *desk)
{
	g_assert(desk->ops == &desk_rt_ops);
	return (struct rt *)desk;
}

static void
queue_free(gpointer item)
{
	struct rt_queue *queue = item;

	g_free(queue->unmarked);
	g_free(queue);
}

static void
rt_close(struct desk *desk)
{
	struct rt *rt = rt_of(desk);

	http_free(&rt->http);
	secret_free(&rt->token);
	g_hash_table_unref(rt->queues);
	g_free(rt->queue);
	g_free(rt->field);
	g_free(rt->tags);
	g_free(rt->open);
	g_free(rt->closed);
	g_free(rt->spam);
	g_free(rt->desk.name);
	g_free(rt);
}

/* The name stands in TicketSQL between braces. */
static gboolean
field_is_good(const char *field)
{
	return field[0] != '\0' && strpbrk(field, "{}'\"\\\r\n") == NULL;
}

static gboolean
read_settings(
    struct rt *rt, const struct conf_section *settings, GError **error)
{
	const char *queue = conf_string(settings, "department");
	const char *field = conf_string(settings, "message-id-field");
	const char *tags = conf_string(settings, "tags-field");

	if (queue == NULL || g_str_equal(queue, "default"))
		return err_set(error, DG_ERROR_BAD,
		    "a Request Tracker desk needs department, the queue");
	if (!field_is_good(field))
		return err_set(error, DG_ERROR_BAD,
		    "message-id-field is not the name of a custom field");
	if (tags != NULL && (!field_is_good(tags) || g_str_equal(tags, field)))
		return err_set(error, DG_ERROR_BAD,
		    "tags-field is not the name of a custom field of its own");
	rt->queue = g_strdup(queue);
	rt->tags = g_strdup(tags);
	g_hash_table_insert(
	    rt->queues, g_strdup(queue), g_new0(struct rt_queue, 1));
	rt->field = g_strdup(field);
	rt->open = g_strdup(conf_string(settings, "status-open"));
	rt->closed = g_strdup(conf_string(settings, "status-closed"));
	rt->spam = g_strdup(conf_string(settings, "status-spam"));
	rt->states = (struct rt_states){ rt->open, rt->closed, rt->spam };
	return TRUE;
}

static gboolean
open_with(struct rt *rt, const struct conf_section *settings,
    const struct desk_world *world, GError **error)
{
	const char *url = conf_string(settings, "url");
	const char *token_file = conf_string(settings, "token-file");

	if (url == NULL || token_file == NULL)
		return err_set(error, DG_ERROR_BAD,
		    "a Request Tracker desk needs url and token-file");
	if (!read_settings(rt, settings, error))
		return FALSE;
	rt->token = secret_load_token(token_file, error);
	if (rt->token == NULL)
		return FALSE;
	rt->encrypted = g_str_has_prefix(url, "https:");
	rt->http = http_new(
	    &(struct http_settings){
		.url = url,
		.token_header = "Authorization",
		.token_scheme = "token ",
		.token = rt->token,
		.timeout = conf_duration(settings, "timeout"),
		.allow_private = conf_flag(settings, "allow-private"),
		.ca_file = conf_string(settings, "ca-file"),
		.max_answer = MAX_ANSWER,
		.stopping = world->stopping,
	    },
	    error);
	return rt->http != NULL;
}

static struct desk *
rt_open(const struct conf_section *settings, const struct desk_world *world,
    GError **error)
{
	struct rt *rt = g_new0(struct rt, 1);

	rt->desk.ops = &desk_rt_ops;
	rt->desk.name = g_strdup(conf_title(settings));
	rt->clock = world->clock != NULL ? world->clock : &clock_system;
	rt->queues =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, queue_free);
	if (open_with(rt, settings, world, error))
		return &rt->desk;
	rt_close(&rt->desk);
	return NULL;
}

/* --- calls */

gboolean
rt_call(struct rt *rt, enum answer_call call,
    const struct http_request *request, struct http_answer *answer_r,
    GError **error)
{
	const struct answer_ask ask = { rt->http, call, &rt->desk.retry_after };

	return answer_get(&ask, request, answer_r, error);
}

gboolean
rt_get(struct rt *rt, const char *path, struct http_answer *answer_r,
    GError **error)
{
	return rt_call(rt, ANSWER_ASK,
	    &(struct http_request){ .method = "GET", .path = path }, answer_r,
	    error);
}

gboolean
rt_put_ticket(struct rt *rt, const char *id, const char *json, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = rt_ticket_path(id, "");

	if (path == NULL)
		return err_set(error, DG_ERROR_NOTFOUND, "no ticket %s", id);
	return rt_call(rt, ANSWER_ASK,
	    &(struct http_request){
		.method = "PUT", .path = path, .json = json },
	    &answer, error);
}

gboolean
rt_get_ticket(
    struct rt *rt, const char *id, struct http_answer *answer_r, GError **error)
{
	g_autofree char *path = rt_ticket_path(id, "");

	if (path == NULL)
		return err_set(error, DG_ERROR_NOTFOUND, "no ticket %s", id);
	return rt_get(rt, path, answer_r, error);
}

/* --- find */

/* The second half of a silent ticket; also, a lifecycle lets no ticket begin as
 * rejected.  When this call fails the whole is unclear, and find ends it. */
gboolean
rt_settle(
    struct rt *rt, const char *id, const struct ticket *ticket, GError **error)
{
	g_autofree char *json = rt_silent_json(ticket, rt->spam);
	g_autoptr(GError) fault = NULL;

	if (rt_put_ticket(rt, id, json, &fault))
		return TRUE;
	return err_set(error, DG_ERROR_IO,
	    "ticket %s is made but without its people: %s", id, fault->message);
}

static gboolean
find_made(struct rt *rt, const struct ticket *ticket, const struct ident *key,
    struct desk_ticket *found_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path =
	    rt_find_path(rt->field, key, ticket->message_id);
	g_autoptr(GPtrArray) ids = NULL;

	if (!rt_get(rt, path, &answer, error))
		return FALSE;
	ids = rt_read_ids(answer.body, error);
	if (ids == NULL)
		return FALSE;
	if (ids->len == 0)
		return err_set(
		    error, DG_ERROR_NOTFOUND, "the desk has no such ticket");
	found_r->id = g_strdup(ids->pdata[0]);
	found_r->code = g_strdup(ids->pdata[0]);
	return TRUE;
}

static char *
find_transaction(struct rt *rt, const struct ticket *ticket,
    const struct ident *key, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *json = rt_attachments_json(ticket, key);
	g_autoptr(GError) fault = NULL;
	char *number = NULL;

	/* A POST that only asks. */
	if (rt_call(rt, ANSWER_ASK,
		&(struct http_request){ .method = "POST",
		    .path = "/REST/2.0/attachments?fields="
			    "TransactionId,Headers&per_page=100",
		    .json = json },
		&answer, &fault))
		number = rt_read_transaction(answer.body, key, &fault);
	if (number == NULL && fault == NULL)
		err_set(error, DG_ERROR_NOTFOUND, "no mail like that came");
	else if (fault != NULL)
		g_propagate_error(error, g_steal_pointer(&fault));
	return number;
}

static gboolean
find_mailed(struct rt *rt, const struct ticket *ticket, const struct ident *key,
    struct desk_ticket *found_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *number = find_transaction(rt, ticket, key, error);
	g_autofree char *path = NULL;

	if (number == NULL)
		return FALSE;
	path = g_strconcat("/REST/2.0/transaction/", number, NULL);
	return rt_get(rt, path, &answer, error) &&
	       rt_read_owner(answer.body, found_r, error);
}

static gboolean
rt_find(struct desk *desk, const struct ticket *ticket, const struct ident *key,
    struct desk_ticket *found_r, GError **error)
{
	struct rt *rt = rt_of(desk);
	g_autoptr(GError) fault = NULL;

	if (key == NULL && ticket->message_id == NULL)
		return err_set(error, DG_ERROR_NOTFOUND,
		    "a message without key and Message-ID");
	if (!find_made(rt, ticket, key, found_r, &fault)) {
		if (err_is(fault, DG_ERROR_NOTFOUND))
			return find_mailed(rt, ticket, key, found_r, error);
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	if (!ticket_is_silent(ticket) ||
	    rt_settle(rt, found_r->id, ticket, error))
		return TRUE;
	desk_ticket_clear(found_r);
	return FALSE;
}

/* --- changes of ours */

/* RT's word for what is asked, or NULL when the ticket is to stay as it is. */
static const char *
wanted_status(const struct rt *rt, const char *word, const char *now)
{
	const char *status = rt->open;

	if (g_str_equal(word, "not-spam"))
		return g_ascii_strcasecmp(now, rt->spam) == 0 ? rt->open : NULL;
	if (g_str_equal(word, "closed"))
		status = rt->closed;
	else if (g_str_equal(word, "spam"))
		status = rt->spam;
	return g_ascii_strcasecmp(now, status) == 0 ? NULL : status;
}

/* A field is written as a whole: tags are added to those it has. */
gboolean
rt_change(struct desk *desk, const char *id, const struct desk_change *change,
    GError **error)
{
	struct rt *rt = rt_of(desk);
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	gboolean tagged = rt->tags != NULL && change->tags != NULL;
	struct rt_plan plan = { NULL, change->priority, rt->tags, NULL };
	g_autoptr(GPtrArray) had = NULL, tags = NULL;
	g_autofree char *now = NULL, *json = NULL;

	if (!desk_change_check(change, error))
		return FALSE;
	if ((change->status != NULL || tagged) &&
	    !rt_get_ticket(rt, id, &answer, error))
		return FALSE;
	if (change->status != NULL) {
		now = rt_read_status(answer.body, error);
		if (now == NULL)
			return FALSE;
		plan.status = wanted_status(rt, change->status, now);
	}
	if (tagged) {
		had = rt_read_values(answer.body, rt->tags, error);
		if (had == NULL)
			return FALSE;
		tags = rt_merge_tags(had, change->tags);
		plan.tags = tags;
	}
	json = rt_change_json(&plan);
	return json == NULL || rt_put_ticket(rt, id, json, error);
}

static gboolean
rt_note(struct desk *desk, const char *id, const char *text, GError **error)
{
	struct rt *rt = rt_of(desk);
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = rt_ticket_path(id, "/comment");
	g_autofree char *json = NULL;

	if (path == NULL)
		return err_set(error, DG_ERROR_NOTFOUND, "no ticket %s", id);
	if (text[0] == '\0' || strlen(text) > DESK_NOTE_MAX)
		return err_set(error, DG_ERROR_BAD, "a note has 1 to %d bytes",
		    DESK_NOTE_MAX);
	json = rt_comment_json(text);
	return rt_call(rt, ANSWER_ASK,
	    &(struct http_request){
		.method = "POST", .path = path, .json = json },
	    &answer, error);
}

const struct desk_ops desk_rt_ops = {
	.type = "rt",
	.open = rt_open,
	.close = rt_close,
	.create = rt_create,
	.append = rt_append,
	.find = rt_find,
	.change = rt_change,
	.note = rt_note,
	.changes = rt_changes,
	.erase = rt_erase,
	.purged = rt_purged,
	.health = rt_health,
	.test = rt_test,
};
