/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/postfix_wiring.h"

#include "lib/base/owned.h"

#define QUEUE "/var/spool/postfix"
#define SOCKET "unix:" QUEUE "/deskgate/milter.sock"
#define AWAY "unix:/run/deskgate/milter.sock"
#define SMTP "smtp inet n - n - - smtpd\n"

static struct postfix_facts *
facts_of(const char *settings, const char *services, const char *overrides)
{
	g_autofree char *all =
	    g_strconcat("queue_directory = " QUEUE "\n", settings, NULL);
	const struct postfix_texts texts = { all, all, services, overrides,
		overrides };

	return postfix_facts_new(&texts);
}

static void
test_read(void)
{
	static const struct {
		const char *name, *chain, *action;
		struct milter_place place;
	} cases[] = {
		{ "no chain", "", "tempfail", { FALSE, FALSE, FALSE } },
		{ "alone", SOCKET, "tempfail", { TRUE, TRUE, TRUE } },
		{ "below the queue", "unix:deskgate/milter.sock", "tempfail",
		    { TRUE, TRUE, TRUE } },
		{ "a longer path", SOCKET ".old", "tempfail",
		    { FALSE, FALSE, FALSE } },
		{ "last, and mail would pass", "unix:/a, " SOCKET, "accept",
		    { TRUE, TRUE, FALSE } },
		{ "safe by itself",
		    "unix:/a { " SOCKET ", default_action=tempfail }", "accept",
		    { TRUE, TRUE, TRUE } },
		{ "unsafe by itself",
		    "{ " SOCKET ", default_action=quarantine }", "tempfail",
		    { TRUE, TRUE, FALSE } },
		{ "before another", SOCKET " inet:localhost:1", "tempfail",
		    { TRUE, FALSE, TRUE } },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct milter_place *want = &cases[i].place;
		g_autofree char *settings = g_strdup_printf(
		    "milter_default_action = %s\n", cases[i].action);
		struct postfix_facts *facts OWNED(postfix_facts_free) =
		    facts_of(settings, SMTP, "");
		struct milter_place place;

		g_test_message("%s", cases[i].name);
		postfix_wiring_read(facts, cases[i].chain, SOCKET, &place);
		g_assert_cmpint(place.there, ==, want->there);
		g_assert_cmpint(place.last, ==, want->last);
		g_assert_cmpint(place.waits, ==, want->waits);
	}
}

static void
test_chain(void)
{
	static const struct {
		const char *name, *settings, *overrides, *chain;
		gboolean own;
	} cases[] = {
		{ "for all", "smtpd_milters = unix:/a\n", "", "unix:/a",
		    FALSE },
		{ "of another service", "smtpd_milters = unix:/a\n",
		    "587/inet/smtpd_milters = unix:/b\n", "unix:/a", FALSE },
		{ "its own", "smtpd_milters = unix:/a\n",
		    "smtp/inet/smtpd_milters = unix:/b\n", "unix:/b", TRUE },
		{ "none of its own", "smtpd_milters = unix:/a\n",
		    "smtp/inet/smtpd_milters =\n", "", TRUE },
		{ "no milters", "smtpd_milters = unix:/a\n",
		    "smtp/inet/receive_override_options = "
		    "no_address_mappings,no_milters\n",
		    "", TRUE },
		{ "no milters for all",
		    "smtpd_milters = unix:/a\n"
		    "receive_override_options = no_milters\n",
		    "", "", FALSE },
		{ "milters again",
		    "smtpd_milters = unix:/a\n"
		    "receive_override_options = no_milters\n",
		    "smtp/inet/receive_override_options =\n", "unix:/a", TRUE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct postfix_facts *facts OWNED(postfix_facts_free) =
		    facts_of(cases[i].settings, SMTP, cases[i].overrides);
		const struct postfix_service *smtp =
		    postfix_facts_service(facts, "smtp", "inet");

		g_test_message("%s", cases[i].name);
		g_assert_cmpstr(
		    postfix_wiring_chain(facts, smtp), ==, cases[i].chain);
		g_assert_cmpint(
		    postfix_wiring_has_own(facts, smtp), ==, cases[i].own);
	}
}

static void
test_shut_out(void)
{
	static const struct {
		const char *name, *services, *socket, *who;
	} cases[] = {
		{ "no chroot", SMTP, AWAY, NULL },
		{ "smtpd", "smtp inet n - y - - smtpd\n", AWAY, "smtp" },
		{ "cleanup", SMTP "cleanup unix n - y - 0 cleanup\n", AWAY,
		    "cleanup" },
		{ "one that asks no milter", SMTP "smtp unix - - y - - smtp\n",
		    AWAY, NULL },
		{ "below the queue", "smtp inet n - y - - smtpd\n", SOCKET,
		    NULL },
		{ "TCP", "smtp inet n - y - - smtpd\n", "inet:1@localhost",
		    NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct postfix_facts *facts OWNED(postfix_facts_free) =
		    facts_of("", cases[i].services, "");
		const struct postfix_service *found =
		    postfix_wiring_shut_out(facts, cases[i].socket);

		g_test_message("%s", cases[i].name);
		g_assert_cmpstr(
		    found != NULL ? found->name : NULL, ==, cases[i].who);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/postfix_wiring/read", test_read);
	g_test_add_func("/postfix_wiring/chain", test_chain);
	g_test_add_func("/postfix_wiring/shut out", test_shut_out);
	return g_test_run();
}
