/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What LiveAgent's API v3 answers, as values (liveagent.h).
 *
 * Answers are not trusted to be what they should be: error pages in HTML come
 * with status 500, proxies answer in the desk's place, filters are ignored.
 */
#include "tickets/liveagent.h"

#include "lib/base/err.h"

#define WORDS_BYTES 300
/* More of an error page is not read for words. */
#define PAGE_BYTES 8192

/* --- answers that refuse */

/* What a reader of an HTML page would see, roughly: it goes to a log line. */
static char *
strip_tags(const char *body, gsize length)
{
	GString *text = g_string_new(NULL);
	gboolean inside = FALSE;

	for (gsize i = 0; i < MIN(length, PAGE_BYTES); i++) {
		if (body[i] == '<')
			inside = TRUE;
		if (!inside)
			g_string_append_c(text, body[i]);
		if (body[i] == '>') {
			inside = FALSE;
			g_string_append_c(text, ' ');
		}
	}
	return g_string_free(text, FALSE);
}

/* One line: blanks and controls become one blank, the end is cut at a
 * character. */
static char *
one_line(const char *text, gssize length)
{
	g_autofree char *valid = g_utf8_make_valid(text, length);
	GString *line = g_string_new(NULL);

	for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		gboolean blank = g_unichar_isspace(c) || !g_unichar_isprint(c);

		if (line->len + 6 > WORDS_BYTES)
			break;
		if (!blank)
			g_string_append_unichar(line, c);
		else if (line->len > 0 && line->str[line->len - 1] != ' ')
			g_string_append_c(line, ' ');
	}
	return g_strchomp(g_string_free(line, FALSE));
}

/* JSON is asked for its message alone: the rest of it may be a person's. */
char *
liveagent_words(const char *body, gsize length)
{
	json_t *object = json_loadb(body, length, 0, NULL);
	const char *message =
	    json_string_value(json_object_get(object, "message"));
	g_autofree char *text = NULL;

	if (message != NULL)
		text = g_strdup(message);
	else if (length == 0 || strchr("{[\"", body[0]) != NULL)
		text = g_strdup("");
	else
		text = strip_tags(body, length);
	json_decref(object);
	return one_line(text, -1);
}

static enum dg_error
code_of(enum liveagent_call call, long status)
{
	switch (status) {
	case 401:
	case 403:
		return DG_ERROR_DENIED;
	case 404:
	case 410:
		return call == LIVEAGENT_ASK ? DG_ERROR_NOTFOUND : DG_ERROR_BAD;
	case 408:
	case 425:
	case 429:
		return DG_ERROR_AGAIN;
	default:
		break;
	}
	/* Redirects and wrong methods: the url in the settings is not the
	 * API's. */
	if ((status >= 300 && status < 400) || status == 405)
		return DG_ERROR_DENIED;
	if (status >= 400 && status < 500)
		return DG_ERROR_BAD;
	return call == LIVEAGENT_FILE ? DG_ERROR_AGAIN : DG_ERROR_IO;
}

gboolean
liveagent_accepted(
    enum liveagent_call call, long status, const GString *body, GError **error)
{
	g_autofree char *words = NULL;

	if (status >= 200 && status < 300)
		return TRUE;
	words = liveagent_words(body->str, body->len);
	return err_set(error, code_of(call, status), "HTTP %ld%s%s", status,
	    words[0] != '\0' ? ": " : "", words);
}

/* --- answers that tell */

static json_t *
load(const GString *body, json_type wanted, GError **error)
{
	json_t *value = json_loadb(body->str, body->len, 0, NULL);
	g_autofree char *words = NULL;

	if (value != NULL && json_typeof(value) == wanted)
		return value;
	json_decref(value);
	words = liveagent_words(body->str, body->len);
	err_set(error, DG_ERROR_IO, "not the answer of a LiveAgent API v3%s%s",
	    words[0] != '\0' ? ": " : "", words);
	return NULL;
}

/* A text of the object, without blanks only; ids of some calls are numbers. */
static char *
id_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (json_is_integer(value))
		return g_strdup_printf(
		    "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (json_is_string(value) && json_string_value(value)[0] != '\0' &&
	    json_string_length(value) < 64)
		return g_strdup(json_string_value(value));
	return NULL;
}

gboolean
liveagent_read_made(
    const GString *body, struct desk_ticket *made_r, GError **error)
{
	json_t *object = load(body, JSON_OBJECT, error);

	if (object == NULL)
		return FALSE;
	made_r->id = id_of(object, "id");
	made_r->code = id_of(object, "code");
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
liveagent_read_file(const GString *body, GError **error)
{
	json_t *object = load(body, JSON_OBJECT, error);
	char *id;

	if (object == NULL)
		return NULL;
	id = id_of(object, "id");
	json_decref(object);
	/* A comma would make two ids of one in `attachments`. */
	if (id == NULL || strchr(id, ',') != NULL) {
		g_clear_pointer(&id, g_free);
		err_set(error, DG_ERROR_IO, "the answer names no file id");
	}
	return id;
}

gboolean
liveagent_read_departments(
    const GString *body, const char *department, GError **error)
{
	json_t *list = load(body, JSON_ARRAY, error), *one;
	gboolean found = g_str_equal(department, "default");
	size_t i;

	if (list == NULL)
		return FALSE;
	json_array_foreach(list, i, one)
	{
		g_autofree char *id = id_of(one, "department_id");

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
	g_autofree char *a = one_line(text != NULL ? text : "", -1);
	g_autofree char *b = one_line(subject, -1);

	return g_str_equal(a, b);
}

static void
add_candidate(GPtrArray *list, const json_t *object,
    const struct ticket *ticket, guint *same)
{
	struct desk_ticket *one;
	char *id = id_of(object, "id");

	if (id == NULL || !owned_by(object, ticket->requester_address) ||
	    list->len >= LIVEAGENT_CANDIDATES) {
		g_free(id);
		return;
	}
	one = g_new0(struct desk_ticket, 1);
	one->id = id;
	one->code = id_of(object, "code");
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
	json_t *array = load(body, JSON_ARRAY, error), *one;
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
	json_t *groups = load(body, JSON_ARRAY, error), *one;
	size_t i;

	*ours_r = FALSE;
	if (groups == NULL)
		return FALSE;
	json_array_foreach(groups, i, one) *ours_r =
	    *ours_r || group_is_ours(one, message_id, key);
	json_decref(groups);
	return TRUE;
}
