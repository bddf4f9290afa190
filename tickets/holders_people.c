/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whose mail the spool and the embedded desk hold, for who has to tell them of
 * a breach; and what they are called.
 */
#include "tickets/holders_private.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/privacy/subject.h"
#include "tickets/desk_local.h"

/* A message that was forwarded is of another than its envelope names: then the
 * desk tells who that is.  One that nobody has opened yet is its sender's. */
static gboolean
tell_entry(struct ticket_holders *all, const struct ident *key, gint64 until,
    struct affected *affected, GError **error)
{
	struct affected_record record = { .holder = "spool" };
	struct entry *entry OWNED(entry_free) = NULL;
	gboolean wrapped = vaulted_subject(&all->vaulted, key, &record.subject);
	g_autoptr(GError) fault = NULL;
	struct ident sender;

	if (!vaulted_read(&all->vaulted, key, &entry, NULL, &fault)) {
		/* Of somebody who was erased, or of nobody any more. */
		if (err_is(fault, DG_ERROR_NOTFOUND) ||
		    err_is(fault, DG_ERROR_BAD))
			return TRUE;
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	if (entry->received > until)
		return TRUE;
	record.when = entry->received;
	if (subject_ident(all->subject_key, entry->envelope->sender, &sender) &&
	    (!wrapped || ident_equal(&sender, &record.subject))) {
		record.subject = sender;
		record.address = entry->envelope->sender;
	} else if (!wrapped) {
		record.subject = *key;
	}
	affected_add(affected, &record);
	return TRUE;
}

gboolean
holders_people_spool(
    void *self, gint64 until, struct affected *affected, GError **error)
{
	struct ticket_holders *all = self;
	g_autoptr(GArray) keys = spool_keys(all->vaulted.spool, error);
	gboolean good = keys != NULL;

	for (guint i = 0; good && i < keys->len; i++)
		good = tell_entry(all, &g_array_index(keys, struct ident, i),
		    until, affected, error);
	return good;
}

gboolean
holders_people_desk(
    void *self, gint64 until, struct affected *affected, GError **error)
{
	struct place *place = self;
	struct desk *desk = place_lock(place, error);
	gboolean good;

	if (desk == NULL)
		return FALSE;
	good = desk_local_affected(desk, place->name, until, affected, error);
	place_unlock(place, desk);
	return good;
}

gboolean
holders_rectify_desk(void *self, const struct person *person, const char *name,
    json_t *counts, GError **error)
{
	struct place *place = self;
	struct desk *desk = place_lock(place, error);
	guint contacts = 0;
	gboolean good = desk != NULL;

	for (guint i = 0; good && i < person->addresses->len; i++)
		good = desk_local_rename(
		    desk, person->addresses->pdata[i], name, &contacts, error);
	if (desk != NULL)
		place_unlock(place, desk);
	json_object_set_new(counts, "contacts", json_integer(contacts));
	return good;
}
