/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing the audit trail; audit_read.c reads it, audit_cut.c lets old lines
 * go.
 *
 * One write(2) of a whole line, then fsync: a line is there or it is not.  The
 * first line of a file has "prev" too, the chain before it, so that a file can
 * be checked when older ones are past their time.
 *
 * After a write that failed the file's end is unknown: nothing more is added
 * until the next start has looked at it (the first error sticks).
 */
#include "lib/privacy/audit_private.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"

/* What stands after the last line's end was never confirmed, and goes; unless
 * it is what damage left of lines that were, which are kept as one that is
 * none. */
static gboolean
mend_tail(struct audit *audit, GBytes *bytes, GError **error)
{
	gsize length = g_bytes_get_size(bytes), end = length;
	const char *data = g_bytes_get_data(bytes, NULL);
	gboolean mended;

	while (end > 0 && data[end - 1] != '\n')
		end--;
	if (end == length)
		return TRUE;
	if (audit_is_torn(data + end, length - end)) {
		log_event(LOG_LEVEL_WARN, "audit-cut-line", "file", audit->name,
		    NULL);
		mended = ftruncate(audit->file, (off_t)end) == 0 ||
			 err_errno(error, errno, "audit: truncate");
	} else {
		mended = file_write_all(audit->file, "\n", 1, error);
	}
	return mended && file_sync(audit->file, error);
}

/* Where the chain stands, from the file's last sound line; answers whether
 * there is anything in it. */
static gboolean
take_head(struct audit *audit, GBytes *bytes)
{
	struct audit_walk walk;
	struct audit_line line;
	guint damaged = 0;

	audit_walk_begin(&walk, bytes);
	while (audit_walk_sound(&walk, &line, &damaged)) {
		audit->seq = line.seq;
		memcpy(audit->chain, line.chain, sizeof(audit->chain));
		audit_line_clear(&line);
	}
	if (damaged > 0)
		log_event(LOG_LEVEL_ERROR, "audit-damaged", "file", audit->name,
		    "text", "see deskgate audit --verify", NULL);
	return audit->seq > 0 || damaged > 0;
}

gboolean
audit_open_file(struct audit *audit, const char *name, GError **error)
{
	file_close(&audit->file);
	g_free(audit->name);
	audit->name = g_strdup(name);
	audit->file = openat(audit->dir, name,
	    O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (audit->file < 0)
		return err_errno(error, errno, "audit: %s", name);
	/* The name must last as long as what is written under it. */
	return file_sync(audit->dir, error);
}

/* FALSE with *error unset: it had no sound line; with none at all it is gone.
 */
static gboolean
open_last(struct audit *audit, const char *name, GError **error)
{
	g_autoptr(GBytes) bytes = NULL;
	gboolean any;

	if (!audit_open_file(audit, name, error))
		return FALSE;
	bytes = file_read_fd(audit->file, AUDIT_FILE_MOST, error);
	if (bytes == NULL || !mend_tail(audit, bytes, error))
		return FALSE;
	g_bytes_unref(bytes);
	bytes = file_read_fd(audit->file, AUDIT_FILE_MOST, error);
	if (bytes == NULL)
		return FALSE;
	any = take_head(audit, bytes);
	if (audit->seq > 0)
		return TRUE;
	file_close(&audit->file);
	g_clear_pointer(&audit->name, g_free);
	if (!any && unlinkat(audit->dir, name, 0) < 0)
		err_errno(error, errno, "audit: remove");
	return FALSE;
}

/* A file that was made and not written to yet says nothing of the chain: then
 * the one before it does. */
static gboolean
open_newest(struct audit *audit, GError **error)
{
	g_autoptr(GPtrArray) names = audit_files(audit, error);

	for (guint i = names == NULL ? 0 : names->len; i > 0; i--) {
		g_autoptr(GError) fault = NULL;

		if (open_last(audit, names->pdata[i - 1], &fault))
			return TRUE;
		if (fault != NULL) {
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
	}
	return names != NULL;
}

struct audit *
audit_open(const char *folder, const struct secret *key,
    const struct clock *clock, GError **error)
{
	struct audit *audit = g_new0(struct audit, 1);
	struct seal_digest *digest =
	    seal_digest_new(secret_data(key), secret_length(key), "audit-key");
	guint8 derived[SEAL_KEY_BYTES];

	seal_digest_end(&digest, derived, sizeof(derived));
	audit->key = secret_new(derived, sizeof(derived));
	explicit_bzero(derived, sizeof(derived));
	audit->clock = clock;
	audit->file = -1;
	g_strlcpy(audit->chain, AUDIT_NO_CHAIN, sizeof(audit->chain));
	pthread_mutex_init(&audit->lock, NULL);
	audit->dir = file_open_dir(folder, error);
	if (audit->dir < 0 || !open_newest(audit, error))
		audit_close(&audit);
	return audit;
}

void
audit_close(struct audit **address)
{
	struct audit *audit = *address;

	if (audit == NULL)
		return;
	file_close(&audit->file);
	file_close(&audit->dir);
	secret_free(&audit->key);
	pthread_mutex_destroy(&audit->lock);
	g_free(audit->name);
	g_clear_pointer(address, g_free);
}

/* --- adding --- */

static gboolean
is_member(const char *text)
{
	gsize length = text == NULL ? 0 : strlen(text);

	for (gsize i = 0; i < length; i++)
		if (!g_ascii_isprint(text[i]) || text[i] == '@')
			return FALSE;
	return text == NULL || (length > 0 && length <= AUDIT_TEXT_MOST);
}

/* The month's file, opened when it is not the one that is open. */
static gboolean
turn_month(
    struct audit *audit, const char *time, gboolean *turned_r, GError **error)
{
	g_autofree char *name = g_strdup_printf("%.7s.log", time);

	/* A clock that was set back must not write into an older file. */
	*turned_r = audit->name == NULL || strcmp(name, audit->name) > 0;
	return !*turned_r || audit_open_file(audit, name, error);
}

char *
audit_line_text(const struct audit_line *line, const char *before)
{
	json_t *object = audit_line_json(line);
	char *text;

	if (before != NULL)
		json_object_set_new(object, "prev", json_string(before));
	json_object_set_new(object, "chain", json_string(line->chain));
	text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	g_assert(text != NULL);
	return text;
}

static gboolean
append(struct audit *audit, const char *text, GError **error)
{
	g_autofree char *whole = g_strconcat(text, "\n", NULL);

	audit->broken =
	    !file_write_all(audit->file, whole, strlen(whole), error) ||
	    !file_sync(audit->file, error);
	return !audit->broken;
}

gboolean
audit_add_locked(
    struct audit *audit, const struct audit_act *act, GError **error)
{
	g_autofree char *time = clock_text(clock_wall(audit->clock));
	struct audit_line line = { .seq = audit->seq + 1,
		.time = time,
		.actor = act->actor,
		.act = act->act,
		.object = act->object,
		.outcome = act->outcome };
	g_autofree char *text = NULL;
	gboolean first;

	if (audit->broken)
		return err_set(error, DG_ERROR_IO,
		    "audit: an earlier line could not be written; start anew");
	if (!turn_month(audit, time, &first, error))
		return FALSE;
	audit_chain(audit->key, audit->chain, &line);
	text = audit_line_text(&line, first ? audit->chain : NULL);
	if (!append(audit, text, error))
		return FALSE;
	audit->seq = line.seq;
	memcpy(audit->chain, line.chain, sizeof(audit->chain));
	return TRUE;
}

gboolean
audit_add(struct audit *audit, const struct audit_act *act, GError **error)
{
	gboolean done;

	if (act->actor == NULL || act->act == NULL || !is_member(act->actor) ||
	    !is_member(act->act) || !is_member(act->object) ||
	    !is_member(act->outcome))
		return err_set(error, DG_ERROR_BAD,
		    "audit: only short words without an address are kept");
	pthread_mutex_lock(&audit->lock);
	done = audit_add_locked(audit, act, error);
	pthread_mutex_unlock(&audit->lock);
	return done;
}
