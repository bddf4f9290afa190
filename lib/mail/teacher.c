/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words for what came of a lesson.
 */
#include "lib/mail/teacher.h"

const char *
teacher_word(enum teacher_outcome outcome)
{
	static const char *const words[] = {
		[TEACHER_LEARNT] = "learnt",
		[TEACHER_KNOWN] = "already known",
		[TEACHER_MOVED] = "moved",
		[TEACHER_NOTED] = "noted without need",
		[TEACHER_REFUSED] = "refused",
		[TEACHER_UNTAUGHT] = "taken back",
	};

	return words[outcome];
}

static char *
refusal_text(enum verdict_class class, const struct teacher_reason *reason)
{
	enum verdict_class other =
	    class == VERDICT_SPAM ? VERDICT_HAM : VERDICT_SPAM;
	gint64 seconds = (reason->wait + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;

	if (reason->barred != NULL)
		return g_strdup(reason->barred);
	if (reason->wait == 0)
		return g_strdup_printf("the model is sure it is %s "
				       "(score %+.1f); train --force overrides",
		    verdict_word(other), reason->score);
	return g_strdup_printf("as many lessons as train-rate allows an hour "
			       "were taught in this name; teach it again in "
			       "%" G_GINT64_FORMAT " s",
	    seconds);
}

char *
teacher_reason_text(enum teacher_outcome outcome, enum verdict_class class,
    const struct teacher_reason *reason)
{
	switch (outcome) {
	case TEACHER_REFUSED:
		return refusal_text(class, reason);
	case TEACHER_LEARNT:
		return g_strdup_printf(
		    "the model was not sure enough of it (score %+.1f)",
		    reason->score);
	case TEACHER_MOVED:
		return g_strdup_printf("it was taught as %s before",
		    class == VERDICT_SPAM ? "ham" : "spam");
	case TEACHER_NOTED:
		return g_strdup_printf(
		    "the model was sure of it already (score %+.1f)",
		    reason->score);
	case TEACHER_KNOWN:
		return g_strdup("the same was taught before");
	case TEACHER_UNTAUGHT:
		break;
	}
	return g_strdup("the counts are as if it had never been taught");
}
