/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/sendmail_cf.h"

#include <string.h>

static void
test_reads(void)
{
	static const char *const cf =
	    "# built\nO PidFile=/run/s.pid\n"
	    "O DaemonPortOptions=Name=MTA, Port=2540, Addr=127.0.0.2\n"
	    "O InputMailFilters=a, deskgate\n";
	g_autofree char *pid = sendmail_cf_option(cf, "PidFile");
	g_autofree char *none = sendmail_cf_option(cf, "Pid");
	g_autofree char *last = sendmail_cf_last_filter(cf);
	g_autofree char *nothing = sendmail_cf_last_filter("");
	g_autofree char *entrance = sendmail_cf_entrance(cf);
	g_autofree char *usual =
	    sendmail_cf_entrance("O DaemonPortOptions=Port=smtp, Name=MTA\n");

	g_assert_cmpstr(pid, ==, "/run/s.pid");
	g_assert_null(none);
	g_assert_cmpstr(last, ==, "deskgate");
	g_assert_cmpstr(nothing, ==, "");
	g_assert_cmpstr(entrance, ==, "127.0.0.2:2540");
	g_assert_cmpstr(usual, ==, "127.0.0.1:25");
	g_assert_true(sendmail_cf_same("# one\nOa\n", "# two\nOa\n"));
	g_assert_false(sendmail_cf_same("Oa\n", "Ob\n"));
}

#define OPTION "O InputMailFilters="
#define SOCKET "unix:/run/dg.sock"

static void
test_place(void)
{
	static const struct {
		const char *name, *cf;
		struct milter_place place;
	} cases[] = {
		{ "nothing", "", { FALSE, FALSE, FALSE } },
		{ "as it should be",
		    OPTION "a,dg\nXa, S=unix:/a\nXdg, S=" SOCKET
			   ", F=T, T=C:30s;E:5m\n",
		    { TRUE, TRUE, TRUE } },
		{ "without blanks", OPTION "dg\nXdg,S=" SOCKET ",F=T\n",
		    { TRUE, TRUE, TRUE } },
		{ "by its other name",
		    OPTION "dg\nXdg, S=local:/run/dg.sock, F=T\n",
		    { TRUE, TRUE, TRUE } },
		{ "no F: mail passes", OPTION "dg\nXdg, S=" SOCKET "\n",
		    { TRUE, TRUE, FALSE } },
		{ "F=R: mail is refused", OPTION "dg\nXdg, S=" SOCKET ", F=R\n",
		    { TRUE, TRUE, FALSE } },
		{ "another behind",
		    OPTION "dg, a\nXdg, S=" SOCKET ", F=T\nXa, S=unix:/a\n",
		    { TRUE, FALSE, TRUE } },
		{ "another whose name ends like ours",
		    OPTION "dg,xdg\nXdg, S=" SOCKET ", F=T\n",
		    { TRUE, FALSE, TRUE } },
		{ "told and not asked", OPTION "a\nXdg, S=" SOCKET ", F=T\n",
		    { FALSE, FALSE, FALSE } },
		{ "a longer path", OPTION "dg\nXdg, S=" SOCKET ".old, F=T\n",
		    { FALSE, FALSE, FALSE } },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct milter_place *want = &cases[i].place;
		struct milter_place place;

		g_test_message("%s", cases[i].name);
		sendmail_cf_place(cases[i].cf, SOCKET, &place);
		g_assert_cmpint(place.there, ==, want->there);
		g_assert_cmpint(place.last, ==, want->last);
		g_assert_cmpint(place.waits, ==, want->waits);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/sendmail_cf/reads", test_reads);
	g_test_add_func("/sendmail_cf/place", test_place);
	return g_test_run();
}
