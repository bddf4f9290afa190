/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of an MTA's settings. */
#include "tools/setup_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tools/program.h"

/* Settings of mail are some kilobytes; sendmail.cf 60. */
#define FILE_MOST ((gsize)16 << 20)

struct setup_file *
setup_file_new(char *path, GBytes *before, GBytes *after)
{
	struct setup_file *file = g_new0(struct setup_file, 1);

	file->path = path;
	file->before = before;
	file->after = after;
	return file;
}

void
setup_file_free(gpointer pointer)
{
	struct setup_file *file = pointer;

	g_free(file->path);
	g_clear_pointer(&file->before, g_bytes_unref);
	g_clear_pointer(&file->after, g_bytes_unref);
	g_free(file);
}

gboolean
setup_file_read(const char *path, GBytes **bytes_r, GError **error)
{
	g_autoptr(GError) problem = NULL;

	*bytes_r = file_read(AT_FDCWD, path, FILE_MOST, &problem);
	if (*bytes_r != NULL || err_is(problem, DG_ERROR_NOTFOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&problem));
	return FALSE;
}

static gboolean
remove_file(const char *path, GError **error)
{
	if (unlink(path) == 0 || errno == ENOENT)
		return TRUE;
	return err_errno(error, errno, "cannot remove %s", path);
}

/* The owner is given before the name is. */
static gboolean
write_as(
    const char *path, GBytes *bytes, const struct stat *like, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	g_autofree char *fresh = g_strconcat(name, ".deskgate-new", NULL);
	int dir OWNED(file_close) = file_open_dir(folder, error);
	gsize length;
	const void *data = g_bytes_get_data(bytes, &length);

	if (dir < 0 || !file_replace(dir, fresh, data, length,
			   like->st_mode & 07777, error))
		return FALSE;
	if (fchownat(dir, fresh, like->st_uid, like->st_gid,
		AT_SYMLINK_NOFOLLOW) != 0 ||
	    renameat(dir, fresh, dir, name) != 0)
		return err_errno(error, errno, "cannot write %s", path);
	return file_sync(dir, error);
}

gboolean
setup_file_write(const char *path, GBytes *bytes, GError **error)
{
	struct stat like = {
		.st_mode = 0644, .st_uid = geteuid(), .st_gid = getegid()
	};
	g_autofree char *real = NULL;
	char *found;

	if (bytes == NULL)
		return remove_file(path, error);
	found = realpath(path, NULL);
	real = g_strdup(found != NULL ? found : path);
	free(found);
	if (stat(real, &like) != 0 && errno != ENOENT)
		return err_errno(error, errno, "cannot look at %s", real);
	return write_as(real, bytes, &like, error);
}

gboolean
setup_file_write_all(const GPtrArray *files, GError **error)
{
	for (guint i = 0; i < files->len; i++) {
		const struct setup_file *file = files->pdata[i];

		if (!setup_file_write(file->path, file->after, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
setup_file_same(GBytes *a, GBytes *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return g_bytes_equal(a, b);
}

/* As a memory file that another program can open. */
static int
as_file(GBytes *bytes, GError **error)
{
	gsize length = 0;
	const void *data =
	    bytes != NULL ? g_bytes_get_data(bytes, &length) : "";

	return file_memory("setup", data, length, error);
}

char *
setup_file_diff(const char *path, GBytes *from, GBytes *to, GError **error)
{
	int left OWNED(file_close) = as_file(from, error);
	int right OWNED(file_close) = left < 0 ? -1 : as_file(to, error);
	g_autofree char *a =
	    g_strdup_printf("/proc/%d/fd/%d", (int)getpid(), left);
	g_autofree char *b =
	    g_strdup_printf("/proc/%d/fd/%d", (int)getpid(), right);
	const char *const words[] = { "diff", "-u", "--label", path, "--label",
		path, a, b, NULL };
	char *text = NULL;

	if (left < 0 || right < 0 || program_run(words, &text, error) < 0)
		return NULL;
	return text;
}
