/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/forward.h"

#include "lib/base/owned.h"

/* Ann's message of Friday, as programs pass it on. */
static const struct {
	const char *text;
	const char *before, *address, *name, *subject;
	gboolean marked;
} cases[] = {
	{ "Please help.\n\n---------- Forwarded message ---------\n"
	  "From: Ann Ex <ann@example.org>\nDate: Fri, May 1, 2020 at 10:02 AM\n"
	  "Subject: Order\nTo: <bob@example.com>\n\n\nIt is red.\n",
	    "Please help.", "ann@example.org", "Ann Ex", "Order", TRUE },
	{ "\n\n> Begin forwarded message:\n> \n> From: \"Ann Ex\" "
	  "<ann@example.org>\n> Subject: Order\n> Date: 1 May 2020 at "
	  "10:02:00 CEST\n> To: bob@example.com\n> \n> It is red.\n",
	    "", "ann@example.org", "Ann Ex", "Order", TRUE },
	{ "FYI\n\nVon: Ann Ex [mailto:ann@example.org] \nGesendet: Freitag, 1. "
	  "Mai 2020 10:02\nAn: Bob\nBetreff: Order\n\nIt is red.",
	    "FYI", "ann@example.org", "Ann Ex", "Order", FALSE },
	{ "-------- Weitergeleitete Nachricht --------\nBetreff: Order\n"
	  "Datum: Fri, 1 May 2020 10:02:00 +0200\n"
	  "Von: Ann Ex <ann@example.org>\nAn: bob@example.com\n\n\n\n"
	  "It is red.",
	    "", "ann@example.org", "Ann Ex", "Order", TRUE },
	{ "________________________________\nDe : Ann Ex <ann@example.org>\n"
	  "Envoyé : vendredi 1 mai 2020\nÀ : Bob\nObjet : Order\n\nIt is red.",
	    "________________________________", "ann@example.org", "Ann Ex",
	    "Order", FALSE },
	{ "*From:* Ann Ex <ann@example.org<mailto:ann@example.org>>\n"
	  "*Sent:* Friday\n*To:* Bob <bob@example.com>;\nCarl "
	  "<carl@example.com>\n*Subject:* Order\n\nIt is red.",
	    "", "ann@example.org", "Ann Ex", "Order", FALSE },
	{ "发件人：Ann Ex <ann@example.org>\n发送时间：2020年5月1日\n"
	  "收件人：Bob\n主题：Order\n\nIt is red.",
	    "", "ann@example.org", "Ann Ex", "Order", FALSE },
	{ "-----Original Message-----\nFrom: Ann Ex\nSent: Friday\n"
	  "Subject: Order\n\nIt is red.",
	    "", NULL, "Ann Ex", "Order", FALSE },
};

static void
test_cases(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct forward *forward OWNED(forward_free) =
		    forward_find(cases[i].text);

		g_test_message("%s", cases[i].text);
		g_assert_nonnull(forward);
		g_assert_cmpstr(forward->before, ==, cases[i].before);
		g_assert_cmpstr(forward->address, ==, cases[i].address);
		g_assert_cmpstr(forward->name, ==, cases[i].name);
		g_assert_cmpstr(forward->subject, ==, cases[i].subject);
		g_assert_cmpstr(forward->body, ==, "It is red.");
		g_assert_nonnull(forward->date);
		g_assert_cmpint(forward->marked, ==, cases[i].marked);
	}
}

static void
test_none(void)
{
	static const char *const texts[] = { "", "Hello", "From: a\nTo: b\n",
		("> From: a@example.org\n> To: b\n> Date: c\n> Subject: d\n"
		 ">\n> x"),
		"On 1 May 2020, Ann wrote:\n> Hello" };

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		g_assert_null(forward_find(texts[i]));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/forward/cases", test_cases);
	g_test_add_func("/forward/none", test_none);
	return g_test_run();
}
