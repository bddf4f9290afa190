/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Request Tracker: what agents did, erasing a person, and the test.
 *
 * RT numbers its transactions, so the cursor is the number of the last one
 * told. A number may be given before its transaction is written: what is
 * younger than a few seconds, by RT's clock, waits for the next call.
 */
#include "tickets/desk_rt_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

#define SETTLE_SECONDS 3
#define ERASE_ROUNDS 1000 /* of 100 tickets: nobody has more */
#define LISTED 50         /* ticket numbers in words for a person */

/* --- what agents did */

static GPtrArray *
ask_changes(struct rt *rt, const char *path, gint64 *last, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	gint64 until;

	if (!rt_get(rt, path, &answer, error))
		return NULL;
	until = answer.date != 0 ? answer.date
				 : clock_wall(rt->clock) / G_USEC_PER_SEC;
	return rt_read_changes(
	    answer.body, &rt->states, until - SETTLE_SECONDS, last, error);
}

/* The number of the newest transaction, so that the next call begins there. */
static gboolean
begin_changes(struct rt *rt, gint64 *last, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = rt_newest_path(rt->queue);
	g_autoptr(GPtrArray) ids = NULL;

	if (!rt_get(rt, path, &answer, error))
		return FALSE;
	ids = rt_read_ids(answer.body, error);
	if (ids == NULL)
		return FALSE;
	if (ids->len > 0)
		*last = g_ascii_strtoll(ids->pdata[0], NULL, 10);
	return TRUE;
}

static GPtrArray *
next_changes(struct rt *rt, gint64 *last, GError **error)
{
	gint64 before = *last;
	/* The desk's own queue, and those that tickets went to since the start.
	 */
	g_autofree gpointer *names =
	    g_hash_table_get_keys_as_array(rt->queues, NULL);
	const char *const *queues = (const char *const *)names;
	g_autofree char *all = rt_changes_path(queues, *last, TRUE);
	g_autofree char *decided = NULL;
	GPtrArray *changes = ask_changes(rt, all, last, error);

	if (changes == NULL || *last > before)
		return changes;
	/* Empty, or full of mail we may not see: what was decided must not
	 * wait behind that. */
	g_ptr_array_unref(changes);
	decided = rt_changes_path(queues, *last, FALSE);
	return ask_changes(rt, decided, last, error);
}

gboolean
rt_changes(struct desk *desk, struct desk_cursor *cursor, GPtrArray *events_r,
    GError **error)
{
	struct rt *rt = rt_of(desk);
	g_autoptr(GPtrArray) events = NULL;
	gint64 last = g_ascii_strtoll(cursor->text, NULL, 10);

	if (cursor->text[0] == '\0') {
		if (!begin_changes(rt, &last, error))
			return FALSE;
	} else {
		events = next_changes(rt, &last, error);
		if (events == NULL)
			return FALSE;
		g_ptr_array_extend_and_steal(
		    events_r, g_steal_pointer(&events));
	}
	(void)g_snprintf(
	    cursor->text, sizeof cursor->text, "%" G_GINT64_FORMAT, last);
	return TRUE;
}

/* --- erasing a person */

#define TICKET "ticket "
#define USER "user "
#define SHRED "Run contrib/rt-erase on RT's host, with the person's address."
#define STAYS \
	"The user record stays: tickets that came after the erasure need it. "

static gboolean
delete_ticket(struct rt *rt, const char *id, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = rt_ticket_path(id, "");

	return rt_call(rt, ANSWER_ASK,
	    &(struct http_request){ .method = "DELETE", .path = path }, &answer,
	    error);
}

/* The next of his tickets; *later_r: how many of those came later. */
static GPtrArray *
next_tickets(
    struct rt *rt, const struct desk_whom *whom, guint *later_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = rt_person_path(whom->address);

	if (!rt_get(rt, path, &answer, error))
		return NULL;
	return rt_read_until(answer.body,
	    desk_until(whom, answer.date, rt->clock), later_r, error);
}

/* Deleted tickets are not listed any more: each round gets the next ones, in
 * the order they were made. */
static gboolean
delete_all(struct rt *rt, const struct desk_whom *whom, GPtrArray *deleted,
    guint *later_r, GError **error)
{
	for (guint round = 0; round < ERASE_ROUNDS; round++) {
		g_autoptr(GPtrArray) ids =
		    next_tickets(rt, whom, later_r, error);

		if (ids == NULL)
			return FALSE;
		if (ids->len == 0)
			return TRUE;
		for (guint i = 0; i < ids->len; i++) {
			if (!delete_ticket(rt, ids->pdata[i], error))
				return FALSE;
			g_ptr_array_add(deleted, g_strdup(ids->pdata[i]));
		}
	}
	return err_set(error, DG_ERROR_IO, "the desk's list does not end");
}

/* The number of this user, by number or address; NULL: there is none. */
static gboolean
find_user(struct rt *rt, const char *name, char **id_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *part = rt_part(name);
	g_autofree char *path = g_strconcat("/REST/2.0/user/", part, NULL);
	g_autoptr(GError) fault = NULL;

	*id_r = NULL;
	if (rt_get(rt, path, &answer, &fault)) {
		*id_r = rt_read_user(answer.body, error);
		return *id_r != NULL;
	}
	if (err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

static char *
what_remains(const GPtrArray *deleted, gboolean user, gboolean later)
{
	GString *words = g_string_new(NULL);

	if (deleted->len > 0)
		g_string_append(
		    words, "RT keeps the text of deleted tickets (");
	for (guint i = 0; i < MIN(deleted->len, LISTED); i++)
		g_string_append_printf(words, "%s%s", i > 0 ? ", " : "",
		    (const char *)deleted->pdata[i]);
	if (deleted->len > 0)
		g_string_append(
		    words, deleted->len > LISTED ? " and more). " : "). ");
	if (user)
		g_string_append(
		    words, later ? STAYS : "The user record remains. ");
	if (deleted->len > 0 || !later)
		g_string_append(words, SHRED);
	return g_strchomp(g_string_free(words, FALSE));
}

/* A user who stays is left too when there is more to wait for: so that it is
 * told to the end. */
static GPtrArray *
what_is_left(const GPtrArray *deleted, const char *user)
{
	GPtrArray *left = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < deleted->len; i++)
		g_ptr_array_add(
		    left, g_strconcat(TICKET, deleted->pdata[i], NULL));
	if (user != NULL)
		g_ptr_array_add(left, g_strconcat(USER, user, NULL));
	return left;
}

gboolean
rt_erase(struct desk *desk, const struct desk_whom *whom,
    struct desk_erased *erased_r, GError **error)
{
	struct rt *rt = rt_of(desk);
	g_autoptr(GPtrArray) deleted = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *user = NULL;
	guint later = 0;

	*erased_r = (struct desk_erased){ 0 };
	if (!delete_all(rt, whom, deleted, &later, error) ||
	    !find_user(rt, whom->address, &user, error))
		return FALSE;
	erased_r->tickets = deleted->len;
	if (deleted->len == 0 && user == NULL)
		return TRUE;
	erased_r->words = what_remains(deleted, user != NULL, later > 0);
	if (deleted->len == 0 && later > 0)
		return TRUE;
	erased_r->outcome = DESK_ERASE_OPEN;
	erased_r->left = what_is_left(deleted, user);
	return TRUE;
}

/* Whether he has tickets: those of before are deleted. */
static gboolean
is_needed(struct rt *rt, const char *user, gboolean *needed_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = rt_user_path(user);
	g_autoptr(GPtrArray) ids = NULL;

	if (!rt_get(rt, path, &answer, error))
		return FALSE;
	ids = rt_read_ids(answer.body, error);
	*needed_r = ids != NULL && ids->len > 0;
	return ids != NULL;
}

static gboolean
look_for_user(
    struct rt *rt, const char *user, struct desk_erased *now, GError **error)
{
	g_autofree char *id = NULL;
	gboolean needed;

	if (!find_user(rt, user, &id, error))
		return FALSE;
	if (id == NULL)
		return TRUE;
	if (!is_needed(rt, id, &needed, error))
		return FALSE;
	now->outcome = needed ? DESK_ERASE_DONE : DESK_ERASE_OPEN;
	now->words =
	    g_strdup(needed ? STAYS : "The user record remains. " SHRED);
	g_strchomp(now->words);
	return TRUE;
}

gboolean
rt_purged(struct desk *desk, const char *left, struct desk_erased *now_r,
    GError **error)
{
	struct rt *rt = rt_of(desk);
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autoptr(GError) fault = NULL;

	*now_r = (struct desk_erased){ 0 };
	if (g_str_has_prefix(left, USER))
		return look_for_user(rt, left + strlen(USER), now_r, error);
	if (!g_str_has_prefix(left, TICKET))
		return TRUE;
	if (rt_get_ticket(rt, left + strlen(TICKET), &answer, &fault)) {
		now_r->outcome = DESK_ERASE_OPEN;
		now_r->words = g_strdup_printf(
		    "RT keeps the text of deleted ticket %s. " SHRED,
		    left + strlen(TICKET));
		return TRUE;
	}
	if (err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

/* --- health and test */

/* The number of the queue's custom field of this name, or "". */
static gboolean
ask_queue(struct rt *rt, const char *name, char **field_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = rt_queue_path(rt->queue);

	if (!rt_get(rt, path, &answer, error))
		return FALSE;
	*field_r = rt_read_queue_field(answer.body, name, error);
	return *field_r != NULL;
}

gboolean
rt_health(struct desk *desk, GError **error)
{
	struct rt *rt = rt_of(desk);
	g_autofree char *field = NULL;

	if (!ask_queue(rt, rt->field, &field, error)) {
		g_prefix_error(error, "queue \"%s\": ", rt->queue);
		return FALSE;
	}
	return field[0] != '\0' ||
	       err_set(error, DG_ERROR_DENIED,
		   "queue \"%s\" has no custom field %s", rt->queue, rt->field);
}

/* Whether it can hold one value only; FALSE also where RT does not say. */
static gboolean
is_single(struct rt *rt, const char *field)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path =
	    g_strconcat("/REST/2.0/customfield/", field, NULL);
	gboolean many = TRUE;

	return rt_get(rt, path, &answer, NULL) &&
	       rt_read_multiple(answer.body, &many, NULL) && !many;
}

static void
test_field(struct rt *rt, const char *field, struct desk_report *report)
{
	g_autofree char *text =
	    g_strdup_printf("the queue has the custom field %s", rt->field);

	if (!is_single(rt, field)) {
		desk_report_add(report, DESK_OK, "fields", text, NULL);
		return;
	}
	desk_report_add(report, DESK_WARN, "fields",
	    "the custom field takes one value only, so agents see Deskgate's "
	    "key there and not the Message-ID",
	    "make its type \"Enter multiple values\"");
}

/* Tags are no reason to refuse mail: they are left out. */
static void
test_tags(struct rt *rt, struct desk_report *report)
{
	g_autofree char *field = NULL, *text = NULL, *mend = NULL;

	if (rt->tags == NULL) {
		desk_report_add(report, DESK_OK, "tags",
		    "RT has no tags, and tags-field names no custom field for "
		    "them: they are left out",
		    NULL);
		return;
	}
	if (!ask_queue(rt, rt->tags, &field, NULL))
		return; /* test_queue has said why */
	if (field[0] != '\0' && !is_single(rt, field)) {
		text =
		    g_strdup_printf("tags go to the custom field %s", rt->tags);
		desk_report_add(report, DESK_OK, "tags", text, NULL);
		return;
	}
	text = g_strdup_printf(
	    field[0] == '\0' ? "queue \"%s\" has no custom field %s for "
			       "tickets: tags are left out"
			     : "in queue \"%s\" the custom field %s takes one "
			       "value only: of several tags one is kept",
	    rt->queue, rt->tags);
	mend = g_strdup_printf(
	    "make a custom field %s for tickets, of type \"Enter multiple "
	    "values\", apply it to the queue, and grant our user "
	    "SeeCustomField and ModifyCustomField",
	    rt->tags);
	desk_report_add(report, DESK_WARN, "tags", text, mend);
}

static void
test_queue(struct rt *rt, struct desk_report *report)
{
	g_autofree char *field = NULL, *text = NULL, *mend = NULL;
	g_autoptr(GError) fault = NULL;

	if (!ask_queue(rt, rt->field, &field, &fault)) {
		text = g_strdup_printf(
		    "queue \"%s\": %s", rt->queue, fault->message);
		desk_report_add(report, DESK_FAIL, "queue", text,
		    "RT answers so for a queue that is not there, and for one "
		    "on which our user lacks SeeQueue: mend department or "
		    "grant the right");
		return;
	}
	text = g_strdup_printf("queue \"%s\" is there", rt->queue);
	desk_report_add(report, DESK_OK, "queue", text, NULL);
	if (field[0] != '\0') {
		test_field(rt, field, report);
		return;
	}
	g_free(text);
	text =
	    g_strdup_printf("queue \"%s\" has no custom field %s for tickets",
		rt->queue, rt->field);
	mend = g_strdup_printf(
	    "make a custom field %s for tickets, of type \"Enter multiple "
	    "values\", apply it to the queue, and grant our user "
	    "SeeCustomField and ModifyCustomField",
	    rt->field);
	desk_report_add(report, DESK_FAIL, "fields", text, mend);
}

/* What can be seen of our rights without using them: RT lists no tickets of a
 * queue it does not let us see, and so does an empty queue. */
static void
test_rights(struct rt *rt, struct desk_report *report)
{
	g_autoptr(GError) fault = NULL;
	gint64 last = 0;

	if (!begin_changes(rt, &last, &fault)) {
		desk_report_add(report, DESK_FAIL, "rights", fault->message,
		    "grant our user ShowTicket on the queue");
		return;
	}
	if (last == 0)
		desk_report_add(report, DESK_WARN, "rights",
		    "no ticket of the queue can be seen: it is empty, or our "
		    "user lacks ShowTicket",
		    "grant our user SeeQueue CreateTicket ShowTicket "
		    "ReplyToTicket CommentOnTicket ModifyTicket DeleteTicket "
		    "ShowTicketComments ShowOutgoingEmail SeeCustomField "
		    "ModifyCustomField, and Everyone CreateTicket and "
		    "ReplyToTicket for follow-ups by the mail gateway");
	else
		desk_report_add(report, DESK_OK, "rights",
		    "tickets of the queue can be seen", NULL);
}

gboolean
rt_test(struct desk *desk, struct desk_report *report, GError **error)
{
	struct rt *rt = rt_of(desk);
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autoptr(GError) fault = NULL;

	(void)error;
	if (!rt_get(rt, "/REST/2.0/rt", &answer, &fault)) {
		desk_probe_fault(report, fault);
		return TRUE;
	}
	desk_probe_answer(report, &answer, rt->encrypted,
	    clock_wall(rt->clock) / G_USEC_PER_SEC);
	desk_report_add(
	    report, DESK_OK, "credentials", "the token is good", NULL);
	test_queue(rt, report);
	test_tags(rt, report);
	test_rights(rt, report);
	return TRUE;
}
