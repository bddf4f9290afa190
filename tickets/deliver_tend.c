/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Housekeeping: what came in without a state, intake keys.  What is past its
 * time is deliver_expire.c.
 */
#include "tickets/deliver_private.h"

#include "lib/base/err.h"
#include "lib/base/log.h"

#define INTAKE_AGE ((gint64)24 * 60 * 60)

gboolean
deliver_is_restricted(struct deliver *deliver, const struct ident *key)
{
	struct ident subject;

	return deliver->world.standings != NULL &&
	       vaulted_subject(&deliver->vaulted, key, &subject) &&
	       standings_restricts(deliver->world.standings, &subject);
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
	gint64 now = clock_wall(world->clock);
	g_autofree char *text = NULL;
	guint adopted = 0;

	if (!spool_adopt(world->spool, &adopted, error) ||
	    !intake_rotate(
		world->intake, now / G_USEC_PER_SEC, INTAKE_AGE, error) ||
	    !intake_destroy_unused(world->intake, now / G_USEC_PER_SEC,
		needs_intake, &deliver->vaulted, error)) {
		g_prefix_error(error, "housekeeping: ");
		return FALSE;
	}
	if (adopted > 0) {
		text = g_strdup_printf("%u", adopted);
		log_event(LOG_LEVEL_INFO, "adopted", "entries", text, NULL);
	}
	return TRUE;
}
