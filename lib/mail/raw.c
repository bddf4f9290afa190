/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ceilings on raw bytes.  A MIME parser builds objects, and hostile mail makes
 * it build many: 3 MB of tiny parts became 554 MB in GMime.  So what it is
 * given ends where a ceiling is met: fields and bytes of the header, lines of
 * part headers, lines that can be boundaries.
 */
#include "lib/mail/raw.h"

#include <string.h>

#include "lib/base/unicode.h"

/* A boundary line opens a part and the last closes all: two lines a part at
 * most, and text has lines that begin with "--" too. */
#define BOUNDARIES_PER_PART 3
#define PART_FIELDS_PER_PART 20
#define NAME_MOST 200

/* The end of the line at `at`, behind its LF. */
static const guint8 *
line_end(const guint8 *at, const guint8 *end)
{
	const guint8 *lf = memchr(at, '\n', end - at);

	return lf != NULL ? lf + 1 : end;
}

static gboolean
is_empty(const guint8 *line, const guint8 *next)
{
	return next - line <= 2 && (*line == '\n' || *line == '\r');
}

static gboolean
is_field(const guint8 *line, const guint8 *next, gsize *name_length_r)
{
	const guint8 *colon = memchr(line, ':', next - line);
	gsize length;

	if (colon == NULL || colon == line)
		return FALSE;
	length = colon - line;
	while (
	    length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
		length--;
	for (gsize i = 0; i < length; i++) {
		if (line[i] <= ' ' || line[i] >= 127)
			return FALSE;
	}
	*name_length_r = length;
	return length > 0;
}

static void
extend_last(GArray *fields, const guint8 *next)
{
	struct raw_field *last;

	if (fields->len == 0)
		return;
	last = &g_array_index(fields, struct raw_field, fields->len - 1);
	last->value_length = (const char *)next - last->value;
}

/* Reads the header's fields; returns where its empty line (or the end) is. */
static const guint8 *
read_header(const guint8 *data, const guint8 *end,
    const struct message_limits *limits, struct raw *raw)
{
	const guint8 *line = data, *next;
	gboolean cut = FALSE, taken = FALSE;

	for (; line < end; line = next) {
		gsize name_length;

		next = line_end(line, end);
		if (is_empty(line, next))
			break;
		if (*line == ' ' || *line == '\t') {
			if (taken)
				extend_last(raw->fields, next);
			continue;
		}
		taken = is_field(line, next, &name_length);
		if (!taken)
			continue;
		cut = cut || raw->fields->len >= limits->headers ||
		      (gsize)(next - data) > limits->header_bytes;
		taken = !cut;
		if (taken) {
			struct raw_field field = { (const char *)line,
				name_length,
				(const char *)memchr(line, ':', next - line) +
				    1,
				0 };

			field.value_length = (const char *)next - field.value;
			g_array_append_val(raw->fields, field);
		}
	}
	if (cut)
		raw->oddities |= MESSAGE_ODD_TRUNCATED;
	return line;
}

/* Where the body has to be cut so that parts and their fields stay within
 * limits. */
static const guint8 *
body_end(
    const guint8 *body, const guint8 *end, const struct message_limits *limits)
{
	guint boundaries = 0, fields = 0;
	gboolean in_header = FALSE, nested = FALSE;
	const guint8 *line = body, *next;

	for (; line < end; line = next) {
		next = line_end(line, end);
		if (next - line >= 3 && line[0] == '-' && line[1] == '-') {
			if (++boundaries > limits->parts * BOUNDARIES_PER_PART)
				return line;
			in_header = TRUE;
			nested = FALSE;
		} else if (in_header && is_empty(line, next)) {
			in_header = nested;
			nested = FALSE;
		} else if (in_header) {
			if (++fields > limits->parts * PART_FIELDS_PER_PART)
				return line;
			nested = nested ||
				 (next - line > 20 &&
				     g_ascii_strncasecmp((const char *)line,
					 "content-type: message/", 22) == 0);
		}
	}
	return end;
}

void
raw_read(const guint8 *data, gsize length, const struct message_limits *limits,
    struct raw *raw_r)
{
	gsize usable = MIN(length, limits->scan_bytes);
	const guint8 *end = data + usable, *header, *body;

	*raw_r = (struct raw){ 0 };
	raw_r->fields = g_array_new(FALSE, FALSE, sizeof(struct raw_field));
	header = read_header(data, end, limits, raw_r);
	body = header < end ? line_end(header, end) : end;
	raw_r->header_length = header - data;
	raw_r->body_start = body - data;
	raw_r->usable = body_end(body, end, limits) - data;
	if (raw_r->usable < length)
		raw_r->oddities |= MESSAGE_ODD_TRUNCATED;
	if (memchr(data, '\0', usable) != NULL)
		raw_r->oddities |= MESSAGE_ODD_NUL;
}

void
raw_clear(struct raw *raw)
{
	g_clear_pointer(&raw->fields, g_array_unref);
}

void
raw_ids(const char *value, guint max, GPtrArray *ids)
{
	const char *open = value;

	while (ids->len < max && (open = strchr(open, '<')) != NULL) {
		const char *close = strchr(open, '>');
		gsize length = close != NULL ? close - open - 1 : 0;

		if (close == NULL)
			return;
		if (length > 0 && length < 1000 &&
		    memchr(open + 1, '<', length) == NULL) {
			char *id = g_strndup(open + 1, length);

			g_ptr_array_add(ids, g_strstrip(id));
		}
		open = close + 1;
	}
}

/* Neither seen nor harmless in a name. */
static gboolean
is_unsafe(gunichar c)
{
	return !g_unichar_isprint(c) || g_unichar_iszerowidth(c) ||
	       g_unichar_type(c) == G_UNICODE_FORMAT || c == '/' || c == '\\' ||
	       c == ':' || c == '*' || c == '?' || c == '"' || c == '<' ||
	       c == '>' || c == '|';
}

/* Keeps the ending when the name is too long. */
static void
shorten(GString *name)
{
	g_autofree char *ending = NULL;
	const char *dot = strrchr(name->str, '.');

	if (name->len <= NAME_MOST)
		return;
	if (dot != NULL && strlen(dot) <= 16)
		ending = g_strdup(dot);
	unicode_cut(
	    name->str, NAME_MOST - (ending != NULL ? strlen(ending) : 0));
	g_string_set_size(name, strlen(name->str));
	if (ending != NULL)
		g_string_append(name, ending);
}

char *
raw_safe_name(const char *name)
{
	g_autofree char *valid = unicode_repair(name, -1);
	g_autoptr(GString) safe = g_string_new(NULL);
	const char *base = valid;

	for (const char *at = valid; *at != '\0'; at++) {
		if ((*at == '/' || *at == '\\') && at[1] != '\0')
			base = at + 1;
	}
	for (; *base != '\0'; base = g_utf8_next_char(base)) {
		gunichar c = g_utf8_get_char(base);

		if (g_unichar_isspace(c))
			g_string_append_c(safe, ' ');
		else if (!is_unsafe(c) && !(safe->len == 0 && c == '.'))
			g_string_append_unichar(safe, c);
	}
	g_strstrip(safe->str);
	g_string_set_size(safe, strlen(safe->str));
	shorten(safe);
	return safe->len > 0 ? g_strdup(safe->str) : NULL;
}
