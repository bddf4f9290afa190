/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a help desk's answer means.  The words of a desk go into logs and the
 * ledger: one line, printable, short.
 */
#include "tickets/answer.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/unicode.h"

#define WORDS_BYTES 300
#define PAGE_BYTES 4096 /* of an error page, what is looked at */
#define ID_BYTES 64

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

/* JSON is asked for its message alone: the rest of it may be a person's. */
static const char *
message_of(const json_t *object)
{
	const json_t *errors = json_object_get(object, "errors");
	const char *text =
	    json_string_value(json_object_get(object, "message"));

	if (text == NULL)
		text = json_string_value(json_object_get(object, "error"));
	if (text == NULL)
		text = json_string_value(json_array_get(errors, 0));
	return text;
}

char *
answer_words(const char *body, gsize length)
{
	json_t *object = json_loadb(body, length, 0, NULL);
	const char *message = message_of(object);
	g_autofree char *text = NULL, *valid = NULL;

	if (message != NULL)
		text = g_strdup(message);
	else if (length == 0 || strchr("{[\"", body[0]) != NULL)
		text = g_strdup("");
	else
		text = strip_tags(body, length);
	json_decref(object);
	valid = g_utf8_make_valid(text, -1);
	return unicode_line(valid, WORDS_BYTES);
}

static gboolean
may_make(enum answer_call call)
{
	return call == ANSWER_MAKE || call == ANSWER_ADD;
}

static enum dg_error
code_of(enum answer_call call, long status)
{
	switch (status) {
	case 401:
	case 403:
	case 405: /* wrong method or redirect: not the url of the API */
		return DG_ERROR_DENIED;
	case 404:
	case 410:
		return call == ANSWER_ASK || call == ANSWER_ADD
			   ? DG_ERROR_NOTFOUND
			   : DG_ERROR_BAD;
	case 408:
	case 425:
	case 429:
		return DG_ERROR_AGAIN;
	default:
		break;
	}
	if (status >= 300 && status < 400)
		return DG_ERROR_DENIED;
	if (status >= 400 && status < 500)
		return DG_ERROR_BAD;
	return may_make(call) ? DG_ERROR_IO : DG_ERROR_AGAIN;
}

gboolean
answer_accepted(
    enum answer_call call, const struct http_answer *answer, GError **error)
{
	g_autofree char *words = NULL;

	if (answer->status >= 200 && answer->status < 300)
		return TRUE;
	words = answer_words(answer->body->str, answer->body->len);
	return err_set(error, code_of(call, answer->status), "HTTP %ld%s%s",
	    answer->status, words[0] != '\0' ? ": " : "", words);
}

gboolean
answer_get(const struct answer_ask *ask, const struct http_request *request,
    struct http_answer *answer_r, GError **error)
{
	g_autoptr(GError) fault = NULL;

	*ask->retry_after_r = 0;
	if (http_call(ask->http, request, answer_r, &fault) &&
	    answer_accepted(ask->call, answer_r, &fault))
		return TRUE;
	*ask->retry_after_r = answer_r->retry_after;
	http_answer_clear(answer_r);
	if (!may_make(ask->call) && err_is(fault, DG_ERROR_IO))
		fault->code = DG_ERROR_AGAIN;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

json_t *
answer_json(
    const GString *body, json_type type, const char *what, GError **error)
{
	json_t *value = json_loadb(body->str, body->len, 0, NULL);
	g_autofree char *words = NULL;

	if (value != NULL && json_typeof(value) == type)
		return value;
	json_decref(value);
	words = answer_words(body->str, body->len);
	err_set(error, DG_ERROR_IO, "not the answer of %s%s%s", what,
	    words[0] != '\0' ? ": " : "", words);
	return NULL;
}

char *
answer_id(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (json_is_integer(value))
		return g_strdup_printf(
		    "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (json_is_string(value) && json_string_length(value) > 0 &&
	    json_string_length(value) < ID_BYTES)
		return g_strdup(json_string_value(value));
	return NULL;
}

const char *
answer_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}
