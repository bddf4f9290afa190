/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "classifier/plot.h"

/* Elements that are open, by a parser of its own. */
static void
count_element(GMarkupParseContext *context, const char *name,
    const char **names, const char **values, gpointer data, GError **error)
{
	guint *polylines = data;

	(void)context;
	(void)error;
	if (strcmp(name, "polyline") != 0)
		return;
	(*polylines)++;
	for (guint i = 0; names[i] != NULL; i++) {
		if (strcmp(names[i], "points") == 0)
			g_assert_null(strstr(values[i], "nan"));
	}
}

/* Well-formed; how many curves there are. */
static guint
curves_of(const char *svg)
{
	static const GMarkupParser parser = { .start_element = count_element };
	guint polylines = 0;
	GMarkupParseContext *context =
	    g_markup_parse_context_new(&parser, 0, &polylines, NULL);
	g_autoptr(GError) error = NULL;

	g_assert_true(g_markup_parse_context_parse(context, svg, -1, &error));
	g_assert_true(g_markup_parse_context_end_parse(context, &error));
	g_assert_no_error(error);
	g_markup_parse_context_free(context);
	return polylines;
}

static void
fill(struct figures_result *results, guint n)
{
	for (guint i = 0; i < n; i++)
		results[i] =
		    (struct figures_result){ i % 2 ? VERDICT_SPAM : VERDICT_HAM,
			    VERDICT_UNSURE,
			    (i % 2 ? 1 : -1) + 4 * figures_chance(3, i) - 2 };
}

static void
test_drawn(void)
{
	struct figures_result results[300];
	g_autofree char *both = NULL, *again = NULL, *roc = NULL;

	fill(results, 300);
	both = plot_svg(results, 300, TRUE);
	again = plot_svg(results, 300, TRUE);
	roc = plot_svg(results, 300, FALSE);
	g_assert_cmpuint(curves_of(both), ==, 3);
	g_assert_cmpuint(curves_of(roc), ==, 1);
	g_assert_cmpstr(both, ==, again);
	g_assert_nonnull(strstr(both, ">ham called spam, % (logit scale)<"));
	g_assert_nonnull(strstr(both, ">spam missed, % (logit scale)<"));
	g_assert_nonnull(strstr(both, ">messages seen (logarithmic)<"));
	g_assert_nonnull(strstr(both, ">score 0<"));
}

/* Nothing to draw, or little, is drawn all the same. */
static void
test_little(void)
{
	struct figures_result results[2];

	fill(results, 2);
	for (guint n = 0; n <= 2; n++) {
		g_autofree char *svg = plot_svg(results, n, TRUE);

		g_assert_cmpuint(curves_of(svg), ==, n > 0 ? 3 : 1);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/plot/both curves, with axes", test_drawn);
	g_test_add_func("/plot/few messages or none", test_little);
	return g_test_run();
}
