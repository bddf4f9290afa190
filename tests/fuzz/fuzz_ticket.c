/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any JSON as the ticket that a reader answers with: it is refused, or is one
 * that desks can do with, and reads the same after it was written.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "tickets/ticket.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
must_be_text(const char *text)
{
	g_assert(text == NULL || g_utf8_validate(text, -1, NULL));
}

static void
check(struct ticket *ticket)
{
	g_autofree char *full = ticket_full_text(ticket);

	g_assert(ticket->requester_address != NULL);
	g_assert(ticket->subject != NULL && ticket->text != NULL);
	g_assert(ticket_person_name(ticket) != NULL);
	g_assert(strlen(full) >= strlen(ticket->text));
	must_be_text(full);
	must_be_text(ticket->subject);
	(void)ticket_is_silent(ticket);
	for (guint i = 0; i < ticket->files->len; i++) {
		const struct ticket_file *file = ticket->files->pdata[i];

		g_assert(file->name != NULL && file->type != NULL);
	}
	g_assert(verdict_word(ticket->verdict.class) != NULL);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	json_t *object = json_loadb((const char *)data, size, 0, NULL);
	struct ticket *ticket OWNED(ticket_free) = NULL;
	struct ticket *again OWNED(ticket_free) = NULL;

	if (object == NULL)
		return 0;
	ticket = ticket_from_json(object, NULL);
	json_decref(object);
	if (ticket == NULL)
		return 0;
	check(ticket);
	object = ticket_to_json(ticket);
	again = ticket_from_json(object, NULL);
	json_decref(object);
	g_assert(again != NULL);
	g_assert_cmpstr(again->subject, ==, ticket->subject);
	g_assert_cmpstr(
	    again->requester_address, ==, ticket->requester_address);
	ticket_add_lines(again, "--\nSupport\n");
	check(again);
	return 0;
}
