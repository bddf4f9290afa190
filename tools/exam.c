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
#include "tools/cmd.h"
#include "tools/exam_private.h"
#include "tools/readers.h"

#define READERS_MOST 64

/* A label that waits for its time. */
struct waiting {
	struct classify_lesson lesson;
	enum verdict_class truth;
	const char *actor; /* borrowed of the item */
	guint at;
};

/* One run through an index. */
struct run {
	struct exam *exam;
	const GArray *items;
	guint supplied;
	struct exam_report *report;
};

/* --- opening --- */

void
exam_rules_set(struct exam_rules *rules, const struct conf *conf)
{
	const struct conf_section *global = conf_global(conf);

	rules->judging = (struct classify_settings){
		.spam_score = conf_real(global, "spam-score"),
		.ham_score = conf_real(global, "ham-score"),
		.activation_labels = conf_integer(global, "activation-labels"),
		.activation_total = conf_integer(global, "activation-total"),
	};
	rules->learning = (struct learn_settings){
		.map_bytes = conf_size(global, "model-map-size"),
		.training_margin = conf_real(global, "training-margin"),
		.refuse_score = conf_real(global, "refuse-score"),
		.agent_doubts = conf_integer(global, "agent-doubts"),
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

guint
exam_readers(const struct exam *exam)
{
	return reader_count(exam->rules);
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

/* --- a course --- */

gboolean
exam_interrupted(GError **error)
{
	const struct timespec now = { 0, 0 };
	sigset_t signals;

	block_signals(&signals);
	return sigtimedwait(&signals, NULL, &now) > 0 &&
	       !err_set(error, DG_ERROR_AGAIN, "ended by a signal");
}

static void
free_waiting(gpointer data)
{
	struct waiting *waiting = data;

	classify_lesson_clear(&waiting->lesson);
	g_free(waiting);
}

gboolean
exam_course_begin(struct exam_course *course, struct exam *exam,
    struct exam_report *report, GError **error)
{
	*course = (struct exam_course){
		.exam = exam, .waiting = G_QUEUE_INIT, .report = report
	};
	course->pupil = pupil_open(
	    exam->model, &exam->rules->learning, &exam->rules->judging, error);
	return course->pupil != NULL;
}

void
exam_course_end(struct exam_course *course)
{
	pupil_close(&course->pupil);
	g_queue_clear_full(&course->waiting, free_waiting);
}

static gboolean
teach(struct exam_course *course, const struct classify_lesson *lesson,
    const struct exam_item *item, guint at, GError **error)
{
	const struct exam_rules *rules = course->exam->rules;
	enum verdict_class label = item->truth;
	enum teacher_outcome outcome;
	struct teacher_lesson wish;

	if (figures_chance(rules->seed, at) < rules->flip) {
		label =
		    item->truth == VERDICT_SPAM ? VERDICT_HAM : VERDICT_SPAM;
		course->report->flipped++;
	}
	wish = (struct teacher_lesson){ label, rules->force,
		item->actor != NULL ? item->actor : "cli:eval" };
	if (!pupil_teach(course->pupil, lesson, &wish, &outcome, error))
		return FALSE;
	course->report->taught[outcome]++;
	return TRUE;
}

/* Gives labels until at most `most` wait.  By then the model may think
 * otherwise of their messages. */
static gboolean
teach_waiting(struct exam_course *course, guint most, GError **error)
{
	gboolean taught = TRUE;

	while (taught && course->waiting.length > most) {
		struct waiting *waiting = g_queue_pop_head(&course->waiting);
		const struct exam_item item = { .truth = waiting->truth,
			.actor = waiting->actor };

		pupil_judge(course->pupil, &waiting->lesson);
		taught =
		    teach(course, &waiting->lesson, &item, waiting->at, error);
		free_waiting(waiting);
	}
	return taught;
}

/* Takes the features over. */
static gboolean
teach_later(struct exam_course *course, struct classify_lesson *lesson,
    const struct exam_item *item, guint at, GError **error)
{
	struct waiting *waiting = g_new0(struct waiting, 1);

	waiting->lesson = *lesson;
	waiting->truth = item->truth;
	waiting->actor = item->actor;
	waiting->at = at;
	*lesson = (struct classify_lesson){ 0 };
	g_queue_push_tail(&course->waiting, waiting);
	return teach_waiting(course, course->exam->rules->delay, error);
}

static void
note_result(struct exam_report *report, const struct exam_item *item,
    const struct verdict *verdict)
{
	const struct figures_result result = { item->truth, verdict->class,
		verdict->score };

	g_array_append_val(report->results, result);
}

gboolean
exam_course_take(struct exam_course *course, const struct exam_item *item,
    guint at, struct classify_lesson *lesson, GError **error)
{
	pupil_judge(course->pupil, lesson);
	if (item->judged)
		note_result(course->report, item, &lesson->verdict);
	if (!item->taught)
		return TRUE;
	return course->exam->rules->delay > 0 && item->judged
		   ? teach_later(course, lesson, item, at, error)
		   : teach(course, lesson, item, at, error);
}

static gint64
count_of(const json_t *stats, const char *name)
{
	return json_integer_value(json_object_get(stats, name));
}

gboolean
exam_course_finish(struct exam_course *course, GError **error)
{
	struct exam_report *report = course->report;
	struct pupil_cpu cpu;
	json_t *stats;

	if (!teach_waiting(course, 0, error))
		return FALSE;
	stats = pupil_stats(course->pupil, &cpu, error);
	if (stats == NULL)
		return FALSE;
	report->cpu.judging += cpu.judging;
	report->cpu.learning += cpu.learning;
	report->learnt_ham = count_of(stats, "learnt_ham");
	report->learnt_spam = count_of(stats, "learnt_spam");
	report->records = count_of(stats, "records");
	report->bytes = count_of(stats, "bytes");
	json_decref(stats);
	return TRUE;
}

/* --- an index --- */

static gboolean
supply(void *self, GBytes **message_r, char **name_r, GError **error)
{
	struct run *run = self;
	const struct exam_item *item;

	if (run->supplied >= run->items->len)
		return FALSE;
	item = &g_array_index(run->items, struct exam_item, run->supplied++);
	*name_r = g_strdup(item->path);
	*message_r = exam_read_message(item->path, error);
	return *message_r != NULL;
}

gboolean
exam_count_read(
    struct exam_report *report, const struct ahead_item *read, GError **error)
{
	if (read->supplied && err_is(read->error, DG_ERROR_AGAIN)) {
		g_propagate_error(error, g_error_copy(read->error));
		return FALSE;
	}
	if (read->error == NULL)
		report->read++;
	else if (read->supplied)
		report->unread++;
	else
		report->missing++;
	return TRUE;
}

static gboolean
examine(struct run *run, struct exam_course *course, guint at,
    struct ahead_item *read, GError **error)
{
	const struct exam_item *item =
	    &g_array_index(run->items, struct exam_item, at);
	struct verdict unread;

	if (!exam_count_read(run->report, read, error))
		return FALSE;
	if (read->error == NULL)
		return exam_course_take(course, item, at, &read->lesson, error);
	/* As at the door: unsure, and nothing to teach. */
	if (read->supplied && item->judged) {
		verdict_init(&unread, VERDICT_UNSURE, VERDICT_UNREAD, NULL);
		note_result(run->report, item, &unread);
	}
	return TRUE;
}

static gboolean
examine_all(struct run *run, struct exam_course *course,
    const struct exam_witness *witness, GError **error)
{
	struct ahead *ahead OWNED(ahead_close) = ahead_open(
	    run->exam->classify, exam_readers(run->exam), supply, run);
	struct ahead_item read = { 0 };
	gboolean going = TRUE;

	for (guint at = 0; going && ahead_next(ahead, &read); at++) {
		going = !exam_interrupted(error) &&
			examine(run, course, at, &read, error);
		if (going)
			witness->tell(
			    witness->self, at + 1, read.name, read.error);
		ahead_item_clear(&read);
	}
	return going;
}

gboolean
exam_run(struct exam *exam, const GArray *items,
    const struct exam_witness *witness, struct exam_report *report_r,
    GError **error)
{
	struct run run = { .exam = exam, .items = items, .report = report_r };
	double before = readers_cpu(exam->readers);
	struct exam_course course;
	gboolean done;

	exam_report_init(report_r);
	done = exam_course_begin(&course, exam, report_r, error) &&
	       examine_all(&run, &course, witness, error) &&
	       exam_course_finish(&course, error);
	exam_course_end(&course);
	report_r->reading = readers_cpu(exam->readers) - before;
	return done;
}

/* --- the report --- */

void
exam_report_init(struct exam_report *report)
{
	*report = (struct exam_report){ 0 };
	report->results =
	    g_array_new(FALSE, FALSE, sizeof(struct figures_result));
	report->folds = g_array_new(FALSE, FALSE, sizeof(guint));
}

void
exam_report_clear(struct exam_report *report)
{
	g_clear_pointer(&report->results, g_array_unref);
	g_clear_pointer(&report->folds, g_array_unref);
}
