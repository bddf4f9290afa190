/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_KEEPER_H
#define DESKGATE_TOOLS_KEEPER_H

#include <glib.h>
#include <pthread.h>

#include "classifier/classify.h"
#include "classifier/faculty.h"
#include "classifier/learn.h"
#include "lib/base/conf.h"
#include "lib/base/tally.h"
#include "lib/base/worker.h"
#include "lib/mail/teacher.h"
#include "lib/privacy/holder.h"
#include "lib/privacy/lives.h"
#include "lib/privacy/operator.h"
#include "lib/privacy/request.h"
#include "lib/privacy/suppress.h"
#include "lib/privacy/standing.h"
#include "tickets/control.h"
#include "tickets/deliver.h"
#include "tickets/feedback.h"
#include "tickets/holders.h"
#include "tickets/push.h"
#include "tickets/vaulted.h"
#include "tools/home.h"
#include "tools/paths.h"
#include "tools/privacy_run.h"
#include "tools/readers.h"
#include "tools/starter.h"
#include "tools/steady.h"

/*
 * The keeper: the one writer of model, ledger, vault and embedded desk, put
 * together. deskgate-deliver runs it as a daemon; the command runs it for a
 * moment when no daemon does.  All members are for tools/ alone; but for the
 * last three they do not change after keeper_open.
 */
struct backup_run;
struct daybook;
struct deep_run;
struct job;
struct retain;
struct verify_run;
struct watch;
/* Of inboxes_tend alone; times are mono. */
struct calendar {
	gint64 next;      /* when it looks again */
	gint64 complain;  /* when the log hears of a fault again */
	gboolean checked; /* whether what was erased has come back */
	struct steady steady;
};
struct keeper {
	const struct conf *conf; /* borrowed */
	struct paths paths;
	int lock; /* STATE/keeper.lock, held while open */
	struct home_keys keys;
	struct home_keeper_keys own;
	struct readers *readers;
	struct spool *spool;
	struct safe *safe;       /* how the vault's key stands in its file */
	struct daybook *daybook; /* whether the clock can be right */
	struct vault *vault;
	struct intake *intake;
	struct vaulted vaulted; /* the three above, for reading entries */
	struct ledger *ledger;
	struct classify *classify;
	struct learn *learn;
	struct faculty *faculty; /* learn, and the own models of inboxes */
	struct teacher teacher;  /* the faculty's */
	struct tally *tally;     /* of counts_deliver */
	struct deliver *deliver;
	struct audit *audit;
	struct feedback *feedback;
	struct push *push;         /* NULL: nobody listens */
	struct registry *lessons;  /* of the models alone */
	struct registry *registry; /* of all that hold personal data */
	struct ticket_holders *holders;
	struct requests *requests;
	struct suppress *suppress; /* who was erased */
	struct privacy_run *run;   /* goes on with open ones */
	struct standings *standings;
	struct lives *lives; /* of inboxes */
	struct calendar calendar;
	struct operators *operators;
	pthread_mutex_t counting;  /* of changes.h */
	struct retain *retain;     /* lets go what is past its time */
	GHashTable *acts;          /* for wayback_act */
	struct backup_run *backup; /* being made */
	struct job *rotation;      /* of the vault's key */
	struct deep_run *deep;     /* of check --deep */
	struct verify_run *verify; /* of a model */
	struct watch *watch;       /* tells Prometheus; NULL: nobody listens */
	json_t *restored; /* what was done at the start, of a backup that was
			   * put back; or NULL */
	json_t *mended;   /* stores, at the start (damage.h) */
	struct starter *starter; /* being made, or NULL */
	gint64 tend;             /* when keeper_tend looks again */
};

/*
 * Opens everything, as the user that runs (the caller has become the keeper's
 * user and prepared the folders).  Starts the readers first, so no thread may
 * exist.  AGAIN when another keeper holds the lock.
 */
struct keeper *keeper_open(const struct conf *conf, GError **error);
/* The same, where a person has asked to let each damaged store be mended
 * (damage.h). */
struct keeper *keeper_open_mending(const struct conf *conf, GError **error);
/* Closes all it opened and gives up the lock. */
void keeper_close(struct keeper **address);

/* What is due now and then: each second, of a daemon.  Answers whether it can
 * go on: its readers live, and no store was lost (damage_lost). */
gboolean keeper_tend(void *self);

/* What can be asked of a keeper, by control socket.  Lessons of one batch are
 * kept in one transaction. */
struct control_service keeper_service(struct keeper *keeper);

#endif
