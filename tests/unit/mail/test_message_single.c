/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message that is one text says the same whoever reads it: a Content-ID
 * leaves it to GMime.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "lib/mail/message_private.h"

static const struct {
	const char *fields; /* of MIME */
	gboolean single;
} heads[] = {
	{ "", TRUE },
	{ "Content-Type: text/plain\n", TRUE },
	{ "Content-Type: TEXT/HTML; CharSet=\"UTF-8\"\n", TRUE },
	{ "Content-Type:text/plain;\n\tcharset=us-ascii; format=flowed \n",
	    TRUE },
	{ "Content-Type: text/plain; charset=ISO-8859-15\n"
	  "Content-Transfer-Encoding: 8BIT\nContent-Disposition: inline\n",
	    TRUE },
	{ "Content-Type: text/plain; charset=gb2312\r\n"
	  "Content-Transfer-Encoding:\r\n 7bit\r\n",
	    TRUE },
	{ "Content-Type: text/plain; charset=iso-2022-jp\n", TRUE },
	{ "Content-Type: text/plain; charset=utf-7\n", TRUE },
	{ "Content-Type: text/html\nContent-Type: multipart/mixed; "
	  "boundary=b\n",
	    TRUE },
	{ "Content-Type: text/plain; encoding=x; x=\"y\"\n", TRUE },
	{ "Content-Type: text\n", FALSE },
	{ "Content-Type:\n", FALSE },
	{ "Content-Type: text/plain;\n", FALSE },
	{ "Content-Type: text/plainer\n", FALSE },
	{ "Content-Type: text/enriched\n", FALSE },
	{ "Content-Type: text/calendar\n", FALSE },
	{ "Content-Type: text/plain charset=utf-8\n", FALSE },
	{ "Content-Type: text/plain; charset\n", FALSE },
	{ "Content-Type: text/plain; charset=\n", FALSE },
	{ "Content-Type: text/plain; charset=\"utf-8\n", FALSE },
	{ "Content-Type: text/plain; charset=\"utf-8\"x\n", FALSE },
	{ "Content-Type: text/plain; charset=utf-8 (x)\n", FALSE },
	{ "Content-Type: text/plain; charset=\xc3\xa9\n", FALSE },
	{ "Content-Type: text/plain; charset*=utf-8\n", FALSE },
	{ "Content-Type: text/plain; charset=a; charset=b\n", FALSE },
	{ "Content-Type: text/plain; name=a.txt\n", FALSE },
	{ "Content-Type: text/plain; FILENAME=a.txt\n", FALSE },
	{ "Content-Type: multipart/mixed; boundary=b\n", FALSE },
	{ "Content-Transfer-Encoding: base64\n", FALSE },
	{ "Content-Transfer-Encoding: quoted-printable\n", FALSE },
	{ "Content-Transfer-Encoding: 7bit8\n", FALSE },
	{ "Content-Transfer-Encoding:\n", FALSE },
	{ "Content-Disposition: attachment\n", FALSE },
	{ "Content-Disposition: inline; filename=a.txt\n", FALSE },
};

static const char *const bodies[] = { "", "\n", "x", "Hello\n", "a\r\nb\r\n",
	"From me\n>From you\n", "--b\nContent-Type: text/html\n\n<p>x\n--b--\n",
	"=E9=\n=3D\n", "caf\xe9\xa4\n", "caf\xc3\xa9\n", "a\rb\r",
	"\x1b$B$\"\x1b(B +AGE-\n", "aGVsbG8=\n", "<p>One<br>two</p>\n",
	"\xef\xbb\xbfx\n", "a\xff\xfe\n", "\n\n--\n\n" };

static struct message *
parse(const char *source)
{
	return message_parse((const guint8 *)source, strlen(source),
	    &message_limits_default, NULL);
}

static void
assert_same(struct message *a, struct message *b)
{
	const struct part *one, *other;
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(GBytes) others = NULL;

	g_assert_cmpuint(message_part_count(a), ==, message_part_count(b));
	g_assert_cmpuint(message_oddities(a), ==, message_oddities(b));
	g_assert_cmpstr(message_text(a), ==, message_text(b));
	g_assert_cmpstr(message_html(a), ==, message_html(b));
	g_assert_cmpstr(a->hint, ==, b->hint);
	if (message_part_count(a) != 1 || message_part_count(b) != 1)
		return;
	one = message_part(a, 0);
	other = message_part(b, 0);
	g_assert_cmpstr(one->type, ==, other->type);
	g_assert_cmpstr(one->charset, ==, other->charset);
	g_assert_cmpstr(one->filename, ==, other->filename);
	g_assert_cmpstr(one->text, ==, other->text);
	g_assert_cmpint(one->attachment, ==, other->attachment);
	g_assert_cmpint(one->inline_image, ==, other->inline_image);
	g_assert_cmpint(one->alternative, ==, other->alternative);
	g_assert_cmpuint(one->depth, ==, other->depth);
	g_assert_cmpuint(one->size, ==, other->size);
	bytes = message_part_bytes(a, 0, NULL);
	others = message_part_bytes(b, 0, NULL);
	g_assert_true(g_bytes_equal(bytes, others));
}

static void
test_same(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(heads); i++) {
		for (gsize k = 0; k < G_N_ELEMENTS(bodies); k++) {
			g_autofree char *source = g_strdup_printf(
			    "Subject: x\n%s\n%s", heads[i].fields, bodies[k]);
			g_autofree char *other = g_strdup_printf(
			    "Content-ID: <x@example.com>\n%s", source);
			struct message *message OWNED(message_free) =
			    parse(source);
			struct message *by_gmime OWNED(message_free) =
			    parse(other);

			g_test_message(
			    "%s, body %u", heads[i].fields, (guint)k);
			g_assert_cmpint(
			    message->tree == NULL, ==, heads[i].single);
			g_assert_nonnull(by_gmime->tree);
			assert_same(message, by_gmime);
		}
	}
}

/* A ceiling cuts both alike. */
static void
test_ceilings(void)
{
	static const char source[] = "Subject: x\n\nOne two three\n",
			  other[] = "Subject: x\nContent-ID: <x@y>\n\n"
				    "One two three\n";
	struct message_limits limits = message_limits_default;

	for (gsize cut = 0; cut < 14; cut++) {
		struct message *message OWNED(message_free) = NULL;
		struct message *by_gmime OWNED(message_free) = NULL;

		limits.scan_bytes = strlen(source) - cut;
		limits.decoded_bytes = 12;
		message = message_parse(
		    (const guint8 *)source, strlen(source), &limits, NULL);
		limits.scan_bytes = strlen(other) - cut;
		by_gmime = message_parse(
		    (const guint8 *)other, strlen(other), &limits, NULL);
		g_assert_cmpuint(
		    message_oddities(message), ==, message_oddities(by_gmime));
		g_assert_cmpstr(
		    message_text(message), ==, message_text(by_gmime));
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	message_prepare();
	g_test_add_func("/message/single/same", test_same);
	g_test_add_func("/message/single/ceilings", test_ceilings);
	return g_test_run();
}
