/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What tickets of others say of a person who is erased from the embedded desk:
 * whom they are sealed to can be asked, what they say can only be read.  So all
 * of them are opened, once; who follows a ticket is taken off, and the tickets
 * whose words name the address are told.
 */
#include "tickets/desk_local_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

/* Another's ticket without the person's address. */
struct rewritten {
	gint64 id;
	GBytes *sealed;
};

/* A character that makes an address another one when it stands beside it. */
static gboolean
goes_on(char c)
{
	return g_ascii_isalnum(c) || (c != '\0' && strchr("_+-", c) != NULL);
}

static gboolean
stands_alone(const char *text, const char *at, gsize length)
{
	char before = at > text ? at[-1] : '\0';
	char after = at[length];

	if (goes_on(before) || before == '.' || goes_on(after))
		return FALSE;
	return after != '.' || !g_ascii_isalnum(at[length + 1]);
}

/* Whether the text has this address, which is in lower case. */
static gboolean
text_names(const char *text, const char *address)
{
	g_autofree char *lower = g_ascii_strdown(text, -1);
	gsize length = strlen(address);
	const char *at = lower;

	while ((at = strstr(at, address)) != NULL) {
		if (stands_alone(lower, at, length))
			return TRUE;
		at++;
	}
	return FALSE;
}

/* Whether any text of the object has it; what is nested is not looked at. */
static gboolean
object_names(json_t *object, const char *address)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value)
	{
		const char *text = json_string_value(value);

		if (text != NULL && text_names(text, address))
			return TRUE;
	}
	return FALSE;
}

static void
add_naming(struct local_trace *trace, gint64 id)
{
	for (guint i = 0; i < trace->naming->len; i++)
		if (g_array_index(trace->naming, gint64, i) == id)
			return;
	g_array_append_val(trace->naming, id);
}

/* Opens the row's sealed column 2 by the person in column 1.  *value_r is NULL
 * where that person is erased already. */
static gboolean
open_row(struct local_trace *trace, struct sql_rows *rows, const char *kind,
    struct ident *owner_r, json_t **value_r, GError **error)
{
	g_autoptr(GBytes) subject = sql_column_bytes(rows, 1);
	g_autoptr(GBytes) sealed = sql_column_bytes(rows, 2);
	g_autoptr(GError) fault = NULL;

	*value_r = NULL;
	if (subject == NULL || g_bytes_get_size(subject) != IDENT_BYTES)
		return err_set(error, DG_ERROR_IO, "contact: damaged row");
	memcpy(owner_r->bytes, g_bytes_get_data(subject, NULL), IDENT_BYTES);
	*value_r = local_open(trace->local, owner_r, kind, sealed, &fault);
	if (*value_r != NULL || err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

static gboolean
is_one(const struct local_trace *trace, const struct ident *person)
{
	return trace->people != NULL ? person_has(trace->people, person)
				     : ident_equal(person, &trace->person);
}

/* Whether he was among the followers, and is not any more. */
static gboolean
unfollow(struct local_trace *trace, json_t *ticket)
{
	json_t *list = json_object_get(ticket, "followers");
	size_t before = json_array_size(list);

	for (size_t i = before; i > 0; i--) {
		const char *address = json_string_value(
		    json_object_get(json_array_get(list, i - 1), "address"));
		struct ident person;

		if (address == NULL)
			continue;
		local_person(trace->local, address, &person);
		if (trace->seen != NULL)
			people_add(trace->seen, &person);
		if (is_one(trace, &person))
			json_array_remove(list, i - 1);
	}
	return json_array_size(list) < before;
}

static gboolean
rewrite(struct local_trace *trace, gint64 id, const struct ident *owner,
    json_t *ticket, GError **error)
{
	struct secret *key OWNED(secret_free) =
	    vault_key(trace->local->vault, owner, FALSE, error);
	struct rewritten one = { .id = id };

	if (key == NULL)
		return FALSE;
	one.sealed = local_seal(key, "ticket", ticket);
	g_array_append_val(trace->rewritten, one);
	return TRUE;
}

static gboolean
look_at_ticket(struct local_trace *trace, struct sql_rows *rows, GError **error)
{
	gint64 id = sql_column_int(rows, 0);
	struct ident owner;
	json_t *ticket = NULL;
	gboolean done;

	if (!open_row(trace, rows, "ticket", &owner, &ticket, error))
		return FALSE;
	if (ticket == NULL)
		return TRUE;
	if (trace->address != NULL && object_names(ticket, trace->address))
		add_naming(trace, id);
	done = !unfollow(trace, ticket) ||
	       rewrite(trace, id, &owner, ticket, error);
	json_decref(ticket);
	return done;
}

static gboolean
look_at_message(
    struct local_trace *trace, struct sql_rows *rows, GError **error)
{
	struct ident owner;
	json_t *message = NULL;

	if (!open_row(trace, rows, "message", &owner, &message, error))
		return FALSE;
	if (message != NULL && object_names(message, trace->address))
		add_naming(trace, sql_column_int(rows, 0));
	json_decref(message);
	return TRUE;
}

/* Calls `look` with each row that is another person's. */
static gboolean
look_at(struct local_trace *trace, const char *query,
    gboolean (*look)(
	struct local_trace *trace, struct sql_rows *rows, GError **error),
    GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GError) fault = NULL;

	rows = sql_query(trace->local->sql, query,
	    SQL_VALUES(sql_mem(trace->person.bytes, IDENT_BYTES)), error);
	if (rows == NULL)
		return FALSE;
	while (fault == NULL && sql_next(rows, &fault))
		look(trace, rows, &fault);
	if (fault == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

static void
rewritten_clear(gpointer item)
{
	g_bytes_unref(((struct rewritten *)item)->sealed);
}

void
local_trace_init(
    struct local_trace *trace, struct local *local, const char *address)
{
	*trace = (struct local_trace){ .local = local };
	if (address != NULL) {
		local_person(local, address, &trace->person);
		trace->address = g_ascii_strdown(address, -1);
	}
	trace->rewritten = g_array_new(FALSE, FALSE, sizeof(struct rewritten));
	g_array_set_clear_func(trace->rewritten, rewritten_clear);
	trace->naming = g_array_new(FALSE, FALSE, sizeof(gint64));
}

void
local_trace_clear(struct local_trace *trace)
{
	g_clear_pointer(&trace->address, g_free);
	g_clear_pointer(&trace->rewritten, g_array_unref);
	g_clear_pointer(&trace->naming, g_array_unref);
}

gboolean
local_trace_look_followers(struct local_trace *trace, GError **error)
{
	return look_at(trace,
	    "SELECT t.id, c.subject, t.sealed FROM ticket t"
	    " JOIN contact c ON c.id = t.requester"
	    " WHERE c.subject <> ?1 ORDER BY t.id",
	    look_at_ticket, error);
}

gboolean
local_trace_look(struct local_trace *trace, GError **error)
{
	return local_trace_look_followers(trace, error) &&
	       look_at(trace,
		   "SELECT m.ticket, c.subject, m.sealed FROM message m"
		   " JOIN contact c ON c.id = m.contact"
		   " WHERE c.subject <> ?1 ORDER BY m.ticket",
		   look_at_message, error);
}

gboolean
local_trace_put(struct local_trace *trace, GError **error)
{
	for (guint i = 0; i < trace->rewritten->len; i++) {
		const struct rewritten *one =
		    &g_array_index(trace->rewritten, struct rewritten, i);

		if (!sql_run(trace->local->sql,
			"UPDATE ticket SET sealed = ?2 WHERE id = ?1",
			SQL_VALUES(sql_int(one->id), sql_bytes(one->sealed)),
			error))
			return FALSE;
	}
	return TRUE;
}
