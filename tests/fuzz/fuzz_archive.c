/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as what a backup is restored from: by the first byte the archive,
 * or the manifest beside files.  Whatever names stand there, nothing is
 * written but below the folder that was told.
 */
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/manifest.h"
#include "lib/base/owned.h"
#include "lib/base/pack.h"
#include "tests/unit/base/folder.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static struct folder *
the_folder(void)
{
	static struct folder folder;

	return &folder;
}

static int
make(const struct folder *folder, const char *name)
{
	g_assert(mkdirat(folder->fd, name, 0700) == 0);
	return openat(folder->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct folder *folder = the_folder();
	int fd;

	(void)argc, (void)argv;
	folder_init(folder, NULL);
	fd = make(folder, "from");
	g_assert(mkdirat(fd, "state", 0700) == 0);
	file_close(&fd);
	folder_put(folder, "from/state/a", "hello\n", 0600);
	folder_put(folder, "from/state/b", "", 0600);
	folder_put(folder, "from/outside", "secret\n", 0600);
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static void
unpack(const guint8 *data, gsize size, int to)
{
	int fd OWNED(file_close) = memfd_create("archive", MFD_CLOEXEC);

	g_assert(fd >= 0 && file_write_all(fd, data, size, NULL));
	g_assert(lseek(fd, 0, SEEK_SET) == 0);
	(void)pack_unpack(fd, to, NULL);
}

static void
copy(const struct folder *folder, const guint8 *data, gsize size, int to)
{
	const struct manifest_copy copy = { "state/", NULL, NULL };
	g_autofree char *path = folder_path(folder, "from/" MANIFEST_NAME);
	int from OWNED(file_close) = -1;
	json_t *manifest;

	/* GLib lets the end of a longer file stand. */
	(void)g_unlink(path);
	g_assert(g_file_set_contents_full(path, (const char *)data,
	    (gssize)size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
	from = openat(folder->fd, "from", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	manifest = manifest_read(from, NULL);
	if (manifest != NULL)
		(void)manifest_copy(from, manifest, &copy, to, NULL);
	json_decref(manifest);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	struct folder *folder = the_folder();
	g_autofree char *path = folder_path(folder, "to");
	int to OWNED(file_close) = -1;

	if (size == 0)
		return 0;
	to = make(folder, "to");
	g_assert(to >= 0);
	if (data[0] % 2 == 0)
		unpack(data + 1, size - 1, to);
	else
		copy(folder, data + 1, size - 1, to);
	g_assert_cmpuint(folder_names(folder), ==, 2);
	(void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}
