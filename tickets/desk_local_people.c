/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whose messages the embedded desk holds, and what he is called.
 */
#include "tickets/desk_local_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

static gboolean
tell_contact(const struct local *local, const char *holder,
    struct sql_rows *rows, struct affected *affected, GError **error)
{
	struct affected_record record = { .holder = holder,
		.when = sql_column_int(rows, 0) };
	g_autoptr(GBytes) who = sql_column_bytes(rows, 1);
	g_autoptr(GBytes) sealed = sql_column_bytes(rows, 2);
	g_autoptr(GError) fault = NULL;
	json_t *contact;

	if (who == NULL || sealed == NULL ||
	    g_bytes_get_size(who) != IDENT_BYTES)
		return err_set(error, DG_ERROR_IO, "contact: damaged row");
	memcpy(record.subject.bytes, g_bytes_get_data(who, NULL), IDENT_BYTES);
	contact = local_open(local, &record.subject, "contact", sealed, &fault);
	if (contact == NULL && err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE; /* erased */
	if (contact == NULL) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	record.address = json_string_value(json_object_get(contact, "address"));
	affected_add(affected, &record);
	json_decref(contact);
	return TRUE;
}

gboolean
desk_local_affected(struct desk *desk, const char *holder, gint64 until,
    struct affected *affected, GError **error)
{
	struct local *local = local_of(desk);
	struct sql_rows *rows OWNED(sql_rows_free) = sql_query(local->sql,
	    "SELECT m.added, c.subject, c.sealed FROM message m"
	    " JOIN contact c ON c.id = m.contact"
	    " WHERE m.author = 'customer' AND m.added <= ?1",
	    SQL_VALUES(sql_int(until)), error);
	g_autoptr(GError) fault = NULL;
	gboolean good = rows != NULL;

	while (good && sql_next(rows, &fault))
		good = tell_contact(local, holder, rows, affected, error);
	if (fault == NULL)
		return good;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

/* --- his name */

/* The contact as it stands; NULL when there is none that opens. */
static json_t *
contact_of(const struct local *local, const struct ident *person)
{
	struct sql_rows *rows OWNED(sql_rows_free) = sql_query(local->sql,
	    "SELECT sealed FROM contact WHERE subject = ?1",
	    SQL_VALUES(sql_mem(person->bytes, IDENT_BYTES)), NULL);
	g_autoptr(GBytes) sealed = NULL;

	if (rows == NULL || !sql_next(rows, NULL))
		return NULL;
	sealed = sql_column_bytes(rows, 0);
	return sealed == NULL
		   ? NULL
		   : local_open(local, person, "contact", sealed, NULL);
}

json_t *
local_contact(const struct local *local, const struct ident *person,
    const char *name, const char *address)
{
	json_t *contact = local_people(name, address);
	json_t *known = contact_of(local, person);
	const char *wrong =
	    json_string_value(json_object_get(known, "instead_of"));

	if (wrong != NULL && g_strcmp0(wrong, name) == 0)
		json_object_update(contact, known);
	json_decref(known);
	return contact;
}

gboolean
desk_local_rename(struct desk *desk, const char *address, const char *name,
    guint *contacts_r, GError **error)
{
	struct local *local = local_of(desk);
	struct secret *key OWNED(secret_free) = NULL;
	g_autoptr(GBytes) sealed = NULL;
	g_autoptr(GError) fault = NULL;
	gint64 contacts = 0;
	struct ident person;
	json_t *contact, *known;

	local_person(local, address, &person);
	key = vault_key(local->vault, &person, FALSE, &fault);
	if (key == NULL) {
		if (err_is(fault, DG_ERROR_NOTFOUND)) /* nobody known */
			return TRUE;
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	contact = local_people(name, address);
	known = contact_of(local, &person);
	if (json_object_get(known, "name") != NULL)
		json_object_set(
		    contact, "instead_of", json_object_get(known, "name"));
	json_decref(known);
	sealed = local_seal(key, "contact", contact);
	if (!sql_run(local->sql,
		"UPDATE contact SET sealed = ?1 WHERE subject = ?2",
		SQL_VALUES(
		    sql_bytes(sealed), sql_mem(person.bytes, IDENT_BYTES)),
		error) ||
	    !sql_one_int(local->sql,
		"SELECT count(*) FROM contact WHERE subject = ?1",
		SQL_VALUES(sql_mem(person.bytes, IDENT_BYTES)), &contacts,
		error))
		return FALSE;
	*contacts_r += (guint)contacts;
	/* Words of the old name are found no more. */
	return contacts == 0 || local_index_forget(local, error);
}
