/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of what goes when. */
#include "lib/base/clock.h"
#include "tools/daybook.h"
#include "tools/retain.h"
#include "tools/verbs.h"
#include "tools/wayback.h"

static void
answer_rows(struct keeper *keeper, struct control_answer *answer)
{
	g_autofree char *now = clock_text(clock_wall(&clock_system));
	json_t *clock = daybook_state(keeper->daybook);

	json_object_set_new(
	    answer->body, "rows", retain_schedule(keeper->retain));
	json_object_set_new(
	    answer->body, "busy", json_boolean(retain_is_busy(keeper->retain)));
	json_object_set_new(answer->body, "now", json_string(now));
	json_object_set_new(answer->body, "clock", clock);
}

/* {} -> {rows: [...], busy, now, clock: (daybook_state)}: what is kept, and
 * when it goes */
gboolean
verb_privacy_schedule(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	(void)request, (void)error;
	answer_rows(self, answer);
	return TRUE;
}

/* {} -> the same, as it was before; and what is past its time goes behind the
 * answer */
gboolean
verb_privacy_expire(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;

	(void)error;
	answer_rows(keeper, answer);
	wayback_act(keeper, request, "expire-now", NULL);
	retain_want(keeper->retain);
	json_object_set_new(answer->body, "busy", json_true());
	return TRUE;
}

/* {} -> {clock: (daybook_state)}: a person says that the clock is right */
gboolean
verb_clock_confirm(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;

	if (!daybook_confirm(keeper->daybook, error))
		return FALSE;
	wayback_act(keeper, request, "clock-is-right", NULL);
	json_object_set_new(
	    answer->body, "clock", daybook_state(keeper->daybook));
	return TRUE;
}
