/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A model to evaluate: a store and a score table as the keeper has them, and a
 * mapping of the table as a reader has it.
 */
#include "tools/pupil.h"

#include <glib/gstdio.h>
#include <time.h>

#include "lib/base/file.h"
#include "lib/base/owned.h"

/* Lessons of a commit: it costs an fsync. */
#define GROUP 32

struct pupil {
	char *folder, *table_path;
	struct learn *learn;
	struct classify_settings judging;
	struct table_reader *table;
	guint grouped; /* lessons in the open group */
	struct pupil_cpu cpu;
};

static double
cpu_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

struct pupil *
pupil_open(const char *folder, const struct learn_settings *learning,
    const struct classify_settings *judging, GError **error)
{
	struct pupil *pupil = g_new0(struct pupil, 1);
	struct learn_settings settings = *learning;

	pupil->folder = g_strdup(folder);
	pupil->table_path = g_build_filename(folder, "score.table", NULL);
	pupil->judging = *judging;
	settings.model_folder = folder;
	settings.table_path = pupil->table_path;
	pupil->learn = learn_open(&settings, NULL, error);
	if (pupil->learn == NULL)
		pupil_close(&pupil);
	return pupil;
}

static void
remove_files(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		g_remove(path);
	}
}

void
pupil_close(struct pupil **address)
{
	struct pupil *pupil = *address;

	if (pupil == NULL)
		return;
	table_unmap(&pupil->table);
	learn_close(&pupil->learn);
	remove_files(pupil->folder);
	g_free(pupil->table_path);
	g_free(pupil->folder);
	g_clear_pointer(address, g_free);
}

/* Maps the table anew when it has been replaced. */
static void
follow_table(struct pupil *pupil)
{
	int fd OWNED(file_close) = -1;

	if (pupil->table != NULL && !table_superseded(pupil->table))
		return;
	table_unmap(&pupil->table);
	fd = table_open(pupil->table_path, NULL);
	if (fd >= 0)
		pupil->table = table_map(fd, NULL);
}

void
pupil_judge(struct pupil *pupil, struct classify_lesson *lesson)
{
	double start = cpu_now();

	follow_table(pupil);
	classify_verdict(pupil->table, &pupil->judging, lesson->digests,
	    lesson->n, &lesson->verdict);
	pupil->cpu.judging += cpu_now() - start;
}

static gboolean
end_group(struct pupil *pupil, GError **error)
{
	gboolean open = pupil->grouped > 0;

	pupil->grouped = 0;
	return !open || learn_group_end(pupil->learn, error);
}

static gboolean
teach(struct pupil *pupil, const struct classify_lesson *lesson,
    const struct teacher_lesson *wish, enum teacher_outcome *outcome_r,
    GError **error)
{
	if (pupil->grouped == 0 && !learn_group_begin(pupil->learn, error))
		return FALSE;
	pupil->grouped++;
	return learn_lesson(pupil->learn, lesson, wish, outcome_r, error) &&
	       (pupil->grouped < GROUP || end_group(pupil, error));
}

gboolean
pupil_teach(struct pupil *pupil, const struct classify_lesson *lesson,
    const struct teacher_lesson *wish, enum teacher_outcome *outcome_r,
    GError **error)
{
	double start = cpu_now();
	gboolean taught = teach(pupil, lesson, wish, outcome_r, error);

	pupil->cpu.learning += cpu_now() - start;
	return taught;
}

json_t *
pupil_stats(struct pupil *pupil, struct pupil_cpu *cpu_r, GError **error)
{
	if (!end_group(pupil, error))
		return NULL;
	*cpu_r = pupil->cpu;
	return learn_stats(pupil->learn, error);
}
