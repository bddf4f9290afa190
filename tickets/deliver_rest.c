/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Desks whose inboxes take no mail: nothing is asked of them, until one of the
 * inboxes is resumed.
 */
#include "tickets/deliver_private.h"

#include <string.h>

static gboolean
names_desk(const struct conf_section *section, const char *desk)
{
	const char *name = conf_string(section, "desk");

	return name != NULL && g_ascii_strcasecmp(name, desk) == 0;
}

static gboolean
is_local(const struct deliver *deliver, const char *desk)
{
	struct lane *lane = deliver_lane_named((struct deliver *)deliver, desk);

	return lane != NULL && strcmp(lane->desk->ops->type, "local") == 0;
}

gboolean
deliver_desk_rests(const struct deliver *deliver, const char *desk)
{
	const struct conf *conf = deliver->world.conf;
	gboolean rests = FALSE;

	if (deliver->world.lives == NULL || is_local(deliver, desk))
		return FALSE;
	for (guint i = 0; i < conf_count(conf, "rule"); i++)
		if (names_desk(conf_at(conf, "rule", i), desk))
			return FALSE;
	for (guint i = 0; i < conf_count(conf, "inbox"); i++) {
		const struct conf_section *inbox = conf_at(conf, "inbox", i);

		if (!names_desk(inbox, desk))
			continue;
		if (!lives_rest(deliver->world.lives, conf_title(inbox)))
			return FALSE;
		rests = TRUE;
	}
	return rests;
}
