/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Redmine: erasing a person.  His issues go at once; what remains, in issues of
 * others, is for a person to edit.
 */
#include "tickets/desk_redmine_private.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"

#define LISTED 50 /* issue numbers in words for a person */

struct erasing {
	struct redmine *redmine;
	const struct desk_whom *whom;
	gint64 until; /* by Redmine's clock */
	guint deleted;
	guint later;      /* his that came later */
	GString *shared;  /* issues of others that hold messages of his */
	GString *parents; /* his, with subtasks that would go too */
	guint listed;
	const char *user; /* what is left of his account; static, or NULL */
	gboolean stays;   /* it does, for what came later */
};

static void
list_issue(struct erasing *erasing, GString *list, const char *id)
{
	erasing->listed++;
	if (erasing->listed <= LISTED)
		g_string_append_printf(
		    list, "%s#%s", list->len > 0 ? ", " : "", id);
	else if (erasing->listed == LISTED + 1)
		g_string_append(list, " and more");
}

static gboolean
delete_at(struct redmine *redmine, const char *path, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };

	return redmine_call(redmine, ANSWER_ASK,
	    &(struct http_request){ .method = "DELETE", .path = path }, &answer,
	    error);
}

/* Redmine deletes the subtasks of an issue with it, whoever's they are. */
static gboolean
erase_issue(struct erasing *erasing, const char *id, GError **error)
{
	struct redmine_issue issue OWNED(redmine_issue_clear) = { 0 };
	g_autofree char *path = redmine_issue_path(id, "");
	g_autoptr(GError) fault = NULL;

	if (!redmine_look_at(erasing->redmine, id, "?include=children", &issue,
		NULL, &fault)) {
		if (err_is(fault, DG_ERROR_NOTFOUND))
			return TRUE;
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	if (issue.parent) {
		list_issue(erasing, erasing->parents, id);
		return TRUE;
	}
	if (!delete_at(erasing->redmine, path, error))
		return FALSE;
	erasing->deleted++;
	return TRUE;
}

/* Those of others tell in their journals when he joined. */
static gboolean
list_shared(struct erasing *erasing, const struct redmine_issue *issue,
    gint64 field, GError **error)
{
	struct redmine_issue now OWNED(redmine_issue_clear) = { 0 };
	g_autoptr(GString) body = NULL;
	gint64 joined = issue->created;

	if (erasing->until != G_MAXINT64) {
		if (!redmine_look_at(erasing->redmine, issue->id,
			"?include=journals", &now, &body, error))
			return FALSE;
		joined = MAX(joined,
		    redmine_read_joined(body, field, erasing->whom->address));
	}
	if (joined <= erasing->until)
		list_issue(erasing, erasing->shared, issue->id);
	else
		erasing->later++;
	return TRUE;
}

static gboolean
erase_found(struct erasing *erasing, const struct redmine_issue *issue,
    gint64 field, GError **error)
{
	switch (redmine_field_sender(issue->field, erasing->whom->address)) {
	case 1:
		return list_shared(erasing, issue, field, error);
	case 2:
		if (issue->created <= erasing->until)
			return erase_issue(erasing, issue->id, error);
		erasing->later++;
		return TRUE;
	default:
		return TRUE;
	}
}

static gboolean
erase_issues(struct erasing *erasing, GError **error)
{
	const struct redmine_place *home =
	    redmine_home(erasing->redmine, error);
	g_autoptr(GPtrArray) found = NULL;

	if (home == NULL)
		return FALSE;
	found = redmine_search(
	    erasing->redmine, home->field, erasing->whom->address, error);
	erasing->until = desk_until(
	    erasing->whom, erasing->redmine->date, erasing->redmine->clock);
	for (guint i = 0; found != NULL && i < found->len; i++)
		if (!erase_found(erasing, found->pdata[i], home->field, error))
			return FALSE;
	return found != NULL;
}

/* Who is a member of a project works here: not by mail is he deleted.  Who came
 * back needs his account. */
static gboolean
erase_user(struct erasing *erasing, gint64 id, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path =
	    g_strdup_printf("/users/%" G_GINT64_FORMAT ".json", id);
	g_autofree char *whole =
	    g_strconcat(path, "?include=memberships", NULL);
	struct redmine_user *user;
	gboolean kept;

	if (!redmine_get(erasing->redmine, whole, &answer, error))
		return FALSE;
	user = redmine_read_user(answer.body, error);
	if (user == NULL)
		return FALSE;
	kept = user->admin || user->member;
	redmine_user_free(user);
	if (kept)
		erasing->user =
		    "The account with this address is a member of projects or "
		    "an administrator: delete it by hand, if it is to go.";
	erasing->stays = !kept && erasing->later > 0;
	kept = kept || erasing->stays;
	return kept || delete_at(erasing->redmine, path, error);
}

static gboolean
erase_users(struct erasing *erasing, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path =
	    redmine_users_path(erasing->whom->address, TRUE);
	g_autoptr(GPtrArray) users = NULL;

	if (!erasing->redmine->me.admin)
		return TRUE; /* only an administrator sees them: `test` says */
	if (!redmine_get(erasing->redmine, path, &answer, error))
		return FALSE;
	users = redmine_read_users(answer.body, erasing->whom->address, error);
	for (guint i = 0; users != NULL && i < users->len; i++) {
		const struct redmine_user *user = users->pdata[i];

		if (!erase_user(erasing, user->id, error))
			return FALSE;
	}
	return users != NULL;
}

static char *
what_remains(const struct erasing *erasing)
{
	GString *words = g_string_new(NULL);

	if (erasing->shared->len > 0)
		g_string_append_printf(words,
		    "Issues of others hold messages of this person, edit them "
		    "by hand: %s. ",
		    erasing->shared->str);
	if (erasing->parents->len > 0)
		g_string_append_printf(words,
		    "Issues of this person have subtasks, which would be "
		    "deleted with them: %s. ",
		    erasing->parents->str);
	if (erasing->user != NULL)
		g_string_append(words, erasing->user);
	if (erasing->stays)
		g_string_append(words,
		    "The account stays: issues that came after the erasure "
		    "need it.");
	return g_strchomp(g_string_free(words, FALSE));
}

gboolean
redmine_erase(struct desk *desk, const struct desk_whom *whom,
    struct desk_erased *erased_r, GError **error)
{
	g_autoptr(GString) shared = g_string_new(NULL);
	g_autoptr(GString) parents = g_string_new(NULL);
	struct erasing erasing = { .redmine = redmine_of(desk),
		.whom = whom,
		.shared = shared,
		.parents = parents };
	g_autoptr(GError) fault = NULL;
	gboolean good;

	*erased_r = (struct desk_erased){ 0 };
	good = erase_issues(&erasing, &fault) && erase_users(&erasing, &fault);
	erased_r->tickets = erasing.deleted;
	if (!good)
		return desk_erase_fault(
		    g_steal_pointer(&fault), erased_r, error);
	if (shared->len > 0 || parents->len > 0 || erasing.user != NULL)
		erased_r->outcome = DESK_ERASE_OPEN;
	if (erased_r->outcome == DESK_ERASE_OPEN || erasing.stays)
		erased_r->words = what_remains(&erasing);
	return TRUE;
}
