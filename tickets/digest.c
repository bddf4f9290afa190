/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is held, for the team.
 */
#include "tickets/digest.h"

#include <string.h>

#include "lib/base/unicode.h"

/* Of a sender, a subject, a reason: bytes that are shown. */
#define SHOWN 200

void
digest_item_free(gpointer data)
{
	struct digest_item *item = data;

	g_free(item->id);
	g_free(item->received);
	g_free(item->sender);
	g_free(item->subject);
	g_free(item->reason);
	g_free(item);
}

gint
digest_minute(const char *at)
{
	gint hour, minute;

	if (strlen(at) != 5 || at[2] != ':' || !g_ascii_isdigit(at[0]) ||
	    !g_ascii_isdigit(at[1]) || !g_ascii_isdigit(at[3]) ||
	    !g_ascii_isdigit(at[4]))
		return -1;
	hour = 10 * (at[0] - '0') + at[1] - '0';
	minute = 10 * (at[3] - '0') + at[4] - '0';
	return hour < 24 && minute < 60 ? 60 * hour + minute : -1;
}

gboolean
digest_is_due(gint64 last, gint64 day, gint minute, gint at)
{
	return last < day && minute >= at;
}

static void
add_line(GString *text, const char *head, const char *value)
{
	g_autofree char *line = unicode_line(value, SHOWN);

	g_string_append_printf(text, "%-9s %s\n", head, line);
}

char *
digest_text(const char *inbox, const GPtrArray *items, guint all)
{
	GString *text = g_string_new(NULL);

	g_string_append_printf(text,
	    "%u message%s to %s wait%s in quarantine.\n\n"
	    "To let one become a ticket:  deskgate quarantine release ID\n"
	    "To read it first:            deskgate quarantine show ID\n"
	    "To delete it:                deskgate quarantine delete ID\n",
	    all, all == 1 ? "" : "s", inbox, all == 1 ? "s" : "");
	for (guint i = 0; i < items->len; i++) {
		const struct digest_item *item = items->pdata[i];

		g_string_append_c(text, '\n');
		add_line(text, "ID", item->id);
		add_line(text, "received", item->received);
		add_line(text, "from", item->sender);
		add_line(text, "subject", item->subject);
		add_line(text, "reason", item->reason);
	}
	if (items->len < all)
		g_string_append_printf(text,
		    "\nand %u more; \"deskgate quarantine list\" shows all of "
		    "them.\n",
		    all - items->len);
	return g_string_free(text, FALSE);
}
