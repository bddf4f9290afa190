/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/mail/encoding.h"

#include <string.h>

static void
test_base64(void)
{
	static const struct {
		const char *bytes;
		gboolean sound;
		const char *means;
	} texts[] = {
		{ "SXQgaXM=", TRUE, "It is" },
		{ "SXQg\r\naXM=\n", TRUE, "It is" },
		{ "SXQgaXM", TRUE, "It is" },
		{ "SXQ*gaXM=", FALSE, "It is" },
		{ "SXQ=SXQ=", FALSE, "ItIt" },
		{ "", TRUE, "" },
		{ "====", TRUE, "" },
		{ "+/+/", TRUE, "\xfb\xff\xbf" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GString) out = g_string_new(NULL);
		gsize length = strlen(texts[i].bytes);

		g_test_message("%s", texts[i].bytes);
		g_assert_cmpint(encoding_is_base64(texts[i].bytes, length), ==,
		    texts[i].sound);
		encoding_base64(texts[i].bytes, length, out);
		g_assert_cmpstr(out->str, ==, texts[i].means);
	}
	g_assert_cmpuint(encoding_base64_end("ab==cd", 6), ==, 4);
	g_assert_cmpuint(encoding_base64_end("abcd", 4), ==, 4);
}

static void
test_quoted(void)
{
	static const struct {
		const char *bytes;
		gboolean sound;
	} texts[] = {
		{ "", TRUE },
		{ "a=3D\n", TRUE },
		{ "a=c3\n", TRUE },
		{ "a=\nb=\r\nc", TRUE },
		{ "a= \t\nb", TRUE },
		{ "a=", TRUE },
		{ "a=3", FALSE },
		{ "a=ZZ", FALSE },
		{ "a=b", FALSE },
		{ "x=y&z", FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		gsize length = strlen(texts[i].bytes);
		g_autofree char *bytes = g_memdup2(texts[i].bytes, length);

		g_test_message("%s", texts[i].bytes);
		g_assert_cmpint(
		    encoding_is_quoted(bytes, length), ==, texts[i].sound);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/encoding/base64", test_base64);
	g_test_add_func("/encoding/quoted", test_quoted);
	return g_test_run();
}
