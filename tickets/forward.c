/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The first block of header lines is the message; a mark above it, with nothing
 * but empty lines and rules between, says that it was forwarded.
 */
#include "tickets/forward.h"

#include <string.h>

#include "lib/base/owned.h"
#include "lib/base/unicode.h"
#include "lib/mail/addr.h"
#include "tickets/reply_lines.h"

/* Bytes of a field's value. */
#define VALUE_MOST 998

/* Behind the colon of a header line, in either width, without asterisks. */
static const char *
value_of(const struct reply_line *line, gsize *length_r)
{
	const char *end = line->at + line->length;
	const char *colon = g_strstr_len(line->at, line->length, ":");
	const char *wide = g_strstr_len(line->at, line->length, "：");

	if (wide != NULL && (colon == NULL || wide < colon))
		colon = wide + strlen("：") - 1;
	colon = colon != NULL ? colon + 1 : end;
	while (colon < end && (*colon == '*' || g_ascii_isspace(*colon)))
		colon++;
	*length_r = end - colon;
	return colon;
}

/* The field's value, its continued lines too; NULL when it is not there. */
static char *
read_field(const struct reply_lines *lines, guint from, guint to,
    enum reply_field field)
{
	g_autoptr(GString) value = NULL;

	for (guint i = from; i < to; i++) {
		const struct reply_line *line = &lines->line[i];
		const char *at = line->at;
		gsize length = line->length;

		if (line->field == field && value == NULL) {
			at = value_of(line, &length);
			value = g_string_new_len(at, length);
		} else if (line->field == REPLY_FIELD_NONE && value != NULL) {
			g_string_append_c(value, ' ');
			g_string_append_len(value, at, length);
		} else if (value != NULL) {
			break;
		}
	}
	return value != NULL ? unicode_line(value->str, VALUE_MOST) : NULL;
}

/* "Ann <ann@example.com>", "Ann [mailto:ann@example.com]" */
static void
read_from(struct forward *forward, const char *value)
{
	struct addr *addr = value != NULL ? addr_repair(value) : NULL;

	if (addr != NULL && addr_valid(addr->address)) {
		forward->address = g_strdup(addr->address);
		forward->name = g_strdup(addr->name);
	} else {
		forward->name = g_strdup(value != NULL ? value : "");
	}
	if (addr != NULL)
		addr_free(addr);
}

/* Without the empty lines around it. */
static char *
text_between(const char *from, const char *to)
{
	while (from < to && *from == '\n')
		from++;
	return g_strchomp(g_strndup(from, to - from));
}

/* Where the mark above the header at `first` is, or `first` itself. */
static guint
mark_above(const struct reply_lines *lines, guint first, gboolean *marked_r)
{
	guint above = first;

	while (above > 0) {
		const struct reply_line *line = &lines->line[above - 1];

		if (line->kind == REPLY_MARK) {
			*marked_r = line->mark == REPLY_MARK_FORWARD;
			return above - 1;
		}
		if (line->kind != REPLY_EMPTY && line->kind != REPLY_RULE)
			return first;
		above--;
	}
	return first;
}

static struct forward *
take(const struct reply_lines *lines, const char *text, guint first, guint end)
{
	struct forward *forward = g_new0(struct forward, 1);
	guint top = mark_above(lines, first, &forward->marked);
	g_autofree char *from = read_field(lines, first, end, REPLY_FIELD_FROM);
	const struct reply_line *last = &lines->line[end - 1];
	const char *stop = text + strlen(text);

	read_from(forward, from);
	forward->date = read_field(lines, first, end, REPLY_FIELD_DATE);
	forward->to = read_field(lines, first, end, REPLY_FIELD_TO);
	forward->subject = read_field(lines, first, end, REPLY_FIELD_SUBJECT);
	forward->before = text_between(text, lines->line[top].at);
	forward->body = text_between(last->at + last->length, stop);
	return forward;
}

static struct forward *
find_in(const char *text)
{
	struct reply_lines *lines OWNED(reply_lines_free) =
	    reply_lines_read(text, NULL);

	for (guint i = 0; i < lines->count; i++) {
		guint end = i;

		while (
		    end < lines->count && lines->line[end].kind == REPLY_HEADER)
			end++;
		if (end > i)
			return take(lines, text, i, end);
	}
	return NULL;
}

/* One sign of quoting less at the start of each line, and the blank behind it.
 */
static char *
without_quotes(const char *text)
{
	GString *out = g_string_sized_new(strlen(text));

	while (*text != '\0') {
		gsize skip = *text != '>' ? 0 : text[1] == ' ' ? 2 : 1;
		gsize length = strcspn(text + skip, "\n");

		g_string_append_len(out, text + skip, length);
		text += skip + length;
		if (*text == '\n')
			g_string_append_c(out, *text++);
	}
	return g_string_free(out, FALSE);
}

struct forward *
forward_find(const char *text)
{
	struct forward *forward = find_in(text);
	g_autofree char *plain = NULL;

	if (forward != NULL || strchr(text, '>') == NULL)
		return forward;
	plain = without_quotes(text);
	forward = find_in(plain);
	if (forward != NULL && !forward->marked)
		forward_free(&forward);
	return forward;
}

void
forward_free(struct forward **forward)
{
	struct forward *it = *forward;

	if (it == NULL)
		return;
	g_free(it->before);
	g_free(it->address);
	g_free(it->name);
	g_free(it->date);
	g_free(it->to);
	g_free(it->subject);
	g_free(it->body);
	g_clear_pointer(forward, g_free);
}

gboolean
forward_subject(const char *subject)
{
	g_autofree char *folded = reply_words_fold(subject, strlen(subject));

	return reply_words_prefix(folded) == REPLY_PREFIX_FORWARD;
}
