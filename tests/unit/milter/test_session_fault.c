/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What goes wrong in a conversation: in every case the client is told "later"
 * or "no", and nothing is stored that he was not told of.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/owned.h"
#include "tests/unit/milter/talk.h"

#define SUPPORT "inbox \"support@example.com\" { }\n"
#define SALES "inbox \"sales@example.com\" { }\n"

#define TOLD(talk, want) \
	do { \
		g_autofree char *told_ = talk_told(&(talk)); \
		g_assert_cmpstr(told_, ==, want); \
	} while (0)

static void
test_abort(void)
{
	struct talk talk;
	struct entry *entry OWNED(entry_free) = NULL;

	talk_init(&talk, SUPPORT);
	session_abort(talk.session);
	talk_mail(&talk, "<first@example.org>");
	talk_rcpt(&talk, "<support@example.com>");
	session_header(talk.session, "Subject", " one");
	session_end_header(talk.session);
	session_body(talk.session, "left over", 9);
	session_abort(talk.session);
	session_abort(talk.session);
	/* There is nothing left that could end. */
	g_assert_cmpstr(talk_word(session_end(talk.session)), ==, "t");
	g_assert_cmpuint(talk_stored(&talk), ==, 0);
	/* Nothing of the first is in the second. */
	g_assert_cmpstr(
	    talk_message(&talk, "2@example.org", "<support@example.com>"), ==,
	    "a");
	entry = talk_entry(&talk, NULL);
	g_assert_nonnull(entry);
	g_assert_cmpuint(entry->size, ==, 126);
	g_assert_cmpstr(entry->envelope->sender, ==, "anna@example.org");
	g_assert_cmpuint(entry->envelope->recipients->len, ==, 1);
	talk_fini(&talk);
}

/* A second MAIL without an abort in between begins anew, too. */
static void
test_two_messages(void)
{
	struct talk talk;

	talk_init(&talk, SUPPORT SALES);
	talk_message(&talk, "1@example.org", "<support@example.com>");
	talk_message(&talk, "2@example.org", "<sales@example.com>");
	talk_mail(&talk, "<first@example.org>");
	talk_rcpt(&talk, "<support@example.com>");
	session_header(talk.session, "Subject", " left over");
	talk_message(&talk, "3@example.org", "<colleague@example.com>");
	g_assert_cmpuint(talk_stored(&talk), ==, 2);
	TOLD(talk, "recipient <support@example.com> (1 stored)\n"
		   "recipient <sales@example.com> (2 stored)\n");
	talk_fini(&talk);
}

/* Callbacks without what must come before them. */
static void
test_out_of_order(void)
{
	struct talk talk;
	struct session *none = NULL;

	talk_init(&talk, SUPPORT);
	g_assert_cmpstr(talk_rcpt(&talk, "<support@example.com>"), ==, "t");
	session_header(talk.session, "Subject", " x");
	session_body(talk.session, "x", 1);
	g_assert_cmpstr(talk_word(session_end_header(talk.session)), ==, "t");
	g_assert_cmpstr(talk_word(session_end(talk.session)), ==, "t");
	TOLD(talk, "reply 451 4.3.0\nreply 451 4.3.0\nreply 451 4.3.0\n");
	/* Closed in the middle, and closed before anything. */
	talk_mail(&talk, "<a@example.org>");
	talk_rcpt(&talk, "<support@example.com>");
	session_header(talk.session, "Subject", " x");
	g_assert_cmpuint(hall_count(talk.world.hall), ==, 1);
	session_free(&talk.session);
	session_free(&none);
	g_assert_cmpuint(hall_count(talk.world.hall), ==, 0);
	talk_fini(&talk);
}

static void
test_too_large(void)
{
	struct talk talk;
	g_autofree char *body = g_strnfill(70000, 'x');
	char *declared[] = { (char *)"<a@example.org>", (char *)"SIZE=65537",
		NULL };

	talk_init(&talk, "max-message-size = 64K\n" SUPPORT);
	talk_mail(&talk, "<a@example.org>");
	talk_rcpt(&talk, "<support@example.com>");
	g_assert_cmpstr(talk_data(&talk, "1@example.org", body), ==, "r");
	TOLD(talk, "reply 552 5.3.4\n");
	/* Told before, it is refused before; others are none of our business.
	 */
	g_assert_cmpint(
	    session_mail(talk.session, declared), ==, PORT_CONTINUE);
	g_assert_cmpstr(talk_rcpt(&talk, "<support@example.com>"), ==, "r");
	g_assert_cmpstr(talk_rcpt(&talk, "<colleague@example.com>"), ==, "c");
	g_assert_cmpstr(talk_data(&talk, "2@example.org", body), ==, "a");
	TOLD(talk, "reply 552 5.3.4\n");
	g_assert_cmpuint(talk_stored(&talk), ==, 0);
	talk_fini(&talk);
}

static void
test_too_many(void)
{
	struct talk talk;

	talk_init(&talk, "max-recipients = 2\n" SUPPORT);
	talk_mail(&talk, "<a@example.org>");
	g_assert_cmpstr(talk_rcpt(&talk, "<one@example.com>"), ==, "c");
	g_assert_cmpstr(talk_rcpt(&talk, "<support@example.com>"), ==, "c");
	g_assert_cmpstr(talk_rcpt(&talk, "<three@example.com>"), ==, "t");
	TOLD(talk, "reply 452 4.5.3\n");
	g_assert_cmpstr(talk_data(&talk, "1@example.org", "x"), ==, "a");
	g_assert_cmpuint(talk_stored(&talk), ==, 1);
	talk_fini(&talk);
}

static void
test_connections(void)
{
	struct talk talk;
	struct session *second;
	struct port port;
	char *arguments[] = { (char *)"<a@example.org>", NULL };

	talk_init(&talk, "max-connections = 1\n" SUPPORT);
	/* Whatever port: it is refused before it is used. */
	port = (struct port){ .self = NULL };
	second = session_new(&talk.world, &port);
	g_assert_cmpint(
	    session_connect(second, "client.example.org", "192.0.2.8"), ==,
	    PORT_LATER);
	session_free(&second);
	g_assert_cmpint(
	    session_mail(talk.session, arguments), ==, PORT_CONTINUE);
	talk_fini(&talk);
}

/* Each is looked at when a message is announced. */
static const char *const full_settings[] = {
	"reserve-space = 16T\n" SUPPORT,
	"spool-max-entries = 1\n" SUPPORT,
	"spool-max-size = 1M\n" SUPPORT,
};

static void
test_no_room(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(full_settings); i++) {
		struct talk talk;
		struct entry *entry OWNED(entry_free) =
		    fixture_entry(1, ENTRY_TICKET);
		g_autofree char *large = g_strnfill(2 << 20, 'x');
		enum spool_put put;

		g_test_message("%s", full_settings[i]);
		talk_init(&talk, full_settings[i]);
		g_assert_true(
		    fixture_put(&talk.fixture, entry, large, &put, NULL));
		g_assert_cmpstr(talk_mail(&talk, "<a@example.org>"), ==, "t");
		TOLD(talk, "reply 451 4.3.1\n");
		g_assert_cmpstr(
		    talk_rcpt(&talk, "<support@example.com>"), ==, "t");
		talk_fini(&talk);
	}
}

/* The disk says no: for the first inbox, or only for the second. */
static void
test_store_fails(void)
{
	struct talk talk;
	g_autofree char *tmp = NULL, *away = NULL;

	talk_init(&talk, SUPPORT SALES);
	tmp = fixture_path(&talk.fixture, "keys/intake.pub");
	away = fixture_path(&talk.fixture, "keys/away");
	g_assert_cmpint(rename(tmp, away), ==, 0);
	g_assert_cmpstr(talk_message(&talk, "1@example.org",
			    "<support@example.com> <sales@example.com>"),
	    ==, "t");
	/* Nobody is taken out of a message that we do not have. */
	TOLD(talk, "reply 451 4.3.0\n");
	g_assert_cmpuint(talk_stored(&talk), ==, 0);
	g_assert_cmpint(rename(away, tmp), ==, 0);
	/* Stored for the first only: the MTA is gone at the second. */
	talk.alive = 1;
	g_assert_cmpstr(talk_message(&talk, "1@example.org",
			    "<support@example.com> <sales@example.com>"),
	    ==, "t");
	TOLD(talk, "reply 451 4.3.2\n");
	g_assert_cmpuint(talk_stored(&talk), ==, 1);
	/* He comes again, and each inbox has it once. */
	talk.alive = -1;
	g_assert_cmpstr(talk_message(&talk, "1@example.org",
			    "<support@example.com> <sales@example.com>"),
	    ==, "a");
	g_assert_cmpuint(talk_stored(&talk), ==, 2);
	talk_fini(&talk);
}

static void
test_mta_gone(void)
{
	struct talk talk;

	talk_init(&talk, SUPPORT);
	talk.alive = 0;
	g_assert_cmpstr(
	    talk_message(&talk, "1@example.org", "<support@example.com>"), ==,
	    "t");
	TOLD(talk, "reply 451 4.3.2\n");
	g_assert_cmpuint(talk_stored(&talk), ==, 0);
	g_assert_cmpuint(fixture_count(&talk.fixture, "spool/tmp"), ==, 0);
	/* Gone between the store and the edits: it is stored, and he comes
	 * again. */
	talk.alive = -1;
	talk.deaf = TRUE;
	g_assert_cmpstr(
	    talk_message(&talk, "1@example.org", "<support@example.com>"), ==,
	    "t");
	talk.deaf = FALSE;
	g_assert_cmpstr(
	    talk_message(&talk, "1@example.org", "<support@example.com>"), ==,
	    "a");
	g_assert_cmpuint(talk_stored(&talk), ==, 1);
	talk_fini(&talk);
}

/* The MTA hears of us while the judge is at work, and a judge that is too slow
 * does not make it wait for longer than we said. */
static void
test_deadline(void)
{
	struct talk talk;

	talk_init(&talk, "milter-timeout = 40s\n" SUPPORT);
	g_assert_cmpstr(
	    talk_message(&talk, "1@example.org", "<support@example.com>"), ==,
	    "a");
	g_assert_cmpuint(talk.wall_ms, ==, 8000);
	talk.step = 39 * G_USEC_PER_SEC;
	talk.progress = 0;
	g_assert_cmpstr(
	    talk_message(&talk, "2@example.org", "<support@example.com>"), ==,
	    "a");
	g_assert_cmpuint(talk.progress, ==, 2);
	talk.step = 40 * G_USEC_PER_SEC;
	g_assert_cmpstr(
	    talk_message(&talk, "3@example.org", "<support@example.com>"), ==,
	    "t");
	g_assert_cmpuint(talk_stored(&talk), ==, 2);
	talk_fini(&talk);
	talk_init(&talk, "milter-timeout = 8s\n" SUPPORT);
	talk_message(&talk, "1@example.org", "<support@example.com>");
	g_assert_cmpuint(talk.wall_ms, ==, 1600);
	talk_fini(&talk);
}

/* The deadline holds between two stores, when the first took long, and where
 * nothing is stored. */
static void
test_deadline_everywhere(void)
{
	struct talk talk;

	talk_init(&talk, "milter-timeout = 40s\n" SUPPORT SALES);
	talk.slow = 45 * G_USEC_PER_SEC;
	g_assert_cmpstr(talk_message(&talk, "4@example.org",
			    "<support@example.com> <sales@example.com>"),
	    ==, "t");
	g_assert_cmpuint(talk_stored(&talk), ==, 1);
	talk_fini(&talk);
	talk_init(&talk,
	    "milter-timeout = 40s\n"
	    "inbox \"support@example.com\" { action-spam = reject }");
	talk.class = VERDICT_SPAM;
	talk.step = 40 * G_USEC_PER_SEC;
	g_assert_cmpstr(
	    talk_message(&talk, "4@example.org", "<support@example.com>"), ==,
	    "t");
	talk_fini(&talk);
}

/* Over TCP the first write to a peer that is gone succeeds, so there is one
 * before. */
static void
test_late_port(void)
{
	struct talk talk;

	talk_init(&talk, SUPPORT);
	talk_port_late(&talk);
	talk.alive = 1;
	g_assert_cmpstr(
	    talk_message(&talk, "1@example.org", "<support@example.com>"), ==,
	    "t");
	g_assert_cmpuint(talk.progress, ==, 2);
	g_assert_cmpuint(talk_stored(&talk), ==, 0);
	talk_fini(&talk);
}

static void
test_closing(void)
{
	struct talk talk;
	char *arguments[] = { (char *)"<a@example.org>", NULL };

	talk_init(&talk, SUPPORT);
	talk_mail(&talk, "<a@example.org>");
	talk_rcpt(&talk, "<support@example.com>");
	g_assert_true(hall_close(talk.world.hall, 0));
	g_assert_cmpstr(talk_data(&talk, "1@example.org", "x"), ==, "t");
	g_assert_cmpint(session_mail(talk.session, arguments), ==, PORT_LATER);
	TOLD(talk, "reply 451 4.3.0\nreply 451 4.3.2\n");
	g_assert_cmpuint(talk_stored(&talk), ==, 0);
	talk_fini(&talk);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/milter/session/abort", test_abort);
	g_test_add_func("/milter/session/two-messages", test_two_messages);
	g_test_add_func("/milter/session/out-of-order", test_out_of_order);
	g_test_add_func("/milter/session/too-large", test_too_large);
	g_test_add_func("/milter/session/too-many", test_too_many);
	g_test_add_func("/milter/session/connections", test_connections);
	g_test_add_func("/milter/session/no-room", test_no_room);
	g_test_add_func("/milter/session/store-fails", test_store_fails);
	g_test_add_func("/milter/session/mta-gone", test_mta_gone);
	g_test_add_func("/milter/session/deadline", test_deadline);
	g_test_add_func(
	    "/milter/session/deadline-everywhere", test_deadline_everywhere);
	g_test_add_func("/milter/session/late-port", test_late_port);
	g_test_add_func("/milter/session/closing", test_closing);
	return g_test_run();
}
