/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever a desk may answer.  The first byte chooses the status, the rest is
 * the body; every reader of answers sees it.
 */
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tickets/liveagent.h"

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
	g_autofree char *file = liveagent_read_file(body, NULL);
	gboolean good = liveagent_read_made(body, &made, NULL);

	g_assert(good == (made.id != NULL && made.code != NULL));
	g_assert(file == NULL || strchr(file, ',') == NULL);
}

static void
read_refusal(guint8 choice, const GString *body)
{
	g_autofree char *words = liveagent_words(body->str, body->len);
	g_autoptr(GError) error = NULL;
	gboolean good;

	g_assert(strlen(words) <= 300);
	g_assert(g_utf8_validate(words, -1, NULL));
	good = liveagent_accepted(
	    (enum liveagent_call)(choice % 3), (long)choice * 3, body, &error);
	g_assert(good == (error == NULL));
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
	liveagent_read_departments(body, "dep1", NULL);
	liveagent_read_is_ours(body, "1@example.net", &key, &ours, NULL);
	return 0;
}
