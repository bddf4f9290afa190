/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/setup_sendmail.h"

#include <string.h>

#include "lib/base/owned.h"
#include "tools/settings.h"

#define HAND "OSTYPE(`linux')dnl\nMAILER(`local')dnl\n"
#define FILTER \
	"INPUT_MAIL_FILTER(`deskgate', `S=unix:/run/dg.sock, F=T, " \
	"T=C:30s;S:30s;R:30s;E:5m')dnl\n"

static char *
change(struct setup_plan *plan, const char *mc, const char *inboxes)
{
	struct conf *conf OWNED(conf_free) =
	    conf_parse("test.conf", inboxes, settings_kinds);
	struct terms *terms OWNED(terms_unref) = NULL;
	struct setup_wish wish = { "unix:/run/dg.sock", "dg-milter", "dg",
		"/usr/bin/deskgate", "/etc/deskgate.conf", NULL, NULL };

	g_assert_cmpuint(conf_faults(conf), ==, 0);
	terms = terms_new(conf);
	wish.terms = terms;
	return setup_sendmail(plan, mc, &wish);
}

static void
test_block(void)
{
	struct setup_plan *plan OWNED(setup_plan_free) = setup_plan_new();
	static const char *const one = "inbox \"support@example.com\" { }\n",
				 *const two =
				     "inbox \"support@example.com\" { }\n"
				     "inbox \"@example.net\" { }\n"
				     "inbox \"tag@example.net\" { mode = tag "
				     "}\n";
	g_autofree char *first = change(plan, HAND, one);
	g_autofree char *again = change(plan, first, one);
	g_autofree char *more = change(plan, first, two);
	g_autofree char *back = change(plan, more, one);
	const char *tag, *all;

	g_assert_null(plan->refusal);
	g_assert_true(g_str_has_prefix(first, HAND));
	g_assert_nonnull(strstr(first, FILTER));
	g_assert_nonnull(
	    strstr(first, "`Rsupport < @ example.com $* > $*\t$#deskgate $@ "
			  "support@example.com $: support@example.com'\n"));
	g_assert_nonnull(strstr(first, "U=dg-milter:dg,"));
	g_assert_nonnull(strstr(
	    first, "A=deskgate -c /etc/deskgate.conf accept -r $u -i $h'"));
	/* It stands there once, whatever it was. */
	g_assert_cmpstr(again, ==, first);
	g_assert_cmpstr(back, ==, first);
	tag = strstr(more,
	    "`Rtag < @ example.net $* > $*\t$@ tag < @ example.net $1 > $2'\n");
	all = strstr(more,
	    "`R$+ < @ example.net $* > $*\t$#deskgate $@ @example.net $: "
	    "$1@example.net'\n");
	/* The first rule that fits is taken. */
	g_assert_true(tag != NULL && all != NULL && tag < all);
}

static void
test_refuses(void)
{
	static const struct {
		const char *name, *mc, *refusal; /* a part of it, or NULL */
		gboolean behind; /* the mc stands behind a block */
	} cases[] = {
		{ "another filter before", "INPUT_MAIL_FILTER(`a', `S=x')dnl\n",
		    NULL, FALSE },
		{ "another filter behind", "INPUT_MAIL_FILTER(`a', `S=x')dnl\n",
		    "a filter behind Deskgate", TRUE },
		{ "another one that is off",
		    "dnl INPUT_MAIL_FILTER(`a', `S=x')dnl\n", NULL, TRUE },
		{ "ours by hand",
		    "INPUT_MAIL_FILTER(`dg', `S=unix:/run/dg.sock')dnl\n",
		    "written by hand", FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct setup_plan *plan OWNED(setup_plan_free) =
		    setup_plan_new();
		g_autofree char *block = change(plan, HAND, "");
		g_autofree char *mc =
		    cases[i].behind ? g_strconcat(block, cases[i].mc, NULL)
				    : g_strdup(cases[i].mc);
		g_autofree char *made = change(plan, mc, "");

		g_test_message("%s", cases[i].name);
		g_assert_nonnull(strstr(made, FILTER));
		if (cases[i].refusal == NULL)
			g_assert_cmpstr(plan->refusal, ==, NULL);
		else
			g_assert_nonnull(
			    strstr(plan->refusal, cases[i].refusal));
	}
}

static void
test_fault(void)
{
	static const struct {
		const char *cf, *fault; /* a part of it, or NULL */
	} cases[] = {
		{ "O InputMailFilters=a, deskgate\n", NULL },
		{ "O InputMailFilters=deskgate,a\n", "the last filter is a" },
		{ "", "the last filter is none" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *fault = setup_sendmail_fault(cases[i].cf);

		g_test_message("%s", cases[i].cf);
		if (cases[i].fault == NULL)
			g_assert_cmpstr(fault, ==, NULL);
		else
			g_assert_nonnull(strstr(fault, cases[i].fault));
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/setup_sendmail/block", test_block);
	g_test_add_func("/setup_sendmail/refuses", test_refuses);
	g_test_add_func("/setup_sendmail/fault", test_fault);
	return g_test_run();
}
