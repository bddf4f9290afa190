/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages from files, folders, mboxes and standard input, one at a time, so
 * that an mbox of many gigabytes needs no more memory than its largest message.
 */
#include "tools/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

/* Folders in folders: as deep as any Maildir++ tree, and no endless loop. */
#define DEPTH_MOST 32

struct source {
	GQueue files; /* char *, still to be read, in order */
	gsize max;
	FILE *stream; /* the mbox being read, or NULL */
	char *stream_name;
	guint count; /* messages of it so far */
	char *line;
	size_t line_room;
	gssize line_length;       /* of the line read ahead, or -1 */
	guint64 offset;           /* behind that line */
	struct source_place last; /* of the message that was given */
};

static gint
by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A Maildir's tmp/ holds messages that are not there yet. */
static gboolean
skipped(const char *folder, const char *name)
{
	g_autofree char *cur = NULL;

	if (name[0] == '.')
		return TRUE;
	if (strcmp(name, "tmp") != 0)
		return FALSE;
	cur = g_build_filename(folder, "cur", NULL);
	return g_file_test(cur, G_FILE_TEST_IS_DIR);
}

/* Adds a file, or all files below a folder in order of name. */
static void
add_path(struct source *source, const char *path, guint depth)
{
	g_autoptr(GPtrArray) names = NULL;
	GDir *dir = depth < DEPTH_MOST ? g_dir_open(path, 0, NULL) : NULL;
	const char *name;

	if (dir == NULL) {
		g_queue_push_tail(&source->files, g_strdup(path));
		return;
	}
	names = g_ptr_array_new_with_free_func(g_free);
	while ((name = g_dir_read_name(dir)) != NULL) {
		if (!skipped(path, name))
			g_ptr_array_add(
			    names, g_build_filename(path, name, NULL));
	}
	g_dir_close(dir);
	g_ptr_array_sort(names, by_name);
	for (guint i = 0; i < names->len; i++)
		add_path(source, names->pdata[i], depth + 1);
}

struct source *
source_open(char **paths, gsize max)
{
	struct source *source = g_new0(struct source, 1);

	g_queue_init(&source->files);
	source->max = max;
	source->line_length = -1;
	for (; *paths != NULL; paths++)
		add_path(source, *paths, 0);
	return source;
}

static void
end_stream(struct source *source)
{
	if (source->stream != NULL && source->stream != stdin)
		fclose(source->stream);
	source->stream = NULL;
	g_clear_pointer(&source->stream_name, g_free);
	source->count = 0;
	source->line_length = -1;
}

void
source_close(struct source **source)
{
	if (*source == NULL)
		return;
	end_stream(*source);
	g_free((*source)->last.path);
	g_queue_clear_full(&(*source)->files, g_free);
	free((*source)->line);
	g_clear_pointer(source, g_free);
}

static void
read_line(struct source *source)
{
	source->line_length =
	    getline(&source->line, &source->line_room, source->stream);
	if (source->line_length > 0)
		source->offset += source->line_length;
}

static gboolean
is_from_line(const struct source *source)
{
	return source->line_length >= 5 &&
	       memcmp(source->line, "From ", 5) == 0;
}

/* ">From " and ">>From " lose one ">". */
static gboolean
is_quoted_from(const struct source *source)
{
	const char *at = source->line;

	while (*at == '>')
		at++;
	return at > source->line && strncmp(at, "From ", 5) == 0;
}

/* Reads up to the next "From " line behind an empty one, or to the end. */
static gboolean
read_message(struct source *source, gboolean mbox, GByteArray *message)
{
	gboolean empty = FALSE, fits = TRUE;

	while (source->line_length >= 0 &&
	       !(mbox && empty && is_from_line(source))) {
		gsize skip = mbox && is_quoted_from(source) ? 1 : 0;

		empty = strcmp(source->line, "\n") == 0 ||
			strcmp(source->line, "\r\n") == 0;
		fits = fits &&
		       message->len + (gsize)source->line_length <= source->max;
		if (fits)
			g_byte_array_append(message,
			    (guint8 *)source->line + skip,
			    source->line_length - skip);
		read_line(source);
	}
	return fits;
}

/* Names of files may be any bytes; what is shown of them is UTF-8. */
static char *
shown(const char *path)
{
	return g_utf8_make_valid(path, -1);
}

static gboolean
next_of_stream(
    struct source *source, GBytes **message_r, char **name_r, GError **error)
{
	g_autoptr(GByteArray) message = g_byte_array_new();
	gboolean mbox = is_from_line(source), fits;

	source->count++;
	g_free(source->last.path);
	source->last = (struct source_place){ g_strdup(source->stream_name),
		source->offset - source->line_length, source->count };
	*name_r = shown(source->stream_name);
	if (mbox) {
		g_autofree char *path = *name_r;

		*name_r = g_strdup_printf("%s:%u", path, source->count);
	}
	if (mbox)
		read_line(source);
	fits = read_message(source, mbox, message);
	if (source->line_length < 0)
		end_stream(source);
	if (!fits)
		return err_set(error, DG_ERROR_FULL,
		    "the message is larger than %" G_GSIZE_FORMAT " bytes",
		    source->max);
	*message_r = g_byte_array_free_to_bytes(g_steal_pointer(&message));
	return TRUE;
}

/* Opens the next file and reads its first line; FALSE when it cannot be. */
static gboolean
open_stream(struct source *source, char *path, GError **error)
{
	struct stat status;

	source->stream_name = path;
	if (strcmp(path, "-") == 0) {
		source->stream = stdin;
	} else {
		source->stream = fopen(path, "re");
		if (source->stream == NULL)
			return err_errno(error, errno, "cannot open it");
		if (fstat(fileno(source->stream), &status) == 0 &&
		    S_ISDIR(status.st_mode))
			return err_set(error, DG_ERROR_BAD,
			    "a folder that is nested too deeply");
		/* One without an end would be read for ever. */
		if (fstat(fileno(source->stream), &status) == 0 &&
		    (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)))
			return err_set(
			    error, DG_ERROR_BAD, "a device, and no file");
	}
	source->offset = 0;
	read_line(source);
	return TRUE;
}

gboolean
source_next(
    struct source *source, GBytes **message_r, char **name_r, GError **error)
{
	*message_r = NULL;
	*name_r = NULL;
	while (source->stream == NULL) {
		char *path = g_queue_pop_head(&source->files);

		if (path == NULL)
			return FALSE;
		if (!open_stream(source, path, error)) {
			*name_r = shown(path);
			end_stream(source);
			return FALSE;
		}
		if (source->line_length < 0) {
			*name_r = shown(path);
			end_stream(source);
			return err_set(error, DG_ERROR_BAD, "it is empty");
		}
	}
	return next_of_stream(source, message_r, name_r, error);
}

void
source_where(const struct source *source, struct source_place *place_r)
{
	*place_r = source->last;
	place_r->path = g_strdup(source->last.path);
}

/* Goes to where the message begins; what was read ahead is dropped. */
static gboolean
seek(struct source *source, const struct source_place *place, GError **error)
{
	if (fseeko(source->stream, (off_t)place->offset, SEEK_SET) != 0)
		return err_errno(error, errno, "cannot be read again");
	source->offset = place->offset;
	source->count = place->count - 1;
	read_line(source);
	return source->line_length >= 0 ||
	       err_set(error, DG_ERROR_BAD, "it has become shorter");
}

gboolean
source_read(const struct source_place *place, gsize max, GBytes **message_r,
    char **name_r, GError **error)
{
	char *none[] = { NULL };
	struct source *source OWNED(source_close) = source_open(none, max);

	*message_r = NULL;
	*name_r = NULL;
	if (open_stream(source, g_strdup(place->path), error) &&
	    seek(source, place, error))
		return next_of_stream(source, message_r, name_r, error);
	*name_r = shown(place->path);
	return FALSE;
}
