/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "milter/hall.h"

#include <pthread.h>

#include "milter/pulse.h"
#include "tests/unit/milter/talk.h"

static void
test_terms(void)
{
	struct terms *terms = talk_terms(
	    "milter-timeout = 7s\nmax-message-size = 1G\n"
	    "own-networks = { \"192.0.2.0/24\" }\n"
	    "inbox \"@example.com\" { mode = tag }\n"
	    "inbox \"support@example.com\" { action-spam = reject }\n");
	static const struct {
		const char *address, *want;
	} cases[] = {
		{ "support@example.com", "support@example.com" },
		{ "SUPPORT+x@Example.COM", "support@example.com" },
		{ "supporter@example.com", "@example.com" },
		{ "other@example.com", "@example.com" },
		{ "support@example.org", NULL },
		{ "support", NULL },
		{ "", NULL },
	};
	struct terms *none = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct policy_inbox *inbox =
		    terms_inbox(terms, cases[i].address);

		g_test_message("%s", cases[i].address);
		g_assert_cmpstr(
		    inbox != NULL ? inbox->title : NULL, ==, cases[i].want);
	}
	g_assert_cmpint(
	    terms_inbox(terms, "a@example.com")->mode, ==, POLICY_TAG_ONLY);
	g_assert_cmpint(
	    terms_inbox(terms, "support@example.com")->actions[VERDICT_SPAM],
	    ==, POLICY_REJECT);
	g_assert_cmpint(terms->timeout, ==, 7 * G_USEC_PER_SEC);
	g_assert_cmpint(terms->window, ==, 6 * 3600 * (gint64)G_USEC_PER_SEC);
	/* What the spool would refuse is refused at the door. */
	g_assert_cmpuint(terms->max_size, ==, 512 << 20);
	g_assert_true(networks_contain(terms->own, "192.0.2.7"));
	g_assert_false(networks_contain(terms->relay, "192.0.2.7"));
	terms_unref(&terms);
	g_assert_null(terms);
	terms_unref(&none);
}

static void
test_count(void)
{
	struct hall *hall = hall_new(talk_terms("max-connections = 2"), 1000);
	struct terms *terms[4];
	gboolean welcome[4];

	for (int i = 0; i < 4; i++)
		terms[i] = hall_enter(hall, &welcome[i]);
	g_assert_true(welcome[0] && welcome[1]);
	g_assert_false(welcome[2] || welcome[3]);
	g_assert_cmpuint(hall_count(hall), ==, 4);
	for (int i = 0; i < 4; i++) {
		terms_unref(&terms[i]);
		hall_leave(hall);
	}
	terms[0] = hall_enter(hall, &welcome[0]);
	g_assert_true(welcome[0]);
	terms_unref(&terms[0]);
	hall_leave(hall);
	hall_free(&hall);
	g_assert_null(hall);
}

/* Descriptors allow fewer than the settings. */
static void
test_most(void)
{
	struct hall *hall = hall_new(talk_terms(""), 1);
	gboolean first, second;
	struct terms *a = hall_enter(hall, &first);
	struct terms *b = hall_enter(hall, &second);

	g_assert_true(first);
	g_assert_false(second);
	terms_unref(&a);
	terms_unref(&b);
	hall_leave(hall);
	hall_leave(hall);
	hall_free(&hall);
}

/* Old connections keep their terms. */
static void
test_change(void)
{
	struct hall *hall = hall_new(talk_terms("reject-text = \"old\""), 1000);
	gboolean welcome;
	struct terms *before = hall_enter(hall, &welcome), *after;

	hall_change(hall, talk_terms("reject-text = \"new\""));
	after = hall_enter(hall, &welcome);
	g_assert_cmpstr(before->reject_text, ==, "old");
	g_assert_cmpstr(after->reject_text, ==, "new");
	terms_unref(&before);
	terms_unref(&after);
	hall_leave(hall);
	hall_leave(hall);
	hall_free(&hall);
}

static void *
work_a_while(void *hall)
{
	g_usleep(200000);
	hall_end(hall);
	return NULL;
}

static void
test_close(void)
{
	struct hall *hall = hall_new(talk_terms(""), 1000);
	struct terms *terms;
	pthread_t thread;
	gboolean welcome;

	g_assert_true(hall_begin(hall));
	g_assert_false(hall_is_closing(hall));
	g_assert_false(hall_close(hall, 1000));
	g_assert_true(hall_is_closing(hall));
	g_assert_false(hall_begin(hall));
	terms = hall_enter(hall, &welcome);
	g_assert_false(welcome);
	terms_unref(&terms);
	hall_leave(hall);
	g_assert_cmpint(
	    pthread_create(&thread, NULL, work_a_while, hall), ==, 0);
	g_assert_true(hall_close(hall, 60 * G_USEC_PER_SEC));
	pthread_join(thread, NULL);
	hall_free(&hall);
}

static gint64
read_fake(void *self)
{
	return *(gint64 *)self;
}

struct heart {
	guint beats;
	gboolean alive;
};

static gboolean
beat(void *self)
{
	struct heart *heart = self;

	heart->beats++;
	return heart->alive;
}

static void
test_pulse(void)
{
	gint64 now = 1000;
	const struct clock clock = { read_fake, read_fake, &now };
	struct pulse *pulse = pulse_new(&clock);
	struct heart a = { 0, TRUE }, b = { 0, FALSE };
	struct pulse_waiter one = { .beat = beat, .self = &a };
	struct pulse_waiter two = { .beat = beat, .self = &b };

	pulse_join(pulse, &one);
	pulse_beat(pulse);
	g_assert_cmpuint(a.beats, ==, 0);
	now += PULSE_PERIOD - 1;
	pulse_join(pulse, &two);
	pulse_beat(pulse);
	g_assert_cmpuint(a.beats, ==, 0);
	now += 1;
	pulse_beat(pulse);
	pulse_beat(pulse);
	g_assert_cmpuint(a.beats, ==, 1);
	g_assert_cmpuint(b.beats, ==, 0);
	now += 2 * PULSE_PERIOD;
	pulse_beat(pulse);
	g_assert_cmpuint(a.beats, ==, 2);
	g_assert_cmpuint(b.beats, ==, 1);
	/* Who is gone gets no more. */
	now += 2 * PULSE_PERIOD;
	pulse_beat(pulse);
	g_assert_cmpuint(b.beats, ==, 1);
	g_assert_false(pulse_now(pulse, &two));
	g_assert_cmpuint(b.beats, ==, 1);
	g_assert_true(pulse_now(pulse, &one));
	g_assert_cmpuint(a.beats, ==, 4);
	g_assert_true(pulse_leave(pulse, &one));
	g_assert_false(pulse_leave(pulse, &two));
	now += 2 * PULSE_PERIOD;
	pulse_beat(pulse);
	g_assert_cmpuint(a.beats, ==, 4);
	pulse_free(&pulse);
	g_assert_null(pulse);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/milter/terms", test_terms);
	g_test_add_func("/milter/hall/count", test_count);
	g_test_add_func("/milter/hall/most", test_most);
	g_test_add_func("/milter/hall/change", test_change);
	g_test_add_func("/milter/hall/close", test_close);
	g_test_add_func("/milter/pulse", test_pulse);
	return g_test_run();
}
