/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Settings from files: the one named, then conf.d/<name>.conf beside it.
 */
#include <fcntl.h>
#include <string.h>

#include "lib/base/conf_private.h"
#include "lib/base/err.h"
#include "lib/base/file.h"

/* A file of settings is small; anything larger is a mistake. */
#define FILE_MOST (1 << 20)

/* Reads one file; FALSE when it is no text of settings. */
static gboolean
add_file(struct conf *conf, GArray *texts, const char *path, GError **error)
{
	g_autoptr(GBytes) bytes = file_read(AT_FDCWD, path, FILE_MOST, error);
	g_autofree char *text = NULL;
	gsize length;
	const char *data;

	if (bytes == NULL)
		return FALSE;
	data = g_bytes_get_data(bytes, &length);
	if (length > 0 && (memchr(data, '\0', length) != NULL ||
			      !g_utf8_validate(data, length, NULL)))
		return err_set(
		    error, DG_ERROR_BAD, "%s is no UTF-8 text", path);
	text = length > 0 ? g_strndup(data, length) : g_strdup("");
	conf_add_text(conf, texts, path, text);
	return TRUE;
}

static gint
by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* conf.d/<name>.conf beside the file, in order of name. */
static void
add_folder(struct conf *conf, GArray *texts)
{
	g_autofree char *parent = g_path_get_dirname(conf->path);
	g_autofree char *folder = g_build_filename(parent, "conf.d", NULL);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;

	if (dir == NULL)
		return;
	while ((name = g_dir_read_name(dir)) != NULL) {
		if (g_str_has_suffix(name, ".conf") && name[0] != '.')
			g_ptr_array_add(
			    names, g_build_filename(folder, name, NULL));
	}
	g_dir_close(dir);
	g_ptr_array_sort(names, by_name);
	for (guint i = 0; i < names->len; i++) {
		g_autoptr(GError) fault = NULL;

		if (!add_file(conf, texts, names->pdata[i], &fault))
			conf_fault_at(
			    conf, names->pdata[i], 1, "%s", fault->message);
	}
}

struct conf *
conf_load(const char *path, const struct conf_kind *kinds, GError **error)
{
	struct conf *conf = conf_new(path, kinds);
	g_autoptr(GArray) texts = conf_texts_new();

	if (!add_file(conf, texts, path, error)) {
		conf_free(&conf);
		return NULL;
	}
	add_folder(conf, texts);
	conf_read_texts(conf, texts);
	return conf;
}
