/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What no older copy is believed of.  On the computer whose backup it is that
 * is mostly newer than any copy: what people asked for since stays.
 */
#include "tools/restore_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/copy.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/manifest.h"
#include "lib/base/owned.h"
#include "lib/base/tree.h"
#include "lib/privacy/suppress.h"
#include "tools/changes.h"
#include "tools/format.h"
#include "tools/home_restore.h"

/* The vault's counts, and without that, or when that is older, what is here. */
static const char *const newest[] = { "operator", "privacy", "standing", NULL };

static gboolean
is_same(const struct restore *restore)
{
	char here[IDENT_TEXT];

	restore_installation(restore->to_keys, here);
	return strcmp(here, restore_text(restore->facts, "installation")) == 0;
}

/* One that was moved to another computer, and is moved back, is older than the
 * other's copy: the count of changes tells. */
gboolean
restore_look(struct restore *restore, GError **error)
{
	gint64 here;

	if (restore->keys == NULL || !is_same(restore))
		return TRUE;
	for (guint i = 0; newest[i] != NULL; i++) {
		g_autofree char *file =
		    g_strconcat(newest[i], "/data.mdb", NULL);

		if (!restore_has(restore->to_state, file))
			return TRUE;
	}
	if (!changes_count(restore->to_keys, &here, error))
		return FALSE;
	restore->kept = here >= json_integer_value(
				    json_object_get(restore->keys, "changes"));
	return TRUE;
}

static gboolean
keep_file(
    const struct restore *restore, const char *name, int staged, GError **error)
{
	if (!restore_has(restore->to_keys, name))
		return TRUE;
	(void)unlinkat(staged, name, 0);
	return copy_file(restore->to_keys, name, staged, name, error);
}

/* It never goes down. */
static gboolean
keep_count(const struct restore *restore, int staged, GError **error)
{
	gint64 here, there;

	return changes_count(restore->to_keys, &here, error) &&
	       changes_count(staged, &there, error) &&
	       (here <= there ||
		   keep_file(restore, CHANGES_NAME, staged, error));
}

/* Of no newer version.  Of the same installation: whoever was erased here stays
 * erased, and what is here of inboxes is not older than any copy. */
gboolean
restore_keep(const struct restore *restore, int staged, GError **error)
{
	g_autofree char *erased =
	    g_build_filename(restore->paths->keys, HOME_STAGED, "erased", NULL);
	guint format;

	if (!format_look(staged, &format, error))
		return FALSE;
	if (!is_same(restore))
		return TRUE;
	return keep_file(restore, "inboxes.json", staged, error) &&
	       keep_count(restore, staged, error) &&
	       (!restore_has(restore->to_keys, "erased/data.mdb") ||
		   suppress_merge(restore->paths->erased, erased, error));
}

static gboolean
stage_one(struct restore *restore, int data, const char *name, GError **error)
{
	g_autofree char *file = g_strconcat(name, "/data.mdb", NULL);
	g_autofree char *prefix = g_strconcat("vault/", name, "/", NULL);
	const struct manifest_copy copy = { prefix, restore_tell, restore };
	gboolean here = restore->keys == NULL || restore->kept;
	int to OWNED(file_close) = -1;

	if (here && !restore_has(restore->to_state, file))
		return TRUE;
	if (!tree_remove(data, name, FALSE, error) ||
	    !tree_make_folders(data, file, error))
		return FALSE;
	if (here)
		return copy_file(restore->to_state, file, data, file, error);
	to = openat(data, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (to < 0)
		return err_errno(error, errno, "%s", name);
	return manifest_copy(restore->vault, restore->keys, &copy, to, error);
}

gboolean
restore_newest(struct restore *restore, int data, GError **error)
{
	for (guint i = 0; newest[i] != NULL; i++)
		if (!stage_one(restore, data, newest[i], error))
			return FALSE;
	return TRUE;
}
