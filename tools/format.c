/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether this program may touch what is kept.
 */
#include "tools/format.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/file.h"

#define FORMAT_MOST 32
#define FIRST 1

gboolean
format_look(int key_dir, guint *format_r, GError **error)
{
	g_autoptr(GError) fault = NULL;
	g_autoptr(GBytes) bytes =
	    file_read(key_dir, FORMAT_NAME, FORMAT_MOST, &fault);
	g_autofree char *text = NULL;
	guint64 format = FIRST;
	gsize length;
	const char *data;

	*format_r = 0;
	if (bytes == NULL && err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	if (bytes == NULL) {
		g_propagate_error(error, g_steal_pointer(&fault));
		g_prefix_error(error, "KEYS/" FORMAT_NAME ": ");
		return FALSE;
	}
	data = g_bytes_get_data(bytes, &length);
	text = g_strndup(data, length);
	if (!g_ascii_string_to_unsigned(
		g_strchomp(text), 10, FIRST, G_MAXUINT, &format, NULL))
		return err_set(error, DG_ERROR_BAD,
		    "key-dir: %s is damaged: put it back from its backup, or "
		    "write %d to it when no newer Deskgate has run",
		    FORMAT_NAME, FORMAT_NOW);
	if (format > FORMAT_NOW)
		return err_set(error, DG_ERROR_BAD,
		    "a newer Deskgate has kept this state (format "
		    "%" PRIu64 ", this one knows up to %d): install "
		    "that version again, or restore a backup of before",
		    format, FORMAT_NOW);
	*format_r = (guint)format;
	return TRUE;
}

gboolean
format_keep(int key_dir, GError **error)
{
	static const char now[] = G_STRINGIFY(FORMAT_NOW) "\n";
	guint format;

	if (!format_look(key_dir, &format, error))
		return FALSE;
	/* Nothing that was older differs yet. */
	return format == FORMAT_NOW || file_replace(key_dir, FORMAT_NAME, now,
					   strlen(now), 0640, error);
}
