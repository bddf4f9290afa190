/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever a desk may answer.  The first byte chooses the status, the rest is
 * the body; every reader of answers sees it.
 */
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tickets/answer.h"
#include "tickets/liveagent.h"
#include "tickets/redmine.h"
#include "tickets/rt.h"
#include "tickets/webhook.h"
#include "tickets/zammad.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
read_tickets(const GString *body)
{
	struct ticket ticket = { .requester_address =
				     (char *)"carol@example.net",
		.subject = (char *)"Hello" };
	g_autoptr(GPtrArray) list = liveagent_read_tickets(body, &ticket, NULL);

	g_assert(list == NULL || list->len <= LIVEAGENT_CANDIDATES);
}

static void
read_made(const GString *body)
{
	struct desk_ticket made OWNED(desk_ticket_clear) = { 0 };
	g_autofree char *file = liveagent_read_id(body, NULL);
	gboolean good = liveagent_read_made(body, &made, NULL);

	g_assert(good == (made.id != NULL && made.code != NULL));
	g_assert(file == NULL || strchr(file, ',') == NULL);
}

static void
read_refusal(guint8 choice, GString *body)
{
	const struct http_answer answer = { .status = (long)choice * 3,
		.body = body };
	g_autofree char *words = answer_words(body->str, body->len);
	g_autoptr(GError) error = NULL;
	gboolean good;

	g_assert(strlen(words) <= 300);
	g_assert(g_utf8_validate(words, -1, NULL));
	good = answer_accepted((enum answer_call)(choice % 4), &answer, &error);
	g_assert(good == (error == NULL));
}

static void
read_care(const GString *body)
{
	g_autoptr(GPtrArray) rows = liveagent_read_rows(body, NULL);
	g_autoptr(GPtrArray) contacts =
	    liveagent_read_contacts(body, "carol@example.net", NULL);
	g_autoptr(GPtrArray) sent = g_ptr_array_new_with_free_func(g_free);
	struct liveagent_place place = { "2026-11-28 12:00:00", "a", TRUE };
	g_autofree char *tag = NULL;

	for (guint i = 0; contacts != NULL && i < contacts->len; i++)
		g_assert(contacts->pdata[i] != NULL);
	if (rows != NULL) {
		liveagent_take(&place, rows, 20);
		g_assert(rows->len <= 20);
	}
	(void)liveagent_read_sent(body, sent, NULL);
	(void)liveagent_read_tags(body, "spam", &tag, NULL);
	(void)liveagent_read_v1(body, NULL);
}

static void
read_others(const GString *body, const struct ident *key)
{
	struct ticket ticket = { .message_id = (char *)"1@example.net" };
	struct desk_ticket made OWNED(desk_ticket_clear) = { 0 };
	struct desk_erased erased OWNED(desk_erased_clear) = { 0 };
	g_autoptr(GPtrArray) found = zammad_read_found(body, NULL);
	g_autoptr(GArray) users =
	    zammad_read_users(body, "carol@example.net", NULL);
	g_autofree char *file = webhook_read_file(body, NULL);
	gboolean ours;

	webhook_read_made(body, key, &made);
	g_assert(made.id != NULL && made.code != NULL);
	webhook_read_erased(body, &erased);
	(void)zammad_read_is_ours(body, &ticket, key, &ours, NULL);
	g_assert(found == NULL || found->len <= 50);
	for (guint i = 0; users != NULL && i < users->len; i++)
		g_assert(g_array_index(users, gint64, i) > 0);
	g_assert(file == NULL || *file != '\0');
}

static void
read_rt_changes(const GString *body)
{
	const struct rt_states states = { "open", "resolved", "rejected" };
	gint64 last = 5;
	g_autoptr(GPtrArray) events = rt_read_changes(
	    body, &states, G_GINT64_CONSTANT(1795896005), &last, NULL);

	g_assert(last >= 5);
	for (guint i = 0; events != NULL && i < events->len; i++) {
		const struct desk_event *event = events->pdata[i];

		g_assert(event->id != NULL && event->code != NULL);
		g_assert(event->when < G_GINT64_CONSTANT(1795896005));
		g_assert(event->status != NULL || event->message_ids->len > 0);
	}
}

static void
read_rt_ticket(const GString *body, const struct ident *key)
{
	const struct rt_post post = { NULL, key, "Support", "F", "Tags", NULL };
	const char *const more[] = { "a", "b", NULL };
	struct desk_ticket made OWNED(desk_ticket_clear) = { 0 };
	struct desk_ticket owner OWNED(desk_ticket_clear) = { 0 };
	g_autofree char *status = rt_read_status(body, NULL);
	g_autoptr(GPtrArray) values = rt_read_values(body, "Tags", NULL);
	g_autoptr(GPtrArray) tags =
	    values != NULL ? rt_merge_tags(values, more) : NULL;
	gboolean flag, good = rt_read_made(body, &made, NULL);

	g_assert(good == (made.id != NULL && made.code != NULL));
	good = rt_read_owner(body, &owner, NULL);
	g_assert(good == (owner.id != NULL));
	g_assert(tags == NULL || tags->len > values->len);
	(void)rt_read_field(body, &post, &flag, NULL);
	(void)rt_read_multiple(body, &flag, NULL);
	g_assert(status == NULL || g_utf8_validate(status, -1, NULL));
}

static void
read_rt(const GString *body, const struct ident *key)
{
	g_autoptr(GPtrArray) ids = rt_read_ids(body, NULL);
	g_autofree char *any = rt_read_transaction(body, NULL, NULL);
	g_autofree char *ours = rt_read_transaction(body, key, NULL);
	g_autofree char *field = rt_read_queue_field(body, "F", NULL);
	g_autoptr(GError) error = NULL;
	gboolean good = rt_read_gateway(body, &error);

	g_assert(good == (error == NULL));
	g_assert(ours == NULL || any != NULL);
	g_assert(field == NULL || strlen(field) <= body->len);
	for (guint i = 0; ids != NULL && i < ids->len; i++) {
		g_autofree char *path = rt_ticket_path(ids->pdata[i], "");

		g_assert(path == NULL || strpbrk(path + 1, "?#& \r\n") == NULL);
	}
	read_rt_changes(body);
	read_rt_ticket(body, key);
}

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
	g_autoptr(GString) body = NULL;
	struct ident key = { { 0 } };
	gboolean ours;

	if (size == 0)
		return 0;
	body = g_string_new_len((const char *)data + 1, (gssize)size - 1);
	read_refusal(data[0], body);
	read_made(body);
	read_tickets(body);
	read_care(body);
	read_others(body, &key);
	read_rt(body, &key);
	read_redmine(body, &key);
	liveagent_read_departments(body, "dep1", NULL);
	liveagent_read_is_ours(body, "1@example.net", &key, &ours, NULL);
	return 0;
}
