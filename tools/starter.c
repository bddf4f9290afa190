/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See starter.h.  All its lessons are one group, and the group is never
 * committed: its store is thrown away, so nothing of it has to be durable.
 */
#include "tools/starter.h"

#include <sys/stat.h>
#include <unistd.h>

#include "classifier/exchange.h"
#include "lib/base/err.h"
#include "lib/base/file.h"

struct starter {
	char *folder, *table;
	struct classify *classify;
	struct learn *learn;
};

static void
remove_files(const struct starter *starter)
{
	static const char *const names[] = { "data.mdb", "lock.mdb" };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path =
		    g_build_filename(starter->folder, names[i], NULL);

		unlink(path);
	}
	rmdir(starter->folder);
	unlink(starter->table);
}

struct starter *
starter_open(const struct conf *conf, const struct paths *paths,
    struct worker_pool *pool, const struct ident *key, GError **error)
{
	const struct conf_section *global = conf_global(conf);
	struct starter *starter = g_new0(struct starter, 1);
	struct learn_settings settings = {
		.map_bytes = conf_size(global, "model-map-size"),
		.training_margin = conf_real(global, "training-margin"),
		.refuse_score = conf_real(global, "refuse-score"),
		.max_records = conf_integer(global, "max-records"),
		/* A public corpus is believed: nothing is refused. */
		.activation_labels = G_MAXUINT,
		.activation_total = G_MAXUINT,
		.key = *key,
	};

	starter->folder = g_build_filename(paths->model, "starter", NULL);
	starter->table = g_build_filename(paths->keeper, "starter.table", NULL);
	/* One that was killed has left its own. */
	remove_files(starter);
	settings.model_folder = starter->folder;
	settings.table_path = starter->table;
	if (file_make_dir(starter->folder, 0700, (uid_t)-1, (gid_t)-1, error)) {
		starter->classify = classify_new(pool, starter->table);
		starter->learn =
		    learn_open(&settings, starter->classify, error);
	}
	if (starter->learn == NULL || !learn_group_begin(starter->learn, error))
		starter_close(&starter);
	return starter;
}

void
starter_close(struct starter **address)
{
	struct starter *starter = *address;

	if (starter == NULL)
		return;
	learn_close(&starter->learn);
	classify_free(&starter->classify);
	remove_files(starter);
	g_free(starter->folder);
	g_free(starter->table);
	g_clear_pointer(address, g_free);
}

gboolean
starter_teach(struct starter *starter, int message, enum verdict_class class,
    enum teacher_outcome *outcome_r, GError **error)
{
	const struct teacher_lesson wish = { class, TRUE, "starter" };
	struct classify_lesson lesson;
	gboolean done;

	if (!classify_lesson(starter->classify, message, &lesson, error))
		return FALSE;
	done = learn_lesson(starter->learn, &lesson, &wish, outcome_r, error);
	classify_lesson_clear(&lesson);
	return done;
}

gboolean
starter_text(struct starter *starter, GString *text, GError **error)
{
	return exchange_dump(starter->learn, EXCHANGE_OWN, text, error);
}
