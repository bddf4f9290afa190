/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The caller's side: hands a message and the score table to a reader and takes
 * its verdict.  The table's descriptor is kept open and opened anew when the
 * keeper has replaced the table; without one everything is unsure and mail
 * flows.
 */
#include "classifier/classify.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "classifier/features.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

struct classify {
	struct worker_pool *pool;
	char *table_path;
	pthread_mutex_t lock; /* guards what follows */
	int table;
	struct table_reader *mapped;
	dev_t device; /* of the table's file */
	ino_t inode;
};

struct classify *
classify_new(struct worker_pool *pool, const char *table_path)
{
	struct classify *classify = g_new0(struct classify, 1);

	classify->pool = pool;
	classify->table_path = g_strdup(table_path);
	classify->table = -1;
	pthread_mutex_init(&classify->lock, NULL);
	return classify;
}

static void
drop_table(struct classify *classify)
{
	table_unmap(&classify->mapped);
	file_close(&classify->table);
}

void
classify_free(struct classify **classify)
{
	if (*classify == NULL)
		return;
	drop_table(*classify);
	pthread_mutex_destroy(&(*classify)->lock);
	g_free((*classify)->table_path);
	g_clear_pointer(classify, g_free);
}

/* Whether what is mapped is still the file at the path.  A keeper that was
 * killed has marked nothing, and its runtime folder may have gone with it. */
static gboolean
is_current(const struct classify *classify)
{
	struct stat status;

	return classify->mapped != NULL &&
	       !table_superseded(classify->mapped) &&
	       stat(classify->table_path, &status) == 0 &&
	       status.st_ino == classify->inode &&
	       status.st_dev == classify->device;
}

static void
open_table(struct classify *classify)
{
	struct stat status;

	drop_table(classify);
	classify->table = table_open(classify->table_path, NULL);
	if (classify->table >= 0 && fstat(classify->table, &status) == 0) {
		classify->device = status.st_dev;
		classify->inode = status.st_ino;
		classify->mapped = table_map(classify->table, NULL);
	}
	if (classify->mapped == NULL)
		drop_table(classify);
}

/* A descriptor of the table in force, of the caller's own, or -1. */
static int
current_table(struct classify *classify)
{
	int fd = -1;

	pthread_mutex_lock(&classify->lock);
	if (!is_current(classify))
		open_table(classify);
	if (classify->table >= 0)
		fd = fcntl(classify->table, F_DUPFD_CLOEXEC, 0);
	pthread_mutex_unlock(&classify->lock);
	return fd;
}

static gboolean
call(struct classify *classify, const char *job, int message, guint wall_ms,
    struct worker_reply *reply_r, GError **error)
{
	int table OWNED(file_close) = current_table(classify);
	const int fds[2] = { message, table };
	const struct worker_call call = { .fds = fds,
		.n_fds = table >= 0 ? 2 : 1 };

	return worker_pool_run(
	    classify->pool, job, &call, wall_ms, reply_r, error);
}

/* A verdict from `length` bytes of JSON; the reader is not trusted to make
 * sense. */
static gboolean
read_verdict(
    const guint8 *data, gsize length, struct verdict *verdict_r, GError **error)
{
	json_t *object = json_loadb((const char *)data, length, 0, NULL);
	gboolean read = object != NULL
			    ? verdict_from_json(object, verdict_r, error)
			    : err_set(error, DG_ERROR_BAD,
				  "the reader's answer is no JSON");

	json_decref(object);
	return read;
}

gboolean
classify_message(struct classify *classify, int message, guint wall_ms,
    struct verdict *verdict_r, GError **error)
{
	g_autoptr(GError) fault = NULL;
	struct worker_reply reply;
	gboolean read = FALSE;

	if (call(classify, "score", message, wall_ms, &reply, &fault)) {
		read = read_verdict(
		    reply.record->data, reply.record->len, verdict_r, &fault);
		worker_reply_clear(&reply);
	}
	if (read)
		return TRUE;
	verdict_init(verdict_r, VERDICT_UNSURE, VERDICT_UNREAD, fault->message);
	if (!err_is(fault, DG_ERROR_AGAIN))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

char *
classify_explain(struct classify *classify, int message, GError **error)
{
	struct worker_reply reply;
	char *text;

	if (!call(classify, "explain", message, 0, &reply, error))
		return NULL;
	text = g_strndup((char *)reply.record->data, reply.record->len);
	worker_reply_clear(&reply);
	return text;
}

/* Sorted and unique, as learning relies on it. */
static gboolean
is_sorted(const guint64 *digests, guint n)
{
	for (guint i = 1; i < n; i++) {
		if (digests[i - 1] >= digests[i])
			return FALSE;
	}
	return TRUE;
}

/* Whose it is; what does not make sense is left out when it is digested. */
static void
read_links(const json_t *object, struct classify_lesson *lesson)
{
	const json_t *people = json_object_get(object, "people");

	for (guint i = 0; i < MODEL_PEOPLE; i++)
		lesson->people[i] =
		    g_strdup(json_string_value(json_array_get(people, i)));
	lesson->id = g_strdup(json_string_value(json_object_get(object, "id")));
}

/* What follows the digests. */
static gboolean
read_rest(const guint8 *data, gsize length, struct classify_lesson *lesson,
    GError **error)
{
	json_t *object = json_loadb((const char *)data, length, 0, NULL);
	gboolean read = object != NULL
			    ? verdict_from_json(object, &lesson->verdict, error)
			    : err_set(error, DG_ERROR_BAD,
				  "the reader's answer is no JSON");

	if (read)
		read_links(object, lesson);
	json_decref(object);
	return read;
}

static gboolean
read_lesson(
    const GByteArray *record, struct classify_lesson *lesson_r, GError **error)
{
	const gsize fixed = IDENT_BYTES + sizeof(guint32);
	gsize digests;
	guint32 n;

	if (record->len < fixed)
		return err_set(
		    error, DG_ERROR_BAD, "the reader's answer is cut");
	memcpy(lesson_r->ident.bytes, record->data, IDENT_BYTES);
	memcpy(&n, record->data + IDENT_BYTES, sizeof(n));
	digests = n * sizeof(guint64);
	if (n > FEATURES_MAX || record->len < fixed + digests)
		return err_set(
		    error, DG_ERROR_BAD, "the reader's answer is cut");
	lesson_r->digests = g_malloc(digests + 1);
	memcpy(lesson_r->digests, record->data + fixed, digests);
	lesson_r->n = n;
	if (!is_sorted(lesson_r->digests, n))
		return err_set(error, DG_ERROR_BAD,
		    "the reader's features are out of order");
	return read_rest(record->data + fixed + digests,
	    record->len - fixed - digests, lesson_r, error);
}

gboolean
classify_lesson(struct classify *classify, int message,
    struct classify_lesson *lesson_r, GError **error)
{
	struct worker_reply reply;
	gboolean read;

	*lesson_r = (struct classify_lesson){ 0 };
	if (!call(classify, "features", message, 0, &reply, error))
		return FALSE;
	read = read_lesson(reply.record, lesson_r, error);
	worker_reply_clear(&reply);
	if (!read)
		classify_lesson_clear(lesson_r);
	return read;
}

void
classify_lesson_clear(struct classify_lesson *lesson)
{
	g_clear_pointer(&lesson->digests, g_free);
	for (guint i = 0; i < MODEL_PEOPLE; i++)
		g_clear_pointer(&lesson->people[i], g_free);
	g_clear_pointer(&lesson->id, g_free);
	lesson->n = 0;
}
