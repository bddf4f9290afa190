/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an examination found: as text, as JSON, and result by result. */
#include "tools/exam_report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "classifier/plot.h"
#include "tools/cmd.h"

/* The bootstrap's own seed, so that the interval is the same again. */
#define BOOTSTRAP_SEED 1

struct sums {
	struct figures figures;
	struct figures_interval interval;
	double n; /* messages read, at least 1 */
};

static const struct figures_result *
results_of(const struct exam_report *report)
{
	return (const struct figures_result *)report->results->data;
}

static void
make_sums(const struct exam_report *report, struct sums *sums_r)
{
	const struct figures_result *results = results_of(report);

	figures_make(results, report->results->len, &sums_r->figures);
	figures_bootstrap(
	    results, report->results->len, BOOTSTRAP_SEED, &sums_r->interval);
	sums_r->n = MAX(report->read, 1);
}

/* --- folds --- */

/* The figures that are told of folds. */
static const struct {
	const char *name, *word;
	gsize offset;
} fold_figures[] = {
	{ "error", "error at score 0", G_STRUCT_OFFSET(struct figures, error) },
	{ "roca", "(1-ROCA)", G_STRUCT_OFFSET(struct figures, roca) },
	{ "hm", "ham called spam", G_STRUCT_OFFSET(struct figures, hm) },
	{ "sm", "spam not called spam", G_STRUCT_OFFSET(struct figures, sm) },
	{ "unsure", "unsure", G_STRUCT_OFFSET(struct figures, unsure) },
};

struct spread {
	double mean, sd, least, most;
};

/* Of figure `which` over the folds. */
static void
make_spread(
    const struct exam_report *report, gsize which, struct spread *spread_r)
{
	double sum = 0, squares = 0;
	guint from = 0, n = report->folds->len;

	*spread_r = (struct spread){ .least = INFINITY, .most = -INFINITY };
	for (guint i = 0; i < n; i++) {
		guint end = g_array_index(report->folds, guint, i);
		struct figures figures;
		double value;

		figures_make(results_of(report) + from, end - from, &figures);
		value = G_STRUCT_MEMBER(
		    double, &figures, fold_figures[which].offset);
		sum += value;
		squares += value * value;
		spread_r->least = fmin(spread_r->least, value);
		spread_r->most = fmax(spread_r->most, value);
		from = end;
	}
	spread_r->mean = sum / n;
	spread_r->sd = sqrt(fmax(squares - sum * sum / n, 0) / (n - 1));
}

static void
print_folds(const struct exam_report *report)
{
	cmd_print("over %u folds           mean      sd   least    most\n",
	    report->folds->len);
	for (gsize i = 0; i < G_N_ELEMENTS(fold_figures); i++) {
		struct spread spread;

		make_spread(report, i, &spread);
		cmd_print("  %-20s %7.3f %7.3f %7.3f %7.3f %%\n",
		    fold_figures[i].word, spread.mean, spread.sd, spread.least,
		    spread.most);
	}
}

/* --- for people --- */

/* Of both classes. */
static void
print_order(const struct sums *sums)
{
	cmd_print("(1-ROCA)               %.4f %% (95 %%: %.4f to %.4f)\n",
	    sums->figures.roca, sums->interval.low, sums->interval.high);
	cmd_print("h=.1 %%                 %.2f %% of spam missed when at most "
		  "0.1 %% of ham is held\n",
	    sums->figures.h01);
}

static void
print_classes(const struct figures *f)
{
	if (f->ham > 0)
		cmd_print("ham called spam        %.3f %% (%u), unsure %u\n",
		    f->hm, f->ham_as_spam, f->ham_unsure);
	if (f->spam > 0)
		cmd_print("spam not called spam   %.2f %% (%u: %u called ham, "
			  "%u unsure)\n",
		    f->sm, f->spam_as_ham + f->spam_unsure, f->spam_as_ham,
		    f->spam_unsure);
	cmd_print("unsure                 %.2f %% (%u)\n", f->unsure,
	    f->ham_unsure + f->spam_unsure);
}

/* What can be said of the messages: of one class alone there is no order. */
static void
print_figures(const struct sums *sums)
{
	const struct figures *f = &sums->figures;
	gboolean both = f->ham > 0 && f->spam > 0;

	cmd_print("judged                 %u messages: %u ham, %u spam\n",
	    f->ham + f->spam, f->ham, f->spam);
	if (f->ham + f->spam == 0)
		return;
	cmd_print("error at score 0       %.3f %% (%u: %u ham, %u spam)\n",
	    f->error, f->wrong, f->wrong_ham, f->wrong - f->wrong_ham);
	if (both)
		print_order(sums);
	print_classes(f);
	if (both)
		cmd_print("lam                    %.3f %%\n", f->lam);
	else
		cmd_print("left out               (1-ROCA), h=.1 %% and lam: "
			  "they need both classes, and no %s was judged\n",
		    f->ham == 0 ? "ham" : "spam");
}

static void
print_curve(const struct exam_report *report)
{
	g_autoptr(GArray) blocks =
	    figures_curve(results_of(report), report->results->len);
	guint from = 0;

	if (blocks->len == 0)
		return;
	cmd_print("learning curve         messages      error %%  unsure %%\n");
	for (guint i = 0; i < blocks->len; i++) {
		const struct figures_block *block =
		    &g_array_index(blocks, struct figures_block, i);

		cmd_print("  %17u to %-12u %8.3f %9.2f\n", from + 1,
		    block->upto, 100.0 * block->wrong / block->messages,
		    100.0 * block->unsure / block->messages);
		from = block->upto;
	}
}

static void
print_lessons(const struct exam_report *report)
{
	g_autoptr(GString) line = g_string_new(NULL);

	for (int i = 0; i <= TEACHER_UNTAUGHT; i++) {
		if (report->taught[i] > 0)
			g_string_append_printf(line, "%s%u %s",
			    line->len > 0 ? ", " : "", report->taught[i],
			    teacher_word(i));
	}
	cmd_print(
	    "labels                 %s\n", line->len > 0 ? line->str : "none");
	if (report->flipped > 0)
		cmd_print("labels flipped         %u\n", report->flipped);
	cmd_print("model                  %" PRId64 " ham and %" PRId64
		  " spam in it, %" PRId64 " records, %" PRId64 " bytes\n",
	    report->learnt_ham, report->learnt_spam, report->records,
	    report->bytes);
}

static void
print_work(const struct exam_report *report, const struct sums *sums)
{
	print_lessons(report);
	cmd_print(
	    "CPU a message          %.3f ms reading and features, %.3f ms "
	    "judging, %.3f ms learning\n",
	    1e3 * report->reading / sums->n,
	    1e3 * report->cpu.judging / sums->n,
	    1e3 * report->cpu.learning / sums->n);
	if (report->twice > 0)
		cmd_print("copies left out        %u\n", report->twice);
	if (report->unread > 0)
		cmd_print("not read (unsure)      %u\n", report->unread);
	if (report->missing > 0)
		cmd_print("files missing          %u\n", report->missing);
}

void
exam_report_print(const struct exam_report *report)
{
	struct sums sums;

	make_sums(report, &sums);
	print_figures(&sums);
	if (report->folds->len > 0)
		print_folds(report);
	else
		print_curve(report);
	if (report->read > 0)
		print_work(report, &sums);
}

gboolean
exam_report_draw(
    const struct exam_report *report, const char *path, GError **error)
{
	g_autofree char *svg = plot_svg(
	    results_of(report), report->results->len, report->folds->len == 0);

	return cmd_write(path, svg, strlen(svg), 0644, error);
}

/* --- for scripts --- */

static json_t *
number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *
curve_json(const struct exam_report *report)
{
	g_autoptr(GArray) blocks =
	    figures_curve(results_of(report), report->results->len);
	json_t *rows = json_array();

	for (guint i = 0; i < blocks->len; i++) {
		const struct figures_block *block =
		    &g_array_index(blocks, struct figures_block, i);

		json_array_append_new(
		    rows, json_pack("{s:i, s:i, s:i, s:i}", "upto", block->upto,
			      "messages", block->messages, "wrong",
			      block->wrong, "unsure", block->unsure));
	}
	return rows;
}

static json_t *
figures_json(const struct sums *sums)
{
	const struct figures *f = &sums->figures;

	return json_pack("{s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:i, s:i, "
			 "s:i, s:i, s:o, s:o, s:o, s:o}",
	    "ham", f->ham, "spam", f->spam, "wrong", f->wrong, "error",
	    number(f->error), "roca", number(f->roca), "roca_low",
	    number(sums->interval.low), "roca_high",
	    number(sums->interval.high), "h01", number(f->h01), "ham_as_spam",
	    f->ham_as_spam, "ham_unsure", f->ham_unsure, "spam_as_ham",
	    f->spam_as_ham, "spam_unsure", f->spam_unsure, "hm", number(f->hm),
	    "sm", number(f->sm), "lam", number(f->lam), "unsure",
	    number(f->unsure));
}

static json_t *
folds_json(const struct exam_report *report)
{
	json_t *object = json_object();

	json_object_set_new(object, "count", json_integer(report->folds->len));
	for (gsize i = 0; i < G_N_ELEMENTS(fold_figures); i++) {
		struct spread spread;

		make_spread(report, i, &spread);
		json_object_set_new(object, fold_figures[i].name,
		    json_pack("{s:o, s:o, s:o, s:o}", "mean",
			number(spread.mean), "sd", number(spread.sd), "least",
			number(spread.least), "most", number(spread.most)));
	}
	return object;
}

static json_t *
labels_json(const struct exam_report *report)
{
	json_t *labels = json_object();

	for (int i = 0; i <= TEACHER_UNTAUGHT; i++)
		json_object_set_new(
		    labels, teacher_word(i), json_integer(report->taught[i]));
	json_object_set_new(labels, "flipped", json_integer(report->flipped));
	return labels;
}

json_t *
exam_report_json(const struct exam_report *report)
{
	struct sums sums;
	json_t *whole;

	make_sums(report, &sums);
	whole = json_pack("{s:o, s:o, s:{s:I, s:I, s:I, s:I}, "
			  "s:{s:f, s:f, s:f}, s:i, s:i, s:i, s:i}",
	    "figures", figures_json(&sums), "labels", labels_json(report),
	    "model", "learnt_ham", (json_int_t)report->learnt_ham,
	    "learnt_spam", (json_int_t)report->learnt_spam, "records",
	    (json_int_t)report->records, "bytes", (json_int_t)report->bytes,
	    "ms", "reading", 1e3 * report->reading / sums.n, "judging",
	    1e3 * report->cpu.judging / sums.n, "learning",
	    1e3 * report->cpu.learning / sums.n, "read", report->read, "twice",
	    report->twice, "unread", report->unread, "missing",
	    report->missing);
	if (report->folds->len > 0)
		json_object_set_new(whole, "folds", folds_json(report));
	else
		json_object_set_new(whole, "curve", curve_json(report));
	return whole;
}
