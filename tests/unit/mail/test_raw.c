/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/mail/raw.h"

#include <string.h>

#include "lib/mail/ceiling.h"

static const struct message_limits small = {
	.scan_bytes = 4096,
	.headers = 4,
	.header_bytes = 200,
	.parts = 3,
	.depth = 3,
	.addresses = 5,
	.text_bytes = 100,
	.decoded_bytes = 1000,
};

/* "Name=value;Name=value", values without line ends. */
static char *
fields_text(const struct raw *raw)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < raw->fields->len; i++) {
		const struct raw_field *field =
		    &g_array_index(raw->fields, struct raw_field, i);
		g_autofree char *value =
		    g_strndup(field->value, field->value_length);

		g_string_append_printf(out, "%s%.*s=%s", i > 0 ? ";" : "",
		    (int)field->name_length, field->name, g_strchomp(value));
	}
	return g_string_free(out, FALSE);
}

static const struct {
	const char *bytes;
	const char *fields;
	const char *body;
} cases[] = {
	{ "A: 1\nB: 2\n\nbody\n", "A= 1;B= 2", "body\n" },
	{ "A: 1\r\nB: 2\r\n\r\nbody\r\n", "A= 1;B= 2", "body\r\n" },
	{ "A: 1\n", "A= 1", "" },
	{ "A: 1", "A= 1", "" },
	{ "A:\n\n", "A=", "" },
	{ "A:", "A=", "" },
	{ "\n", "", "" },
	{ "\r\n", "", "" },
	{ "\nbody", "", "body" },
	{ "x", "", "x" },
	{ ":", "", ":" },
	{ ": a\n\nb", "", ": a\n\nb" },
	{ "A : 1\n\n", "A= 1", "" },
	{ "A: 1\n 2\n\t3\n\nb", "A= 1\n 2\n\t3", "b" },
	{ " fold of nothing\nA: 1\n\nb", "A= 1", "b" },
	{ "A: 1\n\n\nb", "A= 1", "\nb" },
	{ "A b: 1\nSubject: 2\n\nb", "Subject= 2", "b" },
	{ "A: 1\nno field\nmore: of it\n\nb", "A= 1",
	    "no field\nmore: of it\n\nb" },
	{ "A: 1\nno field\n folded\nX-B: 2\n\nb", "A= 1;X-B= 2", "b" },
	{ "From a@example.com Mon Jan  1\nA: 1\n\nb", "A= 1", "b" },
	{ ">From a@example.com Mon Jan  1\nA: 1\n\nb", "A= 1", "b" },
	{ "A\xc3\xa9: 1\nTo: x\n\nb", "To= x", "b" },
};

static void
test_header(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		gsize length = strlen(cases[i].bytes);
		/* Its own memory, so that a byte too many is seen. */
		g_autofree char *bytes = g_memdup2(cases[i].bytes, length);
		struct raw raw;
		g_autofree char *fields = NULL;
		g_autofree char *body = NULL;

		raw_read(
		    (guint8 *)bytes, length, &message_limits_default, &raw);
		fields = fields_text(&raw);
		body =
		    g_strndup(bytes + raw.body_start, length - raw.body_start);
		g_test_message("%s", cases[i].bytes);
		g_assert_cmpstr(fields, ==, cases[i].fields);
		g_assert_cmpstr(body, ==, cases[i].body);
		g_assert_cmpuint(raw.usable, ==, length);
		g_assert_cmpuint(raw.header_length, <=, raw.body_start);
		g_assert_cmphex(raw.oddities, ==, 0);
		raw_clear(&raw);
		raw_clear(&raw);
	}
}

static void
test_header_ceilings(void)
{
	static const struct {
		const char *head, *unit;
		guint n;
		guint fields;
		gboolean cut;
	} many[] = {
		{ "", "A: 1\n", 4, 4, FALSE },
		{ "", "A: 1\n", 5, 4, TRUE },
		{ "", "A: 1\n", 5000, 4, TRUE },
		{ "A: 1\n", " fold\n", 20, 1, FALSE },
		{ "A: 1\n", " fold\n", 5000, 1, TRUE },
		{ "A: ", "x", 150, 1, FALSE },
		{ "A: ", "x", 5000, 1, TRUE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(many); i++) {
		g_autoptr(GString) bytes = g_string_new(many[i].head);
		struct raw raw;
		gsize kept = 0;

		for (guint n = 0; n < many[i].n; n++)
			g_string_append(bytes, many[i].unit);
		g_string_append(bytes, "\n\nbody");
		raw_read((guint8 *)bytes->str, bytes->len, &small, &raw);
		g_test_message("%s%s", many[i].head, many[i].unit);
		g_assert_cmpuint(raw.fields->len, ==, many[i].fields);
		for (guint f = 0; f < raw.fields->len; f++)
			kept += g_array_index(raw.fields, struct raw_field, f)
				    .value_length;
		g_assert_cmpuint(kept, <=, small.header_bytes);
		g_assert_cmpint((raw.oddities & MESSAGE_ODD_TRUNCATED) != 0, ==,
		    many[i].cut);
		raw_clear(&raw);
	}
}

/* The body's bytes in front of the cut. */
static gsize
cut_at(const GString *bytes)
{
	const guint8 *data = (guint8 *)bytes->str, *end = data + bytes->len;

	return ceiling_body_end(data, data, end, &small) - data;
}

static void
test_body_ceilings(void)
{
	static const struct {
		const char *head, *unit;
		guint n;
		gboolean cut;
	} many[] = {
		{ "boundary=b\n\n", "--b\n\n", 9, FALSE },
		{ "boundary=b\n\n", "--b\n\n", 10, TRUE },
		{ "BOUNDARY = \"b\"\n\n", "--b\n\n", 10, TRUE },
		{ "boundary=b\n\n", "--bc\n\n", 10, TRUE },
		/* Text with lines that begin so, and no such boundary. */
		{ "boundary=b\n\n", "-- a comment\n", 500, FALSE },
		{ "", "-- a comment\n", 500, FALSE },
		{ "", "--- a/file.c\n+++ b/file.c\n", 500, FALSE },
		/* Whatever cannot be read plainly counts. */
		{ "boundary*0=b\n\n", "--b\n\n", 10, TRUE },
		{ "boundary=\"b\\\"c\"\n\n", "--b\"c\n\n", 10, TRUE },
		{ "boundary=\"=?utf-8?q?b?=\"\n\n", "--b\n\n", 10, TRUE },
		{ "boundary(comment)=b\n\n", "--b\n\n", 10, TRUE },
		{ "boundary\n =b\n\n", "--b\n\n", 10, TRUE },
		{ "boundary=\"\"\n\n", "--\n\n", 10, TRUE },
		{ "boundary=\"\"\n\n", "--x\n\n", 10, TRUE },
		{ "boundary=\"b \"\n\n", "--b\n\n", 10, TRUE },
		{ "boundary=\n\n", "--x\n\n", 10, TRUE },
		/* Fields of parts. */
		{ "boundary=b\n\n--b\n", "A: 1\n", 60, FALSE },
		{ "boundary=b\n\n--b\n", "A: 1\n", 61, TRUE },
		{ "boundary=b\n\n--b\n\n", "A: 1\n", 500, FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(many); i++) {
		g_autoptr(GString) bytes = g_string_new(many[i].head);

		for (guint n = 0; n < many[i].n; n++)
			g_string_append(bytes, many[i].unit);
		g_test_message(
		    "%s%s %u", many[i].head, many[i].unit, many[i].n);
		g_assert_cmpint(cut_at(bytes) < bytes->len, ==, many[i].cut);
	}
}

/* Fifty other boundaries do not hide the one that is used. */
static void
test_many_boundaries(void)
{
	g_autoptr(GString) bytes = g_string_new(NULL);

	for (guint i = 0; i < 60; i++)
		g_string_append_printf(bytes, "boundary=x%u\n", i);
	g_string_append(bytes, "boundary=b\n\n");
	for (guint i = 0; i < 20; i++)
		g_string_append(bytes, "--b\n\n");
	g_assert_cmpuint(cut_at(bytes), <, bytes->len);
}

static void
test_oddities(void)
{
	static const struct {
		const char *bytes;
		gsize length;
		guint oddities;
	} odd[] = {
		{ "A: 1\r\n\r\na\r\nb\n", 13, MESSAGE_ODD_BARE_LF },
		/* A milter gets the header's folds with LF alone. */
		{ "A: 1\n 2\r\n\r\na\r\nb\r\n", 17, 0 },
		{ "A: 1\n\na\nb\n", 10, 0 },
		{ "A: 1\n\na\0b\n", 10, MESSAGE_ODD_NUL },
		{ "A: \0\n\nab\n", 9, MESSAGE_ODD_NUL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(odd); i++) {
		struct raw raw;

		raw_read((const guint8 *)odd[i].bytes, odd[i].length,
		    &message_limits_default, &raw);
		g_assert_cmphex(raw.oddities, ==, odd[i].oddities);
		raw_clear(&raw);
	}
}

static void
test_scan(void)
{
	g_autofree char *bytes = g_strnfill(10000, 'x');
	struct raw raw;

	memcpy(bytes, "A: 1\n\n", 6);
	raw_read((guint8 *)bytes, 10000, &small, &raw);
	g_assert_cmpuint(raw.usable, ==, 4096);
	g_assert_cmphex(raw.oddities, ==, MESSAGE_ODD_TRUNCATED);
	raw_clear(&raw);
}

static void
test_ids(void)
{
	static const struct {
		const char *value, *want;
		guint max;
	} ids[] = {
		{ "<a@b>", "a@b", 9 },
		{ " <a@b>\r\n <c@d> ", "a@b c@d", 9 },
		{ "<a@b><c@d>", "a@b c@d", 9 },
		{ "<a@b> <c@d> <e@f>", "a@b c@d", 2 },
		{ "<a@b", "", 9 },
		{ "a@b", "a@b", 9 },
		{ "a@b c@d", "a@b c@d", 9 },
		{ "your mail of Monday", "", 9 },
		{ "\"a@b\"", "a@b", 9 },
		{ "<>", "", 9 },
		{ "< >", "", 9 },
		{ "<a\r\n @b>", "a@b", 9 },
		{ "<<a@b>>", "a@b", 9 },
		{ "<a<b@c>", "b@c", 9 },
		{ "<a\xff@b>", "a\xef\xbf\xbd@b", 9 },
		{ "", "", 9 },
		{ "<a@b>", "", 0 },
	};
	g_autofree char *longest = g_strnfill(2000, 'x');
	g_autofree char *too_long = g_strdup_printf("<%s> <a@b>", longest);
	g_autoptr(GPtrArray) one = g_ptr_array_new_with_free_func(g_free);

	for (gsize i = 0; i < G_N_ELEMENTS(ids); i++) {
		g_autoptr(GPtrArray) list =
		    g_ptr_array_new_with_free_func(g_free);
		g_autofree char *all = NULL;

		raw_ids(ids[i].value, ids[i].max, list);
		g_ptr_array_add(list, NULL);
		all = g_strjoinv(" ", (char **)list->pdata);
		g_test_message("%s", ids[i].value);
		g_assert_cmpstr(all, ==, ids[i].want);
	}
	raw_ids(too_long, 9, one);
	g_assert_cmpuint(one->len, ==, 1);
}

static void
test_names(void)
{
	static const char *const names[][2] = {
		{ "a.pdf", "a.pdf" },
		{ "my bill.pdf", "my bill.pdf" },
		{ "../../etc/passwd", "passwd" },
		{ "/etc/passwd", "passwd" },
		{ "C:\\temp\\a.pdf", "a.pdf" },
		{ "a/", "a" },
		{ "", NULL },
		{ ".", NULL },
		{ "..", NULL },
		{ " .bashrc", "bashrc" },
		{ "...x", "x" },
		{ "a.pdf. .", "a.pdf" },
		{ "/", NULL },
		{ "a\nb\tc", "a b c" },
		{ "a\x01\x7f.pdf", "a.pdf" },
		{ "a\xe2\x80\xae"
		  "fdp.exe",
		    "afdp.exe" },
		{ "a\xe2\x80\x8b.pdf", "a.pdf" },
		{ "a:b*c?d\"e<f>g|h", "abcdefgh" },
		{ "\xff.pdf", "\xef\xbf\xbd.pdf" },
		{ "\xe6\x97\xa5.pdf", "\xe6\x97\xa5.pdf" },
		{ "\xe2\x80\xae", NULL },
	};
	g_autofree char *stem = g_strnfill(500, 'x');
	g_autofree char *named = g_strconcat(stem, ".pdf", NULL);
	g_autofree char *cut = raw_safe_name(named);
	g_autofree char *cut_stem = raw_safe_name(stem);

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *safe = raw_safe_name(names[i][0]);

		g_test_message("%s", names[i][0]);
		g_assert_cmpstr(safe, ==, names[i][1]);
	}
	g_assert_cmpuint(strlen(cut), ==, 200);
	g_assert_true(g_str_has_suffix(cut, "x.pdf"));
	g_assert_cmpuint(strlen(cut_stem), ==, 200);
}

static void
test_types(void)
{
	static const char *const types[][3] = {
		{ "text/plain", NULL, "text/plain" },
		{ "Text/HTML", " Text/HTML; x=y", "text/html" },
		{ "application/octet-stream", " text", "text/plain" },
		{ "application/octet-stream", "\n TEXT; x=y", "text/plain" },
		{ "application/octet-stream", " application/octet-stream",
		    "application/octet-stream" },
		{ "a/b\xf6", NULL, "application/octet-stream" },
		{ "a/b c", NULL, "application/octet-stream" },
		{ "a/b/c", NULL, "application/octet-stream" },
		{ "a/", NULL, "application/octet-stream" },
		{ "/b", NULL, "application/octet-stream" },
		{ "ab", NULL, "application/octet-stream" },
		{ "", NULL, "application/octet-stream" },
	};
	g_autofree char *name = g_strnfill(200, 'x');
	g_autofree char *longest = g_strconcat("a/", name, NULL);
	g_autofree char *cut = raw_type(longest, NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
		g_autofree char *type = raw_type(types[i][0], types[i][1]);

		g_assert_cmpstr(type, ==, types[i][2]);
	}
	g_assert_cmpstr(cut, ==, "application/octet-stream");
}

static void
test_twice(void)
{
	static const struct {
		const char *field;
		gboolean want;
	} fields[] = {
		{ "", FALSE },
		{ "a/b; boundary=x", FALSE },
		{ "a/b; boundary=x; boundary=y", TRUE },
		{ "a/b;boundary=x;BOUNDARY =y", TRUE },
		{ "a/b; boundary=x;\n\tboundary=x", TRUE },
		{ "a/b; boundary=x; (c) boundary=y", TRUE },
		{ "a/b; boundary=x; boundary*=utf-8''y", TRUE },
		{ "a/b; boundary*0=x; boundary*1=y", FALSE },
		{ "a/b; boundary*0*=x; boundary*10=y; boundary*1=z", FALSE },
		{ "a/b; boundary=x; xboundary=y; boundaryx=z", FALSE },
		{ "a/b; boundary=\"x; boundary=y\"", FALSE },
		{ "a/b; boundary=\"x\\\"; boundary=y\"", FALSE },
		{ "a/b; boundary=x (; boundary=y)", FALSE },
		{ "a/b; boundary=\"x; boundary=y", FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
		g_test_message("%s", fields[i].field);
		g_assert_cmpint(
		    raw_twice(fields[i].field, "boundary"), ==, fields[i].want);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/raw/header", test_header);
	g_test_add_func("/raw/header-ceilings", test_header_ceilings);
	g_test_add_func("/raw/body-ceilings", test_body_ceilings);
	g_test_add_func("/raw/many-boundaries", test_many_boundaries);
	g_test_add_func("/raw/oddities", test_oddities);
	g_test_add_func("/raw/scan", test_scan);
	g_test_add_func("/raw/ids", test_ids);
	g_test_add_func("/raw/names", test_names);
	g_test_add_func("/raw/types", test_types);
	g_test_add_func("/raw/twice", test_twice);
	return g_test_run();
}
