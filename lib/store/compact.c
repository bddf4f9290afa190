/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A compact copy in the place of the store.
 *
 * LMDB overwrites nothing that it deletes: the bytes stand in free pages until
 * something else is written there, perhaps never.  What was erased is gone only
 * when the file is another one.
 *
 * The copy is made in compact/ within the store's folder, is on disk before it
 * is renamed over data.mdb, and is opened after that; the lock file stays,
 * since LMDB sets it up anew when nobody has it open.  The old environment is
 * closed before the new one is opened: one process must not have the lock file
 * open twice.  So nobody may be in a transaction from the beginning of the
 * copy, which must miss nothing, to the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/store/store_private.h"

#define DATA "data.mdb"
#define LOCK "lock.mdb"

void
store_heal(const char *folder)
{
	g_autofree char *copy = g_build_filename(folder, STORE_COPY, NULL);
	g_autofree char *data = g_build_filename(copy, DATA, NULL);
	g_autofree char *lock = g_build_filename(copy, LOCK, NULL);

	(void)unlink(data);
	(void)unlink(lock);
	(void)rmdir(copy);
}

/* Keeps everybody out; FALSE when somebody stayed inside all the time. */
static gboolean
shut(struct store *store)
{
	gint64 until = clock_mono(&clock_system) +
		       (gint64)STORE_QUIET_SECONDS * G_USEC_PER_SEC;
	const struct timespec at = { .tv_sec = until / G_USEC_PER_SEC,
		.tv_nsec = until % G_USEC_PER_SEC * 1000 };
	int code = 0;

	pthread_mutex_lock(&store->lock);
	/* Whoever is inside may begin another transaction meanwhile: he would
	 * never come out if he were kept waiting. */
	while ((store->inside > 0 || store->swapping) && code == 0)
		code = pthread_cond_timedwait(&store->quiet, &store->lock, &at);
	if (code == 0)
		store->swapping = TRUE;
	pthread_mutex_unlock(&store->lock);
	return code == 0;
}

static void
unshut(struct store *store)
{
	pthread_mutex_lock(&store->lock);
	store->swapping = FALSE;
	pthread_cond_broadcast(&store->quiet);
	pthread_mutex_unlock(&store->lock);
}

/* The copy, on disk. */
static gboolean
write_copy(struct store *store, int folder, GError **error)
{
	g_autofree char *path =
	    g_build_filename(store->folder, STORE_COPY, NULL);
	int file OWNED(file_close) = -1;
	int copy OWNED(file_close) = -1;

	store_heal(store->folder);
	if (mkdirat(folder, STORE_COPY, 0700) != 0)
		return err_errno(error, errno, "make %s", path);
	copy = file_open_dir(path, error);
	if (copy < 0)
		return FALSE;
	if (!store_copy_env(store, path, error))
		return FALSE;
	file = openat(copy, DATA, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (file < 0 || fchmod(file, 0600) != 0)
		return err_errno(error, errno, "open %s/%s", path, DATA);
	return file_sync(file, error) && file_sync(copy, error);
}

static gboolean
swap(struct store *store, GError **error)
{
	int folder OWNED(file_close) = file_open_dir(store->folder, error);
	gboolean moved = FALSE;

	if (folder < 0 || !write_copy(store, folder, error)) {
		store_heal(store->folder);
		return FALSE;
	}
	store_detach(store);
	if (renameat(folder, STORE_COPY "/" DATA, folder, DATA) != 0)
		err_errno(error, errno, "rename the copy of %s", store->folder);
	else
		moved = file_sync(folder, error);
	store_heal(store->folder);
	return store_attach(store, moved ? error : NULL) && moved;
}

gboolean
store_compact(struct store *store, GError **error)
{
	gboolean done;

	if (!shut(store))
		return err_set(error, DG_ERROR_AGAIN,
		    "%s was never idle for %d seconds: it cannot be made "
		    "compact yet",
		    store->folder, STORE_QUIET_SECONDS);
	done =
	    store->env != NULL
		? swap(store, error)
		: err_set(error, DG_ERROR_IO,
		      "%s is not open: start this program anew", store->folder);
	unshut(store);
	return done;
}

/* --- when --- */

void
store_owe(struct store *store)
{
	pthread_mutex_lock(&store->lock);
	store->owes = TRUE;
	pthread_mutex_unlock(&store->lock);
}

/* Takes the debt over, when it is to be paid now. */
static gboolean
is_due(struct store *store, gint64 mono, guint64 small)
{
	guint64 used, map;
	gboolean due;

	store_size(store, &used, &map);
	pthread_mutex_lock(&store->lock);
	due = store->owes && (used <= small || store->settled == 0 ||
				 mono - store->settled >=
				     STORE_LARGE_SECONDS * G_USEC_PER_SEC);
	if (due) {
		store->owes = FALSE;
		store->settled = MAX(mono, 1);
	}
	pthread_mutex_unlock(&store->lock);
	return due;
}

gboolean
store_settle(struct store *store, gint64 mono, guint64 small, GError **error)
{
	if (!is_due(store, mono, small) || store_compact(store, error))
		return TRUE;
	pthread_mutex_lock(&store->lock);
	store->owes = TRUE;
	store->settled = 0;
	pthread_mutex_unlock(&store->lock);
	return FALSE;
}
