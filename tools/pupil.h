/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_PUPIL_H
#define DESKGATE_TOOLS_PUPIL_H

#include "classifier/learn.h"

/*
 * A model of its own in this process, for evaluations: it learns and judges by
 * the very code that the keeper and the readers use, in a folder that is thrown
 * away.
 */
struct pupil_cpu {
	double judging, learning; /* seconds of this thread */
};

struct pupil;
/* Begins an empty model in `folder`, which exists.  The settings' folder and
 * table path are not looked at. */
struct pupil *pupil_open(const char *folder,
    const struct learn_settings *learning,
    const struct classify_settings *judging, GError **error);
/* Closes it and removes its files; accepts NULL. */
void pupil_close(struct pupil **address);

/* Fills in lesson->verdict as the model is now. */
void pupil_judge(struct pupil *pupil, struct classify_lesson *lesson);

/* Teaches as "deskgate train" or an agent does, by the verdict that is in the
 * lesson. */
gboolean pupil_teach(struct pupil *pupil, const struct classify_lesson *lesson,
    const struct teacher_lesson *wish, enum teacher_outcome *outcome_r,
    GError **error);

/* Commits what is not yet, and tells of the model: learn_stats; the caller's.
 * NULL on failure. */
json_t *pupil_stats(
    struct pupil *pupil, struct pupil_cpu *cpu_r, GError **error);

#endif
