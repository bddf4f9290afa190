/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * People of the embedded desk, as subjects: who they are, and erasing those of
 * a list, which names nobody.
 */
#include "tickets/desk_local_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

static gboolean
add_contacts(struct local *local, struct people *people, GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) = sql_query(
	    local->sql, "SELECT subject FROM contact", SQL_NONE, error);
	g_autoptr(GError) fault = NULL;

	if (rows == NULL)
		return FALSE;
	while (sql_next(rows, &fault)) {
		g_autoptr(GBytes) bytes = sql_column_bytes(rows, 0);
		struct ident subject;

		if (bytes == NULL || g_bytes_get_size(bytes) != IDENT_BYTES)
			continue;
		memcpy(
		    subject.bytes, g_bytes_get_data(bytes, NULL), IDENT_BYTES);
		people_add(people, &subject);
	}
	if (fault == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

gboolean
desk_local_everybody(struct desk *desk, struct people *people, GError **error)
{
	struct local_trace trace OWNED(local_trace_clear) = { 0 };
	struct local *local = local_of(desk);
	/* Nobody is looked for: all are told. */
	struct person *nobody OWNED(person_free) =
	    person_of_subjects(g_array_new(FALSE, FALSE, sizeof(struct ident)));

	local_trace_init(&trace, local, NULL);
	trace.people = nobody;
	trace.seen = people;
	return add_contacts(local, people, error) &&
	       local_trace_look_followers(&trace, error);
}

static gboolean
erase_all(struct local_trace *trace, guint *tickets_r, GError **error)
{
	const GArray *subjects = trace->people->subjects;

	for (guint i = 0; i < subjects->len; i++) {
		gint64 tickets = 0, messages = 0;

		if (!local_erase_rows(trace->local,
			&g_array_index(subjects, struct ident, i), &tickets,
			&messages, error))
			return FALSE;
		*tickets_r += (guint)tickets;
	}
	return local_trace_look_followers(trace, error) &&
	       local_trace_put(trace, error);
}

gboolean
desk_local_erase_people(struct desk *desk, const struct person *person,
    guint *tickets_r, GError **error)
{
	struct local_trace trace OWNED(local_trace_clear) = { 0 };
	struct local *local = local_of(desk);

	*tickets_r = 0;
	local_trace_init(&trace, local, NULL);
	trace.people = person;
	if (!sql_begin(local->sql, error))
		return FALSE;
	if (!erase_all(&trace, tickets_r, error)) {
		sql_abort(local->sql);
		return FALSE;
	}
	return sql_commit(local->sql, error) &&
	       local_index_forget(local, error) &&
	       sql_compact(local->sql, error);
}
