/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way to the classifier.
 */
#include "milter/judge.h"

#include "lib/base/log.h"

/* Two tries, the wait for a reader before each, and storing must fit into what
 * is left. */
#define SHARES 5

static gboolean
score(void *self, int message, guint wall_ms, struct verdict *verdict_r,
    GError **error)
{
	return classify_message(self, message, wall_ms, verdict_r, error);
}

void
judge_init(struct judge *judge_r, struct classify *classify, guint reader_ms)
{
	*judge_r = (struct judge){ score, classify, reader_ms };
}

/* Why the sender is not scored, or NULL. */
static const char *
trusted(const struct terms *terms, const struct envelope *envelope)
{
	if (envelope->authenticated != NULL && !terms->scan_authenticated)
		return "not scored: authenticated sender";
	if (envelope->own_network)
		return "not scored: own network";
	return NULL;
}

void
judge_message(const struct judge *judge, const struct terms *terms,
    const struct envelope *envelope, int message, gint64 left,
    struct verdict *verdict_r)
{
	const char *why = trusted(terms, envelope);
	gint64 share = MAX(left / SHARES / 1000, 10);
	g_autoptr(GError) error = NULL;

	if (why != NULL) {
		verdict_init(verdict_r, VERDICT_HAM, VERDICT_NOT_SCORED, why);
		return;
	}
	if (judge->score(judge->self, message, MIN(share, judge->reader_ms),
		verdict_r, &error))
		return;
	log_error(LOG_LEVEL_WARN, error, "no-reader", NULL);
	verdict_init(
	    verdict_r, VERDICT_UNSURE, VERDICT_UNREAD, "no reader was free");
}
