/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_TALLY_H
#define DESKGATE_LIB_BASE_TALLY_H

#include <glib.h>
#include <jansson.h>

/*
 * Counters of one program: what happened since it started.  Each room that
 * counts has a table of what it counts and an enum of places in it.
 *
 * A tally lies in a file of a folder in memory (runtime-dir), so that a program
 * that may not listen to anybody (deskgate-milter) is counted with by the one
 * that may.  Who reads it takes a copy, and believes nothing of it but
 * numbers and names it knows.
 *
 * To count is one atomic addition; to find a row is a lock and a look-up, once
 * a message.  Thread-safe.
 */
enum tally_type {
	TALLY_COUNTER,
	TALLY_SECONDS, /* a histogram of times; told in microseconds */
};

struct tally_metric {
	const char *name; /* "deskgate_messages_total"; NULL ends the table */
	const char *help;
	enum tally_type type;
	const char *row;   /* the label of its rows: "inbox"; NULL: it has no
			      rows, and its row is always 0 */
	const char *label; /* of its values: "verdict"; NULL: it has none, and
			      its value is always 0 */
	const char *const *values; /* of the label, NULL-ended */
};

/* Rows of one tally, so that nothing grows without end: more than these are
 * counted in the last one, TALLY_OTHERS. */
#define TALLY_ROWS 128
#define TALLY_NAME_BYTES 256 /* of a row, with its NUL; more are "other" */
#define TALLY_OTHERS (TALLY_ROWS - 1)
#define TALLY_OTHER "other"

struct tally;

/* One in memory of its own; `metrics` is static. */
struct tally *tally_new(const struct tally_metric *metrics);
/* One in a new file, mode 0640, that takes the place of an old one of this
 * name in `dir`. */
struct tally *tally_make(const struct tally_metric *metrics, int dir,
    const char *name, GError **error);
/* A copy of what another program has counted, with its own start; NOTFOUND when
 * it never ran, BAD when what stands there is none, or one of another version.
 */
struct tally *tally_read(const struct tally_metric *metrics, int dir,
    const char *name, GError **error);
/* Accepts NULL inside; the file stays. */
void tally_free(struct tally **address);

/* The row of this name, which it gets now at the latest. */
guint tally_row(struct tally *tally, const char *name);

/* Counts `n` more.  Accepts a NULL tally: nobody counts. */
void tally_add(
    struct tally *tally, guint metric, guint row, guint value, guint64 n);
/* A time that something took. */
void tally_time(struct tally *tally, guint metric, guint row, gint64 usec);

/* Says that its program lives: about once a second.  Accepts NULL. */
void tally_beat(struct tally *tally);
/* The wall clock at its start, and at the last beat: microseconds. */
gint64 tally_started(const struct tally *tally);
gint64 tally_alive(const struct tally *tally);

/* Adds a family for each metric to a page (exposition.h).  A row for which
 * `known` is FALSE is counted as TALLY_OTHER; NULL: all are known.  What has no
 * rows and no values is told from 0 on. */
void tally_expose(const struct tally *tally, json_t *page,
    gboolean (*known)(void *self, const char *row), void *self);

#endif
