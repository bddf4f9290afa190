/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_COMPARE_H
#define DESKGATE_TOOLS_COMPARE_H

#include <jansson.h>

#include "tools/others.h"
#include "tools/source.h"

/*
 * Our verdicts and those of another filter on the same mail, set side by side:
 * what each message says, and the sums.  No I/O.
 */
struct compare_row {
	char *name;                /* of file and message; owned */
	struct source_place place; /* where it lies; its path is owned */
	struct others words;       /* ours in it is replaced when scored now */
	gboolean scored;           /* our word was found by scoring it now */
	gboolean labelled;         /* truth is known */
	enum verdict_class truth;  /* VERDICT_HAM or VERDICT_SPAM */
};

/* What one filter and we have said of the messages on which both have a word.
 */
struct compare_sum {
	guint both;            /* messages */
	guint table[3][3];     /* [ours][theirs] */
	guint same;            /* the same class */
	guint opposed;         /* ham against spam */
	guint labelled[2];     /* of both: [0] ham, [1] spam */
	guint errors[2][2][3]; /* [ours 0, theirs 1][true spam][said] */
	guint differing;       /* several fields that contradict each other */
};

struct compare;

/* An empty one. */
struct compare *compare_new(void);
/* Accepts NULL inside. */
void compare_free(struct compare **address);
/* Takes over what the row holds; its number, from 0. */
guint compare_add(struct compare *compare, const struct compare_row *row);
/* How many rows. */
guint compare_count(const struct compare *compare);
/* A row; lives as long as `compare`, until the next is added. */
struct compare_row *compare_at(struct compare *compare, guint index);

/* The sums for one filter. */
void compare_sum(const struct compare *compare, enum others_filter filter,
    struct compare_sum *sum_r);

/*
 * The filter's verdict is another than ours.  0: not, or one has no word; 1:
 * one of the two is unsure; 2: ham against spam.
 */
guint compare_differs(const struct compare_row *row, enum others_filter filter);

/* A row and a sum as JSON; the caller's. */
json_t *compare_row_json(const struct compare_row *row);
/* See above. */
json_t *compare_sum_json(const struct compare_sum *sum);

#endif
