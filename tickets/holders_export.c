/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Handing out what the spool, the desks and the ledger hold of a person.
 *
 * What cannot be opened any more is told as a row of its own, so that nobody is
 * given less without a word.
 */
#include "tickets/holders_private.h"

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tickets/desk_local.h"
#include "tickets/ledger_person.h"

/* --- the spool --- */

static void
add_entry(json_t *row, const struct entry *entry)
{
	g_autofree char *received = clock_text(entry->received);
	g_autofree char *why = verdict_brief(&entry->verdict, 10);

	json_object_set_new(row, "received", json_string(received));
	json_object_set_new(row, "inbox", json_string(entry->inbox));
	json_object_set_new(
	    row, "sender", json_string(entry->envelope->sender));
	json_object_set_new(row, "recipient", json_string(entry->recipient));
	json_object_set_new(row, "size", json_integer((json_int_t)entry->size));
	json_object_set_new(
	    row, "action", json_string(entry_action_word(entry->action)));
	json_object_set_new(row, "verdict", verdict_to_json(&entry->verdict));
	json_object_set_new(row, "why", json_string(why));
}

static void
add_delivery(json_t *row, const struct ledger_entry *known)
{
	json_object_set_new(row, "desk", json_string(known->desk));
	json_object_set_new(row, "ticket", json_string(known->code));
	json_object_set_new(row, "attempts", json_integer(known->attempts));
	if (known->reason[0] != '\0')
		json_object_set_new(row, "reason", json_string(known->reason));
}

/* Damaged, erased or gone: said in the row; other faults are ours. */
static gboolean
say_unreadable(json_t *row, GError *fault, GError **error)
{
	if (!err_is(fault, DG_ERROR_NOTFOUND) && !err_is(fault, DG_ERROR_BAD)) {
		g_propagate_error(error, fault);
		return FALSE;
	}
	json_object_set_new(row, "unreadable", json_string(fault->message));
	g_error_free(fault);
	return TRUE;
}

static gboolean
export_message(struct ticket_holders *all, const struct ident *key,
    const struct handout *handout, json_t *row, GError **error)
{
	struct entry *entry OWNED(entry_free) = NULL;
	g_autoptr(GBytes) message = NULL;
	g_autofree char *path = NULL;
	struct ledger_entry known;
	GError *fault = NULL;
	char text[IDENT_TEXT];

	ident_text(key, text);
	json_object_set_new(row, "id", json_string(text));
	if (ledger_get(all->ledger, key, &known, NULL))
		add_delivery(row, &known);
	if (!vaulted_read(&all->vaulted, key, &entry, &message, &fault))
		return say_unreadable(row, fault, error);
	add_entry(row, entry);
	path = g_strdup_printf("messages/%s.eml", text);
	return handout_put(handout, row, path, message, error);
}

gboolean
holders_export_spool(void *self, const struct person *person,
    const struct handout *handout, GError **error)
{
	struct ticket_holders *all = self;
	g_autoptr(GArray) keys = spool_keys(all->vaulted.spool, error);
	json_t *messages = json_array();

	json_object_set_new(handout->data, "messages", messages);
	for (guint i = 0; keys != NULL && i < keys->len; i++) {
		const struct ident *key = &g_array_index(keys, struct ident, i);
		enum spool_state state;
		struct ident subject;
		json_t *row;

		if (!vaulted_subject(&all->vaulted, key, &subject) ||
		    !person_has(person, &subject) ||
		    !spool_state(all->vaulted.spool, key, &state, NULL))
			continue;
		row = json_object();
		json_array_append_new(messages, row);
		json_object_set_new(
		    row, "state", json_string(spool_state_word(state)));
		if (!export_message(all, key, handout, row, error))
			return FALSE;
	}
	return keys != NULL;
}

/* --- desks --- */

gboolean
holders_export_desk(void *self, const struct person *person,
    const struct handout *handout, GError **error)
{
	struct place *place = self;
	struct desk *desk;
	gboolean good;

	/* It may hang, so it is not waited for. */
	if (!place->local) {
		json_object_set_new(handout->data, "elsewhere",
		    json_string("what this desk holds is to be handed out "
				"there; the ledger says which tickets"));
		return TRUE;
	}
	desk = place_lock(place, error);
	if (desk == NULL)
		return FALSE;
	good = desk_local_export(desk, person, handout, error);
	place_unlock(place, desk);
	return good;
}

/* --- the ledger --- */

gboolean
holders_export_ledger(void *self, const struct person *person,
    const struct handout *handout, GError **error)
{
	struct ticket_holders *all = self;

	return ledger_person_export(all->ledger, person, handout->data, error);
}
