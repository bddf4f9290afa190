/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever LiveAgent may answer.  The first byte chooses the status, the rest
 * is the body; every reader of its answers sees it.
 */
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tickets/answer.h"
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
	liveagent_read_departments(body, "dep1", NULL);
	liveagent_read_is_ours(body, "1@example.net", &key, &ours, NULL);
	return 0;
}
