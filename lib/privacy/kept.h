/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_KEPT_H
#define DESKGATE_LIB_PRIVACY_KEPT_H

#include <glib.h>
#include <jansson.h>

#include "lib/base/conf.h"

/*
 * How much is kept of one kind, for how long, and what is past its time (GDPR
 * Article 5(1)(e), storage limitation): what a holder's `expire` tells.
 */
struct kept {
	const char *kind;    /* "raw"; borrowed */
	const char *inbox;   /* its title, or NULL: it is of none; borrowed */
	const char *model;   /* the own model of inboxes, or NULL; borrowed */
	const char *setting; /* that says how long, or NULL; borrowed */
	gint64 keep;         /* seconds; 0: `until` says how long */
	const char *until;   /* "it is delivered"; borrowed */
	guint64 count;
	gint64 oldest; /* wall microseconds; 0: there is none */
	gint64 first;  /* the oldest that may go; 0: there is none */
	guint64 past;  /* that may go now */
	/* Past its time too, but of somebody who has restricted the use of his
	 * data: it is stored until that is lifted (Article 18(2)). */
	guint64 restricted;
	guint64 gone; /* removed in this run */
};

/* Whether what is from `when` is past its time. */
gboolean kept_is_past(const struct kept *kept, gint64 when, gint64 now);
/* Counts one that stays for now. */
void kept_count(
    struct kept *kept, gint64 when, gint64 now, gboolean restricted);
/*
 * Adds it to `rows`: {"kind": "raw", "inbox": "support@example.com", "setting":
 * "raw-retention", "keep": 604800, "count": 3, "oldest": "2026-...", "next":
 * "2026-...", "past": 1, "gone": 2}.  "next": when the next one goes; "oldest"
 * and "next" are null when there is none; without `keep` "until" says how long.
 */
void kept_row(const struct kept *kept, json_t *rows);

/* How long an inbox keeps what the setting is of: what it says itself, else
 * what is said for all. NULL, or no inbox of the settings: as for all. */
gint64 kept_setting(
    const struct conf *conf, const char *inbox, const char *setting);

/* One kind in all inboxes. */
struct kept_inboxes;
/* Of all inboxes of the settings; `kind` and `setting` are borrowed. */
struct kept_inboxes *kept_inboxes_new(
    const struct conf *conf, const char *kind, const char *setting);
/* The one of this inbox, or of those that are in no settings any more. */
struct kept *kept_inboxes_of(struct kept_inboxes *all, const char *inbox);
/* Adds a row of each, and frees it; `rows` NULL: frees it only. */
void kept_inboxes_end(struct kept_inboxes **address, json_t *rows);

#endif
