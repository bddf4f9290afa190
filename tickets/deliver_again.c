/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading again what became a ticket, after a fix of the reading: the raw
 * source is there as long as raw-retention says.
 *
 * What the desk has is left as it is, agents may have worked on it: what is
 * read today goes there as a note.
 */
#include "tickets/deliver_private.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/unicode.h"

static char *
make_note(const struct ticket *ticket)
{
	GString *text = g_string_new("Read again by Deskgate.\n");

	g_assert(ticket != NULL);
	g_string_append_printf(text, "From: %s\nSubject: %s\n",
	    ticket->requester_address, ticket->subject);
	for (guint i = 0; i < ticket->files->len; i++) {
		const struct ticket_file *file = ticket->files->pdata[i];
		gsize size = g_bytes_get_size(file->bytes);

		g_string_append_printf(text,
		    "File: %s (%s, %" G_GSIZE_FORMAT " byte%s)\n", file->name,
		    file->type, size, size == 1 ? "" : "s");
	}
	g_string_append_printf(text, "\n%s", ticket->text);
	if (text->len > DESK_NOTE_MAX)
		unicode_cut(text->str, DESK_NOTE_MAX);
	return g_string_free(text, FALSE);
}

static gboolean
note(struct delivery *delivery, GError **error)
{
	g_autofree char *text = make_note(delivery->ticket);
	struct desk *desk = deliver_lock_desk(
	    delivery->deliver, delivery->record.desk, NULL, error);
	gboolean done;

	if (desk == NULL)
		return FALSE;
	done = desk->ops->note != NULL
		   ? desk->ops->note(desk, delivery->record.ticket, text, error)
		   : err_set(error, DG_ERROR_BAD,
			 "the desk \"%s\" takes no notes", desk->name);
	deliver_unlock_desk(delivery->deliver, desk);
	return done;
}

static gboolean
read_again(struct delivery *delivery, GError **error)
{
	struct deliver *deliver = delivery->deliver;
	gint64 came;

	if (!spool_time(deliver->world.spool, &delivery->key, &came, NULL))
		return err_set(error, DG_ERROR_NOTFOUND,
		    "no message of this id is kept (\"deskgate queue list "
		    "--all\")");
	if (!deliver_record(deliver, &delivery->key, &delivery->record, error))
		return FALSE;
	if (delivery->record.ticket[0] == '\0')
		return err_set(error, DG_ERROR_BAD,
		    "it is no ticket yet; \"queue retry\" or \"quarantine "
		    "release\" reads it with what is read today");
	return vaulted_read(&deliver->vaulted, &delivery->key, &delivery->entry,
		   &delivery->message, error) &&
	       delivery_convert(delivery, error);
}

gboolean
deliver_reprocess(struct deliver *deliver, const struct ident *key,
    char **code_r, GError **error)
{
	struct delivery delivery = { .deliver = deliver, .key = *key };
	gboolean done = read_again(&delivery, error) && note(&delivery, error);
	char name[IDENT_TEXT];

	*code_r = done ? g_strdup(delivery.record.code) : NULL;
	if (done) {
		ident_text(key, name);
		log_event(LOG_LEVEL_INFO, "reprocessed", "id", name, "ticket",
		    delivery.record.code, NULL);
	}
	delivery_clear(&delivery);
	return done;
}
