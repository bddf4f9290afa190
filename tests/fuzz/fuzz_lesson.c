/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as what a reader answers of a message's score, what is kept with a
 * message that was scored, or a lesson of the journal; the first byte says
 * which.  Digests come out sorted, each once, texts in UTF-8, on one line.
 */
#include <string.h>

#include "classifier/wire.h"
#include "lib/base/owned.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
check_digests(const guint64 *digests, guint n)
{
	g_assert_cmpuint(n, <=, FEATURES_MAX);
	for (guint i = 1; i < n; i++)
		g_assert_cmpuint(digests[i - 1], <, digests[i]);
}

static void
check_text(const char *text)
{
	g_assert(g_utf8_validate(text, -1, NULL));
	g_assert_null(strpbrk(text, "\r\n"));
}

static void
check_verdict(const struct verdict *verdict)
{
	g_autofree char *brief = verdict_brief(verdict, VERDICT_REASONS);
	g_autofree char *words = verdict_words(verdict, VERDICT_REASONS);

	g_assert_nonnull(verdict_word(verdict->class));
	g_assert_nonnull(verdict_basis_word(verdict->basis));
	g_assert_cmpuint(verdict->n_reasons, <=, VERDICT_REASONS);
	check_text(verdict->note);
	for (guint i = 0; i < verdict->n_reasons; i++) {
		check_text(verdict->reasons[i].part);
		check_text(verdict->reasons[i].text);
	}
	check_text(brief);
	check_text(words);
}

static void
check_lesson(struct classify_lesson *lesson)
{
	check_digests(lesson->digests, lesson->n);
	check_verdict(&lesson->verdict);
	classify_lesson_clear(lesson);
}

static void
read_journal(const guint8 *data, gsize size)
{
	const struct store_value value = { data, size };
	struct model_lesson record;
	g_autofree guint64 *digests = NULL;

	if (model_read_lesson(&value, &record, &digests, NULL))
		check_digests(digests, record.n);
	else
		g_assert_null(digests);
}

static void
read_verdict(const guint8 *data, gsize size)
{
	guint8 bytes[WIRE_VERDICT_BYTES] = { 0 };
	struct verdict verdict;

	if (size > 0)
		memcpy(bytes, data, MIN(size, sizeof(bytes)));
	if (wire_get_verdict(bytes, &verdict, NULL))
		check_verdict(&verdict);
}

/* Behind a head that is right, as only we can write it. */
static void
read_scored(const guint8 *data, gsize size)
{
	const struct ident key = { { 0 } };
	const guint32 version = FEATURES_VERSION;
	GByteArray *record = g_byte_array_new();
	g_autoptr(GBytes) bytes = NULL;
	struct classify_lesson lesson = { 0 };

	g_byte_array_append(record, (const guint8 *)"DGL1", 4);
	g_byte_array_append(record, (const guint8 *)&version, sizeof(version));
	g_byte_array_append(record, key.bytes, IDENT_BYTES);
	g_byte_array_append(record, data, (guint)size);
	bytes = g_byte_array_free_to_bytes(record);
	if (wire_get_scored(bytes, &key, &lesson, NULL))
		check_lesson(&lesson);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	struct classify_lesson lesson = { 0 };
	g_autofree guint8 *copy = NULL;

	if (size == 0)
		return 0;
	copy = g_malloc(size);
	memcpy(copy, data + 1, size - 1);
	switch (data[0] % 4) {
	case 0:
		if (wire_get_lesson(copy, size - 1, &lesson, NULL))
			check_lesson(&lesson);
		break;
	case 1:
		read_journal(copy, size - 1);
		break;
	case 2:
		read_verdict(copy, size - 1);
		break;
	default:
		read_scored(copy, size - 1);
		break;
	}
	return 0;
}
