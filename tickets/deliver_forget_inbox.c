/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Forgetting an inbox's mail: whatever the spool holds of it.  The same message
 * for another inbox is an entry of its own, and stays.
 */
#include "tickets/deliver_private.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/privacy/holder.h"

/* As the ledger has it; an entry that nobody has looked at yet tells it itself.
 * What nobody can open is nobody's. */
gboolean
deliver_is_of(struct deliver *deliver, const struct ident *key,
    const char *inbox, gboolean *of_r, GError **error)
{
	struct entry *entry OWNED(entry_free) = NULL;
	struct ledger_entry record;

	*of_r = FALSE;
	if (!deliver_record(deliver, key, &record, error))
		return FALSE;
	if (record.inbox[0] != '\0')
		*of_r = g_ascii_strcasecmp(record.inbox, inbox) == 0;
	else if (vaulted_read(&deliver->vaulted, key, &entry, NULL, NULL))
		*of_r = g_ascii_strcasecmp(entry->inbox, inbox) == 0;
	return TRUE;
}

/* Those of the inbox: GArray of struct ident. */
static GArray *
keys_of(struct deliver *deliver, const char *inbox, GError **error)
{
	GArray *keys = spool_keys(deliver->world.spool, error);

	for (guint i = keys != NULL ? keys->len : 0; i-- > 0;) {
		gboolean of;

		if (!deliver_is_of(deliver,
			&g_array_index(keys, struct ident, i), inbox, &of,
			error)) {
			g_array_unref(keys);
			return NULL;
		}
		if (!of)
			g_array_remove_index_fast(keys, i);
	}
	return keys;
}

/* What a person restricted the use of is stored until that is lifted (GDPR
 * Article 18(2)). */
static gboolean
tell_restricted(guint restricted, const char *what, GError **error)
{
	return restricted == 0 ||
	       err_set(error, DG_ERROR_AGAIN,
		   "%u %s restricted the use of their data: lift that first "
		   "(Article 18)",
		   restricted, what);
}

static gboolean
none_restricted(struct deliver *deliver, const GArray *keys, GError **error)
{
	guint restricted = 0;

	for (guint i = 0; i < keys->len; i++)
		restricted += deliver_is_restricted(
		    deliver, &g_array_index(keys, struct ident, i));
	return tell_restricted(
	    restricted, "messages are of people who have", error);
}

gboolean
deliver_may_forget(
    struct deliver *deliver, const GArray *subjects, GError **error)
{
	struct standings *standings = deliver->world.standings;
	guint restricted = 0;

	for (guint i = 0; standings != NULL && i < subjects->len; i++) {
		struct standing standing;

		if (!standings_get(standings,
			&g_array_index(subjects, struct ident, i), &standing,
			error))
			return FALSE;
		restricted += standing.restricted != 0;
	}
	return tell_restricted(restricted, "people have", error);
}

gboolean
deliver_forget_inbox(struct deliver *deliver, const struct holder_inbox *inbox,
    guint *dropped_r, GError **error)
{
	g_autoptr(GArray) keys = keys_of(deliver, inbox->name, error);
	guint busy = 0;

	*dropped_r = 0;
	if (keys == NULL ||
	    (!inbox->again && !none_restricted(deliver, keys, error)))
		return FALSE;
	for (guint i = 0; i < keys->len; i++) {
		g_autoptr(GError) fault = NULL;

		if (deliver_drop(deliver, &g_array_index(keys, struct ident, i),
			&fault)) {
			*dropped_r += 1;
		} else if (err_is(fault, DG_ERROR_AGAIN) ||
			   err_is(fault, DG_ERROR_NOTFOUND)) {
			/* Or it is about to get its state. */
			busy++;
		} else {
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
	}
	return busy == 0 ||
	       err_set(error, DG_ERROR_AGAIN,
		   "%u messages are being worked at just now", busy);
}
