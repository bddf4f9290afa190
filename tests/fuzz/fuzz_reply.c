/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any text as a message's, the first byte deciding whether as HTML: parted into
 * what is new and what is quoted, nothing of it is lost; what it may pass on is
 * found within it.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "lib/base/unicode.h"
#include "lib/mail/html.h"
#include "tickets/forward.h"
#include "tickets/reply.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

/* Bytes that are no blanks. */
static gsize
count_ink(const char *text)
{
	gsize ink = 0;

	for (; text != NULL && *text != '\0'; text++)
		ink += !g_ascii_isspace(*text);
	return ink;
}

static void
check_marks(const GArray *marks)
{
	for (guint i = 1; marks != NULL && i < marks->len; i++)
		g_assert_cmpuint(
		    g_array_index(marks, struct html_mark, i - 1).to, <=,
		    g_array_index(marks, struct html_mark, i).from);
}

static void
check(const char *text, const GArray *marks)
{
	struct reply *reply OWNED(reply_free) = reply_trim(text, marks);
	struct forward *forward OWNED(forward_free) = forward_find(text);
	gsize ink = count_ink(text);

	check_marks(marks);
	g_assert_cmpuint(
	    count_ink(reply->text) + count_ink(reply->quoted), ==, ink);
	g_assert_cmpint(count_ink(reply->text) > 0, ==, ink > 0);
	g_assert_cmpuint(
	    count_ink(reply->signature), <=, count_ink(reply->quoted));
	g_assert_true(g_utf8_validate(reply->text, -1, NULL));
	if (forward == NULL)
		return;
	g_assert_true(g_utf8_validate(forward->body, -1, NULL));
	g_assert_cmpuint(
	    count_ink(forward->before) + count_ink(forward->body), <, ink);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	gboolean as_html = size > 0 && *data == 'h';
	g_autofree char *source = unicode_repair(
	    (const char *)data + MIN(size, 1), size - MIN(size, 1));
	struct html *html OWNED(html_free) = NULL;

	if (!as_html) {
		check(source, NULL);
		return 0;
	}
	html = html_read(source, strlen(source), &html_limits_default);
	check(html->text, html->marks);
	return 0;
}
