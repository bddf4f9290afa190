/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of help desks.  A new one is one adapter file and one line here.
 */
#include "tickets/desk.h"

const struct desk_ops *const desk_types[] = {
	&desk_local_ops,
	&desk_liveagent_ops,
	&desk_webhook_ops,
	&desk_zammad_ops,
	&desk_rt_ops,
	&desk_redmine_ops,
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
