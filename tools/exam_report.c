/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an examination found: as text, as JSON, and result by result. */
#include "tools/exam_report.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "lib/base/err.h"
#include "tools/cmd.h"

/* The bootstrap's own seed, so that the interval is the same again. */
#define BOOTSTRAP_SEED 1

struct sums {
	struct figures figures;
	struct figures_interval interval;
	double n; /* messages read, at least 1 */
};

static void
make_sums(const struct exam_report *report, struct sums *sums_r)
{
	const struct figures_result *results =
	    (const struct figures_result *)report->results->data;

	figures_make(results, report->results->len, &sums_r->figures);
	figures_bootstrap(
	    results, report->results->len, BOOTSTRAP_SEED, &sums_r->interval);
	sums_r->n = MAX(report->read, 1);
}

/* --- for people --- */

static void
print_figures(const struct sums *sums)
{
	const struct figures *f = &sums->figures;

	cmd_print("judged                 %u messages: %u ham, %u spam\n",
	    f->ham + f->spam, f->ham, f->spam);
	cmd_print("error at score 0       %.3f %% (%u: %u ham, %u spam)\n",
	    f->error, f->wrong, f->wrong_ham, f->wrong - f->wrong_ham);
	cmd_print("(1-ROCA)               %.4f %% (95 %%: %.4f to %.4f)\n",
	    f->roca, sums->interval.low, sums->interval.high);
	cmd_print("h=.1 %%                 %.2f %% of spam missed when at most "
		  "0.1 %% of ham is held\n",
	    f->h01);
	cmd_print("ham called spam        %.3f %% (%u), unsure %u\n", f->hm,
	    f->ham_as_spam, f->ham_unsure);
	cmd_print("spam not called spam   %.2f %% (%u: %u called ham, %u "
		  "unsure)\n",
	    f->sm, f->spam_as_ham + f->spam_unsure, f->spam_as_ham,
	    f->spam_unsure);
	cmd_print("unsure                 %.2f %% (%u)\n", f->unsure,
	    f->ham_unsure + f->spam_unsure);
	cmd_print("lam                    %.3f %%\n", f->lam);
}

static void
print_curve(const struct exam_report *report)
{
	g_autoptr(GArray) blocks =
	    figures_curve((const struct figures_result *)report->results->data,
		report->results->len);
	guint from = 0;

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
	cmd_print("model                  %" G_GINT64_FORMAT
		  " ham and %" G_GINT64_FORMAT " spam in it, %" G_GINT64_FORMAT
		  " records, %" G_GINT64_FORMAT " bytes\n",
	    report->learnt_ham, report->learnt_spam, report->records,
	    report->bytes);
}

void
exam_report_print(const struct exam_report *report)
{
	struct sums sums;

	make_sums(report, &sums);
	print_figures(&sums);
	print_curve(report);
	print_lessons(report);
	cmd_print("CPU a message          %.3f ms reading, %.3f ms judging, "
		  "%.3f ms learning\n",
	    1e3 * report->reading / sums.n, 1e3 * report->cpu.judging / sums.n,
	    1e3 * report->cpu.learning / sums.n);
	if (report->unread > 0)
		cmd_print("not read (unsure)      %u\n", report->unread);
	if (report->missing > 0)
		cmd_print("files missing          %u\n", report->missing);
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
	    figures_curve((const struct figures_result *)report->results->data,
		report->results->len);
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

json_t *
exam_report_json(const struct exam_report *report)
{
	struct sums sums;
	json_t *labels = json_object();

	make_sums(report, &sums);
	for (int i = 0; i <= TEACHER_UNTAUGHT; i++)
		json_object_set_new(
		    labels, teacher_word(i), json_integer(report->taught[i]));
	json_object_set_new(labels, "flipped", json_integer(report->flipped));
	return json_pack(
	    "{s:o, s:o, s:o, s:{s:I, s:I, s:I, s:I}, s:{s:f, s:f, s:f, s:f}, "
	    "s:i, s:i}",
	    "figures", figures_json(&sums), "curve", curve_json(report),
	    "labels", labels, "model", "learnt_ham",
	    (json_int_t)report->learnt_ham, "learnt_spam",
	    (json_int_t)report->learnt_spam, "records",
	    (json_int_t)report->records, "bytes", (json_int_t)report->bytes,
	    "ms", "reading", 1e3 * report->reading / sums.n, "judging",
	    1e3 * report->cpu.judging / sums.n, "learning",
	    1e3 * report->cpu.learning / sums.n, "wall",
	    1e3 * report->wall / sums.n, "unread", report->unread, "missing",
	    report->missing);
}

/* --- result by result --- */

static void
write_results(const struct exam_report *report, gboolean margins, FILE *stream)
{
	for (guint i = 0; i < report->results->len; i++) {
		const struct figures_result *result =
		    &g_array_index(report->results, struct figures_result, i);

		fprintf(stream, "%s %.17g %s", verdict_word(result->truth),
		    result->score, verdict_word(result->verdict));
		if (margins)
			fprintf(stream, " %.17g", result->margin);
		fputc('\n', stream);
	}
}

gboolean
exam_report_write(const struct exam_report *report, const char *path,
    gboolean margins, GError **error)
{
	gboolean out = strcmp(path, "-") == 0;
	FILE *stream = out ? stdout : fopen(path, "we");
	gboolean written;

	if (stream == NULL)
		return err_errno(error, errno, "%s: cannot write it", path);
	write_results(report, margins, stream);
	written = fflush(stream) == 0 && !ferror(stream);
	if (!out)
		written = fclose(stream) == 0 && written;
	return written || err_errno(error, errno, "%s: cannot write it", path);
}
