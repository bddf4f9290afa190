/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A list of files with their digests, written when all of them are on the disk.
 */
#include "lib/base/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/base/tree.h"

#define FORMAT "deskgate-backup"
#define DIGEST_BYTES 32
#define DIGEST_TEXT (2 * DIGEST_BYTES + 1)
/* Some millions of files. */
#define MANIFEST_MOST ((gsize)1 << 30)
/* Always so many bytes to a piece but for the last: the digest is of pieces. */
#define PIECE 65536

static void
digest_text(struct seal_digest **digest, char text_r[DIGEST_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	guint8 bytes[DIGEST_BYTES];

	seal_digest_end(digest, bytes, sizeof(bytes));
	for (gsize i = 0; i < DIGEST_BYTES; i++) {
		text_r[2 * i] = digits[bytes[i] >> 4];
		text_r[2 * i + 1] = digits[bytes[i] & 15];
	}
	text_r[DIGEST_TEXT - 1] = '\0';
}

/* A whole piece, or what is left; -1 with errno. */
static ssize_t
read_piece(int fd, guint8 *piece)
{
	gsize have = 0;

	while (have < PIECE) {
		ssize_t got = read(fd, piece + have, PIECE - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		have += (gsize)got;
	}
	return (ssize_t)have;
}

/* The digest of a file; with `to` (not -1) its bytes go there too. */
static gboolean
pour(
    int from, int to, gint64 *bytes_r, char text_r[DIGEST_TEXT], GError **error)
{
	struct seal_digest *digest = seal_digest_new(NULL, 0, "backup file");
	g_autofree guint8 *piece = g_malloc(PIECE);
	gboolean good = TRUE;
	ssize_t got = 0;

	*bytes_r = 0;
	while (good && (got = read_piece(from, piece)) > 0) {
		seal_digest_add(digest, piece, (gsize)got);
		*bytes_r += got;
		good = to < 0 || file_write_all(to, piece, (gsize)got, error);
	}
	if (got < 0)
		good = err_errno(error, errno, "read");
	digest_text(&digest, text_r);
	return good;
}

/* --- writing --- */

static gboolean
write_down(int dir, const char *path, json_t *files, GError **error)
{
	int fd OWNED(file_close) =
	    openat(dir, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char digest[DIGEST_TEXT];
	struct stat status;
	gint64 bytes, time;

	if (fd < 0 || fstat(fd, &status) != 0)
		return err_errno(error, errno, "cannot open %s", path);
	if (!file_sync(fd, error) || !pour(fd, -1, &bytes, digest, error)) {
		g_prefix_error(error, "%s: ", path);
		return FALSE;
	}
	time = (gint64)status.st_mtim.tv_sec * G_USEC_PER_SEC +
	       status.st_mtim.tv_nsec / 1000;
	json_array_append_new(
	    files, json_pack("[s, I, I, s]", path, (json_int_t)bytes,
		       (json_int_t)time, digest));
	return TRUE;
}

static json_t *
write_all_down(int dir, const char *folder, GError **error)
{
	int fd OWNED(file_close) = openat(
	    dir, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	g_autoptr(GPtrArray) paths = NULL;
	json_t *files = json_array();
	gboolean good;

	if (fd < 0)
		err_errno(error, errno, "cannot open %s", folder);
	else
		paths = tree_files(fd, error);
	good = paths != NULL;
	for (guint i = 0; good && i < paths->len; i++) {
		g_autofree char *path =
		    g_build_filename(folder, paths->pdata[i], NULL);

		good = write_down(dir, path, files, error);
	}
	if (good && tree_sync(fd, error))
		return files;
	json_decref(files);
	return NULL;
}

static gboolean
write_all(int dir, const char *folder, json_t *facts, GError **error)
{
	json_t *files = write_all_down(dir, folder, error);
	g_autofree char *text = NULL;

	if (files == NULL)
		return FALSE;
	json_object_set_new(facts, "format", json_string(FORMAT));
	json_object_set_new(facts, "version", json_integer(MANIFEST_VERSION));
	json_object_set_new(facts, "files", files);
	text = json_dumps(facts, JSON_COMPACT);
	if (text == NULL)
		return err_set(
		    error, DG_ERROR_BAD, "a file's name is no text in UTF-8");
	return file_replace(
	    dir, MANIFEST_NAME, text, strlen(text), 0600, error);
}

gboolean
manifest_write(int dir, const char *folder, json_t *facts, GError **error)
{
	gboolean written = write_all(dir, folder, facts, error);

	json_decref(facts);
	return written;
}

/* --- reading --- */

static gboolean
is_ours(const json_t *manifest, GError **error)
{
	json_int_t version =
	    json_integer_value(json_object_get(manifest, "version"));

	if (g_strcmp0(json_string_value(json_object_get(manifest, "format")),
		FORMAT) != 0 ||
	    !json_is_array(json_object_get(manifest, "files")))
		return err_set(error, DG_ERROR_BAD,
		    "%s is damaged: it is no manifest of a backup",
		    MANIFEST_NAME);
	return version == MANIFEST_VERSION ||
	       err_set(error, DG_ERROR_BAD,
		   "the backup's format is version %lld, and this program "
		   "knows %d: use the one that made it",
		   version, MANIFEST_VERSION);
}

json_t *
manifest_read(int dir, GError **error)
{
	g_autoptr(GBytes) bytes =
	    file_read(dir, MANIFEST_NAME, MANIFEST_MOST, error);
	json_t *manifest;
	const char *text;
	gsize length;

	if (bytes == NULL)
		return NULL;
	text = g_bytes_get_data(bytes, &length);
	manifest = json_loadb(text != NULL ? text : "", length, 0, NULL);
	if (!is_ours(manifest, error))
		g_clear_pointer(&manifest, json_decref);
	return manifest;
}

/* A path that leads nowhere but below its folder. */
static gboolean
is_below(const char *path)
{
	g_auto(GStrv) parts = g_strsplit(path, "/", -1);

	for (guint i = 0; parts[i] != NULL; i++)
		if (parts[i][0] == '\0' || strcmp(parts[i], ".") == 0 ||
		    strcmp(parts[i], "..") == 0)
			return FALSE;
	return TRUE;
}

struct row {
	const char *path, *digest;
	json_int_t bytes, time;
};

static gboolean
copy_bytes(int from, int to, const struct row *row, GError **error)
{
	const struct timespec when = { row->time / G_USEC_PER_SEC,
		row->time % G_USEC_PER_SEC * 1000 };
	const struct timespec times[2] = { when, when };
	char digest[DIGEST_TEXT];
	gint64 bytes;

	if (!pour(from, to, &bytes, digest, error))
		return FALSE;
	if (bytes != row->bytes)
		return err_set(error, DG_ERROR_BAD,
		    "the backup is damaged: it has %" PRId64
		    " bytes instead of %lld",
		    bytes, row->bytes);
	if (strcmp(digest, row->digest) != 0)
		return err_set(error, DG_ERROR_BAD,
		    "the backup is damaged: the bytes were changed");
	if (futimens(to, times) != 0)
		return err_errno(error, errno, "cannot set the time");
	return file_sync(to, error);
}

static gboolean
copy_row(
    int dir, const struct row *row, int to, const char *name, GError **error)
{
	int source OWNED(file_close) =
	    openat(dir, row->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int target OWNED(file_close) = -1;

	if (source < 0 && errno == ENOENT)
		return err_set(error, DG_ERROR_BAD,
		    "%s: the backup is damaged: it is missing", row->path);
	if (source < 0)
		return err_errno(error, errno, "cannot open %s", row->path);
	if (!tree_make_folders(to, name, error))
		return FALSE;
	target = openat(to, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (target < 0)
		return err_errno(error, errno, "cannot make %s", name);
	if (copy_bytes(source, target, row, error))
		return TRUE;
	g_prefix_error(error, "%s: ", row->path);
	return FALSE;
}

gboolean
manifest_copy(int dir, const json_t *manifest, const struct manifest_copy *copy,
    int to, GError **error)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(manifest, "files"), i, item)
	{
		struct row row;

		if (json_unpack((json_t *)item, "[s, I, I, s]", &row.path,
			&row.bytes, &row.time, &row.digest) != 0 ||
		    !is_below(row.path))
			return err_set(error, DG_ERROR_BAD,
			    "%s is damaged in row %zu", MANIFEST_NAME, i + 1);
		if (!g_str_has_prefix(row.path, copy->from))
			continue;
		if (!copy_row(
			dir, &row, to, row.path + strlen(copy->from), error) ||
		    (copy->tell != NULL && !copy->tell(copy->self, error)))
			return FALSE;
	}
	return tree_sync(to, error);
}
