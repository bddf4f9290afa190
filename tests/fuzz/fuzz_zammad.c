/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever Zammad may answer: every reader of its answers sees it.
 */
#include "lib/base/owned.h"
#include "tickets/zammad.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
read_found(const GString *body)
{
	g_autoptr(GPtrArray) found = zammad_read_found(body, NULL);
	struct zammad_owned owned = { .user = 7,
		.until = G_GINT64_CONSTANT(1795896005),
		.ids = g_array_new(FALSE, FALSE, sizeof(gint64)) };

	g_assert(found == NULL || found->len <= 50);
	for (guint i = 0; found != NULL && i < found->len; i++) {
		const struct desk_ticket *ticket = found->pdata[i];

		g_assert(zammad_id(ticket->id) > 0 && ticket->code != NULL);
	}
	(void)zammad_read_owned(body, &owned, NULL);
	g_array_unref(owned.ids);
}

static void
read_ticket(const GString *body, const struct ident *key)
{
	struct ticket ticket = { .message_id = (char *)"1@example.net" };
	struct desk_ticket made OWNED(desk_ticket_clear) = { 0 };
	g_autoptr(GArray) users =
	    zammad_read_users(body, "carol@example.net", NULL);
	gboolean ours, good = zammad_read_made(body, &made, NULL);

	g_assert(good == (made.id != NULL && made.code != NULL));
	(void)zammad_read_is_ours(body, &ticket, key, &ours, NULL);
	(void)zammad_read_groups(body, "Support", NULL);
	for (guint i = 0; users != NULL && i < users->len; i++)
		g_assert(g_array_index(users, gint64, i) > 0);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	g_autoptr(GString) body =
	    g_string_new_len((const char *)data, (gssize)size);
	struct ident key = { { 0 } };

	read_found(body);
	read_ticket(body, &key);
	return 0;
}
