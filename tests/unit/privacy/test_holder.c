/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/privacy/holder.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"

/* A holder that answers as it is told. */
struct fake {
	enum holder_outcome outcome;
	const char *words;
	gboolean fails;
	guint asked;
};

struct stage {
	struct fake here, key, desk;
	struct registry *registry;
	struct person *anna;
};

static gboolean
find(void *self, const struct person *person, json_t *counts, GError **error)
{
	(void)self, (void)person, (void)counts, (void)error;
	return TRUE;
}

static gboolean
erase(void *self, const struct person *person, json_t *counts,
    struct holder_erased *erased_r, GError **error)
{
	struct fake *fake = self;

	(void)person;
	fake->asked++;
	if (fake->fails)
		return err_set(error, DG_ERROR_IO, "no disk");
	json_object_set_new(counts, "messages", json_integer(1));
	erased_r->outcome = fake->outcome;
	erased_r->words = g_strdup(fake->words);
	return TRUE;
}

static gboolean
erase_inbox(void *self, const struct holder_inbox *inbox, json_t *counts,
    struct holder_erased *erased_r, GError **error)
{
	g_assert_cmpstr(inbox->name, ==, "support@example.com");
	return erase(self, NULL, counts, erased_r, error);
}

static void
add(struct stage *stage, const char *name, struct fake *fake, gboolean remote)
{
	static const char *const nothing[] = { NULL };

	registry_add(stage->registry, &(struct holder){ .name = name,
					  .self = fake,
					  .claims = nothing,
					  .remote = remote,
					  .find = find,
					  .erase = erase,
					  .erase_inbox = erase_inbox });
}

static void
set_up(struct stage *stage, gconstpointer unused)
{
	struct secret *key OWNED(secret_free) = secret_random(SEAL_KEY_BYTES);
	json_t *addresses = json_pack("[s]", "anna@example.org");

	(void)unused;
	memset(stage, 0, sizeof(*stage));
	stage->registry = registry_new();
	stage->anna = person_new(key, addresses, NULL);
	json_decref(addresses);
	add(stage, "spool", &stage->here, FALSE);
	add(stage, "desk main", &stage->desk, TRUE);
	add(stage, "vault", &stage->key, FALSE);
}

static void
tear_down(struct stage *stage, gconstpointer unused)
{
	(void)unused;
	registry_free(&stage->registry);
	person_free(&stage->anna);
}

static json_t *
go_round(struct stage *stage, const json_t *before, gboolean here_only)
{
	const struct registry_round round = { .before = before,
		.here_only = here_only };

	return registry_erase(stage->registry, stage->anna, &round);
}

static const char *
text_of(const json_t *erased, guint i, const char *member)
{
	return json_string_value(
	    json_object_get(json_array_get(erased, i), member));
}

/* A desk that stays open does not erase here what comes later. */
static void
test_once(struct stage *stage, gconstpointer unused)
{
	json_t *first, *second;

	(void)unused;
	stage->desk.outcome = HOLDER_OPEN;
	first = go_round(stage, NULL, TRUE);
	g_assert_cmpuint(stage->desk.asked, ==, 0);
	g_assert_true(registry_settled(stage->registry, first, TRUE));
	g_assert_false(registry_settled(stage->registry, first, FALSE));
	second = go_round(stage, first, FALSE);
	g_assert_cmpuint(stage->here.asked, ==, 1);
	g_assert_cmpuint(stage->key.asked, ==, 1);
	g_assert_cmpuint(stage->desk.asked, ==, 1);
	g_assert_cmpint(json_integer_value(json_object_get(
			    json_array_get(second, 0), "messages")),
	    ==, 1);
	json_decref(first);
	json_decref(second);
}

/* What failed here, and what waits for it, is asked again with all the rest. */
static void
test_fault(struct stage *stage, gconstpointer unused)
{
	json_t *first, *second;

	(void)unused;
	stage->here.fails = TRUE;
	first = go_round(stage, NULL, TRUE);
	g_assert_cmpstr(text_of(first, 0, "outcome"), ==, "open");
	g_assert_cmpstr(text_of(first, 2, "outcome"), ==, "open");
	g_assert_cmpuint(stage->key.asked, ==, 0);
	stage->here.fails = FALSE;
	second = go_round(stage, first, FALSE);
	g_assert_cmpuint(stage->here.asked, ==, 2);
	g_assert_cmpuint(stage->key.asked, ==, 1);
	g_assert_true(registry_settled(stage->registry, second, FALSE));
	json_decref(first);
	json_decref(second);
}

/* A desk's own words name nobody when they are kept. */
static void
test_words(struct stage *stage, gconstpointer unused)
{
	json_t *erased;

	(void)unused;
	stage->desk.words = "no user anna@example.org here";
	erased = go_round(stage, NULL, FALSE);
	g_assert_cmpstr(
	    text_of(erased, 1, "words"), ==, "no user (address) here");
	json_decref(erased);
}

/* Of an inbox: who has nothing of inboxes is done, and no desk of another maker
 * is asked; what was told of it before is told still. */
static void
test_inbox(struct stage *stage, gconstpointer unused)
{
	json_t *known = json_pack("[{s:s, s:s, s:i}]", "holder", "desk main",
	    "outcome", "refused", "tickets", 3);
	struct registry_round round = { .inbox = {
					    .name = "support@example.com" } };
	static const char *const nothing[] = { NULL };
	json_t *first, *second;

	(void)unused;
	registry_add(stage->registry, &(struct holder){ .name = "records",
					  .claims = nothing,
					  .find = find,
					  .erase = erase });
	first = registry_erase(stage->registry, NULL, &round);
	g_assert_cmpuint(stage->here.asked, ==, 1);
	g_assert_cmpuint(stage->desk.asked, ==, 0);
	g_assert_cmpstr(text_of(first, 1, "outcome"), ==, "refused");
	g_assert_nonnull(text_of(first, 1, "words"));
	g_assert_cmpstr(text_of(first, 3, "outcome"), ==, "done");
	g_assert_true(registry_settled(stage->registry, first, FALSE));
	/* Stopped half way: asked again, until all is done. */
	stage->here.fails = TRUE;
	round.before = known;
	json_decref(first);
	first = registry_erase(stage->registry, NULL, &round);
	g_assert_cmpstr(text_of(first, 0, "outcome"), ==, "open");
	g_assert_cmpstr(text_of(first, 2, "outcome"), ==, "open");
	stage->here.fails = FALSE;
	round.before = first;
	second = registry_erase(stage->registry, NULL, &round);
	g_assert_true(registry_settled(stage->registry, second, FALSE));
	g_assert_cmpint(json_integer_value(json_object_get(
			    json_array_get(second, 1), "tickets")),
	    ==, 3);
	json_decref(first);
	json_decref(second);
	json_decref(known);
}

#define TEST(name, function) \
	g_test_add("/privacy/holder/" name, struct stage, NULL, set_up, \
	    function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_true(seal_init(NULL));
	TEST("once", test_once);
	TEST("fault", test_fault);
	TEST("words", test_words);
	TEST("inbox", test_inbox);
	return g_test_run();
}
