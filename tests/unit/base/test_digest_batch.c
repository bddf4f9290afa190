/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every digest is libsodium's but for the lowest bit, at every length, however
 * many wait.
 */
#include "lib/base/digest_batch.h"

#include "lib/base/seal.h"

#define LENGTHS 60

static const guint8 key[SEAL_SHORT_KEY_BYTES] = "a key of sixteen";

static void
fill(char *text, gsize length, guint seed)
{
	for (gsize i = 0; i < length; i++)
		text[i] = (char)(200 + 37 * i + 11 * seed);
}

static void
assert_digest(guint64 digest, const char *text, gsize length, guint8 lowest)
{
	guint64 want = seal_short(key, text, length);

	g_assert_cmphex(digest >> 1, ==, want >> 1);
	g_assert_cmphex(digest & 1, ==, lowest);
}

/* `each` texts of every length, all in one batch. */
static void
check(guint each)
{
	guint n = LENGTHS * each;
	g_autofree guint64 *digests = g_new0(guint64, n + 1);
	struct digest_batch batch;

	digests[n] = 42;
	digest_batch_begin(&batch, key);
	for (guint i = 0; i < n; i++) {
		gsize length = i / each;
		/* Of its very size, for the address sanitizer. */
		g_autofree char *text = g_malloc0(length + DIGEST_BATCH_SLACK);

		/* What stands behind it must not matter. */
		fill(text, length + DIGEST_BATCH_SLACK, i);
		digest_batch_add(&batch, text, length, i % 2, &digests[i]);
	}
	digest_batch_end(&batch);
	for (guint i = 0; i < n; i++) {
		char text[LENGTHS];

		fill(text, i / each, i);
		assert_digest(digests[i], text, i / each, i % 2);
	}
	g_assert_cmpuint(digests[n], ==, 42);
}

static void
test_same(void)
{
	for (guint each = 1; each < 20; each++)
		check(each);
}

static void
test_again(void)
{
	struct digest_batch batch;
	guint64 first = 0, second = 0;
	char text[8 + DIGEST_BATCH_SLACK] = "one text";

	digest_batch_begin(&batch, key);
	digest_batch_end(&batch);
	digest_batch_add(&batch, text, 8, 0, &first);
	digest_batch_end(&batch);
	assert_digest(first, text, 8, 0);
	digest_batch_add(&batch, text, 3, 1, &second);
	digest_batch_end(&batch);
	assert_digest(second, text, 3, 1);
	assert_digest(first, text, 8, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_true(seal_init(NULL));
	g_test_add_func("/digest-batch/same", test_same);
	g_test_add_func("/digest-batch/again", test_again);
	return g_test_run();
}
