/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever Request Tracker may answer: every reader of its answers sees it.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "tickets/rt.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

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

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	g_autoptr(GString) body =
	    g_string_new_len((const char *)data, (gssize)size);
	struct ident key = { { 0 } };

	read_rt(body, &key);
	return 0;
}
