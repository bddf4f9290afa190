/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The thread that makes a backup.
 */
#include "tools/backup_run.h"

#include <pthread.h>

#include "lib/base/err.h"
#include "lib/base/log.h"

struct backup_run {
	struct keeper *keeper;
	struct backup_progress progress;
	gint ended; /* atomic; from then on what follows is the asker's */
	pthread_t thread;
	gboolean started;
	char *state, *vault;
	json_t *report; /* NULL: it failed */
	GError *fault;
};

struct backup_run *
backup_run_new(struct keeper *keeper)
{
	struct backup_run *run = g_new0(struct backup_run, 1);

	run->keeper = keeper;
	return run;
}

/* Waits for it and forgets it. */
static void
clear(struct backup_run *run)
{
	if (run->started)
		pthread_join(run->thread, NULL);
	run->started = FALSE;
	g_clear_pointer(&run->state, g_free);
	g_clear_pointer(&run->vault, g_free);
	g_clear_pointer(&run->report, json_decref);
	g_clear_error(&run->fault);
}

void
backup_run_free(struct backup_run **run)
{
	struct backup_run *old = *run;

	*run = NULL;
	if (old == NULL)
		return;
	g_atomic_int_set(&old->progress.stopping, 1);
	clear(old);
	g_free(old);
}

static void *
run_thread(void *self)
{
	struct backup_run *run = self;
	const struct backup_wish wish = { run->state, run->vault };

	run->report =
	    backup_make(run->keeper, &wish, &run->progress, &run->fault);
	/* A fault is told to who asked; the log has it for those who did not.
	 */
	if (run->report != NULL)
		log_event(LOG_LEVEL_INFO, "backup-made", NULL);
	else
		log_error(LOG_LEVEL_INFO, run->fault, "backup-fault", NULL);
	g_atomic_int_set(&run->ended, 1);
	return NULL;
}

gboolean
backup_run_begin(
    struct backup_run *run, const struct backup_wish *wish, GError **error)
{
	int number;

	if (run->started && g_atomic_int_get(&run->ended) == 0)
		return err_set(error, DG_ERROR_AGAIN,
		    "another backup is being made: wait for its end");
	clear(run);
	run->progress = (struct backup_progress){ 0 };
	run->ended = 0;
	run->state = g_strdup(wish->state);
	run->vault = g_strdup(wish->vault);
	number = pthread_create(&run->thread, NULL, run_thread, run);
	if (number != 0)
		return err_errno(error, number, "backup: thread");
	run->started = TRUE;
	return TRUE;
}

json_t *
backup_run_look(struct backup_run *run, GError **error)
{
	struct backup_progress *progress = &run->progress;

	if (!run->started) {
		err_set(error, DG_ERROR_NOTFOUND, "no backup is being made");
		return NULL;
	}
	if (g_atomic_int_get(&run->ended) == 0)
		return json_pack("{s:b, s:s, s:i, s:i}", "busy", 1, "stage",
		    backup_stage(g_atomic_int_get(&progress->stage)), "entries",
		    g_atomic_int_get(&progress->entries), "all",
		    g_atomic_int_get(&progress->all));
	if (run->report != NULL)
		return json_pack(
		    "{s:b, s:O}", "busy", 0, "backup", run->report);
	g_propagate_error(error, g_error_copy(run->fault));
	return NULL;
}
