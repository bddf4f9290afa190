/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_TOP_H
#define DESKGATE_TOOLS_TOP_H

#include <glib.h>
#include <jansson.h>

/*
 * The keeper's figures (the verb "metrics": exposition.h), looked at again and
 * again: what there is, and what has changed since the look before.  Pure;
 * holds no figure about a person.
 */
enum top_spool { TOP_NEW, TOP_BUSY, TOP_WAIT, TOP_HELD, TOP_DEAD, TOP_SPOOL };

struct top_sample {
	gint64 at;               /* microseconds since 1970 */
	double verdicts[3];      /* messages by enum verdict_class, since the
				  * milter's      start */
	double answers[3];       /* accept, reject, later */
	double made, joined;     /* messages that became or joined a ticket */
	double spool[TOP_SPOOL]; /* entries */
	double oldest;           /* seconds, of what is on its way */
	double labels[2];        /* of the installation's model: ham, spam */
	gboolean active;         /* it judges */
	gboolean stale;          /* no new enough backup */
	double requests, overdue, damaged;
	double disk; /* share of the state's disk that is taken */
	double started[2], heard_of[2]; /* keeper, milter: seconds since 1970;
					 * 0: it is not there */
};
/* Reads a page. */
void top_read(const json_t *page, gint64 at, struct top_sample *sample_r);

/* Looks kept for the little charts. */
#define TOP_LOOKS 120

struct top;
/* Of no look yet. */
struct top *top_new(void);
/* Accepts NULL inside. */
void top_free(struct top **address);
/* One look more; `families` is borrowed, and kept. */
void top_take(struct top *top, json_t *families, gint64 at);

/* A page of lines for people, as wide as `columns`; the caller frees it. */
char *top_page(const struct top *top, guint columns, gboolean unicode);
/* The last look as one line under the head's names; the caller frees it. */
char *top_line(const struct top *top);
/* The names above such lines; static. */
const char *top_head(void);
/* The last look for scripts; the caller's. */
json_t *top_json(const struct top *top);

#endif
