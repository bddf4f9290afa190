/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which of LiveAgent's tickets have changed, as values (liveagent.h).
 *
 * The desk names no zone for its times, so they are compared with each other
 * alone: the place we have come to is a time the desk itself has told.  What it
 * is asked for (changed since then, less the widest skew of zones) only keeps
 * its lists short; what is new is decided here, in the order of (changed, id).
 *
 * A second in which we looked may not have been over: a ticket with a lower id
 * could change in it after the look.  So the last second is told once more at
 * the next look, and only once, however many tickets it has.
 */
#include "tickets/liveagent.h"

#define SENT_BY_MAIL "4" /* type of a group: OUTGOING_EMAIL */

void
liveagent_place_read(
    struct liveagent_place *place_r, const struct desk_cursor *cursor)
{
	g_auto(GStrv) words = g_strsplit(cursor->text, " ", -1);

	memset(place_r, 0, sizeof *place_r);
	if (g_strv_length(words) != 4 || strlen(words[0]) != 10 ||
	    strlen(words[1]) != 8)
		return;
	g_snprintf(place_r->changed, sizeof place_r->changed, "%s %s", words[0],
	    words[1]);
	place_r->again = g_str_equal(words[2], "again");
	g_strlcpy(place_r->id, words[3], sizeof place_r->id);
}

void
liveagent_place_write(
    const struct liveagent_place *place, struct desk_cursor *cursor_r)
{
	g_snprintf(cursor_r->text, sizeof cursor_r->text, "%s %s %s",
	    place->changed, place->again ? "again" : "once", place->id);
}

/* The same time less the hours by which zones can differ. */
static char *
before_skew(const char *date)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(date, utc);
	g_autoptr(GDateTime) early =
	    time != NULL ? g_date_time_add_hours(time, -LIVEAGENT_SKEW_HOURS)
			 : NULL;

	return early != NULL ? g_date_time_format(early, "%Y-%m-%d %H:%M:%S")
			     : g_strdup("1970-01-01 00:00:00");
}

char *
liveagent_changed_path(const struct liveagent_place *place, guint page)
{
	g_autofree char *from = NULL, *filters = NULL, *encoded = NULL;

	if (place->changed[0] == '\0')
		return g_strdup("/tickets?_page=1&_perPage=1&_sortDir=DESC"
				"&_sortField=date_changed");
	from = before_skew(place->changed);
	filters =
	    desk_dump(json_pack("[[s,s,s]]", "date_changed", "D>=", from));
	encoded = g_uri_escape_string(filters, NULL, FALSE);
	return g_strdup_printf("/tickets?_page=%u&_perPage=%d&_sortDir=DESC"
			       "&_sortField=date_changed&_filters=%s",
	    page, LIVEAGENT_PAGE, encoded);
}

static gint
row_order(gconstpointer a, gconstpointer b)
{
	const struct liveagent_row *one = *(struct liveagent_row *const *)a;
	const struct liveagent_row *two = *(struct liveagent_row *const *)b;
	int order = g_strcmp0(one->changed, two->changed);

	return order != 0 ? order : strcmp(one->id, two->id);
}

/* A place whose second is told again begins before all ids. */
static gboolean
is_behind(const struct liveagent_place *place, const struct liveagent_row *row)
{
	int order = g_strcmp0(row->changed, place->changed);

	if (row->changed == NULL || order < 0)
		return FALSE;
	return order > 0 || place->again || strcmp(row->id, place->id) > 0;
}

gboolean
liveagent_any_behind(const struct liveagent_place *place, const GPtrArray *rows)
{
	for (guint i = 0; i < rows->len; i++)
		if (is_behind(place, rows->pdata[i]))
			return TRUE;
	return FALSE;
}

static gboolean
is_twice(const GPtrArray *rows, guint kept, guint at)
{
	return kept > 0 &&
	       row_order(&rows->pdata[kept - 1], &rows->pdata[at]) == 0;
}

void
liveagent_take(struct liveagent_place *place, GPtrArray *rows, guint most)
{
	const struct liveagent_row *last;
	guint kept = 0;
	gboolean more = FALSE, later = FALSE;

	g_ptr_array_sort(rows, row_order);
	for (guint i = 0; i < rows->len && !more; i++) {
		gpointer row = rows->pdata[i];

		if (!is_behind(place, row) || is_twice(rows, kept, i))
			continue;
		more = kept == most;
		if (more)
			break;
		rows->pdata[i] = rows->pdata[kept];
		rows->pdata[kept++] = row;
	}
	if (rows->len > kept)
		g_ptr_array_remove_range(rows, kept, rows->len - kept);
	if (kept > 0) {
		last = rows->pdata[kept - 1];
		later = strcmp(last->changed, place->changed) > 0;
		g_strlcpy(place->changed, last->changed, sizeof place->changed);
		g_strlcpy(place->id, last->id, sizeof place->id);
	}
	place->again = later && !more;
}

static char *
bare_id(const char *text)
{
	gsize length = text != NULL ? strlen(text) : 0;

	if (length > 1 && text[0] == '<' && text[length - 1] == '>')
		return g_strndup(text + 1, length - 2);
	return length > 0 ? g_strdup(text) : NULL;
}

gboolean
liveagent_read_sent(const GString *body, GPtrArray *ids, GError **error)
{
	json_t *groups = liveagent_load(body, JSON_ARRAY, error), *one;
	size_t i;

	if (groups == NULL)
		return FALSE;
	json_array_foreach(groups, i, one)
	{
		const char *type =
		    json_string_value(json_object_get(one, "type"));
		char *id = g_strcmp0(type, SENT_BY_MAIL) == 0
			       ? bare_id(json_string_value(
				     json_object_get(one, "mail_msg_id")))
			       : NULL;

		if (id != NULL)
			g_ptr_array_add(ids, id);
	}
	json_decref(groups);
	return TRUE;
}
