/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * In whose name a message is given to Redmine.
 *
 * An administrator's key may speak as another account (X-Redmine-Switch-User);
 * with any other key Redmine passes the field by and takes the call for ours.
 * From is easily forged, so an administrator's name is never used, a project
 * member's only where his domain stands for the message, and nobody's where it
 * disowns it.  What programs wrote, and spam, is nobody's and makes no account.
 */
#include "tickets/desk_redmine_private.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"

static gboolean
is_member(
    struct redmine *redmine, gint64 id, gboolean *member_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = g_strdup_printf(
	    "/users/%" G_GINT64_FORMAT ".json?include=memberships", id);
	struct redmine_user *user;

	if (!redmine_get(redmine, path, &answer, error))
		return FALSE;
	user = redmine_read_user(answer.body, error);
	if (user == NULL)
		return FALSE;
	*member_r = user->member;
	redmine_user_free(user);
	return TRUE;
}

static gboolean
may_use(struct redmine *redmine, const struct redmine_user *user,
    const struct ticket *ticket, gboolean *may_r, GError **error)
{
	gboolean member = FALSE;

	*may_r = FALSE;
	if (user->admin || user->login[0] == '\0')
		return TRUE;
	if (ticket->origin.auth != ORIGIN_PASSED &&
	    !is_member(redmine, user->id, &member, error))
		return FALSE;
	*may_r = !member;
	return TRUE;
}

/* An account for the sender.  Where Redmine does not want him, he is named in
 * the text as without one. */
static gboolean
make_account(struct redmine *redmine, const struct ticket *ticket,
    const struct ident *key, char **login_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *json = redmine_user_json(ticket, key);
	g_autoptr(GError) fault = NULL;
	struct redmine_user *user = NULL;

	if (redmine_call(redmine, ANSWER_FILE,
		&(struct http_request){
		    .method = "POST", .path = "/users.json", .json = json },
		&answer, &fault))
		user = redmine_read_user(answer.body, &fault);
	if (user != NULL) {
		*login_r = g_strdup(user->login);
		redmine_user_free(user);
		return TRUE;
	}
	if (err_is(fault, DG_ERROR_BAD)) {
		log_error(LOG_LEVEL_WARN, fault, "no-account", "desk",
		    redmine->desk.name, NULL);
		return TRUE;
	}
	/* No issue came of it: what is there is found the next time. */
	if (err_is(fault, DG_ERROR_IO))
		fault->code = DG_ERROR_AGAIN;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

static GPtrArray *
ask_users(struct redmine *redmine, const char *address, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = redmine_users_path(address, FALSE);

	if (!redmine_get(redmine, path, &answer, error))
		return NULL;
	return redmine_read_users(answer.body, address, error);
}

gboolean
redmine_login(struct redmine *redmine, const struct ticket *ticket,
    const struct ident *key, char **login_r, GError **error)
{
	g_autoptr(GPtrArray) users = NULL;
	const struct redmine_user *user;
	gboolean may = FALSE;

	*login_r = NULL;
	if (redmine->customers == REDMINE_CUSTOMERS_TEXT ||
	    !redmine->me.admin || ticket->spam || ticket->automatic ||
	    ticket->origin.auth == ORIGIN_FAILED)
		return TRUE;
	users = ask_users(redmine, ticket->requester_address, error);
	if (users == NULL)
		return FALSE;
	if (users->len == 0)
		return redmine->customers != REDMINE_CUSTOMERS_MAKE ||
		       make_account(redmine, ticket, key, login_r, error);
	user = users->pdata[0];
	if (!may_use(redmine, user, ticket, &may, error))
		return FALSE;
	if (may)
		*login_r = g_strdup(user->login);
	return TRUE;
}

gboolean
redmine_speak(struct redmine *redmine, const char *login, const char *id,
    const char *json, struct http_answer *answer_r, GError **error)
{
	const struct http_field fields[] = { { "X-Redmine-Switch-User", login },
		{ NULL, NULL } };
	g_autofree char *path =
	    id != NULL ? redmine_issue_path(id, "") : g_strdup("/issues.json");
	g_autoptr(GError) fault = NULL;

	if (redmine_call(redmine, id != NULL ? ANSWER_ADD : ANSWER_MAKE,
		&(struct http_request){ .method = id != NULL ? "PUT" : "POST",
		    .path = path,
		    .json = json,
		    .fields = fields },
		answer_r, &fault))
		return TRUE;
	/* Not by him: the caller says it in our own name. */
	if (err_is(fault, DG_ERROR_AGAIN) || err_is(fault, DG_ERROR_IO))
		g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}
