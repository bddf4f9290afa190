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
#include "tools/maildir.h"

/* Folders in folders: as deep as any Maildir++ tree, and no endless loop. */
#define DEPTH_MOST 32

/* A file to read. */
struct item {
	char *path;
	gboolean found; /* in a folder */
	guint64 size;   /* 0: not known */
};

struct source {
	GQueue files; /* struct item *, still to be read, in order */
	gsize max;
	gboolean kept;             /* without what is trashed or a draft */
	guint left;                /* those */
	gboolean endless;          /* the size of one is not known */
	guint64 bytes, bytes_done; /* of all, and of those that are read */
	FILE *stream;              /* the mbox being read, or NULL */
	struct item *item;
	gboolean dated; /* its first "From " line has a date */
	guint count;    /* messages of it so far */
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

/* What a folder has that is not to be read. */
static gboolean
skipped(struct source *source, const char *folder, gboolean maildir,
    const char *name)
{
	if (name[0] == '.' || (maildir && !maildir_has(folder, name)))
		return TRUE;
	if (!source->kept || !maildir_left(folder, name))
		return FALSE;
	source->left++;
	return TRUE;
}

static struct item *
item_new(const char *path, gboolean found)
{
	struct item *item = g_new0(struct item, 1);

	*item = (struct item){ g_strdup(path), found, 0 };
	return item;
}

/* Of what is no file (it is refused, or a pipe) the size is not known. */
static void
add_item(struct source *source, const char *path, gboolean found)
{
	struct item *item = item_new(path, found);
	struct stat status;

	if (strcmp(path, "-") != 0 && stat(path, &status) == 0 &&
	    S_ISREG(status.st_mode))
		item->size = (guint64)status.st_size;
	else if (!found)
		source->endless = TRUE;
	source->bytes += item->size;
	g_queue_push_tail(&source->files, item);
}

static void
item_free(gpointer data)
{
	struct item *item = data;

	if (item == NULL)
		return;
	g_free(item->path);
	g_free(item);
}

static gboolean
is_link(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
}

/* Adds a file, or all files below a folder in order of name. */
static void
add_path(struct source *source, const char *path, guint depth)
{
	g_autoptr(GPtrArray) names = NULL;
	GDir *dir = depth < DEPTH_MOST && (depth == 0 || !is_link(path))
			? g_dir_open(path, 0, NULL)
			: NULL;
	gboolean maildir;
	const char *name;

	if (dir == NULL) {
		add_item(source, path, depth > 0);
		return;
	}
	maildir = maildir_is(path);
	names = g_ptr_array_new_with_free_func(g_free);
	while ((name = g_dir_read_name(dir)) != NULL) {
		if (!skipped(source, path, maildir, name))
			g_ptr_array_add(
			    names, g_build_filename(path, name, NULL));
	}
	g_dir_close(dir);
	g_ptr_array_sort(names, by_name);
	for (guint i = 0; i < names->len; i++)
		add_path(source, names->pdata[i], depth + 1);
}

static struct source *
open_source(char **paths, gsize max, gboolean kept)
{
	struct source *source = g_new0(struct source, 1);

	g_queue_init(&source->files);
	source->max = max;
	source->kept = kept;
	source->line_length = -1;
	for (; *paths != NULL; paths++)
		add_path(source, *paths, 0);
	return source;
}

struct source *
source_open(char **paths, gsize max)
{
	return open_source(paths, max, FALSE);
}

struct source *
source_open_kept(char **paths, gsize max)
{
	return open_source(paths, max, TRUE);
}

guint
source_left(const struct source *source)
{
	return source->left;
}

double
source_share(const struct source *source)
{
	guint64 done = source->bytes_done;

	if (source->endless || source->bytes == 0)
		return -1;
	/* One may have grown since. */
	if (source->stream != NULL)
		done += MIN(source->offset, source->item->size);
	return (double)done / (double)source->bytes;
}

static void
end_stream(struct source *source)
{
	if (source->stream != NULL && source->stream != stdin)
		fclose(source->stream);
	source->stream = NULL;
	if (source->item != NULL)
		source->bytes_done += source->item->size;
	g_clear_pointer(&source->item, item_free);
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
	g_queue_clear_full(&(*source)->files, item_free);
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

static gboolean
are_digits(const char *text, gsize count)
{
	for (gsize i = 0; i < count; i++)
		if (!g_ascii_isdigit(text[i]))
			return FALSE;
	return !g_ascii_isdigit(text[count]);
}

/* "From a@example.org Mon Nov  2 10:00:00 2026", with or without seconds, a
 * zone, more behind it: a time of day and a year. */
static gboolean
has_date(const char *line)
{
	const char *colon = strchr(line, ':');
	gboolean year = FALSE;

	while (colon != NULL &&
	       !(g_ascii_isdigit(colon[-1]) && are_digits(colon + 1, 2)))
		colon = strchr(colon + 1, ':');
	for (const char *at = line; colon != NULL && !year && *at != '\0'; at++)
		year = *at == ' ' && (at[1] == '1' || at[1] == '2') &&
		       are_digits(at + 1, 4);
	return year;
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
	       !(mbox && empty && is_from_line(source) &&
		   (!source->dated || has_date(source->line)))) {
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
	source->last = (struct source_place){ g_strdup(source->item->path),
		source->item->found, source->offset - source->line_length,
		source->count };
	*name_r = shown(source->item->path);
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
		    "the message is larger than %zu bytes", source->max);
	*message_r = g_byte_array_free_to_bytes(g_steal_pointer(&message));
	return TRUE;
}

/* Why it is not read, or NULL. */
static const char *
refusal(mode_t mode, gboolean found)
{
	if (S_ISDIR(mode))
		return "a folder that is nested too deeply";
	/* One without an end would be read for ever. */
	if (S_ISCHR(mode) || S_ISBLK(mode))
		return "a device, and no file";
	return found && !S_ISREG(mode) ? "no file" : NULL;
}

/* A descriptor, or -1. */
static int
open_file(const struct item *item, GError **error)
{
	int fd OWNED(file_close) =
	    open(item->path, O_RDONLY | O_CLOEXEC | O_NOCTTY |
				 (item->found ? O_NOFOLLOW | O_NONBLOCK : 0));
	struct stat status;
	const char *why = NULL;

	if (fd < 0 && errno == ELOOP && item->found)
		why = "a link, which is not followed in a folder: name it "
		      "yourself";
	else if (fd < 0 || fstat(fd, &status) != 0)
		err_errno(error, errno, "cannot open it");
	else
		why = refusal(status.st_mode, item->found);
	if (why != NULL)
		err_set(error, DG_ERROR_BAD, "%s", why);
	return why == NULL ? g_steal_fd(&fd) : -1;
}

/* Opens the next file and reads its first line; FALSE when it cannot be.  Takes
 * the item. */
static gboolean
open_stream(struct source *source, struct item *item, GError **error)
{
	int fd;

	source->item = item;
	if (strcmp(item->path, "-") == 0) {
		source->stream = stdin;
	} else {
		fd = open_file(item, error);
		if (fd < 0)
			return FALSE;
		source->stream = fdopen(fd, "r");
		g_assert(source->stream != NULL); /* out of memory */
	}
	source->offset = 0;
	read_line(source);
	source->dated = is_from_line(source) && has_date(source->line);
	return TRUE;
}

gboolean
source_next(
    struct source *source, GBytes **message_r, char **name_r, GError **error)
{
	*message_r = NULL;
	*name_r = NULL;
	while (source->stream == NULL) {
		struct item *item = g_queue_pop_head(&source->files);

		if (item == NULL)
			return FALSE;
		if (!open_stream(source, item, error)) {
			*name_r = shown(item->path);
			end_stream(source);
			return FALSE;
		}
		if (source->line_length < 0) {
			*name_r = shown(item->path);
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
	if (open_stream(source, item_new(place->path, place->found), error) &&
	    seek(source, place, error))
		return next_of_stream(source, message_r, name_r, error);
	*name_r = shown(place->path);
	return FALSE;
}
