/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * People as spool, desks and ledger know them without their addresses: by their
 * subjects, which is what the list of the erased can be asked for.
 */
#include "tickets/holders_private.h"

#include "tickets/desk_local.h"
#include "tickets/ledger_person.h"

gboolean
holders_subjects_spool(void *self, struct people *people, GError **error)
{
	struct ticket_holders *all = self;
	g_autoptr(GArray) keys = spool_keys(all->vaulted.spool, error);

	for (guint i = 0; keys != NULL && i < keys->len; i++) {
		struct ident subject;

		if (vaulted_subject(&all->vaulted,
			&g_array_index(keys, struct ident, i), &subject))
			people_add(people, &subject);
	}
	return keys != NULL;
}

gboolean
holders_subjects_desk(void *self, struct people *people, GError **error)
{
	struct place *place = self;
	struct desk *desk;
	gboolean good;

	if (!place->local)
		return TRUE;
	desk = place_lock(place, error);
	if (desk == NULL)
		return FALSE;
	good = desk_local_everybody(desk, people, error);
	place_unlock(place, desk);
	return good;
}

gboolean
holders_subjects_ledger(void *self, struct people *people, GError **error)
{
	struct ticket_holders *all = self;

	return ledger_people(all->ledger, people, error);
}

gboolean
holders_erase_people(struct place *place, const struct person *person,
    json_t *counts, struct holder_erased *erased_r, GError **error)
{
	struct desk *desk = place_lock(place, error);
	guint tickets = 0;
	gboolean good;

	if (desk == NULL)
		return FALSE;
	good = desk_local_erase_people(desk, person, &tickets, error);
	place_unlock(place, desk);
	if (tickets > 0)
		json_object_set_new(counts, "tickets", json_integer(tickets));
	erased_r->outcome = HOLDER_DONE;
	return good;
}
