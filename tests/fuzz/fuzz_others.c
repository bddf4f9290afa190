/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message that went through other filters: whatever stands in it, their words
 * are read without a fault, and what they did to it is undone, of what is
 * there.
 */
#include <math.h>

#include "tools/others.h"
#include "tools/pristine.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
check_word(const struct others_word *word)
{
	g_assert(!(word->said && word->differs));
	if (word->said)
		g_assert_cmpint(word->class, <=, VERDICT_SPAM);
}

static void
check_words(const guint8 *data, gsize size)
{
	struct others others;

	others_read(data, size, &others);
	check_word(&others.ours);
	for (guint i = 0; i < OTHERS_COUNT; i++)
		check_word(&others.theirs[i]);
	g_assert_nonnull(others.id);
	others_clear(&others);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	g_autoptr(GBytes) message = g_bytes_new(data, size);
	static const char *const tags[] = { NULL, "[SPAM]", "*****SPAM*****" };

	check_words(data, size);
	for (guint i = 0; i < G_N_ELEMENTS(tags); i++) {
		guint done = 0;
		g_autoptr(GBytes) before =
		    pristine_message(message, tags[i], &done);

		/* The subject of before may be longer than that of now. */
		g_assert_cmpuint(g_bytes_get_size(before), <=, 2 * size + 1);
		if (done == 0)
			g_assert(g_bytes_equal(before, message));
	}
	return 0;
}
