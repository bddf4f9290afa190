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

gint64
models_keep(const struct conf *conf, const char *name)
{
	gint64 keep = conf_duration(conf_global(conf), "journal-keep");
	gboolean own = FALSE;

	for (guint i = 0; i < conf_count(conf, "inbox"); i++) {
		const struct conf_section *inbox = conf_at(conf, "inbox", i);
		gint64 wanted = conf_duration(inbox, "journal-keep");

		if (g_strcmp0(models_of(inbox), name) != 0 ||
		    !conf_is_set(inbox, "journal-keep"))
			continue;
		keep = own ? MIN(keep, wanted) : wanted;
		own = TRUE;
	}
	return keep;
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

/* As the inbox's own lines have it (milter/policy.h). */
static void
draw_lines(const struct conf *conf, const struct conf_section *inbox,
    struct verdict *v)
{
	gboolean spam = conf_is_set(inbox, "spam-score");
	gboolean ham = conf_is_set(inbox, "ham-score");
	const struct conf_section *global = conf_global(conf);

	if (v->basis == VERDICT_SCORED && (spam || ham))
		v->class = verdict_at(v->score,
		    conf_real(spam ? inbox : global, "spam-score"),
		    conf_real(ham ? inbox : global, "ham-score"));
}

gboolean
models_judge(struct classify *classify, const struct conf *conf,
    const struct conf_section *inbox, int message, struct verdict *verdict_r,
    GError **error)
{
	const char *models[] = { inbox != NULL ? models_of(inbox) : NULL,
		NULL };
	struct verdict verdicts[G_N_ELEMENTS(models)];

	if (!classify_message(classify,
		&(struct classify_ask){ message, models, 0 }, verdicts, NULL,
		error))
		return FALSE;
	*verdict_r = verdicts[models[0] != NULL ? 1 : 0];
	if (inbox != NULL)
		draw_lines(conf, inbox, verdict_r);
	return TRUE;
}
