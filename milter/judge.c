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
score(void *self, const struct classify_ask *ask, struct verdict *verdicts_r,
    GBytes **scored_r, GError **error)
{
	return classify_message(self, ask, verdicts_r, scored_r, error);
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

/* One for all. */
static void
set_all(const struct judge_case *of, enum verdict_class class,
    enum verdict_basis basis, const char *note, struct verdict *verdicts_r)
{
	verdict_init(&verdicts_r[0], class, basis, note);
	for (guint i = 0; of->models != NULL && of->models[i] != NULL; i++)
		verdicts_r[1 + i] = verdicts_r[0];
}

void
judge_message(const struct judge *judge, const struct judge_case *of,
    struct verdict *verdicts_r, GBytes **scored_r)
{
	const char *why = trusted(of->terms, of->envelope);
	gint64 share = MAX(of->left / SHARES / 1000, 10);
	const struct classify_ask ask = { of->message, of->models,
		(guint)MIN(share, judge->reader_ms) };
	g_autoptr(GError) error = NULL;

	*scored_r = NULL;
	if (why != NULL) {
		set_all(of, VERDICT_HAM, VERDICT_NOT_SCORED, why, verdicts_r);
		return;
	}
	if (judge->score(judge->self, &ask, verdicts_r, scored_r, &error))
		return;
	log_error(LOG_LEVEL_WARN, error, "no-reader", NULL);
	set_all(of, VERDICT_UNSURE, VERDICT_UNREAD, "no reader was free",
	    verdicts_r);
}
