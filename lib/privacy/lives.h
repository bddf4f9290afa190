/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_LIVES_H
#define DESKGATE_LIB_PRIVACY_LIVES_H

#include <glib.h>

#include "lib/privacy/life.h"

/*
 * Where the lives of inboxes are kept: inboxes.json in key-dir, beside what no
 * backup of the state has: a state that is put back must not bring an inbox
 * back that was suspended, ended or erased since.  The keeper alone writes it,
 * by rename; the milter reads it anew when it is another file.  Thread-safe.
 */
struct lives;

/* `key_dir` may be closed afterwards. */
struct lives *lives_open(int key_dir, GError **error);
/* Accepts NULL. */
void lives_close(struct lives **lives);

/* An inbox of which nothing is written is active, and all are where there is no
 * file.  FALSE when the file cannot be read: then nothing is known, and mail
 * has to wait. */
gboolean lives_get(struct lives *lives, const char *inbox, struct life *life_r,
    GError **error);
/* Changes one while nobody else does, durably: the keeper's alone.  `edit`
 * answers whether there is something to keep; *kept_r (may be NULL) whether
 * that was done.  FALSE with the error of either. */
struct lives_change {
	gboolean (*edit)(void *self, struct life *life, GError **error);
	void *self;
};
gboolean lives_edit(struct lives *lives, const char *inbox,
    const struct lives_change *change, gboolean *kept_r,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The inboxes of which something is written, as texts (char *); the caller's.
 */
GPtrArray *lives_names(struct lives *lives, GError **error);

/* Whether its mail rests: it is not active, or that is not known.  NULL lives:
 * nothing ever rests. */
gboolean lives_rest(struct lives *lives, const char *inbox);

#endif
