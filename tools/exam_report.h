/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_EXAM_REPORT_H
#define DESKGATE_TOOLS_EXAM_REPORT_H

#include "tools/exam.h"

/* What an examination found, for people and for scripts. */

/* Prints it; figures alone when nothing was read (results of a file). */
void exam_report_print(const struct exam_report *report);
/* As one object; the caller's.  Figures that there are not are null. */
json_t *exam_report_json(const struct exam_report *report);

/* A drawing of it (classifier/plot.h) in a file. */
gboolean exam_report_draw(
    const struct exam_report *report, const char *path, GError **error);

/*
 * Writes a result a line: "ham|spam SCORE ham|unsure|spam", the true label, the
 * score in all its digits, the verdict.  "-" is standard output.
 */
gboolean exam_results_write(
    const struct exam_report *report, const char *path, GError **error);
/* Reads them back, of whatever filter they are: a report with results alone.
 * BAD when a line is none. */
gboolean exam_results_read(
    struct exam_report *report, const char *path, GError **error);

#endif
