/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happens to messages, against a port that only writes down. */
#include <string.h>

#include "lib/base/owned.h"
#include "milter/headers.h"
#include "tests/unit/milter/talk.h"

#define SUPPORT "inbox \"support@example.com\" { }\n"
#define SALES "inbox \"sales@example.com\" { }\n"

#define TOLD(talk, want) \
	do { \
		g_autofree char *told_ = talk_told(&(talk)); \
		g_assert_cmpstr(told_, ==, want); \
	} while (0)

static void
test_ticket(void)
{
	struct talk talk;
	struct entry *entry OWNED(entry_free) = NULL;
	g_autoptr(GBytes) message = NULL;
	gsize length;
	const char *bytes;

	talk_init(&talk, SUPPORT);
	talk.authenticated = NULL;
	g_assert_cmpstr(
	    talk_message(&talk, "1@example.org", "<Support+x@Example.com>"), ==,
	    "a");
	TOLD(talk, "recipient <Support+x@Example.com> (1 stored)\n");
	entry = talk_entry(&talk, &message);
	g_assert_nonnull(entry);
	g_assert_cmpstr(entry->inbox, ==, "support@example.com");
	g_assert_cmpstr(entry->recipient, ==, "Support+x@Example.com");
	g_assert_cmpint(entry->action, ==, ENTRY_TICKET);
	g_assert_cmpstr(entry->envelope->sender, ==, "anna@example.org");
	g_assert_cmpstr(entry->envelope->client_address, ==, "192.0.2.7");
	g_assert_cmpstr(entry->envelope->client_name, ==, "client.example.org");
	g_assert_cmpstr(entry->envelope->helo, ==, "client.example.org");
	g_assert_cmpstr(entry->envelope->queue_id, ==, "4ABCDEF");
	g_assert_cmpint(entry->received, ==, talk.wall);
	bytes = g_bytes_get_data(message, &length);
	g_assert_cmpuint(entry->size, ==, length);
	g_assert_cmpmem(bytes, length,
	    "From: Anna <anna@example.org>\r\nSubject: My order\r\n"
	    "Date: Mon, 2 Nov 2026 10:00:00 +0000\r\n"
	    "Message-ID: <1@example.org>\r\n\r\nHello\r\n",
	    31 + 19 + 38 + 29 + 2 + 7);
	g_assert_cmpuint(talk.judged, ==, 1);
	g_assert_cmpuint(talk.progress, ==, 1);
	talk_fini(&talk);
}

/* Settings, class, recipients, and what the MTA is told. */
static const struct {
	const char *name, *settings;
	enum verdict_class class;
	const char *recipients, *answer, *want; /* %K: 32 digits */
	guint stored;
} fate_cases[] = {
	{ "held", SUPPORT, VERDICT_SPAM, "<support@example.com>", "a",
	    "recipient <support@example.com> (1 stored)\n", 1 },
	{ "two inboxes", SUPPORT SALES, VERDICT_HAM,
	    "<support@example.com> <sales@example.com>", "a",
	    "recipient <support@example.com> (2 stored)\n"
	    "recipient <sales@example.com> (2 stored)\n",
	    2 },
	{ "one inbox twice", SUPPORT, VERDICT_HAM,
	    "<support@example.com> <support+x@example.com>", "a",
	    "recipient <support@example.com> (1 stored)\n"
	    "recipient <support+x@example.com> (1 stored)\n",
	    1 },
	{ "an ordinary recipient", SUPPORT, VERDICT_HAM,
	    "<support@example.com> <colleague@example.com>", "a",
	    "add X-Deskgate-Verdict: ham\nadd X-Deskgate-Score: +1.50\n"
	    "add X-Deskgate-Id: %K\nadd X-Spam-Flag: NO\n"
	    "add X-Spam-Status: No, score=1.5 verdict=ham basis=scored\n"
	    "recipient <support@example.com> (1 stored)\n",
	    1 },
	{ "tag", "inbox \"support@example.com\" { mode = tag }", VERDICT_SPAM,
	    "<support@example.com>", "a",
	    "add X-Deskgate-Verdict: spam\nadd X-Deskgate-Score: +1.50\n"
	    "add X-Deskgate-Id: %K\nadd X-Spam-Flag: YES\n"
	    "add X-Spam-Status: Yes, score=1.5 verdict=spam basis=scored\n",
	    0 },
	{ "no spam headers",
	    "add-spam-headers = no\n"
	    "inbox \"support@example.com\" { mode = tag }",
	    VERDICT_SPAM, "<support@example.com>", "a",
	    "add X-Deskgate-Verdict: spam\nadd X-Deskgate-Score: +1.50\n"
	    "add X-Deskgate-Id: %K\n",
	    0 },
	{ "ticket and deliver",
	    "add-spam-headers = no\n"
	    "inbox \"support@example.com\" { mode = ticket-and-deliver }",
	    VERDICT_UNSURE, "<support@example.com>", "a",
	    "add X-Deskgate-Verdict: unsure\nadd X-Deskgate-Score: +1.50\n"
	    "add X-Deskgate-Id: %K\n",
	    1 },
	{ "rejected", "inbox \"support@example.com\" { action-spam = reject }",
	    VERDICT_SPAM, "<support@example.com>", "r", "reply 550 5.7.1\n",
	    0 },
	{ "not rejected: another recipient",
	    "add-spam-headers = no\n"
	    "inbox \"support@example.com\" { action-spam = reject }",
	    VERDICT_SPAM, "<support@example.com> <colleague@example.com>", "a",
	    "add X-Deskgate-Verdict: spam\nadd X-Deskgate-Score: +1.50\n"
	    "add X-Deskgate-Id: %K\n"
	    "recipient <support@example.com> (1 stored)\n",
	    1 },
	{ "not rejected: relayed",
	    "relay-networks = { \"192.0.2.0/24\" }\n"
	    "inbox \"support@example.com\" { action-spam = reject }",
	    VERDICT_SPAM, "<support@example.com>", "a",
	    "recipient <support@example.com> (1 stored)\n", 1 },
	{ "discarded",
	    "inbox \"support@example.com\" { action-spam = discard }",
	    VERDICT_SPAM, "<support@example.com>", "a",
	    "recipient <support@example.com> (0 stored)\n", 0 },
	{ "none of ours", SUPPORT, VERDICT_SPAM, "<colleague@example.com>", "a",
	    "", 0 },
};

/* One address has many spellings.  What the MTA understands decides, and who is
 * taken out is named in each way the MTA may know him by. */
static const struct {
	const char *path, *resolved, *want;
} spelling_cases[] = {
	{ "<@relay.example.net:support@example.com>", NULL,
	    "recipient <@relay.example.net:support@example.com> (1 stored)\n"
	    "recipient support@example.com (1 stored)\n" },
	{ "<support%example.com@mail.example.net>", "support@example.com",
	    "recipient <support%example.com@mail.example.net> (1 stored)\n"
	    "recipient support@example.com (1 stored)\n" },
	{ "<SUPPORT@example.com>", "colleague@example.com",
	    "recipient <SUPPORT@example.com> (1 stored)\n" },
	{ "<support%example.com@mail.example.net>", "colleague@example.com",
	    "" },
};

static void
test_spellings(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(spelling_cases); i++) {
		struct talk talk;

		g_test_message("%s", spelling_cases[i].path);
		talk_init(&talk, SUPPORT);
		talk.resolved = spelling_cases[i].resolved;
		talk_mail(&talk, "<anna@example.org>");
		talk_rcpt(&talk, spelling_cases[i].path);
		g_assert_cmpstr(talk_data(&talk, NULL, "x"), ==, "a");
		TOLD(talk, spelling_cases[i].want);
		talk_fini(&talk);
	}
}

/* Ids are keyed, so they are written as %K. */
static char *
without_ids(char *told)
{
	g_autofree char *old = told;
	g_autoptr(GRegex) regex = g_regex_new("\\b[0-9a-f]{32}\\b", 0, 0, NULL);

	return g_regex_replace_literal(regex, old, -1, 0, "%K", 0, NULL);
}

static void
test_fates(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(fate_cases); i++) {
		struct talk talk;
		g_autofree char *told = NULL;
		const char *answer;

		g_test_message("%s", fate_cases[i].name);
		talk_init(&talk, fate_cases[i].settings);
		talk.class = fate_cases[i].class;
		answer = talk_message(
		    &talk, "1@example.org", fate_cases[i].recipients);
		g_assert_cmpstr(answer, ==, fate_cases[i].answer);
		told = without_ids(talk_told(&talk));
		g_assert_cmpstr(told, ==, fate_cases[i].want);
		g_assert_cmpuint(talk_stored(&talk), ==, fate_cases[i].stored);
		talk_fini(&talk);
	}
}

/* Who tries words until his mail passes learns nothing of the score. */
static void
test_refusal_says_no_score(void)
{
	static const double scores[] = { 4, 4.25, 937.5 };

	for (gsize i = 0; i < G_N_ELEMENTS(scores); i++) {
		struct talk talk;
		g_autofree char *told = NULL;

		talk_init(&talk,
		    "reject-text = \"Refused.\"\n"
		    "inbox \"support@example.com\" { action-spam = reject }");
		talk.class = VERDICT_SPAM;
		talk.score = scores[i];
		talk_message(&talk, "1@example.org", "<support@example.com>");
		told = talk_told(&talk);
		g_assert_cmpstr(told, ==, "reply 550 5.7.1\n");
		g_assert_cmpstr(talk.said, ==, "Refused.");
		talk_fini(&talk);
	}
}

static void
test_held_entry(void)
{
	struct talk talk;
	struct entry *entry OWNED(entry_free) = NULL;

	talk_init(&talk, SUPPORT);
	talk.class = VERDICT_SPAM;
	talk_message(&talk, "1@example.org", "<support@example.com>");
	entry = talk_entry(&talk, NULL);
	g_assert_nonnull(entry);
	g_assert_cmpint(entry->action, ==, ENTRY_QUARANTINE);
	g_assert_cmpint(entry->verdict.class, ==, VERDICT_SPAM);
	talk_fini(&talk);
}

/* An inbox's own line: its entry and action follow it, the headers are one for
 * all. */
static void
test_own_scores(void)
{
	struct talk talk;
	struct entry *entry OWNED(entry_free) = NULL;
	g_autofree char *told = NULL;

	talk_init(&talk,
	    "add-spam-headers = no\n"
	    "inbox \"support@example.com\" {\n"
	    "\tmode = ticket-and-deliver\n\tspam-score = 1.5\n}\n");
	talk.class = VERDICT_UNSURE;
	talk_message(&talk, "1@example.org", "<support@example.com>");
	entry = talk_entry(&talk, NULL);
	g_assert_nonnull(entry);
	g_assert_cmpint(entry->action, ==, ENTRY_QUARANTINE);
	g_assert_cmpint(entry->verdict.class, ==, VERDICT_SPAM);
	told = without_ids(talk_told(&talk));
	g_assert_cmpstr(told, ==,
	    "add X-Deskgate-Verdict: unsure\n"
	    "add X-Deskgate-Score: +1.50\nadd X-Deskgate-Id: %K\n");
	talk_fini(&talk);
}

/* Four inboxes, two own models: one reading, each its own verdict, the headers
 * and who has no model the installation's. */
static void
test_own_models(void)
{
	struct talk talk;
	g_autofree char *told = NULL;

	talk_init(&talk,
	    "add-spam-headers = no\n" SUPPORT
	    "inbox \"sales@example.com\" { model = sales\n"
	    "action-spam = discard }\n"
	    "inbox \"shop@example.com\" { model = sales\n"
	    "action-spam = discard }\n"
	    "inbox \"abuse@example.com\" { model = abuse\n mode = tag }\n");
	talk.class = VERDICT_HAM;
	talk_message(&talk, "1@example.org",
	    "<sales@example.com> <support@example.com> <shop@example.com> "
	    "<abuse@example.com>");
	told = without_ids(talk_told(&talk));
	g_assert_cmpstr(told, ==,
	    "add X-Deskgate-Verdict: ham\nadd X-Deskgate-Score: +1.50\n"
	    "add X-Deskgate-Id: %K, %K, %K, %K\n"
	    "recipient <sales@example.com> (1 stored)\n"
	    "recipient <support@example.com> (1 stored)\n"
	    "recipient <shop@example.com> (1 stored)\n");
	g_assert_cmpuint(talk.judged, ==, 1);
	g_assert_cmpuint(talk.own, ==, 2);
	talk_fini(&talk);
}

static void
test_own_model_entry(void)
{
	struct talk talk;
	struct entry *entry OWNED(entry_free) = NULL;

	talk_init(&talk, "inbox \"sales@example.com\" { model = sales }\n");
	talk.class = VERDICT_HAM;
	talk_message(&talk, "1@example.org", "<sales@example.com>");
	entry = talk_entry(&talk, NULL);
	g_assert_nonnull(entry);
	g_assert_cmpint(entry->action, ==, ENTRY_QUARANTINE);
	g_assert_cmpint(entry->verdict.class, ==, VERDICT_SPAM);
	g_assert_cmpfloat(entry->verdict.score, ==, 9.5);
	g_assert_cmpstr(entry->verdict.note, ==, "sales");
	talk_fini(&talk);
}

/* The same message sent again is the same entry, and gets the same answer. */
static void
test_again(void)
{
	struct talk talk;

	talk_init(&talk, SUPPORT);
	for (int i = 0; i < 3; i++)
		g_assert_cmpstr(talk_message(&talk, "1@example.org",
				    "<support@example.com>"),
		    ==, "a");
	g_assert_cmpuint(talk_stored(&talk), ==, 1);
	g_assert_cmpstr(
	    talk_message(&talk, "2@example.org", "<support@example.com>"), ==,
	    "a");
	g_assert_cmpuint(talk_stored(&talk), ==, 2);
	talk_fini(&talk);
}

/* Without a Message-ID of the client's an equal message is the same one within
 * the window, wherever in it the first came. */
static void
test_window(void)
{
	const gint64 hour = 3600 * (gint64)G_USEC_PER_SEC;
	struct talk talk;

	talk_init(&talk, "dedupe-window = 6h\n" SUPPORT);
	/* Entries have the machine's time: start from it, near an edge. */
	talk.wall = g_get_real_time();
	talk_message(&talk, NULL, "<support@example.com>");
	for (int i = 1; i <= 5; i++) {
		talk.wall += hour;
		talk_message(&talk, NULL, "<support@example.com>");
		g_assert_cmpuint(talk_stored(&talk), ==, 1);
	}
	talk.wall += 2 * hour;
	talk_message(&talk, NULL, "<support@example.com>");
	g_assert_cmpuint(talk_stored(&talk), ==, 2);
	talk_fini(&talk);
}

/* An id that the MTA made holds its queue id and changes with each try. */
static void
test_mtas_id(void)
{
	struct talk talk;

	talk_init(&talk, SUPPORT);
	talk.wall = g_get_real_time();
	talk.queue_id = "4AAAAA";
	talk_message(
	    &talk, "20261102.4AAAAA@mail.example.net", "<support@example.com>");
	talk.queue_id = "4BBBBB";
	talk_message(
	    &talk, "20261102.4BBBBB@mail.example.net", "<support@example.com>");
	g_assert_cmpuint(talk_stored(&talk), ==, 1);
	talk_message(&talk, "20261102.4CCCCC@client.example.org",
	    "<support@example.com>");
	g_assert_cmpuint(talk_stored(&talk), ==, 2);
	talk_fini(&talk);
}

static const struct {
	const char *name, *settings, *authenticated;
	guint judged;
} trust_cases[] = {
	{ "a stranger", SUPPORT, NULL, 1 },
	{ "authenticated", SUPPORT, "anna", 0 },
	{ "authenticated, scanned", "scan-authenticated = yes\n" SUPPORT,
	    "anna", 1 },
	{ "own network", "own-networks = { \"192.0.2.0/24\" }\n" SUPPORT, NULL,
	    0 },
	{ "other network", "own-networks = { \"198.51.100.0/24\" }\n" SUPPORT,
	    NULL, 1 },
	{ "relay", "relay-networks = { \"192.0.2.0/24\" }\n" SUPPORT, NULL, 1 },
};

static void
test_trust(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(trust_cases); i++) {
		struct talk talk;
		struct entry *entry OWNED(entry_free) = NULL;

		g_test_message("%s", trust_cases[i].name);
		talk_init(&talk, trust_cases[i].settings);
		talk.class = VERDICT_SPAM;
		talk.authenticated = trust_cases[i].authenticated;
		talk_message(&talk, "1@example.org", "<support@example.com>");
		g_assert_cmpuint(talk.judged, ==, trust_cases[i].judged);
		entry = talk_entry(&talk, NULL);
		g_assert_nonnull(entry);
		g_assert_cmpint(entry->verdict.class, ==,
		    trust_cases[i].judged ? VERDICT_SPAM : VERDICT_HAM);
		g_assert_cmpint(entry->verdict.basis, ==,
		    trust_cases[i].judged ? VERDICT_SCORED
					  : VERDICT_NOT_SCORED);
		g_assert_cmpstr(entry->envelope->authenticated, ==,
		    trust_cases[i].authenticated);
		talk_fini(&talk);
	}
}

/* Mail flows when no reader could be had; and nothing is rejected then. */
static void
test_no_reader(void)
{
	struct talk talk;
	struct entry *entry OWNED(entry_free) = NULL;

	talk_init(
	    &talk, "inbox \"support@example.com\" { action-unsure = reject }");
	talk.no_reader = TRUE;
	g_assert_cmpstr(
	    talk_message(&talk, "1@example.org", "<support@example.com>"), ==,
	    "a");
	entry = talk_entry(&talk, NULL);
	g_assert_nonnull(entry);
	g_assert_cmpint(entry->verdict.class, ==, VERDICT_UNSURE);
	g_assert_cmpint(entry->verdict.basis, ==, VERDICT_UNREAD);
	g_assert_cmpint(entry->action, ==, ENTRY_QUARANTINE);
	g_assert_cmpstr(entry->verdict.note, ==, "no reader was free");
	talk_fini(&talk);
}

static void
test_forged(void)
{
	struct talk talk;

	talk_init(&talk, "authserv-id = \"mx.example.net\"\n" SUPPORT);
	/* To nobody of ours: only our own names go. */
	talk_mail(&talk, "<a@example.org>");
	talk_rcpt(&talk, "<colleague@example.com>");
	session_header(talk.session, "X-Deskgate-Verdict", " ham");
	session_header(talk.session, "X-Spam-Flag", " NO");
	session_header(talk.session, "X-Deskgate-Verdict", " ham");
	g_assert_cmpstr(talk_data(&talk, NULL, "x"), ==, "a");
	TOLD(
	    talk, "remove X-Deskgate-Verdict 2\nremove X-Deskgate-Verdict 1\n");
	/* Taken over whole: what is forged goes from an archive's copy. */
	talk_mail(&talk, "<a@example.org>");
	talk_rcpt(&talk, "<support@example.com>");
	session_header(talk.session, "X-Spam-Flag", " NO");
	session_header(talk.session, "Authentication-Results",
	    " mx.example.org; dkim=pass");
	g_assert_cmpstr(talk_data(&talk, NULL, "x"), ==, "a");
	TOLD(talk, "remove Authentication-Results 1\nremove X-Spam-Flag 1\n"
		   "recipient <support@example.com> (1 stored)\n");
	/* More than anybody can mean. */
	for (int to = 0; to < 2; to++) {
		talk_mail(&talk, "<a@example.org>");
		talk_rcpt(&talk, to == 0 ? "<colleague@example.com>"
					 : "<support@example.com>");
		for (int i = 0; i <= HEADERS_MOST; i++)
			session_header(talk.session, "X-Deskgate-Id", " x");
		g_assert_cmpstr(
		    talk_data(&talk, "7@example.org", "x"), ==, "r");
		TOLD(talk, "reply 554 5.6.0\n");
	}
	g_assert_cmpuint(talk_stored(&talk), ==, 1);
	talk_fini(&talk);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/milter/session/ticket", test_ticket);
	g_test_add_func("/milter/session/fates", test_fates);
	g_test_add_func("/milter/session/spellings", test_spellings);
	g_test_add_func("/milter/session/refusal", test_refusal_says_no_score);
	g_test_add_func("/milter/session/held", test_held_entry);
	g_test_add_func("/milter/session/own-scores", test_own_scores);
	g_test_add_func("/milter/session/own-models", test_own_models);
	g_test_add_func(
	    "/milter/session/own-model-entry", test_own_model_entry);
	g_test_add_func("/milter/session/again", test_again);
	g_test_add_func("/milter/session/window", test_window);
	g_test_add_func("/milter/session/mtas-id", test_mtas_id);
	g_test_add_func("/milter/session/trust", test_trust);
	g_test_add_func("/milter/session/no-reader", test_no_reader);
	g_test_add_func("/milter/session/forged", test_forged);
	return g_test_run();
}
