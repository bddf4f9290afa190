/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_LEDGER_CHECK_H
#define DESKGATE_TICKETS_LEDGER_CHECK_H

#include "tickets/ledger.h"

/* A record of the ledger that is none: bytes within it have changed. */
struct ledger_broken {
	const char *table;  /* static */
	guint place;        /* of the table */
	struct ident entry; /* whose record it is; zero: no entry's */
	GBytes *key, *value;
};
/* All of them: struct ledger_broken *, the caller's; *records_r: how many
 * records there are. */
GPtrArray *ledger_check(
    struct ledger *ledger, guint64 *records_r, GError **error);
/* Removes one.  An entry that is in the spool must not lose its record, by
 * which its desk is asked: deliver_seek puts another in its place. */
gboolean ledger_remove_broken(struct ledger *ledger,
    const struct ledger_broken *broken,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
