/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/mail/loop.h"

#include <string.h>

static const struct {
	const char *block;
	const char *message_id, *from, *date, *subject;
} cases[] = {
	{ "", NULL, NULL, NULL, NULL },
	{ "\n", NULL, NULL, NULL, NULL },
	{ "From", NULL, NULL, NULL, NULL },
	{ "From:", NULL, "", NULL, NULL },
	{ ":", NULL, NULL, NULL, NULL },
	{ "From: a\r\nDate: b\r\nSubject: c\r\nMessage-ID: <x@y>\r\n", "x@y",
	    "a", "b", "c" },
	{ "From: a\nDate: b\nSubject: c\nMessage-ID: <x@y>\n", "x@y", "a", "b",
	    "c" },
	{ "FROM: a\nmessage-id: <x@y>", "x@y", "a", NULL, NULL },
	{ "From : a\n", NULL, "a", NULL, NULL },
	/* A milter gets folds with LF alone. */
	{ "Subject: one\n two\r\n\tthree\r\n", NULL, NULL, NULL,
	    "one two three" },
	{ "Subject:   blanks   within  \r\n", NULL, NULL, NULL,
	    "blanks within" },
	{ "Subject: first\nSubject: second\n", NULL, NULL, NULL, "first" },
	{ "X-From: a\nFromage: b\n", NULL, NULL, NULL, NULL },
	{ "Message-ID:\n <x@y>\n", "x@y", NULL, NULL, NULL },
	{ "Message-ID: x@y\n", "x@y", NULL, NULL, NULL },
	{ "Message-ID: <>\n", NULL, NULL, NULL, NULL },
	{ "Message-ID:\n", NULL, NULL, NULL, NULL },
	{ "Message-ID: junk <x@y> junk\n", "x@y", NULL, NULL, NULL },
	{ "Message-ID: ><\n", "><", NULL, NULL, NULL },
};

static void
test_read(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		gsize length = strlen(cases[i].block);
		g_autofree char *block = g_memdup2(cases[i].block, length);
		struct loop_headers headers;

		loop_headers_read(block, length, &headers);
		g_test_message("%s", cases[i].block);
		g_assert_cmpstr(headers.message_id, ==, cases[i].message_id);
		g_assert_cmpstr(headers.from, ==, cases[i].from);
		g_assert_cmpstr(headers.date, ==, cases[i].date);
		g_assert_cmpstr(headers.subject, ==, cases[i].subject);
		loop_headers_clear(&headers);
		g_assert_null(headers.from);
		loop_headers_clear(&headers);
	}
}

/* Of how the body is to be read all counts. */
static void
test_content(void)
{
	g_autofree char *pad = g_strnfill(5000, 'x');
	g_autofree char *block =
	    g_strconcat("Content-Type: text/plain;\r\n ", pad,
		"; charset=a\r\ncontent-transfer-encoding:  "
		"base64\r\nX-Content-Type: no\r\n"
		"Content-Type: text/html\r\n",
		NULL);
	g_autofree char *want = g_strconcat(
	    "\ntext/plain; ", pad, "; charset=a\nbase64\ntext/html", NULL);
	struct loop_headers headers;

	loop_headers_read(block, strlen(block), &headers);
	g_assert_cmpstr(headers.content, ==, want);
	loop_headers_clear(&headers);
	loop_headers_read("From: a\n", 8, &headers);
	g_assert_null(headers.content);
	loop_headers_clear(&headers);
}

static void
test_ceiling(void)
{
	g_autofree char *value = g_strnfill(100000, 'x');
	g_autofree char *block = g_strconcat("Subject: ", value, "\n", NULL);
	struct loop_headers headers;

	loop_headers_read(block, strlen(block), &headers);
	g_assert_cmpuint(strlen(headers.subject), ==, 4096);
	loop_headers_clear(&headers);
}

static void
test_nul(void)
{
	static const char block[] = "From: a\0b\nSubject: \0\n";
	struct loop_headers headers;

	loop_headers_read(block, sizeof(block) - 1, &headers);
	g_assert_cmpstr(headers.from, ==, "a b");
	g_assert_cmpstr(headers.subject, ==, "");
	loop_headers_clear(&headers);
}

static void
test_mtas(void)
{
	static const struct {
		const char *id, *queue_id, *mta;
		gboolean is;
	} ids[] = {
		{ "20240305.4ABC@mx.example.com", "4ABC", "mx.example.com",
		    TRUE },
		{ "20240305.4ABC@mx.example.com", "4ABD", "mx.example.com",
		    FALSE },
		{ "20240305.4ABC@mx.example.com", "4ABC", "mx.example.org",
		    FALSE },
		{ NULL, "4ABC", "mx.example.com", FALSE },
		{ "4ABC@mx.example.com", NULL, "mx.example.com", FALSE },
		{ "4ABC@mx.example.com", "4ABC", NULL, FALSE },
		{ "4ABC@mx.example.com", "", "mx.example.com", FALSE },
		{ "4ABC@mx.example.com", "4ABC", "", FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(ids); i++)
		g_assert_cmpint(
		    loop_id_is_mtas(ids[i].id, ids[i].queue_id, ids[i].mta), ==,
		    ids[i].is);
}

static void
test_mtas_date(void)
{
	static const char id[] = "20261129000521.4ABC@mx.example.com";
	static const struct {
		const char *date, *id;
		gboolean is;
	} dates[] = {
		{ "Sun, 29 Nov 2026 00:05:21 +0000 (UTC)", id, TRUE },
		{ "Sun, 29 Nov 2026 01:05:21 +0100 (CET)", id, TRUE },
		{ "Sat, 28 Nov 2026 19:05:21 -0500", id, TRUE },
		{ "29 Nov 2026 00:05:21 +0000", id, TRUE },
		{ "Sat, 28 Nov 2026 19:05:21 EST", id, TRUE },
		/* No zone of mail, though the system knows such a file. */
		{ "Sun, 29 Nov 2026 00:05:21 Europe/London", id, FALSE },
		{ "Sun, 29 Nov 2026 00:05:21 +2400", id, FALSE },
		{ "Sun, 29 Nov 2026 00:05:21 0000", id, FALSE },
		/* Sendmail's says no seconds. */
		{ "Sun, 29 Nov 2026 00:05:21 GMT",
		    "202611290005.4ABC@mx.example.com", TRUE },
		{ "Sun, 29 Nov 2026 00:05:22 +0000 (UTC)", id, FALSE },
		{ "Sun, 29 Nov 2026 00:05:21 +0100", id, FALSE },
		{ "Sun, 29 Nov 2026 00:05:21", id, FALSE },
		{ "Sun, 29 Nox 2026 00:05:21 +0000", id, FALSE },
		{ "Sun, 99 Nov 2026 00:05:21 +0000", id, FALSE },
		{ "Sun, 29 Nov 2026 00:05:21 +9999", id, FALSE },
		{ "Malformed Date.", id, FALSE },
		{ "", id, FALSE },
		{ NULL, id, FALSE },
		{ "Sun, 29 Nov 2026 00:05:21 +0000", "2026.4ABC@mx.example.com",
		    FALSE },
		{ "Sun, 29 Nov 2026 00:05:21 +0000", "@", FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(dates); i++) {
		const struct loop_headers headers = {
			.date = (char *)dates[i].date
		};

		g_test_message("%s", dates[i].date);
		g_assert_cmpint(loop_date_is_mtas(&headers, dates[i].id, 0), ==,
		    dates[i].is);
	}
}

static void
test_mtas_date_beside_an_id(void)
{
	static const struct {
		const char *block;
		gint64 received;
		gboolean is;
	} blocks[] = {
		/* date -ud 2026-11-29T00:05:21 +%s */
		{ "Message-ID: <a@b>\r\nDate: Sun, 29 Nov 2026 01:05:21 +0100 "
		  "(CET)\r\nFrom: a@b\r\n",
		    1795910721, TRUE },
		{ "Date: Sun, 29 Nov 2026 00:05:21 +0000 (UTC)\n", 1795910722,
		    TRUE },
		{ "Date: Sun, 29 Nov 2026 00:05:21 +0000 (UTC)\n", 1795910724,
		    FALSE },
		{ "Date: Sun, 29 Nov 2026 00:05:21 +0000\n", 1795910721,
		    FALSE },
		{ "Date: Sun, 29 Nov 2026 00:05:21 +0000 (UTC)\nSubject: x\n",
		    1795910721, FALSE },
		{ "From: a@b\n", 1795910721, FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(blocks); i++) {
		struct loop_headers headers;

		g_test_message("%s", blocks[i].block);
		loop_headers_read(
		    blocks[i].block, strlen(blocks[i].block), &headers);
		g_assert_cmpint(loop_date_is_mtas(&headers, NULL,
				    blocks[i].received * G_USEC_PER_SEC),
		    ==, blocks[i].is);
		loop_headers_clear(&headers);
	}
}

int
main(int argc, char **argv)
{
	g_test_add_func("/loop/content", test_content);
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/loop/read", test_read);
	g_test_add_func("/loop/ceiling", test_ceiling);
	g_test_add_func("/loop/nul", test_nul);
	g_test_add_func("/loop/mtas", test_mtas);
	g_test_add_func("/loop/mtas-date", test_mtas_date);
	g_test_add_func(
	    "/loop/mtas-date-beside-an-id", test_mtas_date_beside_an_id);
	return g_test_run();
}
