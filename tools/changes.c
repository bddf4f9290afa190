/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The count of what an older copy would undo.
 */
#include "tools/changes.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

#define MOST 4096

gboolean
changes_count(int keys, gint64 *count_r, GError **error)
{
	g_autoptr(GError) fault = NULL;
	g_autoptr(GBytes) bytes = file_read(keys, CHANGES_NAME, MOST, &fault);
	json_t *whole;

	*count_r = 0;
	if (bytes == NULL && err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	if (bytes == NULL) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	whole = g_bytes_get_size(bytes) == 0
		    ? NULL
		    : json_loadb(g_bytes_get_data(bytes, NULL),
			  g_bytes_get_size(bytes), 0, NULL);
	*count_r = json_integer_value(json_object_get(whole, "count"));
	json_decref(whole);
	/* A damaged one holds up no erasure: it is higher than any that was
	 * counted. */
	if (*count_r <= 0)
		*count_r = clock_wall(&clock_system) / G_USEC_PER_SEC;
	return TRUE;
}

static gboolean
count_on(int keys, GError **error)
{
	g_autofree char *text = NULL;
	gint64 count;

	if (!changes_count(keys, &count, error))
		return FALSE;
	text = g_strdup_printf("{\"count\":%" PRId64 "}\n", count + 1);
	return file_replace(
	    keys, CHANGES_NAME, text, strlen(text), 0600, error);
}

gboolean
changes_add(struct keeper *keeper, GError **error)
{
	int keys OWNED(file_close) = file_open_dir(keeper->paths.keys, error);
	gboolean good;

	if (keys < 0)
		return FALSE;
	pthread_mutex_lock(&keeper->counting);
	good = count_on(keys, error);
	pthread_mutex_unlock(&keeper->counting);
	return good;
}
