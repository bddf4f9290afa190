/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Own mail: read to a shelf, then judged in folds or in the protocol's way.
 *
 * Folds take every Nth message of each class, so that all are alike in size and
 * mixture, and a correspondence that lies side by side in a folder is spread
 * over them.
 */
#include <fcntl.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tools/cmd.h"
#include "tools/exam_private.h"
#include "tools/readers.h"
#include "tools/shelf.h"
#include "tools/source.h"

/* What is being read: an index, or one pile after the other. */
struct pile_reader {
	const struct exam_piles *piles;
	guint at; /* of the index */
	struct source *source;
};

struct folding {
	struct exam *exam;
	struct shelf *shelf;
	GArray *order;   /* guint: places on the shelf */
	guint8 *fold_of; /* of each place in `order` */
	guint folds;
	const struct exam_witness *witness;
	struct exam_report *report;
	guint done;
};

/* --- reading --- */

static gboolean
supply_item(struct pile_reader *reader, const GArray *items, GBytes **message_r,
    char **name_r, GError **error)
{
	const struct exam_item *item;

	if (reader->at >= items->len)
		return FALSE;
	item = &g_array_index(items, struct exam_item, reader->at++);
	*name_r = g_strdup(item->path);
	*message_r = exam_read_message(item->path, error);
	return *message_r != NULL;
}

static gboolean
supply_index(void *self, GBytes **message_r, char **name_r, GError **error)
{
	struct pile_reader *reader = self;

	return supply_item(
	    reader, reader->piles->items, message_r, name_r, error);
}

static gboolean
supply_pile(void *self, GBytes **message_r, char **name_r, GError **error)
{
	struct pile_reader *reader = self;

	return source_next(reader->source, message_r, name_r, error);
}

struct shelving {
	struct exam *exam;
	struct shelf *shelf;
	const struct exam_witness *witness;
	struct exam_report *report;
	guint done;
};

static gboolean
put(struct shelving *shelving, const struct ahead_item *read,
    enum verdict_class truth, GError **error)
{
	gboolean known = FALSE;

	if (exam_interrupted(error) ||
	    !exam_count_read(shelving->report, read, error))
		return FALSE;
	if (read->error == NULL &&
	    !shelf_put(shelving->shelf, &read->lesson, truth, &known, error))
		return FALSE;
	shelving->report->twice += known;
	shelving->witness->tell(
	    shelving->witness->self, ++shelving->done, read->name, read->error);
	return TRUE;
}

/* Reads all that `supply` gives; of class `truth`, or as `items` say. */
static gboolean
shelve(struct shelving *shelving, ahead_supply supply,
    struct pile_reader *reader, enum verdict_class truth, GError **error)
{
	const GArray *items = reader->piles->items;
	struct ahead *ahead OWNED(ahead_close) =
	    ahead_open(shelving->exam->classify, exam_readers(shelving->exam),
		supply, reader);
	struct ahead_item read = { 0 };
	gboolean going = TRUE;

	for (guint at = 0; going && ahead_next(ahead, &read); at++) {
		if (items != NULL)
			truth =
			    g_array_index(items, struct exam_item, at).truth;
		going = put(shelving, &read, truth, error);
		ahead_item_clear(&read);
	}
	return going;
}

static gboolean
shelve_pile(struct shelving *shelving, const struct exam_piles *piles,
    char **paths, enum verdict_class truth, GError **error)
{
	struct source *source OWNED(source_close) =
	    source_open_kept(paths, CMD_MESSAGE_MOST);
	struct pile_reader reader = { .piles = piles, .source = source };

	return shelve(shelving, supply_pile, &reader, truth, error);
}

static gboolean
shelve_all(
    struct shelving *shelving, const struct exam_piles *piles, GError **error)
{
	struct pile_reader reader = { .piles = piles };

	if (piles->items != NULL)
		return shelve(
		    shelving, supply_index, &reader, VERDICT_HAM, error);
	return shelve_pile(shelving, piles, piles->ham, VERDICT_HAM, error) &&
	       shelve_pile(shelving, piles, piles->spam, VERDICT_SPAM, error);
}

/* --- folds --- */

/* Takes the one at `at` of the order. */
static gboolean
take(struct folding *folding, struct exam_course *course, guint at,
    gboolean judged, gboolean taught, GError **error)
{
	guint place = g_array_index(folding->order, guint, at);
	const struct exam_item item = { shelf_truth(folding->shelf, place),
		judged, taught, NULL, NULL };
	struct classify_lesson lesson;
	gboolean taken;

	if (exam_interrupted(error) ||
	    !shelf_get(folding->shelf, place, &lesson, error))
		return FALSE;
	taken = exam_course_take(course, &item, at, &lesson, error);
	classify_lesson_clear(&lesson);
	folding->witness->tell(
	    folding->witness->self, ++folding->done, NULL, NULL);
	return taken;
}

/* Teaches all other folds, then judges this one. */
static gboolean
run_fold(struct folding *folding, struct exam_course *course, guint fold,
    GError **error)
{
	gboolean going = TRUE;

	for (guint at = 0; going && at < folding->order->len; at++)
		going = folding->fold_of[at] == fold ||
			take(folding, course, at, FALSE, TRUE, error);
	for (guint at = 0; going && at < folding->order->len; at++)
		going = folding->fold_of[at] != fold ||
			take(folding, course, at, TRUE, FALSE, error);
	return going;
}

static gboolean
run_protocol(
    struct folding *folding, struct exam_course *course, GError **error)
{
	gboolean going = TRUE;

	for (guint at = 0; going && at < folding->order->len; at++)
		going = take(folding, course, at, TRUE, TRUE, error);
	return going;
}

static gboolean
run_course(struct folding *folding, guint fold, GError **error)
{
	struct exam_course course;
	gboolean done;

	done =
	    exam_course_begin(&course, folding->exam, folding->report, error) &&
	    (folding->folds > 0 ? run_fold(folding, &course, fold, error)
				: run_protocol(folding, &course, error)) &&
	    exam_course_finish(&course, error);
	exam_course_end(&course);
	return done;
}

static void
assign_folds(struct folding *folding)
{
	guint seen[2] = { 0 };

	folding->fold_of = g_new0(guint8, folding->order->len + 1);
	for (guint at = 0; at < folding->order->len; at++) {
		guint place = g_array_index(folding->order, guint, at);
		gboolean spam =
		    shelf_truth(folding->shelf, place) == VERDICT_SPAM;

		folding->fold_of[at] = seen[spam]++ % MAX(folding->folds, 1);
	}
}

static gboolean
run_all(struct folding *folding, GError **error)
{
	gboolean done = TRUE;

	assign_folds(folding);
	for (guint fold = 0; done && fold < MAX(folding->folds, 1); fold++) {
		done = run_course(folding, fold, error);
		if (folding->folds > 0)
			g_array_append_val(folding->report->folds,
			    folding->report->results->len);
	}
	g_free(folding->fold_of);
	return done;
}

static gboolean
has_enough(const struct shelf *shelf, guint folds, GError **error)
{
	guint counts[2] = { 0 };

	for (guint i = 0; i < shelf_count(shelf); i++)
		counts[shelf_truth(shelf, i) == VERDICT_SPAM]++;
	return MIN(counts[0], counts[1]) >= MAX(folds, 1) ||
	       err_set(error, DG_ERROR_BAD,
		   "%u ham and %u spam could be read: at least %u of each are "
		   "needed",
		   counts[0], counts[1], MAX(folds, 1));
}

/* In the order of an index, or interleaved. */
static GArray *
make_order(const struct shelf *shelf, const struct exam_piles *piles)
{
	GArray *order;

	if (piles->items == NULL)
		return shelf_interleaved(shelf);
	order = g_array_new(FALSE, FALSE, sizeof(guint));
	for (guint i = 0; i < shelf_count(shelf); i++)
		g_array_append_val(order, i);
	return order;
}

gboolean
exam_run_piles(struct exam *exam, const struct exam_piles *piles,
    const struct exam_witness *witness, struct exam_report *report_r,
    GError **error)
{
	double before = readers_cpu(exam->readers);
	struct shelf *shelf OWNED(shelf_free) = NULL;
	struct shelving shelving = { exam, NULL, witness, report_r, 0 };
	struct folding folding = { .exam = exam,
		.folds = piles->folds,
		.witness = witness,
		.report = report_r };
	g_autoptr(GArray) order = NULL;

	exam_report_init(report_r);
	shelf = shelf_new(exam->folder, error);
	shelving.shelf = folding.shelf = shelf;
	if (shelf == NULL || !shelve_all(&shelving, piles, error))
		return FALSE;
	report_r->reading = readers_cpu(exam->readers) - before;
	if (!has_enough(shelf, piles->folds, error))
		return FALSE;
	order = make_order(shelf, piles);
	folding.order = order;
	return run_all(&folding, error);
}
