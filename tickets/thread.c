/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threading.  Ids and tags are not secret: a mail that quotes one and comes
 * from somebody else must not write into a customer's ticket, so the sender
 * decides. The first place where he takes part wins over an earlier one where
 * he does not: his own answer further down in References is still his.
 */
#include "tickets/thread.h"

#include "lib/base/err.h"
#include "tickets/token.h"

#define REFERENCES_MAX 20

struct search {
	struct ledger *ledger;
	const struct thread_asker *asker;
	const struct ticket *ticket;
	struct thread *thread;
};

typedef gboolean (*look_up)(struct ledger *ledger,
    const struct ledger_question *question, const char *text,
    struct ledger_place *place_r, GError **error);

/* How much a sign is worth to somebody who takes no part. */
enum worth { WORTH_NOTHING, WORTH_REFERENCE };

static guint
length_of(const GPtrArray *list)
{
	return list == NULL ? 0 : list->len;
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
may_join(const struct search *search, const struct ledger_place *place,
    gboolean *may_r, GError **error)
{
	const struct thread_asker *asker = search->asker;

	*may_r = place->takes_part || asker->trusted;
	for (guint i = 0; !*may_r && i < asker->n_also; i++) {
		if (!ledger_takes_part(search->ledger, asker->question->desk,
			place->ticket, &asker->also[i], may_r, error))
			return FALSE;
	}
	return TRUE;
}

/* Asks for one sign and takes in the answer. */
static gboolean
follow(const struct search *search, look_up ask, const char *sign,
    enum worth worth, GError **error)
{
	struct thread *thread = search->thread;
	g_autoptr(GError) fault = NULL;
	struct ledger_place place;
	gboolean may;

	if (thread->joins || sign == NULL)
		return TRUE;
	if (!ask(search->ledger, search->asker->question, sign, &place, &fault))
		return absent(&fault, error);
	if (!may_join(search, &place, &may, error))
		return FALSE;
	if (may) {
		thread->joins = TRUE;
		thread->refers = FALSE;
		thread->place = place;
	} else if (!thread->refers && worth == WORTH_REFERENCE) {
		thread->refers = TRUE;
		thread->place = place;
	}
	return TRUE;
}

static gboolean
follow_all(const struct search *search, const GPtrArray *signs,
    enum worth worth, GError **error)
{
	for (guint i = 0; i < MIN(length_of(signs), REFERENCES_MAX); i++) {
		if (!follow(
			search, ledger_by_id, signs->pdata[i], worth, error))
			return FALSE;
	}
	return TRUE;
}

/* Whose token is proven joins, be he known there or not. */
static gboolean
follow_tokens(const struct search *search, GError **error)
{
	const GPtrArray *tokens = search->ticket->origin.tokens;
	const struct thread_asker *asker = search->asker;
	struct thread *thread = search->thread;

	for (guint i = 0; asker->key != NULL && i < length_of(tokens); i++) {
		g_autoptr(GError) fault = NULL;
		char ticket[TOKEN_TICKET_MAX];

		if (!token_proves(asker->key, asker->question->desk,
			tokens->pdata[i], ticket))
			continue;
		thread->joins = TRUE;
		if (ledger_by_ticket(search->ledger, asker->question, ticket,
			&thread->place, &fault))
			return TRUE;
		/* Forgotten here, and known there perhaps. */
		thread->place = (struct ledger_place){ 0 };
		g_strlcpy(
		    thread->place.ticket, ticket, sizeof(thread->place.ticket));
		return absent(&fault, error);
	}
	return TRUE;
}

static gboolean
find_repeated(const struct search *search, GError **error)
{
	const char *message_id = search->ticket->message_id;
	g_autoptr(GError) fault = NULL;
	struct ledger_place place;

	if (message_id == NULL)
		return TRUE;
	if (ledger_by_id(search->ledger, search->asker->question, message_id,
		&place, &fault)) {
		search->thread->repeated_id = place.same_inbox;
		return TRUE;
	}
	return absent(&fault, error);
}

gboolean
thread_find(struct ledger *ledger, const struct thread_asker *asker,
    const struct ticket *ticket, struct thread *thread_r, GError **error)
{
	const struct search search = { ledger, asker, ticket, thread_r };
	const struct origin *origin = &ticket->origin;

	*thread_r = (struct thread){ 0 };
	if (!find_repeated(&search, error) || !follow_tokens(&search, error) ||
	    !follow(&search, ledger_by_code, ticket->subject_tag,
		WORTH_REFERENCE, error) ||
	    !follow_all(&search, ticket->references, WORTH_REFERENCE, error) ||
	    !follow(&search, ledger_by_code, origin->marker, WORTH_NOTHING,
		error) ||
	    !follow_all(&search, origin->hints, WORTH_NOTHING, error))
		return FALSE;
	if (origin->auth == ORIGIN_FAILED && thread_r->joins) {
		thread_r->joins = FALSE;
		thread_r->refers = TRUE;
	}
	return TRUE;
}

char *
thread_note(const struct thread *thread)
{
	GString *note = g_string_new(NULL);

	if (thread->refers && !thread->joins)
		g_string_append_printf(note,
		    "Refers to ticket %s, which it does not join.",
		    thread->place.code[0] != '\0' ? thread->place.code
						  : thread->place.ticket);
	if (thread->repeated_id)
		g_string_append_printf(note,
		    "%srepeated-id: another message came with this one's "
		    "Message-ID.",
		    note->len > 0 ? " " : "");
	return g_string_free(note, note->len == 0);
}
