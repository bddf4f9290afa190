/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Housekeeping: what came in without a state, what is past its time, intake
 * keys.  `dead` has no age: it was accepted and stands nowhere else, so only a
 * person lets it go.
 */
#include "tickets/deliver_private.h"

#include "lib/base/err.h"
#include "lib/base/log.h"

#define INTAKE_AGE ((gint64)24 * 60 * 60)
#define LEDGER_AGE ((gint64)400 * 24 * 60 * 60 * G_USEC_PER_SEC)
/* In one go, so that stopping never waits long. */
#define DROP_MAX 1000
#define LEDGER_MAX 10000

gboolean
deliver_is_restricted(struct deliver *deliver, const struct ident *key)
{
	struct standings *standings = deliver->world.standings;
	struct standing standing;
	struct ident subject;

	return standings != NULL &&
	       vaulted_subject(&deliver->vaulted, key, &subject) &&
	       (!standings_get(standings, &subject, &standing, NULL) ||
		   standing.restricted != 0);
}

/* Drops the entries of a state that came in before `before`, oldest first, at
 * most DROP_MAX.  The list ages while we work on it: one that was released
 * meanwhile stays, and so does what a person restricted the use of: it is
 * stored until that is lifted (GDPR Article 18(2)). */
static gboolean
drop_old(struct deliver *deliver, enum spool_state state, gint64 before,
    guint *dropped, GError **error)
{
	struct spool *spool = deliver->world.spool;
	/* All: of those that are kept there may be many, and the oldest. */
	g_autoptr(GArray) keys = spool_list(spool, state, G_MAXUINT, error);

	if (keys == NULL)
		return FALSE;
	for (guint i = 0; i < keys->len && *dropped < DROP_MAX; i++) {
		const struct ident *key = &g_array_index(keys, struct ident, i);
		g_autoptr(GError) fault = NULL;
		gint64 came;

		if (!spool_time(spool, key, &came, &fault)) {
			if (!err_is(fault, DG_ERROR_NOTFOUND)) {
				g_propagate_error(
				    error, g_steal_pointer(&fault));
				return FALSE;
			}
			g_clear_error(&fault);
			came = G_MININT64; /* a state without bytes */
		}
		if (came >= before)
			return TRUE;
		if (deliver_is_restricted(deliver, key))
			continue;
		if (deliver_drop_from(deliver, key, state, &fault)) {
			*dropped += 1;
		} else if (!err_is(fault, DG_ERROR_NOTFOUND)) {
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
needs_intake(void *self, const struct ident *id)
{
	return vaulted_needs_intake(self, id);
}

gboolean
deliver_tend(struct deliver *deliver, GError **error)
{
	const struct deliver_world *world = &deliver->world;
	const struct conf_section *global = conf_global(world->conf);
	gint64 now = clock_wall(world->clock);
	guint adopted = 0, dropped = 0, aged = 0;
	g_autofree char *text = NULL;

	if (!spool_adopt(world->spool, &adopted, error) ||
	    !drop_old(deliver, SPOOL_DONE,
		now - conf_duration(global, "raw-retention") * G_USEC_PER_SEC,
		&dropped, error) ||
	    !drop_old(deliver, SPOOL_HELD,
		now - conf_duration(global, "held-retention") * G_USEC_PER_SEC,
		&dropped, error) ||
	    !ledger_age(
		world->ledger, now - LEDGER_AGE, LEDGER_MAX, &aged, error) ||
	    !intake_rotate(
		world->intake, now / G_USEC_PER_SEC, INTAKE_AGE, error) ||
	    !intake_destroy_unused(world->intake, now / G_USEC_PER_SEC,
		needs_intake, &deliver->vaulted, error)) {
		g_prefix_error(error, "housekeeping: ");
		return FALSE;
	}
	if (adopted + dropped + aged > 0) {
		text = g_strdup_printf("adopted=%u dropped=%u forgotten=%u",
		    adopted, dropped, aged);
		log_event(LOG_LEVEL_INFO, "tended", "what", text, NULL);
	}
	return TRUE;
}
