/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages that readers read differently, so that one sees what another does
 * not: what stands in them is seen here, in the text or as a file, and where
 * they are broken it is told.  contrib/doc/hostile.md has the table.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "lib/mail/html.h"
#include "lib/mail/message.h"

#define FROM "From: ann@example.org\nDate: Mon, 2 Nov 2026 10:00:00 +0000\n"
#define MIXED FROM "Content-Type: multipart/mixed; "
#define PROGRAM "Content-Type: application/x-msdownload; name=a.exe\n\nMZ\n"
#define B MESSAGE_ODD_BOUNDARY
#define D MESSAGE_ODD_DUPLICATE
#define C MESSAGE_ODD_CHARSET
#define E MESSAGE_ODD_ENCODING

/* A message, and what has to be found in it: words of the text, and names of
 * files, each where it is not NULL. */
static const struct {
	const char *name, *message, *text, *file;
	guint oddities; /* at least these */
} cases[] = {
	{ "two boundary parameters, parts by the first",
	    MIXED "boundary=a; boundary=b\n\n--a\n\nseen\n--a\n" PROGRAM
		  "--a--\n",
	    "seen", "a.exe", D },
	{ "two boundary parameters, parts by the second",
	    MIXED "boundary=a; boundary=b\n\n--b\n\nseen\n--b\n" PROGRAM
		  "--b--\n",
	    "seen\n--b\n" PROGRAM, NULL, B | D },
	{ "two boundary parameters within",
	    MIXED "boundary=o\n\n--o\n"
		  "Content-Type: multipart/mixed; boundary=a; boundary=b\n\n"
		  "--a\n\nseen\n--a--\n--o--\n",
	    "seen", NULL, D },
	{ "two Content-Type fields, parts by the second",
	    FROM "Content-Type: text/plain\n"
		 "Content-Type: multipart/mixed; boundary=b\n\n"
		 "--b\n\nseen\n--b\n" PROGRAM "--b--\n",
	    "seen\n--b\n" PROGRAM, NULL, D },
	{ "no final boundary", MIXED "boundary=b\n\n--b\n\nseen\n--b\n" PROGRAM,
	    "seen", "a.exe", B },
	{ "a boundary that begins another",
	    MIXED "boundary=b\n\n--b\n"
		  "Content-Type: multipart/mixed; boundary=bb\n\n"
		  "--bb\n\nseen\n--bb\n" PROGRAM "--bb--\n--b--\n",
	    "seen", "a.exe", 0 },
	{ "the same boundary within",
	    MIXED "boundary=b\n\n--b\n"
		  "Content-Type: multipart/mixed; boundary=b\n\n"
		  "--b\n\nseen\n--b\n" PROGRAM "--b--\n--b--\n",
	    "seen", "a.exe", 0 },
	{ "an empty boundary",
	    MIXED "boundary=\"\"\n\n--\n\nseen\n--\n" PROGRAM "----\n", "seen",
	    NULL, 0 },
	{ "a boundary behind a comment",
	    FROM "Content-Type: multipart/(x)mixed; (boundary=c) boundary=b\n\n"
		 "--b\n\nseen\n--b\n" PROGRAM "--b--\n",
	    "seen", "a.exe", 0 },
	{ "blanks behind the boundary",
	    MIXED "boundary=\"b\"\n\n--b  \t\n\nseen\n--b \n" PROGRAM
		  "--b-- \n",
	    "seen", "a.exe", 0 },
	{ "a boundary in pieces",
	    MIXED "boundary*0=a; boundary*1=b\n\n--ab\n\nseen\n"
		  "--ab\n" PROGRAM "--ab--\n",
	    "seen", "a.exe", 0 },
	{ "text before the first part and behind the last",
	    MIXED "boundary=b\n\nbefore\n--b\n\nseen\n--b--\nbehind\n", "seen",
	    NULL, 0 },
	{ "two encodings, the second is true",
	    FROM "Content-Type: text/plain\n"
		 "Content-Transfer-Encoding: 7bit\n"
		 "Content-Transfer-Encoding: base64\n\nc2Vlbg==\n",
	    NULL, NULL, D },
	{ "base64 that goes on behind its end",
	    FROM "Content-Type: text/plain\n"
		 "Content-Transfer-Encoding: base64\n\nc2Vlbg==\nIG9uZQ==\n",
	    "seen", NULL, 0 },
	{ "an encoding that is none",
	    FROM "Content-Type: text/plain\n"
		 "Content-Transfer-Encoding: x-none\n\nseen\n",
	    "seen", NULL, E },
	{ "a file whose name is in pieces and percents",
	    MIXED "boundary=b\n\n--b\n\nseen\n--b\n"
		  "Content-Type: application/octet-stream\n"
		  "Content-Disposition: attachment; filename*0*=utf-8''a%2E;\n"
		  " filename*1=exe\n\nMZ\n--b--\n",
	    "seen", "a.exe", 0 },
	{ "a file with two names, the plain one harmless",
	    MIXED "boundary=b\n\n--b\n\nseen\n--b\n"
		  "Content-Type: application/octet-stream; name=a.txt\n"
		  "Content-Disposition: attachment; filename=a.exe\n\nMZ\n"
		  "--b--\n",
	    "seen", "a.exe", 0 },
	{ "a name that runs from right to left",
	    MIXED "boundary=b\n\n--b\n\nseen\n--b\n"
		  "Content-Type: application/octet-stream\n"
		  "Content-Disposition: attachment;\n"
		  " filename*=utf-8''bill%E2%80%AEfdp.exe\n\nMZ\n--b--\n",
	    "seen", "billfdp.exe", 0 },
	{ "a name with a line end and a NUL",
	    MIXED "boundary=b\n\n--b\n\nseen\n--b\n"
		  "Content-Type: application/octet-stream\n"
		  "Content-Disposition: attachment;\n"
		  " filename*=utf-8''a%0D%0AX-Evil%3A b%00.exe\n\nMZ\n--b--\n",
	    "seen", NULL, 0 },
	{ "a folded field whose folds hold nothing",
	    FROM "Content-Type:\n \n\t\n multipart/mixed;\n \n boundary=b\n\n"
		 "--b\n\nseen\n--b\n" PROGRAM "--b--\n",
	    "seen", "a.exe", 0 },
	{ "UTF-7 that is declared",
	    FROM "Content-Type: text/plain; charset=utf-7\n\nse+AGUAZQ-n\n",
	    NULL, NULL, 0 },
	{ "UTF-7 that is not declared stays as it is",
	    FROM "Content-Type: text/plain\n\n+ADw-script+AD4- seen\n",
	    "+ADw-script+AD4- seen", NULL, 0 },
	{ "overlong UTF-8 is no slash",
	    FROM "Content-Type: text/plain; charset=utf-8\n\nseen \xc0\xaf "
		 "\xe0\x80\xaf\n",
	    "seen ", NULL, C },
	{ "a charset that is another's",
	    FROM "Content-Type: text/plain; charset=utf-16\n\nseen here\n",
	    NULL, NULL, 0 },
	{ "half a character of UTF-16 as UTF-8",
	    FROM "Content-Type: text/plain; charset=utf-8\n\nseen \xed\xa0\x80"
		 "\n",
	    "seen ", NULL, C },
};

static struct message *
read_one(const char *text)
{
	return message_parse(
	    (const guint8 *)text, strlen(text), &message_limits_default, NULL);
}

static const char *
file_of(const struct message *message)
{
	for (guint i = 0; i < message_part_count(message); i++) {
		if (message_part(message, i)->filename != NULL)
			return message_part(message, i)->filename;
	}
	return NULL;
}

static void
test_case(gconstpointer data)
{
	gsize i = GPOINTER_TO_SIZE(data);
	struct message *message OWNED(message_free) =
	    read_one(cases[i].message);
	const char *text = message_text(message);

	g_test_message("text '%s' file '%s' oddities %x", text,
	    file_of(message), message_oddities(message));
	g_assert_true(g_utf8_validate(text, -1, NULL));
	if (cases[i].text != NULL)
		g_assert_nonnull(strstr(text, cases[i].text));
	if (cases[i].file != NULL)
		g_assert_cmpstr(file_of(message), ==, cases[i].file);
	g_assert_cmphex(message_oddities(message) & cases[i].oddities, ==,
	    cases[i].oddities);
}

int
main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	message_prepare();
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path =
		    g_strconcat("/hostile/", cases[i].name, NULL);

		g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_case);
	}
	return g_test_run();
}
