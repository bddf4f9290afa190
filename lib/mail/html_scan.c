/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HTML read byte by byte.
 *
 * The parser compares each attribute of a tag with all before it: 1 MB of them
 * took 3 seconds.  So tags are counted before it sees them, by its own grammar
 * (libxml2 2.9, htmlParseStartTag), from each "<" anew, since what stands in a
 * comment or a quoted value may look like a tag that never ends.  What the
 * parser is not given, or gave up, is read here: without structure, but no text
 * and no link of it is lost.
 */
#include "lib/mail/html_scan.h"

#include <stdlib.h>
#include <string.h>

#define ATTRIBUTES_MOST 256
/* Bytes read again and again, for each of the source: above it somebody plays
 * tricks. */
#define READ_AGAIN 8
#define LINK_MOST 4096

struct scan {
	const char *at, *end;
};

struct attribute {
	const char *name, *value;
	gsize name_length, value_length;
};

static gboolean
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static gboolean
is_name_start(char c)
{
	return g_ascii_isalpha(c) || c == '_' || c == ':' || c == '.';
}

static gboolean
is_name(char c)
{
	return is_name_start(c) || g_ascii_isdigit(c) || c == '-';
}

static void
skip_blanks(struct scan *scan)
{
	while (scan->at < scan->end && is_blank(*scan->at))
		scan->at++;
}

static gboolean
at_tag_end(const struct scan *scan)
{
	return scan->at[0] == '>' ||
	       (scan->at[0] == '/' && scan->at + 1 < scan->end &&
		   scan->at[1] == '>');
}

static gsize
read_name(struct scan *scan)
{
	const char *start = scan->at;

	while (scan->at < scan->end && is_name(*scan->at))
		scan->at++;
	return scan->at - start;
}

static void
read_value(struct scan *scan, struct attribute *attribute)
{
	const char *close;

	skip_blanks(scan);
	if (scan->at == scan->end || *scan->at != '=')
		return;
	scan->at++;
	skip_blanks(scan);
	if (scan->at == scan->end)
		return;
	attribute->value = scan->at;
	if (*scan->at == '"' || *scan->at == '\'') {
		attribute->value++;
		close = memchr(
		    attribute->value, *scan->at, scan->end - attribute->value);
		attribute->value_length =
		    (close != NULL ? close : scan->end) - attribute->value;
		scan->at = close != NULL ? close + 1 : scan->end;
		return;
	}
	while (scan->at < scan->end && !is_blank(*scan->at) && *scan->at != '>')
		scan->at++;
	attribute->value_length = scan->at - attribute->value;
}

/* FALSE at the tag's end, with scan->at behind it. */
static gboolean
next_attribute(struct scan *scan, struct attribute *attribute_r)
{
	for (;;) {
		skip_blanks(scan);
		if (scan->at == scan->end)
			return FALSE;
		if (at_tag_end(scan)) {
			scan->at += *scan->at == '/' ? 2 : 1;
			return FALSE;
		}
		if (is_name_start(*scan->at))
			break;
		while (scan->at < scan->end && !is_blank(*scan->at) &&
		       !at_tag_end(scan))
			scan->at++;
	}
	*attribute_r = (struct attribute){ .name = scan->at };
	attribute_r->name_length = read_name(scan);
	read_value(scan, attribute_r);
	return TRUE;
}

gsize
html_scan_sane(const char *source, gsize length)
{
	const char *end = source + length, *open = source;
	gsize budget = READ_AGAIN * length;

	while ((open = memchr(open, '<', end - open)) != NULL) {
		struct scan scan = { open + 1, end };
		struct attribute attribute;
		guint attributes = 0;
		gsize spent;

		if (read_name(&scan) > 0) {
			while (attributes <= ATTRIBUTES_MOST &&
			       next_attribute(&scan, &attribute))
				attributes++;
			spent = scan.at - open;
			if (attributes > ATTRIBUTES_MOST || spent > budget)
				return open - source;
			budget -= spent;
		}
		open++;
	}
	return length;
}

/* --- the rest --- */

static gboolean
name_is(const char *name, gsize length, const char *wanted)
{
	return strlen(wanted) == length &&
	       g_ascii_strncasecmp(name, wanted, length) == 0;
}

/* Behind the next `mark` (ASCII case does not matter), or the end. */
static const char *
behind(const char *at, const char *end, const char *mark)
{
	gsize length = strlen(mark);

	for (; at + length <= end; at++) {
		at = memchr(at, mark[0], end - at);
		if (at == NULL || at + length > end)
			return end;
		if (g_ascii_strncasecmp(at, mark, length) == 0)
			return at + length;
	}
	return end;
}

static void
take_link(const struct attribute *attribute, GPtrArray *links, guint most)
{
	if (attribute->value_length > 0 &&
	    attribute->value_length < LINK_MOST && links->len < most &&
	    (name_is(attribute->name, attribute->name_length, "href") ||
		name_is(attribute->name, attribute->name_length, "src") ||
		name_is(attribute->name, attribute->name_length, "action")))
		g_ptr_array_add(links,
		    g_strndup(attribute->value, attribute->value_length));
}

/* --- comments --- */

/* `length` bytes that are no text to anyone: "<?xx?>". */
static void
blank_out(char *at, gsize length)
{
	memset(at, 'x', length);
	memcpy(at, "<?", 2);
	memcpy(at + length - 2, "?>", 2);
}

/* Behind the comment whose text begins at `at`; its end is made one that the
 * parser knows. */
static char *
mend_end(char *at, char *end, gboolean *mended)
{
	while ((at = memmem(at, end - at, "--", 2)) != NULL) {
		if (end - at >= 3 && at[2] == '>')
			return at + 3;
		if (end - at >= 4 && at[2] == '!' && at[3] == '>') {
			memcpy(at, " -->", 4);
			*mended = TRUE;
			return at + 4;
		}
		at++;
	}
	return end;
}

char *
html_scan_comments(const char *source, gsize length)
{
	g_autofree char *copy = NULL;
	gboolean mended = FALSE;
	char *at, *end;

	if (memmem(source, length, "<!--", 4) == NULL)
		return NULL;
	copy = g_strndup(source, length);
	end = copy + length;
	for (at = copy; (at = memmem(at, end - at, "<!--", 4)) != NULL;) {
		gsize dash = end - at >= 6 && at[4] == '-';

		if (end - at >= 5 && at[4 + dash] == '>') {
			blank_out(at, 5 + dash);
			at += 5 + dash;
			mended = TRUE;
		} else {
			at = mend_end(at + 4, end, &mended);
		}
	}
	return mended ? g_steal_pointer(&copy) : NULL;
}

/* From "<" to behind the tag. */
static const char *
read_tag(const char *open, const char *end, GString *text, GPtrArray *links,
    guint most)
{
	struct scan scan = { open + 1, end };
	struct attribute attribute;
	gboolean closing = scan.at < end && *scan.at == '/';
	const char *name;
	gsize length;

	if (end - open >= 4 && memcmp(open, "<!--", 4) == 0)
		return behind(open + 4, end, "-->");
	if (scan.at < end && (*scan.at == '!' || *scan.at == '?'))
		return behind(open, end, ">");
	scan.at += closing;
	name = scan.at;
	length = read_name(&scan);
	if (length == 0) {
		g_string_append_c(text, '<');
		return open + 1;
	}
	while (next_attribute(&scan, &attribute))
		take_link(&attribute, links, most);
	if (!closing && name_is(name, length, "script"))
		return behind(scan.at, end, "</script");
	if (!closing && name_is(name, length, "style"))
		return behind(scan.at, end, "</style");
	/* Words of neighbours stay apart; inline tags stand within words. */
	if ((length > 1 || g_ascii_tolower(*name) == 'p') && text->len > 0 &&
	    !g_ascii_isspace(text->str[text->len - 1]))
		g_string_append_c(text, ' ');
	return scan.at;
}

/* From "&" to behind the entity. */
static const char *
read_entity(const char *at, const char *end, GString *text)
{
	static const struct {
		const char *name, *means;
	} known[] = { { "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" },
		{ "&quot;", "\"" }, { "&nbsp;", " " } };
	gsize left = end - at;
	guint64 code = 0;
	char *stop = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
		gsize length = strlen(known[i].name);

		if (left >= length && memcmp(at, known[i].name, length) == 0) {
			g_string_append(text, known[i].means);
			return at + length;
		}
	}
	if (left > 3 && at[1] == '#' && g_ascii_isdigit(at[2]))
		code = g_ascii_strtoull(at + 2, &stop, 10);
	if (code >= 0x20 && code <= 0x10ffff &&
	    g_unichar_validate((gunichar)code) && stop < end && *stop == ';') {
		g_string_append_unichar(text, (gunichar)code);
		return stop + 1;
	}
	g_string_append_c(text, '&');
	return at + 1;
}

void
html_scan_rest(const char *source, gsize length, GString *text,
    gsize text_bytes, GPtrArray *links, guint most)
{
	const char *at = source, *end = source + length;

	while (at < end && text->len < text_bytes) {
		if (*at == '<') {
			at = read_tag(at, end, text, links, most);
		} else if (*at == '&') {
			at = read_entity(at, end, text);
		} else {
			g_string_append_c(text, *at == '\r' ? ' ' : *at);
			at++;
		}
	}
}

/* --- styles --- */

/* "0", "0px", "1 px", "0.0em": too small to be seen; "0.9em" is not. */
static gboolean
is_tiny(const char *value)
{
	char *unit;
	double number = g_ascii_strtod(value, &unit);

	if (unit == value)
		return FALSE;
	while (is_blank(*unit))
		unit++;
	return number <= 0 ||
	       (number <= 1 && (g_ascii_strncasecmp(unit, "px", 2) == 0 ||
				   g_ascii_strncasecmp(unit, "pt", 2) == 0));
}

static gboolean
declaration_hides(const char *name, gsize length, const char *value)
{
	static const struct {
		const char *name, *value; /* NULL: too small */
	} hiding[] = { { "display", "none" }, { "visibility", "hidden" },
		{ "mso-hide", "all" }, { "font-size", NULL },
		{ "max-height", NULL } };

	while (is_blank(*value))
		value++;
	/* Opacity has no unit, and 1 is all of it. */
	if (name_is(name, length, "opacity"))
		return g_ascii_isdigit(*value) &&
		       g_ascii_strtod(value, NULL) <= 0.01;
	for (gsize i = 0; i < G_N_ELEMENTS(hiding); i++) {
		if (!name_is(name, length, hiding[i].name))
			continue;
		if (hiding[i].value == NULL)
			return is_tiny(value);
		return g_ascii_strncasecmp(value, hiding[i].value,
			   strlen(hiding[i].value)) == 0;
	}
	return FALSE;
}

gboolean
html_style_hides(const char *style)
{
	while (style != NULL && *style != '\0') {
		gsize length;

		while (is_blank(*style) || *style == ';')
			style++;
		length = strcspn(style, ": \t\r\n;");
		if (style[length + strspn(style + length, " \t\r\n")] == ':' &&
		    declaration_hides(
			style, length, strchr(style + length, ':') + 1))
			return TRUE;
		style = strchr(style, ';');
	}
	return FALSE;
}
