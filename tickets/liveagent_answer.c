/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What LiveAgent's API v3 answers, as values (liveagent.h).
 *
 * Answers are not trusted to be what they should be: error pages in HTML come
 * with status 500, proxies answer in the desk's place, filters are ignored.
 */
#include "tickets/liveagent.h"

#include "lib/base/err.h"
#include "lib/base/unicode.h"
#include "tickets/answer.h"

#define WORDS_BYTES 300 /* of what is put into a line */
#define ID_MOST 64

json_t *
liveagent_load(const GString *body, json_type wanted, GError **error)
{
	return answer_json(body, wanted, "a LiveAgent API v3", error);
}

/* Ids of some calls are numbers. */
char *
liveagent_id(const json_t *value)
{
	const char *text = json_string_value(value);

	if (json_is_integer(value))
		return g_strdup_printf(
		    "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (text == NULL || text[0] == '\0' || strlen(text) >= ID_MOST ||
	    strpbrk(text, " \t\r\n") != NULL)
		return NULL;
	return g_strdup(text);
}

gboolean
liveagent_read_made(
    const GString *body, struct desk_ticket *made_r, GError **error)
{
	json_t *object = liveagent_load(body, JSON_OBJECT, error);

	if (object == NULL)
		return FALSE;
	made_r->id = liveagent_id(json_object_get(object, "id"));
	made_r->code = liveagent_id(json_object_get(object, "code"));
	json_decref(object);
	if (made_r->id == NULL) {
		desk_ticket_clear(made_r);
		return err_set(
		    error, DG_ERROR_IO, "the answer names no ticket id");
	}
	if (made_r->code == NULL)
		made_r->code = g_strdup(made_r->id);
	return TRUE;
}

char *
liveagent_read_id(const GString *body, GError **error)
{
	json_t *object = liveagent_load(body, JSON_OBJECT, error);
	char *id;

	if (object == NULL)
		return NULL;
	id = liveagent_id(json_object_get(object, "id"));
	json_decref(object);
	/* A comma would make two files of one in `attachments`. */
	if (id == NULL || strchr(id, ',') != NULL) {
		g_clear_pointer(&id, g_free);
		err_set(error, DG_ERROR_IO, "the answer names no id");
	}
	return id;
}

gboolean
liveagent_read_departments(
    const GString *body, const char *department, GError **error)
{
	json_t *list = liveagent_load(body, JSON_ARRAY, error), *one;
	gboolean found = g_str_equal(department, "default");
	size_t i;

	if (list == NULL)
		return FALSE;
	json_array_foreach(list, i, one)
	{
		g_autofree char *id =
		    liveagent_id(json_object_get(one, "department_id"));

		found = found || g_strcmp0(id, department) == 0;
	}
	i = json_array_size(list);
	json_decref(list);
	if (found)
		return TRUE;
	return err_set(error, DG_ERROR_BAD,
	    "department \"%s\" is none of the %d the desk lists", department,
	    (int)i);
}

static void
candidate_free(struct desk_ticket *candidate)
{
	desk_ticket_clear(candidate);
	g_free(candidate);
}

/* Filters of this API fail now and then, so what can be checked is checked
 * here. */
static gboolean
owned_by(const json_t *object, const char *address)
{
	const char *owner =
	    json_string_value(json_object_get(object, "owner_email"));

	return owner == NULL || g_ascii_strcasecmp(owner, address) == 0;
}

static gboolean
same_subject(const json_t *object, const char *subject)
{
	const char *text =
	    json_string_value(json_object_get(object, "subject"));
	g_autofree char *a =
	    unicode_line(text != NULL ? text : "", WORDS_BYTES);
	g_autofree char *b = unicode_line(subject, WORDS_BYTES);

	return g_str_equal(a, b);
}

static void
add_candidate(GPtrArray *list, const json_t *object,
    const struct ticket *ticket, guint *same)
{
	struct desk_ticket *one;
	char *id = liveagent_id(json_object_get(object, "id"));

	if (id == NULL || !owned_by(object, ticket->requester_address) ||
	    list->len >= LIVEAGENT_CANDIDATES) {
		g_free(id);
		return;
	}
	one = g_new0(struct desk_ticket, 1);
	one->id = id;
	one->code = liveagent_id(json_object_get(object, "code"));
	if (one->code == NULL)
		one->code = g_strdup(id);
	if (same_subject(object, ticket->subject))
		g_ptr_array_insert(list, (int)(*same)++, one);
	else
		g_ptr_array_add(list, one);
}

GPtrArray *
liveagent_read_tickets(
    const GString *body, const struct ticket *ticket, GError **error)
{
	json_t *array = liveagent_load(body, JSON_ARRAY, error), *one;
	GPtrArray *list;
	guint same = 0;
	size_t i;

	if (array == NULL)
		return NULL;
	list = g_ptr_array_new_with_free_func((GDestroyNotify)candidate_free);
	json_array_foreach(array, i, one)
	    add_candidate(list, one, ticket, &same);
	json_decref(array);
	return list;
}

/* The last mark of a text, since the customer may have quoted an earlier one.
 */
static gboolean
last_mark(const char *text, struct ident *key_r)
{
	gboolean found = FALSE;

	while (text != NULL && (text = strstr(text, LIVEAGENT_MARK)) != NULL) {
		char hex[IDENT_TEXT];

		text += strlen(LIVEAGENT_MARK);
		g_strlcpy(hex, text, sizeof hex);
		found = ident_parse(hex, key_r) || found;
	}
	return found;
}

static gboolean
same_id(const char *theirs, const char *ours)
{
	gsize length;

	if (theirs == NULL || ours == NULL)
		return FALSE;
	if (theirs[0] == '<')
		theirs++;
	length = strlen(theirs);
	if (length > 0 && theirs[length - 1] == '>')
		length--;
	return length == strlen(ours) && strncmp(theirs, ours, length) == 0;
}

static gboolean
group_is_ours(
    const json_t *group, const char *message_id, const struct ident *key)
{
	const json_t *messages = json_object_get(group, "messages"), *one;
	struct ident mark;
	gboolean marked = FALSE;
	size_t i;

	json_array_foreach(messages, i, one) marked =
	    last_mark(
		json_string_value(json_object_get(one, "message")), &mark) ||
	    marked;
	if (marked)
		return ident_equal(&mark, key);
	return same_id(json_string_value(json_object_get(group, "mail_msg_id")),
	    message_id);
}

gboolean
liveagent_read_is_ours(const GString *body, const char *message_id,
    const struct ident *key, gboolean *ours_r, GError **error)
{
	json_t *groups = liveagent_load(body, JSON_ARRAY, error), *one;
	size_t i;

	*ours_r = FALSE;
	if (groups == NULL)
		return FALSE;
	json_array_foreach(groups, i, one) *ours_r =
	    *ours_r || group_is_ours(one, message_id, key);
	json_decref(groups);
	return TRUE;
}

/* How version 1 words a refusal with status 200: inferred. */
gboolean
liveagent_read_v1(const GString *body, GError **error)
{
	json_t *object = json_loadb(body->str, body->len, 0, NULL);
	const json_t *answer = json_object_get(object, "response");
	const char *status =
	    json_string_value(json_object_get(answer, "status"));
	const char *words =
	    json_string_value(json_object_get(answer, "errormessage"));
	gboolean good = status == NULL || !g_str_equal(status, "ERROR");

	if (!good) {
		g_autofree char *line = unicode_line(
		    words != NULL ? words : "no reason given", WORDS_BYTES);

		err_set(error, DG_ERROR_BAD, "version 1 refused it: %s", line);
	}
	json_decref(object);
	return good;
}
