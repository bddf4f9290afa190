/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests to Redmine.
 *
 * A filter is written in the long form (f[], op[], v[]): the short one takes
 * "|" in a value for an "or", and a Message-ID may hold one.
 */
#include "tickets/redmine_private.h"

#include <string.h>

#include "lib/mail/addr.h"

/* --- words */

void
redmine_item_free(gpointer item)
{
	struct redmine_item *one = item;

	if (one == NULL)
		return;
	g_free(one->name);
	g_free(one);
}

const struct redmine_item *
redmine_item_named(const GPtrArray *items, const char *name)
{
	gint64 id = g_ascii_strtoll(name, NULL, 10);

	for (guint i = 0; items != NULL && i < items->len; i++) {
		const struct redmine_item *one = items->pdata[i];
		g_autofree char *folded = g_utf8_casefold(one->name, -1);
		g_autofree char *wanted = g_utf8_casefold(name, -1);

		if (g_str_equal(folded, wanted))
			return one;
	}
	for (guint i = 0; items != NULL && id > 0 && i < items->len; i++) {
		const struct redmine_item *one = items->pdata[i];

		if (one->id == id)
			return one;
	}
	return NULL;
}

gboolean
redmine_is_spam(
    const struct redmine_marks *marks, const struct redmine_state *state)
{
	gint64 is = state->status;

	if (marks->by == REDMINE_BY_TRACKER)
		is = state->tracker;
	else if (marks->by == REDMINE_BY_CATEGORY)
		is = state->category;
	return marks->spam != 0 && is == marks->spam;
}

const char *
redmine_word(
    const struct redmine_marks *marks, const struct redmine_state *state)
{
	if (redmine_is_spam(marks, state))
		return "spam";
	if (state->status == marks->closed)
		return "closed";
	for (guint i = 0; marks->statuses != NULL && i < marks->statuses->len;
	     i++) {
		const struct redmine_item *one = marks->statuses->pdata[i];

		if (one->id == state->status && one->closed)
			return "closed";
	}
	return state->status == marks->fresh ? "new" : "open";
}

/* --- paths */

void
redmine_add_filter(
    GString *path, const char *name, const char *operator, const char * value)
{
	g_autofree char *sign = g_uri_escape_string(operator, NULL, FALSE);
	g_autofree char *text =
	    value != NULL ? g_uri_escape_string(value, NULL, FALSE) : NULL;

	g_string_append_printf(
	    path, "&f%%5B%%5D=%s&op%%5B%s%%5D=%s", name, name, sign);
	if (text != NULL)
		g_string_append_printf(
		    path, "&v%%5B%s%%5D%%5B%%5D=%s", name, text);
}

char *
redmine_find_path(gint64 field, const char *text, guint offset)
{
	GString *path = g_string_new(NULL);
	g_autofree char *name = g_strdup_printf("cf_%" G_GINT64_FORMAT, field);

	g_string_append_printf(path, "/issues.json?sort=id&limit=%d&offset=%u",
	    REDMINE_PAGE, offset);
	redmine_add_filter(path, "status_id", "*", NULL);
	redmine_add_filter(path, name, "~", text);
	return g_string_free(path, FALSE);
}

char *
redmine_issue_path(const char *id, const char *tail)
{
	guint64 number = 0;

	if (!g_ascii_string_to_unsigned(id, 10, 1, G_MAXINT32, &number, NULL))
		return NULL;
	return g_strdup_printf(
	    "/issues/%" G_GUINT64_FORMAT ".json%s", number, tail);
}

char *
redmine_upload_path(const struct ticket_file *file)
{
	g_autofree char *name = g_uri_escape_string(file->name, NULL, FALSE);

	return g_strconcat("/uploads.json?filename=", name, NULL);
}

char *
redmine_project_path(const char *name)
{
	g_autofree char *part = g_uri_escape_string(name, NULL, FALSE);

	return g_strconcat("/projects/", part,
	    ".json?include=trackers,issue_categories,"
	    "issue_custom_fields,enabled_modules",
	    NULL);
}

/* --- a message */

char *
redmine_line(const struct ticket *ticket, const struct ident *key)
{
	char name[IDENT_TEXT];

	ident_text(key, name);
	if (ticket->message_id == NULL)
		return g_strdup_printf(
		    REDMINE_KEY "%s %s", name, ticket->requester_address);
	return g_strdup_printf(REDMINE_KEY "%s <%s> %s", name,
	    ticket->message_id, ticket->requester_address);
}

static void
add_people(GString *text, const struct redmine_post *post)
{
	const struct ticket *ticket = post->ticket;
	gboolean first = TRUE;

	if (!post->named && ticket->requester_name != NULL &&
	    ticket->requester_name[0] != '\0')
		g_string_append_printf(text, "From: %s <%s>\n",
		    ticket->requester_name, ticket->requester_address);
	else if (!post->named)
		g_string_append_printf(
		    text, "From: %s\n", ticket->requester_address);
	for (guint i = 0;
	     ticket->followers != NULL && i < ticket->followers->len; i++) {
		const struct addr *one = ticket->followers->pdata[i];

		g_string_append_printf(
		    text, "%s%s", first ? "Cc: " : ", ", one->address);
		first = FALSE;
	}
	if (!first)
		g_string_append_c(text, '\n');
	if (text->len > 0)
		g_string_append_c(text, '\n');
}

static char *
whole_text(const struct redmine_post *post, gboolean marked)
{
	GString *text = g_string_new(NULL);
	g_autofree char *body = ticket_full_text(post->ticket);
	char name[IDENT_TEXT];

	add_people(text, post);
	g_string_append(text, body);
	if (post->refused != NULL)
		g_string_append_printf(text, "\n\n%s", post->refused);
	if (marked) {
		ident_text(post->key, name);
		g_string_append_printf(text, "\n\n" REDMINE_MARK "%s", name);
	}
	return g_string_free(text, FALSE);
}

static json_t *
uploads(const struct redmine_post *post)
{
	json_t *list = json_array();

	for (guint i = 0; post->tokens != NULL && i < post->tokens->len; i++) {
		const struct ticket_file *file = post->ticket->files->pdata[i];

		if (post->tokens->pdata[i] == NULL)
			continue;
		json_array_append_new(
		    list, json_pack("{s:s, s:o, s:o}", "token",
			      (const char *)post->tokens->pdata[i], "filename",
			      desk_text(file->name), "content_type",
			      desk_text(file->type)));
	}
	return list;
}

static json_t *
fields(gint64 field, const char *value)
{
	return json_pack(
	    "[{s:I, s:o}]", "id", (json_int_t)field, "value", desk_text(value));
}

static json_t *
subject(const struct ticket *ticket)
{
	g_autofree char *valid = g_utf8_make_valid(ticket->subject, -1);
	g_autofree char *cut = g_utf8_substring(
	    valid, 0, MIN(g_utf8_strlen(valid, -1), REDMINE_SUBJECT_MOST));

	return json_string(cut[0] != '\0' ? cut : "(no subject)");
}

static void
set_number(json_t *object, const char *name, gint64 number)
{
	if (number != 0)
		json_object_set_new(object, name, json_integer(number));
}

static char *
dump_issue(json_t *issue)
{
	return desk_dump(json_pack("{s:o}", "issue", issue));
}

static void
set_uploads(json_t *issue, const struct redmine_post *post)
{
	json_t *list = uploads(post);

	if (json_array_size(list) > 0)
		json_object_set(issue, "uploads", list);
	json_decref(list);
}

char *
redmine_issue_json(const struct redmine_post *post)
{
	g_autofree char *text = whole_text(post, FALSE);
	g_autofree char *line = redmine_line(post->ticket, post->key);
	json_t *issue = json_pack("{s:o, s:o, s:o}", "subject",
	    subject(post->ticket), "description", desk_text(text),
	    "custom_fields", fields(post->field, line));

	set_number(issue, "project_id", post->project);
	set_number(issue, "tracker_id", post->tracker);
	set_number(issue, "category_id", post->category);
	set_number(issue, "priority_id", post->priority);
	set_uploads(issue, post);
	return dump_issue(issue);
}

static char *
longer(const char *old, const struct redmine_post *post)
{
	g_autofree char *line = redmine_line(post->ticket, post->key);
	g_autofree char *before = g_strchomp(g_strdup(old));

	if (before[0] == '\0')
		return g_steal_pointer(&line);
	return g_strconcat(before, "\n", line, NULL);
}

char *
redmine_append_json(
    const struct redmine_post *post, const char *old, gboolean marked)
{
	g_autofree char *text = whole_text(post, marked);
	json_t *issue = json_pack("{s:o}", "notes", desk_text(text));

	if (old != NULL) {
		g_autofree char *value = longer(old, post);

		json_object_set_new(
		    issue, "custom_fields", fields(post->field, value));
	}
	set_uploads(issue, post);
	return dump_issue(issue);
}

char *
redmine_field_json(gint64 field, const char *value)
{
	return dump_issue(
	    json_pack("{s:o}", "custom_fields", fields(field, value)));
}

char *
redmine_longer_json(const struct redmine_post *post, const char *old)
{
	g_autofree char *value = longer(old, post);

	return redmine_field_json(post->field, value);
}

char *
redmine_note_json(const char *text)
{
	return dump_issue(json_pack(
	    "{s:o, s:b}", "notes", desk_text(text), "private_notes", 1));
}

/* --- changes */

char *
redmine_set_json(const struct redmine_set *set)
{
	json_t *issue = json_object();

	set_number(issue, "status_id", set->status);
	set_number(issue, "tracker_id", set->tracker);
	set_number(issue, "category_id", set->category);
	set_number(issue, "priority_id", set->priority);
	if (set->uncategorize)
		json_object_set_new(issue, "category_id", json_string(""));
	if (json_object_size(issue) > 0)
		return dump_issue(issue);
	json_decref(issue);
	return NULL;
}

static void
want_spam(const struct redmine_marks *marks, struct redmine_set *set)
{
	if (marks->by == REDMINE_BY_TRACKER)
		set->tracker = marks->spam;
	else if (marks->by == REDMINE_BY_CATEGORY)
		set->category = marks->spam;
	else
		set->status = marks->spam;
}

static void
want_ham(
    const struct redmine_marks *marks, struct redmine_set *set, gint64 tracker)
{
	if (marks->by == REDMINE_BY_TRACKER)
		set->tracker = tracker;
	else if (marks->by == REDMINE_BY_CATEGORY)
		set->uncategorize = TRUE;
	set->status = marks->open;
}

struct redmine_set
redmine_wanted(const struct redmine_marks *marks,
    const struct redmine_state *now, const char *status, gint64 tracker)
{
	struct redmine_set set = { 0 };
	gboolean spam = redmine_is_spam(marks, now);
	const char *word = redmine_word(marks, now);

	if (g_str_equal(status, "spam") && !spam)
		want_spam(marks, &set);
	else if (g_str_equal(status, "not-spam") && spam)
		want_ham(marks, &set, tracker);
	else if (g_str_equal(status, "closed") && !g_str_equal(word, "closed"))
		set.status = marks->closed;
	else if (g_str_equal(status, "open") && !g_str_equal(word, "open"))
		set.status = marks->open;
	return set;
}

gboolean
redmine_is_set(const struct redmine_set *set, const struct redmine_state *now)
{
	return (set->status == 0 || set->status == now->status) &&
	       (set->tracker == 0 || set->tracker == now->tracker) &&
	       (set->category == 0 || set->category == now->category) &&
	       (!set->uncategorize || now->category == 0);
}
