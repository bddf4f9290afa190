/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The spool, the keeper's side: states, healing, and going away.
 *
 * A state is an empty file in one of six folders and a change of state one
 * rename(2), so an entry is never in two states and never in none, except in
 * the moments named here:
 *   - between link and mark of a put (none): heal and adopt give it `new`;
 *   - when the keeper adopts or heals and the putter then marks as well (two):
 *     whoever takes `new` once more finds in the ledger that it is done.
 * So "exactly one ticket" rests on the ledger and never on these files.
 *
 * Going away is wrap, bytes, fsync, state: cut short after any of them, it
 * leaves a state without bytes, which heal removes, and never bytes without a
 * state, which would be an entry again.
 *
 * Only one process moves and drops (the keeper); its threads take the lock.
 */
#include "tickets/spool_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"

#define ADOPT_AGE ((gint64)60 * G_USEC_PER_SEC)
#define TMP_AGE ((gint64)3600 * G_USEC_PER_SEC)
/* Sealed form of the largest message with its entry, generously. */
#define BYTES_MAX (SPOOL_MAX_MESSAGE + ((gsize)64 << 20))
#define WRAP_MAX 4096

struct dated {
	struct ident key;
	gint64 time;
};

static gint64
stat_time(const struct stat *st)
{
	return (gint64)st->st_mtim.tv_sec * G_USEC_PER_SEC +
	       st->st_mtim.tv_nsec / 1000;
}

static guint
ident_hash(gconstpointer key)
{
	guint hash;

	/* Keys are keyed digests: any four bytes of one are a good hash. */
	memcpy(&hash, key, sizeof(hash));
	return hash;
}

static gboolean
ident_same(gconstpointer a, gconstpointer b)
{
	return ident_equal(a, b);
}

/* The state, looked up folder by folder; under the lock nothing moves. */
static gboolean
state_of(const struct spool *spool, const char *name, enum spool_state *state_r)
{
	for (guint i = 0; i < SPOOL_STATES; i++) {
		if (faccessat(spool->state[i], name, F_OK,
			AT_SYMLINK_NOFOLLOW) == 0) {
			*state_r = (enum spool_state)i;
			return TRUE;
		}
	}
	return FALSE;
}

/* Gives `new` to an entry that has no state, with the time it came in. */
static gboolean
adopt_one(struct spool *spool, const char *name, const struct stat *st,
    gboolean *adopted_r, GError **error)
{
	struct timespec times[2] = { st->st_mtim, st->st_mtim };
	enum spool_state state;

	pthread_mutex_lock(&spool->lock);
	*adopted_r = !state_of(spool, name, &state);
	if (*adopted_r && !spool_mark(spool, name, SPOOL_NEW, error)) {
		pthread_mutex_unlock(&spool->lock);
		return FALSE;
	}
	if (*adopted_r) /* only the order of arrival is lost if this fails */
		(void)utimensat(
		    spool->state[SPOOL_NEW], name, times, AT_SYMLINK_NOFOLLOW);
	pthread_mutex_unlock(&spool->lock);
	return TRUE;
}

/* All keys that have a state. */
static GHashTable *
states_scan(struct spool *spool, GArray *keys, GError **error)
{
	g_autoptr(GHashTable) known = g_hash_table_new(ident_hash, ident_same);

	for (guint i = 0; i < SPOOL_STATES; i++)
		if (!spool_scan(spool->state[i], keys, error))
			return NULL;
	for (guint i = 0; i < keys->len; i++)
		g_hash_table_add(known, &g_array_index(keys, struct ident, i));
	return g_steal_pointer(&known);
}

/* Whether a put may still be at work on it.  A time to come is no sign of that
 * but of a clock that was set back. */
static gboolean
is_fresh(const struct stat *st, gint64 age)
{
	gint64 now = clock_wall(&clock_system), time = stat_time(st);

	return time <= now && now - time < age;
}

/* Adopts what came in `age` ago or longer. */
static gboolean
adopt_all(struct spool *spool, gint64 age, guint *adopted_r, GError **error)
{
	g_autoptr(GArray) marked =
	    g_array_new(FALSE, FALSE, sizeof(struct ident));
	g_autoptr(GArray) keys = NULL;
	g_autoptr(GHashTable) known = states_scan(spool, marked, error);

	*adopted_r = 0;
	if (known == NULL || (keys = spool_keys(spool, error)) == NULL)
		return FALSE;
	for (guint i = 0; i < keys->len; i++) {
		struct ident *key = &g_array_index(keys, struct ident, i);
		char name[IDENT_TEXT];
		struct stat st;
		gboolean adopted;

		if (g_hash_table_contains(known, key))
			continue;
		ident_text(key, name);
		if (fstatat(spool->msg, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    is_fresh(&st, age))
			continue;
		if (!adopt_one(spool, name, &st, &adopted, error))
			return FALSE;
		*adopted_r += adopted ? 1 : 0;
	}
	return TRUE;
}

/* Files in tmp/ that no put can still be writing. */
static void
sweep_tmp(struct spool *spool)
{
	g_autoptr(GArray) keys =
	    g_array_new(FALSE, FALSE, sizeof(struct ident));

	if (!spool_scan(spool->tmp, keys, NULL))
		return;
	for (guint i = 0; i < keys->len; i++) {
		char name[IDENT_TEXT];
		struct stat st;

		ident_text(&g_array_index(keys, struct ident, i), name);
		if (fstatat(spool->tmp, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    !is_fresh(&st, TMP_AGE))
			(void)unlinkat(spool->tmp, name, 0);
	}
}

gboolean
spool_adopt(struct spool *spool, guint *adopted_r, GError **error)
{
	sweep_tmp(spool);
	return adopt_all(spool, ADOPT_AGE, adopted_r, error);
}

/* Files in `folder` whose bytes are gone.  The folder is read before msg/ is
 * looked at, so a put of this moment is never taken for one. */
static gboolean
sweep_orphans(struct spool *spool, int folder, GError **error)
{
	g_autoptr(GArray) keys =
	    g_array_new(FALSE, FALSE, sizeof(struct ident));

	if (!spool_scan(folder, keys, error))
		return FALSE;
	for (guint i = 0; i < keys->len; i++) {
		char name[IDENT_TEXT];

		ident_text(&g_array_index(keys, struct ident, i), name);
		if (faccessat(spool->msg, name, F_OK, AT_SYMLINK_NOFOLLOW) !=
			0 &&
		    errno == ENOENT) {
			/* Of a drop that was cut short; or the disk lost it. */
			log_event(
			    LOG_LEVEL_WARN, "no-message", "id", name, NULL);
			(void)unlinkat(folder, name, 0);
		}
	}
	return TRUE;
}

gboolean
spool_heal(struct spool *spool, guint *healed_r, GError **error)
{
	g_autoptr(GArray) busy =
	    g_array_new(FALSE, FALSE, sizeof(struct ident));

	*healed_r = 0;
	sweep_tmp(spool);
	for (guint i = 0; i < SPOOL_STATES; i++)
		if (!sweep_orphans(spool, spool->state[i], error))
			return FALSE;
	if (!sweep_orphans(spool, spool->wrap, error) ||
	    !sweep_orphans(spool, spool->milder, error) ||
	    !adopt_all(spool, 0, healed_r, error) ||
	    !spool_scan(spool->state[SPOOL_BUSY], busy, error))
		return FALSE;
	for (guint i = 0; i < busy->len; i++) {
		if (!spool_move(spool, &g_array_index(busy, struct ident, i),
			SPOOL_BUSY, SPOOL_NEW, error))
			return FALSE;
		*healed_r += 1;
	}
	return TRUE;
}

static gint
dated_compare(gconstpointer a, gconstpointer b)
{
	const struct dated *one = a, *other = b;

	if (one->time != other->time)
		return one->time < other->time ? -1 : 1;
	return memcmp(&one->key, &other->key, sizeof(one->key));
}

GArray *
spool_list(
    struct spool *spool, enum spool_state state, guint max, GError **error)
{
	g_autoptr(GArray) keys =
	    g_array_new(FALSE, FALSE, sizeof(struct ident));
	g_autoptr(GArray) dated =
	    g_array_new(FALSE, FALSE, sizeof(struct dated));

	if (!spool_scan(spool->state[state], keys, error))
		return NULL;
	for (guint i = 0; i < keys->len; i++) {
		struct dated item = { g_array_index(keys, struct ident, i), 0 };
		char name[IDENT_TEXT];
		struct stat st;

		ident_text(&item.key, name);
		if (fstatat(spool->state[state], name, &st,
			AT_SYMLINK_NOFOLLOW) != 0)
			continue; /* moved away meanwhile */
		item.time = stat_time(&st);
		g_array_append_val(dated, item);
	}
	g_array_sort(dated, dated_compare);
	g_array_set_size(keys, 0);
	for (guint i = 0; i < MIN(max, dated->len); i++)
		g_array_append_val(
		    keys, g_array_index(dated, struct dated, i).key);
	return g_steal_pointer(&keys);
}

gboolean
spool_state(struct spool *spool, const struct ident *key,
    enum spool_state *state_r, GError **error)
{
	char name[IDENT_TEXT];
	gboolean found;

	ident_text(key, name);
	pthread_mutex_lock(&spool->lock);
	found = state_of(spool, name, state_r);
	pthread_mutex_unlock(&spool->lock);
	if (!found)
		return err_set(error, DG_ERROR_NOTFOUND, "no entry %s", name);
	return TRUE;
}

gboolean
spool_move(struct spool *spool, const struct ident *key, enum spool_state from,
    enum spool_state to, GError **error)
{
	char name[IDENT_TEXT];
	int result, number;

	ident_text(key, name);
	pthread_mutex_lock(&spool->lock);
	result = renameat(spool->state[from], name, spool->state[to], name);
	number = errno;
	pthread_mutex_unlock(&spool->lock);
	if (result != 0 && number == ENOENT)
		return err_set(error, DG_ERROR_NOTFOUND, "no entry %s is %s",
		    name, spool_state_word(from));
	if (result != 0)
		return err_errno(error, number, "spool: make an entry %s",
		    spool_state_word(to));
	if (to == SPOOL_BUSY || to == SPOOL_DONE)
		return TRUE;
	/* The new place first: were only the old one on disk, the entry would
	 * have no state and be adopted as new. */
	return file_sync(spool->state[to], error) &&
	       file_sync(spool->state[from], error);
}

static gboolean
remove_name(int folder, const char *name, GError **error)
{
	if (unlinkat(folder, name, 0) != 0 && errno != ENOENT)
		return err_errno(error, errno, "spool: remove an entry");
	return TRUE;
}

/* Writes over what opens the bytes, of a file that has no name any more: blocks
 * that are freed keep what stood in them.  On a file system that writes
 * elsewhere it helps nothing, and a fault changes nothing: it is gone. */
static void
blank(int fd)
{
	static const guint8 nothing[SPOOL_HEAD_BYTES];
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 &&
	    pwrite(fd, nothing, MIN(sizeof(nothing), (gsize)st.st_size), 0) > 0)
		(void)fdatasync(fd);
}

static int
open_to_blank(int folder, const char *name)
{
	return openat(folder, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
}

gboolean
spool_drop(struct spool *spool, const struct ident *key, GError **error)
{
	int wrap OWNED(file_close) = -1;
	int msg OWNED(file_close) = -1;
	char name[IDENT_TEXT];

	ident_text(key, name);
	wrap = open_to_blank(spool->wrap, name);
	msg = open_to_blank(spool->msg, name);
	if (!remove_name(spool->milder, name, error) ||
	    !remove_name(spool->wrap, name, error) ||
	    !remove_name(spool->msg, name, error) ||
	    !file_sync(spool->msg, error))
		return FALSE;
	blank(wrap);
	blank(msg);
	for (guint i = 0; i < SPOOL_STATES; i++)
		if (!remove_name(spool->state[i], name, error))
			return FALSE;
	return TRUE;
}

gboolean
spool_time(struct spool *spool, const struct ident *key, gint64 *time_r,
    GError **error)
{
	char name[IDENT_TEXT];
	struct stat st;

	ident_text(key, name);
	if (fstatat(spool->msg, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return err_errno(error, errno, "no bytes of entry %s", name);
	*time_r = stat_time(&st);
	return TRUE;
}

GArray *
spool_keys(struct spool *spool, GError **error)
{
	g_autoptr(GArray) keys =
	    g_array_new(FALSE, FALSE, sizeof(struct ident));

	if (!spool_scan(spool->msg, keys, error))
		return NULL;
	return g_steal_pointer(&keys);
}

GBytes *
spool_bytes(struct spool *spool, const struct ident *key, GError **error)
{
	char name[IDENT_TEXT];

	ident_text(key, name);
	return file_read(spool->msg, name, BYTES_MAX, error);
}

GBytes *
spool_head(struct spool *spool, const struct ident *key, GError **error)
{
	int fd OWNED(file_close) = -1;
	guint8 head[SPOOL_HEAD_BYTES];
	char name[IDENT_TEXT];
	ssize_t length;

	ident_text(key, name);
	fd = openat(spool->msg, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		err_errno(error, errno, "no bytes of entry %s", name);
		return NULL;
	}
	length = pread(fd, head, sizeof(head), 0);
	if (length != (ssize_t)sizeof(head)) {
		err_set(error, DG_ERROR_BAD, "entry %s is cut short", name);
		return NULL;
	}
	return g_bytes_new(head, sizeof(head));
}

GBytes *
spool_wrap(struct spool *spool, const struct ident *key, GError **error)
{
	char name[IDENT_TEXT];

	ident_text(key, name);
	return file_read(spool->wrap, name, WRAP_MAX, error);
}

gboolean
spool_has_wrap(struct spool *spool, const struct ident *key)
{
	char name[IDENT_TEXT];

	ident_text(key, name);
	return faccessat(spool->wrap, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

gboolean
spool_set_wrap(struct spool *spool, const struct ident *key, const void *data,
    gsize length, GError **error)
{
	char name[IDENT_TEXT];

	ident_text(key, name);
	return file_replace(spool->wrap, name, data, length, 0640, error);
}
