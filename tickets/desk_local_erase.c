/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Erasing a person from the embedded desk.
 *
 * In one transaction go his tickets with all that is in them, his messages on
 * other people's tickets, and his address where it follows one.  Others'
 * tickets that were merged into one of his stand alone again, with all that was
 * written there, by whomever, and what their requesters wrote on after the
 * merge.  What others wrote about him elsewhere is theirs: it is left, and the
 * tickets where it stands are told.
 *
 * Then his key is destroyed, and the files are written anew, since a deleted
 * row still stands in the write-ahead log, and its words in the index.  A crash
 * before the end is mended by asking again: nothing of it depends on the key.
 */
#include "tickets/desk_local_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

#define LISTED 20 /* ticket numbers in words for a person */

struct erasure {
	struct local_trace trace;
	gint64 messages; /* of his on others' tickets */
};

static void
erasure_clear(struct erasure *erasure)
{
	local_trace_clear(&erasure->trace);
}

/* --- the rows --- */

#define HIS "(SELECT id FROM contact WHERE subject = ?1)"
#define HIS_TICKETS "(SELECT id FROM ticket WHERE requester IN " HIS ")"

static gboolean
run(struct local *local, const struct ident *person, const char *text,
    gint64 *changed, GError **error)
{
	if (!sql_run(local->sql, text,
		SQL_VALUES(sql_mem(person->bytes, IDENT_BYTES)), error))
		return FALSE;
	if (changed != NULL)
		*changed = sql_changed(local->sql);
	return TRUE;
}

/* Tickets of others that were merged into one of his stand alone again, with
 * the messages whose origin they are. */
static gboolean
give_back(struct local *local, const struct ident *person, GError **error)
{
	return run(local, person,
		   "UPDATE message SET ticket = origin, origin = NULL"
		   " WHERE ticket IN " HIS_TICKETS " AND origin IS NOT NULL"
		   " AND origin NOT IN " HIS_TICKETS,
		   NULL, error) &&
	       run(local, person,
		   "UPDATE ticket SET merged = NULL"
		   " WHERE merged IN " HIS_TICKETS,
		   NULL, error);
}

gboolean
local_erase_rows(struct local *local, const struct ident *person,
    gint64 *tickets_r, gint64 *messages_r, GError **error)
{
	return give_back(local, person, error) &&
	       run(local, person,
		   "DELETE FROM event WHERE ticket IN " HIS_TICKETS, NULL,
		   error) &&
	       run(local, person, "DELETE FROM ticket WHERE requester IN " HIS,
		   tickets_r, error) &&
	       run(local, person, "DELETE FROM message WHERE contact IN " HIS,
		   messages_r, error) &&
	       run(local, person, "DELETE FROM contact WHERE subject = ?1",
		   NULL, error);
}

static gboolean
delete_rows(struct erasure *erasure, struct desk_erased *erased, GError **error)
{
	gint64 tickets = 0;

	if (!local_erase_rows(erasure->trace.local, &erasure->trace.person,
		&tickets, &erasure->messages, error))
		return FALSE;
	erased->tickets = (guint)tickets;
	return TRUE;
}

static gboolean
erase_rows(struct erasure *erasure, struct desk_erased *erased, GError **error)
{
	struct sql *sql = erasure->trace.local->sql;

	if (!sql_begin(sql, error))
		return FALSE;
	if (delete_rows(erasure, erased, error) &&
	    local_trace_look(&erasure->trace, error) &&
	    local_trace_put(&erasure->trace, error))
		return sql_commit(sql, error);
	sql_abort(sql);
	return FALSE;
}

static gboolean
count(struct erasure *erasure, const char *text, gint64 *sum, GError **error)
{
	gint64 n;

	if (!sql_one_int(erasure->trace.local->sql, text,
		SQL_VALUES(sql_mem(erasure->trace.person.bytes, IDENT_BYTES)),
		&n, error))
		return FALSE;
	*sum += n;
	return TRUE;
}

gboolean
desk_local_person(struct desk *desk, const char *address,
    struct desk_local_person *held_r, GError **error)
{
	struct erasure erasure OWNED(erasure_clear) = { 0 };

	local_trace_init(&erasure.trace, local_of(desk), address);
	return count(&erasure,
		   "SELECT count(*) FROM ticket WHERE requester IN " HIS,
		   &held_r->tickets, error) &&
	       count(&erasure,
		   "SELECT count(*) FROM message WHERE contact IN " HIS,
		   &held_r->messages, error);
}

/* --- the result --- */

static void
add_count(GString *words, guint count, const char *one, const char *many)
{
	if (count > 0)
		g_string_append_printf(words, "%s%u %s",
		    words->len > 0 ? ", " : "", count, count == 1 ? one : many);
}

static char *
say_naming(const GArray *naming)
{
	GString *words = g_string_new("what others wrote still names the "
				      "address; look at ticket ");

	for (guint i = 0; i < MIN(naming->len, LISTED); i++)
		g_string_append_printf(words, "%s%" G_GINT64_FORMAT,
		    i > 0 ? ", " : "", g_array_index(naming, gint64, i));
	if (naming->len > LISTED)
		g_string_append_printf(
		    words, " and %u more", naming->len - LISTED);
	return g_string_free(words, FALSE);
}

static void
say(const struct erasure *erasure, const GError *fault,
    struct desk_erased *erased)
{
	g_autofree char *naming = erasure->trace.naming->len > 0
				      ? say_naming(erasure->trace.naming)
				      : NULL;
	GString *words = g_string_new(NULL);

	add_count(words, (guint)erasure->messages,
	    "message removed from tickets of others",
	    "messages removed from tickets of others");
	add_count(words, erasure->trace.rewritten->len,
	    "ticket of others that the address does not follow any more",
	    "tickets of others that the address does not follow any more");
	if (naming != NULL)
		g_string_append_printf(
		    words, "%s%s", words->len > 0 ? "; " : "", naming);
	if (fault != NULL)
		g_string_append_printf(words,
		    "%sthe files could not be written anew, erase again: %s",
		    words->len > 0 ? "; " : "", fault->message);
	/* What others wrote is theirs, and no work that is left to do. */
	erased->outcome = fault != NULL ? DESK_ERASE_OPEN : DESK_ERASE_DONE;
	erased->words = g_string_free(words, words->len == 0);
}

/* Rows and key; what fails here was not done, and is asked for again. */
static gboolean
erase(struct erasure *erasure, struct desk_erased *erased, GError **error)
{
	return erase_rows(erasure, erased, error) &&
	       vault_forget(
		   erasure->trace.local->vault, &erasure->trace.person, error);
}

gboolean
local_erase(struct desk *desk, const struct desk_whom *whom,
    struct desk_erased *erased_r, GError **error)
{
	struct local *local = local_of(desk);
	struct erasure erasure OWNED(erasure_clear) = { 0 };
	g_autoptr(GError) fault = NULL;

	*erased_r = (struct desk_erased){ 0 };
	if (strchr(whom->address, '@') == NULL)
		return err_set(
		    error, DG_ERROR_BAD, "a person is erased by his address");
	local_trace_init(&erasure.trace, local, whom->address);
	if (!erase(&erasure, erased_r, error))
		return FALSE;
	if (local_index_forget(local, &fault))
		sql_compact(local->sql, &fault);
	local_index_update(local, NULL); /* else the next search does it */
	say(&erasure, fault, erased_r);
	return TRUE;
}
