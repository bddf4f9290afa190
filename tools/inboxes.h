/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_INBOXES_H
#define DESKGATE_TOOLS_INBOXES_H

#include "lib/privacy/life.h"
#include "tools/keeper.h"

/*
 * The lives of inboxes, as the keeper leads them: what people ask for, and the
 * calendar of what follows by itself.
 */

/* Announces and takes the steps that are due; looks once a second, of a daemon.
 */
void inboxes_tend(struct keeper *keeper);

/* What a person asks for. */
enum inbox_act { INBOX_SUSPEND, INBOX_END, INBOX_RESUME, INBOX_OPEN };
struct inbox_wish {
	enum inbox_act act;
	const char *inbox; /* its title */
	const char *actor;
	struct life_wish how;
};
/* Does it, durably, and tells the audit trail.  BAD when the state does not
 * allow it. */
gboolean inboxes_change(
    struct keeper *keeper, const struct inbox_wish *wish, GError **error);

/* [{"inbox", "state", "since"?, "answer"?, "reason"?, "next"?: {"to", "at",
 * "announced", "waits"?: true: for its letter, "then"?: {"to", "at"}}, "left"?:
 * true}, ...] of all inboxes, those that left the settings too, or of one
 * (NOTFOUND when there is none), then with "waiting" and "aside" as of
 * deliver_inbox_load; the caller's. */
json_t *inboxes_status(
    struct keeper *keeper, const char *inbox, GError **error);
/* {"active": 2, "suspended": 1, ..., "announced": 1}: how many are in which
 * state, and whose next step was announced; the caller's. */
json_t *inboxes_count(struct keeper *keeper, GError **error);

#endif
