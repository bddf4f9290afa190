/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_BREACH_H
#define DESKGATE_TOOLS_BREACH_H

#include "tools/keeper.h"

/*
 * A breach of personal data: whom it affects, until when the authority is to be
 * told, and drafts of what to tell it (GDPR Article 33) and the people (34).
 *
 *   {"since": TIME, "until": TIME, "known": TIME, "due": TIME,
 *    "hours_left": 41, "count": 3, "unnamed": 0, "erased_since": 1,
 *    "inboxes_erased_since": 0,
 *    "holders": [as registry_affected], "people": [as affected_people],
 *    "controller": "...", "protection_officer": "...", "authority": "..."}
 */

struct breach_wish {
	/* Wall microseconds: while who got in could read; and when it became
	 * known. */
	gint64 since, until, known;
	const json_t *holders; /* names; NULL: all */
};
/* The caller's. */
json_t *breach_tell(
    struct keeper *keeper, const struct breach_wish *wish, GError **error);

/* A day ("2026-11-29", by the clock of this host: its first second, or with
 * `last` its last one) or a time ("2026-11-29T10:00:00Z"). */
gboolean breach_time(
    const char *text, gboolean last, gint64 *wall_r, GError **error);

/* Drafts, made of what breach_tell gave; each has gaps in [brackets] that only
 * people can fill.  The caller's. */
char *breach_for_authority(const json_t *breach);
char *breach_for_people(const json_t *breach);

/* The people as a table for spreadsheets (RFC 4180), with a head; no cell can
 * be taken for a formula.  The caller's. */
char *breach_table(const json_t *breach);

#endif
