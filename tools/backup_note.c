/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is remembered of backups, in STATE/backup.json, so that it can be said
 * that the copy of the vault is older than the last erasure.  Erasures are
 * counted, not timed: clocks are set back, and receipts are never.
 */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tools/backup.h"

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
backup_erasures(struct keeper *keeper, json_int_t *count_r, GError **error)
{
	json_t *all = requests_list(keeper->requests, FALSE, error);
	const json_t *one;
	size_t i;

	*count_r = 0;
	json_array_foreach(all, i, one)
	{
		const char *kind =
		    json_string_value(json_object_get(one, "kind"));

		*count_r +=
		    g_strcmp0(kind, request_kind_word(REQUEST_ERASE)) == 0 &&
		    json_object_get(one, "compacted") != NULL;
	}
	json_decref(all);
	return all != NULL;
}

gboolean
backup_note(struct keeper *keeper, const struct backup_wish *wish,
    const char *made, json_int_t erasures, GError **error)
{
	int state OWNED(file_close) = file_open_dir(keeper->paths.state, error);
	json_t *note = json_pack("{s:s, s:s, s:s, s:I}", "made", made, "state",
	    wish->state, "vault", wish->vault, "erasures", erasures);
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
read_note(struct keeper *keeper, GError **error)
{
	int state OWNED(file_close) = file_open_dir(keeper->paths.state, error);
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
backup_known(struct keeper *keeper, GError **error)
{
	json_t *note = read_note(keeper, error);
	json_int_t erasures;

	if (note == NULL || !backup_erasures(keeper, &erasures, error)) {
		json_decref(note);
		return NULL;
	}
	json_object_set_new(note, "stale",
	    json_boolean(erasures > json_integer_value(
					json_object_get(note, "erasures"))));
	json_object_del(note, "erasures");
	return note;
}
