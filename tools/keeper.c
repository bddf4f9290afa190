/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The keeper, put together in the order that its parts need: lock, keys,
 * readers (a fork, so before any thread and any LMDB), then the stores, then
 * what works on them.
 */
#include "tools/keeper.h"

#include <sys/stat.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/privacy/vault_rotate.h"
#include "tickets/counts.h"
#include "tools/backup_run.h"
#include "tools/damage.h"
#include "tools/daybook.h"
#include "tools/deep.h"
#include "tools/format.h"
#include "tools/inboxes.h"
#include "tools/job.h"
#include "tools/models.h"
#include "tools/privacy.h"
#include "tools/reported.h"
#include "tools/restored.h"
#include "tools/rights.h"
#include "tools/traces.h"
#include "tools/verbs.h"
#include "tools/verify_run.h"
#include "tools/watch.h"
#include "tools/wayback.h"

/* Between looks at what is due without a lesson, when nothing was. */
#define TEND_USEC ((gint64)60 * G_USEC_PER_SEC)
/* How long it goes on with that before others get their turn. */
#define TURN_USEC (G_USEC_PER_SEC / 4)
#define LOCK_TRIES 20
#define LOCK_USEC (G_USEC_PER_SEC / 10)

/* Whoever had it may be ending: a reader's process that was forked a moment ago
 * still holds what its keeper held. */
static int
lock_state(int state, GError **error)
{
	g_autoptr(GError) busy = NULL;
	int lock = -1;

	for (guint i = 0; lock < 0 && i < LOCK_TRIES; i++) {
		if (i > 0)
			g_usleep(LOCK_USEC);
		g_clear_error(&busy);
		lock = file_lock(state, "keeper.lock", &busy);
		if (lock < 0 && !err_is(busy, DG_ERROR_AGAIN))
			break;
	}
	if (lock < 0)
		g_propagate_error(error, g_steal_pointer(&busy));
	return lock;
}

/* A vault made anew would hold nobody's key: all that is kept would be as if
 * erased. */
static gboolean
has_vault(const struct keeper *keeper, GError **error)
{
	g_autofree char *path =
	    g_build_filename(keeper->paths.vault, "data.mdb", NULL);
	struct stat status;

	return (stat(path, &status) == 0 && status.st_size > 0) ||
	       err_set(error, DG_ERROR_NOTFOUND,
		   "%s is lost: put key-dir back from its backup", path);
}

static gboolean
open_safe(struct keeper *keeper, GError **error)
{
	const struct conf_section *global = conf_global(keeper->conf);
	const struct safe_settings settings = {
		.credential = conf_string(global, "vault-credential"),
		.command = conf_is_set(global, "vault-command")
			       ? conf_list(global, "vault-command")
			       : NULL,
		.seconds = (guint)conf_duration(global, "vault-command-time"),
	};

	keeper->safe = safe_new(&settings, error);
	return keeper->safe != NULL;
}

static gboolean
open_daybook(struct keeper *keeper, int keys, GError **error)
{
	gint64 gap = conf_duration(conf_global(keeper->conf), "clock-gap") *
		     G_USEC_PER_SEC;

	keeper->daybook = daybook_open(keys, gap, &clock_system, error);
	return keeper->daybook != NULL;
}

static gboolean
open_keys(struct keeper *keeper, GError **error)
{
	int state OWNED(file_close) = file_open_dir(keeper->paths.state, error);
	int keys OWNED(file_close) = -1;
	gboolean make = home_is_new(&keeper->paths);

	if (state < 0)
		return FALSE;
	keeper->lock = lock_state(state, error);
	if (keeper->lock < 0) {
		g_prefix_error(error,
		    "another keeper is at work on %s: ", keeper->paths.state);
		return FALSE;
	}
	keys = file_open_dir(keeper->paths.keys, error);
	return keys >= 0 && format_keep(keys, error) &&
	       home_load_keys(keys, make, &keeper->keys, error) &&
	       open_safe(keeper, error) &&
	       home_load_keeper_keys(
		   keys, keeper->safe, make, &keeper->own, error) &&
	       (make || has_vault(keeper, error)) &&
	       (keeper->intake = intake_open(keys, error)) != NULL &&
	       open_daybook(keeper, keys, error);
}

static gboolean
open_stores(struct keeper *keeper, gboolean mend, GError **error)
{
	const struct conf_section *global = conf_global(keeper->conf);
	guint64 map = conf_size(global, "ledger-map-size");
	int keys OWNED(file_close) = -1;

	keeper->spool = spool_open(keeper->paths.spool, error);
	if (keeper->spool == NULL || !damage_look(keeper, mend, error))
		return FALSE;
	keys = file_open_dir(keeper->paths.keys, error);
	if (keys < 0)
		return FALSE;
	keeper->lives = lives_open(keys, error);
	if (keeper->lives == NULL)
		return FALSE;
	keeper->vault = vault_open_kept(
	    keys, keeper->safe, keeper->paths.vault, keeper->own.vault, error);
	if (keeper->vault == NULL)
		return FALSE;
	keeper->vaulted =
	    (struct vaulted){ keeper->spool, keeper->vault, keeper->intake };
	keeper->operators = operators_open(keeper->paths.operators, error);
	if (keeper->operators == NULL)
		return FALSE;
	keeper->standings = standings_open(keeper->paths.standing, error);
	if (keeper->standings == NULL)
		return FALSE;
	keeper->ledger =
	    ledger_open(keeper->paths.ledger, keeper->own.ledger, map, error);
	return keeper->ledger != NULL;
}

/* The folder of an own model is beside the installation's, in one that is the
 * keeper's. */
static gboolean
open_own(struct keeper *keeper, const char *name,
    const struct learn_settings *shared, GError **error)
{
	g_autofree char *folder = models_folder(&keeper->paths, name);
	g_autofree char *table = models_table(&keeper->paths, name);
	struct learn_settings settings = *shared;

	settings.model_folder = folder;
	settings.table_path = table;
	settings.journal_keep = models_keep(keeper->conf, name);
	return file_make_dir(folder, 0700, (uid_t)-1, (gid_t)-1, error) &&
	       faculty_open(keeper->faculty, name, &settings, error);
}

static gboolean
open_faculty(
    struct keeper *keeper, const struct learn_settings *shared, GError **error)
{
	g_autoptr(GPtrArray) names = models_names(keeper->conf);

	models_add(keeper->classify, &keeper->paths, keeper->conf);
	keeper->faculty = faculty_new(keeper->learn, keeper->classify);
	for (guint i = 0; i < names->len; i++) {
		if (!open_own(keeper, names->pdata[i], shared, error))
			return FALSE;
	}
	for (guint i = 0; i < conf_count(keeper->conf, "inbox"); i++) {
		const struct conf_section *inbox =
		    conf_at(keeper->conf, "inbox", i);

		if (models_of(inbox) != NULL)
			faculty_assign(keeper->faculty, conf_title(inbox),
			    models_of(inbox));
	}
	faculty_teacher(keeper->faculty, &keeper->teacher);
	rights_guard_lessons(keeper);
	return TRUE;
}

static gboolean
open_classifier(struct keeper *keeper, GError **error)
{
	const struct conf_section *global = conf_global(keeper->conf);
	struct learn_settings settings = {
		.model_folder = keeper->paths.model,
		.table_path = keeper->paths.table,
		.map_bytes = conf_size(global, "model-map-size"),
		.training_margin = conf_real(global, "training-margin"),
		.agent_doubts = conf_integer(global, "agent-doubts"),
		.train_rate = conf_integer(global, "train-rate"),
		.refuse_score = conf_real(global, "refuse-score"),
		.max_records = conf_integer(global, "max-records"),
		.activation_labels = conf_integer(global, "activation-labels"),
		.activation_total = conf_integer(global, "activation-total"),
		.journal_keep = conf_duration(global, "journal-keep"),
		.starter_labels = conf_integer(global, "starter-labels"),
		.subject_key = keeper->own.subject,
		.aged = daybook_clock(keeper->daybook),
	};

	model_key_check(secret_data(keeper->keys.feature),
	    secret_length(keeper->keys.feature), &settings.key);
	keeper->classify =
	    classify_new(readers_pool(keeper->readers), keeper->paths.table);
	keeper->learn = learn_open(&settings, keeper->classify, error);
	return keeper->learn != NULL && open_faculty(keeper, &settings, error);
}

static gboolean
open_deliver(struct keeper *keeper, gboolean mend, GError **error)
{
	const struct deliver_world world = {
		.spool = keeper->spool,
		.vault = keeper->vault,
		.intake = keeper->intake,
		.ledger = keeper->ledger,
		.pool = readers_pool(keeper->readers),
		.conf = keeper->conf,
		.subject_key = keeper->own.subject,
		.standings = keeper->standings,
		.lives = keeper->lives,
		.state_dir = keeper->paths.state,
		.mend = mend,
		.clock = &clock_system,
		.tally = keeper->tally,
		.lesson = reported_teach,
		.lesson_self = keeper,
	};

	keeper->deliver = deliver_open(&world, error);
	return keeper->deliver != NULL;
}

static struct keeper *
open_keeper(const struct conf *conf, gboolean mend, GError **error)
{
	struct keeper *keeper = g_new0(struct keeper, 1);

	pthread_mutex_init(&keeper->counting, NULL);
	keeper->tally = tally_new(counts_deliver);
	keeper->conf = conf;
	keeper->lock = -1;
	keeper->mended = json_array();
	paths_init(&keeper->paths, conf);
	if (open_keys(keeper, error))
		keeper->readers =
		    readers_start(conf, keeper->keys.feature, error);
	if (keeper->readers == NULL || !open_stores(keeper, mend, error) ||
	    !open_classifier(keeper, error) ||
	    !open_deliver(keeper, mend, error) ||
	    !wayback_open(keeper, error) || !privacy_open(keeper, error) ||
	    !restored_apply(keeper, error) || !damage_settle(keeper, error))
		keeper_close(&keeper);
	else {
		keeper->backup = backup_run_new(keeper);
		keeper->rotation = job_new(&(struct job_work){
		    "rotation of the vault", traces_rotate, keeper });
		keeper->deep = deep_run_new(keeper);
		keeper->verify = verify_run_new();
	}
	return keeper;
}

struct keeper *
keeper_open(const struct conf *conf, GError **error)
{
	return open_keeper(conf, FALSE, error);
}

struct keeper *
keeper_open_mending(const struct conf *conf, GError **error)
{
	return open_keeper(conf, TRUE, error);
}

void
keeper_close(struct keeper **address)
{
	struct keeper *keeper = *address;

	if (keeper == NULL)
		return;
	watch_close(&keeper->watch);
	backup_run_free(&keeper->backup);
	job_free(&keeper->rotation);
	deep_run_free(&keeper->deep);
	verify_run_free(&keeper->verify);
	json_decref(keeper->restored);
	json_decref(keeper->mended);
	starter_close(&keeper->starter);
	privacy_close(keeper);
	wayback_close(keeper);
	deliver_close(&keeper->deliver);
	tally_free(&keeper->tally);
	faculty_free(&keeper->faculty);
	learn_close(&keeper->learn);
	classify_free(&keeper->classify);
	ledger_close(&keeper->ledger);
	standings_close(&keeper->standings);
	lives_close(&keeper->lives);
	operators_close(&keeper->operators);
	vault_close(&keeper->vault);
	intake_close(&keeper->intake);
	daybook_close(&keeper->daybook);
	spool_close(&keeper->spool);
	readers_stop(&keeper->readers);
	home_keeper_keys_clear(&keeper->own);
	safe_free(&keeper->safe);
	home_keys_clear(&keeper->keys);
	paths_fini(&keeper->paths);
	file_close(&keeper->lock);
	pthread_mutex_destroy(&keeper->counting);
	g_clear_pointer(address, g_free);
}

gboolean
keeper_tend(void *self)
{
	struct keeper *keeper = self;
	gint64 now = clock_mono(&clock_system), start = now;
	g_autoptr(GError) error = NULL;
	enum learn_left left =
	    now >= keeper->tend ? LEARN_LEFT_MORE : LEARN_LEFT_NOTHING;

	tally_beat(keeper->tally);
	if (!daybook_tend(keeper->daybook, &error)) {
		log_error(LOG_LEVEL_ERROR, error, "daybook", NULL);
		g_clear_error(&error);
	}
	inboxes_tend(keeper);
	while (left == LEARN_LEFT_MORE && now < start + TURN_USEC) {
		if (!faculty_tend(keeper->faculty, &left, &error)) {
			log_error(LOG_LEVEL_ERROR, error, "tend-model", NULL);
			break;
		}
		now = clock_mono(&clock_system);
		keeper->tend =
		    left == LEARN_LEFT_NOTHING ? now + TEND_USEC : now;
	}
	return worker_pool_alive(readers_pool(keeper->readers)) &&
	       !damage_lost(keeper);
}

static gboolean
batch_begin(void *self, GError **error)
{
	struct keeper *keeper = self;

	return faculty_group_begin(keeper->faculty, error);
}

static gboolean
batch_end(void *self, GError **error)
{
	struct keeper *keeper = self;

	if (!faculty_group_end(keeper->faculty, error))
		return FALSE;
	wayback_settle(keeper);
	privacy_settle(keeper);
	return TRUE;
}

static const char *
alias(void *self, const char *actor, GError **error)
{
	struct keeper *keeper = self;

	return operators_alias(keeper->operators, actor, error);
}

static void
reveal(void *self, json_t *body)
{
	struct keeper *keeper = self;

	operators_reveal(keeper->operators, body);
}

struct control_service
keeper_service(struct keeper *keeper)
{
	return (struct control_service){ .verbs = keeper_verbs,
		.self = keeper,
		.batch_begin = batch_begin,
		.batch_end = batch_end,
		.alias = alias,
		.reveal = reveal };
}
