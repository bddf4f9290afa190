/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the settings lack for the lives of inboxes.
 */
#include "tools/inboxes_lacks.h"

#include "lib/privacy/life.h"

static gboolean
writes_to_nobody(const struct conf *conf)
{
	return conf_string(conf_global(conf), "operator-address") == NULL;
}

/* One line for all of them: where the default is the shorter one, it is that of
 * each. */
static void
add_backups(const struct conf *conf, GPtrArray *list)
{
	gint64 keep = conf_duration(conf_global(conf), "backup-keep");
	const char *first = NULL;
	guint n = 0;

	for (guint i = 0; i < conf_count(conf, "inbox"); i++) {
		const struct conf_section *inbox = conf_at(conf, "inbox", i);

		if (conf_duration(inbox, "backups-after") >= keep)
			continue;
		if (n++ == 0)
			first = conf_title(inbox);
	}
	if (n > 0)
		g_ptr_array_add(list,
		    g_strdup_printf("backups-after is shorter than backup-keep "
				    "for %u inboxes, the first \"%s\": each is "
				    "\"past\" while backups with its data may "
				    "still be put back",
			n, first));
}

GPtrArray *
inboxes_lacks(const struct conf *conf)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);

	add_backups(conf, list);

	for (guint i = 0; i < conf_count(conf, "inbox"); i++) {
		const struct conf_section *inbox = conf_at(conf, "inbox", i);

		if (conf_is_set(inbox, "suspend") && writes_to_nobody(conf))
			g_ptr_array_add(list,
			    g_strdup_printf("inbox \"%s\": it has a day to be "
					    "suspended, and nobody is told by "
					    "mail of what follows: set "
					    "operator-address",
				conf_title(inbox)));
	}
	return list;
}

const char *
inboxes_lack_now(const struct conf *conf, const json_t *counts)
{
	json_int_t stand_still =
	    json_integer_value(
		json_object_get(counts, life_word(LIFE_SUSPENDED))) +
	    json_integer_value(json_object_get(counts, life_word(LIFE_ENDED)));

	return stand_still > 0 && writes_to_nobody(conf)
		   ? "inboxes are suspended or ended, and nobody is told by "
		     "mail before their data is erased: set operator-address; "
		     "\"deskgate inbox status\" shows when"
		   : NULL;
}
