/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What commands print.  All text passes through here, since names of files,
 * senders and subjects are written by strangers: control bytes, bidirectional
 * overrides and what is not UTF-8 come out as \xNN.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tools/cmd.h"

/* Prints text whose line ends and tabs are ours. */
static void
put_neutered(FILE *stream, const char *text)
{
	while (*text != '\0') {
		gsize length = strcspn(text, "\n\t");
		g_autofree char *piece = g_strndup(text, length);
		g_autofree char *safe = log_neuter(piece, G_MAXSIZE / 8);

		fputs(safe, stream);
		text += length;
		for (; *text == '\n' || *text == '\t'; text++)
			fputc(*text, stream);
	}
}

void
cmd_print(const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(translate(format), args);
	va_end(args);
	put_neutered(stdout, text);
}

void
cmd_complain(const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(translate(format), args);
	va_end(args);
	fflush(stdout);
	put_neutered(stderr, text);
	fputc('\n', stderr);
}

void
cmd_json_line(json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	if (text != NULL) {
		g_autofree char *safe = log_neuter_json(text);

		puts(safe);
	}
	free(text);
	json_decref(value);
}

int
cmd_pour(int fd)
{
	int owned OWNED(file_close) = fd;
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = file_read_fd(owned, G_MAXSSIZE, &error);
	gsize length;
	gconstpointer data;

	fflush(stdout);
	if (bytes == NULL)
		return cmd_fail(error);
	data = g_bytes_get_data(bytes, &length);
	if (!file_write_all(STDOUT_FILENO, data, length, &error))
		return cmd_fail(error);
	return EX_OK;
}

/* The standard stream that it is a name of, or -1. */
static int
standard_stream(const struct stat *named)
{
	struct stat status;

	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fstat(fd, &status) == 0 && status.st_dev == named->st_dev &&
		    status.st_ino == named->st_ino)
			return fd;
	}
	return -1;
}

static gboolean
write_onto(
    int fd, const char *path, const void *data, gsize length, GError **error)
{
	if (file_write_all(fd, data, length, error))
		return TRUE;
	g_prefix_error(error, "%s: ", path);
	return FALSE;
}

static gboolean
write_anew(const char *path, const void *data, gsize length, mode_t mode,
    GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	int dir OWNED(file_close) = file_open_dir(folder, error);

	return dir >= 0 && file_replace(dir, name, data, length, mode, error);
}

gboolean
cmd_write(const char *path, const void *data, gsize length, mode_t mode,
    GError **error)
{
	gboolean there;
	struct stat status;
	int opened OWNED(file_close) = -1, stream;

	fflush(stdout);
	there = stat(path, &status) == 0;
	stream = there ? standard_stream(&status) : -1;
	if (stream >= 0)
		return write_onto(stream, path, data, length, error);
	if (!there || S_ISREG(status.st_mode))
		return write_anew(path, data, length, mode, error);
	opened = open(path, O_WRONLY | O_CLOEXEC);
	if (opened < 0)
		return err_errno(error, errno, "%s: cannot write it", path);
	return write_onto(opened, path, data, length, error);
}

void
cmd_progress(const struct cmd_context *context, guint count)
{
	if (context->json || !isatty(STDERR_FILENO))
		return;
	if (count == 0)
		fputs("\r\033[K", stderr);
	else if (count % 16 == 0) {
		fputs("\r", stderr);
		fprintf(stderr, translate("%u messages"), count);
	}
}

#define BAR 40

static void
fill_bar(char bar[static BAR + 1], double share)
{
	memset(bar, '.', BAR);
	memset(bar, '#', (gsize)(CLAMP(share, 0, 1) * BAR));
	bar[BAR] = '\0';
}

void
cmd_progress_of(const struct cmd_context *context, guint count, guint all)
{
	char bar[BAR + 1];

	if (all == 0 || count == 0) {
		cmd_progress(context, count);
		return;
	}
	if (context->json || !isatty(STDERR_FILENO) ||
	    (count % 16 != 0 && count != all))
		return;
	fill_bar(bar, (double)count / all);
	fprintf(stderr, "\r[%s] ", bar);
	fprintf(stderr, translate("%u of %u messages"), count, all);
}

void
cmd_progress_share(const struct cmd_context *context, guint count, double share)
{
	char bar[BAR + 1];

	if (context->json || !isatty(STDERR_FILENO) ||
	    (count % 16 != 0 && share < 1))
		return;
	fill_bar(bar, share);
	fprintf(stderr, "\r[%s] ", bar);
	fprintf(stderr, translate("%u messages"), count);
}

struct cmd_list {
	gboolean plain;
	guint columns;
	GPtrArray *cells; /* char *, row by row; the heads first unless plain */
	glong *widths;
};

static void
add_row(struct cmd_list *list, const char *const *cells)
{
	for (guint i = 0; i < list->columns; i++) {
		g_autofree char *flat =
		    g_strdup(cells[i] != NULL ? cells[i] : "");
		char *safe = log_neuter(g_strdelimit(flat, "\t\n", ' '), 65536);
		glong width = g_utf8_strlen(safe, -1);

		g_ptr_array_add(list->cells, safe);
		list->widths[i] = MAX(list->widths[i], width);
	}
}

struct cmd_list *
cmd_list_new(gboolean plain, const char *const *heads)
{
	struct cmd_list *list = g_new0(struct cmd_list, 1);

	list->plain = plain;
	list->columns = g_strv_length((char **)heads);
	list->cells = g_ptr_array_new_with_free_func(g_free);
	list->widths = g_new0(glong, list->columns);
	if (!plain) {
		g_autofree const char **translated =
		    g_new(const char *, list->columns);

		for (guint i = 0; i < list->columns; i++)
			translated[i] = translate(heads[i]);
		add_row(list, translated);
	}
	return list;
}

void
cmd_list_add(struct cmd_list *list, const char *const *cells)
{
	add_row(list, cells);
}

/* Columns of the terminal; without one, lines are not cut. */
static glong
screen_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) ||
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 40)
		return G_MAXLONG;
	return size.ws_col;
}

static void
print_row(const struct cmd_list *list, guint first, glong room)
{
	for (guint i = 0; i < list->columns; i++) {
		const char *cell = list->cells->pdata[first + i];
		gboolean last = i + 1 == list->columns;
		glong length = g_utf8_strlen(cell, -1);

		if (list->plain) {
			printf("%s%s", cell, last ? "\n" : "\t");
		} else if (!last) {
			printf("%s%*s", cell,
			    (int)(list->widths[i] - length + 2), "");
			room -= list->widths[i] + 2;
		} else if (length > MAX(room, 8)) {
			g_autofree char *cut =
			    g_utf8_substring(cell, 0, MAX(room, 8) - 1);

			printf("%s…\n", cut);
		} else {
			printf("%s\n", cell);
		}
	}
}

void
cmd_list_end(struct cmd_list **list, const char *none)
{
	guint heads = (*list)->plain ? 0 : (*list)->columns;
	glong room = screen_width();

	if (!(*list)->plain && (*list)->cells->len == heads)
		printf("%s\n", translate(none));
	else
		for (guint i = 0; i < (*list)->cells->len;
		     i += (*list)->columns)
			print_row(*list, i, room);
	g_ptr_array_unref((*list)->cells);
	g_free((*list)->widths);
	g_clear_pointer(list, g_free);
}
