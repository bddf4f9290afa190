/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * After a restore the spool and the ledger are of another day, and the desks
 * are not; after damage the ledger lacks records.
 */
#include "tickets/deliver_private.h"

#include "lib/base/err.h"
#include "tickets/ledger_ack.h"
#include "tickets/note.h"

/* As after a call of the desk whose end is not known (deliver_one.c); which
 * desk that was is found as for a new one. */
static gboolean
doubt(struct deliver *deliver, const struct ident *key, gboolean *waits_r,
    GError **error)
{
	struct ledger_entry record;
	g_autoptr(GError) fault = NULL;

	/* A record that is none is as good as lost. */
	if (!deliver_record(deliver, key, &record, &fault)) {
		if (!err_is(fault, DG_ERROR_BAD)) {
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
		record = (struct ledger_entry){ 0 };
	}
	*waits_r = record.ticket[0] == '\0';
	if (!*waits_r || (record.intent && record.quiet))
		return TRUE;
	record.intent = record.quiet = TRUE;
	record.changed = clock_wall(deliver->world.clock);
	return ledger_put(deliver->world.ledger, key, &record, NULL, error);
}

gboolean
deliver_look_first(struct deliver *deliver, struct deliver_restored *restored_r,
    GError **error)
{
	g_autoptr(GArray) keys = spool_keys(deliver->world.spool, error);

	*restored_r = (struct deliver_restored){ 0 };
	if (!note_heal(deliver, TRUE, error) ||
	    !ledger_ack_heal(
		deliver->world.ledger, TRUE, &restored_r->acks, error))
		return FALSE;
	for (guint i = 0; keys != NULL && i < keys->len; i++) {
		const struct ident *key = &g_array_index(keys, struct ident, i);
		gboolean waits;

		if (!doubt(deliver, key, &waits, error))
			return FALSE;
		restored_r->waiting += waits;
	}
	return keys != NULL;
}

/* --- lost records --- */

/* The record first: whoever is killed in between has it done, and doubted. */
static gboolean
seek(struct deliver *deliver, const struct ident *key, gboolean *sought_r,
    GError **error)
{
	struct ledger_entry record;
	enum spool_state state;
	gboolean waits;

	*sought_r = FALSE;
	if (!spool_state(deliver->world.spool, key, &state, error) ||
	    !doubt(deliver, key, &waits, error))
		return FALSE;
	if (!waits || state != SPOOL_DONE)
		return TRUE;
	if (!deliver_record(deliver, key, &record, error))
		return FALSE;
	record.sought = TRUE;
	record.next = 0;
	*sought_r = TRUE;
	return ledger_put(deliver->world.ledger, key, &record, NULL, error) &&
	       spool_move(
		   deliver->world.spool, key, SPOOL_DONE, SPOOL_WAIT, error);
}

gboolean
deliver_seek(struct deliver *deliver, const struct ident *key, GError **error)
{
	gboolean sought;

	return seek(deliver, key, &sought, error);
}

gboolean
deliver_look_again(struct deliver *deliver, struct deliver_restored *restored_r,
    guint *sought_r, GError **error)
{
	g_autoptr(GArray) done =
	    spool_list(deliver->world.spool, SPOOL_DONE, G_MAXUINT, error);

	*sought_r = 0;
	if (done == NULL || !deliver_look_first(deliver, restored_r, error))
		return FALSE;
	for (guint i = 0; i < done->len; i++) {
		gboolean sought;

		if (!seek(deliver, &g_array_index(done, struct ident, i),
			&sought, error))
			return FALSE;
		*sought_r += sought;
	}
	return TRUE;
}
