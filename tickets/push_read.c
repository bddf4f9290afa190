/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands in a push: pure functions of its texts.
 */
#include <string.h>

#include "lib/base/httpd.h"
#include "tickets/push.h"
#include "tickets/webhook.h"

#define DEPTH_MOST 32 /* of JSON: nobody's webhook is deeper */
#define BEARER "Bearer "
#define BASIC "Basic "
#define HUB_SHA1 "sha1="

void
push_word_clear(struct push_word *word)
{
	g_clear_pointer(&word->desk, g_free);
	g_clear_pointer(&word->ticket, g_free);
	g_clear_pointer(&word->status, g_free);
	g_clear_pointer(&word->who, g_free);
}

static char *
member_text(const json_t *object, const char *name)
{
	const json_t *member = json_object_get(object, name);

	if (json_is_integer(member))
		return g_strdup_printf(
		    "%" JSON_INTEGER_FORMAT, json_integer_value(member));
	return g_strdup(json_string_value(member));
}

/* jansson has no limit of depth but its own, 2048, which is a stack. */
static gboolean
is_shallow(const char *body)
{
	guint depth = 0;

	for (; *body != '\0'; body++) {
		if (*body == '{' || *body == '[')
			depth++;
		else if ((*body == '}' || *body == ']') && depth > 0)
			depth--;
		if (depth > DEPTH_MOST)
			return FALSE;
	}
	return TRUE;
}

static gboolean
read_json(const char *body, struct push_word *word_r)
{
	json_t *object = is_shallow(body) ? json_loads(body, 0, NULL) : NULL;
	gboolean good = json_is_object(object);

	word_r->desk = member_text(object, "desk");
	word_r->ticket = member_text(object, "ticket");
	word_r->status = member_text(object, "status");
	word_r->who = member_text(object, "who");
	json_decref(object);
	return good;
}

gboolean
push_read(const char *body, struct push_word *word_r)
{
	*word_r = (struct push_word){ NULL };
	while (g_ascii_isspace(*body))
		body++;
	if (*body == '{')
		return read_json(body, word_r);
	word_r->desk = httpd_form(body, "desk");
	word_r->ticket = httpd_form(body, "ticket");
	word_r->status = httpd_form(body, "status");
	word_r->who = httpd_form(body, "who");
	return *body == '\0' || strchr(body, '=') != NULL;
}

/* --- who sent it --- */

static gboolean
is_token(const struct secret *token, const char *text, gsize length)
{
	return secret_equal(
	    secret_data(token), secret_length(token), text, length);
}

/* "user:password"; any user will do. */
static gboolean
is_password(const struct secret *token, const char *encoded)
{
	g_autofree guint8 *plain = NULL;
	const guint8 *colon;
	gsize length;

	plain = g_base64_decode(encoded, &length);
	colon =
	    plain == NULL || length == 0 ? NULL : memchr(plain, ':', length);
	return colon != NULL && is_token(token, (const char *)colon + 1,
				    length - (gsize)(colon + 1 - plain));
}

gboolean
push_has_token(const struct secret *token, const char *own_header,
    const char *authorization)
{
	if (own_header != NULL)
		return is_token(token, own_header, strlen(own_header));
	if (authorization == NULL)
		return FALSE;
	if (g_ascii_strncasecmp(authorization, BEARER, strlen(BEARER)) == 0) {
		authorization += strlen(BEARER);
		return is_token(token, authorization, strlen(authorization));
	}
	return g_ascii_strncasecmp(authorization, BASIC, strlen(BASIC)) == 0 &&
	       is_password(token, authorization + strlen(BASIC));
}

gboolean
push_is_signed(const struct secret *token, const char *timestamp,
    const char *signature, const char *body, gint64 now)
{
	g_autofree char *given = NULL;
	char want[WEBHOOK_SIGNATURE_TEXT];
	gint64 then;

	if (timestamp == NULL || signature == NULL ||
	    !g_ascii_string_to_signed(
		timestamp, 10, 0, G_MAXINT64 / 2, &then, NULL) ||
	    ABS(now - then) > PUSH_WINDOW)
		return FALSE;
	webhook_sign(token,
	    &(struct webhook_signed){
		timestamp, PUSH_EVENT, body, strlen(body) },
	    want);
	given = g_ascii_strdown(signature, -1);
	return secret_equal(want, strlen(want), given, strlen(given));
}

gboolean
push_is_hub_signed(
    const struct secret *token, const char *signature, const char *body)
{
	g_autofree char *digits = NULL, *want = NULL, *given = NULL;

	if (signature == NULL)
		return FALSE;
	digits = g_compute_hmac_for_string(G_CHECKSUM_SHA1, secret_data(token),
	    secret_length(token), body, -1);
	want = g_strconcat(HUB_SHA1, digits, NULL);
	given = g_ascii_strdown(signature, -1);
	return secret_equal(want, strlen(want), given, strlen(given));
}
