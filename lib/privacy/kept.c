/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is kept, counted.
 */
#include "lib/privacy/kept.h"

#include "lib/base/clock.h"

gboolean
kept_is_past(const struct kept *kept, gint64 when, gint64 now)
{
	return kept->keep > 0 && when < now - kept->keep * G_USEC_PER_SEC;
}

/* The older of two times, where 0 is none. */
static gint64
older(gint64 a, gint64 b)
{
	return a == 0 ? b : MIN(a, b);
}

void
kept_count(struct kept *kept, gint64 when, gint64 now, gboolean restricted)
{
	gboolean past = kept_is_past(kept, when, now);

	kept->count++;
	kept->oldest = older(kept->oldest, when);
	if (past && restricted)
		kept->restricted++;
	else
		kept->first = older(kept->first, when);
	kept->past += past && !restricted;
}

static json_t *
time_or_null(gint64 wall)
{
	g_autofree char *text = wall > 0 ? clock_text(wall) : NULL;

	return text != NULL ? json_string(text) : json_null();
}

static json_t *
number(guint64 value)
{
	return json_integer((json_int_t)value);
}

static void
set_text(json_t *row, const char *name, const char *text)
{
	if (text != NULL)
		json_object_set_new(row, name, json_string(text));
}

void
kept_row(const struct kept *kept, json_t *rows)
{
	gboolean ends = kept->keep > 0 && kept->first > 0;
	json_t *row = json_object();

	set_text(row, "kind", kept->kind);
	set_text(row, "inbox", kept->inbox);
	set_text(row, "model", kept->model);
	set_text(row, "setting", kept->setting);
	json_object_set_new(row, "keep",
	    kept->keep > 0 ? json_integer(kept->keep) : json_null());
	set_text(row, "until", kept->until);
	json_object_set_new(row, "count", number(kept->count));
	json_object_set_new(row, "oldest", time_or_null(kept->oldest));
	json_object_set_new(row, "next",
	    time_or_null(ends ? kept->first + kept->keep * G_USEC_PER_SEC : 0));
	json_object_set_new(row, "past", number(kept->past));
	if (kept->restricted > 0)
		json_object_set_new(
		    row, "restricted", number(kept->restricted));
	json_object_set_new(row, "gone", number(kept->gone));
	json_array_append_new(rows, row);
}

gint64
kept_setting(const struct conf *conf, const char *inbox, const char *setting)
{
	const struct conf_section *section =
	    inbox != NULL ? conf_find(conf, "inbox", inbox) : NULL;

	if (section == NULL || !conf_is_set(section, setting))
		section = conf_global(conf);
	return conf_duration(section, setting);
}

/* --- all inboxes --- */

struct kept_inboxes {
	GArray *known;       /* struct kept, as the settings have them */
	GHashTable *by_name; /* lower case -> index + 1 */
	struct kept others;
};

struct kept_inboxes *
kept_inboxes_new(const struct conf *conf, const char *kind, const char *setting)
{
	struct kept_inboxes *all = g_new0(struct kept_inboxes, 1);
	guint n = conf_count(conf, "inbox");

	all->known = g_array_new(FALSE, FALSE, sizeof(struct kept));
	all->by_name =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	all->others = (struct kept){ .kind = kind,
		.setting = setting,
		.keep = kept_setting(conf, NULL, setting) };
	for (guint i = 0; i < n; i++) {
		struct kept one = all->others;

		one.inbox = conf_title(conf_at(conf, "inbox", i));
		one.keep = kept_setting(conf, one.inbox, setting);
		g_array_append_val(all->known, one);
		g_hash_table_insert(all->by_name,
		    g_ascii_strdown(one.inbox, -1), GUINT_TO_POINTER(i + 1));
	}
	return all;
}

struct kept *
kept_inboxes_of(struct kept_inboxes *all, const char *inbox)
{
	g_autofree char *lower =
	    g_ascii_strdown(inbox != NULL ? inbox : "", -1);
	guint at = GPOINTER_TO_UINT(g_hash_table_lookup(all->by_name, lower));

	return at > 0 ? &g_array_index(all->known, struct kept, at - 1)
		      : &all->others;
}

void
kept_inboxes_end(struct kept_inboxes **address, json_t *rows)
{
	struct kept_inboxes *all = *address;

	*address = NULL;
	if (all == NULL)
		return;
	for (guint i = 0; rows != NULL && i < all->known->len; i++)
		kept_row(&g_array_index(all->known, struct kept, i), rows);
	/* Of inboxes that left the settings, when there is any. */
	if (rows != NULL && (all->others.count > 0 || all->others.gone > 0 ||
				all->known->len == 0))
		kept_row(&all->others, rows);
	g_array_unref(all->known);
	g_hash_table_unref(all->by_name);
	g_free(all);
}
