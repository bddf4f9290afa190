/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_DIGEST_H
#define DESKGATE_TICKETS_DIGEST_H

#include <glib.h>

/*
 * The daily list of what is held: when it is due, and its text.  Pure.
 */

/* Messages that one digest names; of more it says how many. */
#define DIGEST_MOST 200

struct digest_item {
	char *id;       /* the entry's */
	char *received; /* "2026-11-23T20:08:35Z" */
	char *sender;
	char *subject; /* or why it cannot be told */
	char *reason;
};
/* For g_ptr_array_new_with_free_func. */
void digest_item_free(gpointer data);

/* Minutes after midnight of "07:00"; -1 when it is no time of day. */
gint digest_minute(const char *at);

/* Whether the digest of `day` (days since 1970, local) is due at `minute` of
 * it, when the last one was of `last`. */
gboolean digest_is_due(gint64 last, gint64 day, gint minute, gint at);

/* The text for items (struct digest_item *) of an inbox in which `all` are
 * held; what comes from mail is made harmless.  The caller frees it. */
char *digest_text(const char *inbox, const GPtrArray *items, guint all);

#endif
