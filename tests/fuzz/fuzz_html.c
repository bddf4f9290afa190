/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any text as HTML: it becomes text, within the ceilings.
 */
#include "lib/mail/html.h"

#include "lib/base/owned.h"
#include "lib/base/unicode.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	/* Small enough that a fuzzer meets each. */
	static const struct html_limits limits = { 5000, 3000, 10, 200, 20 };
	g_autofree char *source = unicode_repair((const char *)data, size);
	gsize length = strlen(source);
	struct html *html OWNED(html_free) = html_read(source, length, &limits);

	g_assert(g_utf8_validate(html->text, -1, NULL));
	g_assert(html->links->len <= limits.links);
	/* One more piece and the address of one more link at most. */
	g_assert(strlen(html->text) <= limits.text_bytes + 2 * length + 4096);
	return 0;
}
