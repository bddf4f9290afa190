/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Archives by libarchive.
 */
#include "lib/base/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

#define BLOCK 65536
#define NAME_MOST 200

struct pack {
	struct archive *archive;
	int fd;
	gint64 made;
	guint64 written;
};

/* What libarchive says becomes ours here. */
static gboolean
fault(struct archive *archive, GError **error)
{
	const char *text = archive_error_string(archive);
	int number = archive_errno(archive);

	return err_set(error,
	    number == ENOSPC || number == ENOMEM ? DG_ERROR_FULL : DG_ERROR_IO,
	    "archive: %s", text != NULL ? text : "libarchive failed");
}

static gboolean
is_name(const char *name)
{
	g_auto(GStrv) parts = g_strsplit(name, "/", -1);

	for (guint i = 0; parts[i] != NULL; i++) {
		if (parts[i][0] == '\0' || strcmp(parts[i], ".") == 0 ||
		    strcmp(parts[i], "..") == 0)
			return FALSE;
	}
	for (const char *at = name; *at != '\0'; at++) {
		if (!g_ascii_isprint(*at) || *at == '\\')
			return FALSE;
	}
	return name[0] != '\0' && strlen(name) <= NAME_MOST;
}

struct pack *
pack_new(gint64 made, GError **error)
{
	struct pack *pack = g_new0(struct pack, 1);

	pack->made = made;
	pack->archive = archive_write_new();
	pack->fd = memfd_create("archive", MFD_CLOEXEC);
	if (pack->fd < 0)
		err_errno(error, errno, "memfd_create");
	else if (archive_write_set_format_pax_restricted(pack->archive) ==
		     ARCHIVE_OK &&
		 archive_write_open_fd(pack->archive, pack->fd) == ARCHIVE_OK)
		return pack;
	else
		fault(pack->archive, error);
	pack_free(&pack);
	return NULL;
}

gboolean
pack_add(struct pack *pack, const char *name, GBytes *bytes, GError **error)
{
	struct archive_entry *entry;
	gsize length;
	const void *data = g_bytes_get_data(bytes, &length);
	gboolean good;

	if (!is_name(name))
		return err_set(error, DG_ERROR_BAD,
		    "\"%s\" is no name for a file in an archive", name);
	if (length > PACK_MOST - pack->written)
		return err_set(error, DG_ERROR_FULL,
		    "an archive has %d GiB at most: ask for less at once",
		    (int)(PACK_MOST >> 30));
	entry = archive_entry_new();
	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_size(entry, (la_int64_t)length);
	archive_entry_set_mtime(entry, (time_t)pack->made, 0);
	good = archive_write_header(pack->archive, entry) == ARCHIVE_OK &&
	       (length == 0 || archive_write_data(pack->archive, data,
				   length) == (la_ssize_t)length);
	archive_entry_free(entry);
	pack->written += length;
	return good || fault(pack->archive, error);
}

int
pack_end(struct pack **pack, GError **error)
{
	struct pack *ended = *pack;
	int fd = -1;

	if (archive_write_close(ended->archive) != ARCHIVE_OK)
		fault(ended->archive, error);
	else if (lseek(ended->fd, 0, SEEK_SET) != 0)
		err_errno(error, errno, "archive: cannot go to its start");
	else
		fd = g_steal_fd(&ended->fd);
	pack_free(pack);
	return fd;
}

void
pack_free(struct pack **pack)
{
	struct pack *old = *pack;

	*pack = NULL;
	if (old == NULL)
		return;
	archive_write_free(old->archive);
	file_close(&old->fd);
	g_free(old);
}

/* --- unpacking --- */

static void
read_free(struct archive **archive)
{
	archive_read_free(*archive);
	*archive = NULL;
}

/* A folder of ours within `dir`: made now, or before by us.  Another's, or a
 * link in its place, would lead what we write elsewhere. */
static int
open_own_folder(int dir, const char *name, GError **error)
{
	struct stat about;
	int folder OWNED(file_close) = -1;

	if (mkdirat(dir, name, 0700) != 0 && errno != EEXIST) {
		err_errno(error, errno, "cannot make %s", name);
		return -1;
	}
	folder =
	    openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0) {
		err_errno(error, errno, "cannot open %s", name);
		return -1;
	}
	if (fstat(folder, &about) != 0 || about.st_uid != geteuid()) {
		err_set(error, DG_ERROR_DENIED, "%s is another's folder", name);
		return -1;
	}
	return g_steal_fd(&folder);
}

/* The folder that the last part of `name` stands in, and where that part
 * begins.
 */
static int
open_parent(int dir, const char *name, const char **leaf_r, GError **error)
{
	int at OWNED(file_close) = dup(dir);
	const char *slash;

	if (at < 0)
		err_errno(error, errno, "dup");
	while (at >= 0 && (slash = strchr(name, '/')) != NULL) {
		g_autofree char *part = g_strndup(name, (gsize)(slash - name));
		int next = open_own_folder(at, part, error);

		file_close(&at);
		at = next;
		name = slash + 1;
	}
	*leaf_r = name;
	return g_steal_fd(&at);
}

static gboolean
pour(struct archive *archive, int file, GError **error)
{
	g_autofree char *block = g_malloc(BLOCK);
	la_ssize_t got;

	while ((got = archive_read_data(archive, block, BLOCK)) > 0) {
		if (!file_write_all(file, block, (gsize)got, error))
			return FALSE;
	}
	return got == 0 || fault(archive, error);
}

static gboolean
unpack_one(struct archive *archive, struct archive_entry *entry, int dir,
    GError **error)
{
	const char *name = archive_entry_pathname(entry);
	const char *leaf;
	int folder OWNED(file_close) = -1;
	int file OWNED(file_close) = -1;

	if (name == NULL || !is_name(name) ||
	    archive_entry_filetype(entry) != AE_IFREG)
		return err_set(
		    error, DG_ERROR_BAD, "archive: a file has no fit name");
	folder = open_parent(dir, name, &leaf, error);
	if (folder < 0)
		return FALSE;
	file = openat(folder, leaf,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file < 0)
		return errno == EEXIST
			   ? err_set(error, DG_ERROR_BAD,
				 "%s is there already: nothing is written over",
				 name)
			   : err_errno(error, errno, "cannot write %s", name);
	return pour(archive, file, error);
}

gboolean
pack_unpack(int fd, int dir, GError **error)
{
	struct archive *archive OWNED(read_free) = archive_read_new();
	struct archive_entry *entry;
	int got;

	if (archive_read_support_format_tar(archive) != ARCHIVE_OK ||
	    archive_read_open_fd(archive, fd, BLOCK) != ARCHIVE_OK)
		return fault(archive, error);
	while (
	    (got = archive_read_next_header(archive, &entry)) == ARCHIVE_OK) {
		if (!unpack_one(archive, entry, dir, error))
			return FALSE;
	}
	return got == ARCHIVE_EOF || fault(archive, error);
}
