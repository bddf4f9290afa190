/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file is a head, the names of rows, and cells of 64 bits; where the cells
 * of a metric stand follows from the table alone, row after row, and in a row
 * value after value.  A time's cells are one for each bucket and one for the
 * sum.
 *
 * `shape` is a digest of the table, so that nobody reads the cells of another
 * version as his own.  A name is written before the count of names, which is
 * read first.
 */
#include "lib/base/tally.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/exposition.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

#define MAGIC "DGTALLY1"
#define MAGIC_BYTES 8
#define METRICS_MOST 64

/* Upper ends of the buckets, in microseconds: from what a reader takes for a
 * small message to what a desk is waited for, and a ticket that had to wait. */
static const gint64 bounds[] = { 1000, 2500, 5000, 10000, 25000, 50000, 100000,
	250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000, 60000000,
	300000000, 3600000000 };
#define BUCKETS (G_N_ELEMENTS(bounds) + 1) /* the last: all above */
#define TIME_CELLS (BUCKETS + 1)

struct head {
	char magic[MAGIC_BYTES];
	guint64 shape;
	gint64 started; /* wall, microseconds */
	gint64 alive;   /* the same; atomic */
	gint rows;      /* atomic */
	guint unused;
	char names[TALLY_ROWS][TALLY_NAME_BYTES];
};

struct tally {
	const struct tally_metric *metrics;
	gsize first[METRICS_MOST]; /* cell of each metric */
	gsize width[METRICS_MOST]; /* cells of one row */
	guint n;
	gsize bytes;
	struct head *head;
	guint64 *cells; /* behind the head; atomic */
	gboolean mapped;
	pthread_mutex_t lock; /* of `rows` */
	GHashTable *rows;     /* char * in the head -> row */
};

static gsize
values_of(const struct tally_metric *metric)
{
	gsize n =
	    metric->label == NULL ? 1 : g_strv_length((char **)metric->values);

	return metric->type == TALLY_SECONDS ? n * TIME_CELLS : n;
}

/* FNV-1a. */
static guint64
mix(guint64 sum, const char *text)
{
	for (; text != NULL && *text != '\0'; text++)
		sum = (sum ^ (guint8)*text) * G_GUINT64_CONSTANT(1099511628211);
	return (sum ^ '\n') * G_GUINT64_CONSTANT(1099511628211);
}

static guint64
shape_of(const struct tally *tally)
{
	guint64 sum = G_GUINT64_CONSTANT(14695981039346656037);

	for (guint i = 0; i < tally->n; i++) {
		const struct tally_metric *metric = &tally->metrics[i];

		sum = mix(mix(sum, metric->name), metric->row);
		sum = mix(sum, metric->label);
		for (gsize j = 0;
		     metric->label != NULL && metric->values[j] != NULL; j++)
			sum = mix(sum, metric->values[j]);
	}
	return sum + tally->bytes;
}

static struct tally *
lay_out(const struct tally_metric *metrics)
{
	struct tally *tally = g_new0(struct tally, 1);
	gsize cell = 0;

	tally->metrics = metrics;
	for (; metrics[tally->n].name != NULL; tally->n++) {
		const struct tally_metric *metric = &metrics[tally->n];

		g_assert(tally->n < METRICS_MOST);
		tally->first[tally->n] = cell;
		tally->width[tally->n] = values_of(metric);
		cell += tally->width[tally->n] *
			(metric->row != NULL ? TALLY_ROWS : 1);
	}
	tally->bytes = sizeof(struct head) + cell * sizeof(guint64);
	tally->rows = g_hash_table_new(g_str_hash, g_str_equal);
	pthread_mutex_init(&tally->lock, NULL);
	return tally;
}

static void
begin(struct tally *tally)
{
	memcpy(tally->head->magic, MAGIC, MAGIC_BYTES);
	tally->head->shape = shape_of(tally);
	tally->head->started = clock_wall(&clock_system);
	tally->head->alive = tally->head->started;
	tally->cells = (guint64 *)(tally->head + 1);
}

struct tally *
tally_new(const struct tally_metric *metrics)
{
	struct tally *tally = lay_out(metrics);

	tally->head = g_malloc0(tally->bytes);
	begin(tally);
	return tally;
}

/* Its bytes are taken now, so that a full disk is no fault of memory later. */
static int
make_file(int dir, const char *name, gsize bytes, GError **error)
{
	int number, fd;

	if (unlinkat(dir, name, 0) != 0 && errno != ENOENT) {
		err_errno(error, errno, "cannot remove an old %s", name);
		return -1;
	}
	fd = openat(dir, name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0) {
		err_errno(error, errno, "cannot make %s", name);
		return -1;
	}
	number = fchmod(fd, 0640) != 0 ? errno : 0;
	if (number == 0)
		number = posix_fallocate(fd, 0, (off_t)bytes);
	if (number == 0)
		return fd;
	err_errno(error, number, "cannot make room for %s", name);
	file_close(&fd);
	return -1;
}

struct tally *
tally_make(const struct tally_metric *metrics, int dir, const char *name,
    GError **error)
{
	struct tally *tally = lay_out(metrics);
	int fd OWNED(file_close) = make_file(dir, name, tally->bytes, error);
	void *memory = MAP_FAILED;

	if (fd >= 0) {
		memory = mmap(NULL, tally->bytes, PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
		if (memory == MAP_FAILED)
			err_errno(error, errno, "cannot map %s", name);
	}
	if (memory == MAP_FAILED) {
		tally_free(&tally);
		return NULL;
	}
	tally->head = memory;
	tally->mapped = TRUE;
	begin(tally);
	return tally;
}

static gboolean
is_whole(const struct tally *tally, GBytes *bytes)
{
	const struct head *head = g_bytes_get_data(bytes, NULL);

	return g_bytes_get_size(bytes) == tally->bytes &&
	       memcmp(head->magic, MAGIC, MAGIC_BYTES) == 0 &&
	       head->shape == shape_of(tally);
}

struct tally *
tally_read(const struct tally_metric *metrics, int dir, const char *name,
    GError **error)
{
	struct tally *tally = lay_out(metrics);
	g_autoptr(GBytes) bytes = file_read(dir, name, tally->bytes, error);

	if (bytes != NULL && !is_whole(tally, bytes)) {
		err_set(error, DG_ERROR_BAD,
		    "%s was counted by another version of Deskgate: start all "
		    "its programs anew",
		    name);
		g_clear_pointer(&bytes, g_bytes_unref);
	}
	if (bytes == NULL) {
		tally_free(&tally);
		return NULL;
	}
	tally->head = g_memdup2(g_bytes_get_data(bytes, NULL), tally->bytes);
	tally->cells = (guint64 *)(tally->head + 1);
	return tally;
}

void
tally_free(struct tally **address)
{
	struct tally *tally = *address;

	if (tally == NULL)
		return;
	if (tally->mapped)
		(void)munmap(tally->head, tally->bytes);
	else
		g_free(tally->head);
	g_hash_table_unref(tally->rows);
	pthread_mutex_destroy(&tally->lock);
	g_clear_pointer(address, g_free);
}

static guint
add_row(struct tally *tally, const char *name)
{
	guint row = (guint)tally->head->rows;

	if (row >= TALLY_OTHERS || strlen(name) >= TALLY_NAME_BYTES)
		return TALLY_OTHERS;
	g_strlcpy(tally->head->names[row], name, TALLY_NAME_BYTES);
	g_hash_table_insert(
	    tally->rows, tally->head->names[row], GUINT_TO_POINTER(row + 1));
	g_atomic_int_set(&tally->head->rows, (gint)row + 1);
	return row;
}

guint
tally_row(struct tally *tally, const char *name)
{
	guint row;

	if (tally == NULL)
		return 0;
	pthread_mutex_lock(&tally->lock);
	row = GPOINTER_TO_UINT(g_hash_table_lookup(tally->rows, name));
	row = row > 0 ? row - 1 : add_row(tally, name);
	pthread_mutex_unlock(&tally->lock);
	return row;
}

static guint64 *
cell_of(const struct tally *tally, guint metric, guint row, gsize at)
{
	g_assert(
	    metric < tally->n && row < TALLY_ROWS && at < tally->width[metric]);
	if (tally->metrics[metric].row == NULL)
		row = 0;
	return &tally->cells[tally->first[metric] + row * tally->width[metric] +
			     at];
}

static void
add(const struct tally *tally, guint metric, guint row, gsize at, guint64 n)
{
	(void)__atomic_fetch_add(
	    cell_of(tally, metric, row, at), n, __ATOMIC_RELAXED);
}

void
tally_add(struct tally *tally, guint metric, guint row, guint value, guint64 n)
{
	if (tally != NULL)
		add(tally, metric, row, value, n);
}

void
tally_time(struct tally *tally, guint metric, guint row, gint64 usec)
{
	gsize bucket = 0;

	if (tally == NULL)
		return;
	usec = MAX(usec, 0);
	while (bucket < G_N_ELEMENTS(bounds) && usec > bounds[bucket])
		bucket++;
	add(tally, metric, row, bucket, 1);
	add(tally, metric, row, BUCKETS, (guint64)usec);
}

void
tally_beat(struct tally *tally)
{
	if (tally != NULL)
		__atomic_store_n(&tally->head->alive, clock_wall(&clock_system),
		    __ATOMIC_RELAXED);
}

gint64
tally_started(const struct tally *tally)
{
	return tally->head->started;
}

gint64
tally_alive(const struct tally *tally)
{
	return __atomic_load_n(&tally->head->alive, __ATOMIC_RELAXED);
}

/* --- telling of it --- */

/* Rows of one name are told as one: "other" may be several. */
struct told {
	const struct tally *tally;
	guint metric;
	json_t *family;
};

static json_t *
labels_of(const struct told *told, const char *row, const char *value)
{
	const struct tally_metric *metric = &told->tally->metrics[told->metric];
	json_t *labels = json_object();

	if (metric->row != NULL)
		json_object_set_new(labels, metric->row, json_string(row));
	if (metric->label != NULL)
		json_object_set_new(labels, metric->label, json_string(value));
	return labels;
}

static void
tell_bucket(
    const struct told *told, const char *row, const char *end, guint64 count)
{
	json_t *labels = labels_of(told, row, NULL);

	json_object_set_new(labels, "le", json_string(end));
	exposition_add_labelled(told->family, "_bucket", labels, (double)count);
}

static void
tell_time(const struct told *told, const char *row, const guint64 *cells)
{
	guint64 count = 0, usec = cells[BUCKETS];
	char end[G_ASCII_DTOSTR_BUF_SIZE];

	for (gsize i = 0; i < G_N_ELEMENTS(bounds); i++) {
		count += cells[i];
		g_ascii_formatd(end, sizeof(end), "%.15g",
		    (double)bounds[i] / G_USEC_PER_SEC);
		tell_bucket(told, row, end, count);
	}
	count += cells[BUCKETS - 1];
	tell_bucket(told, row, "+Inf", count);
	exposition_add_labelled(told->family, "_sum",
	    labels_of(told, row, NULL), (double)usec / G_USEC_PER_SEC);
	exposition_add_labelled(
	    told->family, "_count", labels_of(told, row, NULL), (double)count);
}

static void
tell_row(const struct told *told, const char *row, const guint64 *cells)
{
	const struct tally_metric *metric = &told->tally->metrics[told->metric];

	if (metric->type == TALLY_SECONDS)
		tell_time(told, row, cells);
	for (gsize i = 0; metric->type == TALLY_COUNTER &&
			  i < told->tally->width[told->metric];
	     i++)
		exposition_add_labelled(told->family, NULL,
		    labels_of(told, row,
			metric->label != NULL ? metric->values[i] : NULL),
		    (double)cells[i]);
}

static gboolean
sum_row(const struct told *told, guint row, guint64 *sums)
{
	guint64 any = 0;

	for (gsize i = 0; i < told->tally->width[told->metric]; i++) {
		guint64 n =
		    __atomic_load_n(cell_of(told->tally, told->metric, row, i),
			__ATOMIC_RELAXED);

		sums[i] += n;
		any |= n;
	}
	return any != 0;
}

/* NULL: to be told as TALLY_OTHER.  A name that stands there twice, which only
 * another program's can, would be one sample twice, and the whole page
 * refused. */
static const char *
name_of(const struct tally *tally, guint row, GHashTable *told,
    gboolean (*known)(void *self, const char *row), void *self)
{
	const char *name = tally->head->names[row];

	if (memchr(name, '\0', TALLY_NAME_BYTES) == NULL ||
	    !g_utf8_validate(name, -1, NULL) ||
	    strcmp(name, TALLY_OTHER) == 0 ||
	    (known != NULL && !known(self, name)) ||
	    !g_hash_table_add(told, (gpointer)name))
		return NULL;
	return name;
}

static void
tell_rows(const struct told *told,
    gboolean (*known)(void *self, const char *row), void *self)
{
	const struct tally *tally = told->tally;
	guint n = (guint)CLAMP(
	    g_atomic_int_get(&tally->head->rows), 0, (gint)TALLY_OTHERS);
	gsize bytes = tally->width[told->metric] * sizeof(guint64);
	g_autofree guint64 *others = g_malloc0(bytes);
	g_autofree guint64 *sums = g_malloc(bytes);
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
	gboolean more = sum_row(told, TALLY_OTHERS, others);

	for (guint row = 0; row < n; row++) {
		const char *name = name_of(tally, row, names, known, self);

		if (name == NULL) {
			more = sum_row(told, row, others) || more;
			continue;
		}
		memset(sums, 0, bytes);
		(void)sum_row(told, row, sums);
		tell_row(told, name, sums);
	}
	if (more)
		tell_row(told, TALLY_OTHER, others);
}

void
tally_expose(const struct tally *tally, json_t *page,
    gboolean (*known)(void *self, const char *row), void *self)
{
	for (guint i = 0; i < tally->n; i++) {
		const struct tally_metric *metric = &tally->metrics[i];
		g_autofree guint64 *sums = g_new0(guint64, tally->width[i]);
		const struct told told = { tally, i,
			exposition_family(page, metric->name,
			    metric->type == TALLY_SECONDS ? "histogram"
							  : "counter",
			    metric->help) };

		if (metric->row != NULL) {
			tell_rows(&told, known, self);
			continue;
		}
		(void)sum_row(&told, 0, sums);
		tell_row(&told, NULL, sums);
	}
}
