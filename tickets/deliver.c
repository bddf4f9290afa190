/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Delivery: the desks of the settings, and what people ask for by the command
 * line. deliver_one.c makes a ticket of one entry, deliver_run.c has the
 * threads.
 */
#include "tickets/deliver_private.h"

#include <string.h>
#include <sys/eventfd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"

/* A desk that fails is left alone this long at most, whatever waits. */
#define PAUSE_MAX 60
/* This many faults in a row are the desk's and not a message's. */
#define PAUSE_FAULTS 3
#define LOCAL "local" /* title and type of the embedded desk */

static guint
ident_hash(gconstpointer key)
{
	guint hash;

	memcpy(&hash, key, sizeof(hash));
	return hash;
}

static gboolean
ident_same(gconstpointer a, gconstpointer b)
{
	return ident_equal(a, b);
}

static void
lane_free(gpointer item)
{
	struct lane *lane = item;

	if (lane->desk != NULL)
		lane->desk->ops->close(lane->desk);
	g_sequence_free(lane->queue);
	g_hash_table_unref(lane->known);
	pthread_mutex_destroy(&lane->desk_lock);
	pthread_mutex_destroy(&lane->lock);
	pthread_cond_destroy(&lane->changed);
	g_free(lane->name);
	g_free(lane);
}

static struct lane *
lane_new(struct deliver *deliver, const char *name)
{
	struct lane *lane = g_new0(struct lane, 1);
	pthread_condattr_t attributes;

	lane->deliver = deliver;
	lane->name = g_strdup(name);
	lane->row = tally_row(deliver->world.tally, name);
	lane->queue = g_sequence_new(NULL);
	lane->known =
	    g_hash_table_new_full(ident_hash, ident_same, g_free, NULL);
	pthread_mutex_init(&lane->desk_lock, NULL);
	pthread_mutex_init(&lane->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&lane->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	return lane;
}

static const struct desk_ops *
find_type(const struct deliver *deliver, const char *type)
{
	const struct desk_ops *const *types = deliver->world.desk_types;

	if (type == NULL || types == NULL)
		return type == NULL ? NULL : desk_type(type);
	for (; *types != NULL; types++)
		if (g_str_equal((*types)->type, type))
			return *types;
	return NULL;
}

/* `section` NULL: the embedded desk, which needs none. */
static gboolean
open_desk(
    struct deliver *deliver, const struct conf_section *section, GError **error)
{
	const struct desk_ops *ops = find_type(
	    deliver, section == NULL ? LOCAL : conf_string(section, "type"));
	const struct desk_world world = {
		.state_dir = deliver->world.state_dir,
		.vault = deliver->world.vault,
		.subject_key = deliver->world.subject_key,
		.ledger = deliver->world.ledger,
		.mend = deliver->world.mend,
		.clock = deliver->world.clock,
		.global = conf_global(deliver->world.conf),
		.stopping = &deliver->stopping,
	};
	struct lane *lane =
	    lane_new(deliver, section == NULL ? LOCAL : conf_title(section));

	g_ptr_array_add(deliver->lanes, lane);
	if (ops == NULL)
		return err_set(error, DG_ERROR_BAD, "desk \"%s\": unknown type",
		    lane->name);
	lane->desk = ops->open(section, &world, error);
	if (lane->desk == NULL) {
		g_prefix_error(error, "desk \"%s\": ", lane->name);
		return FALSE;
	}
	return TRUE;
}

/* The embedded desk is there without a section of its own, where an inbox names
 * it or nothing else is. */
static gboolean
needs_local(const struct conf *conf)
{
	if (conf_find(conf, "desk", LOCAL) != NULL)
		return FALSE;
	for (guint i = 0; i < conf_count(conf, "inbox"); i++) {
		const char *name =
		    conf_string(conf_at(conf, "inbox", i), "desk");

		if (name != NULL && g_ascii_strcasecmp(name, LOCAL) == 0)
			return TRUE;
	}
	return conf_count(conf, "desk") == 0;
}

static gboolean
open_all(struct deliver *deliver, GError **error)
{
	const struct conf *conf = deliver->world.conf;

	for (guint i = 0; i < conf_count(conf, "desk"); i++)
		if (!open_desk(deliver, conf_at(conf, "desk", i), error))
			return FALSE;
	if (needs_local(conf) && !open_desk(deliver, NULL, error))
		return FALSE;
	deliver->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (deliver->wake < 0)
		return err_set(error, DG_ERROR_FULL, "deliver: no eventfd");
	return TRUE;
}

struct deliver *
deliver_open(const struct deliver_world *world, GError **error)
{
	struct deliver *deliver = g_new0(struct deliver, 1);
	const struct conf_section *global = conf_global(world->conf);

	deliver->world = *world;
	deliver->vaulted =
	    (struct vaulted){ world->spool, world->vault, world->intake };
	deliver->limits.minimum = conf_duration(global, "retry-min");
	deliver->limits.maximum = conf_duration(global, "retry-max");
	deliver->limits.attempts = (guint)conf_integer(global, "retry-limit");
	deliver->rules = rules_new(world->conf);
	deliver->lanes = g_ptr_array_new_with_free_func(lane_free);
	deliver->wake = -1;
	if (!open_all(deliver, error))
		deliver_close(&deliver);
	return deliver;
}

void
deliver_close(struct deliver **deliver)
{
	struct deliver *old = *deliver;

	*deliver = NULL;
	if (old == NULL)
		return;
	deliver_stop(old);
	g_ptr_array_unref(old->lanes);
	rules_free(&old->rules);
	file_close(&old->wake);
	g_free(old);
}

struct lane *
deliver_lane_named(struct deliver *deliver, const char *name)
{
	for (guint i = 0; i < deliver->lanes->len; i++) {
		struct lane *lane = deliver->lanes->pdata[i];

		if (g_ascii_strcasecmp(lane->name, name) == 0)
			return lane;
	}
	return NULL;
}

struct lane *
deliver_lane(struct deliver *deliver, const char *inbox, GError **error)
{
	const struct conf_section *section =
	    conf_find(deliver->world.conf, "inbox", inbox);
	const char *name =
	    section == NULL ? NULL : conf_string(section, "desk");
	struct lane *lane = NULL;

	/* An inbox that left the settings still has mail here: the first desk
	 * takes it, as it does for an inbox that names none. */
	if (name != NULL && name[0] != '\0')
		lane = deliver_lane_named(deliver, name);
	else if (deliver->lanes->len > 0)
		lane = deliver->lanes->pdata[0];
	if (lane == NULL)
		err_set(error, DG_ERROR_NOTFOUND,
		    "no desk \"%s\" in the settings", name == NULL ? "" : name);
	return lane;
}

void
lane_health(struct lane *lane, gboolean good)
{
	gint64 now = clock_mono(&clock_system);
	gboolean recovered = FALSE;
	gint64 delay;

	pthread_mutex_lock(&lane->lock);
	if (good) {
		recovered = lane->faults >= PAUSE_FAULTS;
		lane->recovered |= recovered;
		lane->faults = 0;
		lane->paused = 0;
	} else {
		lane->faults++;
		delay = retry_delay(&lane->deliver->limits, lane->faults, 0);
		if (lane->faults >= PAUSE_FAULTS)
			lane->paused =
			    now + MIN(delay, PAUSE_MAX) * G_USEC_PER_SEC;
	}
	pthread_mutex_unlock(&lane->lock);
	if (recovered) /* what waits is older than what is queued */
		deliver_wake(lane->deliver);
}

struct deliver_health
deliver_desk_health(const struct deliver *deliver, guint i)
{
	struct lane *lane = deliver->lanes->pdata[i];
	struct deliver_health health;

	pthread_mutex_lock(&lane->lock);
	health.faults = lane->faults;
	health.queued = g_hash_table_size(lane->known);
	pthread_mutex_unlock(&lane->lock);
	return health;
}

const char *
deliver_desk_name(const struct deliver *deliver, guint i)
{
	const struct lane *lane =
	    i < deliver->lanes->len ? deliver->lanes->pdata[i] : NULL;

	return lane != NULL ? lane->name : NULL;
}

struct desk *
deliver_lock_desk(
    struct deliver *deliver, const char *name, const char *type, GError **error)
{
	struct lane *lane = deliver_lane_named(deliver, name);

	if (lane == NULL) {
		err_set(
		    error, DG_ERROR_NOTFOUND, "there is no desk \"%s\"", name);
		return NULL;
	}
	if (type != NULL && !g_str_equal(lane->desk->ops->type, type)) {
		err_set(error, DG_ERROR_BAD,
		    "the desk \"%s\" is a %s: look at its tickets there", name,
		    lane->desk->ops->type);
		return NULL;
	}
	pthread_mutex_lock(&lane->desk_lock);
	return lane->desk;
}

void
deliver_unlock_desk(struct deliver *deliver, struct desk *desk)
{
	for (guint i = 0; i < deliver->lanes->len; i++) {
		struct lane *lane = deliver->lanes->pdata[i];

		if (lane->desk == desk)
			pthread_mutex_unlock(&lane->desk_lock);
	}
}

/* --- what people ask for --- */

gboolean
deliver_record(struct deliver *deliver, const struct ident *key,
    struct ledger_entry *record_r, GError **error)
{
	g_autoptr(GError) fault = NULL;

	memset(record_r, 0, sizeof(*record_r));
	if (ledger_get(deliver->world.ledger, key, record_r, &fault) ||
	    err_is(fault, DG_ERROR_NOTFOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

/*
 * Whoever changes an entry takes it first: by the rename to `busy` a lane that
 * is about to claim it, or housekeeping, finds it gone, and nobody writes the
 * ledger's record of it beside us.  A kill before the end leaves it `busy`,
 * which heal makes `new`: it is held, refused or delivered again, as if nobody
 * had asked.
 */
gboolean
deliver_take(struct deliver *deliver, const struct ident *key,
    enum spool_state from, GError **error)
{
	return spool_move(deliver->world.spool, key, from, SPOOL_BUSY, error);
}

/* What could not be done leaves it where it was, or else to heal. */
gboolean
deliver_give_back(struct deliver *deliver, const struct ident *key,
    enum spool_state from, gboolean done)
{
	g_autoptr(GError) fault = NULL;

	if (!done &&
	    !spool_move(deliver->world.spool, key, SPOOL_BUSY, from, &fault))
		log_error(LOG_LEVEL_ERROR, fault, "left-busy", NULL);
	return done;
}

static gboolean
reset_record(struct deliver *deliver, const struct ident *key,
    const struct deliver_return *how, GError **error)
{
	struct ledger_entry record;

	if (!deliver_record(deliver, key, &record, error))
		return FALSE;
	record.released |= how->release != NULL;
	record.milder |= how->milder;
	if (how->release != NULL && how->release[0] != '\0')
		g_strlcpy(record.reason, how->release, sizeof(record.reason));
	record.attempts = 0;
	record.next = 0;
	record.changed = clock_wall(deliver->world.clock);
	return ledger_put(deliver->world.ledger, key, &record, NULL, error);
}

gboolean
deliver_back_to_new(struct deliver *deliver, const struct ident *key,
    enum spool_state from, const struct deliver_return *how, GError **error)
{
	if (!deliver_take(deliver, key, from, error) ||
	    !deliver_give_back(deliver, key, from,
		reset_record(deliver, key, how, error) &&
		    spool_move(deliver->world.spool, key, SPOOL_BUSY, SPOOL_NEW,
			error)))
		return FALSE;
	deliver_wake(deliver);
	return TRUE;
}

gboolean
deliver_release_for(struct deliver *deliver, const struct ident *key,
    const char *why, GError **error)
{
	enum spool_state state;

	if (!spool_state(deliver->world.spool, key, &state, error))
		return FALSE;
	if (state != SPOOL_HELD)
		return err_set(error, DG_ERROR_NOTFOUND,
		    "not in quarantine: it is %s", spool_state_word(state));
	return deliver_back_to_new(deliver, key, SPOOL_HELD,
	    &(struct deliver_return){ .release = why }, error);
}

gboolean
deliver_release(
    struct deliver *deliver, const struct ident *key, GError **error)
{
	return deliver_release_for(deliver, key, "", error);
}

gboolean
deliver_retry(struct deliver *deliver, const struct ident *key, GError **error)
{
	enum spool_state state;

	if (!spool_state(deliver->world.spool, key, &state, error))
		return FALSE;
	if (state != SPOOL_WAIT && state != SPOOL_DEAD)
		return err_set(error, DG_ERROR_NOTFOUND,
		    "neither waiting nor dead: it is %s",
		    spool_state_word(state));
	return deliver_back_to_new(
	    deliver, key, state, &(struct deliver_return){ 0 }, error);
}

/* The record goes last: were it gone first, a kill here would make a second
 * ticket of one that may be there.  What became a ticket stays known, so that
 * the message coming once more does not become another one. */
gboolean
deliver_remove(struct deliver *deliver, const struct ident *key,
    gboolean forget, GError **error)
{
	return spool_drop(deliver->world.spool, key, error) &&
	       (!forget || ledger_del(deliver->world.ledger, key, error));
}

gboolean
deliver_drop_from(struct deliver *deliver, const struct ident *key,
    enum spool_state from, GError **error)
{
	return deliver_take(deliver, key, from, error) &&
	       deliver_give_back(deliver, key, from,
		   deliver_remove(deliver, key, from != SPOOL_DONE, error));
}

gboolean
deliver_drop(struct deliver *deliver, const struct ident *key, GError **error)
{
	g_autoptr(GError) fault = NULL;
	enum spool_state state;

	if (!spool_state(deliver->world.spool, key, &state, error))
		return FALSE;
	if (state != SPOOL_BUSY &&
	    deliver_drop_from(deliver, key, state, &fault))
		return TRUE;
	if (state == SPOOL_BUSY || err_is(fault, DG_ERROR_NOTFOUND))
		return err_set(
		    error, DG_ERROR_AGAIN, "it is being delivered just now");
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}
