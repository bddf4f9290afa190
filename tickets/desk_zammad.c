/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Zammad: POST /tickets with the first article, POST /ticket_articles for the
 * next.
 *
 * There is no idempotency key.  After an unclear end the tickets of this
 * Message-ID, then those of this customer, are searched and their articles read
 * for our mark.  The search goes through an index that lags by seconds, which
 * the wait before a second try is longer than.
 *
 * Agents' decisions are pushed by a trigger of Zammad's (contrib/doc/desks.md):
 * there is no `changes`.
 */
#include "tickets/desk_zammad_private.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "tickets/answer.h"
#include "tickets/desk_probe.h"
#include "tickets/zammad.h"

#define MAX_ANSWER (32 << 20)

struct zammad *
zammad_of(struct desk *desk)
{
	g_assert(desk->ops == &desk_zammad_ops);
	return (struct zammad *)desk;
}

static void
zammad_close(struct desk *desk)
{
	struct zammad *zammad = zammad_of(desk);

	http_free(&zammad->http);
	secret_free(&zammad->token);
	g_free(zammad->group);
	g_free(zammad->desk.name);
	g_free(zammad);
}

static gboolean
open_with(struct zammad *zammad, const struct conf_section *settings,
    const struct desk_world *world, GError **error)
{
	const char *url = conf_string(settings, "url");
	const char *path = conf_string(settings, "token-file");

	if (url == NULL || path == NULL)
		return err_set(error, DG_ERROR_BAD,
		    "a Zammad desk needs url "
		    "(https://zammad.example.com/api/v1) and token-file");
	zammad->token = secret_load_token(path, error);
	if (zammad->token == NULL)
		return FALSE;
	/* Zammad's first group is called Users. */
	zammad->group = g_strdup(conf_is_set(settings, "department")
				     ? conf_string(settings, "department")
				     : "Users");
	zammad->encrypted = g_str_has_prefix(url, "https:");
	zammad->http = http_new(
	    &(struct http_settings){
		.url = url,
		.token_header = "Authorization",
		.token_scheme = "Token token=",
		.token = zammad->token,
		.timeout = conf_duration(settings, "timeout"),
		.allow_private = conf_flag(settings, "allow-private"),
		.ca_file = conf_string(settings, "ca-file"),
		.max_answer = MAX_ANSWER,
		.stopping = world->stopping,
	    },
	    error);
	return zammad->http != NULL;
}

static struct desk *
zammad_open(const struct conf_section *settings, const struct desk_world *world,
    GError **error)
{
	struct zammad *zammad = g_new0(struct zammad, 1);

	zammad->desk.ops = &desk_zammad_ops;
	zammad->desk.name = g_strdup(conf_title(settings));
	zammad->clock = world->clock != NULL ? world->clock : &clock_system;
	if (open_with(zammad, settings, world, error))
		return &zammad->desk;
	zammad_close(&zammad->desk);
	return NULL;
}

/* --- calls */

static gboolean
send_json(struct zammad *zammad, enum answer_call call,
    const struct http_request *request, struct http_answer *answer_r,
    GError **error)
{
	const struct answer_ask ask = { zammad->http, call,
		&zammad->desk.retry_after };

	return answer_get(&ask, request, answer_r, error);
}

gboolean
zammad_get(struct zammad *zammad, const char *path,
    struct http_answer *answer_r, GError **error)
{
	const struct http_request request = { "GET", path, NULL, NULL };

	return send_json(zammad, ANSWER_ASK, &request, answer_r, error);
}

/* For a call whose answer says nothing we need. */
gboolean
zammad_order(struct zammad *zammad, const char *method, const char *path,
    const char *json, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	const struct http_request request = { method, path, json, NULL };

	return send_json(zammad, ANSWER_ASK, &request, &answer, error);
}

static gboolean
zammad_note(struct desk *desk, const char *id, const char *text, GError **error)
{
	g_autofree char *json = zammad_note_json(zammad_id(id), text);

	if (strlen(text) > DESK_NOTE_MAX)
		return err_set(error, DG_ERROR_BAD, "the note is too long");
	return zammad_order(
	    zammad_of(desk), "POST", "/ticket_articles", json, error);
}

static gboolean
zammad_create(struct desk *desk, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *made_r, GError **error)
{
	struct zammad *zammad = zammad_of(desk);
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	const struct zammad_post post = { ticket, key, zammad->group, 0 };
	g_autofree char *json = zammad_ticket_json(&post);
	g_autoptr(GError) fault = NULL;
	const struct http_request request = { "POST", "/tickets", json, NULL };

	if (!send_json(zammad, ANSWER_MAKE, &request, &answer, error) ||
	    !zammad_read_made(answer.body, made_r, error))
		return FALSE;
	/* The ticket is made: a note that fails is only told in the log. */
	if (ticket->note != NULL &&
	    !zammad_note(desk, made_r->id, ticket->note, &fault))
		log_error(LOG_LEVEL_WARN, fault, "no-note", "desk", desk->name,
		    "ticket", made_r->id, NULL);
	return TRUE;
}

static gboolean
is_ours(struct zammad *zammad, const char *id, const struct ticket *ticket,
    const struct ident *key, gboolean *ours_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path =
	    g_strconcat("/ticket_articles/by_ticket/", id, NULL);

	return zammad_get(zammad, path, &answer, error) &&
	       zammad_read_is_ours(answer.body, ticket, key, ours_r, error);
}

/* Looks first: an answer of an earlier try may have been lost. */
static gboolean
zammad_append(struct desk *desk, const char *id, const struct ticket *ticket,
    const struct ident *key, GError **error)
{
	struct zammad *zammad = zammad_of(desk);
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	const struct zammad_post post = { ticket, key, NULL, zammad_id(id) };
	g_autofree char *json = NULL;
	struct http_request request = { "POST", "/ticket_articles", NULL,
		NULL };
	gboolean ours = FALSE;

	if (post.ticket_id == 0)
		return err_set(
		    error, DG_ERROR_NOTFOUND, "no id of a Zammad ticket");
	if (!is_ours(zammad, id, ticket, key, &ours, error))
		return FALSE;
	if (ours)
		return TRUE;
	json = zammad_article_json(&post);
	request.json = json;
	return send_json(zammad, ANSWER_ADD, &request, &answer, error);
}

static gboolean
find_by(struct zammad *zammad, const char *path, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *found_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autoptr(GPtrArray) list = NULL;

	if (!zammad_get(zammad, path, &answer, error))
		return FALSE;
	list = zammad_read_found(answer.body, error);
	for (guint i = 0; list != NULL && i < list->len; i++) {
		const struct desk_ticket *one = list->pdata[i];
		gboolean ours = FALSE;

		if (!is_ours(zammad, one->id, ticket, key, &ours, error))
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
zammad_find(struct desk *desk, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *found_r, GError **error)
{
	struct zammad *zammad = zammad_of(desk);
	g_autofree char *by_id =
	    ticket->message_id != NULL
		? zammad_search_path("article.message_id", ticket->message_id)
		: NULL;
	g_autofree char *by_customer =
	    zammad_search_path("customer.email", ticket->requester_address);
	g_autoptr(GError) fault = NULL;

	if (by_id != NULL &&
	    find_by(zammad, by_id, ticket, key, found_r, &fault))
		return TRUE;
	if (by_id == NULL || err_is(fault, DG_ERROR_NOTFOUND))
		return find_by(
		    zammad, by_customer, ticket, key, found_r, error);
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

/* --- changes of ours */

static gboolean
tag(struct zammad *zammad, const char *id, const char *name, gboolean add,
    GError **error)
{
	g_autofree char *json = zammad_tag_json(zammad_id(id), name);

	return add ? zammad_order(zammad, "POST", "/tags/add", json, error)
		   : zammad_order(
			 zammad, "DELETE", "/tags/remove", json, error);
}

static gboolean
is_spam(struct zammad *zammad, const char *id, gboolean *spam_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path =
	    g_strdup_printf("/tags?object=Ticket&o_id=%s", id);
	json_t *object, *one;
	size_t i;

	*spam_r = FALSE;
	if (!zammad_get(zammad, path, &answer, error))
		return FALSE;
	object = answer_json(answer.body, JSON_OBJECT, "a Zammad", error);
	json_array_foreach(json_object_get(object, "tags"), i, one) *spam_r =
	    *spam_r || g_strcmp0(json_string_value(one), ZAMMAD_SPAM) == 0;
	json_decref(object);
	return object != NULL;
}

/* What is not spam stays as it is when it is told so. */
static gboolean
change_spam(struct zammad *zammad, const char *id,
    const struct desk_change *change, const char **status_r, GError **error)
{
	gboolean spam = FALSE;

	*status_r = change->status;
	if (g_strcmp0(change->status, "spam") == 0)
		return tag(zammad, id, ZAMMAD_SPAM, TRUE, error);
	if (g_strcmp0(change->status, "not-spam") != 0)
		return TRUE;
	if (!is_spam(zammad, id, &spam, error))
		return FALSE;
	if (!spam)
		*status_r = NULL;
	return !spam || tag(zammad, id, ZAMMAD_SPAM, FALSE, error);
}

static gboolean
zammad_change(struct desk *desk, const char *id,
    const struct desk_change *change, GError **error)
{
	struct zammad *zammad = zammad_of(desk);
	g_autofree char *path = g_strconcat("/tickets/", id, NULL);
	g_autofree char *json = NULL;
	const char *status;

	if (!desk_change_check(change, error))
		return FALSE;
	if (zammad_id(id) == 0)
		return err_set(
		    error, DG_ERROR_NOTFOUND, "no id of a Zammad ticket");
	if (!change_spam(zammad, id, change, &status, error))
		return FALSE;
	json = zammad_change_json(status, change->priority);
	if (json != NULL && !zammad_order(zammad, "PUT", path, json, error))
		return FALSE;
	for (gsize i = 0; change->tags != NULL && change->tags[i] != NULL; i++)
		if (!tag(zammad, id, change->tags[i], TRUE, error))
			return FALSE;
	return TRUE;
}

/* --- a look */

static gboolean
look_groups(struct zammad *zammad, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };

	return zammad_get(zammad, "/groups", &answer, error) &&
	       zammad_read_groups(answer.body, zammad->group, error);
}

static gboolean
zammad_health(struct desk *desk, GError **error)
{
	return look_groups(zammad_of(desk), error);
}

static void
test_right(struct zammad *zammad, struct desk_report *report, const char *path,
    const char *what, const char *mend)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autoptr(GError) fault = NULL;
	gboolean may = zammad_get(zammad, path, &answer, &fault);
	g_autofree char *text =
	    g_strdup_printf("%s: %s", what, may ? "granted" : fault->message);

	desk_report_add(report, may ? DESK_OK : DESK_WARN, "rights", text,
	    may ? NULL : mend);
}

static gboolean
zammad_test(struct desk *desk, struct desk_report *report, GError **error)
{
	struct zammad *zammad = zammad_of(desk);
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autoptr(GError) fault = NULL, missing = NULL;
	g_autofree char *text = NULL;

	(void)error;
	if (!zammad_get(zammad, "/users/me", &answer, &fault)) {
		desk_probe_fault(report, fault);
		return TRUE;
	}
	desk_probe_answer(report, &answer, zammad->encrypted,
	    clock_wall(zammad->clock) / G_USEC_PER_SEC);
	text = g_strdup_printf("group \"%s\" is there", zammad->group);
	if (look_groups(zammad, &missing))
		desk_report_add(report, DESK_OK, "department", text, NULL);
	else
		desk_report_add(report, DESK_FAIL, "department",
		    missing->message,
		    "set department to a group of Zammad's, and give the "
		    "token's user full rights in it");
	test_right(zammad, report, "/tickets?page=1&per_page=1", "ticket.agent",
	    "give the token ticket.agent");
	test_right(zammad, report, "/data_privacy_tasks?page=1&per_page=1",
	    "admin.data_privacy",
	    "give the token admin.data_privacy, or nobody can be erased");
	return TRUE;
}

const struct desk_ops desk_zammad_ops = {
	.type = "zammad",
	.open = zammad_open,
	.close = zammad_close,
	.create = zammad_create,
	.append = zammad_append,
	.find = zammad_find,
	.change = zammad_change,
	.note = zammad_note,
	.erase = zammad_erase,
	.purged = zammad_purged,
	.health = zammad_health,
	.test = zammad_test,
};
