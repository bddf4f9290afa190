/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a message its ticket shows as new. */
#include <string.h>

#include "lib/base/owned.h"
#include "tickets/convert_private.h"

#define QUOTE "On 1 May 2020, Ann wrote:\n> Red?"
#define HEADER "From: a@example.org\nSent: Friday\nTo: b\nSubject: c\n\nRed?"

static const struct {
	const char *fields, *body, *text, *quoted;
} cases[] = {
	{ "Subject: Order", "Yes.", "Yes.", NULL },
	{ "Subject: Re: Order", "Yes.\n\n" QUOTE "\n", "Yes.", QUOTE },
	{ "Subject: Order", "Yes.\n-- \nBob\n", "Yes.", "-- \nBob" },
	/* The same header block: answered, or passed on. */
	{ "Subject: Re: Order", "Yes.\n\n" HEADER, "Yes.", HEADER },
	{ "Subject: Order\nIn-Reply-To: <1@example.org>", "Yes.\n\n" HEADER,
	    "Yes.", HEADER },
	{ "Subject: Order", "See below.\n\n" HEADER, "See below.\n\n" HEADER,
	    NULL },
	{ "Subject: Fwd: Re: Order", "See below.\n\n" QUOTE,
	    "See below.\n\n" QUOTE, NULL },
	/* By a program. */
	{ "Subject: Report\nAuto-Submitted: auto-generated",
	    "All well.\n-- \nhost", "All well.\n-- \nhost", NULL },
	/* Nothing else. */
	{ "Subject: Re: Order", QUOTE, QUOTE, NULL },
	/* By the HTML's marks, in a language that no table has. */
	{ "Subject: Re: Order\nContent-Type: text/html",
	    "<p>Yes.</p><div class=gmail_attr>Ann zgjo:</div>"
	    "<blockquote class=gmail_quote>Red?</blockquote>",
	    "Yes.", "Ann zgjo:\n\nRed?" },
	/* Which say nothing of the plain text beside it. */
	{ "Subject: Re: Order\nContent-Type: multipart/alternative; boundary=b",
	    "--b\n\nYes. A longer text than the other.\n--b\n"
	    "Content-Type: text/html\n\n<div id=appendonsend>Yes. A</div>\n"
	    "--b--\n",
	    "Yes. A longer text than the other.", NULL },
};

static struct ticket *
make(const char *fields, const char *body, gboolean keep_quotes)
{
	const struct convert_context context = { .limits =
						     message_limits_default };
	g_autofree char *text = g_strdup_printf("%s\n\n%s", fields, body);
	struct message *message OWNED(message_free) = message_parse(
	    (const guint8 *)text, strlen(text), &context.limits, NULL);
	struct entry *entry OWNED(entry_free) = entry_new();

	entry->inbox = g_strdup("support@example.com");
	entry->envelope = envelope_new();
	g_free(entry->envelope->sender);
	entry->envelope->sender = g_strdup("bob@example.com");
	return convert_make(&context, message, entry,
	    &(struct convert_terms){ .keep_quotes = keep_quotes });
}

static void
test_cases(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ticket *ticket OWNED(ticket_free) =
		    make(cases[i].fields, cases[i].body, FALSE);

		g_test_message("%s: %s", cases[i].fields, cases[i].body);
		g_assert_cmpstr(ticket->text, ==, cases[i].text);
		g_assert_cmpstr(ticket->quoted, ==, cases[i].quoted);
	}
}

static void
test_kept(void)
{
	struct ticket *ticket OWNED(ticket_free) =
	    make("Subject: Re: Order", "Yes.\n\n" QUOTE, TRUE);

	g_assert_cmpstr(ticket->text, ==, "Yes.\n\n" QUOTE);
	g_assert_null(ticket->quoted);
}

static void
test_full(void)
{
	struct ticket *ticket OWNED(ticket_free) =
	    make("Subject: Re: Order", "Yes.\n\n" QUOTE, FALSE);
	g_autofree char *cut = ticket_full_text(ticket);
	g_autofree char *text = NULL;
	json_t *object = ticket_to_json(ticket);
	struct ticket *again OWNED(ticket_free) =
	    ticket_from_json(object, NULL);

	json_decref(object);
	g_assert_cmpstr(
	    cut, ==, "Yes.\n\n--- quoted text and signature ---\n" QUOTE);
	g_assert_nonnull(again);
	g_assert_cmpstr(again->quoted, ==, QUOTE);
	g_clear_pointer(&again->quoted, g_free);
	text = ticket_full_text(again);
	g_assert_cmpstr(text, ==, "Yes.");
}

static void
test_terms(void)
{
	for (int keep = 0; keep < 2; keep++) {
		struct convert_terms terms = { .keep_quotes = keep != 0 };
		json_t *object = convert_terms_to_json(&terms);
		struct convert_terms *again OWNED(convert_terms_free) =
		    convert_terms_from_json(object);

		json_decref(object);
		g_assert_cmpint(again->keep_quotes, ==, keep);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	message_prepare();
	g_test_add_func("/convert-text/cases", test_cases);
	g_test_add_func("/convert-text/kept", test_kept);
	g_test_add_func("/convert-text/full", test_full);
	g_test_add_func("/convert-text/terms", test_terms);
	return g_test_run();
}
