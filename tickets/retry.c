/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decisions about the next try.  Faults that pass are waited for as long as it
 * takes: a message that was accepted is never given up because a desk is down.
 * Only what the desk refuses for good, and what cannot be converted after
 * so many tries, becomes dead, where a person sees it.
 */
#include "tickets/retry.h"

#include "lib/base/err.h"

gint64
retry_delay(const struct retry_limits *limits, guint attempts, double chance)
{
	gint64 delay = MAX(limits->minimum, 1);
	gint64 most = MAX(limits->maximum, delay);

	for (guint i = 1; i < attempts && delay < most; i++)
		delay *= 2;
	delay = MIN(delay, most);
	return MAX(delay - (gint64)((double)delay / 4 * chance), 1);
}

static struct retry_step
wait_step(const struct retry_limits *limits, guint attempts, double chance)
{
	struct retry_step step = { .state = SPOOL_WAIT };

	step.delay = retry_delay(limits, attempts, chance);
	return step;
}

struct retry_step
retry_after_desk(const struct retry_limits *limits, const GError *error,
    guint attempts, double chance)
{
	struct retry_step step = wait_step(limits, attempts, chance);

	step.pause = TRUE;
	if (err_is(error, DG_ERROR_BAD)) {
		step.state = SPOOL_DEAD;
		step.delay = 0;
		step.pause = FALSE;
	} else if (err_is(error, DG_ERROR_DENIED)) {
		/* Credentials are mended by people: no use in asking often. */
		step.delay = retry_delay(limits, G_MAXUINT, chance);
	} else if (!err_is(error, DG_ERROR_AGAIN) &&
		   !err_is(error, DG_ERROR_FULL)) {
		/* IO, and whatever we do not understand. */
		step.maybe_created = TRUE;
	}
	return step;
}

struct retry_step
retry_after_convert(const struct retry_limits *limits, const GError *error,
    guint attempts, double chance)
{
	struct retry_step step = wait_step(limits, attempts, chance);

	if (err_is(error, DG_ERROR_AGAIN) || err_is(error, DG_ERROR_FULL))
		return step;
	if (attempts >= limits->attempts) {
		step.state = SPOOL_DEAD;
		step.delay = 0;
	}
	return step;
}
