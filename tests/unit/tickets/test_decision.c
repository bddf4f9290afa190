/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/decision.h"

#include <string.h>

#include "lib/base/seal.h"

static void
test_decide(void)
{
	static const struct {
		const char *name, *was;
		gboolean ours;
		const char *now;
		gint64 when;
		enum decision want;
	} cases[] = {
		{ "marked", "", FALSE, "spam", 100, DECISION_SPAM },
		{ "marked when open", "open", FALSE, "spam", 100,
		    DECISION_SPAM },
		{ "marked when closed", "closed", FALSE, "spam", 100,
		    DECISION_SPAM },
		{ "told twice", "spam", FALSE, "spam", 100, DECISION_NOTHING },
		{ "made as spam by us", "spam", TRUE, "spam", 100,
		    DECISION_NOTHING },
		{ "we are corrected", "spam", TRUE, "open", 100, DECISION_HAM },
		{ "we are corrected, new", "spam", TRUE, "new", 100,
		    DECISION_HAM },
		{ "in so many words", "spam", TRUE, "not-spam", 0,
		    DECISION_HAM },
		{ "a mistake", "spam", FALSE, "open", 100, DECISION_UNDO },
		{ "spam closed", "spam", FALSE, "closed", 100,
		    DECISION_NOTHING },
		{ "our spam closed", "spam", TRUE, "closed", 100,
		    DECISION_NOTHING },
		{ "spam deleted", "spam", TRUE, "deleted", 100,
		    DECISION_NOTHING },
		{ "worked on", "", FALSE, "open", 100, DECISION_SEEN },
		{ "closed", "open", FALSE, "closed", 100, DECISION_SEEN },
		{ "deleted", "open", FALSE, "deleted", 100, DECISION_SEEN },
		{ "the same", "open", FALSE, "open", 100, DECISION_NOTHING },
		{ "an old story", "spam", FALSE, "open", 49, DECISION_NOTHING },
		{ "of the same second", "spam", FALSE, "open", 50,
		    DECISION_UNDO },
		{ "no status told", "spam", FALSE, NULL, 100,
		    DECISION_NOTHING },
		{ "no time told", "spam", FALSE, "open", 0, DECISION_UNDO },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ledger_mark mark = { .ours = cases[i].ours, .when = 50 };

		g_strlcpy(mark.status, cases[i].was, sizeof(mark.status));
		g_test_message("%s", cases[i].name);
		g_assert_cmpstr(decision_word(decision_of(
				    &mark, cases[i].now, cases[i].when)),
		    ==, decision_word(cases[i].want));
	}
}

static void
test_actor(void)
{
	static const struct {
		const char *desk, *who, *want;
	} cases[] = {
		{ "main", NULL, "desk:main" },
		{ "main", "", "desk:main" },
		{ "main", "alice", "desk:main:alice" },
		{ "main", "Alice B.", "desk:main:Alice_B." },
		{ "main", "a\nb", "desk:main:a_b" },
		{ "main", "0123456789012345678901234567890123456789",
		    "desk:main:012345678901234567890123456789" },
	};
	struct secret *key = secret_random(SEAL_KEY_BYTES);
	g_autofree char *one = NULL, *same = NULL, *other = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *actor =
		    decision_actor(key, cases[i].desk, cases[i].who);

		g_assert_cmpstr(actor, ==, cases[i].want);
	}
	/* An address is hidden, and still one and the same agent. */
	one = decision_actor(key, "main", "alice@example.com");
	same = decision_actor(key, "main", "alice@example.com");
	other = decision_actor(key, "main", "bob@example.com");
	g_assert_true(g_str_has_prefix(one, "desk:main:agent-"));
	g_assert_null(strstr(one, "alice"));
	g_assert_cmpstr(one, ==, same);
	g_assert_cmpstr(one, !=, other);
	secret_free(&key);
}

static void
test_network(void)
{
	static const struct {
		const char *address, *want;
	} cases[] = {
		{ "192.0.2.77", "192.0.2.0/24" },
		{ "::ffff:192.0.2.77", "192.0.2.0/24" },
		{ "2001:db8:1:2::7", "2001:db8:1::/48" },
		{ "127.0.0.1", "" },
		{ "::1", "" },
		{ "client.example.org", "" },
		{ "", "" },
		{ NULL, "" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *network = decision_network(cases[i].address);

		g_assert_cmpstr(network, ==, cases[i].want);
	}
}

static void
test_trusts(void)
{
	static const struct {
		const char *name, *network, *address;
		gint64 now;
		gboolean proved, want;
	} cases[] = {
		{ "the same way", "192.0.2.0/24", "192.0.2.9", 99, FALSE,
		    TRUE },
		{ "another way", "192.0.2.0/24", "198.51.100.9", 99, FALSE,
		    FALSE },
		{ "another way, proved", "192.0.2.0/24", "198.51.100.9", 99,
		    TRUE, TRUE },
		{ "the way is not known", "", "192.0.2.9", 99, FALSE, FALSE },
		{ "local", "192.0.2.0/24", NULL, 99, FALSE, FALSE },
		{ "over", "192.0.2.0/24", "192.0.2.9", 100, FALSE, FALSE },
		{ "over, proved", "192.0.2.0/24", "192.0.2.9", 100, TRUE,
		    FALSE },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ledger_trust trust = { .until = 100 };

		g_strlcpy(
		    trust.network, cases[i].network, sizeof(trust.network));
		g_test_message("%s", cases[i].name);
		g_assert_cmpint(decision_trusts(&trust, cases[i].now,
				    cases[i].address, cases[i].proved),
		    ==, cases[i].want);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add_func("/tickets/decision/decide", test_decide);
	g_test_add_func("/tickets/decision/actor", test_actor);
	g_test_add_func("/tickets/decision/network", test_network);
	g_test_add_func("/tickets/decision/trusts", test_trusts);
	return g_test_run();
}
