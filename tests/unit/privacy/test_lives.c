/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/privacy/lives.h"

#include <unistd.h>

#include "lib/base/err.h"
#include "tests/unit/base/folder.h"

#define FILE_NAME "inboxes.json"

static struct lives *
open_lives(const struct folder *folder)
{
	g_autoptr(GError) error = NULL;
	struct lives *lives = lives_open(folder->fd, &error);

	g_assert_no_error(error);
	return lives;
}

static gboolean
put(void *self, struct life *life, GError **error)
{
	(void)error;
	*life = *(const struct life *)self;
	return TRUE;
}

static void
keep(struct lives *lives, const char *inbox, struct life *life)
{
	const struct lives_change change = { put, life };
	g_autoptr(GError) error = NULL;
	gboolean kept;

	g_assert_true(lives_edit(lives, inbox, &change, &kept, &error));
	g_assert_no_error(error);
	g_assert_true(kept);
}

static enum life_state
state_of(struct lives *lives, const char *inbox)
{
	g_autoptr(GError) error = NULL;
	struct life life;

	g_assert_true(lives_get(lives, inbox, &life, &error));
	g_assert_no_error(error);
	return life.state;
}

/* One that reads sees what another has written, all of it. */
static void
test_shared(struct folder *folder, gconstpointer unused)
{
	struct lives *keeper = open_lives(folder), *milter = open_lives(folder);
	struct life life = { .state = LIFE_SUSPENDED,
		.answer = LIFE_REJECT,
		.since = 1,
		.resumed = 2,
		.planned = { LIFE_ENDED, 3 },
		.later = { LIFE_ENDED, 9 },
		.told = { LIFE_ENDED, 4 },
		.told_when = 5,
		.letter_ahead = TRUE,
		.waits = TRUE,
		.erased = 8,
		.letter_done = TRUE,
		.request = 6,
		.reason = "moved" };
	struct life read;

	(void)unused;
	g_assert_cmpint(state_of(milter, "a@example.com"), ==, LIFE_ACTIVE);
	keep(keeper, "A@example.com", &life);
	g_assert_true(lives_get(milter, "a@Example.com", &read, NULL));
	g_assert_cmpmem(&read, sizeof(read), &life, sizeof(life));
	g_assert_cmpint(state_of(milter, "b@example.com"), ==, LIFE_ACTIVE);
	g_assert_true(lives_rest(milter, "a@example.com"));
	g_assert_false(lives_rest(milter, "b@example.com"));
	g_assert_false(lives_rest(NULL, "a@example.com"));
	life = (struct life){ 0 };
	keep(keeper, "a@example.com", &life);
	g_assert_cmpint(state_of(milter, "a@example.com"), ==, LIFE_ACTIVE);
	g_assert_cmpint(state_of(keeper, "a@example.com"), ==, LIFE_ACTIVE);
	lives_close(&keeper);
	lives_close(&milter);
}

/* Nothing is known where the file cannot be understood: nothing is taken. */
static void
test_damaged(struct folder *folder, gconstpointer unused)
{
	static const char *const texts[] = { "", "{", "[]",
		"{\"version\": 2, \"inboxes\": []}", "{\"version\": 1}",
		"{\"version\": 1, \"inboxes\": [{}]}",
		("{\"version\": 1, \"inboxes\": [{\"inbox\": "
		 "\"a@example.com\", "
		 "\"state\": \"lost\", \"answer\": \"tempfail\"}]}") };
	struct lives *lives = open_lives(folder);
	struct life life;

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;

		(void)unlinkat(folder->fd, FILE_NAME, 0);
		folder_put(folder, FILE_NAME, texts[i], 0600);
		g_assert_false(
		    lives_get(lives, "a@example.com", &life, &error));
		g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
		g_assert_true(lives_rest(lives, "a@example.com"));
	}
	(void)unlinkat(folder->fd, FILE_NAME, 0);
	g_assert_cmpint(state_of(lives, "a@example.com"), ==, LIFE_ACTIVE);
	lives_close(&lives);
}

static gboolean
nothing(void *self, struct life *life, GError **error)
{
	life->state = LIFE_ENDED;
	return self == NULL ? FALSE
			    : err_set(error, DG_ERROR_BAD, "not allowed");
}

/* What is not kept was not done. */
static void
test_edit(struct folder *folder, gconstpointer unused)
{
	struct lives *lives = open_lives(folder);
	struct lives_change change = { nothing, NULL };
	g_autoptr(GError) error = NULL;
	gboolean kept = TRUE;

	(void)unused;
	g_assert_true(
	    lives_edit(lives, "a@example.com", &change, &kept, &error));
	g_assert_no_error(error);
	g_assert_false(kept);
	change.self = &change;
	g_assert_false(
	    lives_edit(lives, "a@example.com", &change, NULL, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_assert_cmpint(state_of(lives, "a@example.com"), ==, LIFE_ACTIVE);
	folder_assert(folder, FILE_NAME, NULL);
	lives_close(&lives);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add("/privacy/lives/shared", struct folder, NULL, folder_init,
	    test_shared, folder_fini);
	g_test_add("/privacy/lives/damaged", struct folder, NULL, folder_init,
	    test_damaged, folder_fini);
	g_test_add("/privacy/lives/edit", struct folder, NULL, folder_init,
	    test_edit, folder_fini);
	return g_test_run();
}
