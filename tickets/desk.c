/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What all desks share: the table of their types, and the value they answer
 * with.  A new help desk is one adapter file and one line here.
 */
#include "tickets/desk.h"

const struct desk_ops *const desk_types[] = {
	&desk_local_ops,
	&desk_liveagent_ops,
	NULL,
};

const struct desk_ops *
desk_type(const char *type)
{
	for (gsize i = 0; desk_types[i] != NULL; i++)
		if (g_str_equal(desk_types[i]->type, type))
			return desk_types[i];
	return NULL;
}

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
