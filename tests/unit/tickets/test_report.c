/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Delivery reports, told apart and read.  With DESKGATE_MIME (the unpacked
 * folder of MIME sets, tests/line/hard.bats) the share of real ones that is
 * told and read is measured too.
 */
#include "tickets/report.h"

#include <string.h>

#include "lib/base/owned.h"

struct reading {
	gboolean report;
	struct origin origin;
	char *id;
};

static void
read_text(const char *text, gsize length, const char *sender,
    struct reading *reading_r)
{
	struct message *message OWNED(message_free) = message_parse(
	    (const guint8 *)text, length, &message_limits_default, NULL);

	origin_init(&reading_r->origin);
	reading_r->id = NULL;
	reading_r->report = message != NULL && report_message(message, sender);
	if (reading_r->report)
		reading_r->id = report_read(message, &reading_r->origin);
}

static void
reading_clear(struct reading *reading)
{
	origin_clear(&reading->origin);
	g_free(reading->id);
}

#define HEAD \
	"From: Mail System <mailer-daemon@mx.example.net>\n" \
	"To: support@example.com\nSubject: Undelivered Mail\n"
#define COPY \
	"Message-ID: <agent-1@example.com>\nFrom: support@example.com\n" \
	"To: ann@example.org\n\nHello\n"

static const struct {
	const char *text;
	const char *address, *status, *id;
} reports[] = {
	/* RFC 3464. */
	{ HEAD "Content-Type: multipart/report; "
	       "report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n--b\n"
	       "Content-Type: message/delivery-status\n\n"
	       "Reporting-MTA: dns; mx.example.net\n\n"
	       "Final-Recipient: rfc822; ann@example.org\nAction: failed\n"
	       "Status: 5.1.1\nDiagnostic-Code: smtp; 550 no such user\n\n--b\n"
	       "Content-Type: message/rfc822\n\n" COPY "--b--\n",
	    "ann@example.org", "5.1.1", "agent-1@example.com" },
	/* Delayed: not lost. */
	{ HEAD "Content-Type: multipart/report; "
	       "report-type=\"delivery-status\"; boundary=b\n\n--b\n"
	       "Content-Type: message/delivery-status\n\n"
	       "Reporting-MTA: dns; mx.example.net\n\n"
	       "Final-Recipient: rfc822; ann@example.org\nAction: delayed\n"
	       "Status: 4.4.1\n\n--b\n"
	       "Content-Type: text/rfc822-headers\n\n" COPY "--b--\n",
	    "ann@example.org", "4.4.1", "agent-1@example.com" },
	/* The words beside a status that says nothing say more. */
	{ HEAD "Content-Type: multipart/report; "
	       "report-type=delivery-status; boundary=b\n\n--b\n"
	       "Content-Type: message/delivery-status\n\n"
	       "Original-Recipient: rfc822;ann@example.org\n"
	       "Final-Recipient: rfc822;ann@inner.example.org\n"
	       "Action: failed\nStatus: 5.0.0\n"
	       "Diagnostic-Code: smtp; 552-5.2.2 mailbox\n full\n--b--\n",
	    "ann@example.org", "5.2.2", NULL },
	/* A status of which only the name is there. */
	{ HEAD "Content-Type: multipart/report; "
	       "report-type=delivery-status; boundary=b\n\n--b\n"
	       "Content-Type: message/delivery-status\n\n"
	       "Final-Recipient: rfc822;ann@example.org\nAction: failed\n"
	       "Status:\nDiagnostic-Code: smtp; 550 5.1.1 no\n--b--\n",
	    "ann@example.org", "5.1.1", NULL },
	/* Delivered is no failure. */
	{ HEAD "Content-Type: multipart/report; "
	       "report-type=delivery-status; boundary=b\n\n--b\n"
	       "Content-Type: message/delivery-status\n\n"
	       "Final-Recipient: rfc822;ann@example.org\nAction: delivered\n"
	       "Status: 2.0.0\n--b--\n",
	    NULL, NULL, NULL },
	/* Exim. */
	{ HEAD "X-Failed-Recipients: ann@example.org\n\n"
	       "A message that you sent could not be delivered.\n\n"
	       "  ann@example.org\n    host mx.example.org: 550 5.1.1 no\n\n"
	       "------ This is a copy of the message. ------\n\n" COPY,
	    "ann@example.org", "5.1.1", "agent-1@example.com" },
	/* qmail. */
	{ HEAD "\nHi. This is the qmail-send program at example.net.\n"
	       "I'm afraid I wasn't able to deliver your message.\n\n"
	       "<ann@example.org>:\nSorry, no mailbox here. (#5.1.1)\n\n"
	       "--- Below this line is a copy of the message.\n\n" COPY,
	    "ann@example.org", "5.1.1", "agent-1@example.com" },
	/* Exchange of old: the address is not alone. */
	{ HEAD "\nYour message\n\n  To:      support@example.com\n"
	       "  Subject: Hello\n\ndid not reach the following recipient(s):"
	       "\n\nann@example.org on Thu, 29 Apr 2010 00:00:00 -0000\n"
	       "    The recipient name is not recognized\n",
	    "ann@example.org", "5.0.0", NULL },
	/* In a sentence. */
	{ HEAD "\nYour mail could not be delivered: the mailbox of "
	       "ann@example.org is full (452 4.2.2).\n",
	    "ann@example.org", "4.2.2", NULL },
};

static void
test_reports(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(reports); i++) {
		struct reading reading;
		const struct origin_failed *failed;

		g_test_message("%s", reports[i].text);
		read_text(
		    reports[i].text, strlen(reports[i].text), "", &reading);
		g_assert_true(reading.report);
		g_assert_cmpstr(reading.id, ==, reports[i].id);
		g_assert_cmpuint(reading.origin.failed->len, ==,
		    reports[i].address != NULL ? 1 : 0);
		if (reading.origin.failed->len > 0) {
			failed = reading.origin.failed->pdata[0];
			g_assert_cmpstr(
			    failed->address, ==, reports[i].address);
			g_assert_cmpstr(failed->status, ==, reports[i].status);
		}
		reading_clear(&reading);
	}
}

static void
test_others(void)
{
	static const struct {
		const char *text, *sender;
	} others[] = {
		{ "From: ann@example.org\nSubject: Undelivered mail?\n\n"
		  "My mail could not be delivered.\n",
		    "ann@example.org" },
		{ "From: postmaster@example.org\nSubject: Hello\n\nHello.\n",
		    "postmaster@example.org" },
		{ "From: feedback@example.org\nSubject: complaint\n"
		  "Content-Type: multipart/report; "
		  "report-type=feedback-report; boundary=b\n\n--b\n\nx\n--b\n"
		  "Content-Type: message/feedback-report\n\nx: y\n--b--\n",
		    "" },
		{ "From: ann@example.org\nSubject: Read: Hello\n"
		  "Content-Type: multipart/report; boundary=b; "
		  "report-type=disposition-notification\n\n--b\n\nx\n--b--\n",
		    "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
		struct reading reading;

		g_test_message("%s", others[i].text);
		read_text(others[i].text, strlen(others[i].text),
		    others[i].sender, &reading);
		g_assert_false(reading.report);
		reading_clear(&reading);
	}
}

/* A report of ten thousand recipients costs no more than ten. */
static void
test_many(void)
{
	g_autoptr(GString) text = g_string_new(HEAD "\nnot delivered:\n");
	struct reading reading;

	for (guint i = 0; i < 10000; i++)
		g_string_append_printf(text, "<u%u@example.org>:\nno\n", i);
	read_text(text->str, text->len, "", &reading);
	g_assert_true(reading.report);
	g_assert_cmpuint(reading.origin.failed->len, ==, ORIGIN_FAILED_MOST);
	reading_clear(&reading);
}

/* --- real ones --- */

struct tally {
	guint files, reports, addresses, ids;
	gboolean verbose;
};

static void
measure_file(const char *path, const char *name, struct tally *tally)
{
	g_autofree char *text = NULL;
	gsize length;
	struct reading reading;

	if (!g_file_get_contents(path, &text, &length, NULL))
		return;
	read_text(text, length, "", &reading);
	tally->files++;
	tally->reports += reading.report;
	tally->addresses += reading.origin.failed->len > 0;
	tally->ids += reading.id != NULL;
	if (tally->verbose)
		g_test_message("%s: %s, %u addresses, %s", name,
		    reading.report ? "report" : "none",
		    reading.origin.failed->len,
		    reading.id != NULL ? "id" : "no id");
	reading_clear(&reading);
}

/* Messages that are no delivery reports: complaints, automatic answers, and
 * files made to be refused. */
static gboolean
is_other(const char *name)
{
	return g_str_has_prefix(name, "arf-") ||
	       g_str_has_prefix(name, "rfc3834-") ||
	       g_str_has_prefix(name, "make-test-");
}

static void
measure_folder(const char *folder, struct tally *tally)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		if (g_file_test(path, G_FILE_TEST_IS_DIR))
			measure_folder(path, tally);
		else if ((g_str_has_suffix(name, ".eml") ||
			     g_str_has_suffix(name, ".txt")) &&
			 !is_other(name) && g_strcmp0(name, "README.txt") != 0)
			measure_file(path, name, tally);
	}
	if (dir != NULL)
		g_dir_close(dir);
}

static void
test_sets(void)
{
	static const struct {
		const char *folder;
		double told, addressed; /* shares that hold, and must hold on */
	} sets[] = {
		{ "sisimai-set-of-emails/maildir", 0.98, 0.95 },
		{ "flufl.bounce/tests/data", 0.95, 0.92 },
	};
	const char *root = g_getenv("DESKGATE_MIME");

	if (root == NULL || !g_file_test(root, G_FILE_TEST_IS_DIR)) {
		g_test_skip("DESKGATE_MIME names no folder");
		return;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(sets); i++) {
		g_autofree char *folder =
		    g_build_filename(root, sets[i].folder, NULL);
		struct tally tally = { .verbose = g_test_verbose() };

		measure_folder(folder, &tally);
		g_print("# %s: of %u reports %u told (%.1f %%), %u with an "
			"address (%.1f %%), %u with the original's id\n",
		    sets[i].folder, tally.files, tally.reports,
		    100.0 * tally.reports / MAX(tally.files, 1),
		    tally.addresses,
		    100.0 * tally.addresses / MAX(tally.files, 1), tally.ids);
		g_assert_cmpuint(tally.files, >, 0);
		g_assert_cmpfloat(
		    tally.reports, >=, sets[i].told * tally.files);
		g_assert_cmpfloat(
		    tally.addresses, >=, sets[i].addressed * tally.files);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	message_prepare();
	g_test_add_func("/tickets/report/reports", test_reports);
	g_test_add_func("/tickets/report/others", test_others);
	g_test_add_func("/tickets/report/many", test_many);
	g_test_add_func("/tickets/report/sets", test_sets);
	return g_test_run();
}
