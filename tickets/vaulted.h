/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_VAULTED_H
#define DESKGATE_TICKETS_VAULTED_H

#include <glib.h>

#include "lib/privacy/vault.h"
#include "tickets/entry.h"
#include "tickets/spool.h"

/*
 * Opening sealed entries: spool and vault together.  The keeper's alone.
 */

struct vaulted {
	struct spool *spool;
	struct vault *vault;
	struct intake *intake;
};

/* Reads an entry and its message; either may be NULL when it is not wanted. BAD
 * when it is damaged, NOTFOUND when its person was erased or it is gone. */
gboolean vaulted_read(const struct vaulted *vaulted, const struct ident *key,
    struct entry **entry_r, GBytes **message_r, GError **error);

/* Wraps the message key to the person (made in the vault when new), durably;
 * from then on only his data key opens it.  Nothing to do when it is wrapped to
 * him already. */
gboolean vaulted_wrap(const struct vaulted *vaulted, const struct ident *key,
    const struct ident *subject, GError **error);

/* Whether a whole wrap stands that is one of these bytes, so that the intake
 * key is not needed; also when its person was erased. */
gboolean vaulted_is_wrapped(
    const struct vaulted *vaulted, const struct ident *key);

/* Whom it is wrapped to; FALSE when it is to nobody yet, or gone.  Reads no
 * more than the wrap. */
gboolean vaulted_subject(const struct vaulted *vaulted, const struct ident *key,
    struct ident *subject_r);

/* Whether any entry still needs the intake pair `id`. */
gboolean vaulted_needs_intake(
    const struct vaulted *vaulted, const struct ident *id);

#endif
