/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a sender has asked for, on the ticket of his new mail.  Who has
 * restricted the use of what is stored still writes to get an answer: his mail
 * goes to the desk, marked, unless he was promised that it is held.
 */
#include "tickets/deliver_screen.h"

#define TAG "restricted"

static void
add_tag(struct ticket *ticket)
{
	if (!g_ptr_array_find_with_equal_func(
		ticket->tags, TAG, g_str_equal, NULL))
		g_ptr_array_add(ticket->tags, g_strdup(TAG));
}

static void
note_consent(struct ticket *ticket, const struct consent *consent)
{
	gboolean holds = consent_holds(consent);
	g_autofree char *when =
	    clock_text(holds ? consent->granted : consent->withdrawn);

	if (consent->granted == 0 && consent->withdrawn == 0)
		return;
	ticket_add_note(ticket, "Consent: %s at %s%s%s.",
	    holds ? "granted" : "withdrawn", when,
	    consent->version[0] != '\0' ? ", version " : "", consent->version);
}

gboolean
delivery_standing(struct delivery *delivery, char **reason_r, GError **error)
{
	struct standings *standings = delivery->deliver->world.standings;
	struct ticket *ticket = delivery->ticket;
	struct standing standing;
	struct consent consent;

	*reason_r = NULL;
	if (standings == NULL)
		return TRUE;
	if (!standings_get(standings, &delivery->subject, &standing, error) ||
	    !standings_consent(standings, &delivery->subject,
		delivery->entry->inbox, &consent, error))
		return FALSE;
	note_consent(ticket, &consent);
	if (standing.restricted == 0)
		return TRUE;
	add_tag(ticket);
	ticket_add_note(ticket,
	    "The sender has restricted the use of his data: use nothing older "
	    "than this message without his consent.");
	if (standing.hold && !delivery->record.released)
		*reason_r = g_strdup("its sender's data are restricted, and "
				     "new mail of his is held");
	return TRUE;
}
