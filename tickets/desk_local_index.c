/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Full-text search of the embedded desk (FTS5), in a file of its own.
 *
 * An index holds words in clear, so it cannot live beside sealed text: it is
 * left out of backups, can be deleted at any time, and is made anew from the
 * messages when it is missing, damaged, or another desk's.  It keeps no
 * text (contentless), only which word is in which message.
 *
 * It follows the messages by number: `upto` is the last one in it.  Bringing it
 * up to date is one path, for the message just stored as for all of them.  A
 * hit whose message cannot be opened (its person was erased) is no hit.
 */
#include "tickets/desk_local_private.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"

#define BATCH 200
#define WORDS 16
#define DEFAULT_LIMIT 20
#define MAX_LIMIT 1000
/* Hits are messages, answers are tickets. */
#define HITS_PER_TICKET 8

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS state (one INTEGER PRIMARY KEY CHECK (one = 1),"
    "  desk BLOB NOT NULL, upto INTEGER NOT NULL);"
    "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (subject, people, "
    "text,"
    "  files, content = '', tokenize = 'unicode61 remove_diacritics 2');";

/* TRUE when the index is this desk's and not ahead of it. */
static gboolean
index_fits(struct local *local, struct sql *index)
{
	gint64 ours = 0, upto = 0, last = 0;

	return sql_one_int(index, "SELECT desk = ?1 FROM state",
		   SQL_VALUES(sql_mem(local->ident, IDENT_BYTES)), &ours,
		   NULL) &&
	       ours == 1 &&
	       sql_one_int(
		   index, "SELECT upto FROM state", SQL_NONE, &upto, NULL) &&
	       sql_one_int(local->sql,
		   "SELECT coalesce(max(id), 0) FROM message", SQL_NONE, &last,
		   NULL) &&
	       upto <= last;
}

static struct sql *
index_make(struct local *local, GError **error)
{
	struct sql *index OWNED(sql_close) = NULL;

	if (!sql_remove(local->index_path, error))
		return NULL;
	index = sql_open(local->index_path, SQL_REBUILDABLE, error);
	if (index == NULL || !sql_script(index, schema, error) ||
	    !sql_run(index, "INSERT INTO state VALUES (1, ?1, 0)",
		SQL_VALUES(sql_mem(local->ident, IDENT_BYTES)), error))
		return NULL;
	return g_steal_pointer(&index);
}

static gboolean
index_open(struct local *local, GError **error)
{
	struct sql *index OWNED(sql_close) = NULL;

	if (local->index != NULL)
		return TRUE;
	if (g_file_test(local->index_path, G_FILE_TEST_EXISTS))
		index = sql_open(local->index_path, SQL_REBUILDABLE, NULL);
	if (index == NULL || !index_fits(local, index)) {
		sql_close(&index);
		index = index_make(local, error);
	}
	local->index = g_steal_pointer(&index);
	return local->index != NULL;
}

static const char *
string_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static char *
names_of(const json_t *message)
{
	GString *names = g_string_new(NULL);
	json_t *list = json_object_get(message, "attachments"), *one;
	size_t i;

	json_array_foreach(list, i, one)
	    g_string_append_printf(names, "%s\n", string_of(one, "name"));
	return g_string_free(names, FALSE);
}

static gboolean
index_message(struct local *local, gint64 id, const json_t *ticket,
    const json_t *message, GError **error)
{
	const json_t *from = json_object_get(message, "from");
	g_autofree char *files = names_of(message);
	g_autofree char *text = g_strdup_printf(
	    "%s\n%s", string_of(message, "text"), string_of(message, "quoted"));
	g_autofree char *people = g_strdup_printf(
	    "%s\n%s", string_of(from, "name"), string_of(from, "address"));

	if (json_is_true(json_object_get(message, "erased")))
		return TRUE;
	return sql_run(local->index,
	    "INSERT INTO words (rowid, subject, people, text, files)"
	    " VALUES (?1, ?2, ?3, ?4, ?5)",
	    SQL_VALUES(sql_int(id), sql_str(string_of(ticket, "subject")),
		sql_str(people), sql_str(text), sql_str(files)),
	    error);
}

/* The next messages' numbers and tickets, so that no query stands open
 * meanwhile. */
static GArray *
next_messages(struct local *local, GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_autoptr(GError) fault = NULL;
	gint64 upto = 0;

	if (!sql_one_int(
		local->index, "SELECT upto FROM state", SQL_NONE, &upto, error))
		return NULL;
	rows = sql_query(local->sql,
	    "SELECT id FROM message WHERE id > ?1 ORDER BY id LIMIT ?2",
	    SQL_VALUES(sql_int(upto), sql_int(BATCH)), error);
	if (rows == NULL)
		return NULL;
	while (sql_next(rows, &fault)) {
		gint64 id = sql_column_int(rows, 0);

		g_array_append_val(ids, id);
	}
	if (fault == NULL)
		return g_steal_pointer(&ids);
	g_propagate_error(error, g_steal_pointer(&fault));
	return NULL;
}

static gboolean
index_batch(struct local *local, const GArray *ids, GError **error)
{
	gint64 last = g_array_index(ids, gint64, ids->len - 1);

	for (guint i = 0; i < ids->len; i++) {
		gint64 id = g_array_index(ids, gint64, i);
		json_t *ticket = NULL, *message = NULL;
		gboolean done;

		done =
		    local_message_json(local, id, &ticket, &message, error) &&
		    index_message(local, id, ticket, message, error);
		json_decref(ticket);
		json_decref(message);
		if (!done)
			return FALSE;
	}
	return sql_run(local->index, "UPDATE state SET upto = ?1",
	    SQL_VALUES(sql_int(last)), error);
}

gboolean
local_index_update(struct local *local, GError **error)
{
	for (;;) {
		g_autoptr(GArray) ids = NULL;

		if (!index_open(local, error))
			return FALSE;
		ids = next_messages(local, error);
		if (ids == NULL)
			break;
		if (ids->len == 0)
			return TRUE;
		if (!sql_begin(local->index, error))
			break;
		if (!index_batch(local, ids, error)) {
			sql_abort(local->index);
			break;
		}
		if (!sql_commit(local->index, error))
			break;
	}
	sql_close(&local->index); /* opened and looked at anew the next time */
	return FALSE;
}

static gboolean
empty_index(struct sql *index, GError **error)
{
	if (!sql_begin(index, error))
		return FALSE;
	if (sql_run(index, "INSERT INTO words (words) VALUES ('delete-all')",
		SQL_NONE, error) &&
	    sql_run(index, "UPDATE state SET upto = 0", SQL_NONE, error))
		return sql_commit(index, error) && sql_compact(index, error);
	sql_abort(index);
	return FALSE;
}

gboolean
local_index_forget(struct local *local, GError **error)
{
	if (!index_open(local, error))
		return FALSE;
	if (empty_index(local->index, NULL))
		return TRUE;
	sql_close(&local->index);
	return sql_remove(local->index_path, error);
}

/* Words only, each quoted, so that nothing of FTS5's query language gets
 * through. */
static char *
match_of(const char *text)
{
	GString *match = g_string_new(NULL);
	gboolean inside = FALSE;
	guint words = 0;

	for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		gboolean part = g_unichar_isalnum(c) || g_unichar_ismark(c);

		if (part && !inside && ++words > WORDS)
			break;
		if (part != inside)
			g_string_append(match, part ? "\"" : "\"* ");
		if (part)
			g_string_append_unichar(match, c);
		inside = part;
	}
	if (inside)
		g_string_append(match, "\"*");
	return g_string_free(match, FALSE);
}

static gboolean
listed(const json_t *list, gint64 id)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one) if (json_integer_value(json_object_get(
						 one, "id")) == id) return TRUE;
	return FALSE;
}

/* Adds the ticket of one hit, unless it is there, gone or erased. */
static gboolean
add_hit(struct local *local, gint64 message_id, json_t *list, GError **error)
{
	g_autoptr(GError) fault = NULL;
	json_t *ticket = NULL, *message = NULL;
	gboolean found;

	found =
	    local_message_json(local, message_id, &ticket, &message, &fault);
	if (found && !json_is_true(json_object_get(message, "erased")) &&
	    !listed(list, json_integer_value(json_object_get(ticket, "id"))))
		json_array_append(list, ticket);
	json_decref(ticket);
	json_decref(message);
	if (found || err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

static json_t *
hits_json(struct local *local, const char *match, guint limit, GError **error)
{
	struct sql_rows *rows OWNED(sql_rows_free) = NULL;
	g_autoptr(GError) fault = NULL;
	json_t *list = NULL;

	rows = sql_query(local->index,
	    "SELECT rowid FROM words WHERE words MATCH ?1 ORDER BY rank LIMIT "
	    "?2",
	    SQL_VALUES(
		sql_str(match), sql_int((gint64)limit * HITS_PER_TICKET)),
	    error);
	if (rows == NULL)
		return NULL;
	list = json_array();
	while (fault == NULL && json_array_size(list) < limit &&
	       sql_next(rows, &fault))
		add_hit(local, sql_column_int(rows, 0), list, &fault);
	if (fault == NULL)
		return list;
	json_decref(list);
	g_propagate_error(error, g_steal_pointer(&fault));
	return NULL;
}

json_t *
desk_local_search(
    struct desk *desk, const char *text, guint limit, GError **error)
{
	struct local *local = local_of(desk);
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_autofree char *match = match_of(valid);

	if (match[0] == '\0') {
		err_set(error, DG_ERROR_BAD, "no word to search for");
		return NULL;
	}
	if (!local_index_update(local, error)) {
		g_prefix_error(error, "search index: ");
		return NULL;
	}
	return hits_json(local, match,
	    limit != 0 ? MIN(limit, MAX_LIMIT) : DEFAULT_LIMIT, error);
}
