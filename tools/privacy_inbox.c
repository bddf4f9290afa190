/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The erasure of an inbox as a request that nobody has made.
 */
#include "tools/privacy_inbox.h"

#include "lib/base/err.h"
#include "tickets/holders.h"

/* One that a crash left without its number in the inbox's life is found. */
static guint64
find_inbox(struct keeper *keeper, const char *inbox, GError **error)
{
	json_t *open = requests_list(keeper->requests, TRUE, error), *one;
	guint64 id = 0;
	size_t i;

	json_array_foreach(open, i, one)
	{
		const char *name =
		    json_string_value(json_object_get(one, "inbox"));

		if (name != NULL && g_ascii_strcasecmp(name, inbox) == 0)
			id = (guint64)json_integer_value(
			    json_object_get(one, "id"));
	}
	json_decref(open);
	return id;
}

guint64
privacy_erase_inbox(struct keeper *keeper, const char *inbox, GError **error)
{
	struct request_wish wish = { .kind = REQUEST_INBOX,
		.actor = "deskgate:calendar",
		.inbox = inbox };
	g_autoptr(GError) fault = NULL;
	guint64 id = find_inbox(keeper, inbox, &fault);
	json_t *others;

	if (id == 0 && fault == NULL) {
		/* As long as the ledger knows them. */
		others = ticket_holders_others(keeper->holders, inbox, &fault);
		wish.holders = others;
		if (others != NULL)
			(void)requests_add(
			    keeper->requests, &wish, &id, &fault);
		json_decref(others);
	}
	if (fault != NULL) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return 0;
	}
	privacy_run_add(keeper->run, id);
	return id;
}

gboolean
privacy_inbox_look(struct keeper *keeper, guint64 id, const char *inbox,
    enum privacy_inbox *how_r, GError **error)
{
	g_autoptr(GError) fault = NULL;
	json_t *request = requests_get(keeper->requests, id, &fault);
	const char *name = json_string_value(json_object_get(request, "inbox"));

	if (request == NULL && !err_is(fault, DG_ERROR_NOTFOUND)) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	if (name == NULL || g_ascii_strcasecmp(name, inbox) != 0)
		*how_r = PRIVACY_INBOX_UNKNOWN;
	else
		*how_r = json_object_get(request, "ended") != NULL
			     ? PRIVACY_INBOX_ENDED
			     : PRIVACY_INBOX_OPEN;
	json_decref(request);
	return TRUE;
}
