/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whose data keys are in use.
 */
#include "lib/base/err.h"
#include "tickets/desk_local.h"
#include "tickets/holders_private.h"

static void
add(GHashTable *used, const struct ident *subject)
{
	g_hash_table_add(used, g_memdup2(subject, sizeof(*subject)));
}

static gboolean
add_desk(struct place *place, GHashTable *used, GError **error)
{
	struct desk *desk = place_lock(place, error);
	g_autoptr(GArray) subjects = NULL;

	if (desk == NULL)
		return FALSE;
	subjects = desk_local_subjects(desk, error);
	place_unlock(place, desk);
	for (guint i = 0; subjects != NULL && i < subjects->len; i++)
		add(used, &g_array_index(subjects, struct ident, i));
	return subjects != NULL;
}

/* The spool last: what is delivered meanwhile stands there until it stands in
 * the desk, and as long as its raw source is kept. */
gboolean
ticket_holders_subjects(
    struct ticket_holders *holders, GHashTable *used, GError **error)
{
	g_autoptr(GArray) keys = NULL;

	for (guint i = 0; i < holders->places->len; i++) {
		struct place *place = holders->places->pdata[i];

		if (place->local && !add_desk(place, used, error))
			return FALSE;
	}
	if (holders->unknown)
		return err_set(error, DG_ERROR_IO,
		    "desk.sqlite cannot be opened: mend it, or remove the "
		    "file");
	keys = spool_keys(holders->vaulted.spool, error);
	for (guint i = 0; keys != NULL && i < keys->len; i++) {
		struct ident subject;

		if (vaulted_subject(&holders->vaulted,
			&g_array_index(keys, struct ident, i), &subject))
			add(used, &subject);
	}
	return keys != NULL;
}
