/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever Redmine may answer: every reader of its answers sees it.
 */
#include "lib/base/owned.h"
#include "tickets/redmine.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
read_redmine_things(const GString *body)
{
	static const char *const names[] = { "issue_statuses",
		"issue_priorities" };
	struct redmine_project project OWNED(redmine_project_clear) = { 0 };
	struct redmine_me me OWNED(redmine_me_clear) = { 0 };
	g_autofree char *token = redmine_read_token(body, NULL);
	g_autoptr(GPtrArray) users =
	    redmine_read_users(body, "carol@example.net", NULL);
	struct redmine_user *user = redmine_read_user(body, NULL);
	g_autoptr(GHashTable) permissions =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(GPtrArray) items =
		    redmine_read_items(body, names[i], NULL);

		(void)redmine_item_named(items, "High");
	}
	if (redmine_read_project(body, &project, NULL))
		g_assert(project.id > 0 && project.fields != NULL);
	if (redmine_read_me(body, &me, NULL))
		g_assert(me.id > 0 && me.roles != NULL);
	(void)redmine_read_role(body, permissions, NULL);
	redmine_user_free(user);
	for (guint i = 0; users != NULL && i < users->len; i++)
		g_assert(((struct redmine_user *)users->pdata[i])->id > 0);
	g_assert(token == NULL || token[0] != '\0');
}

static void
read_redmine(const GString *body, const struct ident *key)
{
	const struct redmine_marks marks = { .spam = 6, .open = 2 };
	const struct redmine_voice voice = { 5, "example.net" };
	struct redmine_issue issue OWNED(redmine_issue_clear) = { 0 };
	gboolean more;
	g_autoptr(GPtrArray) found =
	    redmine_read_found(body, 1, "deskgate:1", &more, NULL);
	g_autoptr(GPtrArray) changed =
	    redmine_read_changed(body, 1, &more, NULL);
	g_autoptr(GPtrArray) events =
	    redmine_read_journals(body, &marks, &voice, 0, G_MAXINT64, NULL);

	if (redmine_read_issue(body, 1, &issue, NULL))
		g_assert(issue.id != NULL && issue.field != NULL);
	for (guint i = 0; found != NULL && i < found->len; i++) {
		const struct redmine_issue *one = found->pdata[i];

		(void)redmine_field_has_key(one->field, key);
		(void)redmine_field_sender(one->field, "carol@example.net");
	}
	for (guint i = 0; changed != NULL && i < changed->len; i++)
		(void)redmine_may_tell(&marks, changed->pdata[i]);
	for (guint i = 0; events != NULL && i < events->len; i++)
		g_assert(((struct desk_event *)events->pdata[i])->id != NULL);
	(void)redmine_read_marked(body, key);
	read_redmine_things(body);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	g_autoptr(GString) body =
	    g_string_new_len((const char *)data, (gssize)size);
	struct ident key = { { 0 } };

	read_redmine(body, &key);
	return 0;
}
