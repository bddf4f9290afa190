/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Notes that are due.
 */
#include "tickets/note.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/base/unicode.h"
#include "lib/mail/addr.h"
#include "tickets/deliver_private.h"

/* Of each kind, in one turn. */
#define TURN_MOST 20
/* Tries of a note that was certainly not written: two days, by default. */
#define TRIES_MOST 50
#define CONTEXT "note"

static const enum ledger_due_kind kinds[] = { LEDGER_DUE_NOTE,
	LEDGER_DUE_AGAIN };

/* The key of whom the entry is wrapped to; NULL with NOTFOUND when he, or it,
 * is gone. */
static struct secret *
key_of(struct deliver *deliver, const struct ident *entry, GError **error)
{
	struct ident subject;

	if (!vaulted_subject(&deliver->vaulted, entry, &subject)) {
		err_set(error, DG_ERROR_NOTFOUND, "whose it was is gone");
		return NULL;
	}
	return vault_key(deliver->world.vault, &subject, FALSE, error);
}

gboolean
note_want(struct deliver *deliver, const struct note *note, gint64 next,
    GError **error)
{
	struct secret *key OWNED(secret_free) =
	    key_of(deliver, note->key, error);
	g_autoptr(GBytes) plain = g_bytes_new(note->text, strlen(note->text));
	g_autoptr(GBytes) sealed = NULL;
	g_autofree char *text = NULL;
	gconstpointer data;
	gsize length;

	if (key == NULL)
		return FALSE;
	sealed = seal_stream(key, CONTEXT, plain);
	data = g_bytes_get_data(sealed, &length);
	text = g_base64_encode(data, length);
	return ledger_due_want(deliver->world.ledger, note->kind, note->key,
	    next,
	    json_pack("{s:s, s:s, s:s}", "desk", note->desk, "ticket",
		note->ticket, "text", text),
	    error);
}

/* --- one of them */

struct writing {
	struct deliver *deliver;
	enum ledger_due_kind kind;
	struct ident key;
	json_t *record;
};

static const char *
text_of(const struct writing *writing, const char *name)
{
	const char *text =
	    json_string_value(json_object_get(writing->record, name));

	return text != NULL ? text : "";
}

static char *
open_text(const struct writing *writing, GError **error)
{
	struct secret *key OWNED(secret_free) =
	    key_of(writing->deliver, &writing->key, error);
	g_autofree guchar *sealed = NULL;
	g_autoptr(GBytes) plain = NULL;
	gconstpointer data;
	gsize length;

	if (key == NULL)
		return NULL;
	sealed = g_base64_decode(text_of(writing, "text"), &length);
	plain = seal_stream_open(key, CONTEXT, sealed, length, error);
	if (plain == NULL)
		return NULL;
	data = g_bytes_get_data(plain, &length);
	return g_strndup(data, length);
}

static gboolean
call_desk(const struct writing *writing, const char *text, GError **error)
{
	const char *name = text_of(writing, "desk");
	struct desk *desk;
	gboolean done;

	if (deliver_desk_rests(writing->deliver, name))
		return err_set(error, DG_ERROR_AGAIN,
		    "the desk is left alone: its inboxes take no mail");
	desk = deliver_lock_desk(writing->deliver, name, NULL, error);
	if (desk == NULL)
		return FALSE;
	done =
	    desk->ops->note != NULL
		? desk->ops->note(desk, text_of(writing, "ticket"), text, error)
		: err_set(error, DG_ERROR_BAD, "the desk \"%s\" takes no notes",
		      name);
	deliver_unlock_desk(writing->deliver, desk);
	return done;
}

/* Where a person looks: as the reason of its entry. */
static void
tell(const struct writing *writing, const GError *fault)
{
	const struct deliver_world *world = &writing->deliver->world;
	gboolean maybe = err_is(fault, DG_ERROR_IO);
	g_autofree char *hidden = addr_hide(fault->message);
	g_autofree char *whole = g_strdup_printf("its note %s: %s",
	    maybe ? "may be missing" : "was not written", hidden);
	g_autofree char *line = NULL;
	struct ledger_entry record;

	if (!ledger_get(world->ledger, &writing->key, &record, NULL))
		return;
	line = unicode_line(whole, sizeof(record.reason) - 1);
	g_strlcpy(record.reason, line, sizeof(record.reason));
	if (!ledger_put(world->ledger, &writing->key, &record, NULL, NULL))
		log_event(LOG_LEVEL_ERROR, "note-not-told", NULL);
}

/* Whether it is tried again: only what is certainly not there. */
static gboolean
is_again(const GError *fault, guint tries)
{
	return (err_is(fault, DG_ERROR_AGAIN) ||
		   err_is(fault, DG_ERROR_DENIED)) &&
	       tries < TRIES_MOST;
}

static void
log_end(const struct writing *writing, const GError *fault, gboolean again)
{
	g_autofree char *hidden =
	    fault != NULL ? addr_hide(fault->message) : NULL;
	g_autoptr(GError) told =
	    fault != NULL
		? g_error_new_literal(fault->domain, fault->code, hidden)
		: NULL;
	char name[IDENT_TEXT];

	ident_text(&writing->key, name);
	if (fault == NULL)
		log_event(LOG_LEVEL_INFO, "noted", "id", name, "desk",
		    text_of(writing, "desk"), NULL);
	else
		log_error(LOG_LEVEL_WARN, told, "no-note", "id", name, "desk",
		    text_of(writing, "desk"), "again", again ? "yes" : "no",
		    NULL);
}

/* TRUE when it is over, one way or the other. */
static gboolean
settle(const struct writing *writing, const GError *fault)
{
	const struct deliver_world *world = &writing->deliver->world;
	guint tries = (guint)json_integer_value(
			  json_object_get(writing->record, "tries")) +
		      1;
	gboolean again = is_again(fault, tries);
	gint64 delay =
	    retry_delay(&writing->deliver->limits, tries, delivery_chance());
	g_autoptr(GError) error = NULL;

	log_end(writing, fault, again);
	if (fault != NULL && !again && !err_is(fault, DG_ERROR_NOTFOUND))
		tell(writing, fault);
	if (again
		? !ledger_due_again(world->ledger, writing->kind, &writing->key,
		      clock_wall(world->clock) + delay * G_USEC_PER_SEC, tries,
		      &error)
		: !ledger_due_end(
		      world->ledger, writing->kind, &writing->key, &error))
		log_error(LOG_LEVEL_ERROR, error, "note-not-kept", NULL);
	return !again && error == NULL;
}

static gboolean
write_one(
    struct deliver *deliver, enum ledger_due_kind kind, const struct ident *key)
{
	struct writing writing = { deliver, kind, *key, NULL };
	g_autoptr(GError) fault = NULL;
	g_autofree char *text = NULL;
	gboolean good;

	if (!ledger_due_begin(
		deliver->world.ledger, kind, key, &writing.record, &fault)) {
		good = err_is(fault, DG_ERROR_NOTFOUND);
		if (!good)
			log_error(
			    LOG_LEVEL_ERROR, fault, "note-not-kept", NULL);
		return good;
	}
	text = open_text(&writing, &fault);
	if (text != NULL)
		(void)call_desk(&writing, text, &fault);
	good = settle(&writing, fault);
	json_decref(writing.record);
	return good;
}

/* --- all of them */

void
note_now(
    struct deliver *deliver, enum ledger_due_kind kind, const struct ident *key)
{
	(void)write_one(deliver, kind, key);
}

void
note_turn(struct deliver *deliver)
{
	for (guint k = 0; k < G_N_ELEMENTS(kinds); k++) {
		gboolean good = TRUE;

		for (guint i = 0; good && i < TURN_MOST; i++) {
			struct ident key;
			guint tries;

			good = g_atomic_int_get(&deliver->stopping) == 0 &&
			       ledger_due_next(deliver->world.ledger, kinds[k],
				   clock_wall(deliver->world.clock), &key,
				   &tries, NULL) &&
			       write_one(deliver, kinds[k], &key);
		}
	}
}

gboolean
note_heal(struct deliver *deliver, gboolean all, GError **error)
{
	for (guint k = 0; k < G_N_ELEMENTS(kinds); k++) {
		guint dropped = 0;

		if (!ledger_due_drop(
			deliver->world.ledger, kinds[k], all, &dropped, error))
			return FALSE;
		if (dropped > 0)
			log_event(LOG_LEVEL_WARN, "notes-dropped", NULL);
	}
	return TRUE;
}
