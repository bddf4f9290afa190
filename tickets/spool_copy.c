/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copying the spool.
 *
 * Of each entry the bytes are opened, which never
 * change; the wrap is copied, which is replaced as a whole, then the bytes,
 * then the state, looked up under the lock; and then it is seen whether the
 * bytes are still there.  An entry goes by wrap, bytes, state (spool_keep.c):
 * one whose bytes are still there after its state was looked up was not on its
 * way out, and none that was can come back as new.
 */
#include "tickets/spool_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/copy.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tickets/spool_private.h"

/* Where the copies go. */
struct target {
	int folders[SPOOL_FOLDERS]; /* as spool_folders names them */
	struct spool_copy *copy;
};
#define TARGET_MSG SPOOL_STATES
#define TARGET_WRAP (SPOOL_STATES + 1)
#define TARGET_MILDER (SPOOL_STATES + 3)

static void
target_clear(struct target *target)
{
	for (guint i = 0; i < SPOOL_FOLDERS; i++)
		file_close(&target->folders[i]);
}

static gboolean
target_init(struct target *target, const char *folder, GError **error)
{
	const char *const *names = spool_folders();

	for (guint i = 0; i < SPOOL_FOLDERS; i++)
		target->folders[i] = -1;
	for (guint i = 0; i < SPOOL_FOLDERS; i++) {
		g_autofree char *path =
		    g_build_filename(folder, names[i], NULL);

		if (!file_make_dir(path, 0700, (uid_t)-1, (gid_t)-1, error))
			return FALSE;
		target->folders[i] = file_open_dir(path, error);
		if (target->folders[i] < 0)
			return FALSE;
	}
	return TRUE;
}

static void
need(struct spool_copy *copy, const struct ident *id)
{
	for (guint i = 0; i < copy->needed->len; i++)
		if (ident_equal(
			&g_array_index(copy->needed, struct ident, i), id))
			return;
	g_array_append_val(copy->needed, *id);
}

/* The head without the boxed message key, or with it and the intake key told.
 */
static gboolean
copy_head(
    struct target *target, int from, int to, gboolean wrapped, GError **error)
{
	guint8 head[SPOOL_HEAD_BYTES];
	struct ident id;

	if (read(from, head, sizeof(head)) != (ssize_t)sizeof(head) ||
	    memcmp(head, SPOOL_MAGIC, 4) != 0) {
		/* Damaged; it is kept as it is, as the spool does. */
		(void)lseek(from, 0, SEEK_SET);
		return TRUE;
	}
	memcpy(id.bytes, head + 4, IDENT_BYTES);
	if (wrapped)
		memset(head + 4, 0, sizeof(head) - 4);
	else
		need(target->copy, &id);
	return file_write_all(to, head, sizeof(head), error);
}

static gboolean
copy_message(struct target *target, int from, const char *name,
    gboolean wrapped, GError **error)
{
	int to OWNED(file_close) =
	    copy_new(target->folders[TARGET_MSG], name, error);

	return to >= 0 && copy_head(target, from, to, wrapped, error) &&
	       copy_pour(from, to, error) && copy_time(from, to, error);
}

/* What need not be there. */
static gboolean
copy_extra(int from, const char *name, int to, GError **error)
{
	g_autoptr(GError) fault = NULL;

	if (copy_file(from, name, to, name, &fault) ||
	    err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

static gboolean
copy_state(struct spool *spool, struct target *target, const struct ident *key,
    const char *name, GError **error)
{
	g_autoptr(GError) fault = NULL;
	enum spool_state state;
	int mark OWNED(file_close) = -1;
	int from OWNED(file_close) = -1;

	if (!spool_state(spool, key, &state, &fault)) {
		if (err_is(fault, DG_ERROR_NOTFOUND))
			return TRUE;
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	if (state == SPOOL_BUSY)
		state = SPOOL_NEW;
	mark = copy_new(target->folders[state], name, error);
	if (mark < 0)
		return FALSE;
	/* It may have moved on; then only its place in a list is lost. */
	from = openat(
	    spool->state[state], name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	return from < 0 || copy_time(from, mark, error);
}

static void
forget(struct target *target, const char *name)
{
	for (guint i = 0; i < SPOOL_FOLDERS; i++)
		(void)unlinkat(target->folders[i], name, 0);
}

static gboolean
copy_entry(struct spool *spool, struct target *target, const struct ident *key,
    GError **error)
{
	char name[IDENT_TEXT];
	struct spool_copy *copy = target->copy;
	int from OWNED(file_close) = -1;
	gboolean wrapped;

	ident_text(key, name);
	from = openat(spool->msg, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (from < 0 && errno == ENOENT)
		return TRUE;
	if (from < 0)
		return err_errno(error, errno, "spool: open an entry");
	/* A wrap that is made from here on is not in the copy. */
	wrapped = copy->is_wrapped(copy->self, key);
	if ((wrapped && !copy_extra(spool->wrap, name,
			    target->folders[TARGET_WRAP], error)) ||
	    !copy_message(target, from, name, wrapped, error) ||
	    !copy_extra(
		spool->milder, name, target->folders[TARGET_MILDER], error) ||
	    !copy_state(spool, target, key, name, error))
		return FALSE;
	if (faccessat(spool->msg, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		copy->entries++;
	else
		forget(target, name);
	return TRUE;
}

gboolean
spool_copy(struct spool *spool, const GArray *keys, const char *folder,
    struct spool_copy *copy, GError **error)
{
	struct target target OWNED(target_clear) = { .copy = copy };

	copy->entries = 0;
	if (!target_init(&target, folder, error))
		return FALSE;
	for (guint i = 0; i < keys->len; i++) {
		if (!copy_entry(spool, &target,
			&g_array_index(keys, struct ident, i), error)) {
			g_prefix_error(error, "spool: ");
			return FALSE;
		}
		if (!copy->tell(copy->self, i + 1, keys->len, error))
			return FALSE;
	}
	return TRUE;
}
