/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threading.  Ids and tags are not secret: a mail that quotes one and comes
 * from somebody else must not write into a customer's ticket, so the sender
 * decides. The first place where he takes part wins over an earlier one where
 * he does not: his own answer further down in References is still his.
 */
#include "tickets/thread.h"

#include "lib/base/err.h"

#define REFERENCES_MAX 20

/* Takes in one answer of the ledger; TRUE: look no further. */
static gboolean
consider(struct thread *thread, const struct ledger_place *place)
{
	if (place->takes_part) {
		thread->joins = TRUE;
		thread->refers = FALSE;
		thread->place = *place;
		return TRUE;
	}
	if (!thread->refers) {
		thread->refers = TRUE;
		thread->place = *place;
	}
	return FALSE;
}

/* "Not there" is an answer, not a fault. */
static gboolean
absent(GError **fault, GError **error)
{
	if (err_is(*fault, DG_ERROR_NOTFOUND)) {
		g_clear_error(fault);
		return TRUE;
	}
	g_propagate_error(error, g_steal_pointer(fault));
	return FALSE;
}

static gboolean
find_references(struct ledger *ledger, const struct ledger_question *question,
    const GPtrArray *references, struct thread *thread, GError **error)
{
	guint count = references == NULL ? 0 : references->len;

	for (guint i = 0; i < MIN(count, REFERENCES_MAX); i++) {
		g_autoptr(GError) fault = NULL;
		struct ledger_place place;

		if (ledger_by_id(ledger, question, references->pdata[i], &place,
			&fault)) {
			if (consider(thread, &place))
				return TRUE;
		} else if (!absent(&fault, error)) {
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
find_repeated(struct ledger *ledger, const struct ledger_question *question,
    const char *message_id, struct thread *thread, GError **error)
{
	g_autoptr(GError) fault = NULL;
	struct ledger_place place;

	if (message_id == NULL)
		return TRUE;
	if (ledger_by_id(ledger, question, message_id, &place, &fault)) {
		thread->repeated_id = place.same_inbox;
		return TRUE;
	}
	return absent(&fault, error);
}

gboolean
thread_find(struct ledger *ledger, const struct ledger_question *question,
    const struct ticket *ticket, struct thread *thread_r, GError **error)
{
	g_autoptr(GError) fault = NULL;
	struct ledger_place place;

	*thread_r = (struct thread){ 0 };
	if (!find_repeated(
		ledger, question, ticket->message_id, thread_r, error))
		return FALSE;
	if (ticket->subject_tag != NULL) {
		if (ledger_by_code(ledger, question, ticket->subject_tag,
			&place, &fault)) {
			if (consider(thread_r, &place))
				return TRUE;
		} else if (!absent(&fault, error)) {
			return FALSE;
		}
	}
	return find_references(
	    ledger, question, ticket->references, thread_r, error);
}

char *
thread_note(const struct thread *thread)
{
	GString *note = g_string_new(NULL);

	if (thread->refers && !thread->joins)
		g_string_append_printf(note,
		    "Refers to ticket %s, which the sender takes no part in.",
		    thread->place.code[0] != '\0' ? thread->place.code
						  : thread->place.ticket);
	if (thread->repeated_id)
		g_string_append_printf(note,
		    "%srepeated-id: another message came with this one's "
		    "Message-ID.",
		    note->len > 0 ? " " : "");
	return g_string_free(note, note->len == 0);
}
