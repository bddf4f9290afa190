/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The folders of a backup.
 *
 * In the vault's folder the copy that counts is current/; a new one is made in
 * next/ and is complete before the old one is moved out of the way:
 *
 *   next/ made, manifest last   killed here: current/ stands
 *   current/ -> previous/       killed here: previous/ and next/ are complete
 *   next/ -> current/           killed here: current/ and previous/ are
 *   previous/ wiped
 *
 * So at any moment a complete one is there, and who reads takes the newest. The
 * keys of the old one are written over before they are removed.
 */
#include "tools/backup_place.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/copy.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/manifest.h"
#include "lib/base/owned.h"
#include "lib/base/tree.h"

#define UNFINISHED "unfinished"
#define STATE "state"
#define CURRENT "current"
#define NEXT "next"
#define PREVIOUS "previous"

static const char *const vaults[] = { CURRENT, NEXT, PREVIOUS, NULL };

/* --- where --- */

char *
backup_place_real(const char *path, GError **error)
{
	char *whole = realpath(path, NULL), *real;
	g_autofree char *parent = NULL;
	g_autofree char *name = NULL;

	if (whole == NULL && errno == ENOENT) {
		parent = g_path_get_dirname(path);
		name = g_path_get_basename(path);
		whole = realpath(parent, NULL);
		if (whole != NULL) {
			real = g_build_filename(whole, name, NULL);
			free(whole);
			return real;
		}
	}
	if (whole == NULL) {
		err_errno(error, errno, "%s", path);
		return NULL;
	}
	real = g_strdup(whole);
	free(whole);
	return real;
}

gboolean
backup_place_within(const char *folder, const char *path)
{
	gsize length = strlen(folder);

	return strncmp(folder, path, length) == 0 &&
	       (path[length] == '/' || path[length] == '\0');
}

/* Neither may hold the other. */
static gboolean
keep_apart(const char *one, const char *other, const char *what, GError **error)
{
	return (!backup_place_within(one, other) &&
		   !backup_place_within(other, one)) ||
	       err_set(error, DG_ERROR_BAD,
		   "%s and %s, %s, are within each other: name another folder",
		   one, other, what);
}

static gboolean
is_apart(const char *real, const struct paths *paths, GError **error)
{
	const struct {
		const char *path, *what;
	} all[] = { { paths->state, "the state's folder" },
		{ paths->keys, "the keys' folder" },
		{ paths->runtime, "the runtime folder" } };

	for (gsize i = 0; i < G_N_ELEMENTS(all); i++) {
		g_autofree char *other = backup_place_real(all[i].path, NULL);

		if (other != NULL &&
		    !keep_apart(real, other, all[i].what, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
place_open(struct backup_place *place, const char *real, GError **error)
{
	place->path = g_strdup(real);
	if (!file_make_dir(real, 0700, (uid_t)-1, (gid_t)-1, error))
		return FALSE;
	place->fd = file_open_dir(real, error);
	if (place->fd < 0)
		return FALSE;
	return faccessat(place->fd, ".", W_OK, AT_EACCESS) == 0 ||
	       err_set(error, DG_ERROR_DENIED,
		   "the keeper, which makes the backup, may not write to %s: "
		   "give it that folder",
		   real);
}

/* A folder that has anything else in it is not meant. */
static gboolean
is_vaults(const struct backup_place *vault, GError **error)
{
	g_autofree char *opened =
	    g_strdup_printf("/proc/self/fd/%d", vault->fd);
	g_autoptr(GDir) names = g_dir_open(opened, 0, NULL);
	const char *name;

	while (names != NULL && (name = g_dir_read_name(names)) != NULL)
		/* A file system's own. */
		if (!g_strv_contains(vaults, name) &&
		    strcmp(name, "lost+found") != 0)
			return err_set(error, DG_ERROR_BAD,
			    "%s has something else in it (%s): name a folder "
			    "for the vault's copy alone",
			    vault->path, name);
	return TRUE;
}

gboolean
backup_places_open(struct backup_places *places, const struct paths *paths,
    const char *state, const char *vault, GError **error)
{
	g_autofree char *one = NULL;
	g_autofree char *other = NULL;

	if (!g_path_is_absolute(state) || !g_path_is_absolute(vault))
		return err_set(
		    error, DG_ERROR_BAD, "the folders need whole paths");
	one = backup_place_real(state, error);
	other = one == NULL ? NULL : backup_place_real(vault, error);
	return other != NULL && is_apart(one, paths, error) &&
	       is_apart(other, paths, error) &&
	       keep_apart(one, other, "the vault's folder", error) &&
	       place_open(&places->state, one, error) &&
	       place_open(&places->vault, other, error) &&
	       is_vaults(&places->vault, error);
}

void
backup_place_clear(struct backup_place *place)
{
	file_close(&place->fd);
	g_clear_pointer(&place->path, g_free);
}

void
backup_places_clear(struct backup_places *places)
{
	backup_place_clear(&places->state);
	backup_place_clear(&places->vault);
}

/* --- the state's --- */

static gboolean
is_there(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* What one that was stopped left: nothing else is touched. */
static gboolean
clear_unfinished(const struct backup_place *place, GError **error)
{
	g_autofree char *opened =
	    g_strdup_printf("/proc/self/fd/%d", place->fd);
	g_autoptr(GDir) names = g_dir_open(opened, 0, NULL);
	const char *name;

	if (!is_there(place->fd, UNFINISHED) ||
	    is_there(place->fd, MANIFEST_NAME))
		return TRUE;
	while (names != NULL && (name = g_dir_read_name(names)) != NULL)
		if (g_str_has_prefix(name, "." MANIFEST_NAME ".") &&
		    unlinkat(place->fd, name, 0) != 0)
			return err_errno(
			    error, errno, "cannot remove %s", name);
	return tree_remove(place->fd, STATE, FALSE, error) &&
	       tree_remove(place->fd, UNFINISHED, FALSE, error);
}

gboolean
backup_place_begin(struct backup_place *place, GError **error)
{
	int mark OWNED(file_close) = -1;

	if (!clear_unfinished(place, error))
		return FALSE;
	if (!tree_is_empty(place->fd, error)) {
		if (error == NULL || *error == NULL)
			err_set(error, DG_ERROR_BAD,
			    "%s is not empty: nothing is written over, name a "
			    "folder that is new",
			    place->path);
		return FALSE;
	}
	mark = copy_new(place->fd, UNFINISHED, error);
	return mark >= 0 && file_sync(place->fd, error);
}

/* Left behind it is no harm: the manifest counts. */
void
backup_place_end(struct backup_place *place)
{
	(void)unlinkat(place->fd, UNFINISHED, 0);
}

void
backup_place_undo(struct backup_place *place)
{
	(void)unlinkat(place->fd, MANIFEST_NAME, 0);
	if (tree_remove(place->fd, STATE, FALSE, NULL))
		(void)unlinkat(place->fd, UNFINISHED, 0);
}

/* --- the vault's --- */

static gboolean
is_complete(int dir, const char *name)
{
	int fd OWNED(file_close) =
	    openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd >= 0 && is_there(fd, MANIFEST_NAME);
}

/* Ends what a kill left half done: afterwards there is at most current/. */
static gboolean
settle(int dir, GError **error)
{
	const char *last = is_complete(dir, NEXT) ? NEXT : PREVIOUS;

	if (!is_there(dir, CURRENT) && is_there(dir, last) &&
	    renameat(dir, last, dir, CURRENT) != 0)
		return err_errno(error, errno, "rename %s", last);
	return tree_remove(dir, NEXT, TRUE, error) &&
	       tree_remove(dir, PREVIOUS, TRUE, error);
}

gboolean
backup_vault_begin(
    struct backup_place *vault, struct backup_place *next_r, GError **error)
{
	if (!settle(vault->fd, error))
		return FALSE;
	next_r->path = g_build_filename(vault->path, NEXT, NULL);
	if (!file_make_dir(next_r->path, 0700, (uid_t)-1, (gid_t)-1, error))
		return FALSE;
	next_r->fd = file_open_dir(next_r->path, error);
	return next_r->fd >= 0;
}

gboolean
backup_vault_end(struct backup_place *vault, GError **error)
{
	if (is_there(vault->fd, CURRENT) &&
	    renameat(vault->fd, CURRENT, vault->fd, PREVIOUS) != 0)
		return err_errno(error, errno, "rename %s", CURRENT);
	if (renameat(vault->fd, NEXT, vault->fd, CURRENT) != 0)
		return err_errno(error, errno, "rename %s", NEXT);
	return file_sync(vault->fd, error) &&
	       tree_remove(vault->fd, PREVIOUS, TRUE, error);
}

static gint64
time_of(const json_t *manifest)
{
	return json_integer_value(json_object_get(manifest, "time"));
}

int
backup_vault_newest(int vault, json_t **manifest_r, GError **error)
{
	int newest = -1;

	*manifest_r = NULL;
	for (guint i = 0; vaults[i] != NULL; i++) {
		int fd OWNED(file_close) = openat(vault, vaults[i],
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		json_t *manifest = fd < 0 ? NULL : manifest_read(fd, NULL);

		if (manifest != NULL &&
		    (newest < 0 || time_of(manifest) > time_of(*manifest_r))) {
			file_close(&newest);
			json_decref(*manifest_r);
			newest = g_steal_fd(&fd);
			*manifest_r = g_steal_pointer(&manifest);
		}
		json_decref(manifest);
	}
	if (newest < 0)
		err_set(error, DG_ERROR_NOTFOUND,
		    "there is no complete copy of the vault in it");
	return newest;
}
