/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record of what an MTA's settings were. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tools/setup_file.h"

#define FOLDER "setup"
#define RECORD_MOST ((gsize)128 << 20)

/*
 * The folder stands in one that the keeper's user may change, who may put
 * anything there in its place; but nothing that is ours.
 */
static gboolean
is_ours(int fd, const char *what, GError **error)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return err_errno(error, errno, "%s", what);
	if (status.st_uid == geteuid() && (status.st_mode & 022) == 0)
		return TRUE;
	return err_set(error, DG_ERROR_DENIED,
	    "%s belongs to, or can be changed by, another user: it is not "
	    "believed; look who made it, and remove it",
	    what);
}

/* STATE/setup; -1 and *error, NOTFOUND when there is none and `make` is not
 * set. */
static int
open_folder(const char *state, gboolean make, GError **error)
{
	g_autofree char *path = g_build_filename(state, FOLDER, NULL);
	int fd OWNED(file_close) = -1;
	int result;

	if (make && mkdir(path, 0700) != 0 && errno != EEXIST) {
		(void)err_errno(error, errno,
		    "cannot make %s, where what was there before is kept: "
		    "start deskgate-deliver first",
		    path);
		return -1;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		(void)err_errno(error, errno, "cannot open %s", path);
		return -1;
	}
	if (!is_ours(fd, path, error))
		return -1;
	result = fd;
	fd = -1;
	return result;
}

static char *
name_of(const char *mta)
{
	return g_strconcat(mta, ".json", NULL);
}

static json_t *
bytes_to_json(GBytes *bytes)
{
	g_autofree char *text = NULL;
	gsize length;
	const void *data;

	if (bytes == NULL)
		return json_null();
	data = g_bytes_get_data(bytes, &length);
	text = g_base64_encode(data, length);
	return json_string(text);
}

static GBytes *
bytes_of_json(const json_t *value)
{
	const char *text = json_string_value(value);
	guchar *data;
	gsize length;

	if (text == NULL)
		return NULL;
	data = g_base64_decode(text, &length);
	return g_bytes_new_take(data, length);
}

static GPtrArray *
files_of_json(const json_t *root)
{
	GPtrArray *files = g_ptr_array_new_with_free_func(setup_file_free);
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(root, "files"), i, one)
	{
		const char *path =
		    json_string_value(json_object_get(one, "path"));

		if (path != NULL)
			g_ptr_array_add(files,
			    setup_file_new(g_strdup(path),
				bytes_of_json(json_object_get(one, "before")),
				bytes_of_json(json_object_get(one, "after"))));
	}
	return files;
}

gboolean
setup_record_load(
    const char *state, const char *mta, GPtrArray **files_r, GError **error)
{
	g_autoptr(GError) problem = NULL;
	g_autofree char *name = name_of(mta);
	g_autoptr(GBytes) bytes = NULL;
	int dir OWNED(file_close) = open_folder(state, FALSE, &problem);
	json_t *root;

	*files_r = NULL;
	if (dir >= 0)
		bytes = file_read(dir, name, RECORD_MOST, &problem);
	if (bytes == NULL) {
		if (err_is(problem, DG_ERROR_NOTFOUND))
			return TRUE;
		g_propagate_error(error, g_steal_pointer(&problem));
		return FALSE;
	}
	root = json_loadb(
	    g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), 0, NULL);
	if (root == NULL)
		return err_set(error, DG_ERROR_BAD,
		    "%s/" FOLDER "/%s is damaged: put the MTA's settings back "
		    "from a backup, and remove it",
		    state, name);
	*files_r = files_of_json(root);
	json_decref(root);
	return TRUE;
}

gboolean
setup_record_save(
    const char *state, const char *mta, const GPtrArray *files, GError **error)
{
	g_autofree char *name = name_of(mta);
	int dir OWNED(file_close) = open_folder(state, TRUE, error);
	json_t *list, *root;
	char *text;
	gboolean good;

	if (dir < 0)
		return FALSE;
	list = json_array();
	for (guint i = 0; i < files->len; i++) {
		const struct setup_file *file = files->pdata[i];

		json_array_append_new(
		    list, json_pack("{s:s, s:o, s:o}", "path", file->path,
			      "before", bytes_to_json(file->before), "after",
			      bytes_to_json(file->after)));
	}
	root = json_pack("{s:o}", "files", list);
	text = json_dumps(root, JSON_COMPACT);
	good = file_replace(dir, name, text, strlen(text), 0600, error);
	free(text);
	json_decref(root);
	return good;
}

gboolean
setup_record_remove(const char *state, const char *mta, GError **error)
{
	g_autofree char *name = name_of(mta);
	int dir OWNED(file_close) = open_folder(state, FALSE, error);

	if (dir < 0)
		return FALSE;
	if (unlinkat(dir, name, 0) != 0)
		return err_errno(error, errno, "cannot remove %s", name);
	return file_sync(dir, error);
}

gboolean
setup_record_changed(
    const GPtrArray *record, GPtrArray **files_r, GError **error)
{
	g_autoptr(GPtrArray) changed =
	    g_ptr_array_new_with_free_func(setup_file_free);

	for (guint i = 0; record != NULL && i < record->len; i++) {
		const struct setup_file *file = record->pdata[i];
		GBytes *is = NULL;

		if (!setup_file_read(file->path, &is, error))
			return FALSE;
		if (setup_file_same(is, file->after) ||
		    setup_file_same(is, file->before)) {
			g_clear_pointer(&is, g_bytes_unref);
			continue;
		}
		g_ptr_array_add(changed,
		    setup_file_new(g_strdup(file->path),
			file->after != NULL ? g_bytes_ref(file->after) : NULL,
			is));
	}
	*files_r = g_steal_pointer(&changed);
	return TRUE;
}

static struct setup_file *
find_file(const GPtrArray *files, const char *path)
{
	for (guint i = 0; files != NULL && i < files->len; i++) {
		struct setup_file *file = files->pdata[i];

		if (strcmp(file->path, path) == 0)
			return file;
	}
	return NULL;
}

static void
replace(GBytes **bytes, GBytes *by)
{
	g_clear_pointer(bytes, g_bytes_unref);
	*bytes = by != NULL ? g_bytes_ref(by) : NULL;
}

void
setup_record_add(GPtrArray **record, const GPtrArray *files)
{
	if (*record == NULL)
		*record = g_ptr_array_new_with_free_func(setup_file_free);
	for (guint i = 0; i < files->len; i++) {
		const struct setup_file *file = files->pdata[i];
		struct setup_file *known = find_file(*record, file->path);

		if (known == NULL) {
			known =
			    setup_file_new(g_strdup(file->path), NULL, NULL);
			replace(&known->before, file->before);
			g_ptr_array_add(*record, known);
		}
		replace(&known->after, file->after);
	}
}

gboolean
setup_record_back(const GPtrArray *record, GPtrArray **files_r, GError **error)
{
	g_autoptr(GPtrArray) files =
	    g_ptr_array_new_with_free_func(setup_file_free);

	for (guint i = record->len; i > 0; i--) {
		const struct setup_file *file = record->pdata[i - 1];
		GBytes *is = NULL;

		if (!setup_file_read(file->path, &is, error))
			return FALSE;
		g_ptr_array_add(
		    files, setup_file_new(g_strdup(file->path), is,
			       file->before != NULL ? g_bytes_ref(file->before)
						    : NULL));
	}
	*files_r = g_steal_pointer(&files);
	return TRUE;
}
