/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/exposition.h"

#include <math.h>

static void
test_text(void)
{
	json_t *page = exposition_new();
	json_t *family =
	    exposition_family(page, "a_total", "counter", "What\\is\nhere.");
	g_autofree char *text = NULL;

	exposition_add(family, 3, NULL);
	exposition_add(family, 0.25, "inbox", "a\"b\\c\nd", "how", "e", NULL);
	exposition_add(family, 9007199254740991.0, "inbox", "many", NULL);
	exposition_add(family, NAN, "inbox", "unknown", NULL);
	(void)exposition_family(page, "empty", "gauge", "Has no samples.");
	family = exposition_family(page, "b", "gauge", "Help.");
	exposition_add(family, -1.5, "x", "\xff", NULL);
	text = exposition_text(page);
	g_assert_cmpstr(text, ==,
	    "# HELP a_total What\\\\is\\nhere.\n"
	    "# TYPE a_total counter\n"
	    "a_total 3\n"
	    "a_total{inbox=\"a\\\"b\\\\c\\nd\",how=\"e\"} 0.25\n"
	    "a_total{inbox=\"many\"} 9.00719925474099e+15\n"
	    "a_total{inbox=\"unknown\"} NaN\n"
	    "# HELP b Help.\n"
	    "# TYPE b gauge\n"
	    "b{x=\"\xef\xbf\xbd\"} -1.5\n");
	json_decref(page);
}

static void
test_sum(void)
{
	json_t *page = exposition_new();
	json_t *family = exposition_family(page, "a", "gauge", "Help.");
	static const struct {
		const char *name, *label, *value;
		double want;
	} cases[] = {
		{ "a", NULL, NULL, 7 },
		{ "a", "how", "made", 3 },
		{ "a", "how", "not", 0 },
		{ "b", NULL, NULL, 0 },
	};

	exposition_add(family, 1, "how", "made", "desk", "x", NULL);
	exposition_add(family, 2, "how", "made", "desk", "y", NULL);
	exposition_add(family, 4, "how", "joined", NULL);
	exposition_add_labelled(family, "_bucket", json_object(), 100);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmpfloat(exposition_sum(page, cases[i].name,
				      cases[i].label, cases[i].value),
		    ==, cases[i].want);
	json_decref(page);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/exposition/text", test_text);
	g_test_add_func("/exposition/sum", test_sum);
	return g_test_run();
}
