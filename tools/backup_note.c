/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is remembered of backups, in STATE/backup.json, so that it can be said
 * that the copy of the vault is older than what it would undo.  That is
 * counted, not timed: clocks are set back.
 */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tools/backup.h"
#include "tools/changes.h"

#define NAME "backup.json"
#define NOTE_MOST 65536

void
backup_installation(const struct secret *ledger_key, char text_r[IDENT_TEXT])
{
	struct seal_digest *digest = seal_digest_new(
	    secret_data(ledger_key), secret_length(ledger_key), "installation");
	struct ident ident;

	seal_digest_end(&digest, ident.bytes, IDENT_BYTES);
	ident_text(&ident, text_r);
}

gboolean
backup_note(struct keeper *keeper, const struct backup_wish *wish,
    const char *made, gint64 changes, GError **error)
{
	int state OWNED(file_close) = file_open_dir(keeper->paths.state, error);
	json_t *note = json_pack("{s:s, s:s, s:s, s:I}", "made", made, "state",
	    wish->state, "vault", wish->vault, "changes", (json_int_t)changes);
	char *text = note == NULL ? NULL : json_dumps(note, JSON_COMPACT);
	gboolean written = FALSE;

	if (text == NULL)
		err_set(error, DG_ERROR_BAD, "a folder's name is no UTF-8");
	else if (state >= 0)
		written =
		    file_replace(state, NAME, text, strlen(text), 0600, error);
	free(text);
	json_decref(note);
	return written;
}

static json_t *
read_note(const struct paths *paths, GError **error)
{
	int state OWNED(file_close) = file_open_dir(paths->state, error);
	g_autoptr(GError) fault = NULL;
	g_autoptr(GBytes) bytes = NULL;
	json_t *note;
	gsize length;
	const char *text;

	if (state < 0)
		return NULL;
	bytes = file_read(state, NAME, NOTE_MOST, &fault);
	if (bytes == NULL && !err_is(fault, DG_ERROR_NOTFOUND)) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return NULL;
	}
	text = bytes == NULL ? "{}" : g_bytes_get_data(bytes, NULL);
	length = bytes == NULL ? 2 : g_bytes_get_size(bytes);
	note = json_loadb(text, length, 0, NULL);
	/* A damaged one is as good as none. */
	return json_is_object(note) ? note : json_object();
}

json_t *
backup_known(const struct paths *paths, GError **error)
{
	int keys OWNED(file_close) = file_open_dir(paths->keys, error);
	json_t *note = keys < 0 ? NULL : read_note(paths, error);
	gint64 changes;

	if (note == NULL || !changes_count(keys, &changes, error)) {
		json_decref(note);
		return NULL;
	}
	json_object_set_new(note, "stale",
	    json_boolean(changes >
			 json_integer_value(json_object_get(note, "changes"))));
	json_object_del(note, "changes");
	return note;
}
