/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "milter/collect.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"

/* The bytes of a letter as text; checks that the file and the mapping are
 * alike. */
static char *
text_of(const struct letter *letter)
{
	g_autofree char *file = g_malloc0(letter->length + 1);

	g_assert_cmpint(
	    pread(letter->fd, file, letter->length, 0), ==, letter->length);
	if (letter->length > 0)
		g_assert_cmpmem(
		    file, letter->length, letter->data, letter->length);
	return g_steal_pointer(&file);
}

static const struct {
	const char *name;
	gboolean exact;
	const char *value, *want;
} value_cases[] = {
	{ "one blank", TRUE, " hello", "Subject: hello\r\n" },
	{ "none", TRUE, "hello", "Subject:hello\r\n" },
	{ "two", TRUE, "  hello", "Subject:  hello\r\n" },
	{ "tab", TRUE, "\thello", "Subject:\thello\r\n" },
	{ "empty", TRUE, "", "Subject:\r\n" },
	{ "blank only", TRUE, " ", "Subject: \r\n" },
	{ "folded", TRUE, " a\n b\n\tc", "Subject: a\r\n b\r\n\tc\r\n" },
	{ "folded with CRLF", TRUE, " a\r\n b", "Subject: a\r\n b\r\n" },
	{ "fold first", TRUE, "\n a", "Subject:\r\n a\r\n" },
	{ "ends in a line end", TRUE, " a\n", "Subject: a\r\n \r\n" },
	{ "no fold", TRUE, " a\nb\n\n\tc", "Subject: a\r\n b\r\n \r\n\tc\r\n" },
	{ "eaten blank", FALSE, "hello", "Subject: hello\r\n" },
	{ "eaten blank of two", FALSE, " hello", "Subject: hello\r\n" },
	{ "tab stays", FALSE, "\thello", "Subject:\thello\r\n" },
	{ "8 bit", TRUE, " gr\xfc\xdf", "Subject: gr\xfc\xdf\r\n" },
};

static void
test_values(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(value_cases); i++) {
		struct collect *collect = collect_new(1000);
		struct letter letter;
		g_autofree char *got = NULL;
		g_autoptr(GError) error = NULL;

		g_test_message("%s", value_cases[i].name);
		collect_header(collect, "Subject", value_cases[i].value,
		    value_cases[i].exact);
		g_assert_cmpuint(
		    collect_size(collect), ==, strlen(value_cases[i].want));
		g_assert_true(collect_finish(collect, &letter, &error));
		g_assert_no_error(error);
		got = text_of(&letter);
		g_assert_cmpstr(got, ==, value_cases[i].want);
		g_assert_cmpuint(letter.header, ==, letter.length);
		g_assert_cmpuint(letter.body, ==, letter.length);
		letter_clear(&letter);
		collect_free(&collect);
		g_assert_null(collect);
	}
}

static void
test_whole(void)
{
	struct collect *collect = collect_new(1000);
	struct letter letter;
	g_autofree char *got = NULL;

	collect_header(collect, "From", " a@example.org", TRUE);
	collect_header(collect, "Subject", " x", TRUE);
	collect_end_header(collect);
	collect_body(collect, "one\r\n", 5);
	collect_body(collect, "", 0);
	collect_body(collect, "t\0o\r\n", 5);
	g_assert_true(collect_finish(collect, &letter, NULL));
	got = text_of(&letter);
	g_assert_cmpmem(got, letter.length,
	    "From: a@example.org\r\nSubject: x\r\n\r\none\r\nt\0o\r\n",
	    21 + 12 + 2 + 10);
	g_assert_cmpuint(letter.header, ==, 33);
	g_assert_cmpuint(letter.body, ==, 35);
	/* The seal holds. */
	g_assert_cmpint(pwrite(letter.fd, "x", 1, 0), ==, -1);
	g_assert_cmpint(ftruncate(letter.fd, 0), ==, -1);
	letter_clear(&letter);
	g_assert_cmpint(letter.fd, ==, -1);
	letter_clear(&letter);
	collect_free(&collect);
}

/* Around the buffer's edge every byte is there once, in order. */
static void
test_large(void)
{
	static const gsize sizes[] = { 65535, 65536, 65537, 131072, 300001 };

	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autofree guint8 *data = g_malloc(sizes[i]);
		struct collect *collect = collect_new(sizes[i]);
		struct letter letter;

		for (gsize k = 0; k < sizes[i]; k++)
			data[k] = (guint8)(k * 31 + k / 251);
		for (gsize at = 0; at < sizes[i];) {
			gsize piece = MIN(sizes[i] - at, 1 + at % 9973);

			collect_body(collect, data + at, piece);
			at += piece;
		}
		g_assert_true(collect_finish(collect, &letter, NULL));
		g_assert_cmpmem(letter.data, letter.length, data, sizes[i]);
		letter_clear(&letter);
		collect_free(&collect);
	}
}

static void
test_over(void)
{
	static const struct {
		gsize most, body;
		gboolean over;
	} cases[] = {
		{ 20, 5, FALSE }, /* "A: b\r\n" "\r\n" are 8 */
		{ 13, 5, FALSE },
		{ 12, 5, TRUE },
		{ 7, 0, TRUE },
		{ 3, 0, TRUE },
		{ 200000, 200000, TRUE },
		{ 200008, 200000, FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct collect *collect = collect_new(cases[i].most);
		g_autofree char *body = g_malloc0(cases[i].body + 1);
		struct letter letter;
		g_autoptr(GError) error = NULL;

		collect_header(collect, "A", " b", TRUE);
		collect_end_header(collect);
		for (gsize at = 0; at < cases[i].body; at += 5)
			collect_body(collect, body, 5);
		g_assert_cmpuint(collect_size(collect), ==, 8 + cases[i].body);
		g_assert_cmpint(collect_is_over(collect), ==, cases[i].over);
		g_assert_cmpint(collect_finish(collect, &letter, &error), ==,
		    !cases[i].over);
		g_assert_cmpint(
		    err_is(error, DG_ERROR_FULL), ==, cases[i].over);
		g_assert_cmpint(letter.fd < 0, ==, cases[i].over);
		letter_clear(&letter);
		collect_free(&collect);
	}
}

static void
test_empty(void)
{
	struct collect *collect = collect_new(10);
	struct letter letter;

	g_assert_true(collect_finish(collect, &letter, NULL));
	g_assert_cmpuint(letter.length, ==, 0);
	letter_clear(&letter);
	collect_free(&collect);
	collect_free(&collect);
}

static void
test_bytes(void)
{
	static const struct {
		const char *text;
		gsize header, body;
	} cases[] = {
		{ "A: b\r\n\r\nhello\r\n", 6, 8 },
		{ "A: b\n\nhello\n", 5, 6 },
		{ "A: b\n\n", 5, 6 },
		{ "A: b\n", 5, 5 },
		{ "A: b", 4, 4 },
		{ "\nhello", 0, 1 },
		{ "\r\nhello", 0, 2 },
		{ "\r", 1, 1 },
		{ "A: b\r\n\rx\r\n\r\ny", 10, 12 },
		{ "", 0, 0 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct letter letter;
		g_autoptr(GError) error = NULL;
		g_autofree char *got = NULL;

		g_assert_true(letter_from_bytes((const guint8 *)cases[i].text,
		    strlen(cases[i].text), &letter, &error));
		g_assert_no_error(error);
		got = text_of(&letter);
		g_assert_cmpstr(got, ==, cases[i].text);
		g_assert_cmpuint(letter.header, ==, cases[i].header);
		g_assert_cmpuint(letter.body, ==, cases[i].body);
		letter_clear(&letter);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/milter/collect/values", test_values);
	g_test_add_func("/milter/collect/whole", test_whole);
	g_test_add_func("/milter/collect/large", test_large);
	g_test_add_func("/milter/collect/over", test_over);
	g_test_add_func("/milter/collect/empty", test_empty);
	g_test_add_func("/milter/collect/bytes", test_bytes);
	return g_test_run();
}
