/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each file of tests/mail is one way in which real mail is odd, named for it.
 * All of them are read as they are, and once more with CRLF: that must not
 * matter.
 */
#include "lib/mail/message.h"

#include <string.h>

#include "lib/base/owned.h"

#define T MESSAGE_ODD_TRUNCATED
#define D MESSAGE_ODD_DUPLICATE
#define C MESSAGE_ODD_CHARSET
#define B MESSAGE_ODD_BOUNDARY
#define E MESSAGE_ODD_ENCODING
#define N MESSAGE_ODD_NUL
#define L MESSAGE_ODD_BARE_LF
#define Y MESSAGE_ODD_DATE

#define ANN "Ann <ann@example.org>"
#define PDF "The text.\n", "application/pdf:"

static const struct {
	const char *file;
	const char *from;    /* "name <address>", all of From; "" for none */
	const char *subject; /* NULL: not looked at */
	const char *text;    /* without blanks at its ends */
	const char *files;   /* "type:name" of attachments, comma-separated */
	guint oddities;
} cases[] = {
	{ "address-without-quotes", "Doe, John <john@example.com>", "Hello",
	    "Hello.", "", 0 },
	{ "address-blanks-around-at", "John Doe <john@example.com>", "Hello",
	    "Hello.", "", 0 },
	{ "address-mailto-in-brackets", "John Doe <john@example.com>", "Hello",
	    "Hello.", "", 0 },
	{ "address-encoded-whole", "J\xc3\xb6rg <joerg@example.com>", "Hello",
	    "Hello.", "", 0 },
	{ "address-word-in-quotes", "J\xc3\xb6rg <joerg@example.com>", "Hello",
	    "Hello.", "", 0 },
	{ "address-single-quotes", "John <john@example.com>", "Hello", "Hello.",
	    "", 0 },
	{ "address-comment", "John the Doe <john@example.com>", "Hello",
	    "Hello.", "", 0 },
	{ "address-utf8", "J\xc3\xb6rg <j\xc3\xb6rg@ex\xc3\xa4mple.com>",
	    "Hello", "Hello.", "", 0 },
	{ "address-encoded-comma", "Doe, J\xc3\xb6rg <joerg@example.com>",
	    "Hello", "Hello.", "", 0 },
	{ "address-unclosed-quote", "John <john@example.com>", "Hello",
	    "Hello.", "", 0 },
	{ "address-missing-bracket", "John <john@example.com>", "Hello",
	    "Hello.", "", 0 },
	{ "address-words-then-address", "John Doe <john@example.com>", "Hello",
	    "Hello.", "", 0 },
	{ "address-route", " <john@example.com>", "Hello", "Hello.", "", 0 },
	{ "address-none", "", "Hello", "Hello.", "", 0 },
	{ "word-cut-in-character", ANN,
	    "\xe3\x81\x93\xe3\x82\x93\xe3\x81\xab\xe3\x81\xa1\xe3\x81\xaf"
	    "\xe4\xb8\x96\xe7\x95\x8c",
	    "Hello.", "", 0 },
	{ "word-blanks-inside", ANN, "Where is my \xc3\x96rder", "Hello.", "",
	    0 },
	{ "word-x-sjis", ANN,
	    "\xe3\x81\x93\xe3\x82\x93\xe3\x81\xab\xe3\x81\xa1\xe3\x81\xaf",
	    "Hello.", "", 0 },
	{ "word-gb2312-means-gbk", ANN, "\xe6\x9c\xb1\xe9\x95\x95\xe5\x9f\xba",
	    "Hello.", "", 0 },
	{ "word-ks-c-5601", ANN,
	    "\xeb\x98\xa0\xeb\xb0\xa9\xea\xb0\x81\xed\x95\x98", "Hello.", "",
	    0 },
	{ "word-unknown-charset", ANN, "caf\xc3\xa9", "Hello.", "", 0 },
	{ "word-with-language", ANN, "caf\xc3\xa9", "Hello.", "", 0 },
	{ "word-unclosed", ANN, "=?utf-8?Q?never ends", "Hello.", "", 0 },
	{ "word-next-to-text", ANN, "Re: caf\xc3\xa9!", "Hello.", "", 0 },
	{ "subject-raw-utf8", ANN,
	    "F\xc3\xbc\xc3\x9f"
	    "e",
	    "Hello.", "", 0 },
	{ "subject-raw-latin1", ANN,
	    "F\xc3\xbc\xc3\x9f"
	    "e",
	    "Hello.", "", 0 },
	{ "subject-folded", ANN, "one two three", "Hello.", "", 0 },
	{ "subject-bidi", ANN, "pay gnp.exe now", "Hello.", "", 0 },
	{ "body-gb2312-means-gb18030", ANN, NULL,
	    "\xe6\x9c\xb1\xe9\x95\x95\xe5\x9f\xba\xef\xbc\x8c\xf0\xa0\x80\x80",
	    "", 0 },
	{ "body-ks-c-5601", ANN, NULL,
	    "\xeb\x98\xa0\xeb\xb0\xa9\xea\xb0\x81\xed\x95\x98 "
	    "\xed\x8e\xb2\xec\x8b\x9c\xec\xbd\x9c\xeb\x9d\xbc",
	    "", 0 },
	{ "body-x-sjis", ANN, NULL,
	    "\xe3\x82\xbd\xe3\x83\x95\xe3\x83\x88\xe2\x91\xa0", "", 0 },
	{ "body-iso-2022-jp", ANN, NULL, "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
	    "", 0 },
	{ "body-iso-2022-jp-undeclared", ANN, NULL,
	    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", "", C },
	{ "body-iso-2022-jp-vendor-signs", ANN, NULL,
	    "\xe2\x91\xa0\xe6\x97\xa5\xe6\x9c\xac end", "", C },
	{ "body-utf8-called-latin1", ANN, NULL,
	    "F\xc3\xbc\xc3\x9f"
	    "e",
	    "", C },
	{ "body-utf8-called-ascii", ANN, NULL,
	    "F\xc3\xbc\xc3\x9f"
	    "e",
	    "", C },
	{ "body-latin1-called-utf8", ANN, NULL,
	    "F\xc3\xbc\xc3\x9f"
	    "e und \xc3\x96l",
	    "", C },
	{ "body-latin1-undeclared", ANN, NULL,
	    "F\xc3\xbc\xc3\x9f"
	    "e",
	    "", C },
	{ "body-windows-quotes-called-latin1", ANN, NULL,
	    "\xe2\x80\x9cquoted\xe2\x80\x9d \xe2\x80\x93 \xe2\x82\xac"
	    "5",
	    "", 0 },
	{ "body-one-bad-byte", ANN, NULL,
	    "F\xc3\xbc\xc3\x9f"
	    "e \xef\xbf\xbd gr\xc3\xbc\xc3\x9f"
	    "en sch\xc3\xb6n",
	    "", C },
	{ "body-charset-unknown", ANN, NULL,
	    "F\xc3\xbc\xc3\x9f"
	    "e",
	    "", C },
	{ "body-koi8-r", ANN, NULL,
	    "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82", "", 0 },
	{ "body-utf-7", ANN, NULL, "Hi \xc3\xa4!", "", 0 },
	{ "body-utf-16", ANN, NULL,
	    "Gr\xc3\xbc\xc3\x9f"
	    "e",
	    "", 0 },
	{ "body-with-bom", ANN, NULL, "Hello", "", 0 },
	{ "body-with-nul", ANN, NULL, "Hello", "", N },
	{ "boundary-unclosed", ANN, NULL, "The text.", "text/plain:a.txt", B },
	{ "boundary-missing", ANN, NULL, "--b1\n\nThe text.\n--b1--", "", B },
	{ "boundary-missing-encoded", ANN, NULL,
	    "It is \xc3\xbc"
	    "ber broken.",
	    "", B },
	{ "boundary-other-than-declared", ANN, NULL,
	    "This is a message in MIME format.\n--b2\n\nThe text.\n--b2--", "",
	    B },
	{ "boundary-like-text", ANN, NULL, "some text\n--b12\n-- \nAnn", "",
	    0 },
	{ "header-no-empty-line", ANN, "Hello",
	    "Dear support,\nit is broken.\n\nAnn", "", Y },
	{ "header-strange-line", ANN, "Hello", "It is broken.", "", Y },
	{ "header-blank-before-colon", ANN, "Hello", "It is broken.", "", Y },
	{ "header-none", "", "", "Just text, no header at all.\n\nAnn", "", Y },
	{ "header-only", ANN, "Hello", "", "", Y },
	{ "mailbox-from-line", ANN, "Hello", "It is broken.", "", Y },
	{ "line-ends-cr", ANN, "Hello", "It is\nbroken.", "", 0 },
	{ "line-ends-mixed", ANN, "Hello", "It is\nbroken.\nReally.", "", L },
	{ "line-ends-crlf", ANN, "Hello", "It is\nbroken.", "", 0 },
	{ "field-twice", ANN, "one", "x", "", D },
	{ "type-twice", ANN, NULL, "<b>bold</b>", "", D },
	{ "type-text-alone", ANN, NULL, "It is broken.", "", 0 },
	{ "type-unknown-text", ANN, NULL, "It is broken.", "", 0 },
	{ "type-named-root", ANN, NULL, "It is broken.", "", 0 },
	{ "encoding-unknown", ANN, NULL, "It is broken.", "", E },
	{ "encoding-unknown-file", ANN, NULL, "It is broken.",
	    "application/octet-stream:a.png", 0 },
	{ "encoding-base64-with-junk", ANN, NULL, "It is broken.", "", E },
	{ "encoding-base64-then-text", ANN, NULL,
	    "It is broken.\n-- \nlist footer", "", E },
	{ "encoding-quoted-bad", ANN, NULL,
	    "It is \xc3\x9c"
	    "ber=XX broken.",
	    "", E },
	{ "encoding-uuencode", ANN, NULL, "It is broken", "", 0 },
	{ "subject-raw-charset-of-body", ANN,
	    "\xe3\x83\x84\xe3\x83\xbc\xe3\x83\xab",
	    "\xe3\x83\x84\xe3\x83\xbc\xe3\x83\xab", "", 0 },
	{ "subject-raw-shift-jis-body-iso-2022-jp", ANN,
	    "\xe6\xb3\xa8\xe6\x96\x87", "\xe6\xb3\xa8\xe6\x96\x87", "", 0 },
	{ "body-shift-jis-called-iso-2022-jp", ANN, NULL,
	    "\xe3\x83\x84\xe3\x83\xbc\xe3\x83\xab\xe2\x91\xa0", "", C },
	{ "name-raw-gbk", ANN, NULL, PDF "\xe7\xbb\xa9\xe6\x95\x88.pdf", 0 },
	{ "field-twice-first-empty", ANN, "Hello", "x", "", D },
	{ "text-alone-is-named", ANN, NULL, "It is broken.",
	    "text/plain:report.txt,application/pdf:a.pdf", 0 },
	{ "name-encoded-words", ANN, NULL, PDF "Rechn\xc3\xbcng.pdf", 0 },
	{ "name-rfc2231-pieces", ANN, NULL, PDF "Rechn\xc3\xbcng.pdf", 0 },
	{ "name-raw-utf8", ANN, NULL, PDF "Rechn\xc3\xbcng.pdf", 0 },
	{ "name-raw-latin1", ANN, NULL, PDF "Rechn\xc3\xbcng.pdf", 0 },
	{ "name-path", ANN, NULL, PDF "passwd.pdf", 0 },
	{ "name-windows-path", ANN, NULL, PDF "bill.pdf", 0 },
	{ "name-bidi", ANN, NULL, "The text.",
	    "application/octet-stream:billfdp.exe", 0 },
	{ "name-none", ANN, NULL, "The text.", "image/png:", 0 },
	{ "name-unquoted-blanks", ANN, NULL, PDF "my bill.pdf", 0 },
	{ "message-in-message", ANN, NULL, "The text.", "message/rfc822:", 0 },
	{ "message-in-base64", ANN, NULL, "The text.", "message/rfc822:", 0 },
	{ "message-alone", ANN, "Outer", "", "message/rfc822:", 0 },
	{ "digest", ANN, NULL, "", "message/rfc822:,message/rfc822:", 0 },
	{ "html-letter-list-footer", ANN, NULL,
	    "The letter.\n\n____\nlist footer", "", 0 },
	{ "html-beside-same-plain", ANN, NULL, "The letter.\nIt goes on.", "",
	    0 },
	{ "alternative", ANN, NULL, "The letter.", "", 0 },
	{ "alternative-blank-plain", ANN, NULL, "The letter.", "", 0 },
	{ "alternative-related-image", ANN, NULL, "The letter.",
	    "image/png:", 0 },
	{ "related-html-beside-root", ANN, NULL, "The letter.",
	    "text/html:", 0 },
	{ "related-instead-of-alternative", ANN, NULL, "The letter.", "", 0 },
	{ "related-root-is-image", ANN, NULL, "The letter.", "image/png:", 0 },
	{ "alternative-mixed-inside", ANN, NULL, "The whole letter.",
	    "application/pdf:a.pdf", 0 },
	{ "mixed-texts-around-file", ANN, NULL, "Before.\n\nAfter.",
	    "application/pdf:a.pdf", 0 },
	{ "attachment-only", ANN, "Scan", "", "application/pdf:scan.pdf", 0 },
	{ "attachment-empty", ANN, NULL, "The text.",
	    "application/pdf:empty.pdf", 0 },
	{ "signed", ANN, NULL, "The letter.",
	    "application/pgp-signature:signature.asc", 0 },
	{ "id-without-brackets", " <a@example.org>", NULL, "x", "", 0 },
	{ "id-folded", " <a@example.org>", NULL, "x", "", 0 },
	{ "date-broken", " <a@example.org>", NULL, "x", "", Y },
	{ "date-without-day", " <a@example.org>", NULL, "x", "", 0 },
	{ "date-after-received", " <a@example.org>", NULL, "x", "", Y },
};

static char *
load(const char *name, gsize *length_r)
{
	const char *top = g_getenv("top_srcdir");
	g_autofree char *file = g_strconcat(name, ".eml", NULL);
	g_autofree char *path = g_build_filename(
	    top != NULL ? top : ".", "tests", "mail", file, NULL);
	char *data = NULL;
	g_autoptr(GError) error = NULL;

	g_file_get_contents(path, &data, length_r, &error);
	g_assert_no_error(error);
	return data;
}

static char *
addresses(const struct message *message)
{
	const GPtrArray *list = message_addresses(message, "From");
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < list->len; i++) {
		const struct addr *addr = list->pdata[i];

		g_string_append_printf(out, "%s%s <%s>", i > 0 ? ", " : "",
		    addr->name, addr->address);
	}
	return g_string_free(out, FALSE);
}

static char *
attachments(const struct message *message)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < message_part_count(message); i++) {
		const struct part *part = message_part(message, i);

		if (!part->attachment)
			continue;
		g_string_append_printf(out, "%s%s:%s", out->len > 0 ? "," : "",
		    part->type, part->filename != NULL ? part->filename : "");
	}
	return g_string_free(out, FALSE);
}

static void
check(gsize index, const char *data, gsize length)
{
	struct message *message OWNED(message_free) = message_parse(
	    (const guint8 *)data, length, &message_limits_default, NULL);
	g_autofree char *from = addresses(message);
	g_autofree char *files = attachments(message);
	g_autofree char *text = g_strstrip(g_strdup(message_text(message)));
	g_autofree char *want = g_strstrip(g_strdup(cases[index].text));

	g_test_message("%s", cases[index].file);
	g_assert_cmpstr(from, ==, cases[index].from);
	if (cases[index].subject != NULL)
		g_assert_cmpstr(
		    message_subject(message), ==, cases[index].subject);
	g_assert_cmpstr(text, ==, want);
	g_assert_cmpstr(files, ==, cases[index].files);
	g_assert_cmphex(message_oddities(message), ==, cases[index].oddities);
}

static void
test_as_it_is(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		gsize length;
		g_autofree char *data = load(cases[i].file, &length);

		check(i, data, length);
	}
}

static void
test_crlf(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		gsize length;
		g_autofree char *data = load(cases[i].file, &length);
		g_autoptr(GString) crlf = g_string_new(NULL);

		if (memchr(data, '\r', length) != NULL)
			continue;
		for (gsize at = 0; at < length; at++) {
			if (data[at] == '\n')
				g_string_append_c(crlf, '\r');
			g_string_append_c(crlf, data[at]);
		}
		check(i, crlf->str, crlf->len);
	}
}

/* Every file has its case. */
static void
test_all(void)
{
	const char *top = g_getenv("top_srcdir");
	g_autofree char *folder =
	    g_build_filename(top != NULL ? top : ".", "tests", "mail", NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;
	gsize files = 0;

	g_assert_nonnull(dir);
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
		files += g_str_has_suffix(name, ".eml");
	g_assert_cmpuint(files, ==, G_N_ELEMENTS(cases));
}

static void
test_ids(void)
{
	gsize length;
	g_autofree char *data = load("id-folded", &length);
	struct message *message OWNED(message_free) = message_parse(
	    (guint8 *)data, length, &message_limits_default, NULL);
	static const char *const want[] = { "r3@example.org", "r2@example.org",
		"r1@example.org" };
	const GPtrArray *list = message_references(message);

	g_assert_cmpstr(message_id(message), ==, "x1@example.org");
	g_assert_cmpuint(list->len, ==, 3);
	for (guint i = 0; i < MIN(list->len, 3); i++)
		g_assert_cmpstr(list->pdata[i], ==, want[i]);
}

/* What is inside a message within a message stays as its bytes are. */
static void
test_inner(void)
{
	static const char *const files[] = { "message-in-message",
		"message-in-base64" };

	for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
		gsize length, size;
		g_autofree char *data = load(files[i], &length);
		struct message *message OWNED(message_free) = message_parse(
		    (guint8 *)data, length, &message_limits_default, NULL);
		g_autoptr(GBytes) bytes = message_part_bytes(message, 1, NULL);
		g_autofree char *inner = g_strndup(
		    g_bytes_get_data(bytes, &size), g_bytes_get_size(bytes));

		g_assert_cmpstr(g_strchomp(inner), ==,
		    "From: Bob <bob@example.net>\nSubject: inner\n"
		    "Content-Type: multipart/mixed; boundary=c\n\n--c\n\n"
		    "inner text\n--c\nContent-Type: text/plain; "
		    "name=inner.txt\n\nz\n--c--");
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	message_prepare();
	g_test_add_func("/mail/oddities/as-it-is", test_as_it_is);
	g_test_add_func("/mail/oddities/crlf", test_crlf);
	g_test_add_func("/mail/oddities/all", test_all);
	g_test_add_func("/mail/oddities/ids", test_ids);
	g_test_add_func("/mail/oddities/inner", test_inner);
	return g_test_run();
}
