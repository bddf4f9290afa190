/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What agents did in a Redmine, and who its people are.
 *
 * A list of issues tells when each was changed last, not what was changed: that
 * stands in its journals.  They name what a status was before and after, so
 * what the issue was at each of them is told from the end backwards.
 */
#include "tickets/redmine_private.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/err.h"
#include "tickets/answer.h"

#define LOGIN_MOST 60
#define NAME_MOST 30

/* --- the cursor */

gboolean
redmine_cursor_read(const char *text, struct redmine_cursor *cursor_r)
{
	g_auto(GStrv) parts = g_strsplit(text, " ", 0);
	gint64 *const places[] = { &cursor_r->since, &cursor_r->at,
		&cursor_r->id };
	guint count = g_strv_length(parts);

	*cursor_r = (struct redmine_cursor){ 0 };
	if (count != 1 && count != G_N_ELEMENTS(places))
		return FALSE;
	for (guint i = 0; i < count; i++)
		if (!g_ascii_string_to_signed(parts[i], 10, 0,
			G_MAXINT32 * G_GINT64_CONSTANT(8), places[i], NULL))
			return FALSE;
	return TRUE;
}

void
redmine_cursor_write(
    const struct redmine_cursor *cursor, struct desk_cursor *text_r)
{
	int length = g_snprintf(text_r->text, sizeof text_r->text,
	    "%" G_GINT64_FORMAT, cursor->since);

	if (cursor->at != 0)
		(void)g_snprintf(text_r->text + length,
		    sizeof text_r->text - (gsize)length,
		    " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT, cursor->at,
		    cursor->id);
}

enum redmine_seek
redmine_cursor_seek(const struct redmine_cursor *cursor,
    const GPtrArray *issues, gboolean full, guint *first_r)
{
	gboolean found = cursor->id == 0, later = FALSE;

	*first_r = issues->len;
	for (guint i = 0; i < issues->len; i++) {
		const struct redmine_issue *issue = issues->pdata[i];

		later = later || issue->updated > cursor->at;
		if (cursor->id == 0 && issue->updated >= cursor->at) {
			*first_r = i;
			return REDMINE_SEEK_HERE;
		}
		if (cursor->id != 0 && issue->updated == cursor->at &&
		    g_ascii_strtoll(issue->id, NULL, 10) == cursor->id) {
			found = TRUE;
			*first_r = i + 1;
		}
	}
	if (found && (*first_r < issues->len || !full))
		return REDMINE_SEEK_HERE;
	return found || (full && !later) ? REDMINE_SEEK_NEXT
					 : REDMINE_SEEK_ANEW;
}

/* --- the list */

char *
redmine_changes_path(gint64 field, gint64 from, guint offset)
{
	GString *path = g_string_new(NULL);
	g_autofree char *name = g_strdup_printf("cf_%" G_GINT64_FORMAT, field);
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(from);
	g_autofree char *since =
	    time != NULL ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ")
			 : NULL;

	g_string_append_printf(path,
	    "/issues.json?sort=updated_on,id&limit=%d&offset=%u", REDMINE_PAGE,
	    offset);
	redmine_add_filter(path, "status_id", "*", NULL);
	redmine_add_filter(path, "updated_on", ">=", since);
	redmine_add_filter(path, name, "~", REDMINE_KEY);
	return g_string_free(path, FALSE);
}

GPtrArray *
redmine_read_changed(
    const GString *body, gint64 field, gboolean *full_r, GError **error)
{
	json_t *whole = NULL, *one;
	const json_t *list =
	    redmine_inner(body, "issues", JSON_ARRAY, &whole, error);
	GPtrArray *issues;
	size_t i;

	*full_r = json_array_size(list) >= REDMINE_PAGE;
	if (list == NULL)
		return NULL;
	issues = g_ptr_array_new_with_free_func(redmine_issue_free);
	json_array_foreach(list, i, one)
	{
		struct redmine_issue *issue = g_new0(struct redmine_issue, 1);

		if (redmine_take_issue(one, field, issue))
			g_ptr_array_add(issues, issue);
		else
			redmine_issue_free(issue);
	}
	json_decref(whole);
	return issues;
}

/* An issue that bears no key is none of ours: such are listed only where
 * Redmine passes by the filter, as the field no longer offers it.  One that was
 * not changed since it was made has no journals; where it was made and
 * changed within one second, its status tells, or that it was closed once. */
gboolean
redmine_may_tell(
    const struct redmine_marks *marks, const struct redmine_issue *issue)
{
	const char *word = redmine_word(marks, &issue->state);

	if (strstr(issue->field, REDMINE_KEY) == NULL)
		return FALSE;
	return issue->updated > issue->created || issue->closed != 0 ||
	       g_str_equal(word, "spam") || g_str_equal(word, "closed");
}

/* --- journals */

static gint64
value_of(const json_t *detail, const char *name)
{
	g_autofree char *text = answer_id(detail, name);

	return text != NULL ? g_ascii_strtoll(text, NULL, 10) : 0;
}

/* What the issue was before this journal. */
static void
take_back(const json_t *journal, struct redmine_state *state)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(journal, "details"), i, one)
	{
		const char *name = answer_text(one, "name");

		if (!g_str_equal(answer_text(one, "property"), "attr"))
			continue;
		if (g_str_equal(name, "status_id"))
			state->status = value_of(one, "old_value");
		else if (g_str_equal(name, "tracker_id"))
			state->tracker = value_of(one, "old_value");
		else if (g_str_equal(name, "category_id"))
			state->category = value_of(one, "old_value");
	}
}

/* "redmine.journal-7.20261128200234.9@HOST": as its mailer makes them. */
static void
add_sent(struct desk_event *event, const char *kind, gint64 id, gint64 when,
    gint64 reader, const char *host)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(when);
	g_autofree char *stamp =
	    time != NULL ? g_date_time_format(time, "%Y%m%d%H%M%S") : NULL;

	if (stamp != NULL)
		g_ptr_array_add(event->message_ids,
		    g_strdup_printf("redmine.%s-%" G_GINT64_FORMAT
				    ".%s.%" G_GINT64_FORMAT "@%s",
			kind, id, stamp, reader, host));
}

static struct desk_event *
read_event(const json_t *journal, const struct redmine_issue *issue,
    const struct redmine_voice *voice, const char *status)
{
	struct desk_event *event = desk_event_new();
	gint64 id = json_integer_value(json_object_get(journal, "id"));

	event->id = g_strdup(issue->id);
	event->code = g_strdup(issue->id);
	event->who = answer_id(json_object_get(journal, "user"), "id");
	event->when = redmine_time(journal, "created_on");
	event->status = status;
	if (voice->host == NULL || issue->author == voice->me ||
	    answer_text(journal, "notes")[0] == '\0' ||
	    json_is_true(json_object_get(journal, "private_notes")))
		return event;
	add_sent(event, "issue", g_ascii_strtoll(issue->id, NULL, 10),
	    issue->created, issue->author, voice->host);
	add_sent(event, "journal", id, event->when, issue->author, voice->host);
	return event;
}

/* What this journal tells, or NULL. */
static struct desk_event *
told_by(const json_t *journal, const struct redmine_issue *issue,
    const struct redmine_voice *voice, const char *status)
{
	struct desk_event *event = read_event(journal, issue, voice, status);
	const json_t *user = json_object_get(journal, "user");
	gboolean ours =
	    json_integer_value(json_object_get(user, "id")) == voice->me;

	if (!ours && (event->status != NULL || event->message_ids->len > 0))
		return event;
	desk_event_free(event);
	return NULL;
}

GPtrArray *
redmine_read_journals(const GString *body, const struct redmine_marks *marks,
    const struct redmine_voice *voice, gint64 since, gint64 until,
    GError **error)
{
	struct redmine_issue issue = { 0 };
	json_t *whole = NULL;
	const json_t *object =
	    redmine_inner(body, "issue", JSON_OBJECT, &whole, error);
	const json_t *list = json_object_get(object, "journals");
	GPtrArray *events;

	if (object == NULL)
		return NULL;
	events = g_ptr_array_new_with_free_func(desk_event_free);
	if (!redmine_take_issue(object, 0, &issue))
		list = NULL;
	for (size_t i = json_array_size(list); i > 0; i--) {
		const json_t *journal = json_array_get(list, i - 1);
		const char *after = redmine_word(marks, &issue.state);
		gint64 when = redmine_time(journal, "created_on");
		struct desk_event *event;

		take_back(journal, &issue.state);
		if (g_str_equal(after, redmine_word(marks, &issue.state)))
			after = NULL;
		if (when < since || when >= until)
			continue;
		event = told_by(journal, &issue, voice, after);
		if (event != NULL)
			g_ptr_array_insert(events, 0, event);
	}
	redmine_issue_clear(&issue);
	json_decref(whole);
	return events;
}

static void
fold_into(struct desk_event *event, struct desk_event *older)
{
	g_ptr_array_extend_and_steal(
	    older->message_ids, g_steal_pointer(&event->message_ids));
	event->message_ids = older->message_ids;
	older->message_ids = g_ptr_array_new();
	if (event->status != NULL || older->status == NULL)
		return;
	event->status = older->status;
	event->when = older->when;
	g_free(event->who);
	event->who = g_steal_pointer(&older->who);
}

void
redmine_fold_events(GPtrArray *events, guint most)
{
	guint n = events->len > most ? events->len - most : 0;

	for (guint i = 0; i < n; i++)
		fold_into(events->pdata[i + 1], events->pdata[i]);
	if (n > 0)
		g_ptr_array_remove_range(events, 0, n);
}

/* --- people */

void
redmine_user_free(gpointer item)
{
	struct redmine_user *user = item;

	if (user == NULL)
		return;
	g_free(user->login);
	g_free(user);
}

static struct redmine_user *
take_user(const json_t *object)
{
	struct redmine_user *user = g_new0(struct redmine_user, 1);

	user->id = json_integer_value(json_object_get(object, "id"));
	user->login = g_strdup(answer_text(object, "login"));
	user->admin = json_is_true(json_object_get(object, "admin"));
	user->member =
	    json_array_size(json_object_get(object, "memberships")) > 0;
	return user;
}

char *
redmine_users_path(const char *address, gboolean all)
{
	g_autofree char *part = g_uri_escape_string(address, NULL, FALSE);

	return g_strdup_printf("/users.json?status=%s&limit=%d&name=%s",
	    all ? "" : "1", REDMINE_PAGE, part);
}

static gboolean
is_login(const char *text)
{
	gsize length = strspn(text, "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-@.");

	return text[length] == '\0' && length > 0 && length <= LOGIN_MOST;
}

/* Redmine wants both names, and neither longer. */
static json_t *
name_json(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_autofree char *cut = g_utf8_substring(
	    valid, 0, MIN(g_utf8_strlen(valid, -1), NAME_MOST));

	g_strstrip(cut);
	return json_string(cut[0] != '\0' ? cut : "-");
}

char *
redmine_user_json(const struct ticket *ticket, const struct ident *key)
{
	const char *address = ticket->requester_address;
	g_autofree char *name = g_strstrip(g_strdup(
	    ticket->requester_name != NULL && ticket->requester_name[0] != '\0'
		? ticket->requester_name
		: address));
	char *space = strrchr(name, ' ');
	char hex[IDENT_TEXT];
	g_autofree char *login = NULL;

	ident_text(key, hex);
	login = is_login(address) ? g_strdup(address)
				  : g_strdup_printf("mail-%.12s", hex);
	if (space != NULL)
		*space = '\0';
	return desk_dump(json_pack("{s:{s:s, s:o, s:o, s:o, s:b, s:s}}", "user",
	    "login", login, "firstname", name_json(name), "lastname",
	    name_json(space != NULL ? space + 1 : "-"), "mail",
	    desk_text(address), "generate_password", 1, "mail_notification",
	    "only_my_events"));
}

/* A search finds what is alike, too. */
GPtrArray *
redmine_read_users(const GString *body, const char *address, GError **error)
{
	json_t *whole = NULL, *one;
	const json_t *list =
	    redmine_inner(body, "users", JSON_ARRAY, &whole, error);
	GPtrArray *users;
	size_t i;

	if (list == NULL)
		return NULL;
	users = g_ptr_array_new_with_free_func(redmine_user_free);
	json_array_foreach(list, i, one)
	{
		if (json_integer_value(json_object_get(one, "id")) > 0 &&
		    g_ascii_strcasecmp(answer_text(one, "mail"), address) == 0)
			g_ptr_array_add(users, take_user(one));
	}
	json_decref(whole);
	return users;
}

struct redmine_user *
redmine_read_user(const GString *body, GError **error)
{
	json_t *whole = NULL;
	const json_t *object =
	    redmine_inner(body, "user", JSON_OBJECT, &whole, error);
	struct redmine_user *user;

	if (object == NULL)
		return NULL;
	user = take_user(object);
	json_decref(whole);
	if (user->id > 0)
		return user;
	redmine_user_free(user);
	err_set(error, DG_ERROR_IO, "a user without his number");
	return NULL;
}

/* --- who joined when */

static gboolean
has_joined(const json_t *journal, gint64 field, const char *address)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(journal, "details"), i, one)
	{
		if (g_str_equal(answer_text(one, "property"), "cf") &&
		    value_of(one, "name") == field &&
		    redmine_field_sender(
			answer_text(one, "new_value"), address) != 0 &&
		    redmine_field_sender(
			answer_text(one, "old_value"), address) == 0)
			return TRUE;
	}
	return FALSE;
}

gint64
redmine_read_joined(const GString *body, gint64 field, const char *address)
{
	json_t *whole = json_loadb(body->str, body->len, 0, NULL);
	const json_t *list =
	    json_object_get(json_object_get(whole, "issue"), "journals");
	const json_t *journal;
	gint64 joined = 0;
	size_t i;

	json_array_foreach(list, i, journal)
	{
		if (joined == 0 && has_joined(journal, field, address))
			joined = redmine_time(journal, "created_on");
	}
	json_decref(whole);
	return joined;
}
