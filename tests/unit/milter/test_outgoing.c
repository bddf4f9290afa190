/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mail that leaves from an inbox: its header is kept, and it goes on whatever
 * happens. */
#include <string.h>

#include "lib/base/owned.h"
#include "tests/unit/milter/talk.h"

#define SUPPORT "inbox \"support@example.com\" { }\n"
#define OURS "own-networks = { \"192.0.2.0/24\" }\n" SUPPORT
#define BODY "The body is nobody's business.\r\n"

/* One message to these recipients; the answer's letter. */
static const char *
send_mail(struct talk *talk, const char *sender, const char *recipients)
{
	g_auto(GStrv) paths = g_strsplit(recipients, " ", -1);

	g_assert_cmpstr(talk_mail(talk, sender), ==, "c");
	for (char **path = paths; *path != NULL; path++)
		g_assert_cmpstr(talk_rcpt(talk, *path), ==, "c");
	return talk_data(talk, "1@example.com", BODY);
}

static const struct {
	const char *name, *settings, *sender, *recipients, *authenticated;
	guint kept;
} cases[] = {
	{ "own network", OURS, "<support@example.com>", "<a@example.org>", NULL,
	    1 },
	{ "login", SUPPORT, "<support@example.com>", "<a@example.org>", "agent",
	    1 },
	{ "plus address", OURS, "<support+7@example.com>", "<a@example.org>",
	    NULL, 1 },
	{ "whole domain",
	    "own-networks = { \"192.0.2.0/24\" }\n"
	    "inbox \"@example.com\" { }\n",
	    "<anyone@example.com>", "<a@example.org>", NULL, 1 },
	{ "anybody may say so", SUPPORT, "<support@example.com>",
	    "<a@example.org>", NULL, 0 },
	{ "no inbox", OURS, "<boss@example.com>", "<a@example.org>", NULL, 0 },
	{ "null sender", OURS, "<>", "<a@example.org>", NULL, 0 },
};

static void
test_kept(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct talk talk;
		g_autofree char *told = NULL;

		g_test_message("%s", cases[i].name);
		talk_init(&talk, cases[i].settings);
		talk.authenticated = cases[i].authenticated;
		g_assert_cmpstr(
		    send_mail(&talk, cases[i].sender, cases[i].recipients), ==,
		    "a");
		g_assert_cmpuint(talk_stored(&talk), ==, cases[i].kept);
		g_assert_cmpuint(talk.judged, ==, 0);
		told = talk_told(&talk);
		g_assert_cmpstr(told, ==, "");
		talk_fini(&talk);
	}
}

/* What is kept: the header alone, for the inbox that it left from. */
static void
test_header_alone(void)
{
	struct talk talk;
	g_autoptr(GBytes) message = NULL;
	struct entry *entry OWNED(entry_free) = NULL;
	g_autofree char *text = NULL;

	talk_init(&talk, OURS);
	g_assert_cmpstr(
	    send_mail(&talk, "<support+7@example.com>", "<a@example.org>"), ==,
	    "a");
	entry = talk_entry(&talk, &message);
	g_assert_nonnull(entry);
	g_assert_cmpint(entry->action, ==, ENTRY_OUTGOING);
	g_assert_cmpstr(entry->inbox, ==, "support@example.com");
	text = g_strndup(
	    g_bytes_get_data(message, NULL), g_bytes_get_size(message));
	g_assert_nonnull(strstr(text, "Message-ID: <1@example.com>\r\n"));
	g_assert_true(g_str_has_suffix(text, "\r\n\r\n"));
	g_assert_null(strstr(text, "nobody's business"));
	/* The same once more is the same entry. */
	g_assert_cmpstr(
	    send_mail(&talk, "<support+7@example.com>", "<a@example.org>"), ==,
	    "a");
	g_assert_cmpuint(talk_stored(&talk), ==, 1);
	g_assert_cmpuint(fixture_count(&talk.fixture, "spool/milder"), ==, 0);
	talk_fini(&talk);
}

/* Mail to an inbox of ours is a message like others, whoever sends it. */
static void
test_to_ours(void)
{
	struct talk talk;
	struct entry *entry OWNED(entry_free) = NULL;

	talk_init(&talk, OURS);
	g_assert_cmpstr(send_mail(&talk, "<support@example.com>",
			    "<a@example.org> <support@example.com>"),
	    ==, "a");
	entry = talk_entry(&talk, NULL);
	g_assert_nonnull(entry);
	g_assert_cmpint(entry->action, ==, ENTRY_TICKET);
	talk_fini(&talk);
}

/* Of an endless header no more than its ceiling is held. */
static void
test_long_header(void)
{
	struct talk talk;
	g_autofree char *value = g_strnfill(4000, 'x');
	g_autoptr(GBytes) message = NULL;
	struct entry *entry OWNED(entry_free) = NULL;

	talk_init(&talk, OURS);
	g_assert_cmpstr(talk_mail(&talk, "<support@example.com>"), ==, "c");
	g_assert_cmpstr(talk_rcpt(&talk, "<a@example.org>"), ==, "c");
	for (guint i = 0; i < 100; i++)
		session_header(talk.session, "X-Long", value);
	g_assert_cmpstr(talk_data(&talk, "1@example.com", BODY), ==, "a");
	entry = talk_entry(&talk, &message);
	g_assert_nonnull(entry);
	g_assert_cmpuint(g_bytes_get_size(message), <, 70000);
	talk_fini(&talk);
}

/* An answer to a customer goes out though it cannot be kept. */
static void
test_not_kept(void)
{
	struct talk talk;

	talk_init(&talk, OURS);
	talk.world.handover.key_dir = -1;
	g_assert_cmpstr(
	    send_mail(&talk, "<support@example.com>", "<a@example.org>"), ==,
	    "a");
	g_assert_cmpuint(talk_stored(&talk), ==, 0);
	talk_fini(&talk);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add_func("/milter/outgoing/kept", test_kept);
	g_test_add_func("/milter/outgoing/header-alone", test_header_alone);
	g_test_add_func("/milter/outgoing/to-ours", test_to_ours);
	g_test_add_func("/milter/outgoing/long-header", test_long_header);
	g_test_add_func("/milter/outgoing/not-kept", test_not_kept);
	return g_test_run();
}
