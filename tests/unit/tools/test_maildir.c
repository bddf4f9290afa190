/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a Maildir is mail, by its names. */
#include "tools/maildir.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/base/folder.h"

static void
test_flags(struct folder *folder, gconstpointer unused)
{
	static const struct {
		const char *folder, *name;
		gboolean want;
	} cases[] = {
		{ "cur", "1793.M1P2.mx:2,T", TRUE },
		{ "cur", "1793.M1P2.mx:2,ST", TRUE },
		{ "cur", "1793.M1P2.mx:2,D", TRUE },
		{ "cur", "1793.M1P2.mx:2,DS", TRUE },
		{ "cur", "1793.M1P2.mx,S=42,W=43:2,RST", TRUE },
		{ "cur", "1793.M1P2.mx;2,T", TRUE },
		{ "cur", "1793.M1P2.mx!2,T", TRUE },
		{ "cur/", "1793.M1P2.mx:2,T", TRUE },
		{ "box/cur", "1793.M1P2.mx:2,Tab", TRUE },
		{ "cur", "1793.M1P2.mx:2,", FALSE },
		{ "cur", "1793.M1P2.mx:2,FPRS", FALSE },
		/* keywords are small letters */
		{ "cur", "1793.M1P2.mx:2,Sdt", FALSE },
		{ "cur", "1793.M1P2.mx:2,S,TD", FALSE },
		/* no flags at all, or of another kind */
		{ "cur", "1793.M1P2.mxTD", FALSE },
		{ "cur", "1793.M1P2.mx:1,TD", FALSE },
		{ "cur", "TD", FALSE },
		{ "cur", ":", FALSE },
		{ "cur", "", FALSE },
		/* not in a Maildir's folder of what was seen */
		{ "new", "1793.M1P2.mx:2,T", FALSE },
		{ "curious", "1793.M1P2.mx:2,T", FALSE },
	};

	(void)folder;
	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s %s", cases[i].folder, cases[i].name);
		g_assert_cmpint(maildir_left(cases[i].folder, cases[i].name),
		    ==, cases[i].want);
	}
}

static void
test_folders(struct folder *folder, gconstpointer unused)
{
	static const char *const made[] = { "cur", "new", "tmp", "sieve",
		"Junk", "Junk/cur", "Junk/new" };
	g_autofree char *junk = folder_path(folder, "Junk");
	g_autofree char *sieve = folder_path(folder, "sieve");

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(made); i++) {
		g_autofree char *path = folder_path(folder, made[i]);

		g_assert_cmpint(mkdir(path, 0700), ==, 0);
	}
	g_assert_true(maildir_is(folder->path));
	g_assert_true(maildir_is(junk));
	g_assert_false(maildir_is(sieve));
	g_assert_true(maildir_has(folder->path, "cur"));
	g_assert_true(maildir_has(folder->path, "new"));
	g_assert_true(maildir_has(folder->path, "Junk"));
	g_assert_false(maildir_has(folder->path, "tmp"));
	g_assert_false(maildir_has(folder->path, "sieve"));
	g_assert_false(maildir_has(folder->path, "dovecot-uidlist"));
	for (gsize i = G_N_ELEMENTS(made); i-- > 0;) {
		g_autofree char *path = folder_path(folder, made[i]);

		g_assert_cmpint(rmdir(path), ==, 0);
	}
}

#define TEST(name, function) \
	g_test_add("/tools/maildir/" name, struct folder, NULL, folder_init, \
	    function, folder_fini)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	TEST("flags", test_flags);
	TEST("folders", test_folders);
	return g_test_run();
}
