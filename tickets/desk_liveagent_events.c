/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What agents did at LiveAgent, by polling GET /tickets: there is nothing to
 * subscribe to in its API (a rule of its own can push, see
 * contrib/doc/desks.md).
 */
#include "tickets/desk_liveagent_private.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"

/* One call a ticket is needed for the ids of what was sent; the budget is
 * shared with the mail. */
#define EVENTS_MOST 20
/* 25,000 tickets changed since the last look: the oldest of more than that are
 * not told, which only costs what could have been learnt from them. */
#define PAGES_MOST 50

static void
add_all(GPtrArray *to, GPtrArray *from)
{
	for (guint i = 0; i < from->len; i++)
		g_ptr_array_add(to, from->pdata[i]);
	g_ptr_array_set_free_func(from, NULL);
	g_ptr_array_set_size(from, 0);
}

static GPtrArray *
list_page(struct liveagent *agent, const struct liveagent_place *place,
    guint page, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = liveagent_changed_path(place, page);

	if (!agent_get(agent, path, &answer, error))
		return NULL;
	return liveagent_read_rows(answer.body, error);
}

/* All rows that may be behind the place. */
static GPtrArray *
list_changed(struct liveagent *agent, const struct liveagent_place *place,
    GError **error)
{
	g_autoptr(GPtrArray) rows =
	    g_ptr_array_new_with_free_func(liveagent_row_free);
	gboolean more = TRUE;

	for (guint page = 1; more && page <= PAGES_MOST; page++) {
		g_autoptr(GPtrArray) part =
		    list_page(agent, place, page, error);

		if (part == NULL)
			return NULL;
		more = part->len >= LIVEAGENT_PAGE &&
		       liveagent_any_behind(place, part);
		add_all(rows, part);
	}
	return g_steal_pointer(&rows);
}

static gboolean
begin(struct liveagent *agent, struct liveagent_place *place, GError **error)
{
	g_autoptr(GPtrArray) rows = list_page(agent, place, 1, error);
	const struct liveagent_row *newest;

	if (rows == NULL)
		return FALSE;
	newest = rows->len > 0 ? rows->pdata[0] : NULL;
	g_strlcpy(place->changed,
	    newest != NULL && newest->changed != NULL ? newest->changed
						      : "1970-01-01 00:00:00",
	    sizeof place->changed);
	g_strlcpy(
	    place->id, newest != NULL ? newest->id : "-", sizeof place->id);
	place->again = TRUE;
	return TRUE;
}

/* A ticket that is gone has sent nothing we could thread by. */
static gboolean
add_sent(struct liveagent *agent, struct desk_event *event, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = liveagent_ticket_path(event->id,
	    "/messages?_page=1&_perPage=50&_sortDir=DESC"
	    "&_sortField=datecreated");
	g_autoptr(GError) fault = NULL;

	if (!g_str_equal(event->status, "open") &&
	    !g_str_equal(event->status, "closed"))
		return TRUE;
	if (agent_get(agent, path, &answer, &fault))
		return liveagent_read_sent(
		    answer.body, event->message_ids, error);
	if (err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

static struct desk_event *
event_of(const struct liveagent_row *row)
{
	struct desk_event *event = desk_event_new();
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) when =
	    g_date_time_new_from_iso8601(row->changed, utc);

	event->id = g_strdup(row->id);
	event->code = g_strdup(row->code);
	event->status = liveagent_status_word(row->status);
	event->when = when != NULL ? g_date_time_to_unix(when) : 0;
	return event;
}

gboolean
agent_changes(struct desk *desk, struct desk_cursor *cursor,
    GPtrArray *events_r, GError **error)
{
	struct liveagent *agent = agent_of(desk);
	g_autoptr(GPtrArray) rows = NULL;
	g_autoptr(GPtrArray) events =
	    g_ptr_array_new_with_free_func(desk_event_free);
	struct liveagent_place place;

	liveagent_place_read(&place, cursor);
	if (place.changed[0] == '\0') {
		if (!begin(agent, &place, error))
			return FALSE;
		liveagent_place_write(&place, cursor);
		return TRUE;
	}
	rows = list_changed(agent, &place, error);
	if (rows == NULL)
		return FALSE;
	liveagent_take(&place, rows, EVENTS_MOST);
	for (guint i = 0; i < rows->len; i++) {
		g_ptr_array_add(events, event_of(rows->pdata[i]));
		if (!add_sent(agent, events->pdata[i], error))
			return FALSE;
	}
	add_all(events_r, events);
	liveagent_place_write(&place, cursor);
	return TRUE;
}
