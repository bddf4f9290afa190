/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Moving a backup into its place; the order is told in home_restore.h.
 */
#include "tools/home_restore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/base/tree.h"

char *
home_restore_runtime(const struct paths *paths)
{
	gsize length = strlen(paths->state);
	g_auto(GStrv) parts = NULL;

	if (strncmp(paths->runtime, paths->state, length) != 0 ||
	    paths->runtime[length] != '/')
		return NULL;
	parts = g_strsplit(paths->runtime + length + 1, "/", 2);
	return g_strdup(parts[0]);
}

/* What is neither set aside nor replaced. */
static gboolean
stays(const char *name, const char *runtime)
{
	static const char *const names[] = { HOME_STAGED, HOME_BEFORE,
		HOME_LOCK, "lost+found", NULL };

	return g_strv_contains(names, name) ||
	       (runtime != NULL && strcmp(name, runtime) == 0);
}

/* Moves all names of one folder to another that have no reason to stay. */
static gboolean
move_all(int from, int to, const char *runtime, GError **error)
{
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", from);
	g_autoptr(GDir) names = g_dir_open(path, 0, NULL);
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	const char *name;

	if (names == NULL)
		return err_errno(error, errno, "cannot read a folder");
	while ((name = g_dir_read_name(names)) != NULL)
		if (!stays(name, runtime))
			g_ptr_array_add(list, g_strdup(name));
	for (guint i = 0; i < list->len; i++) {
		name = list->pdata[i];
		if (renameat(from, name, to, name) != 0)
			return err_errno(error, errno, "cannot move %s", name);
	}
	return file_sync(to, error) && file_sync(from, error);
}

/* A folder in `dir`, made when it is not there and is to be; -1 without an
 * error when it is not to be. */
static int
open_in(int dir, const char *name, gboolean make, GError **error)
{
	int fd;

	if (make && mkdirat(dir, name, 0700) != 0 && errno != EEXIST) {
		err_errno(error, errno, "cannot make %s", name);
		return -1;
	}
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && (make || errno != ENOENT))
		err_errno(error, errno, "cannot open %s", name);
	return fd;
}

/* Of one folder: all of old aside, to the owner of the new. */
static gboolean
set_aside(int dir, int staged, const char *runtime, GError **error)
{
	int before OWNED(file_close) = open_in(dir, HOME_BEFORE, TRUE, error);
	struct stat status;

	if (before < 0)
		return FALSE;
	if (fstat(staged, &status) != 0 ||
	    fchown(before, status.st_uid, status.st_gid) != 0)
		return err_errno(error, errno, "cannot give %s", HOME_BEFORE);
	return move_all(dir, before, runtime, error);
}

struct moves {
	int state, keys; /* the folders */
	int state_new,
	    keys_new; /* what was staged in them; keys_new may be -1 */
	char *runtime;
};

static void
moves_clear(struct moves *moves)
{
	file_close(&moves->state);
	file_close(&moves->keys);
	file_close(&moves->state_new);
	file_close(&moves->keys_new);
	g_free(moves->runtime);
}

static gboolean
moves_open(struct moves *moves, const struct paths *paths, GError **error)
{
	g_autoptr(GError) fault = NULL;

	moves->runtime = home_restore_runtime(paths);
	moves->state = file_open_dir(paths->state, error);
	if (moves->state < 0)
		return FALSE;
	moves->state_new = open_in(moves->state, HOME_STAGED, FALSE, &fault);
	if (fault == NULL && moves->state_new >= 0)
		moves->keys = file_open_dir(paths->keys, &fault);
	if (moves->keys >= 0)
		moves->keys_new =
		    open_in(moves->keys, HOME_STAGED, FALSE, &fault);
	if (fault == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

static gboolean
has(int dir, const char *name)
{
	return dir >= 0 && faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static gboolean
take_aside(struct moves *moves, GError **error)
{
	return has(moves->state_new, HOME_ASIDE) ||
	       (set_aside(
		    moves->state, moves->state_new, moves->runtime, error) &&
		   (moves->keys_new < 0 ||
		       set_aside(moves->keys, moves->keys_new, NULL, error)) &&
		   file_create(
		       moves->state_new, HOME_ASIDE, "", 0, 0600, error));
}

/* The staged files are in data/ of the state's, beside what tells how far it
 * is. */
static gboolean
take_in(struct moves *moves, GError **error)
{
	int data OWNED(file_close) =
	    open_in(moves->state_new, "data", FALSE, error);

	if (data < 0)
		return error == NULL || *error == NULL;
	return (moves->keys_new < 0 ||
		   (move_all(moves->keys_new, moves->keys, NULL, error) &&
		       tree_remove(moves->keys, HOME_STAGED, FALSE, error))) &&
	       move_all(data, moves->state, moves->runtime, error);
}

/* The ready mark goes last of all but the folder, so that it is gone on with
 * until then. */
static gboolean
clean_up(struct moves *moves, GError **error)
{
	/* Where nothing was there it is empty. */
	(void)unlinkat(moves->state, HOME_BEFORE, AT_REMOVEDIR);
	if (moves->keys >= 0)
		(void)unlinkat(moves->keys, HOME_BEFORE, AT_REMOVEDIR);
	return tree_remove(moves->state_new, "data", FALSE, error) &&
	       tree_remove(moves->state_new, HOME_READY, FALSE, error) &&
	       tree_remove(moves->state, HOME_STAGED, FALSE, error);
}

gboolean
home_restore_finish(const struct paths *paths, GError **error)
{
	struct moves moves OWNED(moves_clear) = { -1, -1, -1, -1, NULL };

	if (!moves_open(&moves, paths, error))
		return FALSE;
	if (moves.state_new < 0)
		return TRUE;
	/* It was given up before it changed anything, or is over. */
	if (!has(moves.state_new, HOME_READY))
		return tree_remove(moves.keys, HOME_STAGED, TRUE, error) &&
		       tree_remove(moves.state, HOME_STAGED, FALSE, error);
	return take_aside(&moves, error) && take_in(&moves, error) &&
	       clean_up(&moves, error);
}

gboolean
home_restore_go_on(const struct paths *paths, GError **error)
{
	g_autofree char *staged =
	    g_build_filename(paths->state, HOME_STAGED, NULL);
	int state OWNED(file_close) = -1;
	int lock OWNED(file_close) = -1;

	if (access(staged, F_OK) != 0)
		return TRUE;
	state = file_open_dir(paths->state, error);
	if (state < 0)
		return FALSE;
	lock = file_lock(state, HOME_LOCK, error);
	if (lock >= 0 && home_restore_finish(paths, error)) {
		log_event(LOG_LEVEL_WARN, "restore-ended", NULL);
		return TRUE;
	}
	g_prefix_error(error,
	    "a backup was being put back and that is not at its end: start "
	    "deskgate-deliver, which goes on with it: ");
	return FALSE;
}
