/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_REPORTED_H
#define DESKGATE_TOOLS_REPORTED_H

#include "tickets/deliver.h"

/*
 * What people send in to be taught (mode teach-spam, teach-ham), as the keeper
 * teaches it: for struct deliver_world, `self` is the struct keeper.  It is a
 * lesson in the name "mail:LOGIN", by its alias; a login that is longer than
 * the journal keeps, or no visible ASCII, is told apart by its digest.  What
 * was scored of the message when it came is taught while it is kept (recall.h).
 * train-rate and the model's doubts hold, and nobody can overrule them.  Each
 * goes into the audit trail.  BAD: the login or the message is none.
 */
gboolean reported_teach(void *self, const struct deliver_lesson *given,
    enum teacher_outcome *outcome_r, GError **error);

/* "mail:LOGIN"; the caller frees it. */
char *reported_actor(const char *login);

#endif
