/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * After a restore.
 */
#include "tools/restored.h"

#include <errno.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "tools/traces.h"

#define MARK "restored.json"
#define MARK_MOST 4096

/* The mark; NULL without an error when there is none. */
static json_t *
read_mark(int state, GError **error)
{
	g_autoptr(GError) fault = NULL;
	g_autoptr(GBytes) bytes = file_read(state, MARK, MARK_MOST, &fault);
	json_t *mark;
	gsize length;
	const char *text;

	if (bytes == NULL) {
		if (!err_is(fault, DG_ERROR_NOTFOUND))
			g_propagate_error(error, g_steal_pointer(&fault));
		return NULL;
	}
	text = g_bytes_get_data(bytes, &length);
	mark = json_loadb(text != NULL ? text : "", length, 0, NULL);
	if (mark == NULL)
		err_set(error, DG_ERROR_BAD,
		    MARK " is damaged: restore the backup again");
	return mark;
}

static gboolean
end(struct keeper *keeper, int state, GError **error)
{
	const struct audit_act act = { .actor = "cli:restore",
		.act = "restore",
		.object = json_string_value(
		    json_object_get(keeper->restored, "made")) };

	if (!traces_remove(keeper, error) ||
	    !audit_add(keeper->audit, &act, error))
		return FALSE;
	if (unlinkat(state, MARK, 0) != 0)
		return err_errno(error, errno, "cannot remove " MARK);
	log_event(LOG_LEVEL_INFO, "restored", "made", act.object, NULL);
	return file_sync(state, error);
}

gboolean
restored_apply(struct keeper *keeper, GError **error)
{
	int state OWNED(file_close) = file_open_dir(keeper->paths.state, error);
	g_autoptr(GError) fault = NULL;
	json_t *mark = state < 0 ? NULL : read_mark(state, &fault);

	if (mark == NULL) {
		if (fault != NULL)
			g_propagate_error(error, g_steal_pointer(&fault));
		return state >= 0 && fault == NULL;
	}
	keeper->restored =
	    json_pack("{s:O}", "made", json_object_get(mark, "made"));
	json_decref(mark);
	return end(keeper, state, error);
}
