/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a message to a verdict by way of real readers, honest ones or not. */
#include <string.h>
#include <unistd.h>

#include "classifier/canonical.h"
#include "classifier/classify.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tests/unit/base/folder.h"
#include "tests/unit/classifier/sample.h"

#define SPAM \
	"From: Prize Desk <win@casino.example.net>\nSubject: you won\n" \
	"Date: Tue, 5 Mar 2024 08:00:00 +0100\nMessage-ID: <1@example.net>\n" \
	"\nClaim your golden jackpot at http://casino.example.net/now\n"
#define HAM \
	"From: Ann <ann@example.org>\nSubject: broken lamp\n" \
	"Date: Tue, 5 Mar 2024 09:00:00 +0100\nMessage-ID: <2@example.org>\n" \
	"\nThe lamp you sent is broken. Can it be mended?\n"

struct bench {
	struct classify_context context;
	struct worker_pool *pool;
};

struct place {
	struct folder folder;
	char *path;
	struct classify *classify;
};

/* --- jobs, which a message that begins with DIE or LIE takes over --- */

typedef gboolean (*job)(struct classify_context *context,
    const struct worker_call *call, struct worker_answer *answer,
    GError **error);

static gboolean
run(job honest, struct bench *bench, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	g_autoptr(GBytes) bytes = file_read_fd(call->fds[0], 1 << 24, error);
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);

	if (length >= 3 && memcmp(data, "DIE", 3) == 0)
		_exit(1);
	if (length >= 3 && memcmp(data, "LIE", 3) == 0) {
		g_byte_array_append(answer->record, (const guint8 *)data + 3,
		    (guint)length - 3);
		return TRUE;
	}
	return honest(&bench->context, call, answer, error);
}

static gboolean
job_score(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	return run(classify_job_score, context, call, answer, error);
}

static gboolean
job_features(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	return run(classify_job_features, context, call, answer, error);
}

static gboolean
job_explain(void *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	return run(classify_job_explain, context, call, answer, error);
}

static void
prepare(void *context)
{
	(void)context;
	message_prepare();
}

static const struct worker_job jobs[] = {
	{ "score", job_score },
	{ "features", job_features },
	{ "explain", job_explain },
	{ NULL, NULL },
};

/* --- one place each --- */

static void
place_init(struct place *place, gconstpointer data)
{
	const struct bench *bench = data;

	folder_init(&place->folder, NULL);
	place->path = folder_path(&place->folder, "scores");
	place->classify = classify_new(bench->pool, place->path);
}

static void
place_fini(struct place *place, gconstpointer data)
{
	(void)data;
	classify_free(&place->classify);
	g_free(place->path);
	folder_fini(&place->folder, NULL);
}

/* A table of `lessons` of each class, to which the two are opposite when
 * `turned`. */
static struct table *
publish(const struct place *place, guint lessons, gboolean turned)
{
	const struct table_totals totals = { lessons, lessons, lessons,
		lessons };
	g_autoptr(GError) error = NULL;
	struct table *table = table_create(place->path, 1000, &error);

	g_assert_no_error(error);
	table_set_totals(table, &totals);
	sample_teach(table, turned ? HAM : SPAM, lessons, 0);
	sample_teach(table, turned ? SPAM : HAM, 0, lessons);
	g_assert_true(table_publish(table, &error));
	g_assert_no_error(error);
	return table;
}

static int
memory(const char *text, gsize length)
{
	int fd = file_memory("message", text, length, NULL);

	g_assert_cmpint(fd, >=, 0);
	return fd;
}

static void
judge(const struct place *place, const char *text, struct verdict *verdict_r)
{
	int fd OWNED(file_close) = memory(text, strlen(text));
	const struct classify_ask ask = { .message = fd };
	g_autoptr(GError) error = NULL;

	g_assert_true(
	    classify_message(place->classify, &ask, verdict_r, NULL, &error));
	g_assert_no_error(error);
}

static void
assert_verdict(const struct place *place, const char *text,
    enum verdict_class class, enum verdict_basis basis)
{
	struct verdict verdict;

	judge(place, text, &verdict);
	g_assert_cmpstr(verdict_word(verdict.class), ==, verdict_word(class));
	g_assert_cmpstr(
	    verdict_basis_word(verdict.basis), ==, verdict_basis_word(basis));
}

/* --- tests --- */

/* Own models by name: one that turns the classes round, one that is not there,
 * one that is not known; each comes and goes alone. */
static void
test_own_tables(struct place *place, gconstpointer data)
{
	static const char *const models[] = { "gone", "turned", "unknown",
		NULL };
	struct table *shared = publish(place, 40, FALSE), *own;
	g_autofree char *gone = folder_path(&place->folder, "gone");
	g_autofree char *turned = folder_path(&place->folder, "turned");
	struct verdict verdicts[G_N_ELEMENTS(models)];
	int fd OWNED(file_close) = memory(SPAM, strlen(SPAM));
	const struct classify_ask ask = { fd, models, 0 };
	struct place other = *place;

	(void)data;
	classify_add(place->classify, "gone", gone);
	classify_add(place->classify, "turned", turned);
	other.path = turned;
	for (int round = 0; round < 3; round++) {
		own = publish(&other, 4000, TRUE);
		g_assert_true(classify_message(
		    place->classify, &ask, verdicts, NULL, NULL));
		g_assert_cmpint(verdicts[0].class, ==, VERDICT_SPAM);
		g_assert_cmpfloat(verdicts[2].score, <, -1);
		g_assert_cmpfloat(verdicts[1].score, ==, verdicts[0].score);
		g_assert_cmpfloat(verdicts[3].score, ==, verdicts[0].score);
		g_assert_cmpuint(verdicts[2].n_reasons, >, 0);
		g_assert_cmpfloat(verdicts[2].reasons[0].weight, <, 0);
		g_assert_cmpfloat(verdicts[0].reasons[0].weight, >, 0);
		table_retire(own);
		table_free(&own);
		unlink(turned);
		g_assert_true(classify_message(
		    place->classify, &ask, verdicts, NULL, NULL));
		g_assert_cmpfloat(verdicts[2].score, ==, verdicts[0].score);
	}
	table_free(&shared);
}

static void
test_no_table(struct place *place, gconstpointer data)
{
	struct verdict verdict;

	(void)data;
	judge(place, SPAM, &verdict);
	g_assert_cmpint(verdict.class, ==, VERDICT_UNSURE);
	g_assert_cmpint(verdict.basis, ==, VERDICT_NO_MODEL);
	g_assert_cmpfloat(verdict.margin, ==, 0);
	g_assert_cmpuint(verdict.n_reasons, ==, 0);
	folder_put(&place->folder, "scores", "this is no table\n", 0600);
	assert_verdict(place, SPAM, VERDICT_UNSURE, VERDICT_NO_MODEL);
}

/* Scored, but too little was taught to act on it. */
static void
test_cold(struct place *place, gconstpointer data)
{
	struct table *table OWNED(table_free) = publish(place, 4, FALSE);
	struct verdict verdict;

	(void)data;
	judge(place, SPAM, &verdict);
	g_assert_cmpint(verdict.class, ==, VERDICT_UNSURE);
	g_assert_cmpint(verdict.basis, ==, VERDICT_COLD);
	g_assert_cmpfloat(verdict.score, >, 4);
	g_assert_cmpuint(verdict.n_reasons, >, 0);
	judge(place, HAM, &verdict);
	g_assert_cmpint(verdict.class, ==, VERDICT_UNSURE);
	g_assert_cmpfloat(verdict.score, <, -4);
}

static void
test_active(struct place *place, gconstpointer data)
{
	static const struct {
		guint32 spam, ham;
		enum verdict_basis basis;
	} cases[] = {
		{ 32, 32, VERDICT_SCORED },
		{ 31, 32, VERDICT_COLD }, /* 63 in all */
		{ 10, 54, VERDICT_SCORED },
		{ 9, 90, VERDICT_COLD },
		{ 90, 9, VERDICT_COLD },
	};
	struct table *table OWNED(table_free) = publish(place, 32, FALSE);

	(void)data;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct table_totals totals = { 32, 32, cases[i].spam,
			cases[i].ham };
		gboolean scored = cases[i].basis == VERDICT_SCORED;

		g_test_message("%u spam, %u ham", cases[i].spam, cases[i].ham);
		table_set_totals(table, &totals);
		assert_verdict(place, SPAM,
		    scored ? VERDICT_SPAM : VERDICT_UNSURE, cases[i].basis);
		assert_verdict(place, HAM,
		    scored ? VERDICT_HAM : VERDICT_UNSURE, cases[i].basis);
	}
}

/* A table that is replaced is followed, and so is one that goes. */
static void
test_followed(struct place *place, gconstpointer data)
{
	struct table *first OWNED(table_free) = publish(place, 40, FALSE);
	struct table *second OWNED(table_free) = NULL;

	(void)data;
	assert_verdict(place, SPAM, VERDICT_SPAM, VERDICT_SCORED);
	second = publish(place, 40, TRUE);
	assert_verdict(place, SPAM, VERDICT_HAM, VERDICT_SCORED);
	assert_verdict(place, HAM, VERDICT_SPAM, VERDICT_SCORED);
	table_retire(second);
	assert_verdict(place, SPAM, VERDICT_UNSURE, VERDICT_NO_MODEL);
	table_free(&second);
	second = publish(place, 40, FALSE);
	assert_verdict(place, SPAM, VERDICT_SPAM, VERDICT_SCORED);
}

/* A keeper that was killed has marked nothing: its file is gone with the
 * runtime folder, and another's stands there. */
static void
test_orphaned(struct place *place, gconstpointer data)
{
	struct table *first OWNED(table_free) = publish(place, 40, FALSE);
	struct table *second OWNED(table_free) = NULL;

	(void)data;
	assert_verdict(place, SPAM, VERDICT_SPAM, VERDICT_SCORED);
	g_assert_cmpint(unlink(place->path), ==, 0);
	assert_verdict(place, SPAM, VERDICT_UNSURE, VERDICT_NO_MODEL);
	second = publish(place, 40, TRUE);
	assert_verdict(place, SPAM, VERDICT_HAM, VERDICT_SCORED);
}

/* Whatever a reader does with a message, there is a verdict with a note. */
static void
test_unread(struct place *place, gconstpointer data)
{
	static const char *const texts[] = { "", "DIE", "LIE", "LIEnonsense",
		"LIE{}", "LIE[1]", "LIE{\"class\":\"spam\"}",
		"LIE{\"class\":\"worse\",\"basis\":\"scored\"}" };
	struct table *table OWNED(table_free) = publish(place, 40, FALSE);

	(void)data;
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		int fd OWNED(file_close) = memory(texts[i], strlen(texts[i]));
		g_autoptr(GError) error = NULL;
		struct classify_lesson lesson;
		struct verdict verdict;

		g_test_message("'%s'", texts[i]);
		judge(place, texts[i], &verdict);
		g_assert_cmpint(verdict.class, ==, VERDICT_UNSURE);
		g_assert_cmpint(verdict.basis, ==, VERDICT_UNREAD);
		g_assert_cmpstr(verdict.note, !=, "");
		g_assert_cmpuint(verdict.n_reasons, ==, 0);
		g_assert_false(
		    classify_lesson(place->classify, fd, &lesson, &error));
		g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
		g_assert_null(lesson.digests);
	}
	/* The next message is read again. */
	assert_verdict(place, SPAM, VERDICT_SPAM, VERDICT_SCORED);
}

/* A lesson is what this process would have read, by name and features. */
static void
test_lesson(struct place *place, gconstpointer data)
{
	struct table *table OWNED(table_free) = publish(place, 40, FALSE);
	struct message *message OWNED(message_free) = sample_parse(SPAM);
	struct features features OWNED(features_clear) = { 0 };
	struct classify_lesson lesson OWNED(classify_lesson_clear) = { 0 };
	int fd OWNED(file_close) = memory(SPAM, strlen(SPAM));
	g_autoptr(GError) error = NULL;
	struct ident ident;

	(void)data;
	g_assert_true(classify_lesson(place->classify, fd, &lesson, &error));
	g_assert_no_error(error);
	canonical_ident(message, sample_rules.key, &ident);
	g_assert_true(ident_equal(&lesson.ident, &ident));
	sample_features(SPAM, &sample_rules, &features);
	g_assert_cmpmem(lesson.digests, lesson.n * sizeof(guint64),
	    features.digests, features.n * sizeof(guint64));
	g_assert_cmpint(lesson.verdict.class, ==, VERDICT_SPAM);
}

/* A reader's features are used only when they are whole and in order. */
static void
test_false_lesson(struct place *place, gconstpointer data)
{
	static const struct {
		const char *name;
		guint32 says;
		guint64 digests[2];
		gboolean good;
	} cases[] = {
		{ "good", 2, { 1, 2 }, TRUE },
		{ "unsorted", 2, { 2, 1 }, FALSE },
		{ "twice", 2, { 7, 7 }, FALSE },
		{ "cut", 900, { 1, 2 }, FALSE },
		{ "too many", FEATURES_MAX + 1, { 1, 2 }, FALSE },
		{ "huge", G_MAXUINT32, { 1, 2 }, FALSE },
	};
	struct verdict verdict;
	g_autofree char *tail = NULL;
	json_t *object;

	(void)data;
	verdict_init(&verdict, VERDICT_HAM, VERDICT_SCORED, NULL);
	object = verdict_to_json(&verdict);
	tail = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GByteArray) lie = g_byte_array_new();
		struct classify_lesson lesson OWNED(classify_lesson_clear);
		int fd OWNED(file_close) = -1;

		g_byte_array_append(lie, (guint8 *)"LIEsixteen bytes id", 19);
		g_byte_array_append(lie, (guint8 *)&cases[i].says, 4);
		g_byte_array_append(lie, (guint8 *)cases[i].digests, 16);
		g_byte_array_append(lie, (guint8 *)tail, strlen(tail));
		fd = memory((char *)lie->data, lie->len);
		g_test_message("%s", cases[i].name);
		g_assert_cmpint(
		    classify_lesson(place->classify, fd, &lesson, NULL), ==,
		    cases[i].good);
		g_assert_cmpuint(lesson.n, ==, cases[i].good ? 2 : 0);
	}
}

static void
test_explain(struct place *place, gconstpointer data)
{
	struct table *table OWNED(table_free) = publish(place, 40, FALSE);
	int fd OWNED(file_close) = memory(SPAM, strlen(SPAM));
	int none OWNED(file_close) = memory("", 0);
	g_autofree char *text =
	    classify_explain(place->classify, fd, NULL, NULL);
	g_autoptr(GError) error = NULL;
	json_t *object;
	const char *class = NULL;

	(void)data;
	g_assert_nonnull(text);
	object = json_loads(text != NULL ? text : "", 0, NULL);
	g_assert_cmpint(
	    json_unpack(object, "{s:{s:s}}", "verdict", "class", &class), ==,
	    0);
	g_assert_cmpstr(class, ==, "spam");
	json_decref(object);
	g_assert_null(classify_explain(place->classify, none, NULL, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
}

/* A score on the threshold is over it; the next number before it is not. */
static void
test_thresholds(struct place *place, gconstpointer data)
{
	struct table *table OWNED(table_free) = publish(place, 40, FALSE);
	int fd OWNED(file_close) = table_open(place->path, NULL);
	struct table_reader *reader OWNED(table_unmap) = table_map(fd, NULL);
	static const char *const texts[] = { SPAM, HAM };

	(void)data;
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct features features OWNED(features_clear) = { 0 };
		struct classify_settings settings = { 1e9, -1e9, 10, 64 };
		enum verdict_class want = i == 0 ? VERDICT_SPAM : VERDICT_HAM;
		double *bound =
		    i == 0 ? &settings.spam_score : &settings.ham_score;
		struct verdict verdict;

		sample_features(texts[i], &sample_rules, &features);
		classify_verdict(
		    reader, &settings, features.digests, features.n, &verdict);
		g_assert_cmpint(verdict.class, ==, VERDICT_UNSURE);
		*bound = verdict.score;
		classify_verdict(
		    reader, &settings, features.digests, features.n, &verdict);
		g_assert_cmpint(verdict.class, ==, want);
		*bound *= 1 + 1e-12;
		classify_verdict(
		    reader, &settings, features.digests, features.n, &verdict);
		g_assert_cmpint(verdict.class, ==, VERDICT_UNSURE);
	}
}

static void
add(const char *path, const struct bench *bench,
    void (*test)(struct place *place, gconstpointer data))
{
	g_test_add(path, struct place, bench, place_init, test, place_fini);
}

int
main(int argc, char **argv)
{
	struct bench bench = { .context = {
				   .settings = { 4, -4, 10, 64 },
				   .limits = message_limits_default,
				   .local_domains = sample_rules.local_domains,
			       } };
	static const struct worker_limits limits = { 1, 20000, 256 << 20,
		16 << 20, 1 << 20, 0 };
	int code;

	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	memcpy(bench.context.feature_key, sample_rules.key, FEATURES_KEY_BYTES);
	bench.pool = worker_pool_start(jobs, &bench, prepare, &limits, NULL);
	g_assert_nonnull(bench.pool);
	message_prepare();
	add("/classify/no-table", &bench, test_no_table);
	add("/classify/own-tables", &bench, test_own_tables);
	add("/classify/cold", &bench, test_cold);
	add("/classify/active", &bench, test_active);
	add("/classify/followed", &bench, test_followed);
	add("/classify/orphaned", &bench, test_orphaned);
	add("/classify/unread", &bench, test_unread);
	add("/classify/lesson", &bench, test_lesson);
	add("/classify/false-lesson", &bench, test_false_lesson);
	add("/classify/explain", &bench, test_explain);
	add("/classify/thresholds", &bench, test_thresholds);
	code = g_test_run();
	worker_pool_free(&bench.pool);
	return code;
}
