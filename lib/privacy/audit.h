/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_AUDIT_H
#define DESKGATE_LIB_PRIVACY_AUDIT_H

#include <glib.h>
#include <jansson.h>

#include "lib/base/clock.h"
#include "lib/base/secret.h"
#include "lib/privacy/holder.h"

/*
 * The audit trail: who did what, and when, without personal data (GDPR Article
 * 5(2), accountability).  A folder with one file for each month, to which lines
 * are only ever added:
 *
 *   {"seq": 7, "time": "2026-11-23T20:08:35Z", "actor": "cli:root",
 *    "act": "release", "object": "what it was done to", "outcome": "new",
 *    "chain": "..."}
 *
 * `chain` is a keyed digest of the line and of the chain before it, so a line
 * that was changed, taken out or put in is found, at the head too.  Lines cut
 * off at the very end leave a chain that is whole: for that the last
 * "seq:chain" (the head) is logged at each start, and audit_verify can be asked
 * whether one is there.
 *
 * The keeper's alone; thread-safe (one lock).
 */
struct audit;

#define AUDIT_CHAIN_TEXT 33 /* 32 hex digits and the NUL */
/* Bytes of one member: names and digests, never texts. */
#define AUDIT_TEXT_MOST 127

/*
 * `folder` exists.  The digest's key is made of `key`.  A last line without its
 * end, as a power cut leaves it, was never confirmed and is removed.  A line
 * that is damaged stays as it is: what is added goes on behind the last sound
 * one, and audit_verify tells of it from then on.
 */
struct audit *audit_open(const char *folder, const struct secret *key,
    const struct clock *clock, GError **error);
/* Accepts NULL. */
void audit_close(struct audit **address);

/* What is kept of an act; every member is 1 to AUDIT_TEXT_MOST visible ASCII
 * bytes or blanks, without "@" (an address is personal data), or NULL, which is
 * left out. */
struct audit_act {
	const char *actor;  /* "cli:root", "desk:main:3"; not NULL */
	const char *act;    /* a word: "lesson", "release"; not NULL */
	const char *object; /* "ticket main 7", the name of an entry */
	const char *outcome;
};

/* Adds one; durable when it answers TRUE. BAD when a member is none. */
gboolean audit_add(struct audit *audit, const struct audit_act *act,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Lets the lines go that are older than kept->keep, when `run`, and fills in
 * what there is; nothing from a damaged line on goes.  The cut is a line of the
 * trail itself, by which what is left is known to be whole. */
gboolean audit_expire(struct audit *audit, gint64 now, gboolean run,
    struct kept *kept, GError **error);
/* Adds it to the registry as the holder "audit". */
void audit_add_holder(struct registry *registry, struct audit *audit);

/* The last `most` records, oldest first, as an array of the caller's.  A
 * damaged line is {"seq": 0, "act": "damaged", "object": "2026-11.log, line
 * 3"}. */
json_t *audit_list(struct audit *audit, guint most, GError **error);

/* Copies its files into the folder `to`, at a moment at which all lines are
 * whole. */
gboolean audit_copy(struct audit *audit, int to, GError **error);

/* Adds who is named in it as an actor to a set of texts (the set's own). */
gboolean audit_actors(struct audit *audit, GHashTable *actors, GError **error);

struct audit_report {
	guint64 records;
	guint64 first, last;             /* seq; 0: there is none */
	char head[AUDIT_CHAIN_TEXT];     /* chain of the last */
	gboolean whole;                  /* no fault was found */
	gboolean has;                    /* the head asked for is there */
	char fault[AUDIT_TEXT_MOST + 1]; /* "2026-11.log, line 3: changed" */
};

/*
 * Works the whole chain out again, up to the first fault.  `head` (may be
 * NULL) is a "seq:chain" seen before: when it is not there any more, lines were
 * cut off.  FALSE when it cannot be read, or the head is no "seq:chain" (BAD).
 */
gboolean audit_verify(struct audit *audit, const char *head,
    struct audit_report *report_r, GError **error);

#endif
