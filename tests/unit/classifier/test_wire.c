/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "classifier/wire.h"

#include <math.h>
#include <string.h>

#include "classifier/canonical.h"
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tests/unit/classifier/sample.h"

#define TEXT \
	"From: Ann <ann@example.org>\nReply-To: bob@example.net\n" \
	"Subject: broken lamp\nMessage-ID: <2@example.org>\n" \
	"\nThe lamp you sent is broken. Can it be mended?\n"

struct written {
	GByteArray *record;
	struct features features;
	struct ident ident, check;
};

/* What a reader writes of TEXT. */
static void
write_text(struct written *written, gboolean scored)
{
	struct message *message OWNED(message_free) = sample_parse(TEXT);
	const struct verdict verdict = {
		.class = VERDICT_UNSURE, .score = 1.25, .margin = -3.5
	};
	const struct wire_lesson lesson = { message, sample_rules.key,
		&written->features, &verdict };

	sample_features(TEXT, &sample_rules, &written->features);
	canonical_ident(message, sample_rules.key, &written->ident);
	model_key_check(sample_rules.key, FEATURES_KEY_BYTES, &written->check);
	written->record = g_byte_array_new();
	if (scored)
		wire_put_scored(written->record, &lesson);
	else
		wire_put_lesson(written->record, &lesson);
}

static void
written_clear(struct written *written)
{
	g_byte_array_unref(written->record);
	features_clear(&written->features);
}

static gboolean
read_scored(const struct written *written, gsize length,
    struct classify_lesson *lesson_r)
{
	g_autoptr(GBytes) bytes = g_bytes_new(written->record->data, length);
	g_autoptr(GError) error = NULL;
	gboolean read =
	    wire_get_scored(bytes, &written->check, lesson_r, &error);

	g_assert_cmpint(read, ==, error == NULL);
	g_assert_true(read || err_is(error, DG_ERROR_BAD));
	return read;
}

static void
test_round(void)
{
	struct written written;
	struct classify_lesson lesson OWNED(classify_lesson_clear) = { 0 };

	write_text(&written, TRUE);
	g_assert_true(read_scored(&written, written.record->len, &lesson));
	g_assert_true(ident_equal(&lesson.ident, &written.ident));
	g_assert_cmpmem(lesson.digests, lesson.n * sizeof(guint64),
	    written.features.digests, written.features.n * sizeof(guint64));
	g_assert_cmpstr(lesson.people[0], ==, "ann@example.org");
	g_assert_cmpstr(lesson.people[1], ==, "bob@example.net");
	g_assert_cmpstr(lesson.id, ==, "2@example.org");
	g_assert_cmpfloat(lesson.verdict.score, ==, 1.25);
	g_assert_cmpfloat(lesson.verdict.margin, ==, -3.5);
	written_clear(&written);
}

/* Wherever it ends too early. */
static void
test_cut(void)
{
	struct written written;

	write_text(&written, TRUE);
	for (gsize length = 0; length < written.record->len; length++) {
		struct classify_lesson lesson;

		g_assert_false(read_scored(&written, length, &lesson));
		g_assert_null(lesson.digests);
	}
	written_clear(&written);
}

/* Another key's or version's digests mean something else. */
static void
test_other(void)
{
	struct classify_lesson lesson;
	struct written written;

	write_text(&written, TRUE);
	written.check.bytes[0] ^= 1;
	g_assert_false(read_scored(&written, written.record->len, &lesson));
	written.check.bytes[0] ^= 1;
	written.record->data[4] ^= 1;
	g_assert_false(read_scored(&written, written.record->len, &lesson));
	written_clear(&written);
}

/* A reader that lies about order, doubles or number. */
static void
test_lies(void)
{
	const gsize first = IDENT_BYTES + sizeof(guint32);
	const guint32 many = FEATURES_MAX + 1;
	struct classify_lesson lesson OWNED(classify_lesson_clear) = { 0 };
	struct written written;
	guint8 *data;
	guint64 swap;

	write_text(&written, FALSE);
	data = written.record->data;
	g_assert_true(
	    wire_get_lesson(data, written.record->len, &lesson, NULL));
	classify_lesson_clear(&lesson);
	memcpy(&swap, data + first, sizeof(swap));
	memcpy(data + first, data + first + 8, sizeof(swap));
	g_assert_false(
	    wire_get_lesson(data, written.record->len, &lesson, NULL));
	memcpy(data + first + 8, &swap, sizeof(swap));
	g_assert_false(
	    wire_get_lesson(data, written.record->len, &lesson, NULL));
	memcpy(data + IDENT_BYTES, &many, sizeof(many));
	g_assert_false(
	    wire_get_lesson(data, written.record->len, &lesson, NULL));
	written_clear(&written);
}

/* --- verdicts --- */

static struct verdict
some_verdict(void)
{
	struct verdict verdict;

	verdict_init(&verdict, VERDICT_SPAM, VERDICT_SCORED, NULL);
	verdict.score = 5.5;
	verdict.margin = 7.25;
	verdict.probability = 0.875;
	verdict.n_reasons = 2;
	verdict.reasons[0] =
	    (struct verdict_reason){ "subject", "lamp", 3.5, 12, 1 };
	verdict.reasons[1] =
	    (struct verdict_reason){ "links", "caf\xc3\xa9", -1.5, 0, 4 };
	return verdict;
}

static gboolean
pass_verdict(const struct verdict *verdict, struct verdict *verdict_r)
{
	g_autoptr(GByteArray) record = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	gboolean read;

	wire_put_verdict(record, verdict);
	g_assert_cmpuint(record->len, ==, WIRE_VERDICT_BYTES);
	read = wire_get_verdict(record->data, verdict_r, &error);
	g_assert_true(read || err_is(error, DG_ERROR_BAD));
	return read;
}

static void
test_verdict(void)
{
	const struct verdict verdict = some_verdict();
	json_t *before = verdict_to_json(&verdict), *after;
	struct verdict same;

	g_assert_true(pass_verdict(&verdict, &same));
	after = verdict_to_json(&same);
	g_assert_true(json_equal(before, after));
	json_decref(before);
	json_decref(after);
}

static void
claim_class(struct verdict *verdict)
{
	verdict->class = 3;
}

static void
claim_negative_class(struct verdict *verdict)
{
	const int value = -1;

	memcpy(&verdict->class, &value, sizeof(value));
}

static void
claim_basis(struct verdict *verdict)
{
	verdict->basis = VERDICT_BY_RULE + 1;
}

static void
claim_reasons(struct verdict *verdict)
{
	verdict->n_reasons = VERDICT_REASONS + 1;
}

static void
claim_score(struct verdict *verdict)
{
	verdict->score = NAN;
}

static void
claim_margin(struct verdict *verdict)
{
	verdict->margin = INFINITY;
}

static void
claim_probability(struct verdict *verdict)
{
	verdict->probability = -INFINITY;
}

static void
claim_weight(struct verdict *verdict)
{
	verdict->reasons[1].weight = NAN;
}

static void
leave_note_open(struct verdict *verdict)
{
	memset(verdict->note, 'x', sizeof(verdict->note));
}

static void
leave_part_open(struct verdict *verdict)
{
	memset(verdict->reasons[0].part, 'x', sizeof(verdict->reasons[0].part));
}

static void
cut_character(struct verdict *verdict)
{
	g_strlcpy(verdict->reasons[1].text, "caf\xc3",
	    sizeof(verdict->reasons[1].text));
}

static void
test_false_verdicts(void)
{
	static const struct {
		const char *name;
		void (*falsify)(struct verdict *verdict);
	} cases[] = {
		{ "class", claim_class },
		{ "negative class", claim_negative_class },
		{ "basis", claim_basis },
		{ "reasons", claim_reasons },
		{ "score", claim_score },
		{ "margin", claim_margin },
		{ "probability", claim_probability },
		{ "weight", claim_weight },
		{ "note without an end", leave_note_open },
		{ "part without an end", leave_part_open },
		{ "half a character", cut_character },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct verdict verdict = some_verdict(), read;

		g_test_message("%s", cases[i].name);
		cases[i].falsify(&verdict);
		g_assert_false(pass_verdict(&verdict, &read));
	}
}

/* What could break out of a line is a blank, as everywhere. */
static void
test_verdict_lines(void)
{
	struct verdict verdict = some_verdict(), read;

	g_strlcpy(verdict.reasons[0].text, "lamp\r\nX-Spam: no\x1b[2J",
	    sizeof(verdict.reasons[0].text));
	g_strlcpy(verdict.note, " a\tb ", sizeof(verdict.note));
	g_assert_true(pass_verdict(&verdict, &read));
	g_assert_cmpstr(read.reasons[0].text, ==, "lamp X-Spam: no [2J");
	g_assert_cmpstr(read.note, ==, "a b");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	if (!seal_init(NULL))
		return 1;
	message_prepare();
	g_test_add_func("/wire/round", test_round);
	g_test_add_func("/wire/cut", test_cut);
	g_test_add_func("/wire/other", test_other);
	g_test_add_func("/wire/lies", test_lies);
	g_test_add_func("/wire/verdict", test_verdict);
	g_test_add_func("/wire/false verdicts", test_false_verdicts);
	g_test_add_func("/wire/lines of a verdict", test_verdict_lines);
	return g_test_run();
}
