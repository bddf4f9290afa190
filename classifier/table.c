/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The score table: open addressing in a shared file.
 *
 * A slot is a key and its counts, each one 64-bit word.  The writer stores
 * counts first and the key after (release), the reader loads the key first
 * (acquire), so a key that is seen has counts.  Changed counts are one store.
 * Nothing is ever moved or removed; a record without lessons keeps its slot
 * with counts 0.  When it is 70 % full a new file, with room for what is left
 * of it and more, takes its place by rename and the old one is marked: so
 * readers never see a table that is not filled.
 */
#include "classifier/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

#define MAGIC G_GUINT64_CONSTANT(0x31656c6261544744) /* "DGTable1" */
#define HEADER_BYTES 4096
/* Of the processor's cache. */
#define LINE_BYTES 64
#define SLOTS_LEAST 65536
#define SLOTS_MOST (G_GUINT64_CONSTANT(1) << 36)

struct header {
	guint64 magic;
	guint64 slots;   /* a power of two */
	guint64 lessons; /* spam << 32 | ham */
	guint64 labels;  /* spam << 32 | ham */
	guint32 superseded;
};

struct slot {
	guint64 key;    /* 0: free */
	guint64 counts; /* spam << 32 | ham */
};

struct table {
	char *path;
	struct header *header; /* the mapping's start */
	struct slot *slots;
	gsize bytes;
	guint64 used; /* slots with a key */
	guint64 live; /* of them, those with counts */
	gboolean published;
};

struct table_reader {
	const struct header *header;
	const struct slot *slots;
	guint64 n;   /* slots, as they were checked */
	guint shift; /* of a key, to its home */
	gsize bytes;
};

static guint64
pack(guint32 spam, guint32 ham)
{
	return (guint64)spam << 32 | ham;
}

static guint64
slots_for(guint64 records)
{
	guint64 slots = SLOTS_LEAST;

	while (slots < SLOTS_MOST && slots / 10 * 7 <= records)
		slots *= 2;
	return slots;
}

/* The high bits choose the slot (`n` is a power of two): digests are well
 * mixed, and a message's are looked up sorted, so that memory is walked one
 * way. */
static guint64
home_of(guint64 n, guint64 key)
{
	return key >> (__builtin_clzll(n) + 1);
}

static inline struct slot *
find_from(const struct slot *slots, guint64 n, guint64 key, guint64 at)
{
	for (;;) {
		guint64 there =
		    __atomic_load_n(&slots[at].key, __ATOMIC_ACQUIRE);

		if (there == key || there == 0)
			return (struct slot *)&slots[at];
		at = (at + 1) & (n - 1);
	}
}

static struct slot *
find_slot(const struct slot *slots, guint64 n, guint64 key)
{
	return find_from(slots, n, key, home_of(n, key));
}

static char *
new_path(const struct table *table)
{
	return g_strconcat(table->path, ".new", NULL);
}

/* Makes the file for `slots` slots beside the path, and maps it. */
static gboolean
make_file(struct table *table, guint64 slots, GError **error)
{
	g_autofree char *temporary = new_path(table);
	gsize bytes = HEADER_BYTES + slots * sizeof(struct slot);
	int fd OWNED(file_close) = -1;
	void *mapped;

	/* One that a crash has left may be mapped by nobody, but is not cut
	 * short under anybody either. */
	unlink(temporary);
	fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0640);
	if (fd < 0)
		return err_errno(error, errno, "cannot make %s", temporary);
	/* posix_fallocate: a full file system is an error here, not SIGBUS. */
	errno = posix_fallocate(fd, 0, bytes);
	if (errno == 0 && fchmod(fd, 0640) == 0)
		mapped = mmap(
		    NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	else
		mapped = MAP_FAILED;
	if (mapped == MAP_FAILED) {
		err_errno(error, errno, "no room for the score table");
		unlink(temporary);
		return FALSE;
	}
	table->header = mapped;
	table->slots = (struct slot *)((char *)mapped + HEADER_BYTES);
	table->bytes = bytes;
	table->used = table->live = 0;
	table->published = FALSE;
	table->header->slots = slots;
	__atomic_store_n(&table->header->magic, MAGIC, __ATOMIC_RELEASE);
	return TRUE;
}

struct table *
table_create(const char *path, guint64 records, GError **error)
{
	struct table *table = g_new0(struct table, 1);

	table->path = g_strdup(path);
	if (!make_file(table, slots_for(records), error))
		table_free(&table);
	return table;
}

/* Marks the table behind the descriptor as replaced, if it is one. */
static void
mark_superseded(int fd)
{
	struct header *header;
	struct stat status;

	if (fd < 0 || fstat(fd, &status) != 0 || status.st_size < HEADER_BYTES)
		return;
	header =
	    mmap(NULL, HEADER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (header == MAP_FAILED)
		return;
	if (header->magic == MAGIC)
		__atomic_store_n(&header->superseded, 1, __ATOMIC_RELEASE);
	munmap(header, HEADER_BYTES);
}

gboolean
table_publish(struct table *table, GError **error)
{
	g_autofree char *temporary = new_path(table);
	int old OWNED(file_close) =
	    open(table->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	if (rename(temporary, table->path) != 0)
		return err_errno(
		    error, errno, "cannot put the score table in place");
	table->published = TRUE;
	mark_superseded(old);
	return TRUE;
}

void
table_free(struct table **address)
{
	struct table *table = *address;

	if (table == NULL)
		return;
	if (table->header != NULL) {
		g_autofree char *temporary = new_path(table);

		munmap(table->header, table->bytes);
		if (!table->published)
			unlink(temporary);
	}
	g_free(table->path);
	g_clear_pointer(address, g_free);
}

static void
put_slot(struct table *table, guint64 key, guint64 counts)
{
	struct slot *slot = find_slot(table->slots, table->header->slots, key);

	table->live += (counts != 0) - (slot->counts != 0);
	__atomic_store_n(&slot->counts, counts, __ATOMIC_RELAXED);
	if (slot->key == key)
		return;
	__atomic_store_n(&slot->key, key, __ATOMIC_RELEASE);
	table->used++;
}

/* A new file takes over what is live, with room for half as much again. */
static gboolean
grow(struct table *table, GError **error)
{
	struct table old = *table;
	gboolean grown =
	    make_file(table, slots_for(old.live + old.live / 2), error);

	for (guint64 i = 0; grown && i < old.header->slots; i++) {
		if (old.slots[i].counts != 0)
			put_slot(table, old.slots[i].key, old.slots[i].counts);
	}
	if (grown) {
		table->header->lessons = old.header->lessons;
		table->header->labels = old.header->labels;
		grown = !old.published || table_publish(table, error);
		if (!grown)
			munmap(table->header, table->bytes);
	}
	if (grown)
		munmap(old.header, old.bytes);
	else
		*table = old;
	return grown;
}

/* 0 marks a free slot: a digest of 0 (one in 2^64) is 1. */
static guint64
key_of(guint64 digest)
{
	return digest != 0 ? digest : 1;
}

void
table_look(
    const struct table *table, guint64 digest, guint32 *spam_r, guint32 *ham_r)
{
	guint64 key = key_of(digest);
	const struct slot *slot =
	    find_slot(table->slots, table->header->slots, key);
	guint64 counts = slot->key == key ? slot->counts : 0;

	*spam_r = counts >> 32;
	*ham_r = (guint32)counts;
}

gboolean
table_set(struct table *table, guint64 digest, guint32 spam, guint32 ham,
    GError **error)
{
	if (table->used + 1 > table->header->slots / 10 * 7 &&
	    !grow(table, error))
		return FALSE;
	put_slot(table, key_of(digest), pack(spam, ham));
	return TRUE;
}

void
table_set_totals(struct table *table, const struct table_totals *totals)
{
	__atomic_store_n(&table->header->lessons,
	    pack(totals->spam, totals->ham), __ATOMIC_RELAXED);
	__atomic_store_n(&table->header->labels,
	    pack(totals->label_spam, totals->label_ham), __ATOMIC_RELAXED);
}

void
table_retire(struct table *table)
{
	if (table->published)
		unlink(table->path);
	__atomic_store_n(&table->header->superseded, 1, __ATOMIC_RELEASE);
}

/* --- reading --- */

int
table_open(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err_errno(error, errno, "cannot open the score table %s", path);
	return fd;
}

/* Whether these bytes are a table; how many slots it has. */
static gboolean
is_table(const struct header *header, gsize bytes, guint64 *slots_r)
{
	guint64 slots = header->slots;

	*slots_r = slots;
	return __atomic_load_n(&header->magic, __ATOMIC_ACQUIRE) == MAGIC &&
	       slots >= SLOTS_LEAST && slots <= SLOTS_MOST &&
	       (slots & (slots - 1)) == 0 &&
	       bytes >= HEADER_BYTES + slots * sizeof(struct slot);
}

struct table_reader *
table_map(int fd, GError **error)
{
	struct stat status;
	struct table_reader *reader;
	guint64 slots;
	void *mapped;

	if (!file_status(fd, &status, NULL) || status.st_size < HEADER_BYTES) {
		err_set(error, DG_ERROR_BAD, "it is no score table");
		return NULL;
	}
	mapped = mmap(NULL, status.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (mapped == MAP_FAILED) {
		err_errno(error, errno, "mmap of the score table");
		return NULL;
	}
	if (!is_table(mapped, status.st_size, &slots)) {
		munmap(mapped, status.st_size);
		err_set(error, DG_ERROR_BAD, "it is no score table");
		return NULL;
	}
	reader = g_new(struct table_reader, 1);
	reader->n = slots;
	reader->shift = __builtin_clzll(slots) + 1;
	reader->header = mapped;
	reader->slots = (const struct slot *)((char *)mapped + HEADER_BYTES);
	reader->bytes = status.st_size;
	return reader;
}

void
table_unmap(struct table_reader **reader)
{
	if (*reader == NULL)
		return;
	munmap((void *)(*reader)->header, (*reader)->bytes);
	g_clear_pointer(reader, g_free);
}

gboolean
table_superseded(const struct table_reader *reader)
{
	return __atomic_load_n(&reader->header->superseded, __ATOMIC_ACQUIRE) !=
	       0;
}

void
table_totals(const struct table_reader *reader, struct table_totals *totals_r)
{
	guint64 lessons =
	    __atomic_load_n(&reader->header->lessons, __ATOMIC_RELAXED);
	guint64 labels =
	    __atomic_load_n(&reader->header->labels, __ATOMIC_RELAXED);

	*totals_r = (struct table_totals){ lessons >> 32, (guint32)lessons,
		labels >> 32, (guint32)labels };
}

void
table_get(const struct table_reader *reader, guint64 digest, guint32 *spam_r,
    guint32 *ham_r)
{
	guint64 key = key_of(digest), counts = 0;
	const struct slot *slot =
	    find_from(reader->slots, reader->n, key, key >> reader->shift);

	if (__atomic_load_n(&slot->key, __ATOMIC_ACQUIRE) == key)
		counts = __atomic_load_n(&slot->counts, __ATOMIC_RELAXED);
	*spam_r = counts >> 32;
	*ham_r = (guint32)counts;
}

void
table_prefetch(const struct table_reader *reader, guint64 digest)
{
	const struct slot *home =
	    &reader->slots[key_of(digest) >> reader->shift];

	/* A search goes on into the next line often enough. */
	__builtin_prefetch(home);
	__builtin_prefetch(home + LINE_BYTES / sizeof(*home));
}
