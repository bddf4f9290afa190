/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Steps and dates of an inbox's life.
 */
#include "lib/privacy/life.h"

#include "lib/base/err.h"
#include "lib/base/unicode.h"

#define DAY ((gint64)86400)
/* Of an inbox that left the settings: as the table says. */
#define END_AFTER 60
#define ERASE_AFTER 30
#define BACKUPS_AFTER 400
#define ANNOUNCE_BEFORE 7

#define MOST 315360000

const struct conf_option life_options[] = {
	{ "suspend", CONF_DATE, NULL,
	    .help = "The day from which this inbox takes no mail: desks are "
		    "not called for it, and all is kept." },
	{ "suspend-answer", CONF_CHOICE, "tempfail",
	    .choices = "tempfail|reject",
	    .help = "What its mail is answered then: come again later (4xx), "
		    "or refused (5xx)." },
	{ "end-after", CONF_DURATION, "60d", 1, MOST,
	    .help = "How long after that the inbox ends: mail is refused from "
		    "then on, with end-text." },
	{ "end-text", CONF_STRING,
	    "This address is closed and is not read any more.",
	    .help = "What senders are told once the inbox has ended; "
		    "reject-contact stands behind it." },
	{ "erase-after", CONF_DURATION, "30d", 1, MOST,
	    .help = "How long after its end all its data is erased." },
	{ "backups-after", CONF_DURATION, "400d", 1, MOST,
	    .help = "How long after the erasure the last backup with data of "
		    "the inbox is gone: as long as you keep backups, which is "
		    "backup-keep at most.  Nothing is deleted then; you are "
		    "told to." },
	{ "announce-before", CONF_DURATION, "7d", 0, MOST,
	    .help = "How long before each step it is announced, in the log, in "
		    "the statistics, and by mail to operator-address." },
	{ NULL },
};

const char *
life_word(enum life_state state)
{
	static const char *const words[LIFE_STATES] = { "active", "suspended",
		"ended", "erasing", "erased", "past" };

	return words[state];
}

gboolean
life_parse(const char *word, enum life_state *state_r)
{
	for (guint state = 0; state < LIFE_STATES; state++) {
		if (g_strcmp0(word, life_word(state)) == 0) {
			*state_r = state;
			return TRUE;
		}
	}
	return FALSE;
}

const char *
life_answer_word(enum life_answer answer)
{
	return answer == LIFE_REJECT ? "reject" : "tempfail";
}

gboolean
life_answer_parse(const char *word, enum life_answer *answer_r)
{
	*answer_r = g_strcmp0(word, life_answer_word(LIFE_REJECT)) == 0
			? LIFE_REJECT
			: LIFE_TEMPFAIL;
	return g_strcmp0(word, life_answer_word(*answer_r)) == 0;
}

static gint64
duration(
    const struct conf_section *inbox, const char *name, gint64 default_days)
{
	return (inbox != NULL ? conf_duration(inbox, name)
			      : default_days * DAY) *
	       G_USEC_PER_SEC;
}

void
life_plan_read(const struct conf_section *inbox, struct life_plan *plan_r)
{
	*plan_r = (struct life_plan){
		.end_after = duration(inbox, "end-after", END_AFTER),
		.erase_after = duration(inbox, "erase-after", ERASE_AFTER),
		.backups_after =
		    duration(inbox, "backups-after", BACKUPS_AFTER),
		.announce_before =
		    duration(inbox, "announce-before", ANNOUNCE_BEFORE),
	};
	if (inbox == NULL)
		return;
	plan_r->suspend = conf_date(inbox, "suspend") * G_USEC_PER_SEC;
	(void)life_answer_parse(
	    conf_string(inbox, "suspend-answer"), &plan_r->answer);
}

/* --- what comes next --- */

static gboolean
was_told(const struct life *life, enum life_state to)
{
	return life->told_when != 0 && life->told.to == to;
}

/* One that follows by itself, `period` after the one before. */
static void
follow(const struct life *life, const struct life_plan *plan, gint64 period,
    struct life_step *step_r)
{
	gint64 notice = MIN(plan->announce_before, period);

	step_r->at = life->since + period;
	if (was_told(life, step_r->to))
		step_r->at = MAX(step_r->at, life->told_when + notice);
}

static gboolean
next_of_active(const struct life *life, const struct life_plan *plan,
    struct life_step *step_r)
{
	*step_r = life->planned;
	if (plan->suspend > life->resumed &&
	    (step_r->at == 0 || plan->suspend < step_r->at))
		*step_r = (struct life_step){ LIFE_SUSPENDED, plan->suspend };
	return step_r->at != 0;
}

gboolean
life_next(const struct life *life, const struct life_plan *plan,
    struct life_step *step_r)
{
	*step_r = (struct life_step){ life->state + 1, 0 };
	switch (life->state) {
	case LIFE_ACTIVE:
		return next_of_active(life, plan, step_r);
	case LIFE_SUSPENDED:
		if (life->planned.at != 0)
			*step_r = life->planned;
		else
			follow(life, plan, plan->end_after, step_r);
		return TRUE;
	case LIFE_ENDED:
		follow(life, plan, plan->erase_after, step_r);
		return TRUE;
	case LIFE_ERASED:
		follow(life, plan, plan->backups_after, step_r);
		return TRUE;
	case LIFE_ERASING:
	case LIFE_PAST:
	case LIFE_STATES:
		break;
	}
	return FALSE;
}

/* What a person planned for after this state. */
static struct life_step
planned_after(const struct life *life, enum life_state state)
{
	if (state == LIFE_SUSPENDED && life->planned.to == LIFE_ENDED)
		return life->planned;
	return state == LIFE_SUSPENDED ? life->later : (struct life_step){ 0 };
}

gboolean
life_then(const struct life *life, const struct life_plan *plan,
    struct life_step *step_r)
{
	if (!life_next(life, plan, step_r))
		return FALSE;
	*step_r = planned_after(life, step_r->to);
	return step_r->at != 0;
}

/* Whether a person has given its date, by command or in the settings. */
static gboolean
is_given(const struct life *life)
{
	return life->state == LIFE_ACTIVE || life->planned.at != 0;
}

/* A date that was moved to a later one is announced anew; but not what was
 * moved by its own announcement. */
static gboolean
is_told(const struct life *life, const struct life_step *step)
{
	return was_told(life, step->to) &&
	       (!is_given(life) || life->told.at == step->at);
}

gboolean
life_tell(struct life *life, const struct life_plan *plan, gint64 now)
{
	struct life_step step;

	if (!life_next(life, plan, &step) || is_told(life, &step) ||
	    step.at - plan->announce_before > now)
		return FALSE;
	life->told = step;
	life->told_when = now;
	/* As it stands now that it is told. */
	if (!is_given(life))
		(void)life_next(life, plan, &life->told);
	life->letter_ahead = TRUE;
	return TRUE;
}

/* Into a state; what was planned and told led there, or is of a later one. */
static void
enter(struct life *life, enum life_state state, gint64 now)
{
	life->planned = planned_after(life, state);
	life->later = (struct life_step){ 0 };
	life->state = state;
	life->since = now;
	if (life->planned.at == 0 || life->told.to != life->planned.to) {
		life->told_when = 0;
		life->letter_ahead = FALSE;
	}
	life->letter_done = TRUE;
	life->waits = FALSE;
}

/* All others can be taken back. */
static gboolean
needs_letter(const struct life *life, const struct life_plan *plan)
{
	return plan->letters && life->letter_ahead &&
	       was_told(life, LIFE_ERASING);
}

gboolean
life_waits(const struct life *life, const struct life_plan *plan, gint64 now)
{
	struct life_step step;

	return life_next(life, plan, &step) && step.at <= now &&
	       needs_letter(life, plan);
}

void
life_letter_taken(struct life *life, gint64 now)
{
	life->letter_ahead = FALSE;
	life->waits = FALSE;
	/* The time to object begins when he can know. */
	if (was_told(life, LIFE_ERASING))
		life->told_when = MAX(life->told_when, now);
}

gboolean
life_advance(struct life *life, const struct life_plan *plan, gint64 now)
{
	struct life_step step;
	gboolean by_settings;

	if (!life_next(life, plan, &step) || step.at > now ||
	    !is_told(life, &step) || needs_letter(life, plan))
		return FALSE;
	by_settings = life->planned.at != step.at;
	if (step.to == LIFE_SUSPENDED && by_settings)
		life->answer = plan->answer;
	enter(life, step.to, now);
	return TRUE;
}

/* --- what a person says --- */

static gboolean
refuse(const struct life *life, const char *what, GError **error)
{
	return err_set(error, DG_ERROR_BAD, "it is %s, and cannot be %s",
	    life_word(life->state), what);
}

static void
keep_reason(struct life *life, const char *reason)
{
	g_autofree char *line = unicode_line(
	    reason != NULL ? reason : "", sizeof(life->reason) - 1);

	g_strlcpy(life->reason, line, sizeof(life->reason));
}

/* A suspension and a later end stand side by side; else the last word counts.
 */
static void
plan_step(struct life *life, struct life_step step)
{
	struct life_step suspension = life->planned, end = life->later;

	if (suspension.to == LIFE_ENDED) {
		end = suspension;
		suspension = (struct life_step){ 0 };
	}
	if (step.to == LIFE_SUSPENDED)
		suspension = step;
	else
		end = step;
	if (suspension.at == 0 ||
	    (step.to == LIFE_ENDED && end.at <= suspension.at)) {
		life->planned = end;
		life->later = (struct life_step){ 0 };
		return;
	}
	life->planned = suspension;
	life->later = end.at > suspension.at ? end : (struct life_step){ 0 };
}

/* A day that has begun is now; one that is over is a slip, of the year mostly.
 */
static gboolean
check_day(const struct life_wish *wish, gint64 now, GError **error)
{
	return wish->at == 0 || wish->at + DAY * G_USEC_PER_SEC > now ||
	       err_set(error, DG_ERROR_BAD,
		   "that day is over: name one that comes, or leave the day "
		   "away to do it now");
}

/* A step at a later day is planned, any other is taken. */
static void
step_to(struct life *life, enum life_state state, const struct life_wish *wish,
    gint64 now)
{
	keep_reason(life, wish->reason);
	if (wish->at <= now)
		enter(life, state, now);
	else
		plan_step(life, (struct life_step){ state, wish->at });
}

gboolean
life_suspend(
    struct life *life, const struct life_wish *wish, gint64 now, GError **error)
{
	if (!check_day(wish, now, error))
		return FALSE;
	if (life->state == LIFE_SUSPENDED && wish->at <= now) {
		life->answer = wish->answer;
		keep_reason(life, wish->reason);
		return TRUE;
	}
	if (life->state != LIFE_ACTIVE)
		return refuse(life, "suspended", error);
	life->answer = wish->answer;
	step_to(life, LIFE_SUSPENDED, wish, now);
	return TRUE;
}

gboolean
life_end(
    struct life *life, const struct life_wish *wish, gint64 now, GError **error)
{
	if (!check_day(wish, now, error))
		return FALSE;
	if (life->state != LIFE_ACTIVE && life->state != LIFE_SUSPENDED)
		return refuse(life, "ended", error);
	step_to(life, LIFE_ENDED, wish, now);
	return TRUE;
}

gboolean
life_resume(struct life *life, gint64 now, GError **error)
{
	gboolean stood_still =
	    life->state == LIFE_SUSPENDED || life->state == LIFE_ENDED;

	if (!stood_still && life->state != LIFE_ACTIVE)
		return refuse(life,
		    life->state == LIFE_ERASING
			? "resumed: its data is being erased"
			: "resumed: its data is erased; \"deskgate inbox "
			  "open\" begins anew",
		    error);
	if (stood_still)
		enter(life, LIFE_ACTIVE, now);
	life->planned = life->later = (struct life_step){ 0 };
	life->told_when = 0;
	life->letter_ahead = FALSE;
	life->resumed = now;
	keep_reason(life, NULL);
	return TRUE;
}

gboolean
life_open(struct life *life, gint64 now, GError **error)
{
	if (life->state == LIFE_ERASING)
		return refuse(life, "opened before its data is erased", error);
	if (life->state != LIFE_ERASED && life->state != LIFE_PAST)
		return refuse(life,
		    "opened: that is for one that was erased; see \"deskgate "
		    "inbox resume\"",
		    error);
	enter(life, LIFE_ACTIVE, now);
	life->letter_done = FALSE;
	life->request = 0;
	life->resumed = now;
	keep_reason(life, NULL);
	return TRUE;
}

void
life_erased(struct life *life, gint64 now)
{
	g_assert(life->state == LIFE_ERASING);
	enter(life, LIFE_ERASED, now);
	life->erased = now;
	keep_reason(life, NULL);
}

void
life_erase_again(struct life *life, gint64 now)
{
	g_assert(life->state > LIFE_ERASING);
	enter(life, LIFE_ERASING, now);
	life->request = 0;
}
