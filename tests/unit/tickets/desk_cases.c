/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/tickets/desk_cases.h"

#include <string.h>

struct ident
cases_key(void)
{
	struct ident key;

	memset(key.bytes, 7, IDENT_BYTES);
	return key;
}

struct ticket
cases_ticket(const char *name)
{
	return (struct ticket){ .subject = (char *)"S",
		.text = (char *)"T",
		.requester_address = (char *)"a@example.net",
		.requester_name = (char *)name,
		.message_id = (char *)"1@example.net" };
}

json_t *
cases_json(char *text)
{
	json_t *value = json_loads(text, 0, NULL);

	g_free(text);
	g_assert_nonnull(value);
	return value;
}

GPtrArray *
cases_statuses(void)
{
	static const struct {
		gint64 id;
		const char *name;
		gboolean closed;
	} rows[] = { { 1, "New", FALSE }, { 2, "In Progress", FALSE },
		{ 5, "Closed", TRUE }, { 6, "Rejected", TRUE },
		{ 7, "3", TRUE } };
	GPtrArray *list = g_ptr_array_new_with_free_func(redmine_item_free);

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct redmine_item *item = g_new0(struct redmine_item, 1);

		*item = (struct redmine_item){ rows[i].id,
			g_strdup(rows[i].name), rows[i].closed };
		g_ptr_array_add(list, item);
	}
	return list;
}
