/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/base/folder.h"

#include <glib/gstdio.h>

#include "lib/base/file.h"

void
folder_init(struct folder *folder, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	(void)unused;
	folder->path = g_dir_make_tmp("deskgate-base-XXXXXX", &error);
	g_assert_no_error(error);
	folder->fd = file_open_dir(folder->path, &error);
	g_assert_no_error(error);
}

void
folder_fini(struct folder *folder, gconstpointer unused)
{
	g_autoptr(GDir) dir = g_dir_open(folder->path, 0, NULL);
	const char *name;

	(void)unused;
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = folder_path(folder, name);

		g_remove(path);
	}
	file_close(&folder->fd);
	g_rmdir(folder->path);
	g_free(folder->path);
}

char *
folder_path(const struct folder *folder, const char *name)
{
	return g_build_filename(folder->path, name, NULL);
}

guint
folder_names(const struct folder *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder->path, 0, NULL);
	guint n = 0;

	while (dir != NULL && g_dir_read_name(dir) != NULL)
		n++;
	return n;
}

void
folder_put(
    const struct folder *folder, const char *name, const char *text, int mode)
{
	g_autofree char *path = folder_path(folder, name);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	g_assert_cmpint(g_chmod(path, mode), ==, 0);
}

void
folder_assert(const struct folder *folder, const char *name, const char *text)
{
	g_autofree char *path = folder_path(folder, name);
	g_autofree char *got = NULL;

	(void)g_file_get_contents(path, &got, NULL, NULL);
	g_assert_cmpstr(got, ==, text);
}
