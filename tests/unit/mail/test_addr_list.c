/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/mail/addr_list.h"

#include <string.h>

#include "lib/base/owned.h"
#include "lib/mail/addr.h"
#include "lib/mail/message.h"

/* "name|address;" of each. */
static char *
shown(const GPtrArray *list, guint n)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < MIN(list->len, n); i++) {
		const struct addr *addr = list->pdata[i];

		g_string_append_printf(
		    text, "%s|%s;", addr->name, addr->address);
	}
	return g_string_free(text, FALSE);
}

static GPtrArray *
new_list(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)addr_free);
}

static const struct {
	const char *value, *want;
} plain[] = {
	{ "a@example.com", "|a@example.com;" },
	{ " <a@example.com>\r\n ", "|a@example.com;" },
	{ "Ann Doe <Ann.Doe+x@Example.COM>", "Ann Doe|Ann.Doe+x@Example.COM;" },
	{ "Ann\t<a@example.com>", NULL },
	{ "Ann  B-C O'Neil<a@example.com>", "Ann B-C O'Neil|a@example.com;" },
	{ "\"Doe, Ann (x)\" <a@example.com>", "Doe, Ann (x)|a@example.com;" },
	{ "\" a@b \"\r\n\t<a_b=c@x-y.example.com>",
	    "a@b|a_b=c@x-y.example.com;" },
	{ "a@example.com, B <b@example.com>,c@example.com",
	    "|a@example.com;B|b@example.com;|c@example.com;" },
	{ "'Ann' <a@example.com>", "'Ann'|a@example.com;" },
	{ "a@localhost", "|a@localhost;" },
	{ "-@-", "|-@-;" },
};

static void
test_plain(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(plain); i++) {
		g_autoptr(GPtrArray) list = new_list();
		gboolean taken = addr_list_plain(plain[i].value, 500, list);
		g_autofree char *text = shown(list, 100);

		g_test_message("%s", plain[i].value);
		g_assert_cmpint(taken, ==, plain[i].want != NULL);
		g_assert_cmpstr(
		    text, ==, plain[i].want != NULL ? plain[i].want : "");
	}
}

/* GMime reads the same: a group at the end leaves the whole list to it. */
static void
test_same(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(plain); i++) {
		g_autofree char *source = g_strdup_printf(
		    "From: %s\nTo: %s, last: b@example.org;\n\nx\n",
		    plain[i].value, plain[i].value);
		struct message *message OWNED(message_free) =
		    message_parse((const guint8 *)source, strlen(source),
			&message_limits_default, NULL);
		const GPtrArray *from = message_addresses(message, "From");
		const GPtrArray *to = message_addresses(message, "To");
		g_autofree char *ours = shown(from, from->len);
		g_autofree char *theirs = shown(to, from->len);

		g_test_message("%s", plain[i].value);
		g_assert_cmpuint(to->len, ==, from->len + 1);
		g_assert_cmpstr(ours, ==, theirs);
	}
}

static void
test_left(void)
{
	static const char *const values[] = { "", " ", ",", "a", "a@", "@b",
		"a@example.com,", ",a@example.com", "a@example.com b",
		"a@example.com b@example.com", "a @example.com",
		"a@ example.com", "a@example.com (Ann)", "(x) a@example.com",
		"g: a@example.com;", "<@x:a@example.com>", "<a@example.com",
		"a@example.com>", "<a@example.com>>", "< a@example.com>",
		"<a@example.com >", "Ann", "Ann <>", "\"Ann <a@example.com>",
		"\"\" <a@example.com>", "\"a\\\"b\" <a@example.com>",
		"\"a\" b <a@example.com>", "\"a\"@example.com",
		"A. Doe <a@example.com>", "a..b@example.com", ".a@example.com",
		"a.@example.com", "a@.example.com", "a@example.com.",
		"a@example..com", "a@[192.0.2.1]", "a@xn--exmple-cua.com",
		"a@b.XN--exmple-cua.com", "a@b@c", "a@b_c", "a\x01@b",
		"a@b\x7f", "\xc3\xa9@b", "=?utf-8?q?a?= <a@example.com>",
		"b@example.com, x" };

	for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
		g_autoptr(GPtrArray) list = new_list();

		g_test_message("%s", values[i]);
		g_ptr_array_add(list, g_new0(struct addr, 1));
		g_assert_false(addr_list_plain(values[i], 500, list));
		g_assert_cmpuint(list->len, ==, 1);
	}
}

static void
test_ceilings(void)
{
	g_autoptr(GPtrArray) list = new_list();
	g_autofree char *local = g_strnfill(242, 'a');
	g_autofree char *longest = g_strconcat(local, "@example.com", NULL);
	g_autofree char *longer = g_strconcat("a", longest, NULL);
	g_autofree char *name = g_strnfill(3000, 'n');
	g_autofree char *named = g_strconcat(name, " <a@b>", NULL);

	g_assert_true(addr_list_plain("a@b, c@d, e@f", 2, list));
	g_assert_cmpuint(list->len, ==, 2);
	/* What was there stays, whatever the ceiling. */
	g_assert_true(addr_list_plain("g@h", 1, list));
	g_assert_cmpuint(list->len, ==, 2);
	g_assert_false(addr_list_plain(longer, 500, list));
	g_assert_true(addr_list_plain(longest, 500, list));
	g_assert_true(addr_list_plain(named, 500, list));
	g_assert_cmpuint(
	    strlen(((struct addr *)list->pdata[3])->name), ==, 256);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	message_prepare();
	g_test_add_func("/addr_list/plain", test_plain);
	g_test_add_func("/addr_list/same", test_same);
	g_test_add_func("/addr_list/left", test_left);
	g_test_add_func("/addr_list/ceilings", test_ceilings);
	return g_test_run();
}
