/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the spool keeps, and for how long: raw sources of tickets, quarantine,
 * and what its desk refused for good, each as its inbox says, counted from the
 * time it came in.  What still waits for its desk has no time: it goes with its
 * delivery.
 *
 * The list ages while we work on it: one that was released meanwhile stays, and
 * so does what a person restricted the use of: it is stored until that is
 * lifted (GDPR Article 18(2)).
 */
#include "tickets/deliver_private.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"

/* In one go, so that stopping never waits long. */
#define DROP_MOST 1000

/* States that have a time. */
static const struct {
	enum spool_state state;
	const char *kind, *setting;
} kinds[] = {
	{ SPOOL_DONE, "raw", "raw-retention" },
	{ SPOOL_HELD, "quarantine", "held-retention" },
	{ SPOOL_DEAD, "dead", "dead-retention" },
};

struct sweep {
	struct deliver *deliver;
	const struct holder_expiry *expiry;
	enum spool_state state;
	struct kept_inboxes *kept;
	guint dropped;
};

/* As the ledger has it; before the first try of a delivery it stands in the
 * entry alone. */
static struct kept *
kept_of(struct sweep *sweep, const struct ident *key)
{
	struct deliver *deliver = sweep->deliver;
	struct entry *entry OWNED(entry_free) = NULL;
	struct ledger_entry record;

	if (ledger_get(deliver->world.ledger, key, &record, NULL) &&
	    record.inbox[0] != '\0')
		return kept_inboxes_of(sweep->kept, record.inbox);
	if (vaulted_read(&deliver->vaulted, key, &entry, NULL, NULL))
		return kept_inboxes_of(sweep->kept, entry->inbox);
	return kept_inboxes_of(sweep->kept, NULL);
}

static gboolean
sweep_one(struct sweep *sweep, const struct ident *key, GError **error)
{
	const struct holder_expiry *expiry = sweep->expiry;
	struct deliver *deliver = sweep->deliver;
	struct kept *kept = kept_of(sweep, key);
	g_autoptr(GError) fault = NULL;
	gboolean restricted = FALSE;
	gint64 came;

	if (!spool_time(deliver->world.spool, key, &came, &fault)) {
		/* A state without bytes: heal removes it. */
		if (err_is(fault, DG_ERROR_NOTFOUND))
			return TRUE;
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	if (kept_is_past(kept, came, expiry->now))
		restricted = deliver_is_restricted(deliver, key);
	if (!expiry->run || restricted || sweep->dropped >= DROP_MOST ||
	    !kept_is_past(kept, came, expiry->now)) {
		kept_count(kept, came, expiry->now, restricted);
		return TRUE;
	}
	if (deliver_drop_from(deliver, key, sweep->state, &fault)) {
		kept->gone++;
		sweep->dropped++;
	} else if (!err_is(fault, DG_ERROR_NOTFOUND)) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	return TRUE;
}

/* All of a state, oldest first. */
static gboolean
sweep_state(struct sweep *sweep, json_t *rows, GError **error)
{
	g_autoptr(GArray) keys = spool_list(
	    sweep->deliver->world.spool, sweep->state, G_MAXUINT, error);
	gboolean good = keys != NULL;

	for (guint i = 0;
	     good && i < keys->len && !holder_is_stopping(sweep->expiry); i++)
		good = sweep_one(
		    sweep, &g_array_index(keys, struct ident, i), error);
	if (sweep->dropped >= DROP_MOST)
		*sweep->expiry->more = TRUE;
	/* It was accepted, and stands nowhere else. */
	if (sweep->state == SPOOL_DEAD && sweep->dropped > 0) {
		g_autofree char *text = g_strdup_printf("%u", sweep->dropped);

		log_event(
		    LOG_LEVEL_WARN, "dead-expired", "entries", text, NULL);
	}
	kept_inboxes_end(&sweep->kept, rows);
	return good;
}

static gboolean
count_waiting(struct deliver *deliver, gint64 now, json_t *rows, GError **error)
{
	static const enum spool_state states[] = { SPOOL_NEW, SPOOL_BUSY,
		SPOOL_WAIT };
	struct kept kept = { .kind = "queue",
		.until = "its desk has taken it" };

	for (gsize s = 0; s < G_N_ELEMENTS(states); s++) {
		g_autoptr(GArray) keys = spool_list(
		    deliver->world.spool, states[s], G_MAXUINT, error);
		gint64 came;

		if (keys == NULL)
			return FALSE;
		for (guint i = 0; i < keys->len; i++)
			if (spool_time(deliver->world.spool,
				&g_array_index(keys, struct ident, i), &came,
				NULL))
				kept_count(&kept, came, now, FALSE);
	}
	kept_row(&kept, rows);
	return TRUE;
}

gboolean
deliver_expire(struct deliver *deliver, const struct holder_expiry *expiry,
    json_t *rows, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		struct sweep sweep = { .deliver = deliver,
			.expiry = expiry,
			.state = kinds[i].state,
			.kept = kept_inboxes_new(
			    expiry->conf, kinds[i].kind, kinds[i].setting) };

		if (!sweep_state(&sweep, rows, error))
			return FALSE;
	}
	return count_waiting(deliver, expiry->now, rows, error);
}

gboolean
deliver_keeps(struct deliver *deliver, const struct ident *key,
    const char *inbox, const struct holder_expiry *expiry)
{
	enum spool_state state;
	gint64 came;

	if (!spool_state(deliver->world.spool, key, &state, NULL) ||
	    !spool_time(deliver->world.spool, key, &came, NULL))
		return FALSE;
	for (gsize i = 0; !expiry->run && i < G_N_ELEMENTS(kinds); i++) {
		const struct kept kept = { .keep = kept_setting(expiry->conf,
					       inbox, kinds[i].setting) };

		if (kinds[i].state == state &&
		    kept_is_past(&kept, came, expiry->now))
			return deliver_is_restricted(deliver, key);
	}
	return TRUE;
}
