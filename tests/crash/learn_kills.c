/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: learn_kills [N [SEED]]
 *
 * Kills a process that learns, N times (25), at random moments, by SIGKILL, and
 * looks each time at what it has left.
 *
 * The process teaches singly and in groups, relabels, takes back by name and by
 * person, folds, lets records go (the ceiling is low), rebuilds, and imports
 * and forgets another's counts.  It says what it is about to do, and after the
 * commit that it is done.  Whatever it said was done has to be there, all of
 * it; what it was about to do has to be there whole or not at all; and the
 * counts have to be the sum of the journal, by verify_model and by a reckoning
 * of what was said alone.
 *
 * Prints TAP with one line and a summary; exits 1 when anything was wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "classifier/exchange.h"
#include "classifier/import.h"
#include "classifier/model.h"
#include "classifier/verify.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/seal.h"
#include "tests/unit/base/folder.h"

#define MESSAGES 400
#define PEOPLE 20
#define FEATURES 120
#define GROUP_MOST 12
#define ROWS 300 /* imported at once */
#define KEEP 100 /* seconds of the process's own clock */

enum { ABSENT, HAM, SPAM };

struct kills {
	struct folder folder;
	struct learn_settings settings;
	struct clock clock;
	struct secret *key;
	gint64 now;              /* seconds */
	guint8 class[MESSAGES];  /* as was said, ABSENT when none */
	gint64 taught[MESSAGES]; /* when at the earliest */
	guint8 after[MESSAGES];  /* if what was begun is there */
	gboolean begun;          /* and was not said to be done */
	guint folded;            /* labels that are in the base, at least */
	guint wrong, done, halves[2]; /* begun: not there, there */
};

static gint64
tell_time(void *self)
{
	return ((struct kills *)self)->now * G_USEC_PER_SEC;
}

static void
wrong(struct kills *kills, const char *text, guint number)
{
	kills->wrong++;
	printf("# wrong: %s (%u)\n", text, number);
}

/* --- the process that learns --- */

struct child {
	struct kills *kills;
	struct learn *learn;
	GRand *random;
	int out;
	GError *error; /* why it ended */
};

static void
say(struct child *child, const char *text)
{
	gsize length = strlen(text);

	if (write(child->out, text, length) != (ssize_t)length)
		_exit(3);
}

static int
by_value(const void *a, const void *b)
{
	const guint64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The same message has the same features each time. */
static void
make_lesson(guint number, struct classify_lesson *lesson_r)
{
	guint64 *digests = g_new(guint64, FEATURES);

	*lesson_r =
	    (struct classify_lesson){ .digests = digests, .n = FEATURES };
	for (guint i = 0; i < FEATURES; i++) {
		/* Half of them are common. */
		guint64 what = i % 2 == 0 ? number % 10 * 1000 + i
					  : (guint64)(number + 1) * 1000000 + i;

		digests[i] = what * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
	}
	qsort(digests, FEATURES, sizeof(guint64), by_value);
	memcpy(lesson_r->ident.bytes, &number, sizeof(number));
	lesson_r->ident.bytes[IDENT_BYTES - 1] = 1;
	lesson_r->people[0] =
	    g_strdup_printf("person%u@example.org", number % PEOPLE);
	lesson_r->id = g_strdup_printf("%u@example.org", number);
}

static gboolean
teach(struct child *child, guint number, guint class)
{
	struct teacher_lesson wish = {
		class == SPAM ? VERDICT_SPAM : VERDICT_HAM, TRUE, "cli:test"
	};
	struct classify_lesson lesson;
	enum teacher_outcome outcome;
	gboolean done;

	make_lesson(number, &lesson);
	/* Some are known well enough, and are noted. */
	if (g_rand_int_range(child->random, 0, 4) == 0)
		lesson.verdict.margin = class == SPAM ? 90 : -90;
	done =
	    learn_lesson(child->learn, &lesson, &wish, &outcome, &child->error);
	classify_lesson_clear(&lesson);
	return done;
}

/* Teaches some, in one commit when there are several. */
static gboolean
teach_some(struct child *child)
{
	guint n = g_rand_int_range(child->random, 0, 2) == 0
		      ? 1
		      : g_rand_int_range(child->random, 2, GROUP_MOST);
	guint numbers[GROUP_MOST], classes[GROUP_MOST];
	g_autoptr(GString) text = g_string_new("begin");
	gboolean done = TRUE;

	for (guint i = 0; i < n; i++) {
		numbers[i] = g_rand_int_range(child->random, 0, MESSAGES);
		classes[i] = g_rand_int_range(child->random, HAM, SPAM + 1);
		g_string_append_printf(text, " %u=%u", numbers[i], classes[i]);
	}
	g_string_append_c(text, '\n');
	say(child, text->str);
	if (n > 1)
		done = learn_group_begin(child->learn, &child->error);
	for (guint i = 0; done && i < n; i++)
		done = teach(child, numbers[i], classes[i]);
	if (n > 1)
		done = learn_group_end(child->learn, &child->error) && done;
	return done;
}

/* What was never taught cannot be taken back, and that is no failure. */
static gboolean
is_good(struct child *child, gboolean done)
{
	if (done || !err_is(child->error, DG_ERROR_NOTFOUND))
		return done;
	g_clear_error(&child->error);
	return TRUE;
}

static gboolean
take_back(struct child *child)
{
	guint number = g_rand_int_range(child->random, 0, MESSAGES);
	g_autofree char *text = g_strdup_printf("begin %u=0\n", number);
	struct classify_lesson lesson;
	gboolean done;

	say(child, text);
	make_lesson(number, &lesson);
	done = learn_take_back(child->learn, &lesson.ident, &child->error);
	classify_lesson_clear(&lesson);
	return is_good(child, done);
}

static gboolean
take_back_person(struct child *child)
{
	guint person = g_rand_int_range(child->random, 0, PEOPLE);
	g_autofree char *address =
	    g_strdup_printf("person%u@example.org", person);
	g_autoptr(GString) text = g_string_new("begin");
	gboolean done;

	for (guint i = person; i < MESSAGES; i += PEOPLE)
		g_string_append_printf(text, " %u=0", i);
	g_string_append_c(text, '\n');
	say(child, text->str);
	done =
	    learn_take_back_person(child->learn, address, NULL, &child->error);
	return is_good(child, done);
}

static gboolean
import_some(struct child *child)
{
	const struct table_totals totals = { 50, 50, 50, 50 };
	struct import_row rows[ROWS];
	gboolean more = TRUE;

	say(child, "begin\n");
	if (import_has(child->learn, "other")) {
		while (more && import_forget(
				   child->learn, "other", &more, &child->error))
			;
		return child->error == NULL;
	}
	if (!import_begin(child->learn, "other", FALSE, &totals, &child->error))
		return FALSE;
	for (guint piece = 0; piece < 3; piece++) {
		for (guint i = 0; i < ROWS; i++)
			rows[i] = (struct import_row){
				(guint64)(piece * ROWS + i) << 50, 3, 4
			};
		if (!import_rows(
			child->learn, "other", rows, ROWS, &child->error))
			return FALSE;
	}
	return import_end(child->learn, "other", &child->error);
}

static gboolean
fold(struct child *child)
{
	gboolean more;

	say(child, "begin\n");
	return learn_tend(child->learn, &more, &child->error);
}

static gboolean
rebuild(struct child *child)
{
	say(child, "begin\n");
	return exchange_rebuild(child->learn, &child->error);
}

static gboolean
act(struct child *child)
{
	guint what = g_rand_int_range(child->random, 0, 100);

	if (what < 70)
		return teach_some(child);
	if (what < 82)
		return take_back(child);
	if (what < 86)
		return take_back_person(child);
	if (what < 92)
		return import_some(child);
	return what < 98 ? fold(child) : rebuild(child);
}

static void
live(struct kills *kills, guint32 seed, int out)
{
	struct child child = { .kills = kills, .out = out };

	child.random = g_rand_new_with_seed(seed);
	child.learn = learn_open(&kills->settings, NULL, NULL);
	if (child.learn == NULL)
		_exit(2);
	say(&child, "open\n");
	while (act(&child))
		say(&child, "done\n");
	printf("# it says: %s\n",
	    child.error != NULL ? child.error->message : "nothing");
	fflush(stdout);
	_exit(1);
}

/* --- what was said --- */

static void
note_begin(struct kills *kills, const char *text)
{
	kills->begun = TRUE;
	memcpy(kills->after, kills->class, sizeof(kills->after));
	while (*text == ' ') {
		char *end;
		guint number = strtoul(text + 1, &end, 10);

		kills->after[number] = strtoul(end + 1, &end, 10);
		text = end;
	}
}

static void
note_done(struct kills *kills)
{
	for (guint i = 0; i < MESSAGES; i++) {
		if (kills->after[i] != ABSENT &&
		    kills->after[i] != kills->class[i])
			kills->taught[i] = kills->now;
	}
	memcpy(kills->class, kills->after, sizeof(kills->class));
	kills->begun = FALSE;
	kills->done++;
}

static void
read_said(struct kills *kills, int in)
{
	FILE *file = fdopen(in, "r");
	char line[8192];

	kills->begun = FALSE;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (g_str_has_prefix(line, "begin"))
			note_begin(kills, line + strlen("begin"));
		else if (strcmp(line, "done\n") == 0)
			note_done(kills);
	}
	fclose(file);
}

/* --- what is there --- */

/* What the journal has of each message. */
static void
read_journal(struct kills *kills, guint8 *there, struct model_totals *totals_r)
{
	struct store *store = model_open(
	    kills->settings.model_folder, kills->settings.map_bytes, NULL);
	struct store_txn *txn = store_begin(store, FALSE, NULL);

	model_get_totals(txn, totals_r);
	for (guint i = 0; i < MESSAGES; i++) {
		g_autofree guint64 *digests = NULL;
		struct classify_lesson lesson;
		struct model_lesson known;

		make_lesson(i, &lesson);
		there[i] = ABSENT;
		if (model_get_lesson(
			txn, &lesson.ident, &known, &digests, NULL))
			there[i] = known.class == VERDICT_SPAM ? SPAM : HAM;
		classify_lesson_clear(&lesson);
	}
	store_abort(&txn);
	store_close(&store);
}

/* Whether the journal is what was said, but for what is old and may be folded.
 */
static gboolean
fits(const struct kills *kills, const guint8 *said, const guint8 *there)
{
	for (guint i = 0; i < MESSAGES; i++) {
		if (said[i] != there[i] &&
		    (there[i] != ABSENT ||
			kills->taught[i] > kills->now - KEEP))
			return FALSE;
	}
	return TRUE;
}

/* What was said and is not in the journal is in the base, but for what may have
 * been taken back by what was begun. */
static void
settle(struct kills *kills, const guint8 *said, const guint8 *there)
{
	for (guint i = 0; i < MESSAGES; i++) {
		if (there[i] != kills->class[i] && there[i] != ABSENT)
			kills->taught[i] = kills->now;
		kills->folded += said[i] != ABSENT && there[i] == ABSENT &&
				 !(kills->begun && kills->after[i] == ABSENT);
		kills->class[i] = there[i];
	}
}

static void
check(struct kills *kills)
{
	struct learn *learn = learn_open(&kills->settings, NULL, NULL);
	struct verify_report report;
	struct model_totals totals;
	guint8 there[MESSAGES];
	gboolean before, after;

	if (learn == NULL) {
		wrong(kills, "the model does not open", 0);
		return;
	}
	if (!verify_model(learn, &report, NULL)) {
		wrong(kills, "the model cannot be read", 0);
	} else {
		for (guint i = 0; i < report.shown->len; i++)
			wrong(kills, report.shown->pdata[i], 0);
		verify_report_clear(&report);
	}
	learn_close(&learn);
	read_journal(kills, there, &totals);
	before = fits(kills, kills->class, there);
	after = kills->begun && fits(kills, kills->after, there);
	if (!before && !after)
		wrong(kills, "what was said is not there", kills->begun);
	if (kills->begun)
		kills->halves[after && !before]++;
	settle(kills, before ? kills->class : kills->after, there);
	if (totals.base.label_spam + totals.base.label_ham < kills->folded)
		wrong(kills, "labels are lost", kills->folded);
}

/* --- killing --- */

static void
kill_one(struct kills *kills, GRand *random)
{
	guint32 seed = g_rand_int(random);
	guint wait = g_rand_int_range(random, 0, 40000);
	int pair[2], status;
	pid_t child;

	if (pipe2(pair, O_CLOEXEC) != 0)
		exit(2);
	(void)fcntl(pair[1], F_SETPIPE_SZ, 1 << 20);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		close(pair[0]);
		live(kills, seed, pair[1]);
	}
	close(pair[1]);
	g_usleep(wait);
	kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFSIGNALED(status))
		wrong(kills, "it ended by itself", WEXITSTATUS(status));
	read_said(kills, pair[0]);
	check(kills);
	kills->now += g_rand_int_range(random, 0, 20);
}

int
main(int argc, char **argv)
{
	static const guint8 bytes[SEAL_KEY_BYTES] = "people of this test";
	guint n = argc > 1 ? strtoul(argv[1], NULL, 10) : 25;
	guint seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	g_autoptr(GRand) random = g_rand_new_with_seed(seed);
	struct kills kills = { .now = 1000000 };
	g_autofree char *table = NULL;

	if (!seal_init(NULL))
		return 2;
	folder_init(&kills.folder, NULL);
	table = folder_path(&kills.folder, "table");
	kills.key = secret_new(bytes, sizeof(bytes));
	kills.clock = (struct clock){ tell_time, tell_time, &kills };
	kills.settings = (struct learn_settings){
		.model_folder = kills.folder.path,
		.table_path = table,
		.map_bytes = 64 << 20,
		.training_margin = 8,
		.refuse_score = 7,
		.max_records = 8000,
		.activation_labels = 10,
		.activation_total = 64,
		.journal_keep = KEEP,
		.clock = &kills.clock,
		.subject_key = kills.key,
	};
	for (guint i = 0; i < n; i++)
		kill_one(&kills, random);
	printf("# %u kills, seed %u: %u commits said to be done and there; of "
	       "those begun %u were not there and %u were, none in part; %u "
	       "lessons folded; %u wrong\n",
	    n, seed, kills.done, kills.halves[0], kills.halves[1], kills.folded,
	    kills.wrong);
	printf("%s 1 - counts and journal agree after %u kills\n1..1\n",
	    kills.wrong == 0 ? "ok" : "not ok", n);
	folder_fini(&kills.folder, NULL);
	secret_free(&kills.key);
	return kills.wrong == 0 ? 0 : 1;
}
