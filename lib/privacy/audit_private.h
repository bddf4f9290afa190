/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_AUDIT_PRIVATE_H
#define DESKGATE_LIB_PRIVACY_AUDIT_PRIVATE_H

#include <errno.h>
#include <pthread.h>

#include "lib/base/ident.h"
#include "lib/privacy/audit.h"

/* Shared by audit.c (writing), audit_read.c (reading) and audit_cut.c (letting
 * go), and by nobody else. */
#define AUDIT_NO_CHAIN "00000000000000000000000000000000"
/* Bytes of a month that are read: some millions of acts.  Beyond it something
 * is wrong, and the trail says so by not opening. */
#define AUDIT_FILE_MOST ((gsize)1 << 30)

struct audit {
	struct secret *key;
	const struct clock *clock;
	int dir;
	pthread_mutex_t lock; /* of what follows */
	int file;             /* of the newest month; -1: none yet */
	char *name;           /* "2026-11.log" */
	guint64 seq;
	char chain[AUDIT_CHAIN_TEXT]; /* of the last line */
	gboolean broken;
	guint64 first;   /* where it was found to begin rightly; 0: not yet */
	gboolean healed; /* no cut of an earlier start is left undone */
};

struct audit_line {
	guint64 seq;
	const char *time, *actor, *act, *object, *outcome;
	char chain[AUDIT_CHAIN_TEXT];
	const char *prev; /* of the first line of a file, else NULL */
	json_t *object_r; /* what the texts of a read line live in */
};
/* Gives back what a read line holds. */
void audit_line_clear(struct audit_line *line);

/* All but its chain, as an object of the caller's. */
json_t *audit_line_json(const struct audit_line *line);

/* As it is written; `before`, the chain before it, stands in the first line of
 * a file, else NULL.  The caller frees it. */
char *audit_line_text(const struct audit_line *line, const char *before);

/* The act of a cut, and what stands before the number in its object. */
#define AUDIT_CUT "audit-cut"
#define AUDIT_CUT_TO "to "
/* Whether the line says that the trail was cut so that it begins at `first`,
 * behind a line with the chain `before`. */
gboolean audit_line_cuts(
    const struct audit_line *line, guint64 first, const char *before);

/* With the lock held: audit_add; and a file to write to. */
gboolean audit_add_locked(
    struct audit *audit, const struct audit_act *act, GError **error);
gboolean audit_open_file(struct audit *audit, const char *name, GError **error);

/* Works out line->chain from the chain before it. */
void audit_chain(
    const struct secret *key, const char *before, struct audit_line *line);

/* Names of the months' files, oldest first. */
GPtrArray *audit_files(struct audit *audit, GError **error);

/* The whole lines of a file, one after the other. */
struct audit_walk {
	const char *at, *end; /* borrowed of the bytes */
	guint number;         /* of the line last read, from 1 */
};
/* Begins; the bytes must outlive it. */
void audit_walk_begin(struct audit_walk *walk, GBytes *bytes);
/* The next; FALSE at the end, or with *good_r FALSE at a line that is none of
 * ours, behind which it goes on when asked again. */
gboolean audit_walk_next(
    struct audit_walk *walk, struct audit_line *line_r, gboolean *good_r);
/* The next that is one of ours.  Adds to *damaged (may be NULL) how many were
 * passed over. */
gboolean audit_walk_sound(
    struct audit_walk *walk, struct audit_line *line_r, guint *damaged);
/* Whether these bytes are a line without its end, as a power cut leaves it, and
 * no whole one with another byte in the place of that. */
gboolean audit_is_torn(const char *data, gsize length);

#endif
