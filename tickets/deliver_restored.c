/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * After a restore: the spool and the ledger are of another day, and the desks
 * are not.
 */
#include "tickets/deliver_private.h"
#include "tickets/note.h"

/* As after a call of the desk whose end is not known (deliver_one.c); which
 * desk that was is found as for a new one. */
static gboolean
doubt(struct deliver *deliver, const struct ident *key, gboolean *waits_r,
    GError **error)
{
	struct ledger_entry record;

	if (!deliver_record(deliver, key, &record, error))
		return FALSE;
	*waits_r = record.ticket[0] == '\0';
	if (!*waits_r || record.intent)
		return TRUE;
	record.intent = TRUE;
	record.changed = clock_wall(deliver->world.clock);
	return ledger_put(deliver->world.ledger, key, &record, NULL, error);
}

gboolean
deliver_look_first(struct deliver *deliver, guint *waiting_r, GError **error)
{
	g_autoptr(GArray) keys = spool_keys(deliver->world.spool, error);

	*waiting_r = 0;
	if (!note_heal(deliver, TRUE, error))
		return FALSE;
	for (guint i = 0; keys != NULL && i < keys->len; i++) {
		const struct ident *key = &g_array_index(keys, struct ident, i);
		gboolean waits;

		if (!doubt(deliver, key, &waits, error))
			return FALSE;
		*waiting_r += waits;
	}
	return keys != NULL;
}
