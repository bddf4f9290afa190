/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Undoing what filters do to a message: see pristine.h. */
#include "tools/pristine.h"

#include <string.h>

#include "lib/base/unicode.h"
#include "lib/mail/message.h"
#include "lib/mail/raw.h"

/* RFC 2046, 5.1.1, allows 70. */
#define BOUNDARY_MOST 200
/* Bytes of a part's header. */
#define PART_HEADER_MOST 2000

static const struct raw_field *
find_field(const struct raw *raw, const char *name)
{
	for (guint i = 0; i < raw->fields->len; i++) {
		const struct raw_field *field =
		    &g_array_index(raw->fields, struct raw_field, i);

		if (field->name_length == strlen(name) &&
		    g_ascii_strncasecmp(
			field->name, name, field->name_length) == 0)
			return field;
	}
	return NULL;
}

/* --- the report --- */

/* "--BOUNDARY", or NULL when the message is no report of SpamAssassin. */
static char *
report_delimiter(const struct raw *raw)
{
	static const char name[] = "boundary=\"";
	const struct raw_field *type = find_field(raw, "Content-Type");
	g_autofree char *text = NULL;
	const char *at;
	gsize length;

	if (find_field(raw, "X-Spam-Checker-Version") == NULL || type == NULL)
		return NULL;
	text = unicode_repair(type->value, (gssize)type->value_length);
	at = strstr(text, name);
	if (at == NULL || strstr(text, "multipart/mixed") == NULL)
		return NULL;
	at += strlen(name);
	length = strcspn(at, "\"");
	if (length == 0 || length > BOUNDARY_MOST)
		return NULL;
	return g_strdup_printf("--%.*s", (int)length, at);
}

/* The next line that is the delimiter, or NULL. */
static const char *
next_delimiter(const char *at, const char *end, const char *delimiter)
{
	gsize length = strlen(delimiter);

	while (at < end) {
		if ((gsize)(end - at) >= length &&
		    memcmp(at, delimiter, length) == 0)
			return at;
		at = memchr(at, '\n', end - at);
		if (at == NULL)
			return NULL;
		at++;
	}
	return NULL;
}

/* Behind the empty line that ends a part's header, when it is the original as
 * it stood; or NULL. */
static const char *
original_begins(const char *part, const char *end)
{
	gsize most = MIN((gsize)(end - part), PART_HEADER_MOST);
	g_autofree char *header = g_strndup(part, most);
	char *stop = strstr(header, "\n\n"), *stop_crlf;
	gsize length;

	stop_crlf = strstr(header, "\n\r\n");
	if (stop == NULL || (stop_crlf != NULL && stop_crlf < stop))
		stop = stop_crlf;
	if (stop == NULL)
		return NULL;
	length = stop - header + (stop == stop_crlf ? 3 : 2);
	*stop = '\0';
	if (strstr(header, "x-spam-type=original") == NULL ||
	    strstr(header, "base64") != NULL ||
	    strstr(header, "quoted-printable") != NULL)
		return NULL;
	return part + length;
}

/* A reference to what stands in the report, or NULL. */
static GBytes *
unwrap(GBytes *message, const struct raw *raw)
{
	g_autofree char *delimiter = report_delimiter(raw);
	gsize length;
	const char *data = g_bytes_get_data(message, &length);
	const char *end = data + length, *part;

	if (delimiter == NULL)
		return NULL;
	part = next_delimiter(data + raw->body_start, end, delimiter);
	while (part != NULL) {
		const char *begin = part + strlen(delimiter);
		const char *stop = next_delimiter(begin, end, delimiter);
		const char *inner;

		if (stop == NULL)
			return NULL;
		inner = original_begins(begin, stop);
		if (inner != NULL && inner < stop)
			return g_bytes_new_from_bytes(
			    message, inner - data, stop - inner);
		part = stop;
	}
	return NULL;
}

/* --- the subject --- */

/* Where the subject's text begins that is to be kept: the same field, or
 * X-Spam-Prev-Subject's.  NULL when it is as it was. */
static const char *
kept_subject(const struct raw_field *subject, const struct raw_field *previous,
    const char *tag, gsize *length_r)
{
	const char *at = subject->value;
	const char *end = at + subject->value_length;

	if (previous != NULL) {
		*length_r = previous->value_length;
		return previous->value;
	}
	if (tag == NULL || *tag == '\0')
		return NULL;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	if ((gsize)(end - at) < strlen(tag) ||
	    memcmp(at, tag, strlen(tag)) != 0)
		return NULL;
	at += strlen(tag);
	*length_r = end - at;
	return at;
}

/* A message with another subject, or NULL. */
static GBytes *
restore_subject(GBytes *message, const char *tag)
{
	gsize length, kept_length;
	const guint8 *data = g_bytes_get_data(message, &length);
	const struct raw_field *subject;
	const char *kept = NULL;
	GByteArray *bytes = NULL;
	struct raw raw;

	raw_read(data, length, &message_limits_default, &raw);
	subject = find_field(&raw, "Subject");
	if (subject != NULL)
		kept = kept_subject(subject,
		    find_field(&raw, "X-Spam-Prev-Subject"), tag, &kept_length);
	if (kept != NULL) {
		gsize before = (const guint8 *)subject->value - data;
		gsize behind = before + subject->value_length;

		bytes = g_byte_array_sized_new(length);
		g_byte_array_append(bytes, data, before);
		if (kept_length > 0 && *kept != ' ' && *kept != '\t')
			g_byte_array_append(bytes, (const guint8 *)" ", 1);
		g_byte_array_append(bytes, (const guint8 *)kept, kept_length);
		g_byte_array_append(bytes, data + behind, length - behind);
	}
	raw_clear(&raw);
	return bytes != NULL ? g_byte_array_free_to_bytes(bytes) : NULL;
}

GBytes *
pristine_message(GBytes *message, const char *tag, guint *done_r)
{
	g_autoptr(GBytes) whole = NULL;
	GBytes *restored;
	gsize length;
	const guint8 *data = g_bytes_get_data(message, &length);
	guint done = 0;
	struct raw raw;

	if (length > 0) {
		raw_read(data, length, &message_limits_default, &raw);
		whole = unwrap(message, &raw);
		raw_clear(&raw);
	}
	if (whole != NULL)
		done |= PRISTINE_UNWRAPPED;
	else
		whole = g_bytes_ref(message);
	restored = length > 0 ? restore_subject(whole, tag) : NULL;
	if (restored != NULL)
		done |= PRISTINE_SUBJECT;
	if (done_r != NULL)
		*done_r = done;
	return restored != NULL ? restored : g_steal_pointer(&whole);
}
