/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The embedded desk: one SQLite database under our own state folder.
 *
 * It is a desk like any other (desk.h), with one difference that deliver may
 * rely on: create and append are exactly-once by themselves.  The entry's key
 * is unique among messages, so a second call with the same key finds the ticket
 * of the first and answers it.  A ticket, its first message, its attachments
 * and the note to the agents come in one transaction.
 *
 * find goes by the entry's key alone: the same Message-ID with another text is
 * another message and gets its own ticket (only without a key is the Message-ID
 * asked).
 */
#include "tickets/desk_local_private.h"

#include <errno.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

#define FILE_NAME "desk.sqlite"

gboolean
desk_local_is(const struct desk *desk)
{
	return desk != NULL && desk->ops == &desk_local_ops;
}

struct local *
local_of(struct desk *desk)
{
	g_assert(desk_local_is(desk));
	return (struct local *)desk;
}

gint64
local_now(const struct local *local)
{
	return clock_wall(local->clock);
}

gboolean
local_parse_code(const char *code, gint64 *id_r, GError **error)
{
	guint64 number = 0;

	if (code == NULL ||
	    !g_ascii_string_to_unsigned(code[0] == '#' ? code + 1 : code, 10, 1,
		G_MAXINT64, &number, NULL))
		return err_set(error, DG_ERROR_BAD,
		    "not the code of a ticket (a number like 7)");
	*id_r = (gint64)number;
	return TRUE;
}

static void
local_close(struct desk *desk)
{
	struct local *local = local_of(desk);

	sql_close(&local->index);
	sql_close(&local->sql);
	g_free(local->index_path);
	g_free(local->desk.name);
	g_free(local);
}

static struct desk *
local_open_desk(const struct conf_section *settings,
    const struct desk_world *world, GError **error)
{
	g_autofree char *path =
	    g_build_filename(world->state_dir, FILE_NAME, NULL);
	struct local *local = g_new0(struct local, 1);

	local->desk.ops = &desk_local_ops;
	local->desk.name =
	    g_strdup(settings != NULL ? conf_title(settings) : "local");
	local->vault = world->vault;
	local->subject_key = world->subject_key;
	local->clock = world->clock != NULL ? world->clock : &clock_system;
	local->index_path =
	    g_build_filename(world->state_dir, "desk-index.sqlite", NULL);
	if (!local_begin(local, world, path, error)) {
		g_prefix_error(error, "embedded desk: ");
		local_close(&local->desk);
		return NULL;
	}
	return &local->desk;
}

/* NOTFOUND when this delivery has not been here yet. */
static gboolean
ticket_of_entry(
    struct local *local, const struct ident *key, gint64 *id_r, GError **error)
{
	return sql_one_int(local->sql,
	    "SELECT ticket FROM message WHERE entry = ?1",
	    SQL_VALUES(sql_mem(key->bytes, IDENT_BYTES)), id_r, error);
}

/* The person's row: made, or its name and address brought up to date. */
static gboolean
put_contact(struct local *local, const struct local_parts *parts, gint64 *id_r,
    GError **error)
{
	struct sql_value person = sql_mem(parts->person.bytes, IDENT_BYTES);

	return sql_run(local->sql,
		   "INSERT INTO contact (subject, created, sealed)"
		   " VALUES (?1, ?2, ?3)"
		   " ON CONFLICT (subject) DO UPDATE SET sealed = "
		   "excluded.sealed",
		   SQL_VALUES(person, sql_int(local_now(local)),
		       sql_bytes(parts->contact)),
		   error) &&
	       sql_one_int(local->sql,
		   "SELECT id FROM contact WHERE subject = ?1",
		   SQL_VALUES(person), id_r, error);
}

static gboolean
put_files(struct local *local, gint64 message, const struct local_parts *parts,
    GError **error)
{
	for (guint i = 0; i < parts->files->len; i++) {
		const struct local_file *file = parts->files->pdata[i];

		if (!sql_run(local->sql,
			"INSERT INTO attachment (message, size, sealed, bytes)"
			" VALUES (?1, ?2, ?3, ?4)",
			SQL_VALUES(sql_int(message),
			    sql_int((gint64)file->size), sql_bytes(file->about),
			    sql_bytes(file->bytes)),
			error))
			return FALSE;
	}
	return TRUE;
}

/* The origin of what person ?2 writes on another's ticket ?1 that his own was
 * merged into: that, the newest if there are more; else none. */
#define ORIGIN \
	"(SELECT max(t.id) FROM ticket t JOIN ticket p ON p.id = t.merged" \
	" WHERE p.id = ?1 AND t.requester = ?2 AND p.requester <> ?2)"

static gboolean
put_note(struct local *local, gint64 id, gint64 contact,
    const struct local_parts *parts, GError **error)
{
	gint64 now = local_now(local);

	return parts->note == NULL ||
	       sql_run(local->sql,
		   "INSERT INTO message (ticket, author, contact, sent, added,"
		   " sealed, origin)"
		   " VALUES (?1, 'deskgate', ?2, ?3, ?3, ?4, " ORIGIN ")",
		   SQL_VALUES(sql_int(id), sql_int(contact), sql_int(now),
		       sql_bytes(parts->note)),
		   error);
}

static gboolean
put_message(struct local *local, gint64 id, gint64 contact,
    const struct local_parts *parts, GError **error)
{
	const void *mail = parts->has_mail ? parts->mail : NULL;

	return sql_run(local->sql,
		   "INSERT INTO message (ticket, author, contact, entry, mail,"
		   " sent, added, sealed, origin) VALUES"
		   " (?1, 'customer', ?2, ?3, ?4, ?5, ?6, ?7, " ORIGIN ")",
		   SQL_VALUES(sql_int(id), sql_int(contact),
		       sql_mem(parts->entry.bytes, IDENT_BYTES),
		       sql_mem(mail, IDENT_BYTES), sql_int(parts->sent),
		       sql_int(local_now(local)), sql_bytes(parts->message)),
		   error) &&
	       put_files(local, sql_last_id(local->sql), parts, error) &&
	       put_note(local, id, contact, parts, error);
}

static gboolean
put_tag(struct local *local, gint64 id, gboolean wanted, const char *word,
    GError **error)
{
	return !wanted ||
	       sql_run(local->sql, "INSERT OR IGNORE INTO tag VALUES (?1, ?2)",
		   SQL_VALUES(sql_int(id), sql_str(word)), error);
}

/* "automatic" and "unread" too, so that lists can be filtered by them. */
static gboolean
put_tags(
    struct local *local, gint64 id, const struct ticket *ticket, GError **error)
{
	for (guint i = 0; ticket->tags != NULL && i < ticket->tags->len; i++) {
		if (!put_tag(local, id, TRUE, ticket->tags->pdata[i], error))
			return FALSE;
	}
	return put_tag(local, id, ticket->automatic, "automatic", error) &&
	       put_tag(local, id, ticket->unread, "unread", error);
}

static const char *
first_status(const struct ticket *ticket)
{
	if (ticket->spam)
		return "spam";
	return ticket->status != NULL ? ticket->status : "new";
}

static gboolean
put_ticket(struct local *local, const struct local_parts *parts,
    const struct ticket *ticket, gint64 *id_r, GError **error)
{
	gint64 contact = 0;

	if (!put_contact(local, parts, &contact, error) ||
	    !sql_run(local->sql,
		"INSERT INTO ticket (status, inbox, requester, created, "
		"changed, sealed, priority, department)"
		" VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7)",
		SQL_VALUES(sql_str(first_status(ticket)),
		    sql_str(ticket->inbox), sql_int(contact),
		    sql_int(local_now(local)), sql_bytes(parts->ticket),
		    sql_str(ticket->priority), sql_str(ticket->department)),
		error))
		return FALSE;
	*id_r = sql_last_id(local->sql);
	return put_message(local, *id_r, contact, parts, error) &&
	       put_tags(local, *id_r, ticket, error);
}

static void
set_made(gint64 id, struct desk_ticket *made_r)
{
	made_r->id = g_strdup_printf("%" G_GINT64_FORMAT, id);
	made_r->code = g_strdup(made_r->id);
}

/* Begins; *had_r is the ticket this delivery made before, or 0. */
static gboolean
begin_delivery(
    struct local *local, const struct ident *key, gint64 *had_r, GError **error)
{
	g_autoptr(GError) unknown = NULL;

	*had_r = 0;
	if (!sql_begin(local->sql, error))
		return FALSE;
	if (ticket_of_entry(local, key, had_r, &unknown) ||
	    err_is(unknown, DG_ERROR_NOTFOUND))
		return TRUE;
	sql_abort(local->sql);
	g_propagate_error(error, g_steal_pointer(&unknown));
	return FALSE;
}

/* What fails in the index is brought up by the next search. */
static gboolean
end_delivery(struct local *local, gboolean done, GError **error)
{
	if (!done) {
		sql_abort(local->sql);
		return FALSE;
	}
	if (!sql_commit(local->sql, error))
		return FALSE;
	local_index_update(local, NULL);
	return TRUE;
}

static gboolean
local_create(struct desk *desk, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *made_r, GError **error)
{
	struct local *local = local_of(desk);
	struct local_parts *parts OWNED(local_parts_free) = NULL;
	gint64 id = 0;
	gboolean done;

	parts = local_parts_new(local, ticket, key, error);
	if (parts == NULL || !begin_delivery(local, key, &id, error))
		return FALSE;
	done = id != 0 || put_ticket(local, parts, ticket, &id, error);
	if (!end_delivery(local, done, error))
		return FALSE;
	set_made(id, made_r);
	return TRUE;
}

/* A customer who writes again opens a closed ticket, a program does not; spam
 * stays spam until a person says otherwise. */
static gboolean
put_follow_up(struct local *local, gint64 id, const struct local_parts *parts,
    GError **error)
{
	gint64 contact = 0;

	if (!sql_run(local->sql,
		"UPDATE ticket SET changed = ?2, status ="
		" CASE WHEN status = 'closed' AND NOT ?3 THEN 'open'"
		" ELSE status END WHERE id = ?1",
		SQL_VALUES(sql_int(id), sql_int(local_now(local)),
		    sql_int(parts->automatic)),
		error))
		return FALSE;
	if (sql_changed(local->sql) == 0)
		return err_set(error, DG_ERROR_NOTFOUND, "no such ticket");
	return put_contact(local, parts, &contact, error) &&
	       put_message(local, id, contact, parts, error);
}

static gboolean
local_append(struct desk *desk, const char *code, const struct ticket *ticket,
    const struct ident *key, GError **error)
{
	struct local *local = local_of(desk);
	struct local_parts *parts OWNED(local_parts_free) = NULL;
	gint64 id = 0, had = 0;
	gboolean done;

	if (!local_parse_code(code, &id, error))
		return FALSE;
	parts = local_parts_new(local, ticket, key, error);
	if (parts == NULL || !begin_delivery(local, key, &had, error))
		return FALSE;
	done = had != 0 || put_follow_up(local, id, parts, error);
	return end_delivery(local, done, error);
}

static gboolean
local_find(struct desk *desk, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *found_r, GError **error)
{
	struct local *local = local_of(desk);
	guint8 mail[IDENT_BYTES];
	gint64 id = 0;

	if (key != NULL) {
		if (!ticket_of_entry(local, key, &id, error))
			return FALSE;
	} else {
		if (ticket->message_id == NULL)
			return err_set(error, DG_ERROR_NOTFOUND,
			    "a message without key and Message-ID");
		local_mail_digest(local, ticket->message_id, mail);
		if (!sql_one_int(local->sql,
			"SELECT ticket FROM message WHERE mail = ?1"
			" ORDER BY id LIMIT 1",
			SQL_VALUES(sql_mem(mail, IDENT_BYTES)), &id, error))
			return FALSE;
	}
	set_made(id, found_r);
	return TRUE;
}

static gboolean
local_health(struct desk *desk, GError **error)
{
	gint64 tickets = 0;

	return desk_local_count(desk, &tickets, error);
}

/* A database that opens may still be damaged: the quick check reads it all. */
static gboolean
local_test(struct desk *desk, struct desk_report *report, GError **error)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) fault = NULL;
	gint64 tickets = 0, damaged = 0;

	(void)error;
	if (!desk_local_count(desk, &tickets, &fault) ||
	    !sql_one_int(local_of(desk)->sql,
		"SELECT count(*) FROM pragma_quick_check(1)"
		" WHERE quick_check <> 'ok'",
		SQL_NONE, &damaged, &fault) ||
	    damaged > 0) {
		desk_report_add(report, DESK_FAIL, "reach",
		    fault != NULL ? fault->message : "desk.sqlite is damaged",
		    "stop Deskgate and restore desk.sqlite from a backup");
		return TRUE;
	}
	text = g_strdup_printf(
	    "desk.sqlite is sound, with %" G_GINT64_FORMAT " tickets", tickets);
	desk_report_add(report, DESK_OK, "reach", text, NULL);
	return TRUE;
}

const struct desk_ops desk_local_ops = {
	.type = "local",
	.open = local_open_desk,
	.close = local_close,
	.create = local_create,
	.append = local_append,
	.find = local_find,
	.look = local_look,
	.change = local_change,
	.note = local_note,
	.changes = local_changes,
	.erase = local_erase,
	.health = local_health,
	.test = local_test,
};

gboolean
desk_local_copy(const char *state_dir, const char *to, GError **error)
{
	g_autofree char *path = g_build_filename(state_dir, FILE_NAME, NULL);
	g_autofree char *copy = g_build_filename(to, FILE_NAME, NULL);

	if (access(path, F_OK) != 0 && errno == ENOENT)
		return TRUE;
	if (sql_copy(path, copy, error))
		return TRUE;
	g_prefix_error(error, "embedded desk: ");
	return FALSE;
}
