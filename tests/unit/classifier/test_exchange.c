/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model as text and back, counts from the journal, counts from elsewhere.
 */
#include "classifier/exchange.h"

#include <string.h>

#include "classifier/features.h"
#include "classifier/import.h"
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tests/unit/classifier/school.h"

#define LESSONS 80

/* Two installations of one key. */
struct pair {
	struct school one, other;
};

static void
pair_init(struct pair *pair, gconstpointer unused)
{
	school_init(&pair->one, unused);
	school_init(&pair->other, unused);
	pair->one.settings.training_margin = 0.1;
	pair->other.settings.training_margin = 0.1;
	school_reopen(&pair->one);
	school_reopen(&pair->other);
}

static void
pair_fini(struct pair *pair, gconstpointer unused)
{
	school_fini(&pair->one, unused);
	school_fini(&pair->other, unused);
}

static void
teach(struct school *school, guint number)
{
	struct classify_lesson lesson OWNED(classify_lesson_clear);

	school_lesson(&lesson, number, number % 7 * 5, 30, number % 3);
	school_judge(school, &lesson);
	school_teach(
	    school, &lesson, number % 3 == 0 ? VERDICT_SPAM : VERDICT_HAM);
}

static char *
dump(struct school *school, enum exchange_kind kind)
{
	GString *text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	g_assert_true(exchange_dump(school->learn, kind, text, &error));
	g_assert_no_error(error);
	return g_string_free(text, FALSE);
}

static void
load(struct school *school, const char *text, gboolean replace)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(
	    exchange_load(school->learn, text, strlen(text), replace, &error));
	g_assert_no_error(error);
	school_verify(school);
}

static void
rebuild(struct school *school)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(exchange_rebuild(school->learn, &error));
	g_assert_no_error(error);
	school_verify(school);
}

/* Reads all of a dump of the other's own counts as `name`. */
static void
import(struct school *to, const char *name, gboolean starter, const char *text)
{
	const char *counts = strstr(text, "\ntotals ") + 1;
	g_autoptr(GError) error = NULL;

	counts = strchr(counts, '\n') + 1;
	g_assert_true(exchange_import_begin(
	    to->learn, name, starter, text, counts - text, &error));
	g_assert_no_error(error);
	g_assert_true(exchange_import_rows(
	    to->learn, name, counts, strlen(counts) - strlen("end\n"), &error));
	g_assert_no_error(error);
	g_assert_true(import_end(to->learn, name, &error));
	g_assert_no_error(error);
	school_verify(to);
}

/* --- there and back --- */

/* The text without each lesson of `gone`, 4-byte number first in its name. */
static char *
without(const char *text, const gboolean *gone)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GString *out = g_string_new(NULL);

	for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++) {
		struct ident ident;
		guint number;

		if (!g_str_has_prefix(lines[i], "lesson ")) {
			g_string_append_printf(out, "%s\n", lines[i]);
			continue;
		}
		lines[i][7 + 32] = '\0';
		g_assert_true(ident_parse(lines[i] + 7, &ident));
		lines[i][7 + 32] = ' ';
		memcpy(&number, ident.bytes, sizeof(number));
		if (!gone[number])
			g_string_append_printf(out, "%s\n", lines[i]);
		/* Its features, unless they were let go. */
		if (strstr(lines[i], " 0 cli:test") == NULL) {
			i++;
			if (!gone[number])
				g_string_append_printf(out, "%s\n", lines[i]);
		}
	}
	return g_string_free(out, FALSE);
}

/* What is left after taking back is what the remaining journal makes. */
static void
test_replay(struct pair *pair, gconstpointer unused)
{
	g_autofree char *all = NULL, *rest = NULL, *left = NULL, *made = NULL;
	gboolean gone[LESSONS] = { FALSE };
	g_autoptr(GRand) random = g_rand_new_with_seed(1);

	(void)unused;
	for (guint i = 0; i < LESSONS; i++)
		teach(&pair->one, i);
	/* Some are only noted, and none of those is counted. */
	g_assert_cmpint(school_stat(&pair->one, "learnt_ham"), <, 50);
	g_assert_cmpint(school_stat(&pair->one, "learnt_ham"), >, 5);
	all = dump(&pair->one, EXCHANGE_LESSONS);
	for (guint n = 0; n < LESSONS / 3;) {
		guint i = g_rand_int_range(random, 0, LESSONS);

		if (gone[i])
			continue;
		gone[i] = TRUE;
		school_take_back(&pair->one, i);
		n++;
	}
	left = dump(&pair->one, EXCHANGE_COUNTS);
	rest = without(all, gone);
	load(&pair->other, rest, FALSE);
	made = dump(&pair->other, EXCHANGE_COUNTS);
	g_assert_cmpstr(made, ==, left);
	rebuild(&pair->one);
	g_free(made);
	made = dump(&pair->one, EXCHANGE_COUNTS);
	g_assert_cmpstr(made, ==, left);
}

/* A whole dump gives the same model, and the same dump again. */
static void
test_round(struct pair *pair, gconstpointer unused)
{
	g_autofree char *there = NULL, *back = NULL, *counts = NULL;

	(void)unused;
	for (guint i = 0; i < LESSONS; i++)
		teach(&pair->one, i);
	there = dump(&pair->one, EXCHANGE_LESSONS);
	load(&pair->other, there, FALSE);
	back = dump(&pair->other, EXCHANGE_LESSONS);
	g_assert_cmpstr(back, ==, there);
	/* Counts alone become the base. */
	counts = dump(&pair->one, EXCHANGE_COUNTS);
	load(&pair->other, counts, TRUE);
	g_free(back);
	back = dump(&pair->other, EXCHANGE_COUNTS);
	g_assert_cmpstr(back, ==, counts);
	g_assert_cmpint(school_stat(&pair->other, "all"), ==, LESSONS);
	g_free(back);
	school_reopen(&pair->other);
	back = school_counts(&pair->other);
	g_assert_nonnull(strstr(back, "labels 27 53"));
}

/* What was let go and still has its lesson is there again after a rebuild, and
 * no more than the ceiling. */
static void
test_rebuild(struct pair *pair, gconstpointer unused)
{
	g_autofree char *whole = NULL, *again = NULL;

	(void)unused;
	pair->one.settings.training_margin = 40;
	school_reopen(&pair->one);
	for (guint i = 0; i < LESSONS; i++)
		teach(&pair->one, i);
	whole = dump(&pair->one, EXCHANGE_COUNTS);
	pair->one.settings.max_records = 40;
	school_reopen(&pair->one);
	teach(&pair->one, LESSONS);
	school_verify(&pair->one);
	g_assert_cmpint(school_stat(&pair->one, "records"), <=, 40);
	rebuild(&pair->one);
	g_assert_cmpint(school_stat(&pair->one, "records"), <=, 40);
	school_take_back(&pair->one, LESSONS);
	pair->one.settings.max_records = 1000000;
	school_reopen(&pair->one);
	rebuild(&pair->one);
	again = dump(&pair->one, EXCHANGE_COUNTS);
	g_assert_cmpstr(again, ==, whole);
}

/* --- what is no model --- */

#define HEAD \
	"deskgate-model 1\nfeatures F\nkey 00000000000000000000000000000000\n"
#define COUNTS HEAD "kind counts\ntotals 3 3 3 3\n"
#define LESSON \
	HEAD "kind lessons\ntotals 0 0 0 0\n" \
	     "lesson 0100000000000000000000000000000f ham trained 7 - - - 1 " \
	     "x\n" \
	     "00000000000000aa\n"

static void
test_refused(struct pair *pair, gconstpointer unused)
{
	static const char *const texts[] = { "", "\n", "deskgate-model 1\n",
		"deskgate-model 2\nfeatures F\n", HEAD "kind words\n",
		HEAD "kind counts\nend\n", COUNTS,
		COUNTS "00000000000000aa 1 1\n", COUNTS "end\nmore\n",
		COUNTS "00000000000000aa 1 1\nend",
		COUNTS "00000000000000aa 1 -1\nend\n",
		COUNTS "00000000000000aa 01 1\nend\n",
		COUNTS "00000000000000aa 1 1 \nend\n",
		COUNTS "00000000000000AA 1 1\nend\n",
		COUNTS "00000000000000aa 0 0\nend\n",
		COUNTS "00000000000000aa 4 0\nend\n",
		COUNTS "00000000000000aa 99999999999 0\nend\n",
		COUNTS "00000000000000ab 1 0\n00000000000000aa 1 0\nend\n",
		COUNTS "00000000000000aa 1 0\n00000000000000aa 1 0\nend\n",
		COUNTS "lesson 0100000000000000000000000000000f ham noted 7 - "
		       "- - 0 x\nend\n",
		LESSON, LESSON "00000000000000aa 1 0\nend\n",
		LESSON "source a/b import 0 0 0 0 0\nend\n",
		HEAD "kind lessons\ntotals 0 0 0 0\n"
		     "lesson 0100000000000000000000000000000f ham trained 7 - "
		     "- - 2 x\n00000000000000aa\nend\n",
		HEAD "kind lessons\ntotals 0 0 0 0\n"
		     "lesson 0100000000000000000000000000000f maybe trained 7 "
		     "- - - 0 x\nend\n",
		LESSON "lesson 0100000000000000000000000000000f ham noted 7 - "
		       "- - 0 x\nend\n" };
	g_autofree char *before = NULL;

	(void)unused;
	teach(&pair->one, 1);
	before = dump(&pair->one, EXCHANGE_LESSONS);
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *version =
		    g_strdup_printf("features %d", FEATURES_VERSION);
		g_auto(GStrv) parts = g_strsplit(texts[i], "features F", 2);
		g_autofree char *text = g_strjoinv(version, parts);
		g_autofree char *after = NULL;
		g_autoptr(GError) error = NULL;

		g_test_message("text %zu", i);
		g_assert_false(exchange_load(
		    pair->one.learn, text, strlen(text), TRUE, &error));
		g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
		after = dump(&pair->one, EXCHANGE_LESSONS);
		g_assert_cmpstr(after, ==, before);
	}
	school_verify(&pair->one);
}

static void
test_refused_here(struct pair *pair, gconstpointer unused)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;

	(void)unused;
	memset(pair->one.settings.key.bytes, 1, IDENT_BYTES);
	school_reopen(&pair->one);
	teach(&pair->one, 1);
	text = dump(&pair->one, EXCHANGE_OWN);
	/* One that holds something, then one of another key. */
	g_assert_false(
	    exchange_load(pair->one.learn, text, strlen(text), FALSE, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_assert_nonnull(strstr(error->message, "--replace"));
	g_clear_error(&error);
	memset(pair->other.settings.key.bytes, 2, IDENT_BYTES);
	school_reopen(&pair->other);
	g_assert_false(exchange_load(
	    pair->other.learn, text, strlen(text), FALSE, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_assert_nonnull(strstr(error->message, "feature key"));
	g_clear_error(&error);
	g_assert_false(exchange_import_begin(
	    pair->other.learn, "x", FALSE, text, strlen(text), &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_assert_cmpint(school_stat(&pair->other, "all"), ==, 0);
}

/* --- counts from elsewhere --- */

static void
forget(struct school *school, const char *name)
{
	g_autoptr(GError) error = NULL;
	gboolean more = TRUE;

	while (more) {
		g_assert_true(
		    import_forget(school->learn, name, &more, &error));
		g_assert_no_error(error);
		school_verify(school);
	}
}

static void
test_import(struct pair *pair, gconstpointer unused)
{
	g_autofree char *own = NULL, *foreign = NULL, *after = NULL;
	g_autoptr(GError) error = NULL;

	(void)unused;
	for (guint i = 0; i < 30; i++)
		teach(&pair->one, i);
	for (guint i = 20; i < 60; i++)
		teach(&pair->other, i);
	own = dump(&pair->one, EXCHANGE_OWN);
	foreign = dump(&pair->other, EXCHANGE_OWN);
	import(&pair->one, "mx2", FALSE, foreign);
	g_assert_cmpint(school_stat(&pair->one, "all"), ==, 70);
	g_assert_false(import_begin(pair->one.learn, "mx2", FALSE,
	    &(struct table_totals){ 1, 1, 1, 1 }, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	g_clear_error(&error);
	/* One's own is what it was, and goes on beside it. */
	after = dump(&pair->one, EXCHANGE_OWN);
	g_assert_cmpstr(after, ==, own);
	teach(&pair->one, 100);
	school_take_back(&pair->one, 3);
	school_take_back(&pair->one, 100);
	school_reopen(&pair->one);
	rebuild(&pair->one);
	import(&pair->one, "mx3", FALSE, foreign);
	forget(&pair->one, "mx2");
	g_assert_false(import_forget(
	    pair->one.learn, "mx2", &(gboolean){ FALSE }, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	forget(&pair->one, "mx3");
	teach(&pair->one, 3);
	g_free(after);
	after = dump(&pair->one, EXCHANGE_OWN);
	/* All learnt again, beyond the margin or not: labels are the same. */
	g_assert_cmpint(school_stat(&pair->one, "all"), ==, 30);
}

/* With a ceiling: what was let go is not taken away twice. */
static void
test_import_aged(struct pair *pair, gconstpointer unused)
{
	g_autofree char *foreign = NULL, *text = NULL, *again = NULL;

	(void)unused;
	for (guint i = 20; i < 60; i++)
		teach(&pair->other, i);
	foreign = dump(&pair->other, EXCHANGE_OWN);
	pair->one.settings.max_records = 45;
	school_reopen(&pair->one);
	for (guint i = 0; i < 30; i++)
		teach(&pair->one, i);
	import(&pair->one, "mx2", FALSE, foreign);
	for (guint i = 60; i < 70; i++)
		teach(&pair->one, i);
	school_verify(&pair->one);
	/* Sources and lessons go through a dump. */
	text = dump(&pair->one, EXCHANGE_LESSONS);
	load(&pair->other, text, TRUE);
	again = dump(&pair->other, EXCHANGE_LESSONS);
	g_assert_cmpstr(again, ==, text);
	forget(&pair->one, "mx2");
	forget(&pair->other, "mx2");
}

static gint64
starter_left(struct school *school)
{
	json_t *stats = learn_stats(school->learn, NULL);
	json_t *first = json_array_get(json_object_get(stats, "sources"), 0);
	gint64 left = first == NULL
			  ? -1
			  : json_integer_value(json_object_get(first, "left"));

	json_decref(stats);
	return left;
}

/* It gives no labels, and goes as own labels come. */
static void
test_starter(struct pair *pair, gconstpointer unused)
{
	g_autofree char *foreign = NULL;
	gint64 left;

	(void)unused;
	for (guint i = 1000; i < 1060; i++)
		teach(&pair->other, i);
	foreign = dump(&pair->other, EXCHANGE_OWN);
	pair->one.settings.starter_labels = 10;
	school_reopen(&pair->one);
	import(&pair->one, "starter", TRUE, foreign);
	left = starter_left(&pair->one);
	g_assert_cmpint(left, >, 20);
	g_assert_cmpint(school_stat(&pair->one, "all"), ==, 0);
	g_assert_cmpint(school_stat(&pair->one, "learnt_ham"), >, 0);
	/* Ham alone does not outvote it: 5 of 15 are spam. */
	for (guint i = 0; i < 15; i++)
		teach(&pair->one, i);
	g_assert_cmpint(starter_left(&pair->one), <=, left / 2);
	g_assert_cmpint(starter_left(&pair->one), >, 0);
	school_verify(&pair->one);
	school_reopen(&pair->one);
	for (guint i = 15; i < 30; i++)
		teach(&pair->one, i);
	g_assert_cmpint(starter_left(&pair->one), ==, -1);
	school_verify(&pair->one);
	for (guint i = 0; i < 30; i++)
		school_take_back(&pair->one, i);
	g_assert_cmpint(school_stat(&pair->one, "records"), ==, 0);
	g_assert_cmpint(school_stat(&pair->one, "learnt_ham"), ==, 0);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(struct pair *, gconstpointer);
	} tests[] = {
		{ "/exchange/replay", test_replay },
		{ "/exchange/round", test_round },
		{ "/exchange/rebuild", test_rebuild },
		{ "/exchange/refused", test_refused },
		{ "/exchange/refused-here", test_refused_here },
		{ "/exchange/import", test_import },
		{ "/exchange/import-aged", test_import_aged },
		{ "/exchange/starter", test_starter },
	};

	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
		g_test_add(tests[i].name, struct pair, NULL, pair_init,
		    tests[i].run, pair_fini);
	return g_test_run();
}
