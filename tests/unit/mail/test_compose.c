/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What we write is read back by our own reader, and looked at byte by byte
 * where a relay would look.
 */
#include "lib/mail/compose.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/mail/message.h"

static const struct compose plain = {
	.from_name = "Support",
	.from = "support@example.com",
	.reply_to = "support+dg-7-a@example.com",
	.to = "carol@example.net",
	.subject = "We got your mail",
	.text = "Hello,\n\nyour ticket is 7.\n",
	.date = 1780000000,
	.message_id = "1@example.com",
	.in_reply_to = "a.b@example.net",
	.auto_submitted = "auto-replied",
	.loop = "mail.example.com",
};

static struct message *
written(const struct compose *mail, GBytes **bytes_r)
{
	g_autoptr(GError) error = NULL;
	struct message *message;
	const guint8 *data;
	gsize length;

	*bytes_r = compose_message(mail, &error);
	g_assert_no_error(error);
	data = g_bytes_get_data(*bytes_r, &length);
	message = message_parse(data, length, &message_limits_default, &error);
	g_assert_no_error(error);
	return message;
}

static void
test_fields(void)
{
	static const char *const wanted[][2] = {
		{ "From", "Support <support@example.com>" },
		{ "Reply-To", "support+dg-7-a@example.com" },
		{ "To", "carol@example.net" },
		{ "Subject", "We got your mail" },
		{ "Date", "Thu, 28 May 2026 20:26:40 +0000" },
		{ "Message-ID", "<1@example.com>" },
		{ "In-Reply-To", "<a.b@example.net>" },
		{ "References", "<a.b@example.net>" },
		{ "Auto-Submitted", "auto-replied" },
		{ "X-Deskgate-Loop", "mail.example.com" },
		{ "MIME-Version", "1.0" },
		{ "Content-Transfer-Encoding", "quoted-printable" },
	};
	g_autoptr(GBytes) bytes = NULL;
	struct message *message OWNED(message_free) = written(&plain, &bytes);

	for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
		g_assert_cmpstr(
		    message_header(message, wanted[i][0]), ==, wanted[i][1]);
	g_assert_cmpstr(message_text(message), ==, plain.text);
	g_assert_cmpuint(message_oddities(message), ==, 0);
}

/* Each LF has its CR, no byte is above 127, no line above 998. */
static void
check_lines(GBytes *bytes)
{
	gsize length, line = 0;
	const char *data = g_bytes_get_data(bytes, &length);

	for (gsize i = 0; i < length; i++) {
		g_assert_cmpint((guchar)data[i], >, 0);
		g_assert_cmpint((guchar)data[i], <, 0x80);
		if (data[i] == '\n')
			g_assert_true(i > 0 && data[i - 1] == '\r');
		else if (data[i] == '\r')
			g_assert_true(i + 1 < length && data[i + 1] == '\n');
		line = data[i] == '\n' ? 0 : line + 1;
		g_assert_cmpuint(line, <=, 998);
	}
}

static void
test_text(void)
{
	static const char *const texts[] = {
		"",
		"no line end",
		".\n..\n.leading dot\n",
		("Gr\xc3\xbc\xc3\x9f"
		 "e \xf0\x9f\x98\x80 = 100 %\n"),
		"blank at the end \nFrom the start\n",
	};
	g_autofree char *wide = g_strnfill(5000, 'x');

	for (gsize i = 0; i <= G_N_ELEMENTS(texts); i++) {
		const char *text = i < G_N_ELEMENTS(texts) ? texts[i] : wide;
		struct compose mail = plain;
		g_autoptr(GBytes) bytes = NULL;
		struct message *message OWNED(message_free) = NULL;

		mail.text = text;
		message = written(&mail, &bytes);
		/* The reader ends the last line. */
		g_assert_true(g_str_has_prefix(message_text(message), text));
		g_assert_cmpuint(
		    strlen(message_text(message)), <=, strlen(text) + 1);
		check_lines(bytes);
	}
}

static void
test_foreign_words(void)
{
	g_autofree char *long_subject = g_strnfill(2000, 's');
	struct compose mail = plain;
	g_autoptr(GBytes) bytes = NULL, second = NULL;
	struct message *message OWNED(message_free) = NULL;
	struct message *again OWNED(message_free) = NULL;
	const struct addr *from;

	mail.from_name = "K\xc3\xb6ln, \"Support\"";
	mail.subject = "Gr\xc3\xbc\xc3\x9f"
		       "e aus K\xc3\xb6ln \xf0\x9f\x98\x80 und noch viel mehr, "
		       "l\xc3\xa4nger als eine Zeile sein darf";
	message = written(&mail, &bytes);
	check_lines(bytes);
	g_assert_cmpstr(message_subject(message), ==, mail.subject);
	from = message_addresses(message, "From")->pdata[0];
	g_assert_cmpstr(from->name, ==, mail.from_name);
	g_assert_cmpstr(from->address, ==, "support@example.com");
	mail.subject = long_subject;
	again = written(&mail, &second);
	check_lines(second);
	g_assert_cmpuint(strlen(message_subject(again)), ==, 500);
}

static void
test_nothing_is_injected(void)
{
	struct compose mail = plain;
	g_autoptr(GBytes) bytes = NULL;
	struct message *message OWNED(message_free) = NULL;

	mail.subject = "one\r\nBcc: victim@example.org\r\n\r\nbody";
	mail.from_name = "a\nBcc: victim@example.org";
	message = written(&mail, &bytes);
	g_assert_null(message_header(message, "Bcc"));
	g_assert_cmpstr(message_text(message), ==, plain.text);
}

static void
refused(const struct compose *mail)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(compose_message(mail, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
}

static void
test_refusals(void)
{
	static const char *const bad[] = { "", "a b", "a\r\nBcc: x", "<a",
		"\xc3\xbc" };

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		struct compose id = plain, reply = plain, loop = plain,
			       word = plain, from = plain, to = plain;

		id.message_id = bad[i];
		reply.in_reply_to = bad[i];
		loop.loop = bad[i];
		word.auto_submitted = bad[i];
		from.from = bad[i];
		to.to = bad[i];
		refused(&id);
		refused(&reply);
		refused(&loop);
		refused(&word);
		refused(&from);
		refused(&to);
	}
}

static void
test_ids(void)
{
	g_autofree char *one = compose_new_id("support@example.com");
	g_autofree char *two = compose_new_id("support@example.com");
	g_autofree char *none = compose_new_id("support");

	g_assert_true(g_str_has_suffix(one, "@example.com"));
	g_assert_cmpstr(one, !=, two);
	g_assert_true(g_str_has_suffix(none, "@localhost"));
}

static void
test_id_is_made(void)
{
	struct compose mail = plain;
	g_autoptr(GBytes) bytes = NULL, second = NULL;
	struct message *message OWNED(message_free) = NULL;
	struct message *again OWNED(message_free) = NULL;

	mail.message_id = mail.in_reply_to = mail.from_name = NULL;
	message = written(&mail, &bytes);
	again = written(&mail, &second);
	g_assert_nonnull(message_id(message));
	g_assert_cmpstr(message_id(message), !=, message_id(again));
	g_assert_null(message_header(message, "In-Reply-To"));
	g_assert_null(message_header(message, "References"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	message_prepare();
	g_test_add_func("/compose/fields", test_fields);
	g_test_add_func("/compose/text", test_text);
	g_test_add_func("/compose/foreign-words", test_foreign_words);
	g_test_add_func("/compose/injection", test_nothing_is_injected);
	g_test_add_func("/compose/refusals", test_refusals);
	g_test_add_func("/compose/ids", test_ids);
	g_test_add_func("/compose/id-is-made", test_id_is_made);
	return g_test_run();
}
