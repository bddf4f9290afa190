/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message's bytes before any MIME parser sees them: its fields, within
 * ceilings, and where its body is (ceiling.c says how much of that is read).
 *
 * Real mail breaks the header in two ways: lines that are no fields stand
 * within it, and the body follows without an empty line.  Neither may cost the
 * text, so the first line that is no field ends the header unless real fields
 * follow it.
 */
#include "lib/mail/raw.h"

#include <string.h>

#include "lib/base/unicode.h"
#include "lib/mail/ceiling.h"

#define NAME_MOST 200
#define ID_MOST 1000
#define TYPE_MOST 128
#define FIELDS_USUAL 48
/* Lines that are looked ahead for fields, and how often. */
#define LINES_AHEAD 100
#define STRANGE_MOST 20

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

static gboolean
is_fold(const guint8 *line)
{
	return *line == ' ' || *line == '\t';
}

/* A name that no text would begin a line with. */
static gboolean
is_mail_field(const guint8 *line, gsize length)
{
	static const char *const names[] = { "From", "To", "Cc", "Subject",
		"Date", "Message-ID", "Received", "Return-Path", "Reply-To",
		"MIME-Version", "Content-Type", "Content-Transfer-Encoding",
		"Content-Disposition", "In-Reply-To", "References" };

	if (length > 2 && (line[0] == 'X' || line[0] == 'x') && line[1] == '-')
		return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		if (strlen(names[i]) == length &&
		    g_ascii_strncasecmp((const char *)line, names[i], length) ==
			0)
			return TRUE;
	}
	return FALSE;
}

/* Whether fields of a mail stand between here and the next empty line. */
static gboolean
fields_follow(const guint8 *line, const guint8 *end)
{
	const guint8 *next;

	for (guint i = 0; line < end && i < LINES_AHEAD; line = next, i++) {
		gsize length;

		next = line_end(line, end);
		if (is_empty(line, next))
			return FALSE;
		if (is_field(line, next, &length) &&
		    is_mail_field(line, length))
			return TRUE;
	}
	return FALSE;
}

struct reading {
	const guint8 *data, *end;
	const struct message_limits *limits;
	struct raw *raw;
	gboolean cut;   /* a ceiling was met */
	gboolean taken; /* the field that a fold belongs to was taken */
	guint strange;  /* lines that are no fields */
};

/* A field's value ends at the ceiling on the header's bytes. */
static const guint8 *
clip(struct reading *reading, const guint8 *next)
{
	gsize most = reading->limits->header_bytes;

	if ((gsize)(next - reading->data) <= most)
		return next;
	reading->cut = TRUE;
	return reading->data + most;
}

static void
take_field(struct reading *reading, const guint8 *line, const guint8 *next,
    gsize name_length)
{
	const guint8 *value =
	    (const guint8 *)memchr(line, ':', next - line) + 1;
	const guint8 *end = clip(reading, next);
	struct raw_field field = { (const char *)line, name_length,
		(const char *)value, end - value };

	reading->taken = value <= end &&
			 reading->raw->fields->len < reading->limits->headers;
	if (reading->taken)
		g_array_append_val(reading->raw->fields, field);
	else
		reading->cut = TRUE;
}

/* FALSE when the body begins with this line. */
static gboolean
read_line(struct reading *reading, const guint8 *line, const guint8 *next)
{
	gsize name_length;

	if (is_fold(line)) {
		if (reading->taken && line < clip(reading, next))
			extend_last(reading->raw->fields, clip(reading, next));
		return TRUE;
	}
	if (is_field(line, next, &name_length)) {
		take_field(reading, line, next, name_length);
		return TRUE;
	}
	reading->taken = FALSE;
	/* The line that a mailbox puts in front. */
	if (line == reading->data && next - line > 5 &&
	    (memcmp(line, "From ", 5) == 0 || memcmp(line, ">From", 5) == 0))
		return TRUE;
	return reading->strange++ < STRANGE_MOST &&
	       fields_follow(next, reading->end);
}

/* Reads the header's fields; returns where its empty line (or the end, or the
 * body) is. */
static const guint8 *
read_header(const guint8 *data, const guint8 *end,
    const struct message_limits *limits, struct raw *raw)
{
	struct reading reading = { data, end, limits, raw };
	const guint8 *line = data, *next;

	for (; line < end; line = next) {
		next = line_end(line, end);
		if (is_empty(line, next) || !read_line(&reading, line, next))
			break;
	}
	if (reading.cut)
		raw->oddities |= MESSAGE_ODD_TRUNCATED;
	return line;
}

/* CRLF and bare LF side by side: of the body, since a mail system may hand over
 * the header's folds with LF alone. */
static gboolean
mixes_line_ends(const guint8 *body, const guint8 *end)
{
	gboolean bare = FALSE, full = FALSE;

	if (memchr(body, '\r', end - body) == NULL)
		return FALSE;
	for (const guint8 *lf = body;
	     (lf = memchr(lf, '\n', end - lf)) != NULL && !(bare && full);
	     lf++) {
		if (lf > body && lf[-1] == '\r')
			full = TRUE;
		else
			bare = TRUE;
	}
	return bare && full;
}

void
raw_read(const guint8 *data, gsize length, const struct message_limits *limits,
    struct raw *raw_r)
{
	gsize usable = MIN(length, limits->scan_bytes);
	const guint8 *end = data + usable, *header, *body;

	*raw_r = (struct raw){ 0 };
	raw_r->fields = g_array_sized_new(
	    FALSE, FALSE, sizeof(struct raw_field), FIELDS_USUAL);
	header = read_header(data, end, limits, raw_r);
	body = header < end && is_empty(header, line_end(header, end))
		   ? line_end(header, end)
		   : header;
	raw_r->header_length = header - data;
	raw_r->body_start = body - data;
	raw_r->usable = ceiling_body_end(data, body, end, limits) - data;
	if (mixes_line_ends(body, end))
		raw_r->oddities |= MESSAGE_ODD_BARE_LF;
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

/* An id as text: valid, without the blanks that folding put into it. */
static char *
id_text(const char *from, gsize length)
{
	char *id = unicode_repair(from, (gssize)length);
	char *to = id;

	for (const char *at = id; *at != '\0'; at++) {
		if (!g_ascii_isspace(*at))
			*to++ = *at;
	}
	*to = '\0';
	if (*id == '\0')
		g_clear_pointer(&id, g_free);
	return id;
}

static void
add_id(const char *from, gsize length, GPtrArray *ids)
{
	char *id = length < ID_MOST ? id_text(from, length) : NULL;

	if (id != NULL)
		g_ptr_array_add(ids, id);
}

/* Some programs leave the brackets out: words with an @ are ids then. */
static void
bare_ids(const char *value, guint max, GPtrArray *ids)
{
	while (*value != '\0' && ids->len < max) {
		gsize blank = strspn(value, " \t\r\n,;\"");
		gsize length = strcspn(value + blank, " \t\r\n,;\"");

		if (memchr(value + blank, '@', length) != NULL)
			add_id(value + blank, length, ids);
		value += blank + length;
	}
}

void
raw_ids(const char *value, guint max, GPtrArray *ids)
{
	const char *open = value;

	if (strchr(value, '<') == NULL) {
		bare_ids(value, max, ids);
		return;
	}
	while (ids->len < max && (open = strchr(open, '<')) != NULL) {
		const char *close = strchr(open, '>');

		if (close == NULL)
			return;
		if (memchr(open + 1, '<', close - open - 1) == NULL)
			add_id(open + 1, close - open - 1, ids);
		open++;
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
		else if (!is_unsafe(c))
			g_string_append_unichar(safe, c);
	}
	g_string_erase(safe, 0, (gssize)strspn(safe->str, ". "));
	shorten(safe);
	while (safe->len > 0 && strchr(". ", safe->str[safe->len - 1]) != NULL)
		g_string_truncate(safe, safe->len - 1);
	return safe->len > 0 ? g_strdup(safe->str) : NULL;
}

/* Signs of a token (RFC 2045 5.1), one slash between two of them. */
static gboolean
is_type(const char *type)
{
	const char *slash = strchr(type, '/');

	for (const char *at = type; *at != '\0'; at++) {
		if (!g_ascii_isgraph(*at) ||
		    strchr("()<>@,;:\\\"[]?=", *at) != NULL ||
		    (*at == '/' && at != slash))
			return FALSE;
	}
	return slash != NULL && slash != type && slash[1] != '\0' &&
	       strlen(type) < TYPE_MOST;
}

/* Behind a string in quotes or a comment that begins at `at`, or `at`. */
static const char *
skip_quoted(const char *at)
{
	char end = *at == '"' ? '"' : ')';

	if (*at != '"' && *at != '(')
		return at;
	for (at++; *at != '\0' && *at != end; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
	}
	return *at == '\0' ? at : at + 1;
}

/* Whether `parameter`, or its first piece, is what a value is given to. */
static gboolean
is_parameter(const char *at, const char *parameter)
{
	gsize length = strlen(parameter);

	if (g_ascii_strncasecmp(at, parameter, length) != 0)
		return FALSE;
	at += length;
	if (*at == '*') {
		at += at[1] == '0' ? 2 : 1;
		at += *at == '*';
	}
	return at[strspn(at, " \t\r\n")] == '=';
}

gboolean
raw_twice(const char *field, const char *parameter)
{
	guint found = 0;

	while (field != NULL && *field != '\0') {
		const char *behind = skip_quoted(field);

		if (behind != field) {
			field = behind;
			continue;
		}
		if (*field++ != ';')
			continue;
		field += strspn(field, " \t\r\n");
		while (*field == '(') {
			field = skip_quoted(field);
			field += strspn(field, " \t\r\n");
		}
		found += is_parameter(field, parameter);
	}
	return found > 1;
}

char *
raw_type(const char *type, const char *field)
{
	/* "text" alone, which old programs write, is plain text. */
	if (field != NULL && strcmp(type, "application/octet-stream") == 0 &&
	    g_ascii_strncasecmp(field + strspn(field, " \t\r\n"), "text", 4) ==
		0)
		return g_strdup("text/plain");
	return is_type(type) ? g_ascii_strdown(type, -1)
			     : g_strdup("application/octet-stream");
}
