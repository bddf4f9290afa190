/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_INTAKE_H
#define DESKGATE_LIB_PRIVACY_INTAKE_H

#include <glib.h>

#include "lib/base/ident.h"
#include "lib/base/secret.h"

/*
 * The intake keys: key pairs in key-dir/intake/, the public one of today in
 * key-dir/intake.pub where the milter reads it.
 */
struct intake;
/* Opens the keeper's side; makes the first pair. `dir` is
 * key-dir; it may be closed afterwards.  Thread-safe. */
struct intake *intake_open(int dir, GError **error);
/* Accepts NULL. */
void intake_close(struct intake **intake);
/* Makes a new pair and publishes it when today's is older than `age` seconds
 * (0: at once). `now` is the wall clock in seconds, here and below. */
gboolean intake_rotate(
    struct intake *intake, gint64 now, gint64 age, GError **error);
/* The secret key of this pair, a copy that the caller frees, or NULL with
 * NOTFOUND. */
struct secret *intake_secret(
    struct intake *intake, const struct ident *id, GError **error);
/* Copies the files of these pairs (struct ident) into the folder `to`; one that
 * is gone is left out. */
gboolean intake_copy(
    struct intake *intake, const GArray *ids, int to, GError **error);
/* Destroys retired pairs for which `in_use(self, id)` is FALSE and that were
 * retired more than a day ago (a milter may still have sealed to one a moment
 * ago). */
gboolean intake_destroy_unused(struct intake *intake, gint64 now,
    gboolean (*in_use)(void *self, const struct ident *id), void *self,
    GError **error);

/* The milter's side: reads intake.pub.  NOTFOUND when the keeper never started.
 */
gboolean intake_public(
    int dir, struct ident *id_r, guint8 public_r[32], GError **error);

#endif
