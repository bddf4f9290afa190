/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Walking a folder.  Everything goes by descriptors and without following
 * links, since what is walked may be another user's.
 */
#include "lib/base/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

static gint
compare(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in a folder, sorted. */
static GPtrArray *
names_of(int dir, GError **error)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *item;
	GPtrArray *names;
	int number;

	if (stream == NULL) {
		err_errno(error, errno, "cannot read a folder");
		file_close(&fd);
		return NULL;
	}
	names = g_ptr_array_new_with_free_func(g_free);
	while (errno = 0, (item = readdir(stream)) != NULL)
		if (strcmp(item->d_name, ".") != 0 &&
		    strcmp(item->d_name, "..") != 0)
			g_ptr_array_add(names, g_strdup(item->d_name));
	number = errno;
	closedir(stream);
	if (number != 0) {
		err_errno(error, number, "cannot read a folder");
		g_ptr_array_unref(names);
		return NULL;
	}
	g_ptr_array_sort(names, compare);
	return names;
}

/* What stands at `path`: `parent` has it as `name`. */
struct item {
	int parent;
	const char *name, *path;
	gboolean folder;
	off_t size;
};

struct walk {
	/* Of a folder before what is in it, and once more when that is over
	 * (`leaving`); of a file once. */
	gboolean (*visit)(struct walk *walk, const struct item *item,
	    gboolean leaving, GError **error);
	void *self;
};

static gboolean walk_folder(
    struct walk *walk, int dir, const char *path, guint depth, GError **error);

static gboolean
walk_item(struct walk *walk, int dir, const char *name, const char *path,
    guint depth, GError **error)
{
	struct item item = { dir, name, path, FALSE, 0 };
	int fd OWNED(file_close) = -1;
	struct stat status;

	if (fstatat(dir, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return err_errno(error, errno, "%s", path);
	item.folder = S_ISDIR(status.st_mode);
	item.size = status.st_size;
	if (S_ISREG(status.st_mode))
		return walk->visit(walk, &item, FALSE, error);
	if (!item.folder || depth >= TREE_DEEP)
		return err_set(error, DG_ERROR_BAD,
		    "%s is neither a file nor a folder of ours", path);
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(error, errno, "%s", path);
	return walk->visit(walk, &item, FALSE, error) &&
	       walk_folder(walk, fd, path, depth + 1, error) &&
	       walk->visit(walk, &item, TRUE, error);
}

static gboolean
walk_folder(
    struct walk *walk, int dir, const char *path, guint depth, GError **error)
{
	g_autoptr(GPtrArray) names = names_of(dir, error);

	for (guint i = 0; names != NULL && i < names->len; i++) {
		const char *name = names->pdata[i];
		g_autofree char *below =
		    path[0] != '\0' ? g_strconcat(path, "/", name, NULL)
				    : g_strdup(name);

		if (!walk_item(walk, dir, name, below, depth, error))
			return FALSE;
	}
	return names != NULL;
}

/* --- what is there --- */

static gboolean
add_file(struct walk *walk, const struct item *item, gboolean leaving,
    GError **error)
{
	(void)leaving, (void)error;
	if (!item->folder)
		g_ptr_array_add(walk->self, g_strdup(item->path));
	return TRUE;
}

GPtrArray *
tree_files(int dir, GError **error)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
	struct walk walk = { add_file, files };

	if (!walk_folder(&walk, dir, "", 0, error))
		return NULL;
	return g_steal_pointer(&files);
}

gboolean
tree_is_empty(int dir, GError **error)
{
	g_autoptr(GPtrArray) names = names_of(dir, error);

	return names != NULL && names->len == 0;
}

/* --- making and giving --- */

gboolean
tree_make_folders(int dir, const char *path, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(path, "/", -1);
	g_autoptr(GString) sofar = g_string_new(NULL);

	for (guint i = 0; parts[i] != NULL && parts[i + 1] != NULL; i++) {
		g_string_append_printf(
		    sofar, "%s%s", i > 0 ? "/" : "", parts[i]);
		if (mkdirat(dir, sofar->str, 0700) != 0 && errno != EEXIST)
			return err_errno(error, errno,
			    "cannot make the folder %s", sofar->str);
	}
	return TRUE;
}

static gboolean
sync_folder(struct walk *walk, const struct item *item, gboolean leaving,
    GError **error)
{
	int fd OWNED(file_close) = -1;

	(void)walk;
	if (!leaving)
		return TRUE;
	fd = openat(item->parent, item->name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(error, errno, "%s", item->path);
	return file_sync(fd, error);
}

gboolean
tree_sync(int dir, GError **error)
{
	struct walk walk = { sync_folder, NULL };

	return walk_folder(&walk, dir, "", 0, error) && file_sync(dir, error);
}

static gboolean
give_fd(int fd, const struct tree_owner *owner, const char *path,
    gboolean folder, GError **error)
{
	/* The owner first: changing him may take mode bits away. */
	if (fchown(fd, owner->owner, owner->group) != 0 ||
	    fchmod(fd, owner->mode(path, folder)) != 0)
		return err_errno(
		    error, errno, "cannot give %s its owner and mode", path);
	return TRUE;
}

static gboolean
give(struct walk *walk, const struct item *item, gboolean leaving,
    GError **error)
{
	int fd OWNED(file_close) = -1;

	if (item->folder && !leaving)
		return TRUE;
	fd =
	    openat(item->parent, item->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(error, errno, "%s", item->path);
	return give_fd(fd, walk->self, item->path, item->folder, error);
}

gboolean
tree_give(int dir, const struct tree_owner *owner, GError **error)
{
	struct walk walk = { give, (void *)owner };

	return walk_folder(&walk, dir, "", 0, error) &&
	       give_fd(dir, owner, "", TRUE, error);
}

/* --- removing --- */

/* What cannot be written over is removed all the same. */
static void
wipe_file(const struct item *item)
{
	int fd OWNED(file_close) =
	    openat(item->parent, item->name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	static const char zeros[4096];
	off_t left = item->size;

	while (fd >= 0 && left > 0) {
		ssize_t wrote =
		    write(fd, zeros, MIN((size_t)left, sizeof(zeros)));

		if (wrote <= 0)
			break;
		left -= wrote;
	}
	if (fd >= 0)
		(void)fsync(fd);
}

static gboolean
remove_item(struct walk *walk, const struct item *item, gboolean leaving,
    GError **error)
{
	const gboolean *wipe = walk->self;

	if (item->folder && !leaving)
		return TRUE;
	if (*wipe && !item->folder)
		wipe_file(item);
	return unlinkat(item->parent, item->name,
		   item->folder ? AT_REMOVEDIR : 0) == 0 ||
	       err_errno(error, errno, "cannot remove %s", item->path);
}

gboolean
tree_remove(int parent, const char *name, gboolean wipe, GError **error)
{
	struct walk walk = { remove_item, &wipe };

	if (faccessat(parent, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0 &&
	    errno == ENOENT)
		return TRUE;
	return walk_item(&walk, parent, name, name, 0, error) &&
	       file_sync(parent, error);
}
