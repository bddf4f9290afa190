/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_HOLDERS_H
#define DESKGATE_TICKETS_HOLDERS_H

#include "lib/privacy/holder.h"
#include "tickets/deliver.h"
#include "tickets/vaulted.h"

/*
 * The holders of this room: the spool, each desk, the ledger.
 */
struct ticket_holders;

/* Adds them to the registry, in the order in which they have to be erased; all
 * that is given is borrowed. */
struct ticket_holders *ticket_holders_new(struct registry *registry,
    struct deliver *deliver, const struct vaulted *vaulted,
    struct ledger *ledger, const struct secret *subject_key,
    const char *state_dir);
/* Adds whose data keys the spool and the embedded desk use (vault.h); FALSE
 * when that is not known: there is an embedded desk that cannot be opened. */
gboolean ticket_holders_subjects(
    struct ticket_holders *holders, GHashTable *used, GError **error);
/* What desks of other makers hold of an inbox's tickets, for the receipt of its
 * erasure: [{"holder": "desk main", "outcome": "refused", "tickets": 3,
 * "words": "..."}, ...]; the caller's. */
json_t *ticket_holders_others(
    const struct ticket_holders *holders, const char *inbox, GError **error);
/* The registry must be gone.  Accepts NULL. */
void ticket_holders_free(struct ticket_holders **holders);

#endif
