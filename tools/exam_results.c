/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results in a file, a line each, written and read back. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "tools/exam_report.h"

static void
write_results(const struct exam_report *report, FILE *stream)
{
	for (guint i = 0; i < report->results->len; i++) {
		const struct figures_result *result =
		    &g_array_index(report->results, struct figures_result, i);

		fprintf(stream, "%s %.17g %s\n", verdict_word(result->truth),
		    result->score, verdict_word(result->verdict));
	}
}

gboolean
exam_results_write(
    const struct exam_report *report, const char *path, GError **error)
{
	gboolean out = strcmp(path, "-") == 0;
	FILE *stream = out ? stdout : fopen(path, "we");
	gboolean written;

	if (stream == NULL)
		return err_errno(error, errno, "%s: cannot write it", path);
	write_results(report, stream);
	written = fflush(stream) == 0 && !ferror(stream);
	if (!out)
		written = fclose(stream) == 0 && written;
	return written || err_errno(error, errno, "%s: cannot write it", path);
}

static gboolean
read_number(const char *word, double *number_r)
{
	char *end;

	*number_r = g_ascii_strtod(word, &end);
	return end > word && *end == '\0' && isfinite(*number_r);
}

static gboolean
read_result(char *line, struct figures_result *result)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 4);

	return g_strv_length(words) == 3 &&
	       verdict_parse(words[0], &result->truth) &&
	       result->truth != VERDICT_UNSURE &&
	       read_number(words[1], &result->score) &&
	       verdict_parse(words[2], &result->verdict);
}

gboolean
exam_results_read(struct exam_report *report, const char *path, GError **error)
{
	g_autoptr(GBytes) bytes = file_read(AT_FDCWD, path, G_MAXINT32, error);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	exam_report_init(report);
	if (bytes == NULL)
		return FALSE;
	/* Of an empty file there is no data. */
	text = g_strndup(
	    g_bytes_get_size(bytes) > 0 ? g_bytes_get_data(bytes, NULL) : "",
	    g_bytes_get_size(bytes));
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		struct figures_result result;

		if (*g_strstrip(lines[i]) == '\0')
			continue;
		if (!read_result(lines[i], &result))
			return err_set(error, DG_ERROR_BAD,
			    "%s:%u: a line is \"ham|spam SCORE "
			    "ham|unsure|spam\"",
			    path, i + 1);
		g_array_append_val(report->results, result);
	}
	return report->results->len > 0 ||
	       err_set(error, DG_ERROR_BAD, "%s: there is no line in it", path);
}
