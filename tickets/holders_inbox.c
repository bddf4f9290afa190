/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the spool, the desks and the ledger hold of an inbox.
 */
#include "lib/base/err.h"
#include "tickets/desk_local.h"
#include "tickets/holders_private.h"
#include "tickets/ledger_inbox.h"

static void
set_count(json_t *counts, const char *kind, gint64 count)
{
	if (count > 0)
		json_object_set_new(counts, kind, json_integer(count));
}

gboolean
holders_inbox_spool(void *self, const struct holder_inbox *inbox,
    json_t *counts, struct holder_erased *erased_r, GError **error)
{
	struct ticket_holders *all = self;
	guint dropped = 0;
	gboolean good =
	    deliver_forget_inbox(all->deliver, inbox, &dropped, error);

	erased_r->outcome = HOLDER_DONE;
	set_count(counts, "messages", dropped);
	return good;
}

/* With the desk's lock held. */
static gboolean
erase_desk(struct place *place, struct desk *desk,
    const struct holder_inbox *inbox, gint64 *tickets_r, GError **error)
{
	struct ticket_holders *all = place->all;
	g_autoptr(GArray) people =
	    desk_local_inbox_people(desk, inbox->name, error);
	g_autoptr(GPtrArray) shared = NULL;

	if (people == NULL ||
	    (!inbox->again && !deliver_may_forget(all->deliver, people, error)))
		return FALSE;
	shared =
	    ledger_inbox_shared(all->ledger, place->desk, inbox->name, error);
	return shared != NULL && desk_local_erase_inbox(desk, inbox->name,
				     shared, tickets_r, error);
}

gboolean
holders_inbox_desk(void *self, const struct holder_inbox *inbox, json_t *counts,
    struct holder_erased *erased_r, GError **error)
{
	struct place *place = self;
	struct desk *desk = place_lock(place, error);
	gint64 tickets = 0;
	gboolean good;

	if (desk == NULL)
		return FALSE;
	erased_r->outcome = HOLDER_DONE;
	good = erase_desk(place, desk, inbox, &tickets, error);
	set_count(counts, "tickets", tickets);
	place_unlock(place, desk);
	return good;
}

gboolean
holders_inbox_ledger(void *self, const struct holder_inbox *inbox,
    json_t *counts, struct holder_erased *erased_r, GError **error)
{
	struct ticket_holders *all = self;
	guint gone;

	if (!ledger_inbox_forget(all->ledger, inbox->name, &gone, error))
		return FALSE;
	erased_r->outcome = HOLDER_DONE;
	set_count(counts, "records", gone);
	return TRUE;
}

json_t *
ticket_holders_others(
    const struct ticket_holders *holders, const char *inbox, GError **error)
{
	json_t *tickets = ledger_inbox_tickets(holders->ledger, inbox, error);
	json_t *others = tickets == NULL ? NULL : json_array();

	for (guint i = 0; others != NULL && i < holders->places->len; i++) {
		const struct place *place = holders->places->pdata[i];
		json_t *one;

		if (place->local)
			continue;
		one = json_pack("{s:s, s:s, s:s}", "holder", place->name,
		    "outcome", holder_outcome_word(HOLDER_REFUSED), "words",
		    "what it holds of this inbox is its own: erase it there");
		set_count(one, "tickets",
		    json_integer_value(json_object_get(tickets, place->desk)));
		json_array_append_new(others, one);
	}
	json_decref(tickets);
	return others;
}
