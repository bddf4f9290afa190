/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The caller's side: hands a message and the score tables to a reader and takes
 * its verdicts.  A table's descriptor is kept open and opened anew when the
 * keeper has replaced the table; without the installation's everything is
 * unsure and mail flows.
 */
#include "classifier/classify.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "classifier/wire.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

/* A score table that is followed through replacements. */
struct follow {
	char *model; /* NULL: the installation's */
	char *path;
	int fd;
	struct table_reader *mapped;
	dev_t device; /* of the table's file */
	ino_t inode;
};

struct classify {
	struct worker_pool *pool;
	pthread_mutex_t lock; /* guards what follows */
	struct follow tables[CLASSIFY_TABLES];
	guint n; /* at least 1 */
};

struct classify *
classify_new(struct worker_pool *pool, const char *table_path)
{
	struct classify *classify = g_new0(struct classify, 1);

	classify->pool = pool;
	pthread_mutex_init(&classify->lock, NULL);
	classify_add(classify, NULL, table_path);
	return classify;
}

void
classify_add(
    struct classify *classify, const char *model, const char *table_path)
{
	struct follow *table = &classify->tables[classify->n];

	g_assert(classify->n < G_N_ELEMENTS(classify->tables));
	*table = (struct follow){
		.model = g_strdup(model), .path = g_strdup(table_path), .fd = -1
	};
	classify->n++;
}

static void
drop_table(struct follow *table)
{
	table_unmap(&table->mapped);
	file_close(&table->fd);
}

void
classify_free(struct classify **classify)
{
	if (*classify == NULL)
		return;
	for (guint i = 0; i < (*classify)->n; i++) {
		struct follow *table = &(*classify)->tables[i];

		drop_table(table);
		g_free(table->model);
		g_free(table->path);
	}
	pthread_mutex_destroy(&(*classify)->lock);
	g_clear_pointer(classify, g_free);
}

/* Whether what is mapped is still the file at the path.  A keeper that was
 * killed has marked nothing, and its runtime folder may have gone with it. */
static gboolean
is_current(const struct follow *table)
{
	struct stat status;

	return table->mapped != NULL && !table_superseded(table->mapped) &&
	       stat(table->path, &status) == 0 &&
	       status.st_ino == table->inode && status.st_dev == table->device;
}

static void
open_table(struct follow *table)
{
	struct stat status;

	drop_table(table);
	table->fd = table_open(table->path, NULL);
	if (table->fd >= 0 && fstat(table->fd, &status) == 0) {
		table->device = status.st_dev;
		table->inode = status.st_ino;
		table->mapped = table_map(table->fd, NULL);
	}
	if (table->mapped == NULL)
		drop_table(table);
}

/* A descriptor of the table in force, of the caller's own, or -1; also for a
 * model that is not known. */
static int
current_table(struct classify *classify, const char *model)
{
	int fd = -1;

	pthread_mutex_lock(&classify->lock);
	for (guint i = 0; i < classify->n; i++) {
		struct follow *table = &classify->tables[i];

		if (g_strcmp0(table->model, model) != 0)
			continue;
		if (!is_current(table))
			open_table(table);
		if (table->fd >= 0)
			fd = fcntl(table->fd, F_DUPFD_CLOEXEC, 0);
	}
	pthread_mutex_unlock(&classify->lock);
	return fd;
}

/* What a call hands over. */
struct hand {
	int fds[1 + CLASSIFY_TABLES]; /* the message first: the caller's */
	guint n;
	guint whose[CLASSIFY_MODELS]; /* each own table: which was asked for */
};

static void
hand_add(struct hand *hand, int table)
{
	if (table >= 0)
		hand->fds[hand->n++] = table;
}

/* Own models are of no use without the installation's. */
static void
hand_fill(struct hand *hand, struct classify *classify, int message,
    const char *const *models)
{
	*hand = (struct hand){ .fds = { message }, .n = 1 };
	hand_add(hand, current_table(classify, NULL));
	for (guint i = 0; hand->n >= 2 && models != NULL && models[i] != NULL &&
			  i < CLASSIFY_MODELS;
	     i++) {
		guint before = hand->n;

		hand_add(hand, current_table(classify, models[i]));
		if (hand->n > before)
			hand->whose[before - 2] = i;
	}
}

static void
hand_clear(struct hand *hand)
{
	while (hand->n > 1)
		file_close(&hand->fds[--hand->n]);
}

static gboolean
send(struct classify *classify, const char *job, const struct hand *hand,
    guint wall_ms, struct worker_reply *reply_r, GError **error)
{
	const struct worker_call call = { .fds = hand->fds, .n_fds = hand->n };

	return worker_pool_run(
	    classify->pool, job, &call, wall_ms, reply_r, error);
}

static gboolean
call(struct classify *classify, const char *job, int message,
    const char *const *models, struct worker_reply *reply_r, GError **error)
{
	struct hand hand;
	gboolean done;

	hand_fill(&hand, classify, message, models);
	done = send(classify, job, &hand, 0, reply_r, error);
	hand_clear(&hand);
	return done;
}

/* A verdict for each table that was handed over, or one without any: the
 * installation's and those of own tables.  What was scored is behind them, and
 * nobody looks into it here. */
static gboolean
read_answer(const struct hand *hand, const GByteArray *record,
    struct verdict *verdicts_r, GBytes **scored_r, GError **error)
{
	guint n = MAX(hand->n, 2) - 1;
	gsize fixed = n * WIRE_VERDICT_BYTES;

	if (record->len < fixed)
		return err_set(
		    error, DG_ERROR_BAD, "the reader's answer is cut");
	for (guint i = 0; i < n; i++) {
		guint whose = i == 0 ? 0 : 1 + hand->whose[i - 1];

		if (!wire_get_verdict(record->data + i * WIRE_VERDICT_BYTES,
			&verdicts_r[whose], error))
			return FALSE;
	}
	if (record->len > fixed && scored_r != NULL)
		*scored_r =
		    g_bytes_new(record->data + fixed, record->len - fixed);
	return TRUE;
}

static gboolean
judge(struct classify *classify, const struct hand *hand, guint wall_ms,
    struct verdict *verdicts_r, GBytes **scored_r, GError **error)
{
	struct worker_reply reply;
	gboolean read;

	if (!send(classify, "score", hand, wall_ms, &reply, error))
		return FALSE;
	read = read_answer(hand, reply.record, verdicts_r, scored_r, error);
	worker_reply_clear(&reply);
	return read;
}

/* Which of the models asked for have a table. */
static gboolean
has_table(const struct hand *hand, guint model)
{
	for (guint i = 0; i + 2 < hand->n; i++) {
		if (hand->whose[i] == model)
			return TRUE;
	}
	return FALSE;
}

gboolean
classify_message(struct classify *classify, const struct classify_ask *ask,
    struct verdict *verdicts_r, GBytes **scored_r, GError **error)
{
	const char *const *models = ask->models;
	g_autoptr(GError) fault = NULL;
	struct hand hand;
	gboolean read;

	if (scored_r != NULL)
		*scored_r = NULL;
	hand_fill(&hand, classify, ask->message, models);
	read =
	    judge(classify, &hand, ask->wall_ms, verdicts_r, scored_r, &fault);
	if (!read)
		verdict_init(&verdicts_r[0], VERDICT_UNSURE, VERDICT_UNREAD,
		    fault->message);
	for (guint i = 0; models != NULL && models[i] != NULL; i++) {
		if (!read || !has_table(&hand, i))
			verdicts_r[1 + i] = verdicts_r[0];
	}
	hand_clear(&hand);
	if (read || !err_is(fault, DG_ERROR_AGAIN))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

char *
classify_explain(
    struct classify *classify, int message, const char *model, GError **error)
{
	const char *const models[] = { model, NULL };
	struct worker_reply reply;
	char *text;

	if (!call(classify, "explain", message, models, &reply, error))
		return NULL;
	text = g_strndup((char *)reply.record->data, reply.record->len);
	worker_reply_clear(&reply);
	return text;
}

gboolean
classify_lesson(struct classify *classify, int message,
    struct classify_lesson *lesson_r, GError **error)
{
	struct worker_reply reply;
	gboolean read;

	*lesson_r = (struct classify_lesson){ 0 };
	if (!call(classify, "features", message, NULL, &reply, error))
		return FALSE;
	read = wire_get_lesson(
	    reply.record->data, reply.record->len, lesson_r, error);
	worker_reply_clear(&reply);
	return read;
}
