/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_JUDGE_H
#define DESKGATE_MILTER_JUDGE_H

#include <glib.h>

#include "classifier/classify.h"
#include "lib/mail/envelope.h"
#include "lib/mail/verdict.h"
#include "milter/terms.h"

/*
 * Who is judged, and how long that may take.  Thread-safe.
 *
 * Mail always gets a verdict, so it always flows: whom we trust is not scored
 * and ham; without a table, unread, or when no reader could be had in time it
 * is unsure, and the verdict's note says why.
 */
struct judge {
	/* classify_message, or a test's own. */
	gboolean (*score)(void *self, const struct classify_ask *ask,
	    struct verdict *verdicts_r, GBytes **scored_r, GError **error);
	void *self;
	guint reader_ms; /* what a reader may take for a message */
};

/* The judge of programs; `classify` is borrowed. */
void judge_init(
    struct judge *judge_r, struct classify *classify, guint reader_ms);

struct judge_case {
	const struct terms *terms;
	const struct envelope *envelope;
	int message;
	gint64 left; /* microseconds until the message's deadline */
	/* Own models of inboxes that it is for, at most CLASSIFY_MODELS and a
	 * NULL; or NULL: none. */
	const char *const *models;
};

/* verdicts_r[0] is the installation's, one for each of the models follows.
 * *scored_r is what was scored (classify_message), or NULL; the caller's.
 */
void judge_message(const struct judge *judge, const struct judge_case *of,
    struct verdict *verdicts_r, GBytes **scored_r);

#endif
