/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The values all desks share.
 */
#include "tickets/desk.h"

void
desk_ticket_clear(struct desk_ticket *ticket)
{
	g_clear_pointer(&ticket->id, g_free);
	g_clear_pointer(&ticket->code, g_free);
}

json_t *
desk_text(const char *text)
{
	g_autofree char *valid = NULL;
	json_t *value;

	if (text == NULL)
		return json_null();
	value = json_string(text);
	if (value != NULL)
		return value;
	valid = g_utf8_make_valid(text, -1);
	return json_string(valid);
}
