/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Redmine: what agents did.
 *
 * A change may be written some time after the second that its issue bears: what
 * is younger than a few seconds, by Redmine's clock, waits for the next call.
 * An issue that is so young may have been decided before, which its time in the
 * list no longer shows: it is looked into as the others are, for what is older.
 */
#include "tickets/desk_redmine_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"

#define SETTLE_SECONDS 3
#define LOOKS_MOST 40   /* issues whose journals one call reads */
#define SAME_SECOND 200 /* pages of issues changed within one second, twice */
#define STUCK_MOST 10   /* calls in a row that fail at one issue */

/* --- what agents did */

struct sweep {
	struct redmine *redmine;
	struct redmine_cursor cursor;
	gint64 field, until;
	guint looks;
	guint passed_by;  /* issues that could not be read */
	gboolean full;    /* the page: there is more */
	gboolean brimful; /* an issue's events had no room */
	GPtrArray *events;
};

static GPtrArray *
ask_page(struct sweep *sweep, guint offset, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = redmine_changes_path(
	    sweep->field, MAX(sweep->cursor.since, sweep->cursor.at), offset);

	if (!redmine_get(sweep->redmine, path, &answer, error))
		return NULL;
	if (sweep->until == 0)
		sweep->until =
		    (answer.date != 0 ? answer.date
				      : clock_wall(sweep->redmine->clock) /
					    G_USEC_PER_SEC) -
		    SETTLE_SECONDS;
	return redmine_read_changed(
	    answer.body, sweep->field, &sweep->full, error);
}

/* The page that has what is next, from *first_r on; an offset only within one
 * second, since the list moves under a longer one. */
static GPtrArray *
next_page(struct sweep *sweep, guint *first_r, GError **error)
{
	guint offset = 0;

	for (guint page = 0; page < SAME_SECOND; page++) {
		g_autoptr(GPtrArray) issues = ask_page(sweep, offset, error);

		if (issues == NULL)
			return NULL;
		switch (redmine_cursor_seek(
		    &sweep->cursor, issues, sweep->full, first_r)) {
		case REDMINE_SEEK_HERE:
			return g_steal_pointer(&issues);
		case REDMINE_SEEK_NEXT:
			offset += REDMINE_PAGE - 1;
			break;
		case REDMINE_SEEK_ANEW:
			sweep->cursor.id = 0;
			offset = 0;
			break;
		}
	}
	err_set(error, DG_ERROR_AGAIN,
	    "more issues were changed within one second than can be read");
	return NULL;
}

/* Takes the array.  What does not fit beside those of other issues waits; an
 * issue with more than all that fit folds the oldest. */
static void
add_events(struct sweep *sweep, GPtrArray *events)
{
	redmine_fold_events(events, DESK_EVENTS_MAX);
	if (sweep->events->len > 0 &&
	    sweep->events->len + events->len > DESK_EVENTS_MAX) {
		sweep->brimful = TRUE;
		g_ptr_array_unref(events);
		return;
	}
	g_ptr_array_extend_and_steal(sweep->events, events);
}

/* The list can be read and this issue, or its project, cannot, again and again:
 * the fault is its own, not the desk's. */
static gboolean
is_stuck(struct redmine *redmine, const struct redmine_issue *issue,
    gboolean project)
{
	g_autofree char *what =
	    project ? g_strdup_printf(
			  "project %" G_GINT64_FORMAT, issue->state.project)
		    : g_strdup(issue->id);

	if (g_strcmp0(redmine->stuck, what) != 0) {
		g_free(redmine->stuck);
		redmine->stuck = g_steal_pointer(&what);
		redmine->stuck_times = 0;
	}
	redmine->stuck_times++;
	return redmine->stuck_times >= STUCK_MOST;
}

/* One issue, or one project, that our user may not see any more stands in no
 * other's way: the list itself could be read just now.  What may pass is asked
 * for again, some times.  `project`: that it is which fails.  Takes the fault.
 */
static gboolean
pass_by(struct sweep *sweep, const struct redmine_issue *issue,
    gboolean project, GError *fault, GError **error)
{
	gboolean gone = err_is(fault, DG_ERROR_NOTFOUND);

	if (!gone && !err_is(fault, DG_ERROR_DENIED) &&
	    !err_is(fault, DG_ERROR_BAD) &&
	    !is_stuck(sweep->redmine, issue, project)) {
		g_propagate_error(error, fault);
		return FALSE;
	}
	if (!gone) /* else it was deleted since */
		log_error(LOG_LEVEL_WARN, fault, "changes-unread", "desk",
		    sweep->redmine->desk.name, "ticket", issue->id, NULL);
	/* One that is young is listed again. */
	sweep->passed_by += !gone && issue->updated < sweep->until;
	g_error_free(fault);
	return TRUE;
}

static gboolean
look_into(
    struct sweep *sweep, const struct redmine_issue *issue, GError **error)
{
	struct redmine *redmine = sweep->redmine;
	struct redmine_place *place;
	const struct redmine_voice voice = { redmine->me.id, redmine->host };
	struct redmine_issue now OWNED(redmine_issue_clear) = { 0 };
	g_autoptr(GString) body = NULL;
	g_autoptr(GError) fault = NULL;
	gboolean young = issue->updated >= sweep->until;
	GPtrArray *events;
	struct redmine_marks marks;

	place = redmine_place_of(redmine, issue, &fault);
	if (place == NULL) {
		sweep->looks++;
		return pass_by(
		    sweep, issue, TRUE, g_steal_pointer(&fault), error);
	}
	marks = redmine_marks_of(redmine, place);
	if (!redmine_may_tell(&marks, issue))
		return TRUE;
	sweep->looks++;
	if (!redmine_look_at(
		redmine, issue->id, "?include=journals", &now, &body, &fault))
		return pass_by(
		    sweep, issue, FALSE, g_steal_pointer(&fault), error);
	/* What is listed as settled is not listed again: all of it is told. */
	events = redmine_read_journals(body, &marks, &voice,
	    sweep->cursor.since, young ? sweep->until : G_MAXINT64, &fault);
	if (events == NULL)
		return pass_by(
		    sweep, issue, FALSE, g_steal_pointer(&fault), error);
	add_events(sweep, events);
	return TRUE;
}

/* *more_r: the call is full, or the page is. */
static gboolean
read_page(struct sweep *sweep, const GPtrArray *issues, guint first,
    gboolean *more_r, GError **error)
{
	*more_r = sweep->full;
	for (guint i = first; i < issues->len; i++) {
		const struct redmine_issue *issue = issues->pdata[i];

		if (sweep->looks >= LOOKS_MOST ||
		    sweep->events->len >= DESK_EVENTS_MAX / 2) {
			*more_r = TRUE;
			return TRUE;
		}
		if (!look_into(sweep, issue, error))
			return FALSE;
		if (sweep->brimful) {
			*more_r = TRUE;
			return TRUE;
		}
		if (issue->updated >= sweep->until)
			continue;
		sweep->cursor.at = issue->updated;
		sweep->cursor.id = g_ascii_strtoll(issue->id, NULL, 10);
	}
	return TRUE;
}

static gboolean
run_sweep(struct sweep *sweep, GError **error)
{
	guint first = 0;
	g_autoptr(GPtrArray) issues = next_page(sweep, &first, error);
	gboolean more = FALSE;

	if (issues == NULL || !read_page(sweep, issues, first, &more, error))
		return FALSE;
	if (!more)
		sweep->cursor = (struct redmine_cursor){
			.since = MAX(sweep->until, sweep->cursor.since)
		};
	return TRUE;
}

gboolean
redmine_changes(struct desk *desk, struct desk_cursor *cursor,
    GPtrArray *events_r, GError **error)
{
	struct redmine *redmine = redmine_of(desk);
	const struct redmine_place *home = redmine_home(redmine, error);
	g_autoptr(GPtrArray) events =
	    g_ptr_array_new_with_free_func(desk_event_free);
	struct sweep sweep = { .redmine = redmine, .events = events };

	if (home == NULL)
		return FALSE;
	sweep.field = home->field;
	if (cursor->text[0] == '\0') {
		/* From now on: the list is asked for the desk's clock alone. */
		g_autoptr(GPtrArray) none = NULL;

		sweep.cursor.since =
		    clock_wall(redmine->clock) / G_USEC_PER_SEC;
		none = ask_page(&sweep, 0, error);
		if (none == NULL)
			return FALSE;
		sweep.cursor.since = sweep.until;
	} else if (!redmine_cursor_read(cursor->text, &sweep.cursor)) {
		return err_set(error, DG_ERROR_BAD, "no cursor of a Redmine");
	} else if (!run_sweep(&sweep, error)) {
		return FALSE;
	}
	g_ptr_array_extend_and_steal(events_r, g_steal_pointer(&events));
	desk->passed_by = sweep.passed_by;
	redmine_cursor_write(&sweep.cursor, cursor);
	return TRUE;
}
