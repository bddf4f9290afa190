/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who we are in a Redmine, and what its projects have.
 *
 * Asked once, before the first use; what is missing is asked for again each
 * time, so that a mended Redmine is seen without a restart.
 */
#include "tickets/desk_redmine_private.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"

void
redmine_place_free(gpointer item)
{
	struct redmine_place *place = item;

	if (place == NULL)
		return;
	redmine_project_clear(&place->project);
	g_clear_pointer(&place->permissions, g_hash_table_unref);
	g_free(place->unmarked);
	g_free(place->line);
	g_free(place);
}

gboolean
redmine_ask_me(struct redmine *redmine, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	struct redmine_me me = { 0 };

	if (!redmine_get(redmine, "/users/current.json?include=memberships",
		&answer, error) ||
	    !redmine_read_me(answer.body, &me, error))
		return FALSE;
	redmine_me_clear(&redmine->me);
	redmine->me = me;
	return TRUE;
}

static GPtrArray *
ask_items(
    struct redmine *redmine, const char *path, const char *name, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };

	if (!redmine_get(redmine, path, &answer, error))
		return NULL;
	return redmine_read_items(answer.body, name, error);
}

static gboolean
status_named(const GPtrArray *statuses, const char *name, const char *setting,
    gint64 *id_r, GError **error)
{
	const struct redmine_item *item = redmine_item_named(statuses, name);

	*id_r = item != NULL ? item->id : 0;
	return item != NULL ||
	       err_set(error, DG_ERROR_DENIED,
		   "Redmine has no issue status \"%s\": mend %s", name,
		   setting);
}

static gboolean
take_marks(struct redmine *redmine, GError **error)
{
	struct redmine_marks marks = { .by = redmine->marks.by,
		.statuses = redmine->statuses };
	const struct redmine_item *first =
	    redmine->statuses->len > 0 ? redmine->statuses->pdata[0] : NULL;

	marks.fresh = first != NULL ? first->id : 0;
	if (!status_named(redmine->statuses, redmine->open, "status-open",
		&marks.open, error) ||
	    !status_named(redmine->statuses, redmine->closed, "status-closed",
		&marks.closed, error))
		return FALSE;
	if (marks.by == REDMINE_BY_STATUS &&
	    !status_named(redmine->statuses, redmine->spam, "status-spam",
		&marks.spam, error))
		return FALSE;
	redmine->marks = marks;
	return TRUE;
}

gboolean
redmine_ask_words(struct redmine *redmine, GError **error)
{
	g_autoptr(GPtrArray) statuses =
	    ask_items(redmine, "/issue_statuses.json", "issue_statuses", error);
	g_autoptr(GPtrArray) priorities = NULL;

	if (statuses == NULL)
		return FALSE;
	priorities = ask_items(redmine, "/enumerations/issue_priorities.json",
	    "issue_priorities", error);
	if (priorities == NULL)
		return FALSE;
	g_clear_pointer(&redmine->statuses, g_ptr_array_unref);
	g_clear_pointer(&redmine->priorities, g_ptr_array_unref);
	redmine->statuses = g_steal_pointer(&statuses);
	redmine->priorities = g_steal_pointer(&priorities);
	return take_marks(redmine, error);
}

gboolean
redmine_meet(struct redmine *redmine, GError **error)
{
	if (redmine->me.roles == NULL && !redmine_ask_me(redmine, error))
		return FALSE;
	return redmine->marks.open != 0 || redmine_ask_words(redmine, error);
}

/* --- a project */

static gboolean
add_role(struct redmine *redmine, gint64 role, GHashTable *permissions,
    GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path =
	    g_strdup_printf("/roles/%" G_GINT64_FORMAT ".json", role);

	return redmine_get(redmine, path, &answer, error) &&
	       redmine_read_role(answer.body, permissions, error);
}

static gboolean
ask_permissions(
    struct redmine *redmine, struct redmine_place *place, GError **error)
{
	const GArray *roles =
	    g_hash_table_lookup(redmine->me.roles, &place->project.id);

	place->permissions =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; roles != NULL && i < roles->len; i++)
		if (!add_role(redmine, g_array_index(roles, gint64, i),
			place->permissions, error))
			return FALSE;
	return TRUE;
}

static void
take_spam(struct redmine *redmine, struct redmine_place *place)
{
	const struct redmine_item *item = NULL;

	if (redmine->marks.by == REDMINE_BY_TRACKER)
		item =
		    redmine_item_named(place->project.trackers, redmine->spam);
	else if (redmine->marks.by == REDMINE_BY_CATEGORY)
		item = redmine_item_named(
		    place->project.categories, redmine->spam);
	place->spam = item != NULL ? item->id : 0;
}

static gboolean
ask_project(struct redmine *redmine, struct redmine_place *place,
    const char *name, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = redmine_project_path(name);
	g_autoptr(GError) fault = NULL;

	if (redmine_get(redmine, path, &answer, &fault))
		return redmine_read_project(
			   answer.body, &place->project, error) &&
		       ask_permissions(redmine, place, error);
	if (err_is(fault, DG_ERROR_NOTFOUND))
		fault->code = DG_ERROR_DENIED;
	g_propagate_prefixed_error(
	    error, g_steal_pointer(&fault), "project \"%s\": ", name);
	return FALSE;
}

struct redmine_place *
redmine_place(struct redmine *redmine, const char *name, GError **error)
{
	struct redmine_place *place =
	    g_hash_table_lookup(redmine->places, name);

	if (place != NULL)
		return place;
	if (!redmine_meet(redmine, error))
		return NULL;
	place = g_new0(struct redmine_place, 1);
	if (!ask_project(redmine, place, name, error)) {
		redmine_place_free(place);
		return NULL;
	}
	take_spam(redmine, place);
	/* For what is taken back from spam; `ready` tells of its lack. */
	(void)redmine_take_tracker(redmine, place, NULL);
	g_hash_table_insert(redmine->places, g_strdup(name), place);
	return place;
}

struct redmine_place *
redmine_place_of(
    struct redmine *redmine, const struct redmine_issue *issue, GError **error)
{
	g_autofree char *name =
	    g_strdup_printf("%" G_GINT64_FORMAT, issue->state.project);
	GHashTableIter iter;
	gpointer item;

	g_hash_table_iter_init(&iter, redmine->places);
	while (g_hash_table_iter_next(&iter, NULL, &item)) {
		struct redmine_place *place = item;

		if (place->project.id == issue->state.project)
			return place;
	}
	return redmine_place(redmine, name, error);
}

struct redmine_marks
redmine_marks_of(
    const struct redmine *redmine, const struct redmine_place *place)
{
	struct redmine_marks marks = redmine->marks;

	if (marks.by != REDMINE_BY_STATUS)
		marks.spam = place->spam;
	return marks;
}

gboolean
redmine_may(const struct redmine *redmine, const struct redmine_place *place,
    const char *permission)
{
	return redmine->me.admin ||
	       g_hash_table_contains(place->permissions, permission);
}

/* --- whether issues may be made there */

static gboolean
check_rights(const struct redmine *redmine, const struct redmine_place *place,
    GError **error)
{
	static const char *const needed[] = { "view_issues", "add_issues",
		"edit_issues", "add_issue_notes" };

	if (!place->project.tracking)
		return err_set(error, DG_ERROR_DENIED,
		    "project \"%s\" has no issues: enable its module \"Issue "
		    "tracking\"",
		    place->project.name);
	if (!place->project.open)
		return err_set(error, DG_ERROR_DENIED,
		    "project \"%s\" is closed", place->project.name);
	for (gsize i = 0; i < G_N_ELEMENTS(needed); i++)
		if (!redmine_may(redmine, place, needed[i]))
			return err_set(error, DG_ERROR_DENIED,
			    "our user lacks %s in project \"%s\": make him a "
			    "member with a role that has it",
			    needed[i], place->project.name);
	return TRUE;
}

gboolean
redmine_take_tracker(
    struct redmine *redmine, struct redmine_place *place, GError **error)
{
	const GPtrArray *all = place->project.trackers;
	const struct redmine_item *item = NULL;

	if (redmine->tracker != NULL)
		item = redmine_item_named(all, redmine->tracker);
	for (guint i = 0;
	     redmine->tracker == NULL && item == NULL && i < all->len; i++) {
		const struct redmine_item *one = all->pdata[i];

		if (redmine->marks.by != REDMINE_BY_TRACKER ||
		    one->id != place->spam)
			item = one;
	}
	place->tracker = item != NULL ? item->id : 0;
	return item != NULL ||
	       err_set(error, DG_ERROR_DENIED,
		   "project \"%s\" has no tracker%s%s", place->project.name,
		   redmine->tracker != NULL ? " " : "",
		   redmine->tracker != NULL ? redmine->tracker : "");
}

gboolean
redmine_take_field(
    struct redmine *redmine, struct redmine_place *place, GError **error)
{
	const struct redmine_item *item =
	    redmine_item_named(place->project.fields, redmine->field);
	g_autoptr(GPtrArray) found = NULL;

	if (item == NULL)
		return err_set(error, DG_ERROR_DENIED,
		    "project \"%s\" has no custom field %s for issues",
		    place->project.name, redmine->field);
	/* No such key is there: whatever comes was not searched for. */
	found =
	    redmine_search(redmine, item->id, REDMINE_KEY "none-such", error);
	if (found == NULL)
		return FALSE;
	place->field = item->id;
	return TRUE;
}

static gboolean
redmine_ready(
    struct redmine *redmine, struct redmine_place *place, GError **error)
{
	if (place->field != 0)
		return TRUE;
	return check_rights(redmine, place, error) &&
	       redmine_take_tracker(redmine, place, error) &&
	       redmine_take_field(redmine, place, error);
}

void
redmine_forget(struct redmine *redmine, struct redmine_place *place)
{
	GHashTableIter iter;
	gpointer item;

	redmine_me_clear(&redmine->me);
	g_hash_table_iter_init(&iter, redmine->places);
	while (g_hash_table_iter_next(&iter, NULL, &item))
		if (item == place && place->unmarked == NULL) {
			g_hash_table_iter_remove(&iter);
			return;
		}
}

struct redmine_place *
redmine_ready_place(struct redmine *redmine, const char *name, GError **error)
{
	struct redmine_place *place = redmine_place(redmine, name, error);

	if (place == NULL || redmine_ready(redmine, place, error))
		return place;
	redmine_forget(redmine, place);
	return NULL;
}

struct redmine_place *
redmine_home(struct redmine *redmine, GError **error)
{
	return redmine_ready_place(redmine, redmine->project, error);
}
