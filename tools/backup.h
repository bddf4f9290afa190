/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_BACKUP_H
#define DESKGATE_TOOLS_BACKUP_H

#include "tools/keeper.h"

/*
 * A backup of all that is kept, made while everything runs, to two places:
 *
 *   DIR    the state: state/spool state/ledger state/desk.sqlite state/model
 *          state/model-NAME state/standing state/privacy state/audit
 *   DIR2   what no old copy may be believed of, in current/vault: keys/, the
 *          vault with its key, the keys of digests, the list of the erased, the
 *          lives of inboxes, and of the intake keys those that something in
 * this backup's spool is sealed to and not yet wrapped to a person, mostly
 *          none; operator/, the names of those who work with it, in clear; and
 *          once more standing/ and privacy/, what people asked for, so that a
 *          state that is put back knows what was asked since.  It takes the
 *          place of the one before it.
 *
 * Each has a manifest (lib/base/manifest.h), written last: without it there is
 * no backup.  What is left out is made anew: the desk's index, the score
 * tables, what is in the runtime folder.
 *
 * A backup of the state can be kept for long: all that names or quotes a person
 * is sealed to him, and what is not sealed is keyed digests, times and counts.
 * Nothing in it opens with the newest copy of the vault once his key is gone
 * from that.  An old copy of the vault would open it: so there is one.
 *
 * The order is that of delivery, so that a message that is on its way meanwhile
 * is neither lost nor doubled:
 *
 *   spool     before the ledger: what is "new" here and became a ticket since
 *             is known there, and is done.  The other way round, what was
 * "done" here would have no ticket there. ledger    before the desk: each
 * ticket it knows is there.  One that the desk has and the ledger not yet is
 * found by its entry's key. models    behind the ledger, where it stands how
 * far agents' marks were read: a mark that is read again teaches the same
 * lesson. requests  behind all that they change: what they say was done, was.
 *   vault     behind the state and the requests: each key that something there
 *             is sealed by was made before.
 *   list      behind the vault: whoever is missing in that for having been
 *             erased is on the list.
 *
 * What comes in after the spool was listed is not in the backup.  Desks of
 * others go on after it: what was not delivered in it is looked up there before
 * it is delivered again (restored.h).
 */
struct backup_wish {
	const char *state, *vault; /* DIR and DIR2, absolute */
};

/* How far it has come; to be read and `stopping` to be set by any thread. */
struct backup_progress {
	gint stopping;     /* atomic */
	gint stage;        /* atomic: how many are done */
	gint entries, all; /* atomic: of the spool */
};
#define BACKUP_STAGES 11
/* What is done in a stage, for people. */
const char *backup_stage(gint stage);

/*
 * Makes one: {"state": DIR, "vault": DIR2, "made": TEXT, "entries": n,
 * "unread": n}, the caller's; `unread` are entries that no reader could read in
 * a minute, which need the intake keys of this very copy of the keys.  NULL
 * with BAD when it cannot be made there: one of the folders is not empty (of
 * DIR2: holds what is none of ours), or they are within each other or within
 * what is backed up; AGAIN when it was stopped.  After NULL nothing is in DIR,
 * and what was in DIR2 stands there still.
 */
json_t *backup_make(struct keeper *keeper, const struct backup_wish *wish,
    struct backup_progress *progress, GError **error);

/* Writes a backup down; `changes` (changes.h) as they were counted before the
 * vault was copied. */
gboolean backup_note(struct keeper *keeper, const struct backup_wish *wish,
    const char *made, gint64 changes, GError **error);
/* What was written down last: {"made": TEXT, "state": DIR, "vault": DIR2,
 * "stale": BOOL}; `stale` when something was done since the vault was copied
 * that the copy would undo, or there is no copy: then none should be believed.
 * Without a backup the first three are missing.  The caller's. */
json_t *backup_known(const struct paths *paths, GError **error);

/* What an installation is known by in the manifests: 32 hex digits. */
void backup_installation(
    const struct secret *ledger_key, char text_r[IDENT_TEXT]);

#endif
