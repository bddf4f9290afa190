/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Collecting.  A buffer stands before the memory file: a header field is a few
 * dozen bytes, and a system call for each would cost more than all the rest.
 */
#include "milter/collect.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"

/* Most messages fit, and are written at once. */
#define BUFFER_BYTES (64 * 1024)

struct collect {
	gsize most;
	guint64 size;
	gsize header, body;
	GByteArray *buffer;
	int fd; /* -1 until the buffer was full once */
	gboolean over;
	GError *fault; /* the first */
};

struct collect *
collect_new(gsize most)
{
	struct collect *collect = g_new0(struct collect, 1);

	collect->most = most;
	collect->buffer = g_byte_array_new();
	collect->fd = -1;
	return collect;
}

static void
drop_bytes(struct collect *collect)
{
	g_byte_array_set_size(collect->buffer, 0);
	file_close(&collect->fd);
}

void
collect_free(struct collect **collect)
{
	if (*collect == NULL)
		return;
	file_close(&(*collect)->fd);
	g_byte_array_unref((*collect)->buffer);
	g_clear_error(&(*collect)->fault);
	g_clear_pointer(collect, g_free);
}

static gboolean
flush(struct collect *collect, GError **error)
{
	if (collect->fd < 0) {
		collect->fd =
		    memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		if (collect->fd < 0)
			return err_errno(error, errno, "memfd_create");
	}
	if (!file_write_all(collect->fd, collect->buffer->data,
		collect->buffer->len, error))
		return FALSE;
	g_byte_array_set_size(collect->buffer, 0);
	return TRUE;
}

static void
add(struct collect *collect, const void *data, gsize length)
{
	const guint8 *bytes = data;

	collect->size += length;
	if (!collect->over && collect->size > collect->most) {
		collect->over = TRUE;
		drop_bytes(collect);
	}
	while (!collect->over && collect->fault == NULL && length > 0) {
		gsize room = BUFFER_BYTES - collect->buffer->len;
		gsize piece = MIN(room, length);

		g_byte_array_append(collect->buffer, bytes, piece);
		bytes += piece;
		length -= piece;
		if (collect->buffer->len == BUFFER_BYTES &&
		    !flush(collect, &collect->fault))
			drop_bytes(collect);
	}
}

/* Folds come with LF, or with CRLF where the MTA does not change them.  A line
 * end that is no fold would end the header in the wrong place, so it is made
 * one. */
static void
add_value(struct collect *collect, const char *value)
{
	for (;;) {
		gsize line = strcspn(value, "\n");

		add(collect, value, line);
		if (value[line] == '\0')
			return;
		if (line == 0 || value[line - 1] != '\r')
			add(collect, "\r", 1);
		add(collect, "\n", 1);
		value += line + 1;
		if (*value != ' ' && *value != '\t')
			add(collect, " ", 1);
	}
}

void
collect_header(struct collect *collect, const char *name, const char *value,
    gboolean exact)
{
	add(collect, name, strlen(name));
	add(collect, ":", 1);
	if (!exact && value[0] != ' ' && value[0] != '\t')
		add(collect, " ", 1);
	add_value(collect, value);
	add(collect, "\r\n", 2);
	collect->header = collect->body = collect->size;
}

void
collect_end_header(struct collect *collect)
{
	collect->header = collect->size;
	add(collect, "\r\n", 2);
	collect->body = collect->size;
}

void
collect_body(struct collect *collect, const void *data, gsize length)
{
	add(collect, data, length);
}

guint64
collect_size(const struct collect *collect)
{
	return collect->size;
}

gboolean
collect_is_over(const struct collect *collect)
{
	return collect->over;
}

/* A private mapping: the seal allows no shared one, and nobody can change the
 * file. */
static gboolean
map_letter(struct letter *letter, GError **error)
{
	void *data;

	if (letter->length == 0)
		return TRUE;
	data =
	    mmap(NULL, letter->length, PROT_READ, MAP_PRIVATE, letter->fd, 0);
	if (data == MAP_FAILED)
		return err_errno(error, errno, "mmap");
	letter->data = data;
	return TRUE;
}

static gboolean
seal(int fd, GError **error)
{
	if (fcntl(fd, F_ADD_SEALS,
		F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
		return err_errno(error, errno, "F_ADD_SEALS");
	return TRUE;
}

gboolean
collect_finish(struct collect *collect, struct letter *letter_r, GError **error)
{
	*letter_r = (struct letter){ .fd = -1 };
	if (collect->over)
		return err_set(error, DG_ERROR_FULL,
		    "the message is larger than %" G_GSIZE_FORMAT " bytes",
		    collect->most);
	if (collect->fault == NULL && flush(collect, &collect->fault))
		seal(collect->fd, &collect->fault);
	if (collect->fault != NULL) {
		g_propagate_error(error, g_steal_pointer(&collect->fault));
		return FALSE;
	}
	letter_r->fd = collect->fd;
	collect->fd = -1;
	letter_r->length = collect->size;
	letter_r->header = collect->header;
	letter_r->body = collect->body;
	if (map_letter(letter_r, error))
		return TRUE;
	letter_clear(letter_r);
	return FALSE;
}

/* Finds the empty line; a message that begins with one has no header. */
static void
find_body(struct letter *letter)
{
	gsize at = 0;

	letter->header = letter->body = letter->length;
	while (at < letter->length) {
		const guint8 *line = letter->data + at;
		const guint8 *end = memchr(line, '\n', letter->length - at);
		gsize length =
		    end != NULL ? (gsize)(end - line) : letter->length - at;

		if (end != NULL &&
		    (length == 0 || (length == 1 && *line == '\r'))) {
			letter->header = at;
			letter->body = at + length + 1;
			return;
		}
		at += length + 1;
	}
}

gboolean
letter_from_bytes(
    const guint8 *data, gsize length, struct letter *letter_r, GError **error)
{
	*letter_r = (struct letter){ .length = length };
	letter_r->fd = file_memory("message", data, length, error);
	if (letter_r->fd >= 0 && map_letter(letter_r, error)) {
		find_body(letter_r);
		return TRUE;
	}
	letter_clear(letter_r);
	return FALSE;
}

void
letter_clear(struct letter *letter)
{
	if (letter->data != NULL)
		munmap((void *)letter->data, letter->length);
	file_close(&letter->fd);
	*letter = (struct letter){ .fd = -1 };
}
