/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_EXAM_PRIVATE_H
#define DESKGATE_TOOLS_EXAM_PRIVATE_H

#include "tools/ahead.h"
#include "tools/exam.h"

/* What exam.c (the protocol) and exam_folds.c (own mail, folds) share. */
struct exam {
	const struct exam_rules *rules;
	struct readers *readers;
	struct classify *classify;
	char *folder, *model;
};

/* One model's way through school. */
struct exam_course {
	struct exam *exam;
	struct pupil *pupil;
	GQueue waiting; /* labels whose time has not come */
	struct exam_report *report;
};

/* Begins with an empty model. */
gboolean exam_course_begin(struct exam_course *course, struct exam *exam,
    struct exam_report *report, GError **error);
/* Gives the labels that wait, notes what the model has become. */
gboolean exam_course_finish(struct exam_course *course, GError **error);
/* Ends it, done or not. */
void exam_course_end(struct exam_course *course);

/* Judges a message that was read, notes and teaches it as `item` says; `at` is
 * its number, for flips.  Takes the features over when it has to. */
gboolean exam_course_take(struct exam_course *course,
    const struct exam_item *item, guint at, struct classify_lesson *lesson,
    GError **error);

/* Counts a message as read, unread or missing; FALSE when there is no reader to
 * be had. */
gboolean exam_count_read(
    struct exam_report *report, const struct ahead_item *read, GError **error);
/* How many messages are read at once. */
guint exam_readers(const struct exam *exam);
/* TRUE with AGAIN when a signal has come. */
gboolean exam_interrupted(GError **error);

#endif
