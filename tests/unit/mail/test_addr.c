/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/mail/addr.h"

#include <string.h>

static const struct {
	const char *address;
	const char *canonical; /* NULL: not valid */
	const char *domain;
} cases[] = {
	{ "a@example.com", "a@example.com", "example.com" },
	{ "Ann.Doe@Example.COM", "ann.doe@example.com", "Example.COM" },
	{ "ann+tag@example.com", "ann+tag@example.com", "example.com" },
	{ "a@b", "a@b", "b" },
	{ "J\xc3\x96RG@Ex\xc3\x84mple.com", "j\xc3\xb6rg@xn--exmple-cua.com",
	    "Ex\xc3\x84mple.com" },
	{ "a@xn--exmple-cua.com", "a@xn--exmple-cua.com",
	    "xn--exmple-cua.com" },
	{ "a@[192.0.2.1]", "a@[192.0.2.1]", "[192.0.2.1]" },
	{ "", NULL, "" },
	{ "a", NULL, "" },
	{ "@example.com", NULL, "example.com" },
	{ "a@", NULL, "" },
	{ "a@.example.com", NULL, ".example.com" },
	{ "a b@example.com", NULL, "example.com" },
	{ "a@b@example.com", NULL, "example.com" },
	{ "a,b@example.com", NULL, "example.com" },
	{ "<a@example.com>", NULL, "example.com>" },
	{ "\"a\"@example.com", NULL, "example.com" },
	{ "a\n@example.com", NULL, "example.com" },
	{ "a\x7f@example.com", NULL, "example.com" },
	{ "a\xff@example.com", NULL, "example.com" },
};

static void
test_canonical(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *canonical = addr_canonical(cases[i].address);

		g_test_message("%s", cases[i].address);
		g_assert_cmpstr(canonical, ==, cases[i].canonical);
		g_assert_cmpint(addr_valid(cases[i].address), ==,
		    cases[i].canonical != NULL);
		g_assert_cmpstr(
		    addr_domain(cases[i].address), ==, cases[i].domain);
	}
}

static void
test_length(void)
{
	g_autofree char *local = g_strnfill(242, 'a');
	g_autofree char *longest = g_strconcat(local, "@example.com", NULL);
	g_autofree char *longer = g_strconcat("a", longest, NULL);

	g_assert_cmpuint(strlen(longest), ==, 254);
	g_assert_true(addr_valid(longest));
	g_assert_false(addr_valid(longer));
}

static void
test_inbox(void)
{
	static const struct {
		const char *address, *inbox;
		gboolean is;
	} inboxes[] = {
		{ "support@example.com", "support@example.com", TRUE },
		{ "Support@EXAMPLE.com", "support@example.com", TRUE },
		{ "support+x@example.com", "support@example.com", TRUE },
		{ "support+@example.com", "support@example.com", TRUE },
		{ "supporter@example.com", "support@example.com", FALSE },
		{ "suppor@example.com", "support@example.com", FALSE },
		{ "support@example.org", "support@example.com", FALSE },
		{ "support@mail.example.com", "support@example.com", FALSE },
		{ "anyone@example.com", "@example.com", TRUE },
		{ "anyone@example.org", "@example.com", FALSE },
		{ "support", "support@example.com", FALSE },
		{ "", "support@example.com", FALSE },
		{ "support@example.com", "", FALSE },
		{ "support@example.com", "support", FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(inboxes); i++) {
		g_test_message("%s %s", inboxes[i].address, inboxes[i].inbox);
		g_assert_cmpint(
		    addr_is_inbox(inboxes[i].address, inboxes[i].inbox), ==,
		    inboxes[i].is);
	}
}

static void
test_repair(void)
{
	static const struct {
		const char *text, *name, *address;
	} repairs[] = {
		{ "john@example.com", "", "john@example.com" },
		{ "John Doe john@example.com", "John Doe", "john@example.com" },
		{ "John Doe [mailto:john@example.com]", "John Doe",
		    "john@example.com" },
		{ "John (john @ example.com)", "John", "john@example.com" },
		{ "\"John\" <john@example.com.>", "John", "john@example.com" },
		{ "a@b or john@example.com", "a b or", "john@example.com" },
		{ "@@@ john@example.com", "@@@", "john@example.com" },
		{ "J\xf6hn\xf4 john@example.com", "J\xef\xbf\xbdhn\xef\xbf\xbd",
		    "john@example.com" },
		{ "john@example", NULL, NULL },
		{ "john", NULL, NULL },
		{ "@", NULL, NULL },
		{ "", NULL, NULL },
		{ "a@.", NULL, NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(repairs); i++) {
		struct addr *addr = addr_repair(repairs[i].text);

		g_test_message("%s", repairs[i].text);
		g_assert_cmpint(addr != NULL, ==, repairs[i].address != NULL);
		if (addr != NULL) {
			g_assert_cmpstr(addr->address, ==, repairs[i].address);
			g_assert_true(addr_valid(addr->address));
			if (strchr(repairs[i].name, '@') == NULL &&
			    strstr(repairs[i].text, " or ") == NULL)
				g_assert_cmpstr(
				    addr->name, ==, repairs[i].name);
		}
		addr_free(addr);
	}
	addr_free(NULL);
}

/* Of a field that names no address. */
static void
test_name(void)
{
	static const struct {
		const char *text, *want;
	} names[] = {
		{ "MAILER-DAEMON (Mail Delivery System)",
		    "Mail Delivery System" },
		{ "MAILER-DAEMON", "MAILER-DAEMON" },
		{ "\"Ann (sales)\" <ann>", "Ann (sales)" },
		{ "<ann>", "<ann>" },
		{ "\"Lottery office\"@example.com>",
		    "Lottery office@example.com>" },
		{ "Ann (sales", "Ann (sales" },
		{ "Ann )(", "Ann )(" },
		{ "()", "()" },
		{ " \t\r\n", "" },
		{ "\"\"", "" },
		{ "J\xf6hn", "J\xef\xbf\xbdhn" },
		{ "", "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *name = addr_name(names[i].text);

		g_assert_cmpstr(name, ==, names[i].want);
	}
}

/* Long runs of one sign must not cost their square. */
static void
test_repair_time(void)
{
	static const char *const units[] = { "a", "@", "a@", "@ ", " @", "." };
	gint64 start = g_get_monotonic_time();

	for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
		g_autoptr(GString) text = g_string_new(NULL);

		while (text->len < 65536)
			g_string_append(text, units[i]);
		addr_free(addr_repair(text->str));
	}
	g_assert_cmpint(g_get_monotonic_time() - start, <, 60 * G_USEC_PER_SEC);
}

/* Words of others that go to a log. */
static void
test_hide(void)
{
	static const struct {
		const char *text, *want;
	} texts[] = {
		{ "HTTP 400: no @ here", "HTTP 400: no @ here" },
		{ "bad user anna.b+c@example.org.", "bad user (address)." },
		{ "<anna@example.org>, (eve@x.example)",
		    "<(address)>, ((address))" },
		{ "'\xc3\xa4@\xc3\xb6.example'", "'(address)'" },
		{ "a@b@c d@e", "(address) (address)" },
		{ "\"a b\"@example.org", "\"a (address)" },
		{ "mailto:anna@example.org?x", "mailto:(address)?x" },
		{ "user=anna@example.org;", "user=(address);" },
		{ "@", "@" },
		{ "a@", "a@" },
		{ "", "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *hidden = addr_hide(texts[i].text);

		g_assert_cmpstr(hidden, ==, texts[i].want);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/addr/canonical", test_canonical);
	g_test_add_func("/addr/length", test_length);
	g_test_add_func("/addr/inbox", test_inbox);
	g_test_add_func("/addr/repair", test_repair);
	g_test_add_func("/addr/name", test_name);
	g_test_add_func("/addr/repair-time", test_repair_time);
	g_test_add_func("/addr/hide", test_hide);
	return g_test_run();
}
