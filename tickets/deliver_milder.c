/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Of two copies of one message the milder verdict wins: what is held for its
 * verdict, and for nothing else, goes through the screen once more when a copy
 * came that was not to be held.
 *
 * Once more and not straight on, since the screen ended at the verdict: rates
 * and reports are looked at only now.  The mark goes last.  Killed before, the
 * entry is held still, or busy, which heal makes new, or new; each time the
 * mark or the ledger says that its verdict holds it no more, and one entry is
 * one ticket whatever is done twice here.
 */
#include "tickets/deliver_private.h"

#include "lib/base/err.h"
#include "lib/base/log.h"

/* TRUE too when it is held for another reason, or was moved just now. */
static gboolean
release(struct deliver *deliver, const struct ident *key, GError **error)
{
	const struct deliver_return how = { .milder = TRUE };
	struct ledger_entry record;
	g_autoptr(GError) fault = NULL;
	char name[IDENT_TEXT];

	if (!deliver_record(deliver, key, &record, error))
		return FALSE;
	if (!record.by_verdict)
		return spool_clear_milder(deliver->world.spool, key, error);
	if (!deliver_back_to_new(deliver, key, SPOOL_HELD, &how, &fault)) {
		if (err_is(fault, DG_ERROR_NOTFOUND))
			return TRUE;
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	ident_text(key, name);
	log_event(
	    LOG_LEVEL_INFO, "released", "id", name, "why", "milder-copy", NULL);
	return spool_clear_milder(deliver->world.spool, key, error);
}

/* What is on its way may be held yet, and what is dead tried again. */
static gboolean
look_at(struct deliver *deliver, const struct ident *key, GError **error)
{
	struct spool *spool = deliver->world.spool;
	enum spool_state state;
	gint64 came;

	if (!spool_state(spool, key, &state, NULL))
		/* Without a state it is new, if there are bytes. */
		return spool_time(spool, key, &came, NULL) ||
		       spool_clear_milder(spool, key, error);
	if (state == SPOOL_HELD)
		return release(deliver, key, error);
	return state != SPOOL_DONE || spool_clear_milder(spool, key, error);
}

/* A damaged record mends itself at no later look, each of which would log it:
 * its mark goes, and the entry is held until a person looks at it.  What may
 * pass is tried again. */
static void
tell(struct deliver *deliver, const struct ident *key, const GError *fault)
{
	g_autoptr(GError) stuck = NULL;
	gboolean damaged = err_is(fault, DG_ERROR_BAD);
	char name[IDENT_TEXT];

	ident_text(key, name);
	log_error(LOG_LEVEL_ERROR, fault, "milder-fault", "id", name, "again",
	    damaged ? "no" : "yes", NULL);
	if (damaged && !spool_clear_milder(deliver->world.spool, key, &stuck))
		log_error(
		    LOG_LEVEL_ERROR, stuck, "milder-fault", "id", name, NULL);
}

gboolean
deliver_milder(struct deliver *deliver, GError **error)
{
	g_autoptr(GArray) keys = spool_milder(deliver->world.spool, error);

	if (keys == NULL)
		return FALSE;
	for (guint i = 0; i < keys->len; i++) {
		const struct ident *key = &g_array_index(keys, struct ident, i);
		g_autoptr(GError) fault = NULL;

		if (!look_at(deliver, key, &fault))
			tell(deliver, key, fault);
	}
	return TRUE;
}
