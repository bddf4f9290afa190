/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tests/unit/base/folder.h"
#include "tools/ahead.h"

#define THREADS 4

static gboolean
job_features(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	return classify_job_features(context, call, answer, error);
}

static void
prepare(void *context)
{
	(void)context;
	message_prepare();
}

static const struct worker_job jobs[] = { { "features", job_features },
	{ NULL, NULL } };

/* `count` messages; every seventh is not there. */
struct pile {
	guint at, count;
};

static gboolean
supply(void *self, GBytes **message_r, char **name_r, GError **error)
{
	struct pile *pile = self;
	g_autoptr(GString) text = g_string_new(NULL);

	*message_r = NULL;
	*name_r = NULL;
	if (pile->at >= pile->count)
		return FALSE;
	*name_r = g_strdup_printf("%u", pile->at);
	if (pile->at++ % 7 == 6)
		return err_set(error, DG_ERROR_NOTFOUND, "it is gone");
	g_string_printf(text, "Message-ID: <%s@example.org>\r\n\r\n", *name_r);
	/* Some take long, so that others overtake them. */
	for (guint i = 0; i < (pile->at % 5 == 0 ? 2000u : 1u); i++)
		g_string_append_printf(text, "word%u ", i * pile->at);
	*message_r = g_string_free_to_bytes(g_steal_pointer(&text));
	return TRUE;
}

static void
test_in_order(struct folder *folder, gconstpointer pool)
{
	g_autofree char *table = folder_path(folder, "none");
	struct classify *classify OWNED(classify_free) =
	    classify_new((struct worker_pool *)pool, table);
	struct pile pile = { 0, 300 };
	struct ahead *ahead OWNED(ahead_close) =
	    ahead_open(classify, THREADS, supply, &pile);
	struct ahead_item item = { 0 };
	struct ident last = { 0 };

	for (guint i = 0; i < 300; i++) {
		g_assert_true(ahead_next(ahead, &item));
		g_assert_cmpuint(strtoul(item.name, NULL, 10), ==, i);
		g_assert_cmpint(item.supplied, ==, i % 7 != 6);
		if (item.supplied) {
			g_assert_no_error(item.error);
			g_assert_cmpuint(item.lesson.n, >, 0);
			g_assert_true(memcmp(&last, &item.lesson.ident,
					  sizeof(last)) != 0);
			last = item.lesson.ident;
		} else {
			g_assert_error(item.error, DG_ERROR, DG_ERROR_NOTFOUND);
		}
		ahead_item_clear(&item);
	}
	g_assert_false(ahead_next(ahead, &item));
	g_assert_false(ahead_next(ahead, &item));
}

static void
test_left_early(struct folder *folder, gconstpointer pool)
{
	g_autofree char *table = folder_path(folder, "none");
	struct classify *classify OWNED(classify_free) =
	    classify_new((struct worker_pool *)pool, table);

	for (guint taken = 0; taken < 3; taken++) {
		struct pile pile = { 0, 100000 };
		struct ahead *ahead =
		    ahead_open(classify, THREADS, supply, &pile);
		struct ahead_item item = { 0 };

		for (guint i = 0; i < taken; i++) {
			g_assert_true(ahead_next(ahead, &item));
			ahead_item_clear(&item);
		}
		ahead_close(&ahead);
		g_assert_null(ahead);
		/* It does not read to the end when nobody takes. */
		g_assert_cmpuint(pile.at, <, 200);
	}
}

static void
test_nothing(struct folder *folder, gconstpointer pool)
{
	g_autofree char *table = folder_path(folder, "none");
	struct classify *classify OWNED(classify_free) =
	    classify_new((struct worker_pool *)pool, table);
	struct pile pile = { 0, 0 };
	struct ahead *ahead OWNED(ahead_close) =
	    ahead_open(classify, THREADS, supply, &pile);
	struct ahead_item item = { 0 };

	g_assert_false(ahead_next(ahead, &item));
}

int
main(int argc, char **argv)
{
	static const struct worker_limits limits = { THREADS, 20000, 256 << 20,
		16 << 20, 1 << 20, 0 };
	struct classify_context context = { .limits = message_limits_default };
	struct worker_pool *pool OWNED(worker_pool_free) = NULL;

	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	pool = worker_pool_start(jobs, &context, prepare, &limits, NULL);
	g_assert_nonnull(pool);
	g_test_add("/ahead/in order, failures too", struct folder, pool,
	    folder_init, test_in_order, folder_fini);
	g_test_add("/ahead/left early", struct folder, pool, folder_init,
	    test_left_early, folder_fini);
	g_test_add("/ahead/nothing to read", struct folder, pool, folder_init,
	    test_nothing, folder_fini);
	return g_test_run();
}
