/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files within a text.
 */
#include "tickets/uuencode.h"

#include <string.h>

#include "tickets/ticket.h"

#define CAT "begin 644 cat.txt\n#0V%T\n`\nend\n"

static const struct uuencode_case {
	const char *name, *text;
	const char *rest;  /* NULL: no file in it */
	const char *files; /* "name=content", comma-separated */
} cases[] = {
	{ "one", "Hello.\n\n" CAT "\nBye.\n", "Hello.\n\n\nBye.\n",
	    "cat.txt=Cat" },
	{ "two", CAT "and\nbegin 0755 a b.sh\n$86)C9 \n \nend", "and\n",
	    "cat.txt=Cat,a b.sh=abcd" },
	{ "crlf", "x\r\nbegin 600 c\r\n#0V%T\r\n`\r\nend\r\ny\r\n",
	    "x\r\ny\r\n", "c=Cat" },
	{ "blanks lost", "begin 644 nul\n#\n`\nend\n", "", "nul=" },
	{ "no last line", "begin 644 c\n#0V%T\nend\n", "", "c=Cat" },
	{ "a sum behind", "begin 644 c\n#0V%TX\n`\nend\n", "", "c=Cat" },
	{ "path", "begin 644 ../../etc/x\n#0V%T\n`\nend\n", "",
	    "../../etc/x=Cat" },
	{ "no end", "begin 644 c\n#0V%T\n`\n", NULL, "" },
	{ "cut", "begin 644 c\n#0V", NULL, "" },
	{ "empty", "begin 644 c\n`\nend\n", NULL, "" },
	{ "no name", "begin 644  \n#0V%T\n`\nend\n", NULL, "" },
	{ "no mode", "begin c\n#0V%T\n`\nend\n", NULL, "" },
	{ "prose", "begin 644 c\nThat is what it looks like.\nend\n", NULL,
	    "" },
	{ "too long a line", "begin 644 c\n#0V%TXX\n`\nend\n", NULL, "" },
	{ "quoted", "> begin 644 c\n> #0V%T\n> `\n> end\n", NULL, "" },
	{ "begin in begin", "begin 644 c\n" CAT, "begin 644 c\n",
	    "cat.txt=Cat" },
	{ "not ASCII", "begin 644 c\n#\xc3\xa4%T\n`\nend\n", NULL, "" },
	{ "nothing", "", NULL, "" },
};

static void
test_case(gconstpointer data)
{
	const struct uuencode_case *wanted = data;
	g_autoptr(GPtrArray) files =
	    g_ptr_array_new_with_free_func(ticket_file_free);
	g_autofree char *rest = uuencode_take(wanted->text, 1000, files);
	g_autoptr(GString) got = g_string_new(NULL);

	for (guint i = 0; i < files->len; i++) {
		const struct ticket_file *file = files->pdata[i];
		gsize length;
		const char *bytes = g_bytes_get_data(file->bytes, &length);

		g_string_append_printf(got, "%s%s=%.*s", i > 0 ? "," : "",
		    file->name, (int)length, bytes);
	}
	g_assert_cmpstr(rest, ==, wanted->rest);
	g_assert_cmpstr(got->str, ==, wanted->files);
}

/* All bytes, in lines of all lengths. */
static void
test_bytes(void)
{
	for (guint length = 1; length <= 63; length++) {
		g_autoptr(GString) text = g_string_new("begin 644 all\n");
		g_autoptr(GPtrArray) files =
		    g_ptr_array_new_with_free_func(ticket_file_free);
		g_autofree char *rest = NULL;
		const struct ticket_file *file;
		guint8 want[63] = { 0 };

		for (guint i = 0; i < length; i++)
			want[i] = (guint8)(i * 37 + length * 11);
		g_string_append_c(text, (char)(' ' + length));
		for (guint i = 0; i < length; i += 3) {
			guint a = want[i];
			guint b = i + 1 < length ? want[i + 1] : 0;
			guint c = i + 2 < length ? want[i + 2] : 0;
			const guint four[] = { a >> 2, (a << 4 | b >> 4) & 63,
				(b << 2 | c >> 6) & 63, c & 63 };

			for (gsize n = 0; n < 4; n++)
				g_string_append_c(text, (char)(' ' + four[n]));
		}
		g_string_append(text, "\n`\nend\n");
		rest = uuencode_take(text->str, 1000, files);
		g_assert_cmpuint(files->len, ==, 1);
		if (files->len != 1)
			continue;
		file = files->pdata[0];
		g_assert_cmpmem(g_bytes_get_data(file->bytes, NULL),
		    g_bytes_get_size(file->bytes), want, length);
	}
}

static void
test_many(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GPtrArray) files =
	    g_ptr_array_new_with_free_func(ticket_file_free);
	g_autofree char *rest = NULL;

	for (guint i = 0; i < UUENCODE_FILES_MOST + 1; i++)
		g_string_append(text, CAT);
	rest = uuencode_take(text->str, 1000, files);
	g_assert_cmpuint(files->len, ==, UUENCODE_FILES_MOST);
	g_assert_cmpstr(rest, ==, CAT);
}

/* Short lines say that they hold more than they are long. */
static void
test_most(void)
{
	static const char text[] = CAT "begin 644 big\n___\n___\n`\nend\n";
	g_autoptr(GPtrArray) files =
	    g_ptr_array_new_with_free_func(ticket_file_free);
	g_autofree char *rest = uuencode_take(text, 128, files);

	g_assert_cmpuint(files->len, ==, 1);
	g_assert_cmpstr(rest, ==, "begin 644 big\n___\n___\n`\nend\n");
	g_assert_null(uuencode_take(text, 0, files));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path =
		    g_strconcat("/uuencode/", cases[i].name, NULL);

		g_test_add_data_func(path, &cases[i], test_case);
	}
	g_test_add_func("/uuencode/bytes", test_bytes);
	g_test_add_func("/uuencode/many", test_many);
	g_test_add_func("/uuencode/most", test_most);
	return g_test_run();
}
