/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of backups. */
#include "tools/backup_run.h"
#include "tools/keeper.h"
#include "tools/verbs.h"
#include "tools/wayback.h"

static gboolean
add_status(struct keeper *keeper, json_t *body, GError **error)
{
	json_t *status = backup_run_look(keeper->backup, error);

	if (status == NULL)
		return FALSE;
	json_object_update(body, status);
	json_decref(status);
	return TRUE;
}

/* {state: DIR, vault: DIR} -> as backup-status */
gboolean
verb_backup(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	struct backup_wish wish = { 0 };

	wish.state = verb_text(request, "state", error);
	if (wish.state != NULL)
		wish.vault = verb_text(request, "vault", error);
	if (wish.vault == NULL ||
	    !backup_run_begin(keeper->backup, &wish, error))
		return FALSE;
	wayback_act(keeper, request, "backup", NULL);
	return add_status(keeper, answer->body, error);
}

/* {} -> {busy: true, stage, entries, all} or {busy: false, backup: {...}}; the
 * error of one that failed */
gboolean
verb_backup_status(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;

	(void)request;
	return add_status(keeper, answer->body, error);
}

/* {} -> {restored: {...}}: what the keeper's start did, of a backup that was
 * put back just before; null when there was none */
gboolean
verb_restored(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;

	(void)request, (void)error;
	json_object_set_new(answer->body, "restored",
	    keeper->restored != NULL ? json_incref(keeper->restored)
				     : json_null());
	return TRUE;
}
