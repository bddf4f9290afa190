/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A breach: whom it affects.
 *
 * Who was affected are all whose data lay there while somebody could read them:
 * what came before the end counts, however old.  Who was erased since cannot be
 * named any more; how many requests that were is told.
 */
#include "tools/breach.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/owned.h"

#define DAY ((gint64)86400 * G_USEC_PER_SEC)
#define HOUR_SECONDS 3600

/* What cannot be named any more. */
struct erased {
	guint people, inboxes;
};

gboolean
breach_time(const char *text, gboolean last, gint64 *wall_r, GError **error)
{
	g_autoptr(GTimeZone) here = g_time_zone_new_local();
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, here);
	gint64 seconds;

	if (clock_parse_day(text, &seconds)) {
		*wall_r = seconds * G_USEC_PER_SEC +
			  (last ? DAY - G_USEC_PER_SEC : 0);
		return TRUE;
	}
	if (time == NULL)
		return err_set(error, DG_ERROR_BAD,
		    "\"%s\" is no time: 2026-11-29, or 2026-11-29T10:00:00Z",
		    text);
	*wall_r = g_date_time_to_unix(time) * G_USEC_PER_SEC;
	return TRUE;
}

/* Whether it took anything away. */
static gboolean
has_gone(const json_t *request)
{
	const json_t *holder;
	const char *name;
	json_t *count;
	size_t i;

	json_array_foreach(json_object_get(request, "holders"), i, holder)
	{
		json_object_foreach((json_t *)holder, name, count)
		{
			if (json_integer_value(count) > 0)
				return TRUE;
		}
	}
	return FALSE;
}

/* Erasings that were made since and took something away: of people, of whole
 * inboxes. */
static gboolean
count_erased(
    struct keeper *keeper, gint64 since, struct erased *erased, GError **error)
{
	g_autofree char *from = clock_text(since);
	json_t *all = requests_list(keeper->requests, FALSE, error), *one;
	size_t i;

	json_array_foreach(all, i, one)
	{
		const char *kind =
		    json_string_value(json_object_get(one, "kind"));
		const char *made =
		    json_string_value(json_object_get(one, "made"));

		if (made == NULL || strcmp(made, from) < 0 || !has_gone(one))
			continue;
		erased->people += g_strcmp0(kind, "erase") == 0;
		erased->inboxes += g_strcmp0(kind, "erase-inbox") == 0;
	}
	json_decref(all);
	return all != NULL;
}

static void
set_time(json_t *object, const char *name, gint64 wall)
{
	g_autofree char *text = clock_text(wall);

	json_object_set_new(object, name, json_string(text));
}

static void
set_setting(json_t *object, const char *name, const struct conf_section *global,
    const char *option)
{
	const char *text = conf_string(global, option);

	json_object_set_new(
	    object, name, text != NULL ? json_string(text) : json_null());
}

/* All but the people. */
static json_t *
frame(const struct keeper *keeper, const struct breach_wish *wish)
{
	const struct conf_section *global = conf_global(keeper->conf);
	gint64 due = affected_due(wish->known / G_USEC_PER_SEC);
	gint64 left = due - clock_wall(&clock_system) / G_USEC_PER_SEC;
	json_t *breach = json_object();

	set_time(breach, "since", wish->since);
	set_time(breach, "until", wish->until);
	set_time(breach, "known", wish->known);
	set_time(breach, "due", due * G_USEC_PER_SEC);
	json_object_set_new(
	    breach, "hours_left", json_integer(left / HOUR_SECONDS));
	set_setting(breach, "controller", global, "controller");
	set_setting(breach, "protection_officer", global, "protection-officer");
	set_setting(breach, "authority", global, "authority");
	return breach;
}

json_t *
breach_tell(
    struct keeper *keeper, const struct breach_wish *wish, GError **error)
{
	struct affected *affected OWNED(affected_free) = affected_new();
	json_t *breach, *holders;
	struct erased erased = { 0 };
	guint unnamed, count;

	if (wish->until < wish->since) {
		err_set(error, DG_ERROR_BAD, "it ends before it begins");
		return NULL;
	}
	if (!count_erased(keeper, wish->since, &erased, error))
		return NULL;
	holders = registry_affected(
	    keeper->registry, wish->holders, wish->until, affected, error);
	if (holders == NULL)
		return NULL;
	count = affected_count(affected, &unnamed);
	breach = frame(keeper, wish);
	json_object_update_new(breach,
	    json_pack("{s:i, s:i, s:i, s:i, s:o, s:o}", "count", (int)count,
		"unnamed", (int)unnamed, "erased_since", (int)erased.people,
		"inboxes_erased_since", (int)erased.inboxes, "holders", holders,
		"people", affected_people(affected)));
	return breach;
}
