/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "milter/door.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tests/unit/milter/talk.h"

static void
test_trace(void)
{
	static const struct {
		const char *text, *want, *sender;
	} cases[] = {
		{ "Subject: x\n\ny", "Subject: x\n\ny", NULL },
		{ "From a@example.org Mon Nov  2 10:00:00 2026\nSubject: x\n",
		    "Subject: x\n", NULL },
		{ "From: a@example.org\n\n", "From: a@example.org\n\n", NULL },
		{ "Return-Path: <a@example.org>\nSubject: x\n", "Subject: x\n",
		    "a@example.org" },
		{ "From x\r\nDelivered-To: s@example.com\r\n"
		  "X-Original-To: s@example.com\r\n"
		  "RETURN-PATH:<a@example.org>\r\nReceived: x\r\n",
		    "Received: x\r\n", "a@example.org" },
		{ "Return-Path: <>\nDelivered-To:\n s@example.com\n\nbody",
		    "\nbody", "" },
		{ "Return-Path: <a@example.org>\nReturn-Path: "
		  "<b@example.org>\nX: y",
		    "X: y", "a@example.org" },
		{ "Subject: x\nDelivered-To: s@example.com\n",
		    "Subject: x\nDelivered-To: s@example.com\n", NULL },
		{ "Delivered-To: s@example.com", "", NULL },
		{ "From ", "", NULL },
		{ "From", "From", NULL },
		{ "", "", NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *sender = NULL;
		gsize at = door_skip_trace(
		    cases[i].text, strlen(cases[i].text), &sender);

		g_test_message("%s", cases[i].text);
		g_assert_cmpstr(cases[i].text + at, ==, cases[i].want);
		g_assert_cmpstr(sender, ==, cases[i].sender);
	}
}

/* Takes a text for support@example.com. */
static gboolean
take(struct talk *talk, struct terms *terms, const char *text,
    struct door_result *result_r, GError **error)
{
	const struct door door = { talk->world.handover, talk->world.judge,
		talk->gauge };
	struct envelope *envelope OWNED(envelope_free) = envelope_new();
	struct letter letter OWNED(letter_clear) = { .fd = -1 };
	const struct door_mail mail = { terms_inbox(
					    terms, "support@example.com"),
		"support@example.com", envelope, &letter };

	envelope->received = talk->wall;
	g_assert_true(letter_from_bytes(
	    (const guint8 *)text, strlen(text), &letter, NULL));
	return door_take(&door, terms, &mail, result_r, error);
}

#define MESSAGE \
	"From: Anna <anna@example.org>\n" \
	"Subject: My order\n" \
	"Date: Mon, 2 Nov 2026 10:00:00 +0000\n" \
	"Message-ID: <1@example.org>\n\nHello\n"

#define LISTED \
	"From: Anna <anna@example.org>\n" \
	"Subject: [orders] My order\n" \
	"Date: Mon, 2 Nov 2026 10:00:00 +0000\n" \
	"List-Id: <orders.example.net>\n" \
	"Message-ID: <1@example.org>\n\nHello\n"

static const struct {
	const char *settings;
	enum verdict_class class;
	enum policy_action want;
	guint stored;
} fates[] = {
	{ "", VERDICT_HAM, POLICY_MAKE_TICKET, 1 },
	{ "", VERDICT_SPAM, POLICY_QUARANTINE, 1 },
	{ "action-spam = reject", VERDICT_SPAM, POLICY_QUARANTINE, 1 },
	{ "action-spam = ticket-as-spam", VERDICT_SPAM, POLICY_MAKE_SPAM_TICKET,
	    1 },
	{ "action-spam = discard", VERDICT_SPAM, POLICY_DISCARD, 0 },
	{ "action-ham = tag", VERDICT_HAM, POLICY_MAKE_TICKET, 1 },
	{ "mode = tag", VERDICT_UNSURE, POLICY_MAKE_TICKET, 1 },
	{ "mode = tag", VERDICT_SPAM, POLICY_QUARANTINE, 1 },
	{ "mode = ticket-and-deliver", VERDICT_HAM, POLICY_MAKE_TICKET, 1 },
	{ "spam-score = 1.5", VERDICT_UNSURE, POLICY_QUARANTINE, 1 },
	{ "spam-score = 1.6", VERDICT_UNSURE, POLICY_MAKE_TICKET, 1 },
	{ "spam-score = 1\nmode = tag", VERDICT_UNSURE, POLICY_QUARANTINE, 1 },
};

static void
test_fates(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(fates); i++) {
		g_autofree char *settings =
		    g_strdup_printf("inbox \"support@example.com\" { %s }\n",
			fates[i].settings);
		struct talk talk;
		struct terms *terms OWNED(terms_unref) = talk_terms(settings);
		struct door_result result;
		g_autoptr(GError) error = NULL;

		g_test_message("%s", fates[i].settings);
		talk_init(&talk, settings);
		talk.class = fates[i].class;
		g_assert_true(take(&talk, terms, MESSAGE, &result, &error));
		g_assert_no_error(error);
		g_assert_cmpint(result.action, ==, fates[i].want);
		g_assert_cmpuint(talk_stored(&talk), ==, fates[i].stored);
		if (fates[i].stored > 0) {
			struct entry *entry OWNED(entry_free) =
			    talk_entry(&talk, NULL);

			g_assert_nonnull(entry);
			g_assert_cmpint(entry->action == ENTRY_QUARANTINE, ==,
			    fates[i].want == POLICY_QUARANTINE);
		}
		talk_fini(&talk);
	}
}

/* By either door it is one message. */
static void
test_same(void)
{
	struct talk talk;
	struct terms *terms OWNED(terms_unref) =
	    talk_terms("inbox \"support@example.com\" { }\n");
	struct door_result result;

	talk_init(&talk, "inbox \"support@example.com\" { }\n");
	talk_message(&talk, "1@example.org", "<support@example.com>");
	g_assert_true(take(&talk, terms, MESSAGE, &result, NULL));
	g_assert_cmpint(result.put, ==, SPOOL_ALREADY);
	g_assert_true(take(&talk, terms,
	    "Received: by mail.example.net; Mon, 2 Nov 2026 10:00:01 "
	    "+0000\n" MESSAGE,
	    &result, NULL));
	g_assert_cmpint(result.put, ==, SPOOL_ALREADY);
	g_assert_cmpuint(talk_stored(&talk), ==, 1);
	/* As a mailing list hands it on: one message, since it has its
	 * client's Message-ID. */
	g_assert_true(take(&talk, terms, LISTED, &result, NULL));
	g_assert_cmpint(result.put, ==, SPOOL_ALREADY);
	g_assert_cmpuint(talk_stored(&talk), ==, 1);
	g_assert_true(take(&talk, terms, MESSAGE "more\n", &result, NULL));
	g_assert_cmpint(result.put, ==, SPOOL_STORED);
	talk_fini(&talk);
}

/* The second copy as it is judged then, and whether it lets the first one go.
 */
static const struct {
	enum verdict_class class;
	enum verdict_basis basis;
	const char *settings;
	guint marks;
} copies[] = {
	{ VERDICT_HAM, VERDICT_SCORED, "", 1 },
	{ VERDICT_UNSURE, VERDICT_SCORED, "", 1 },
	{ VERDICT_HAM, VERDICT_NOT_SCORED, "", 1 },
	{ VERDICT_SPAM, VERDICT_SCORED, "", 0 },
	{ VERDICT_UNSURE, VERDICT_COLD, "", 0 },
	{ VERDICT_UNSURE, VERDICT_NO_MODEL, "", 0 },
	{ VERDICT_UNSURE, VERDICT_UNREAD, "", 0 },
	{ VERDICT_HAM, VERDICT_SCORED, "action-ham = ticket-as-spam", 0 },
	{ VERDICT_HAM, VERDICT_SCORED, "action-ham = discard", 0 },
};

static void
test_milder(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(copies); i++) {
		g_autofree char *settings =
		    g_strdup_printf("inbox \"support@example.com\" { %s }\n",
			copies[i].settings);
		struct talk talk;
		struct terms *terms OWNED(terms_unref) = talk_terms(settings);
		struct door_result result;
		g_autoptr(GError) error = NULL;

		g_test_message("%u", (guint)i);
		talk_init(&talk, settings);
		talk.class = VERDICT_SPAM;
		g_assert_true(take(&talk, terms, MESSAGE, &result, NULL));
		g_assert_cmpint(result.put, ==, SPOOL_STORED);
		talk.class = copies[i].class;
		talk.basis = copies[i].basis;
		g_assert_true(take(&talk, terms, MESSAGE, &result, &error));
		g_assert_no_error(error);
		g_assert_cmpuint(talk_stored(&talk), ==, 1);
		g_assert_cmpuint(fixture_count(&talk.fixture, "spool/milder"),
		    ==, copies[i].marks);
		talk_fini(&talk);
	}
}

static void
test_no_room(void)
{
	struct talk talk;
	struct terms *terms OWNED(terms_unref) = talk_terms(
	    "reserve-space = 16T\ninbox \"support@example.com\" { }\n");
	struct door_result result;
	g_autoptr(GError) error = NULL;

	talk_init(&talk, "inbox \"support@example.com\" { }\n");
	g_assert_false(take(&talk, terms, MESSAGE, &result, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_FULL);
	g_assert_cmpuint(talk_stored(&talk), ==, 0);
	talk_fini(&talk);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/milter/door/trace", test_trace);
	g_test_add_func("/milter/door/fates", test_fates);
	g_test_add_func("/milter/door/same", test_same);
	g_test_add_func("/milter/door/milder", test_milder);
	g_test_add_func("/milter/door/no-room", test_no_room);
	return g_test_run();
}
