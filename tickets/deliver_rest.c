/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inboxes that take no mail: what of theirs has not come to its desk, and desks
 * of which nothing is asked until one of their inboxes is resumed.
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

static gboolean
count(struct deliver *deliver, enum spool_state state, const char *inbox,
    guint *count, GError **error)
{
	g_autoptr(GArray) keys =
	    spool_list(deliver->world.spool, state, G_MAXUINT, error);

	for (guint i = 0; keys != NULL && i < keys->len; i++) {
		gboolean of;

		if (!deliver_is_of(deliver,
			&g_array_index(keys, struct ident, i), inbox, &of,
			error))
			return FALSE;
		*count += of;
	}
	return keys != NULL;
}

gboolean
deliver_inbox_load(struct deliver *deliver, const char *inbox, guint *waiting_r,
    guint *aside_r, GError **error)
{
	*waiting_r = *aside_r = 0;
	return count(deliver, SPOOL_NEW, inbox, waiting_r, error) &&
	       count(deliver, SPOOL_BUSY, inbox, waiting_r, error) &&
	       count(deliver, SPOOL_WAIT, inbox, waiting_r, error) &&
	       count(deliver, SPOOL_HELD, inbox, aside_r, error) &&
	       count(deliver, SPOOL_DEAD, inbox, aside_r, error);
}
