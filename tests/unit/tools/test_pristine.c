/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What filters do to a message, undone. */
#include <string.h>

#include "tools/pristine.h"

#define INNER \
	"From: a@example.net\nSubject: cheap\nMIME-Version: 1.0\n\n" \
	"Click here\n--not a delimiter\n"
/* As SpamAssassin 4.0.1 writes it. */
#define REPORT(inner, mark, encoding) \
	"Received: from localhost by vm with SpamAssassin (version 4.0.1);\n" \
	"From: a@example.net\nSubject: cheap\n" \
	"X-Spam-Checker-Version: SpamAssassin 4.0.1 (2024-03-25) on vm\n" \
	"X-Spam-Flag: YES\nMIME-Version: 1.0\n" \
	"Content-Type: multipart/mixed; boundary=\"----------=_1.2\"\n\n" \
	"This is a multi-part message in MIME format.\n\n" \
	"------------=_1.2\nContent-Type: text/plain; charset=UTF-8\n\n" \
	"Spam detection software has identified this.\n\n" \
	"------------=_1.2\n" \
	"Content-Type: message/rfc822; " mark "\n" \
	"Content-Description: original message before SpamAssassin\n" \
	"Content-Transfer-Encoding: " encoding "\n\n" inner \
	"\n------------=_1.2--\n\n"
#define ORIGINAL "x-spam-type=original"

static const struct {
	const char *name, *message, *tag, *want;
	guint done;
} cases[] = {
	{ "a plain one", INNER, NULL, INNER, 0 },
	{ "nothing", "", NULL, "", 0 },
	{ "a report", REPORT(INNER, ORIGINAL, "8bit"), NULL, INNER "\n",
	    PRISTINE_UNWRAPPED },
	{ "a report of somebody else", REPORT(INNER, "name=x", "8bit"), NULL,
	    REPORT(INNER, "name=x", "8bit"), 0 },
	{ "one that is encoded stays", REPORT(INNER, ORIGINAL, "base64"), NULL,
	    REPORT(INNER, ORIGINAL, "base64"), 0 },
	{ "a report without an end",
	    "X-Spam-Checker-Version: a\nContent-Type: multipart/mixed; "
	    "boundary=\"b\"\n\n--b\nx: " ORIGINAL "\n\nSubject: a\n",
	    NULL,
	    "X-Spam-Checker-Version: a\nContent-Type: multipart/mixed; "
	    "boundary=\"b\"\n\n--b\nx: " ORIGINAL "\n\nSubject: a\n",
	    0 },
	{ "the subject before",
	    "Subject: *****SPAM***** cheap\nX-Spam-Prev-Subject: cheap\n\nb\n",
	    NULL, "Subject: cheap\nX-Spam-Prev-Subject: cheap\n\nb\n",
	    PRISTINE_SUBJECT },
	{ "a tag", "To: b\nSubject: [SPAM] cheap\n\nSubject: [SPAM]\n",
	    "[SPAM]", "To: b\nSubject: cheap\n\nSubject: [SPAM]\n",
	    PRISTINE_SUBJECT },
	{ "a tag with nothing behind it", "Subject: [SPAM]\nTo: b\n\nb\n",
	    "[SPAM]", "Subject: \nTo: b\n\nb\n", PRISTINE_SUBJECT },
	{ "a tag and nothing more at all", "Subject: [SPAM]", "[SPAM]",
	    "Subject:", PRISTINE_SUBJECT },
	{ "a tag in the middle", "Subject: Re: [SPAM] cheap\n\nb\n", "[SPAM]",
	    "Subject: Re: [SPAM] cheap\n\nb\n", 0 },
	{ "no tag is known", "Subject: [SPAM] cheap\n\nb\n", "",
	    "Subject: [SPAM] cheap\n\nb\n", 0 },
};

static void
test_cases(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GBytes) message = g_bytes_new_static(
		    cases[i].message, strlen(cases[i].message));
		g_autoptr(GBytes) whole = NULL;
		g_autofree char *text = NULL;
		gsize length;
		const char *data;
		guint done;

		whole = pristine_message(message, cases[i].tag, &done);
		data = g_bytes_get_data(whole, &length);
		text = g_strndup(length > 0 ? data : "", length);
		g_test_message("%s", cases[i].name);
		g_assert_cmpstr(text, ==, cases[i].want);
		g_assert_cmpuint(done, ==, cases[i].done);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/pristine/cases", test_cases);
	return g_test_run();
}
