/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The calendar of inboxes, and what people ask of it.
 */
#include "tools/inboxes.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "tools/changes.h"
#include "tools/daybook.h"
#include "tools/inboxes_private.h"
#include "tools/privacy_inbox.h"
#include "tools/wayback.h"

#define LOOK_USEC ((gint64)G_USEC_PER_SEC)
/* Between complaints, and between tries of what writes. */
#define FAULT_USEC ((gint64)60 * G_USEC_PER_SEC)

GPtrArray *
inboxes_names(struct keeper *keeper, GError **error)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) kept = lives_names(keeper->lives, error);

	if (kept == NULL) {
		g_ptr_array_unref(names);
		return NULL;
	}
	for (guint i = 0; i < conf_count(keeper->conf, "inbox"); i++)
		g_ptr_array_add(names,
		    g_strdup(conf_title(conf_at(keeper->conf, "inbox", i))));
	for (guint i = 0; i < kept->len; i++) {
		const char *name = kept->pdata[i];

		if (conf_find(keeper->conf, "inbox", name) == NULL)
			g_ptr_array_add(names, g_strdup(name));
	}
	return names;
}

void
inboxes_plan(struct keeper *keeper, const char *inbox, struct life_plan *plan_r)
{
	life_plan_read(conf_find(keeper->conf, "inbox", inbox), plan_r);
	plan_r->letters =
	    conf_string(conf_global(keeper->conf), "operator-address") != NULL;
}

/* The trail takes no "@". */
static void
tell_audit(struct keeper *keeper, const char *actor, const char *act,
    const char *inbox, const char *outcome)
{
	g_auto(GStrv) parts = g_strsplit(inbox, "@", -1);
	g_autofree char *plain = g_strjoinv(" at ", parts);
	g_autofree char *object =
	    g_strdup_printf("inbox %.100s", g_strstrip(plain));

	wayback_tell(
	    keeper, &(const struct audit_act){ actor, act, object, outcome });
}

/* --- the calendar --- */

struct turn {
	struct keeper *keeper;
	struct life_plan plan;
	gint64 now;
	gboolean told, taken, waits;
	struct life after;
};

/* Nobody reads them; but that all is erased is told also to who comes in
 * time. */
static gboolean
drop_letters(struct life *life)
{
	gboolean keeps = life->letter_ahead && life->told.to == LIFE_ERASING;
	gboolean dropped = life->letter_done || (life->letter_ahead && !keeps);

	life->letter_done = FALSE;
	life->letter_ahead = keeps;
	return dropped;
}

static gboolean
take_turn(void *self, struct life *life, GError **error)
{
	struct turn *turn = self;
	gboolean dropped = FALSE;

	(void)error;
	turn->told = life_tell(life, &turn->plan, turn->now);
	turn->taken = life_advance(life, &turn->plan, turn->now);
	turn->waits = !life->waits && life_waits(life, &turn->plan, turn->now);
	life->waits = life->waits || turn->waits;
	if (!turn->plan.letters)
		dropped = drop_letters(life);
	turn->after = *life;
	return turn->told || turn->taken || turn->waits || dropped;
}

static void
log_turn(const struct turn *turn, const char *inbox)
{
	g_autofree char *at = clock_text(turn->after.told.at);

	if (turn->taken)
		log_event(LOG_LEVEL_WARN, "inbox-step", "inbox", inbox, "state",
		    life_word(turn->after.state), NULL);
	else if (turn->waits)
		log_event(LOG_LEVEL_WARN, "inbox-waits", "inbox", inbox, "step",
		    life_word(turn->after.told.to), "what",
		    "its letter is not sent yet: see operator-not-told", NULL);
	else
		log_event(LOG_LEVEL_WARN, "inbox-announced", "inbox", inbox,
		    "step", life_word(turn->after.told.to), "at", at, NULL);
}

/* --- erasing --- */

struct erasing {
	guint64 request;
	gint64 now;
	gboolean ended, again;
};

static gboolean
keep_erasing(void *self, struct life *life, GError **error)
{
	const struct erasing *erasing = self;

	(void)error;
	if (erasing->again && life->state > LIFE_ERASING) {
		life_erase_again(life, erasing->now);
		return TRUE;
	}
	if (erasing->again || life->state != LIFE_ERASING)
		return FALSE;
	life->request = erasing->request;
	if (erasing->ended)
		life_erased(life, erasing->now);
	return TRUE;
}

static gboolean
keep(struct keeper *keeper, const char *inbox, struct erasing *erasing,
    GError **error)
{
	const struct lives_change change = { keep_erasing, erasing };
	const char *state =
	    life_word(erasing->ended ? LIFE_ERASED : LIFE_ERASING);
	gboolean kept;

	if (!lives_edit(keeper->lives, inbox, &change, &kept, error))
		return FALSE;
	if (!kept || (!erasing->ended && !erasing->again))
		return TRUE;
	log_event(
	    LOG_LEVEL_WARN, "inbox-step", "inbox", inbox, "state", state, NULL);
	tell_audit(keeper, "deskgate:calendar", "inbox-step", inbox, state);
	return TRUE;
}

/* Asks for it, and looks whether it is done. */
static gboolean
erase_one(struct keeper *keeper, const char *inbox, const struct life *life,
    GError **error)
{
	struct erasing erasing = { life->request, clock_wall(&clock_system) };
	enum privacy_inbox how = PRIVACY_INBOX_UNKNOWN;

	if (life->request != 0 &&
	    !privacy_inbox_look(keeper, life->request, inbox, &how, error))
		return FALSE;
	if (how == PRIVACY_INBOX_OPEN)
		return TRUE;
	erasing.ended = how == PRIVACY_INBOX_ENDED;
	if (!erasing.ended)
		erasing.request = privacy_erase_inbox(keeper, inbox, error);
	return erasing.request != 0 && keep(keeper, inbox, &erasing, error);
}

/* An older state that was put back has the inbox's data again, and knows
 * nothing of its erasure. */
static gboolean
check_erased(struct keeper *keeper, const char *inbox, GError **error)
{
	struct erasing erasing = { .again = TRUE,
		.now = clock_wall(&clock_system) };
	gint64 keep_for =
	    conf_duration(conf_global(keeper->conf), "backup-keep") *
	    G_USEC_PER_SEC;
	enum privacy_inbox how;
	struct life life;

	if (!lives_get(keeper->lives, inbox, &life, error))
		return FALSE;
	/* Receipts go in their time too; no older state is put back then. */
	if (life.state <= LIFE_ERASING || life.since < erasing.now - keep_for)
		return TRUE;
	return privacy_inbox_look(keeper, life.request, inbox, &how, error) &&
	       (how == PRIVACY_INBOX_ENDED ||
		   keep(keeper, inbox, &erasing, error));
}

static gboolean
tend_one(struct keeper *keeper, const char *inbox, GError **error)
{
	struct turn turn = { .keeper = keeper,
		.now = clock_wall(&clock_system) };
	const struct lives_change change = { take_turn, &turn };
	gboolean kept;

	inboxes_plan(keeper, inbox, &turn.plan);
	if (!lives_edit(keeper->lives, inbox, &change, &kept, error))
		return FALSE;
	if (kept && (turn.told || turn.taken || turn.waits))
		log_turn(&turn, inbox);
	if (turn.taken)
		tell_audit(keeper, "deskgate:calendar", "inbox-step", inbox,
		    life_word(turn.after.state));
	if (turn.taken)
		deliver_wake(keeper->deliver);
	return turn.after.state != LIFE_ERASING ||
	       erase_one(keeper, inbox, &turn.after, error);
}

/* No step is taken by a clock that is in doubt, and none announced. */
static gboolean
believe(struct keeper *keeper, gint64 mono)
{
	const struct steady_time now = { clock_wall(&clock_system), mono };
	gboolean before = keeper->calendar.steady.doubted == 0;
	gboolean good = steady_believe(&keeper->calendar.steady, &now);

	if (before && !good)
		log_event(LOG_LEVEL_WARN, "clock-jumped", "what",
		    "no inbox takes a step for a day, or until it is back",
		    NULL);
	return good && !daybook_doubts(keeper->daybook);
}

/* The log has it once a minute, however often it is tried. */
static void
complain(struct keeper *keeper, gint64 mono, const GError *fault)
{
	if (mono < keeper->calendar.complain)
		return;
	log_error(LOG_LEVEL_ERROR, fault, "inboxes-fault", NULL);
	keeper->calendar.complain = mono + FAULT_USEC;
}

/* Once of a daemon, but until that was done without a fault. */
static gboolean
check_all(struct keeper *keeper, const GPtrArray *names, GError **error)
{
	for (guint i = 0; !keeper->calendar.checked && i < names->len; i++)
		if (!check_erased(keeper, names->pdata[i], error))
			return FALSE;
	keeper->calendar.checked = TRUE;
	return TRUE;
}

/* An erasure that cannot begin would be asked for each second: that waits. */
static gboolean
tend_all(
    struct keeper *keeper, const GPtrArray *names, gint64 mono, GError **error)
{
	for (guint i = 0; i < names->len; i++) {
		if (tend_one(keeper, names->pdata[i], error))
			continue;
		keeper->calendar.next = mono + FAULT_USEC;
		return FALSE;
	}
	return TRUE;
}

void
inboxes_tend(struct keeper *keeper)
{
	gint64 now = clock_mono(&clock_system);
	g_autoptr(GError) fault = NULL;
	g_autoptr(GPtrArray) names = NULL;

	if (now < keeper->calendar.next || !believe(keeper, now))
		return;
	keeper->calendar.next = now + LOOK_USEC;
	names = inboxes_names(keeper, &fault);
	if (names == NULL || !check_all(keeper, names, &fault) ||
	    !tend_all(keeper, names, now, &fault))
		complain(keeper, now, fault);
}

/* --- what a person asks for --- */

struct asked {
	const struct inbox_wish *wish;
	gint64 now;
	struct life after;
};

static gboolean
do_wish(void *self, struct life *life, GError **error)
{
	struct asked *asked = self;
	const struct inbox_wish *wish = asked->wish;
	gboolean good;

	if (wish->act == INBOX_SUSPEND)
		good = life_suspend(life, &wish->how, asked->now, error);
	else if (wish->act == INBOX_END)
		good = life_end(life, &wish->how, asked->now, error);
	else if (wish->act == INBOX_OPEN)
		good = life_open(life, asked->now, error);
	else
		good = life_resume(life, asked->now, error);
	asked->after = *life;
	return good;
}

gboolean
inboxes_known(struct keeper *keeper, const char *inbox, GError **error)
{
	struct life life;

	if (conf_find(keeper->conf, "inbox", inbox) != NULL)
		return TRUE;
	if (!lives_get(keeper->lives, inbox, &life, error))
		return FALSE;
	return life.since != 0 || life.planned.at != 0 ||
	       err_set(error, DG_ERROR_NOTFOUND,
		   "there is no inbox \"%s\" in the settings", inbox);
}

static void
add_step(GString *text, const struct life_step *step)
{
	g_autofree char *day = clock_text(step->at);

	if (step->at != 0)
		g_string_append_printf(
		    text, ", %s from %s", life_word(step->to), day);
}

/* "suspended, ended from 2027-01-31T00:00:00Z" */
static char *
outcome_of(const struct life *life)
{
	GString *text = g_string_new(life_word(life->state));

	add_step(text, &life->planned);
	add_step(text, &life->later);
	return g_string_free(text, FALSE);
}

gboolean
inboxes_change(
    struct keeper *keeper, const struct inbox_wish *wish, GError **error)
{
	static const char *const acts[] = { "inbox-suspend", "inbox-end",
		"inbox-resume", "inbox-open" };
	struct asked asked = { .wish = wish, .now = clock_wall(&clock_system) };
	const struct lives_change change = { do_wish, &asked };
	/* As the settings write it. */
	const struct conf_section *section =
	    conf_find(keeper->conf, "inbox", wish->inbox);
	const char *inbox = wish->inbox;
	g_autofree char *outcome = NULL;

	if (!inboxes_known(keeper, wish->inbox, error))
		return FALSE;
	if (section != NULL)
		inbox = conf_title(section);
	else if (wish->act == INBOX_OPEN)
		return err_set(error, DG_ERROR_NOTFOUND,
		    "inbox \"%s\" has left the settings: put it there first",
		    inbox);
	if (!lives_edit(keeper->lives, inbox, &change, NULL, error)) {
		g_prefix_error(error, "inbox \"%s\": ", inbox);
		return FALSE;
	}
	if (!changes_add(keeper, error))
		return FALSE;
	outcome = outcome_of(&asked.after);
	log_event(LOG_LEVEL_INFO, acts[wish->act], "inbox", inbox, "outcome",
	    outcome, NULL);
	tell_audit(keeper, wish->actor, acts[wish->act], inbox, outcome);
	deliver_wake(keeper->deliver);
	return TRUE;
}
