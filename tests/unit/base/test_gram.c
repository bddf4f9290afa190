/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every gram's digest is libsodium's, at every length, wherever the text ends.
 */
#include "lib/base/gram.h"

#include <string.h>

#include "lib/base/seal.h"

static const guint8 key[SEAL_SHORT_KEY_BYTES] = "a key of sixteen";

static guint64
one_by_one(guint8 kind, const char *gram)
{
	guint8 bytes[1 + GRAM_BYTES] = { kind };

	memcpy(bytes + 1, gram, GRAM_BYTES);
	return seal_short(key, bytes, sizeof(bytes));
}

static void
test_count(void)
{
	g_assert_cmpuint(gram_count(0), ==, 0);
	g_assert_cmpuint(gram_count(5), ==, 0);
	g_assert_cmpuint(gram_count(6), ==, 1);
	g_assert_cmpuint(gram_count(2500), ==, 2495);
}

static void
test_same(void)
{
	for (gsize length = 0; length < 70; length++) {
		/* Of its very size, for the address sanitizer. */
		g_autofree char *text = g_malloc(length + 1);
		gsize n = gram_count(length);
		g_autofree guint64 *digests = g_new0(guint64, n + 1);

		for (gsize i = 0; i < length; i++)
			text[i] = (char)(200 + 37 * i);
		text = g_realloc(text, MAX(length, 1));
		digests[n] = 42;
		gram_digests(key, (struct gram_kind){ 'H', length % 2 }, text,
		    length, digests);
		for (gsize i = 0; i < n; i++)
			g_assert_cmphex(digests[i], ==,
			    (one_by_one('H', text + i) & ~(guint64)1) |
				length % 2);
		g_assert_cmpuint(digests[n], ==, 42);
	}
}

static void
test_kinds(void)
{
	guint64 a, b;

	gram_digests(key, (struct gram_kind){ 'H', 0 }, "secret", 6, &a);
	gram_digests(key, (struct gram_kind){ 'B', 0 }, "secret", 6, &b);
	g_assert_cmphex(a, !=, b);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	if (!seal_init(NULL))
		return 1;
	g_test_add_func("/gram/count", test_count);
	g_test_add_func("/gram/same", test_same);
	g_test_add_func("/gram/kinds", test_kinds);
	return g_test_run();
}
