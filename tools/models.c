/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Own models of inboxes, by name.
 */
#include "tools/models.h"

#include <string.h>

#define SHARED "shared"
#define NAME_MOST 32

gboolean
models_valid(const char *name)
{
	gsize length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return length > 0 && length <= NAME_MOST && name[length] == '\0';
}

const char *
models_of(const struct conf_section *inbox)
{
	const char *name = conf_string(inbox, "model");

	return strcmp(name, SHARED) == 0 ? NULL : name;
}

GPtrArray *
models_names(const struct conf *conf)
{
	GPtrArray *names = g_ptr_array_new();

	for (guint i = 0; i < conf_count(conf, "inbox"); i++) {
		const char *name = models_of(conf_at(conf, "inbox", i));

		if (name != NULL && !g_ptr_array_find_with_equal_func(
					names, name, g_str_equal, NULL))
			g_ptr_array_add(names, (gpointer)name);
	}
	return names;
}

char *
models_folder(const struct paths *paths, const char *name)
{
	return g_strconcat(paths->model, "-", name, NULL);
}

char *
models_table(const struct paths *paths, const char *name)
{
	return g_strdup_printf("%s/score-%s.table", paths->keeper, name);
}

void
models_add(struct classify *classify, const struct paths *paths,
    const struct conf *conf)
{
	g_autoptr(GPtrArray) names = models_names(conf);

	for (guint i = 0; i < names->len; i++) {
		g_autofree char *table = models_table(paths, names->pdata[i]);

		classify_add(classify, names->pdata[i], table);
	}
}
