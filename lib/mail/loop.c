/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The few header fields that make a message's identity, from raw bytes.  No
 * MIME parser: the process that speaks to the MTA reads these.
 */
#include "lib/mail/loop.h"

#include <string.h>

/* A field is cut here: identity needs no more, and a hostile one costs no more.
 */
#define FIELD_MOST 4096

/* The end of the field that starts at `at`: behind the last line that belongs
 * to it. */
static const char *
field_end(const char *at, const char *end)
{
	for (;;) {
		const char *line = memchr(at, '\n', end - at);

		if (line == NULL)
			return end;
		at = line + 1;
		if (at == end || (*at != ' ' && *at != '\t'))
			return at;
	}
}

/* The value with folds as one blank and ends trimmed. */
static char *
unfold(const char *value, gsize length)
{
	GString *text = g_string_sized_new(MIN(length, FIELD_MOST));
	gboolean blank = FALSE;

	for (gsize i = 0; i < length && text->len < FIELD_MOST; i++) {
		if (value[i] == '\0' || strchr(" \t\r\n", value[i]) != NULL) {
			blank = text->len > 0;
			continue;
		}
		if (blank)
			g_string_append_c(text, ' ');
		blank = FALSE;
		g_string_append_c(text, value[i]);
	}
	return g_string_free(text, FALSE);
}

static void
take(char **slot, const char *value, gsize length)
{
	if (*slot == NULL)
		*slot = unfold(value, length);
}

/* "<a@b>" to "a@b"; empty to NULL. */
static void
strip_brackets(char **id)
{
	char *open, *close;

	if (*id == NULL)
		return;
	open = strchr(*id, '<');
	close = open != NULL ? strchr(open, '>') : NULL;
	if (close != NULL) {
		*close = '\0';
		memmove(*id, open + 1, strlen(open + 1) + 1);
	}
	g_strstrip(*id);
	if (**id == '\0')
		g_clear_pointer(id, g_free);
}

void
loop_headers_read(
    const char *block, gsize length, struct loop_headers *headers_r)
{
	const struct {
		const char *name;
		char **slot;
	} wanted[] = {
		{ "Message-ID", &headers_r->message_id },
		{ "From", &headers_r->from },
		{ "Date", &headers_r->date },
		{ "Subject", &headers_r->subject },
	};
	const char *at = block, *end = block + length;

	*headers_r = (struct loop_headers){ 0 };
	while (at < end) {
		const char *next = field_end(at, end);
		const char *colon = memchr(at, ':', next - at);
		gsize name = colon != NULL ? colon - at : 0;

		while (
		    name > 0 && (at[name - 1] == ' ' || at[name - 1] == '\t'))
			name--;
		for (gsize i = 0; name > 0 && i < G_N_ELEMENTS(wanted); i++) {
			if (strlen(wanted[i].name) == name &&
			    g_ascii_strncasecmp(at, wanted[i].name, name) == 0)
				take(wanted[i].slot, colon + 1,
				    next - colon - 1);
		}
		at = next;
	}
	strip_brackets(&headers_r->message_id);
}

void
loop_headers_clear(struct loop_headers *headers)
{
	g_clear_pointer(&headers->message_id, g_free);
	g_clear_pointer(&headers->from, g_free);
	g_clear_pointer(&headers->date, g_free);
	g_clear_pointer(&headers->subject, g_free);
}

gboolean
loop_id_is_mtas(
    const char *message_id, const char *queue_id, const char *mta_name)
{
	return message_id != NULL && queue_id != NULL && mta_name != NULL &&
	       *queue_id != '\0' && *mta_name != '\0' &&
	       strstr(message_id, queue_id) != NULL &&
	       strstr(message_id, mta_name) != NULL;
}
