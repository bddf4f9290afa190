/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Charts of `deskgate stats`: see stats_chart.h. */
#include "tools/stats_chart.h"

#include <string.h>

#include "lib/base/exposition.h"
#include "lib/base/translate.h"
#include "lib/mail/verdict.h"
#include "tools/chart.h"

#define BAR 30
#define BUCKETS 64

static double
number(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

/* "labels   ham     |chart| "; titles have plain letters in each language,
 * since printf counts bytes. */
static void
add_name(GString *text, const char *title, const char *name, const char *chart)
{
	g_string_append_printf(text, "%-8s %-7s |%s| ", title, name, chart);
}

/* "labels   ham     |####....| 5/10" */
static void
add_bar(GString *text, const char *title, const char *name, double share,
    gboolean unicode)
{
	g_autofree char *bar = chart_bar(share, BAR, unicode);

	add_name(text, title, name, bar);
}

char *
stats_chart_labels(const json_t *model, gboolean unicode)
{
	static const char *const classes[] = { "ham", "spam", "all" };
	GString *text = g_string_new(NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(classes); i++) {
		double have = number(model, classes[i]);
		double need = number(model, i < 2 ? "need_each" : "need_all");

		add_bar(text, i == 0 ? translate("labels") : "", classes[i],
		    need > 0 ? have / need : 1, unicode);
		g_string_append_printf(text, "%.0f/%.0f\n", have, need);
	}
	return g_string_free(text, FALSE);
}

char *
stats_chart_spool(json_t *spool, gboolean unicode)
{
	GString *text = g_string_new(NULL);
	double most = 0;
	const char *state;
	json_t *count;

	json_object_foreach(spool, state, count) most =
	    MAX(most, json_number_value(count));
	json_object_foreach(spool, state, count)
	{
		double entries = json_number_value(count);

		add_bar(text, text->len == 0 ? translate("spool") : "", state,
		    most > 0 ? entries / most : 0, unicode);
		g_string_append_printf(text, "%.0f\n", entries);
	}
	return g_string_free(text, FALSE);
}

/* --- what is counted --- */

static void
add_verdicts(GString *text, const json_t *families, gboolean unicode)
{
	double counts[3], all = 0;

	for (guint i = 0; i < G_N_ELEMENTS(counts); i++) {
		counts[i] = exposition_sum(families, "deskgate_messages_total",
		    "verdict", verdict_word(i));
		all += counts[i];
	}
	for (guint i = 0; all > 0 && i < G_N_ELEMENTS(counts); i++) {
		add_bar(text, i == 0 ? translate("verdicts") : "",
		    verdict_word(i), counts[i] / all, unicode);
		g_string_append_printf(text, "%.0f\n", counts[i]);
	}
}

struct histogram {
	double ends[BUCKETS]; /* upper, in seconds; the last is endless */
	double counts[BUCKETS];
	guint n;
	double all;
};

/* A sample of "_bucket": how many took at most so long.  Of several inboxes or
 * desks the counts of one bucket add up. */
static void
add_sample(struct histogram *histogram, const json_t *sample)
{
	const char *end = json_string_value(
	    json_object_get(json_object_get(sample, "labels"), "le"));
	double seconds;
	guint at = 0;

	if (g_strcmp0(json_string_value(json_object_get(sample, "suffix")),
		"_bucket") != 0 ||
	    end == NULL)
		return;
	seconds =
	    strcmp(end, "+Inf") == 0 ? G_MAXDOUBLE : g_ascii_strtod(end, NULL);
	while (at < histogram->n && histogram->ends[at] != seconds)
		at++;
	if (at == BUCKETS)
		return;
	if (at == histogram->n) {
		histogram->ends[at] = seconds;
		histogram->counts[at] = 0;
		histogram->n++;
	}
	histogram->counts[at] += number(sample, "value");
}

static void
read_histogram(
    const json_t *families, const char *name, struct histogram *histogram_r)
{
	const json_t *family, *sample;
	size_t i, j;

	*histogram_r = (struct histogram){ 0 };
	json_array_foreach(families, i, family)
	{
		if (g_strcmp0(
			json_string_value(json_object_get(family, "name")),
			name) != 0)
			continue;
		json_array_foreach(json_object_get(family, "samples"), j,
		    sample) add_sample(histogram_r, sample);
	}
	if (histogram_r->n > 0)
		histogram_r->all = histogram_r->counts[histogram_r->n - 1];
	/* Each bucket holds those before it. */
	for (guint at = histogram_r->n; at > 1; at--)
		histogram_r->counts[at - 1] -= histogram_r->counts[at - 2];
}

/* The end of the bucket in which so large a share is reached. */
static char *
within(const struct histogram *histogram, double share)
{
	double seen = 0;

	for (guint i = 0; i < histogram->n; i++) {
		seen += histogram->counts[i];
		if (seen >= share * histogram->all)
			return histogram->ends[i] < G_MAXDOUBLE
				   ? g_strdup_printf(
					 "%.3g s", histogram->ends[i])
				   : g_strdup(translate("longer"));
	}
	return g_strdup(translate("longer"));
}

static void
add_times(GString *text, const json_t *families, gboolean unicode)
{
	static const struct {
		const char *name, *title;
	} times[] = {
		{ "deskgate_judge_seconds", "judge" },
		{ "deskgate_store_seconds", "store" },
		{ "deskgate_answer_seconds", "answer" },
		{ "deskgate_deliver_seconds", "desk" },
		{ "deskgate_ticket_delay_seconds", "ticket" },
	};
	gboolean first = TRUE;

	for (gsize i = 0; i < G_N_ELEMENTS(times); i++) {
		struct histogram histogram;
		g_autofree char *spark = NULL, *half = NULL, *most = NULL;

		read_histogram(families, times[i].name, &histogram);
		if (histogram.all <= 0)
			continue;
		spark = chart_spark(histogram.counts, histogram.n, unicode);
		half = within(&histogram, .5);
		most = within(&histogram, .99);
		add_name(text, first ? translate("times") : "", times[i].title,
		    spark);
		g_string_append_printf(text,
		    translate("half within %s, 99 %% within %s, of %.0f\n"),
		    half, most, histogram.all);
		first = FALSE;
	}
}

char *
stats_chart_figures(const json_t *families, gboolean unicode)
{
	GString *text = g_string_new(NULL);

	add_verdicts(text, families, unicode);
	add_times(text, families, unicode);
	return g_string_free(text, FALSE);
}
