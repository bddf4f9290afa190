/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What message.h promises, piece by piece; test_oddities.c has what real mail
 * does.
 */
#include "lib/mail/message.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/mail/html.h"

static struct message *
parse(const char *text)
{
	return message_parse(
	    (const guint8 *)text, strlen(text), &message_limits_default, NULL);
}

static struct message *
parse_limited(const GString *text, const struct message_limits *limits)
{
	return message_parse(
	    (const guint8 *)text->str, text->len, limits, NULL);
}

static gboolean
is_truncated(const struct message *message)
{
	return (message_oddities(message) & MESSAGE_ODD_TRUNCATED) != 0;
}

static void
test_nothing(void)
{
	g_autoptr(GError) error = NULL;
	struct message *none = message_parse(
	    (const guint8 *)"", 0, &message_limits_default, &error);

	g_assert_null(none);
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	message_free(&none);
	/* Any byte is a message. */
	for (guint byte = 0; byte < 256; byte++) {
		guint8 data = byte;
		struct message *message OWNED(message_free) =
		    message_parse(&data, 1, &message_limits_default, NULL);
		gsize header, body;

		g_assert_nonnull(message);
		(void)message_header_block(message, &header);
		(void)message_body_block(message, &body);
		g_assert_cmpuint(header + body, <=, 1);
		g_assert_cmpstr(message_subject(message), ==, "");
		g_assert_null(message_id(message));
		g_assert_true(g_utf8_validate(message_text(message), -1, NULL));
		g_assert_null(message_html(message));
		g_assert_null(message_markup(message));
		g_assert_cmpuint(
		    message_addresses(message, "From")->len, ==, 0);
		g_assert_cmpuint(message_references(message)->len, ==, 0);
		g_assert_cmpint(message_date(message, NULL), ==, 0);
	}
}

static void
test_headers(void)
{
	static const char text[] =
	    "Received: one\r\nReceived: two\r\n\tfolded\r\nsubject: "
	    "=?utf-8?q?caf=c3=a9?=\r\nX-Empty:\r\nX-Raw:  a \r\n\r\nbody\r\n";
	struct message *message OWNED(message_free) = parse(text);
	gsize length;
	const guint8 *block;

	g_assert_cmpuint(message_header_count(message), ==, 5);
	g_assert_cmpstr(message_header_name(message, 1), ==, "Received");
	g_assert_cmpstr(message_header_raw(message, 1), ==, " two\r\n\tfolded");
	g_assert_cmpstr(message_header_value(message, 1), ==, "two folded");
	g_assert_cmpstr(message_header_name(message, 2), ==, "subject");
	g_assert_cmpstr(message_subject(message), ==, "caf\xc3\xa9");
	g_assert_cmpstr(message_header(message, "RECEIVED"), ==, "one");
	g_assert_cmpstr(message_header(message, "X-Empty"), ==, "");
	g_assert_cmpstr(message_header(message, "X-Raw"), ==, "a");
	g_assert_null(message_header(message, "X-None"));
	block = message_header_block(message, &length);
	g_assert_cmpmem(
	    block, length, text, strstr(text, "\r\n\r\n") + 2 - text);
	block = message_body_block(message, &length);
	g_assert_cmpmem(block, length, "body\r\n", 6);
}

static void
test_nul_in_header(void)
{
	static const char text[] = "Subject: a\0b\n\nx";
	struct message *message OWNED(message_free) =
	    message_parse((const guint8 *)text, sizeof(text) - 1,
		&message_limits_default, NULL);

	g_assert_cmpstr(message_subject(message), ==, "ab");
	g_assert_true(message_oddities(message) & MESSAGE_ODD_NUL);
}

static void
test_addresses(void)
{
	struct message *message OWNED(message_free) =
	    parse("From: Ann <ann@example.org>\nSender: s@example.org\n"
		  "Reply-To: r@example.org\nTo: Team: a@example.com, B "
		  "<b@example.com>;, c@example.com\nTo: second@example.com\n"
		  "Cc: undisclosed-recipients:;\nX-To: x@example.com\n\nx");
	static const char *const to[] = { "a@example.com", "b@example.com",
		"c@example.com", "second@example.com" };
	const GPtrArray *list = message_addresses(message, "To");

	g_assert_cmpuint(list->len, ==, 4);
	for (guint i = 0; i < MIN(list->len, 4); i++)
		g_assert_cmpstr(
		    ((struct addr *)list->pdata[i])->address, ==, to[i]);
	g_assert_true(list == message_addresses(message, "to"));
	g_assert_cmpuint(message_addresses(message, "Cc")->len, ==, 0);
	g_assert_cmpuint(message_addresses(message, "Bcc")->len, ==, 0);
	g_assert_cmpuint(message_addresses(message, "Sender")->len, ==, 1);
	g_assert_cmpuint(message_addresses(message, "Reply-To")->len, ==, 1);
}

static void
test_references(void)
{
	g_autoptr(GString) text = g_string_new("References:");
	struct message *message OWNED(message_free) = NULL;
	const GPtrArray *list;

	for (guint i = 0; i < 50; i++)
		g_string_append_printf(text, "\n <r%u@example.org>", i);
	g_string_append(
	    text, "\nIn-Reply-To: <i@example.org> <r48@example.org>\n\nx");
	message = parse(text->str);
	list = message_references(message);
	g_assert_cmpuint(list->len, ==, 20);
	g_assert_cmpstr(list->pdata[0], ==, "i@example.org");
	g_assert_cmpstr(list->pdata[1], ==, "r48@example.org");
	/* The newest first, none twice. */
	g_assert_cmpstr(list->pdata[2], ==, "r49@example.org");
	g_assert_cmpstr(list->pdata[3], ==, "r47@example.org");
	g_assert_cmpstr(list->pdata[19], ==, "r31@example.org");
}

static void
test_dates(void)
{
	static const struct {
		const char *date;
		gint64 seconds;
		gint zone;
	} dates[] = {
		{ "Tue, 05 Mar 2024 10:00:00 +0100", 1709629200, 60 },
		{ "Tue, 5 Mar 2024 10:00:00 -0330", 1709645400, -210 },
		{ "5 Mar 2024 10:00 GMT", 1709632800, 0 },
		{ "Tue, 05 Mar 2024 10:00:00 +0100 (CET)", 1709629200, 60 },
		{ "5 Mar 24 10:00:00 EST", 1709650800, -300 },
		{ "Tue Mar  5 10:00:00 2024", 1709632800, 0 },
		{ "tomorrow", 0, 0 },
		{ "", 0, 0 },
		{ "99 Foo 2024 10:00:00 +0000", 0, 0 },
		{ "Thu, 01 Jan 1900 00:00:00 +0000", 0, 0 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(dates); i++) {
		g_autofree char *text =
		    g_strdup_printf("Date: %s\n\nx", dates[i].date);
		struct message *message OWNED(message_free) = parse(text);
		gint zone = 9999;

		g_test_message("%s", dates[i].date);
		g_assert_cmpint(
		    message_date(message, &zone), ==, dates[i].seconds);
		if (dates[i].seconds != 0)
			g_assert_cmpint(zone, ==, dates[i].zone);
		g_assert_cmpint(
		    (message_oddities(message) & MESSAGE_ODD_DATE) != 0, ==,
		    dates[i].seconds == 0);
	}
}

static void
test_parts(void)
{
	struct message *message OWNED(message_free) =
	    parse("Content-Type: multipart/mixed; boundary=a\n\n"
		  "--a\nContent-Type: multipart/alternative; boundary=b\n\n"
		  "--b\nContent-Type: Text/Plain; charset=\"UTF-8\"\n\nHi.\n"
		  "--b\nContent-Type: text/html\n\n<p>Hi.\n"
		  "--b--\n"
		  "--a\nContent-Type: image/png; name=i.png\n"
		  "Content-ID: <i1@example.org>\n"
		  "Content-Transfer-Encoding: base64\n\naGVsbG8=\n"
		  "--a\nContent-Type: text/plain\n"
		  "Content-Disposition: attachment\n\nattached\n"
		  "--a--\n");
	g_autoptr(GBytes) bytes = message_part_bytes(message, 2, NULL);
	const struct part *part;

	g_assert_cmpuint(message_part_count(message), ==, 4);
	part = message_part(message, 0);
	g_assert_cmpstr(part->type, ==, "text/plain");
	g_assert_cmpstr(part->charset, ==, "utf-8");
	g_assert_cmpuint(part->depth, ==, 2);
	g_assert_true(part->alternative);
	g_assert_false(part->attachment);
	g_assert_cmpstr(part->text, ==, "Hi.");
	part = message_part(message, 2);
	g_assert_cmpstr(part->type, ==, "image/png");
	g_assert_cmpstr(part->filename, ==, "i.png");
	g_assert_cmpstr(part->content_id, ==, "i1@example.org");
	g_assert_cmpuint(part->depth, ==, 1);
	g_assert_true(part->attachment);
	g_assert_true(part->inline_image);
	g_assert_false(part->alternative);
	g_assert_null(part->text);
	g_assert_cmpuint(part->size, ==, 5);
	g_assert_cmpmem(
	    g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), "hello", 5);
	part = message_part(message, 3);
	g_assert_true(part->attachment);
	g_assert_null(part->filename);
	g_assert_cmpstr(message_text(message), ==, "Hi.");
	g_assert_cmpstr(message_html(message), ==, "<p>Hi.");
	g_assert_cmpstr(message_markup(message)->text, ==, "Hi.");
	g_assert_true(message_markup(message) == message_markup(message));
}

/* --- ceilings --- */

static void
test_scan_bytes(void)
{
	struct message_limits limits = message_limits_default;
	g_autoptr(GString) text = g_string_new("Subject: x\n\n");
	struct message *message OWNED(message_free) = NULL;
	gsize length;

	for (guint i = 0; i < 1000; i++)
		g_string_append(text, "0123456789\n");
	limits.scan_bytes = 5000;
	message = parse_limited(text, &limits);
	g_assert_true(is_truncated(message));
	g_assert_cmpuint(strlen(message_text(message)), ==, 5000 - 12);
	/* The rest is left alone, not lost. */
	(void)message_body_block(message, &length);
	g_assert_cmpuint(length, ==, 11000);
}

static void
test_header_ceilings(void)
{
	struct message_limits limits = message_limits_default;
	g_autoptr(GString) text = g_string_new("Subject: first\n");
	struct message *message OWNED(message_free) = NULL;
	struct message *shorter OWNED(message_free) = NULL;

	for (guint i = 0; i < 5000; i++)
		g_string_append(text, "X-Field: value\n");
	g_string_append(text, "Content-Type: text/html\n\n<p>Hi.\n");
	message = parse_limited(text, &limits);
	g_assert_true(is_truncated(message));
	g_assert_cmpuint(message_header_count(message), ==, limits.headers);
	g_assert_cmpstr(message_subject(message), ==, "first");
	/* Its type is behind the ceiling: the body is read as text. */
	g_assert_cmpstr(message_text(message), ==, "<p>Hi.\n");
	limits.header_bytes = 1000;
	shorter = parse_limited(text, &limits);
	g_assert_true(is_truncated(shorter));
	g_assert_cmpuint(message_header_count(shorter), <, 70);
}

static void
test_part_ceiling(void)
{
	struct message_limits limits = message_limits_default;
	g_autoptr(GString) text = g_string_new(
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHi.\n");
	struct message *message OWNED(message_free) = NULL;
	struct message *many OWNED(message_free) = NULL;

	for (guint i = 0; i < 20; i++)
		g_string_append(
		    text, "--b\nContent-Type: image/png; name=a.png\n\nx\n");
	g_string_append(text, "--b--\n");
	limits.parts = 10;
	message = parse_limited(text, &limits);
	g_assert_true(is_truncated(message));
	g_assert_cmpuint(message_part_count(message), ==, 10);
	g_assert_cmpstr(message_text(message), ==, "Hi.");
	g_string_truncate(text, text->len - strlen("--b--\n"));
	for (guint i = 0; i < 300000; i++)
		g_string_append(text, "--b\n\n");
	many = parse_limited(text, &message_limits_default);
	g_assert_true(is_truncated(many));
	g_assert_cmpuint(
	    message_part_count(many), ==, message_limits_default.parts);
	g_assert_cmpstr(message_part(many, 0)->text, ==, "Hi.");
}

static void
test_depth(void)
{
	static const guint depths[] = { 19, 20, 21, 500, 2000 };

	for (gsize i = 0; i < G_N_ELEMENTS(depths); i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		struct message *message OWNED(message_free) = NULL;
		gboolean deep = depths[i] > message_limits_default.depth;

		for (guint n = 0; n < depths[i]; n++)
			g_string_append_printf(text,
			    "Content-Type: multipart/mixed; boundary=b%u\n\n"
			    "--b%u\n",
			    n, n);
		g_string_append(text, "Content-Type: text/plain\n\ninside\n");
		for (guint n = depths[i]; n > 0; n--)
			g_string_append_printf(text, "--b%u--\n", n - 1);
		message = parse_limited(text, &message_limits_default);
		g_test_message("%u", depths[i]);
		g_assert_cmpint(is_truncated(message), ==, deep);
		g_assert_cmpstr(
		    message_text(message), ==, deep ? "" : "inside");
	}
}

/* Messages in messages are leaves: no depth costs anything. */
static void
test_nested_messages(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	struct message *message OWNED(message_free) = NULL;

	for (guint n = 0; n < 20000; n++)
		g_string_append(text, "Content-Type: message/rfc822\n\n");
	message = parse_limited(text, &message_limits_default);
	g_assert_cmpuint(message_part_count(message), ==, 1);
	g_assert_cmpstr(message_part(message, 0)->type, ==, "message/rfc822");
	g_assert_false(is_truncated(message));
}

static void
test_address_ceiling(void)
{
	struct message_limits limits = message_limits_default;
	g_autoptr(GString) text = g_string_new("To: a0@example.com");
	struct message *message OWNED(message_free) = NULL;

	for (guint i = 1; i < 3000; i++)
		g_string_append_printf(text, ",\n a%u@example.com", i);
	g_string_append(text, "\n\nx");
	limits.addresses = 7;
	message = parse_limited(text, &limits);
	g_assert_cmpuint(message_addresses(message, "To")->len, ==, 7);
}

static void
test_text_ceilings(void)
{
	struct message_limits limits = message_limits_default;
	g_autoptr(GString) text = g_string_new(
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n");
	struct message *message OWNED(message_free) = NULL;
	struct message *decoded OWNED(message_free) = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = NULL;

	for (guint i = 0; i < 100; i++)
		g_string_append(text, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\n");
	g_string_append(text, "--b\nContent-Type: image/png\n\nsome bytes\n"
			      "--b--\n");
	limits.text_bytes = 100;
	message = parse_limited(text, &limits);
	g_assert_true(is_truncated(message));
	g_assert_cmpuint(strlen(message_text(message)), <=, 100);
	g_assert_cmpuint(strlen(message_text(message)), >, 90);
	g_assert_true(g_utf8_validate(message_text(message), -1, NULL));
	limits = message_limits_default;
	limits.decoded_bytes = 905;
	decoded = parse_limited(text, &limits);
	g_assert_false(is_truncated(decoded));
	bytes = message_part_bytes(decoded, 1, &error);
	g_assert_null(bytes);
	g_assert_error(error, DG_ERROR, DG_ERROR_FULL);
	g_assert_true(is_truncated(decoded));
}

/* --- hostile --- */

/* GMime hangs for ever when asked for this one's boundary (gmime #165). */
static void
test_boundary_hang(void)
{
	g_autoptr(GString) text =
	    g_string_new("Content-Type: multipart/mixed;\n ");
	struct message *message OWNED(message_free) = NULL;

	for (guint i = 0; i < 36; i++)
		g_string_append(text, "\xd1\x9c");
	g_string_append(text, "=\"\xd1\x9c\";");
	message = parse_limited(text, &message_limits_default);
	g_assert_true(message_oddities(message) & MESSAGE_ODD_BOUNDARY);
	g_string_append(text, "\n\nThe text.\n");
	message_free(&message);
	message = parse_limited(text, &message_limits_default);
	g_assert_cmpstr(message_text(message), ==, "The text.\n");
}

static void
test_dense_text(void)
{
	static const char *const units[] = { "<", ">", "=", "\t", "@", ",", "(",
		"\"", "\\", ";", ":", "=?", "--", "\xff", "\x1b$B" };
	static const char *const heads[] = { "Subject: ", "From: ", "To: ",
		"Date: ", "References: ", "Content-Type: ",
		"Content-Type: text/plain; name=",
		"Content-Type: multipart/mixed; boundary=",
		"Content-Disposition: attachment; filename=",
		"Content-Type: text/html\n\n",
		"Content-Transfer-Encoding: base64\n\n",
		"Content-Transfer-Encoding: quoted-printable\n\n" };

	for (gsize h = 0; h < G_N_ELEMENTS(heads); h++) {
		for (gsize u = 0; u < G_N_ELEMENTS(units); u++) {
			g_autoptr(GString) text = g_string_new(heads[h]);
			struct message *message OWNED(message_free) = NULL;
			gint64 start = g_get_monotonic_time();

			while (text->len < 200000)
				g_string_append(text, units[u]);
			message = parse_limited(text, &message_limits_default);
			(void)message_text(message);
			(void)message_addresses(message, "From");
			(void)message_addresses(message, "To");
			g_test_message("%s%s: %d ms", heads[h], units[u],
			    (int)((g_get_monotonic_time() - start) / 1000));
			g_assert_cmpint(g_get_monotonic_time() - start, <,
			    60 * G_USEC_PER_SEC);
		}
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	message_prepare();
	message_prepare();
	g_test_add_func("/message/nothing", test_nothing);
	g_test_add_func("/message/headers", test_headers);
	g_test_add_func("/message/nul-in-header", test_nul_in_header);
	g_test_add_func("/message/addresses", test_addresses);
	g_test_add_func("/message/references", test_references);
	g_test_add_func("/message/dates", test_dates);
	g_test_add_func("/message/parts", test_parts);
	g_test_add_func("/message/scan-bytes", test_scan_bytes);
	g_test_add_func("/message/header-ceilings", test_header_ceilings);
	g_test_add_func("/message/part-ceiling", test_part_ceiling);
	g_test_add_func("/message/depth", test_depth);
	g_test_add_func("/message/nested-messages", test_nested_messages);
	g_test_add_func("/message/address-ceiling", test_address_ceiling);
	g_test_add_func("/message/text-ceilings", test_text_ceilings);
	g_test_add_func("/message/boundary-hang", test_boundary_hang);
	g_test_add_func("/message/dense-text", test_dense_text);
	return g_test_run();
}
