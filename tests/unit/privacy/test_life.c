/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/privacy/life.h"

#include "lib/base/err.h"

#define DAY ((gint64)86400 * G_USEC_PER_SEC)
#define START (20000 * DAY)

static const struct life_plan plan = {
	.answer = LIFE_REJECT,
	.end_after = 60 * DAY,
	.erase_after = 30 * DAY,
	.backups_after = 30 * DAY,
	.announce_before = 7 * DAY,
};

/* Looks each day from `from` on, until day `to` is over; the days on which
 * something was told ("t") or done (the state). */
static char *
live(struct life *life, const struct life_plan *how, gint64 from, gint64 to)
{
	GString *log = g_string_new(NULL);

	for (gint64 day = from; day <= to; day++) {
		gint64 now = START + day * DAY;

		if (life_tell(life, how, now))
			g_string_append_printf(log, "%d:t-%s ", (int)day,
			    life_word(life->told.to));
		if (life_advance(life, how, now))
			g_string_append_printf(
			    log, "%d:%s ", (int)day, life_word(life->state));
	}
	return g_string_free(log, FALSE);
}

#define LIVES(life, how, from, to, want) \
	do { \
		g_autofree char *got_ = live(life, how, from, to); \
		g_assert_cmpstr(got_, ==, want); \
	} while (0)

static const struct life_wish now_wish = { .answer = LIFE_TEMPFAIL };

static void
suspend(struct life *life, gint64 day)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(life_suspend(life, &now_wish, START + day * DAY, &error));
	g_assert_no_error(error);
	g_assert_cmpint(life->state, ==, LIFE_SUSPENDED);
}

static void
test_whole(void)
{
	struct life life = { 0 };

	LIVES(&life, &plan, 0, 1000, "");
	suspend(&life, 0);
	g_assert_cmpint(life.answer, ==, LIFE_TEMPFAIL);
	LIVES(&life, &plan, 0, 100,
	    "53:t-ended 60:ended 83:t-erasing 90:erasing ");
	/* Nothing follows by itself until all is gone. */
	LIVES(&life, &plan, 101, 300, "");
	life_erased(&life, START + 95 * DAY);
	LIVES(&life, &plan, 95, 300, "118:t-past 125:past ");
	LIVES(&life, &plan, 301, 999, "");
	/* A state from before was put back. */
	life.request = 7;
	life_erase_again(&life, START + 1000 * DAY);
	g_assert_cmpint(life.state, ==, LIFE_ERASING);
	g_assert_cmpuint(life.request, ==, 0);
	life_erased(&life, START + 1001 * DAY);
	LIVES(&life, &plan, 1001, 1100, "1024:t-past 1031:past ");
}

/* By the settings' date, with the settings' answer. */
static void
test_date(void)
{
	struct life_plan dated = plan;
	struct life life = { 0 };
	g_autoptr(GError) error = NULL;

	dated.suspend = START + 10 * DAY;
	LIVES(&life, &dated, 0, 20, "3:t-suspended 10:suspended ");
	g_assert_cmpint(life.answer, ==, LIFE_REJECT);
	/* The date is used up by resuming; a later one is another. */
	g_assert_true(life_resume(&life, START + 20 * DAY, &error));
	g_assert_no_error(error);
	LIVES(&life, &dated, 20, 100, "");
	dated.suspend = START + 110 * DAY;
	LIVES(&life, &dated, 100, 104, "103:t-suspended ");
	/* One that is moved is announced anew. */
	dated.suspend = START + 120 * DAY;
	LIVES(&life, &dated, 105, 121, "113:t-suspended 120:suspended ");
	/* One that is near, or past, is announced as it is taken. */
	life = (struct life){ 0 };
	LIVES(&life, &dated, 119, 119, "119:t-suspended ");
	life = (struct life){ 0 };
	LIVES(&life, &dated, 130, 131, "130:t-suspended 130:suspended ");
}

/* Whatever stood still: no step that follows by itself comes sooner than it was
 * announced for. */
static void
test_late(void)
{
	struct life_plan brief = plan;
	struct life life = { 0 };

	suspend(&life, 0);
	LIVES(&life, &plan, 200, 300,
	    "200:t-ended 207:ended 230:t-erasing 237:erasing ");
	/* A period shorter than the announcement's. */
	brief.end_after = 2 * DAY;
	life = (struct life){ 0 };
	suspend(&life, 0);
	LIVES(&life, &brief, 0, 5, "0:t-ended 2:ended ");
	life = (struct life){ 0 };
	suspend(&life, 0);
	LIVES(&life, &brief, 50, 55, "50:t-ended 52:ended ");
	/* None at all. */
	brief.announce_before = 0;
	life = (struct life){ 0 };
	suspend(&life, 0);
	LIVES(&life, &brief, 50, 55, "50:t-ended 50:ended ");
}

static void
test_planned(void)
{
	const struct life_wish suspend_wish = { START + 10 * DAY, LIFE_REJECT,
		"moved\nto another" };
	const struct life_wish end_wish = { .at = START + 30 * DAY };
	struct life life = { 0 };
	g_autoptr(GError) error = NULL;

	g_assert_true(life_suspend(&life, &suspend_wish, START, &error));
	g_assert_cmpint(life.state, ==, LIFE_ACTIVE);
	g_assert_cmpstr(life.reason, ==, "moved to another");
	LIVES(&life, &plan, 0, 11, "3:t-suspended 10:suspended ");
	g_assert_cmpint(life.answer, ==, LIFE_REJECT);
	g_assert_true(life_end(&life, &end_wish, START + 11 * DAY, &error));
	g_assert_cmpint(life.state, ==, LIFE_SUSPENDED);
	LIVES(&life, &plan, 11, 40, "23:t-ended 30:ended ");
	/* Taken back before it comes. */
	life = (struct life){ 0 };
	g_assert_true(life_suspend(&life, &suspend_wish, START, &error));
	LIVES(&life, &plan, 0, 5, "3:t-suspended ");
	g_assert_true(life_resume(&life, START + 5 * DAY, &error));
	LIVES(&life, &plan, 5, 100, "");
	g_assert_no_error(error);
}

static void
suspend_at(struct life *life, gint64 day, gint64 now)
{
	const struct life_wish wish = { .at = START + day * DAY };

	g_assert_true(life_suspend(life, &wish, START + now * DAY, NULL));
}

static void
end_at(struct life *life, gint64 day, gint64 now)
{
	const struct life_wish wish = { .at = START + day * DAY };

	g_assert_true(life_end(life, &wish, START + now * DAY, NULL));
}

/* The day that was given for the end stands, whatever suspends it before. */
static void
test_end_stands(void)
{
	struct life_plan dated = plan;
	struct life life = { 0 };
	struct life_step then;

	end_at(&life, 90, 0);
	LIVES(&life, &plan, 0, 10, "");
	suspend(&life, 10);
	LIVES(&life, &plan, 10, 100, "83:t-ended 90:ended ");
	/* Suspended while the end is announced: once is enough. */
	life = (struct life){ 0 };
	end_at(&life, 90, 0);
	LIVES(&life, &plan, 0, 85, "83:t-ended ");
	suspend(&life, 85);
	LIVES(&life, &plan, 85, 100, "90:ended ");
	/* Both on a day, in either order. */
	for (guint i = 0; i < 2; i++) {
		life = (struct life){ 0 };
		end_at(&life, i == 0 ? 90 : 95, 0);
		suspend_at(&life, 20, 0);
		end_at(&life, 90, 0);
		g_assert_true(life_then(&life, &plan, &then));
		g_assert_cmpint(then.to, ==, LIFE_ENDED);
		g_assert_cmpint(then.at, ==, START + 90 * DAY);
		LIVES(&life, &plan, 0, 100,
		    "13:t-suspended 20:suspended 83:t-ended 90:ended ");
	}
	/* By a day of the settings. */
	dated.suspend = START + 30 * DAY;
	life = (struct life){ 0 };
	end_at(&life, 90, 0);
	LIVES(&life, &dated, 0, 100,
	    "23:t-suspended 30:suspended 83:t-ended 90:ended ");
	/* An end before it makes it void, and resuming both. */
	life = (struct life){ 0 };
	suspend_at(&life, 90, 0);
	end_at(&life, 20, 0);
	g_assert_false(life_then(&life, &plan, &then));
	LIVES(&life, &plan, 0, 25, "13:t-ended 20:ended ");
	life = (struct life){ 0 };
	suspend_at(&life, 20, 0);
	end_at(&life, 90, 0);
	g_assert_true(life_resume(&life, START + DAY, NULL));
	LIVES(&life, &plan, 1, 500, "");
}

/* A day that is over is a slip; one that has begun is now. */
static void
test_over(void)
{
	const gint64 now = START + 10 * DAY + DAY / 2;
	const struct life_wish over = { START + 9 * DAY, LIFE_REJECT, NULL };
	const struct life_wish begun = { START + 10 * DAY, LIFE_REJECT, NULL };
	struct life life = { 0 };
	g_autoptr(GError) error = NULL;

	g_assert_false(life_end(&life, &over, now, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_clear_error(&error);
	g_assert_false(life_suspend(&life, &over, now, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_assert_cmpint(life.state, ==, LIFE_ACTIVE);
	g_assert_cmpint(life.answer, ==, LIFE_TEMPFAIL);
	g_assert_true(life_suspend(&life, &begun, now, NULL));
	g_assert_cmpint(life.state, ==, LIFE_SUSPENDED);
	g_assert_false(life_suspend(&life, &over, now, NULL));
	g_assert_true(life_end(&life, &begun, now, NULL));
	g_assert_cmpint(life.state, ==, LIFE_ENDED);
}

/* Into each state, and what can be asked there. */
static const struct {
	enum life_state state;
	gboolean suspends, ends, resumes, opens;
} cases[] = {
	{ LIFE_ACTIVE, TRUE, TRUE, TRUE, FALSE },
	{ LIFE_SUSPENDED, TRUE, TRUE, TRUE, FALSE },
	{ LIFE_ENDED, FALSE, FALSE, TRUE, FALSE },
	{ LIFE_ERASING, FALSE, FALSE, FALSE, FALSE },
	{ LIFE_ERASED, FALSE, FALSE, FALSE, TRUE },
	{ LIFE_PAST, FALSE, FALSE, FALSE, TRUE },
};

static void
check_answer(gboolean got, gboolean want, const struct life *life,
    enum life_state before, GError **error)
{
	g_assert_cmpint(got, ==, want);
	if (!want) {
		g_assert_error(*error, DG_ERROR, DG_ERROR_BAD);
		g_assert_cmpint(life->state, ==, before);
	}
	g_clear_error(error);
}

static void
test_asked(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct life start = { .state = cases[i].state,
			.since = START };
		struct life life = start;
		g_autoptr(GError) error = NULL;
		gint64 now = START + DAY;

		g_test_message("%s", life_word(start.state));
		check_answer(life_suspend(&life, &now_wish, now, &error),
		    cases[i].suspends, &life, start.state, &error);
		life = start;
		check_answer(life_end(&life, &now_wish, now, &error),
		    cases[i].ends, &life, start.state, &error);
		life = start;
		check_answer(life_open(&life, now, &error), cases[i].opens,
		    &life, start.state, &error);
		life = start;
		check_answer(life_resume(&life, now, &error), cases[i].resumes,
		    &life, start.state, &error);
		if (!cases[i].resumes)
			continue;
		g_assert_cmpint(life.state, ==, LIFE_ACTIVE);
		LIVES(&life, &plan, 1, 500, "");
	}
}

/* After its erasure the address begins anew, and that life has its own end. */
static void
test_open(void)
{
	struct life_plan dated = plan;
	struct life life = { .state = LIFE_ERASING, .request = 7 };
	g_autoptr(GError) error = NULL;

	dated.suspend = START;
	life_erased(&life, START + 5 * DAY);
	g_assert_true(life_open(&life, START + 9 * DAY, &error));
	g_assert_no_error(error);
	g_assert_cmpint(life.state, ==, LIFE_ACTIVE);
	g_assert_cmpuint(life.request, ==, 0);
	g_assert_cmpint(life.erased, ==, START + 5 * DAY);
	g_assert_false(life.letter_ahead || life.letter_done);
	/* The day by which the old one ended is used up. */
	LIVES(&life, &dated, 9, 500, "");
	suspend(&life, 501);
	LIVES(&life, &dated, 501, 600,
	    "554:t-ended 561:ended 584:t-erasing 591:erasing ");
}

/* Letters are due for what was announced and what was done. */
static void
test_letters(void)
{
	struct life life = { 0 };

	suspend(&life, 0);
	g_assert_true(life.letter_done);
	g_assert_false(life.letter_ahead);
	life.letter_done = FALSE;
	g_assert_true(life_tell(&life, &plan, START + 53 * DAY));
	g_assert_true(life.letter_ahead);
	g_assert_cmpint(life.told.at, ==, START + 60 * DAY);
	/* What was not sent before the step is of no use any more. */
	g_assert_true(life_advance(&life, &plan, START + 60 * DAY));
	g_assert_false(life.letter_ahead);
	g_assert_true(life.letter_done);
}

/* What cannot be taken back waits for its letter, and gives the whole notice
 * after it. */
static void
test_letter_first(void)
{
	struct life_plan lettered = plan;
	struct life life = { .state = LIFE_ENDED, .since = START };

	lettered.letters = TRUE;
	LIVES(&life, &lettered, 0, 400, "23:t-erasing ");
	g_assert_false(life_waits(&life, &lettered, START + 29 * DAY));
	g_assert_true(life_waits(&life, &lettered, START + 30 * DAY));
	life_letter_taken(&life, START + 401 * DAY);
	g_assert_false(life_waits(&life, &lettered, START + 401 * DAY));
	LIVES(&life, &lettered, 401, 500, "408:erasing ");
	/* One that is taken at once moves nothing. */
	life = (struct life){ .state = LIFE_ENDED, .since = START };
	LIVES(&life, &lettered, 0, 23, "23:t-erasing ");
	life_letter_taken(&life, START + 23 * DAY);
	LIVES(&life, &lettered, 24, 99, "30:erasing ");
	/* What can be taken back does not wait, nor who writes to nobody. */
	life = (struct life){ .state = LIFE_SUSPENDED, .since = START };
	LIVES(&life, &lettered, 0, 61, "53:t-ended 60:ended ");
	g_assert_false(life.letter_ahead);
	life = (struct life){ .state = LIFE_ENDED, .since = START };
	LIVES(&life, &plan, 0, 99, "23:t-erasing 30:erasing ");
	/* It is no hindrance to resuming. */
	life = (struct life){ .state = LIFE_ENDED, .since = START };
	LIVES(&life, &lettered, 0, 40, "23:t-erasing ");
	g_assert_true(life_resume(&life, START + 40 * DAY, NULL));
	LIVES(&life, &lettered, 40, 400, "");
}

static void
test_words(void)
{
	enum life_answer answer;
	enum life_state state;

	for (guint i = 0; i < LIFE_STATES; i++) {
		g_assert_true(life_parse(life_word(i), &state));
		g_assert_cmpint(state, ==, i);
	}
	g_assert_false(life_parse("gone", &state));
	g_assert_false(life_parse(NULL, &state));
	g_assert_true(life_answer_parse("reject", &answer));
	g_assert_cmpint(answer, ==, LIFE_REJECT);
	g_assert_true(life_answer_parse("tempfail", &answer));
	g_assert_cmpint(answer, ==, LIFE_TEMPFAIL);
	g_assert_false(life_answer_parse("bounce", &answer));
}

/* Of an inbox without a section the table's defaults hold. */
static void
test_defaults(void)
{
	static const struct conf_option *const tables[] = { life_options,
		NULL };
	static const struct conf_option *const none[] = { NULL };
	const struct conf_kind kinds[] = { { "", NULL, "", none },
		{ "inbox", "a@example.com", "", tables }, { NULL } };
	struct conf *conf =
	    conf_parse("f", "inbox \"a@example.com\" { }\n", kinds);
	struct life_plan set, left;

	g_assert_cmpuint(conf_faults(conf), ==, 0);
	life_plan_read(conf_at(conf, "inbox", 0), &set);
	life_plan_read(NULL, &left);
	g_assert_cmpint(set.end_after, ==, 60 * DAY);
	g_assert_cmpint(set.end_after, ==, left.end_after);
	g_assert_cmpint(set.erase_after, ==, left.erase_after);
	g_assert_cmpint(set.backups_after, ==, left.backups_after);
	/* The default of backup-keep. */
	g_assert_cmpint(set.backups_after, ==, 400 * DAY);
	g_assert_cmpint(set.announce_before, ==, left.announce_before);
	g_assert_cmpint(set.answer, ==, left.answer);
	g_assert_cmpint(set.suspend, ==, 0);
	conf_free(&conf);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/privacy/life/whole", test_whole);
	g_test_add_func("/privacy/life/date", test_date);
	g_test_add_func("/privacy/life/late", test_late);
	g_test_add_func("/privacy/life/planned", test_planned);
	g_test_add_func("/privacy/life/end-stands", test_end_stands);
	g_test_add_func("/privacy/life/over", test_over);
	g_test_add_func("/privacy/life/asked", test_asked);
	g_test_add_func("/privacy/life/open", test_open);
	g_test_add_func("/privacy/life/letters", test_letters);
	g_test_add_func("/privacy/life/letter-first", test_letter_first);
	g_test_add_func("/privacy/life/words", test_words);
	g_test_add_func("/privacy/life/defaults", test_defaults);
	return g_test_run();
}
