/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The protocol: judge, note, teach; see exam.h.
 *
 * Labels are given as agents give them, without force: one that the model
 * strongly contradicts is refused, and so are some of those that are flipped.
 * That is part of what is examined.
 */
#include "tools/exam.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/worker.h"
#include "tools/ahead.h"
#include "tools/cmd.h"
#include "tools/readers.h"

#define READERS_MOST 64

/* A label that waits for its time. */
struct waiting {
	struct classify_lesson lesson;
	enum verdict_class truth;
	guint item;
};

struct exam {
	const struct exam_rules *rules;
	struct readers *readers;
	struct classify *classify;
	char *folder, *model;
};

/* One run. */
struct run {
	struct exam *exam;
	struct pupil *pupil;
	const GArray *items;
	guint supplied;
	GQueue waiting; /* struct waiting * */
	struct exam_report *report;
};

/* --- opening --- */

void
exam_rules_set(struct exam_rules *rules, const struct conf *conf)
{
	const struct conf_section *global = conf_global(conf);

	rules->judging = (struct classify_settings){
		.spam_margin = conf_real(global, "spam-margin"),
		.ham_margin = conf_real(global, "ham-margin"),
		.activation_labels = conf_integer(global, "activation-labels"),
		.activation_total = conf_integer(global, "activation-total"),
	};
	rules->learning = (struct learn_settings){
		.map_bytes = conf_size(global, "model-map-size"),
		.training_margin = conf_real(global, "training-margin"),
		.refuse_margin = conf_real(global, "refuse-margin"),
		.max_records = conf_integer(global, "max-records"),
		.activation_labels = rules->judging.activation_labels,
		.activation_total = rules->judging.activation_total,
	};
}

static guint
reader_count(const struct exam_rules *rules)
{
	return CLAMP(
	    rules->readers > 0 ? rules->readers : g_get_num_processors(), 1,
	    READERS_MOST);
}

static gboolean
make_folder(struct exam *exam, GError **error)
{
	exam->folder = g_dir_make_tmp("deskgate-eval-XXXXXX", error);
	if (exam->folder == NULL)
		return FALSE;
	exam->model = g_build_filename(exam->folder, "model", NULL);
	return file_make_dir(exam->model, 0700, (uid_t)-1, (gid_t)-1, error);
}

/* Signals wait until the run looks for them, so that the folder is removed. */
static void
block_signals(sigset_t *signals)
{
	sigemptyset(signals);
	sigaddset(signals, SIGINT);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, signals, NULL);
}

struct exam *
exam_open(
    const struct exam_rules *rules, const struct conf *conf, GError **error)
{
	struct exam *exam = g_new0(struct exam, 1);
	g_autofree char *table = NULL;
	sigset_t signals;

	exam->rules = rules;
	exam->readers = readers_start_eval(
	    conf, reader_count(rules), rules->body_only, error);
	block_signals(&signals);
	if (exam->readers == NULL || !make_folder(exam, error)) {
		exam_close(&exam);
		return NULL;
	}
	/* No table there: readers only read. */
	table = g_build_filename(exam->folder, "none", NULL);
	exam->classify = classify_new(readers_pool(exam->readers), table);
	return exam;
}

void
exam_close(struct exam **address)
{
	struct exam *exam = *address;

	if (exam == NULL)
		return;
	classify_free(&exam->classify);
	readers_stop(&exam->readers);
	if (exam->model != NULL)
		g_rmdir(exam->model);
	if (exam->folder != NULL)
		g_rmdir(exam->folder);
	g_free(exam->model);
	g_free(exam->folder);
	g_clear_pointer(address, g_free);
}

/* --- one run --- */

static gboolean
interrupted(GError **error)
{
	const struct timespec now = { 0, 0 };
	sigset_t signals;

	block_signals(&signals);
	return sigtimedwait(&signals, NULL, &now) > 0 &&
	       !err_set(error, DG_ERROR_AGAIN, "ended by a signal");
}

static gboolean
supply(void *self, GBytes **message_r, char **name_r, GError **error)
{
	struct run *run = self;
	const struct exam_item *item;

	if (run->supplied >= run->items->len)
		return FALSE;
	item = &g_array_index(run->items, struct exam_item, run->supplied++);
	*name_r = g_strdup(item->path);
	*message_r = file_read(AT_FDCWD, item->path, CMD_MESSAGE_MOST, error);
	return *message_r != NULL;
}

static gboolean
teach(struct run *run, const struct classify_lesson *lesson,
    enum verdict_class truth, guint item, GError **error)
{
	const struct exam_rules *rules = run->exam->rules;
	enum verdict_class label = truth;
	enum teacher_outcome outcome;

	if (figures_chance(rules->seed, item) < rules->flip) {
		label = truth == VERDICT_SPAM ? VERDICT_HAM : VERDICT_SPAM;
		run->report->flipped++;
	}
	if (!pupil_teach(
		run->pupil, lesson, label, rules->force, &outcome, error))
		return FALSE;
	run->report->taught[outcome]++;
	return TRUE;
}

static void
free_waiting(gpointer data)
{
	struct waiting *waiting = data;

	classify_lesson_clear(&waiting->lesson);
	g_free(waiting);
}

/* Gives labels until at most `most` wait.  By then the model thinks otherwise
 * of them. */
static gboolean
teach_waiting(struct run *run, guint most, GError **error)
{
	gboolean taught = TRUE;

	while (taught && run->waiting.length > most) {
		struct waiting *waiting = g_queue_pop_head(&run->waiting);

		pupil_judge(run->pupil, &waiting->lesson);
		taught = teach(run, &waiting->lesson, waiting->truth,
		    waiting->item, error);
		free_waiting(waiting);
	}
	return taught;
}

/* Takes the lesson over. */
static gboolean
teach_later(struct run *run, struct classify_lesson *lesson,
    enum verdict_class truth, guint item, GError **error)
{
	struct waiting *waiting = g_new0(struct waiting, 1);

	waiting->lesson = *lesson;
	waiting->truth = truth;
	waiting->item = item;
	*lesson = (struct classify_lesson){ 0 };
	g_queue_push_tail(&run->waiting, waiting);
	return teach_waiting(run, run->exam->rules->delay, error);
}

static void
note_result(struct run *run, const struct exam_item *item,
    const struct verdict *verdict)
{
	const struct figures_result result = { item->truth, verdict->class,
		verdict->score, verdict->margin };

	g_array_append_val(run->report->results, result);
}

static gboolean
examine(struct run *run, guint at, struct ahead_item *read, GError **error)
{
	const struct exam_item *item =
	    &g_array_index(run->items, struct exam_item, at);
	struct classify_lesson *lesson = &read->lesson;

	if (!read->supplied) {
		run->report->missing++;
		return TRUE;
	}
	if (err_is(read->error, DG_ERROR_AGAIN)) {
		g_propagate_error(error, g_error_copy(read->error));
		return FALSE;
	}
	if (read->error != NULL) {
		/* As at the door: unsure, and nothing to teach. */
		run->report->unread++;
		verdict_init(&lesson->verdict, VERDICT_UNSURE, VERDICT_UNREAD,
		    read->error->message);
	} else {
		run->report->read++;
		pupil_judge(run->pupil, lesson);
	}
	if (item->judged)
		note_result(run, item, &lesson->verdict);
	if (!item->taught || read->error != NULL)
		return TRUE;
	return run->exam->rules->delay > 0 && item->judged
		   ? teach_later(run, lesson, item->truth, at, error)
		   : teach(run, lesson, item->truth, at, error);
}

static gboolean
examine_all(struct run *run, exam_witness witness, void *self, GError **error)
{
	struct ahead *ahead OWNED(ahead_close) = ahead_open(
	    run->exam->classify, reader_count(run->exam->rules), supply, run);
	struct ahead_item read = { 0 };
	gboolean going = TRUE;

	for (guint at = 0; going && ahead_next(ahead, &read); at++) {
		going = !interrupted(error) && examine(run, at, &read, error);
		if (going)
			witness(self, at + 1, read.name, read.error);
		ahead_item_clear(&read);
	}
	return going && teach_waiting(run, 0, error);
}

static gint64
count_of(const json_t *stats, const char *name)
{
	return json_integer_value(json_object_get(stats, name));
}

static gboolean
note_model(struct run *run, GError **error)
{
	struct exam_report *report = run->report;
	json_t *stats = pupil_stats(run->pupil, &report->cpu, error);

	if (stats == NULL)
		return FALSE;
	report->learnt_ham = count_of(stats, "learnt_ham");
	report->learnt_spam = count_of(stats, "learnt_spam");
	report->records = count_of(stats, "records");
	report->bytes = count_of(stats, "bytes");
	json_decref(stats);
	return TRUE;
}

gboolean
exam_run(struct exam *exam, const GArray *items, exam_witness witness,
    void *self, struct exam_report *report_r, GError **error)
{
	struct run run = { .exam = exam,
		.items = items,
		.waiting = G_QUEUE_INIT,
		.report = report_r };
	double start = g_get_monotonic_time() / 1e6;
	double read_before = readers_cpu(exam->readers);
	gboolean done;

	*report_r = (struct exam_report){ 0 };
	report_r->results =
	    g_array_new(FALSE, FALSE, sizeof(struct figures_result));
	run.pupil = pupil_open(
	    exam->model, &exam->rules->learning, &exam->rules->judging, error);
	done = run.pupil != NULL && examine_all(&run, witness, self, error) &&
	       note_model(&run, error);
	pupil_close(&run.pupil);
	g_queue_clear_full(&run.waiting, free_waiting);
	report_r->wall = g_get_monotonic_time() / 1e6 - start;
	report_r->reading = readers_cpu(exam->readers) - read_before;
	return done;
}

void
exam_report_clear(struct exam_report *report)
{
	g_clear_pointer(&report->results, g_array_unref);
}
