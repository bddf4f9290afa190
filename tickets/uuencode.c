/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A line of data begins with its count of bytes, then four characters stand for
 * three of them; blanks at its end are lost on the way now and then, and some
 * encoders add a character that sums it up.  No line of data looks like a
 * "begin", so a text is read once, whatever it holds.
 */
#include "tickets/uuencode.h"

#include <string.h>

#include "tickets/ticket.h"

static guint
value_of(char c)
{
	return ((guint)(guchar)c - ' ') & 63;
}

static const char *
after_line(const char *line)
{
	const char *feed = strchr(line, '\n');

	return feed != NULL ? feed + 1 : line + strlen(line);
}

static gsize
length_of(const char *line)
{
	return strcspn(line, "\r\n");
}

/* The name in "begin 644 name"; NULL: it is no such line. */
static char *
begin_name(const char *line)
{
	gsize length = length_of(line), digits;
	g_autofree char *name = NULL;

	if (!g_str_has_prefix(line, "begin "))
		return NULL;
	line += strlen("begin ");
	length -= strlen("begin ");
	digits = strspn(line, "01234567");
	if (digits < 3 || digits > 4 || line[digits] != ' ')
		return NULL;
	name = g_strndup(line + digits + 1, length - digits - 1);
	g_strstrip(name);
	return *name != '\0' ? g_steal_pointer(&name) : NULL;
}

static gboolean
is_end(const char *line)
{
	gsize length = length_of(line);

	while (length > 0 && line[length - 1] == ' ')
		length--;
	return length == 3 && strncmp(line, "end", 3) == 0;
}

/* The bytes of one line; FALSE when it is none of data. */
static gboolean
read_data(const char *line, GByteArray *bytes)
{
	gsize length = length_of(line);
	guint count = length > 0 ? value_of(*line) : 0;
	gsize wanted = ((gsize)count + 2) / 3 * 4;

	for (gsize i = 0; i < length; i++) {
		if (line[i] < ' ' || line[i] > '`')
			return FALSE;
	}
	while (length > wanted + 1 && line[length - 1] == ' ')
		length--;
	if (length > wanted + 2)
		return FALSE;
	for (gsize i = 0; i < count; i++) {
		gsize at = 1 + i / 3 * 4 + i % 3;
		guint high = at < length ? value_of(line[at]) : 0;
		guint low = at + 1 < length ? value_of(line[at + 1]) : 0;
		guint shift = 2 * ((guint)(i % 3) + 1);
		guint8 byte = (guint8)(high << shift | low >> (6 - shift));

		g_byte_array_append(bytes, &byte, 1);
	}
	return TRUE;
}

/* What stands behind the file that begins at `line`, or NULL: none does that
 * has at most `most` bytes. */
static const char *
read_file(const char *line, gsize most, GPtrArray *files)
{
	g_autofree char *name = begin_name(line);
	g_autoptr(GByteArray) array = NULL;
	g_autoptr(GBytes) bytes = NULL;

	if (name == NULL)
		return NULL;
	array = g_byte_array_new();
	for (line = after_line(line); !is_end(line); line = after_line(line)) {
		if (*line == '\0' || array->len > most ||
		    !read_data(line, array))
			return NULL;
	}
	if (array->len == 0 || array->len > most)
		return NULL;
	bytes = g_byte_array_free_to_bytes(g_steal_pointer(&array));
	g_ptr_array_add(files, ticket_file_new(name, NULL, bytes));
	return after_line(line);
}

char *
uuencode_take(const char *text, gsize most, GPtrArray *files)
{
	g_autoptr(GString) rest = g_string_new(NULL);
	guint found = 0;

	while (*text != '\0') {
		const char *next = found < UUENCODE_FILES_MOST
				       ? read_file(text, most, files)
				       : NULL;

		if (next != NULL) {
			const struct ticket_file *file =
			    files->pdata[files->len - 1];

			most -= g_bytes_get_size(file->bytes);
			found++;
		} else {
			next = after_line(text);
			g_string_append_len(rest, text, next - text);
		}
		text = next;
	}
	return found > 0 ? g_strdup(rest->str) : NULL;
}
