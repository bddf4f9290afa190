/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The spool: copies that were judged milder than what is here already.
 *
 * The first copy of a message gives it its name and its verdict, and the bytes
 * are not written again for another.  So that the milder verdict wins, the
 * putter leaves an empty file KEY in milder/, fsynced like all that the answer
 * to the MTA rests on; the keeper takes it away when there is nothing left for
 * it to do.
 */
#include "tickets/spool_private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

static gboolean
stands(int folder, const char *name)
{
	return faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

gboolean
spool_set_milder(struct spool *spool, const struct ident *key, GError **error)
{
	int fd OWNED(file_close) = -1;
	char name[IDENT_TEXT];

	ident_text(key, name);
	if (stands(spool->state[SPOOL_DONE], name))
		return TRUE;
	fd = openat(spool->milder, name,
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0)
		return err_errno(
		    error, errno, "spool: mark an entry as milder");
	if (!file_sync(spool->milder, error)) {
		g_prefix_error(error, "spool: ");
		return FALSE;
	}
	/* Let go between put and mark: the client brings it once more. */
	return stands(spool->msg, name) ||
	       err_set(error, DG_ERROR_AGAIN,
		   "spool: the first copy was removed just now");
}

GArray *
spool_milder(struct spool *spool, GError **error)
{
	g_autoptr(GArray) keys =
	    g_array_new(FALSE, FALSE, sizeof(struct ident));

	if (!spool_scan(spool->milder, keys, error))
		return NULL;
	return g_steal_pointer(&keys);
}

gboolean
spool_clear_milder(struct spool *spool, const struct ident *key, GError **error)
{
	char name[IDENT_TEXT];

	ident_text(key, name);
	if (unlinkat(spool->milder, name, 0) != 0 && errno != ENOENT)
		return err_errno(error, errno, "spool: remove a mark");
	return TRUE;
}
