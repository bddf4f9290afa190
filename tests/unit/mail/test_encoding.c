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
		const char *means;
	} texts[] = {
		{ "", TRUE, "" },
		{ "a=3D\n", TRUE, "a=\n" },
		{ "a=c3\n", TRUE, "a\xc3\n" },
		{ "a=\nb=\r\nc", TRUE, "abc" },
		{ "a= \t\nb", TRUE, "ab" },
		{ "a=", TRUE, "a" },
		{ "a=3", FALSE, "a=3" },
		{ "a=ZZ", FALSE, "a=ZZ" },
		{ "a=b", FALSE, "a=b" },
		{ "x=y&z=41", FALSE, "x=y&zA" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GString) out = g_string_new(NULL);
		gsize length = strlen(texts[i].bytes);
		g_autofree char *bytes = g_memdup2(texts[i].bytes, length);

		g_test_message("%s", texts[i].bytes);
		g_assert_cmpint(
		    encoding_is_quoted(bytes, length), ==, texts[i].sound);
		encoding_quoted(bytes, length, out);
		g_assert_cmpstr(out->str, ==, texts[i].means);
	}
}

/* Only what is sound is read by the name of its encoding. */
static void
test_named(void)
{
	static const struct {
		const char *name, *bytes, *means;
	} texts[] = {
		{ "base64", "SXQgaXM=", "It is" },
		{ " Base64 ", "SXQgaXM=", "It is" },
		{ "base64", "It is so.", NULL },
		{ "quoted-printable", "a=3D", "a=" },
		{ "QUOTED-PRINTABLE", "a=ZZ", NULL },
		{ "8bit", "a=3D", NULL },
		{ "x-frob", "a=3D", NULL },
		{ "", "a=3D", NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		GString *out = encoding_decode(
		    texts[i].name, texts[i].bytes, strlen(texts[i].bytes));

		g_test_message("%s: %s", texts[i].name, texts[i].bytes);
		g_assert_cmpstr(
		    out != NULL ? out->str : NULL, ==, texts[i].means);
		if (out != NULL)
			g_string_free(out, TRUE);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/encoding/base64", test_base64);
	g_test_add_func("/encoding/quoted", test_quoted);
	g_test_add_func("/encoding/named", test_named);
	return g_test_run();
}
