/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The best body.  Of a multipart/alternative one branch speaks: the first that
 * has plain text, else the first that has HTML.  What stands outside of one is
 * all shown, in order: a list's footer below an HTML letter must not hide the
 * letter.  Some programs send the same text as plain and HTML side by side; it
 * is shown once.
 */
#include <string.h>

#include "lib/base/unicode.h"
#include "lib/mail/html.h"
#include "lib/mail/message_private.h"

static const struct leaf *
leaf_at(const struct message *message, guint index)
{
	return message->leaves->pdata[index];
}

static gboolean
is_body(const struct part *part)
{
	return part->text != NULL && !part->attachment;
}

static gboolean
is_html_type(const struct leaf *leaf)
{
	return strcmp(leaf->part.type, "text/html") == 0;
}

static gboolean
is_html(const struct leaf *leaf)
{
	return is_body(&leaf->part) && is_html_type(leaf);
}

/* Whatever is no HTML is read as it stands. */
static gboolean
is_plain(const struct leaf *leaf)
{
	return is_body(&leaf->part) && !is_html(leaf);
}

static const char *
skip_space(const char *text)
{
	while (*text != '\0' && g_unichar_isspace(g_utf8_get_char(text)))
		text = g_utf8_next_char(text);
	return text;
}

static gboolean
is_blank(const char *text)
{
	return *skip_space(text) == '\0';
}

/* The same but for blanks. */
static gboolean
is_same(const char *a, const char *b)
{
	for (;;) {
		a = skip_space(a);
		b = skip_space(b);
		if (*a != *b)
			return FALSE;
		if (*a == '\0')
			return TRUE;
		a++;
		b++;
	}
}

static void
join(GString *out, const char *text)
{
	if (is_blank(text))
		return;
	if (out->len > 0)
		g_string_append(
		    out, out->str[out->len - 1] == '\n' ? "\n" : "\n\n");
	g_string_append(out, text);
}

static struct html *
read_html(const struct message *message, const char *source)
{
	struct html_limits limits = html_limits_default;

	limits.text_bytes = message->limits.text_bytes;
	limits.source_bytes = message->limits.markup_bytes;
	return html_read(source, strlen(source), &limits);
}

static const struct leaf *
first_html(const struct message *message)
{
	for (guint i = 0; i < message->leaves->len; i++) {
		if (is_html(leaf_at(message, i)))
			return leaf_at(message, i);
	}
	return NULL;
}

const char *
message_html(const struct message *message)
{
	const struct leaf *leaf = first_html(message);

	return leaf != NULL ? leaf->part.text : NULL;
}

const struct html *
message_markup(struct message *message)
{
	const char *source = message_html(message);

	if (message->markup == NULL && source != NULL)
		message->markup = read_html(message, source);
	return message->markup;
}

static void
join_html(GString *out, struct message *message, const struct leaf *leaf)
{
	struct html *own = NULL;
	const struct html *html;

	if (leaf == first_html(message))
		html = message_markup(message);
	else
		html = own = read_html(message, leaf->part.text);
	if (!is_same(out->str, html->text))
		join(out, html->text);
	html_free(&own);
}

/* The first leaf of the branch that speaks for the alternative, or NULL. */
static const struct leaf *
best_branch(const struct message *message, guint group)
{
	const struct leaf *html = NULL;

	for (guint i = 0; i < message->leaves->len; i++) {
		const struct leaf *leaf = leaf_at(message, i);

		if (leaf->group != group)
			continue;
		if (is_plain(leaf) && !is_blank(leaf->part.text))
			return leaf;
		if (html == NULL && is_html(leaf))
			html = leaf;
	}
	return html;
}

static void
add_leaf(GString *out, struct message *message, const struct leaf *leaf)
{
	if (is_plain(leaf))
		join(out, leaf->part.text);
	else if (is_html(leaf))
		join_html(out, message, leaf);
}

/* Nothing is shown, but the first text that only its name made a file. */
static void
add_named(GString *out, struct message *message)
{
	for (guint i = 0; i < message->leaves->len; i++) {
		const struct leaf *leaf = leaf_at(message, i);

		if (!leaf->named_text || leaf->part.text == NULL)
			continue;
		if (is_html_type(leaf))
			join_html(out, message, leaf);
		else
			join(out, leaf->part.text);
		return;
	}
}

/* CRLF and lone CR to LF, in place. */
static void
unify_line_ends(GString *text)
{
	char *from = text->str, *to = from;

	for (;;) {
		gsize run = strchrnul(from, '\r') - from;

		memmove(to, from, run);
		from += run;
		to += run;
		if (*from == '\0')
			break;
		from++;
		if (*from != '\n')
			*to++ = '\n';
	}
	g_string_truncate(text, to - text->str);
}

static char *
best_text(struct message *message)
{
	GString *out = g_string_new(NULL);
	const struct leaf *best = NULL;
	guint group = 0;

	for (guint i = 0;
	     i < message->leaves->len && out->len <= message->limits.text_bytes;
	     i++) {
		const struct leaf *leaf = leaf_at(message, i);

		if (leaf->group != group) {
			group = leaf->group;
			best = group != 0 ? best_branch(message, group) : NULL;
		}
		if (group == 0 ||
		    (best != NULL && leaf->branch == best->branch))
			add_leaf(out, message, leaf);
	}
	if (out->len == 0)
		add_named(out, message);
	unify_line_ends(out);
	unicode_cut(out->str, message->limits.text_bytes);
	return g_string_free(out, FALSE);
}

const char *
message_text(struct message *message)
{
	if (message->text == NULL)
		message->text = best_text(message);
	return message->text;
}
