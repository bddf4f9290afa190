/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_DAMAGE_H
#define DESKGATE_TOOLS_DAMAGE_H

#include <jansson.h>

#include "tools/keeper.h"

/*
 * Stores whose file is damaged (lib/store/check.h).
 *
 * The keeper looks at each before it opens it.  What can be worked out again
 * is mended at once: the model from its journal, the ledger from the spool and
 * the desks, so that mail flows on.  What holds people's keys and what they
 * have asked for is not: whoever loses a record there breaks a promise, so the
 * keeper does not start, mail waits in the spool, and a person decides between
 * a backup and "deskgate check --deep --mend".  Nor does it start where a store
 * cannot be read, whichever it is: the disk may give tomorrow what it does not
 * today, and only who asks to mend has that taken for lost.
 *
 * What stood there is kept in STATE/damaged, or KEYS/damaged what stood beside
 * the keys: NAME.mdb, and NAME.json that says what was found.  Nothing removes
 * it but a person; until then `stats` and `check` tell of it.
 */
struct damage_store {
	char *name;     /* "ledger", "model-sales" */
	char *folder;   /* with data.mdb in it */
	char *aside;    /* the folder "damaged" it would be kept in */
	gboolean mends; /* by itself, at the start */
};
/* All that these settings have, whether they are there or not: struct
 * damage_store *, the caller's. */
GPtrArray *damage_stores(const struct paths *paths, const struct conf *conf);

/* Before a store is opened, with the state's lock: looks, and mends; with
 * `mend` all of them.  keeper->mended gets the note of each.  IO with what to
 * do where one waits for a person. */
gboolean damage_look(struct keeper *keeper, gboolean mend, GError **error);
/* When all is open, before anything is delivered or taught: works out again
 * what was lost.  A crash leaves it to the next start. */
gboolean damage_settle(struct keeper *keeper, GError **error);

/* One of damage_stores as the keeper has it open; NULL: it has not. */
struct store *damage_store(const struct keeper *keeper, const char *name);
/* Whether a store was found damaged while it is open, or its disk failed within
 * a commit: it goes on with a new start alone, which looks first. */
gboolean damage_lost(const struct keeper *keeper);

/* Keeps bytes (a file's or a record's) as NAME in STATE/damaged, durably, with
 * a note of what it is and why; with a number behind it where that name is
 * taken.
 */
struct damage_piece {
	const char *what; /* "spool entry" */
	const char *name; /* "entry-KEY" */
	const char *why;
	const void *data;
	gsize length;
};
gboolean damage_keep(const struct paths *paths,
    const struct damage_piece *piece, GError **error);

/* What is kept: [{"name": "ledger-2026...", "store": "ledger", "when": TEXT,
 * "faults": n, "saved": n, "folder": PATH, "found": [TEXT...]}, ...]; of what
 * may not be read nothing.  The caller's. */
json_t *damage_list(const struct paths *paths);

#endif
