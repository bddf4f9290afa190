/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From stored messages to tickets, without a jail.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "tickets/convert_private.h"

#define ARRIVED (G_GINT64_CONSTANT(1709640000) * G_USEC_PER_SEC)

static const char *const inboxes[] = { "support@example.com", "@example.net",
	NULL };

static struct entry *
new_entry(const char *sender)
{
	struct entry *entry = entry_new();

	entry->inbox = g_strdup("support@example.com");
	entry->recipient = g_strdup("support@example.com");
	entry->envelope = envelope_new();
	g_free(entry->envelope->sender);
	entry->envelope->sender = g_strdup(sender);
	entry->received = ARRIVED;
	verdict_init(&entry->verdict, VERDICT_HAM, VERDICT_SCORED, NULL);
	return entry;
}

static struct ticket *
make_for(const char *text, gsize length, const char *sender, const char *tag)
{
	const struct convert_context context = {
		.limits = message_limits_default,
		.inboxes = inboxes,
		.max_followers = 3,
	};
	struct entry *entry OWNED(entry_free) = new_entry(sender);
	struct message *message OWNED(message_free) =
	    message_parse((const guint8 *)text, length, &context.limits, NULL);

	return convert_make(&context, message, entry,
	    &(struct convert_terms){ .subject_tag = (char *)tag });
}

static struct ticket *
make(const char *text)
{
	return make_for(text, strlen(text), "bounce@example.org", NULL);
}

static void
test_requester(void)
{
	static const struct {
		const char *fields, *sender, *name, *address;
	} cases[] = {
		{ "From: Ann <ann@example.org>\nReply-To: r@example.org\n",
		    "b@example.org", "Ann", "ann@example.org" },
		{ "Sender: s@example.org\nReply-To: r@example.org\n",
		    "b@example.org", "", "s@example.org" },
		{ "From: Ann\nReply-To: R <r@example.org>\n", "b@example.org",
		    "R", "r@example.org" },
		{ "From: Ann ann @ example.org\n", "b@example.org", "Ann",
		    "ann@example.org" },
		{ "From:\n", "b@example.org", "", "b@example.org" },
		{ "", "b@example.org", "", "b@example.org" },
		{ "", "", "", "unknown@invalid" },
		{ "", "not an address", "", "unknown@invalid" },
		{ "From: MAILER-DAEMON (Mail Delivery System)\n", "",
		    "Mail Delivery System", "unknown@invalid" },
		{ "From: =?utf-8?Q?Ann=C3=A9?= <ann>\n", "b@example.org",
		    "Ann\xc3\xa9", "b@example.org" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
		    g_strconcat(cases[i].fields, "\nx\n", NULL);
		struct ticket *ticket OWNED(ticket_free) =
		    make_for(text, strlen(text), cases[i].sender, NULL);

		g_test_message("%s", cases[i].fields);
		g_assert_cmpstr(
		    ticket->requester_address, ==, cases[i].address);
		g_assert_cmpstr(ticket->requester_name, ==, cases[i].name);
	}
}

static void
test_followers(void)
{
	struct ticket *ticket OWNED(ticket_free) =
	    make("From: ann@example.org\nTo: Support <Support@example.com>, "
		 "support+x@example.com, any@example.net, Bob "
		 "<bob@example.org>\nCc: ANN@example.org, BOB@example.org, "
		 "c@example.org, d@example.org, e@example.org\n"
		 "Delivered-To: f@example.org\n\nx\n");
	static const char *const want[] = { "bob@example.org", "c@example.org",
		"d@example.org" };

	g_assert_cmpuint(ticket->followers->len, ==, 3);
	for (guint i = 0; i < MIN(ticket->followers->len, 3); i++) {
		const struct addr *addr = ticket->followers->pdata[i];

		g_assert_cmpstr(addr->address, ==, want[i]);
	}
	g_assert_cmpstr(
	    ((struct addr *)ticket->followers->pdata[0])->name, ==, "Bob");
}

static void
test_subject(void)
{
	static const struct {
		const char *field, *tag, *subject, *found;
	} cases[] = {
		{ "Subject: Hello\n", NULL, "Hello", NULL },
		{ "Subject: =?utf-8?q?caf=c3=a9?=\n", NULL, "caf\xc3\xa9",
		    NULL },
		{ "Subject:\n", NULL, "(no subject)", NULL },
		{ "Subject: \t\n \n", NULL, "(no subject)", NULL },
		{ "", NULL, "(no subject)", NULL },
		{ "Subject: Re: [#ABC-12345-678] x\n",
		    "\\[#([A-Z]+-[0-9]+-[0-9]+)\\]", "Re: [#ABC-12345-678] x",
		    "ABC-12345-678" },
		{ "Subject: Re: #123 x\n", "#[0-9]+", "Re: #123 x", "#123" },
		{ "Subject: Hello\n", "#[0-9]+", "Hello", NULL },
		/* A pattern that is none finds nothing. */
		{ "Subject: Hello (\n", "(", "Hello (", NULL },
		{ "Subject: Hello\n", "(H\\C)", "Hello", NULL },
		/* One that would take for ever finds nothing, and it is told.
		 */
		{ "Subject: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\n",
		    "((?:a|aa)+)$",
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", NULL },
		/* What is no code does not hide one that stands behind it. */
		{ "Subject: [#] [#x\tx] [#7]\n", "\\[#([^\\]]*)\\]",
		    "[#] [#x x] [#7]", "x x" },
		{ "", "no", "(no subject)", "no" },
	};
	g_autofree char *longest = g_strnfill(3000, 'x');
	g_autofree char *text = g_strdup_printf("Subject: %s\n\nx", longest);
	struct ticket *cut OWNED(ticket_free) = make(text);

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *message =
		    g_strconcat(cases[i].field, "\nx\n", NULL);
		struct ticket *ticket OWNED(ticket_free) = make_for(
		    message, strlen(message), "b@example.org", cases[i].tag);

		g_test_message("%s", cases[i].field);
		g_assert_cmpstr(ticket->subject, ==, cases[i].subject);
		if (*cases[i].field != '\0')
			g_assert_cmpstr(
			    ticket->subject_tag, ==, cases[i].found);
		g_assert_cmpuint(ticket->undecided->len, ==,
		    g_str_has_prefix(ticket->subject, "aaa"));
	}
	g_assert_cmpuint(strlen(cut->subject), ==, 500);
}

/* What the pattern finds in the text and can be no code neither is one nor
 * hides one that stands behind it. */
static void
test_marker(void)
{
	g_autofree char *endless = g_strnfill(60000, '9');
	const struct {
		const char *tag, *begin, *middle, *end, *marker;
	} cases[] = {
		{ "\\[#(\\d+)\\]", "Re: [#", "12", "]", "12" },
		{ "\\[#(\\d+)\\]", "Re: [#", endless, "]", NULL },
		{ "\\[#(\\d+)\\]", "Re: [#", endless, "] [#7]", "7" },
		{ "\\[#([^\\]]*)\\]", "", "[#one\nline] [#] ", "[#7]", "7" },
		{ "\\d*", "none", " at ", "all", NULL },
		{ "\\d*$", "at the ", "end ", "7", "7" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *message =
		    g_strdup_printf("Subject: Hello\n\n%s%s%s", cases[i].begin,
			cases[i].middle, cases[i].end);
		struct ticket *ticket OWNED(ticket_free) = make_for(
		    message, strlen(message), "b@example.org", cases[i].tag);

		g_test_message("%s: %.40s", cases[i].tag, message);
		g_assert_cmpstr(ticket->origin.marker, ==, cases[i].marker);
	}
}

static void
test_content(void)
{
	struct ticket *ticket OWNED(ticket_free) =
	    make("From: ann@example.org\nMessage-ID: <x1@example.org>\n"
		 "In-Reply-To: <x0@example.org>\n"
		 "Content-Type: multipart/alternative; boundary=b\n\n"
		 "--b\n\nplain\n--b\nContent-Type: text/html\n\n<p>rich</p>\n"
		 "--b--\n");
	struct ticket *empty OWNED(ticket_free) =
	    make("From: ann@example.org\n\n");

	g_assert_cmpstr(ticket->inbox, ==, "support@example.com");
	g_assert_cmpstr(ticket->text, ==, "plain");
	g_assert_cmpstr(
	    ticket->html, ==, "<div class=\"mail\"><p>rich</p></div>");
	g_assert_cmpstr(ticket->message_id, ==, "x1@example.org");
	g_assert_cmpuint(ticket->references->len, ==, 1);
	g_assert_cmpstr(ticket->references->pdata[0], ==, "x0@example.org");
	g_assert_cmpuint(ticket->files->len, ==, 0);
	g_assert_false(ticket->automatic);
	g_assert_false(ticket->unread);
	g_assert_false(ticket->partial);
	g_assert_false(ticket->spam);
	g_assert_true(g_str_has_prefix(ticket->note, "Deskgate: ham (scored"));
	g_assert_cmpstr(empty->text, ==, "(no text)");
	g_assert_null(empty->html);
	g_assert_null(empty->message_id);
}

static void
test_verdict(void)
{
	static const struct {
		const char *fields;
		gboolean automatic;
	} cases[] = { { "From: ann@example.org\n", FALSE },
		{ "Precedence: bulk\nFrom: ann@example.org\n", TRUE } };
	struct entry *entry OWNED(entry_free) = new_entry("b@example.org");
	const struct convert_context context = { message_limits_default,
		inboxes, 40 };
	struct message *message OWNED(message_free) =
	    message_parse((const guint8 *)"\nx", 2, &context.limits, NULL);
	struct ticket *ticket OWNED(ticket_free) = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
		    g_strconcat(cases[i].fields, "\nx\n", NULL);
		struct ticket *one OWNED(ticket_free) = make(text);

		g_assert_cmpint(one->automatic, ==, cases[i].automatic);
	}
	entry->action = ENTRY_TICKET_AS_SPAM;
	verdict_init(&entry->verdict, VERDICT_SPAM, VERDICT_SCORED, NULL);
	entry->verdict.n_reasons = 1;
	g_strlcpy(entry->verdict.reasons[0].part, "wording", 16);
	g_strlcpy(entry->verdict.reasons[0].text, "casino", 96);
	entry->verdict.reasons[0].weight = 3;
	entry->verdict.reasons[0].spam = 7;
	ticket = convert_make(
	    &context, message, entry, &(struct convert_terms){ 0 });
	g_assert_true(ticket->spam);
	g_assert_cmpint(ticket->verdict.class, ==, VERDICT_SPAM);
	g_assert_cmpstr(ticket->note, ==,
	    "Deskgate: spam (scored, score +0.00)\n"
	    "because of: wording: casino (7 spam, 0 ham)");
}

static void
test_date(void)
{
	static const struct {
		const char *date;
		gint64 want;
	} cases[] = {
		{ "Tue, 05 Mar 2024 10:00:00 +0100", 1709629200 },
		{ "Thu, 01 Jan 2099 00:00:00 +0000", 1709640000 },
		{ "nonsense", 1709640000 },
		{ "Tue, 05 Mar 2024 12:00:00 +0000", 1709640000 },
		{ "Tue, 05 Mar 2024 12:00:01 +0000", 1709640000 },
		{ "Wed, 06 Mar 2024 10:00:00 +0000", 1709640000 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
		    g_strdup_printf("Date: %s\n\nx", cases[i].date);
		struct ticket *ticket OWNED(ticket_free) = make(text);

		g_assert_cmpint(ticket->date, ==, cases[i].want);
	}
}

static void
add_part(GString *text, const char *fields, const char *body)
{
	g_string_append_printf(text, "--b\n%s\n%s\n", fields, body);
}

static void
test_files(void)
{
	g_autoptr(GString) text = g_string_new(
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHi.\n");
	struct ticket *ticket OWNED(ticket_free) = NULL;
	static const char *const names[] = { "a.pdf", "A (2).PDF", "a (3).pdf",
		"image.png", "in.eml", "file.bin", "x", "x (2)", "empty.txt" };
	static const char nul[] = { 'a', 0, 'b' };

	add_part(text, "Content-Type: application/pdf; name=a.pdf\n", "1");
	add_part(text, "Content-Type: application/pdf; name=A.PDF\n", "2");
	add_part(text, "Content-Type: application/pdf; name=a.pdf\n", "3");
	add_part(text,
	    "Content-Type: image/png\nContent-ID: <i@example.org>\n"
	    "Content-Transfer-Encoding: base64\n",
	    "YQBi");
	add_part(text, "Content-Type: message/rfc822\n", "Subject: in\n\nin");
	add_part(text, "Content-Type: application/x-no-such\n", "6");
	add_part(text, "Content-Type: text/plain; name=x\n", "7");
	add_part(text, "Content-Type: text/plain; name=x\n", "8");
	add_part(text, "Content-Type: text/plain; name=empty.txt\n", "");
	g_string_append(text, "--b--\n");
	ticket = make(text->str);
	g_assert_cmpuint(ticket->files->len, ==, G_N_ELEMENTS(names));
	for (guint i = 0; i < MIN(ticket->files->len, G_N_ELEMENTS(names));
	     i++) {
		const struct ticket_file *file = ticket->files->pdata[i];

		g_assert_cmpstr(file->name, ==, names[i]);
		g_assert_nonnull(file->bytes);
	}
	{
		const struct ticket_file *image = ticket->files->pdata[3];
		const struct ticket_file *empty = ticket->files->pdata[8];

		g_assert_cmpmem(g_bytes_get_data(image->bytes, NULL),
		    g_bytes_get_size(image->bytes), nul, 3);
		/* No HTML shows it. */
		g_assert_null(image->content_id);
		g_assert_cmpuint(g_bytes_get_size(empty->bytes), ==, 0);
	}
	g_assert_false(ticket->partial);
	g_assert_cmpstr(ticket->text, ==, "Hi.");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	message_prepare();
	g_test_add_func("/convert/requester", test_requester);
	g_test_add_func("/convert/followers", test_followers);
	g_test_add_func("/convert/subject", test_subject);
	g_test_add_func("/convert/marker", test_marker);
	g_test_add_func("/convert/content", test_content);
	g_test_add_func("/convert/verdict", test_verdict);
	g_test_add_func("/convert/date", test_date);
	g_test_add_func("/convert/files", test_files);
	return g_test_run();
}
