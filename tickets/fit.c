/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files by their size.  What is shown within the HTML goes like the rest: its
 * place there is told by its alternative text.
 */
#include "tickets/fit.h"

static void
list_file(GString *lines, const struct ticket_file *file, guint64 most)
{
	g_autofree char *size = g_format_size(g_bytes_get_size(file->bytes));
	g_autofree char *limit = g_format_size(most);

	g_string_append_printf(lines,
	    "%s[Left out: %s (%s, %s): the help desk takes at most %s of "
	    "files. The message is kept as it came for a time.]",
	    lines->len > 0 ? "\n" : "", file->name, file->type, size, limit);
}

guint
fit_files(struct ticket *ticket, guint64 most)
{
	g_autoptr(GString) lines = g_string_new(NULL);
	guint64 sum = 0;
	guint left_out = 0;

	for (guint i = 0; i < ticket->files->len;) {
		const struct ticket_file *file = ticket->files->pdata[i];
		gsize size = g_bytes_get_size(file->bytes);

		if (size <= most - sum) {
			sum += size;
			i++;
			continue;
		}
		list_file(lines, file, most);
		g_ptr_array_remove_index(ticket->files, i);
		left_out++;
	}
	if (left_out > 0)
		ticket_add_lines(ticket, lines->str);
	return left_out;
}
