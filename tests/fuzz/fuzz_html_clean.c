/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any text as HTML made harmless: by a reading of its own, nothing in it acts
 * or fetches, and made clean again it stays as it is.
 */
#include "lib/mail/html_clean.h"

#include <string.h>

#include "lib/base/owned.h"
#include "lib/base/unicode.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

#define LINKS "(?:https?://|ftp://|mailto:|tel:)"

static GRegex *tag_pattern;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	tag_pattern = g_regex_new(
	    "\\G<(?!/?(?:script|style|iframe|object|embed|form|input|button|"
	    "textarea|select|meta|base|link|svg|math|template|title|frame|"
	    "applet|audio|video|noscript|plaintext|xmp)\\b)"
	    "/?[a-z][a-z0-9]*"
	    "(?: (?:(?:align|bgcolor|border|cellpadding|cellspacing|color|"
	    "colspan|dir|height|lang|rowspan|size|start|title|type|valign|"
	    "width|alt)=\"[^\"<>']*\"|href=\"" LINKS "[^\"<>' \\t\\r\\n]*\"|"
	    "src=\"cid:[!-~]+\"|rel=\"noopener noreferrer nofollow\"|"
	    "class=\"mail\"))*>",
	    G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
	g_assert(tag_pattern != NULL);
	return 0;
}

static void
check(const char *html)
{
	const char *at = html;

	g_assert(g_utf8_validate(html, -1, NULL));
	g_assert(g_str_has_prefix(html, "<div class=\"mail\">"));
	g_assert(g_str_has_suffix(html, "</div>"));
	while ((at = strpbrk(at, "<>")) != NULL) {
		g_autoptr(GMatchInfo) match = NULL;
		int end = 0;

		if (!g_regex_match_full(tag_pattern, html, -1, at - html,
			G_REGEX_MATCH_ANCHORED, &match, NULL))
			g_error("no harmless tag: %.80s", at);
		g_match_info_fetch_pos(match, 0, NULL, &end);
		at = html + end;
	}
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	/* Small enough that a fuzzer meets each. */
	static const struct html_clean_limits limits = { 5000, 10, 200, 20 };
	g_autofree char *source = unicode_repair((const char *)data, size);
	g_autoptr(GPtrArray) known = g_ptr_array_new();
	struct html_clean *clean OWNED(html_clean_free) = NULL;
	struct html_clean *again OWNED(html_clean_free) = NULL;

	g_ptr_array_add(known, (gpointer) "a@b");
	clean = html_clean_read(source, strlen(source), known, &limits);
	check(clean->html);
	again =
	    html_clean_read(clean->html, strlen(clean->html), known, &limits);
	g_assert_cmpstr(again->html, ==, clean->html);
	return 0;
}
