/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers of Redmine.
 */
#include "tickets/redmine_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "tickets/answer.h"

#define WHAT REDMINE_WHAT

static gint64
number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* The number of what hangs below: "status": {"id": 1, ...}. */
static gint64
below(const json_t *object, const char *name)
{
	return number_of(json_object_get(object, name), "id");
}

gint64
redmine_time(const json_t *object, const char *name)
{
	g_autoptr(GDateTime) time =
	    g_date_time_new_from_iso8601(answer_text(object, name), NULL);

	return time != NULL ? g_date_time_to_unix(time) : 0;
}

/* The object under this name; the caller frees *whole_r. */
const json_t *
redmine_inner(const GString *body, const char *name, json_type type,
    json_t **whole_r, GError **error)
{
	const json_t *value;

	*whole_r = answer_json(body, JSON_OBJECT, WHAT, error);
	if (*whole_r == NULL)
		return NULL;
	value = json_object_get(*whole_r, name);
	if (value != NULL && json_typeof(value) == type)
		return value;
	g_clear_pointer(whole_r, json_decref);
	err_set(error, DG_ERROR_IO, "an answer of " WHAT " without %s", name);
	return NULL;
}

/* --- issues */

void
redmine_issue_clear(struct redmine_issue *issue)
{
	g_clear_pointer(&issue->id, g_free);
	g_clear_pointer(&issue->field, g_free);
}

void
redmine_issue_free(gpointer item)
{
	redmine_issue_clear(item);
	g_free(item);
}

gboolean
redmine_take_issue(
    const json_t *object, gint64 field, struct redmine_issue *issue_r)
{
	const json_t *one;
	size_t i;

	if (number_of(object, "id") <= 0)
		return FALSE;
	issue_r->id = answer_id(object, "id");
	issue_r->author = below(object, "author");
	issue_r->created = redmine_time(object, "created_on");
	issue_r->updated = redmine_time(object, "updated_on");
	issue_r->closed = redmine_time(object, "closed_on");
	issue_r->parent =
	    json_array_size(json_object_get(object, "children")) > 0;
	issue_r->state = (struct redmine_state){
		.status = below(object, "status"),
		.tracker = below(object, "tracker"),
		.category = below(object, "category"),
		.project = below(object, "project"),
	};
	json_array_foreach(json_object_get(object, "custom_fields"), i, one)
	{
		if (issue_r->has_field || number_of(one, "id") != field)
			continue;
		issue_r->has_field = TRUE;
		issue_r->field = g_strdup(answer_text(one, "value"));
	}
	if (issue_r->field == NULL)
		issue_r->field = g_strdup("");
	return TRUE;
}

gboolean
redmine_read_issue(const GString *body, gint64 field,
    struct redmine_issue *issue_r, GError **error)
{
	json_t *whole = NULL;
	const json_t *object =
	    redmine_inner(body, "issue", JSON_OBJECT, &whole, error);
	gboolean good;

	*issue_r = (struct redmine_issue){ 0 };
	if (object == NULL)
		return FALSE;
	good = redmine_take_issue(object, field, issue_r);
	json_decref(whole);
	return good ||
	       err_set(error, DG_ERROR_IO, "an issue without its number");
}

gboolean
redmine_read_marked(const GString *body, const struct ident *key)
{
	json_t *whole = json_loadb(body->str, body->len, 0, NULL), *one;
	char name[IDENT_TEXT];
	g_autofree char *mark = NULL;
	gboolean marked = FALSE;
	size_t i;

	ident_text(key, name);
	mark = g_strconcat(REDMINE_MARK, name, NULL);
	json_array_foreach(
	    json_object_get(json_object_get(whole, "issue"), "journals"), i,
	    one)
	{
		g_autofree char *notes =
		    g_strchomp(g_strdup(answer_text(one, "notes")));

		marked = marked || g_str_has_suffix(notes, mark);
	}
	json_decref(whole);
	return marked;
}

/* --- the field */

/* The lines are "deskgate:KEY [<Message-ID>] [ADDRESS]"; what people wrote into
 * the field is passed by. */
gboolean
redmine_field_has_key(const char *value, const struct ident *key)
{
	char name[IDENT_TEXT];
	g_auto(GStrv) lines = g_strsplit(value, "\n", 0);

	ident_text(key, name);
	for (gsize i = 0; lines[i] != NULL; i++)
		if (g_str_has_prefix(lines[i], REDMINE_KEY) &&
		    g_str_has_prefix(lines[i] + strlen(REDMINE_KEY), name))
			return TRUE;
	return FALSE;
}

gboolean
redmine_field_has_id(const char *value, const char *message_id)
{
	g_autofree char *wanted = g_strdup_printf("<%s>", message_id);

	return strstr(value, wanted) != NULL;
}

gboolean
redmine_field_begins(
    const char *value, const struct ident *key, const char *message_id)
{
	g_auto(GStrv) lines = g_strsplit(value, "\n", 0);

	for (gsize i = 0; lines[i] != NULL; i++)
		if (g_str_has_prefix(lines[i], REDMINE_KEY))
			return key != NULL
				   ? redmine_field_has_key(lines[i], key)
				   : redmine_field_has_id(lines[i], message_id);
	return FALSE;
}

int
redmine_field_sender(const char *value, const char *address)
{
	g_auto(GStrv) lines = g_strsplit(value, "\n", 0);
	gboolean first = TRUE;

	for (gsize i = 0; lines[i] != NULL; i++) {
		const char *last = strrchr(g_strchomp(lines[i]), ' ');

		if (!g_str_has_prefix(lines[i], REDMINE_KEY) || last == NULL)
			continue;
		if (g_ascii_strcasecmp(last + 1, address) == 0)
			return first ? 2 : 1;
		first = FALSE;
	}
	return 0;
}

/* Redmine looks for each word of a text, case aside; the first is enough to
 * see that it looked at all. */
static gboolean
was_filtered(const char *value, const char *text)
{
	g_autofree char *word = g_ascii_strdown(text, -1);
	g_autofree char *lower = g_ascii_strdown(value, -1);

	if (!g_str_is_ascii(word))
		return value[0] != '\0';
	word[strcspn(word, " \t")] = '\0';
	return strstr(lower, word) != NULL;
}

static gboolean
take_found(const json_t *list, gint64 field, const char *text, GPtrArray *found,
    GError **error)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		struct redmine_issue *issue = g_new0(struct redmine_issue, 1);

		g_ptr_array_add(found, issue);
		if (!redmine_take_issue(one, field, issue))
			return err_set(error, DG_ERROR_IO,
			    "a list with an issue without its number");
		if (!was_filtered(issue->field, text))
			return err_set(error, DG_ERROR_DENIED,
			    "Redmine does not search the custom field: let it "
			    "be \"used as a filter\" and visible to our role");
	}
	return TRUE;
}

GPtrArray *
redmine_read_found(const GString *body, gint64 field, const char *text,
    gboolean *more_r, GError **error)
{
	json_t *whole = NULL;
	const json_t *list =
	    redmine_inner(body, "issues", JSON_ARRAY, &whole, error);
	g_autoptr(GPtrArray) found =
	    g_ptr_array_new_with_free_func(redmine_issue_free);
	gboolean good;

	*more_r = FALSE;
	if (list == NULL)
		return NULL;
	good = take_found(list, field, text, found, error);
	*more_r = json_array_size(list) > 0 &&
		  number_of(whole, "offset") + (gint64)json_array_size(list) <
		      number_of(whole, "total_count");
	json_decref(whole);
	return good ? g_steal_pointer(&found) : NULL;
}

char *
redmine_read_token(const GString *body, GError **error)
{
	json_t *whole = NULL;
	const json_t *upload =
	    redmine_inner(body, "upload", JSON_OBJECT, &whole, error);
	char *token = NULL;

	if (upload == NULL)
		return NULL;
	/* "1." and a SHA-256: longer than answer_id takes. */
	token = g_strdup(answer_text(upload, "token"));
	json_decref(whole);
	if (token[0] != '\0' && strlen(token) < 256)
		return token;
	g_free(token);
	err_set(error, DG_ERROR_IO, "an upload without its token");
	return NULL;
}

/* --- what Redmine has */

static GPtrArray *
read_items(const json_t *list)
{
	GPtrArray *items = g_ptr_array_new_with_free_func(redmine_item_free);
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		struct redmine_item *item;

		if (number_of(one, "id") <= 0)
			continue;
		item = g_new0(struct redmine_item, 1);
		item->id = number_of(one, "id");
		item->name = g_strdup(answer_text(one, "name"));
		item->closed = json_is_true(json_object_get(one, "is_closed"));
		g_ptr_array_add(items, item);
	}
	return items;
}

GPtrArray *
redmine_read_items(const GString *body, const char *name, GError **error)
{
	json_t *whole = NULL;
	const json_t *list =
	    redmine_inner(body, name, JSON_ARRAY, &whole, error);
	GPtrArray *items;

	if (list == NULL)
		return NULL;
	items = read_items(list);
	json_decref(whole);
	return items;
}

void
redmine_project_clear(struct redmine_project *project)
{
	g_clear_pointer(&project->name, g_free);
	g_clear_pointer(&project->trackers, g_ptr_array_unref);
	g_clear_pointer(&project->categories, g_ptr_array_unref);
	g_clear_pointer(&project->fields, g_ptr_array_unref);
}

gboolean
redmine_read_project(
    const GString *body, struct redmine_project *project_r, GError **error)
{
	json_t *whole = NULL;
	const json_t *object =
	    redmine_inner(body, "project", JSON_OBJECT, &whole, error);
	g_autoptr(GPtrArray) modules = NULL;

	*project_r = (struct redmine_project){ 0 };
	if (object == NULL)
		return FALSE;
	modules = read_items(json_object_get(object, "enabled_modules"));
	project_r->id = number_of(object, "id");
	project_r->name = g_strdup(answer_text(object, "name"));
	project_r->open = number_of(object, "status") == 1;
	project_r->tracking =
	    redmine_item_named(modules, "issue_tracking") != NULL;
	project_r->trackers = read_items(json_object_get(object, "trackers"));
	project_r->categories =
	    read_items(json_object_get(object, "issue_categories"));
	project_r->fields =
	    read_items(json_object_get(object, "issue_custom_fields"));
	json_decref(whole);
	if (project_r->id > 0)
		return TRUE;
	redmine_project_clear(project_r);
	return err_set(error, DG_ERROR_IO, "a project without its number");
}

/* --- who we are */

void
redmine_me_clear(struct redmine_me *me)
{
	g_clear_pointer(&me->roles, g_hash_table_unref);
}

static void
read_membership(const json_t *one, GHashTable *roles)
{
	gint64 project = below(one, "project");
	GArray *numbers = g_hash_table_lookup(roles, &project);
	const json_t *role;
	size_t i;

	if (numbers == NULL) {
		gint64 *name = g_new(gint64, 1);

		*name = project;
		numbers = g_array_new(FALSE, FALSE, sizeof(gint64));
		g_hash_table_insert(roles, name, numbers);
	}
	json_array_foreach(json_object_get(one, "roles"), i, role)
	{
		gint64 id = number_of(role, "id");

		if (id > 0)
			g_array_append_val(numbers, id);
	}
}

gboolean
redmine_read_me(const GString *body, struct redmine_me *me_r, GError **error)
{
	json_t *whole = NULL;
	const json_t *user =
	    redmine_inner(body, "user", JSON_OBJECT, &whole, error);
	const json_t *one;
	size_t i;

	*me_r = (struct redmine_me){ 0 };
	if (user == NULL)
		return FALSE;
	me_r->id = number_of(user, "id");
	me_r->admin = json_is_true(json_object_get(user, "admin"));
	me_r->roles = g_hash_table_new_full(
	    g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_array_unref);
	json_array_foreach(json_object_get(user, "memberships"), i, one)
	    read_membership(one, me_r->roles);
	json_decref(whole);
	if (me_r->id > 0)
		return TRUE;
	redmine_me_clear(me_r);
	return err_set(error, DG_ERROR_IO, "a user without his number");
}

gboolean
redmine_read_role(const GString *body, GHashTable *permissions, GError **error)
{
	json_t *whole = NULL;
	const json_t *role =
	    redmine_inner(body, "role", JSON_OBJECT, &whole, error);
	const json_t *one;
	size_t i;

	if (role == NULL)
		return FALSE;
	json_array_foreach(json_object_get(role, "permissions"), i, one)
	{
		if (json_is_string(one))
			g_hash_table_add(
			    permissions, g_strdup(json_string_value(one)));
	}
	json_decref(whole);
	return TRUE;
}
