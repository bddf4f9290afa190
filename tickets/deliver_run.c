/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The threads of delivery: a watcher that looks at the spool each second (or
 * when woken) and gives each entry to the lane of its desk, and one thread for
 * each lane.  The files are the truth: what stands in a lane's queue is only a
 * hint, and whoever finds its entry moved away leaves it.
 */
#include "tickets/deliver_private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "tickets/note.h"
#include "tickets/post.h"

#define LOOK_MS ((gint64)1000)
#define TEND_EVERY ((gint64)10 * 60 * G_USEC_PER_SEC)
/* What waits is looked through this often at least; sooner when one is due. */
#define WAIT_EVERY ((gint64)5 * G_USEC_PER_SEC)
/* A lane that recovers looks at all that waits, at most this often: single
 * messages that always fail must not be tried after each that does not. */
#define RECOVER_EVERY ((gint64)60 * G_USEC_PER_SEC)
/* As many entries in a lane's queue are enough for it to be busy. */
#define CROWD 16
#define FAULT_PAUSE ((gint64)5 * G_USEC_PER_SEC)

struct watch {
	struct deliver *deliver;
	gint64 next_wait, next_tend; /* mono */
	gint64 last_recovery;
};

static gboolean
stopping(struct deliver *deliver)
{
	return g_atomic_int_get(&deliver->stopping) != 0;
}

/* --- a lane --- */

/* What stands in a lane's queue; `known` points to it by its key. */
struct waiting {
	struct ident key;
	gint64 came; /* wall: into the spool */
};

/* Nobody's mail is passed by what came after it, though it may have been tried
 * already and waited. */
static gint
by_age(gconstpointer a, gconstpointer b, gpointer unused)
{
	const struct waiting *one = a, *other = b;

	(void)unused;
	return one->came < other->came ? -1 : one->came > other->came;
}

static void
lane_push(struct lane *lane, const struct ident *key)
{
	struct waiting *waiting = g_new(struct waiting, 1);

	waiting->key = *key;
	/* What is gone meanwhile is left by whoever takes it. */
	if (!spool_time(lane->deliver->world.spool, key, &waiting->came, NULL))
		waiting->came = 0;
	pthread_mutex_lock(&lane->lock);
	if (!g_hash_table_contains(lane->known, key)) {
		g_hash_table_add(lane->known, waiting);
		g_sequence_insert_sorted(
		    lane->queue, g_steal_pointer(&waiting), by_age, NULL);
		pthread_cond_signal(&lane->changed);
	}
	pthread_mutex_unlock(&lane->lock);
	g_free(waiting);
}

static guint
lane_length(struct lane *lane)
{
	guint length;

	pthread_mutex_lock(&lane->lock);
	length = (guint)g_sequence_get_length(lane->queue);
	pthread_mutex_unlock(&lane->lock);
	return length;
}

static gboolean
lane_knows(struct lane *lane, const struct ident *key)
{
	gboolean known;

	pthread_mutex_lock(&lane->lock);
	known = g_hash_table_contains(lane->known, key);
	pthread_mutex_unlock(&lane->lock);
	return known;
}

/* Waits for an entry and for the end of a pause; FALSE: stop.  The entry stays
 * known until lane_done. */
static gboolean
lane_take(struct lane *lane, struct ident *key_r)
{
	gboolean taken = FALSE;

	pthread_mutex_lock(&lane->lock);
	while (!taken && !stopping(lane->deliver)) {
		gint64 now = clock_mono(&clock_system);
		GSequenceIter *first = g_sequence_get_begin_iter(lane->queue);

		if (lane->paused <= now && !g_sequence_iter_is_end(first)) {
			*key_r = ((struct waiting *)g_sequence_get(first))->key;
			g_sequence_remove(first);
			taken = TRUE;
		} else if (lane->paused > now) {
			const struct timespec until = {
				.tv_sec = lane->paused / G_USEC_PER_SEC,
				.tv_nsec = lane->paused % G_USEC_PER_SEC * 1000
			};

			pthread_cond_timedwait(
			    &lane->changed, &lane->lock, &until);
		} else {
			pthread_cond_wait(&lane->changed, &lane->lock);
		}
	}
	pthread_mutex_unlock(&lane->lock);
	return taken;
}

static void
lane_done(struct lane *lane, const struct ident *key, gboolean fault)
{
	pthread_mutex_lock(&lane->lock);
	g_hash_table_remove(lane->known, key);
	if (fault) /* our own disk is ill: no use in hurrying */
		lane->paused = clock_mono(&clock_system) + FAULT_PAUSE;
	pthread_mutex_unlock(&lane->lock);
}

static enum log_level
level_of(enum desk_level level)
{
	return level == DESK_FAIL   ? LOG_LEVEL_ERROR
	       : level == DESK_WARN ? LOG_LEVEL_WARN
				    : LOG_LEVEL_DEBUG;
}

/* What `deskgate desk test` says, into the log, before the first call: a right
 * or a field that is missing is told when it can be mended, not with the first
 * mail that is refused. */
static void
lane_look(struct lane *lane)
{
	struct desk_report *report OWNED(desk_report_free) = desk_report_new();
	g_autoptr(GError) fault = NULL;
	gboolean looked;

	pthread_mutex_lock(&lane->desk_lock);
	looked = desk_test(lane->desk, report, &fault);
	pthread_mutex_unlock(&lane->desk_lock);
	if (stopping(lane->deliver))
		return; /* cut off, it says nothing of the desk */
	if (!looked) {
		log_error(LOG_LEVEL_ERROR, fault, "desk-unchecked", "desk",
		    lane->name, NULL);
		return;
	}
	for (guint i = 0; i < report->checks->len; i++) {
		const struct desk_check *check = report->checks->pdata[i];

		log_event(level_of(check->level), "desk-check", "desk",
		    lane->name, "check", check->name, "level",
		    desk_level_word(check->level), "text", check->text, "mend",
		    check->mend, NULL);
	}
	log_event(LOG_LEVEL_INFO, "desk-checked", "desk", lane->name, "worst",
	    desk_level_word(desk_report_worst(report)), NULL);
}

static void *
lane_thread(void *self)
{
	struct lane *lane = self;
	struct ident key;

	if (!stopping(lane->deliver) &&
	    !deliver_desk_rests(lane->deliver, lane->name))
		lane_look(lane);
	while (lane_take(lane, &key)) {
		g_autoptr(GError) fault = NULL;
		char name[IDENT_TEXT];

		if (!deliver_one(lane->deliver, &key, &fault) &&
		    !err_is(fault, DG_ERROR_NOTFOUND)) {
			ident_text(&key, name);
			log_error(LOG_LEVEL_ERROR, fault, "deliver-fault", "id",
			    name, NULL);
			lane_done(lane, &key, TRUE);
		} else {
			lane_done(lane, &key, FALSE);
		}
	}
	return NULL;
}

/* --- the watcher --- */

static gboolean
any_knows(struct deliver *deliver, const struct ident *key)
{
	for (guint i = 0; i < deliver->lanes->len; i++)
		if (lane_knows(deliver->lanes->pdata[i], key))
			return TRUE;
	return FALSE;
}

/* The lane of an entry; the first for what cannot be read or has no desk, which
 * it then tells in its own way. */
static struct lane *
route(struct deliver *deliver, const struct ident *key)
{
	struct entry *entry OWNED(entry_free) = NULL;
	struct lane *lane = NULL;

	if (deliver->lanes->len > 1 &&
	    vaulted_read(&deliver->vaulted, key, &entry, NULL, NULL))
		lane = deliver_lane(deliver, entry->inbox, NULL);
	return lane == NULL ? deliver->lanes->pdata[0] : lane;
}

static void
look_new(struct deliver *deliver)
{
	g_autoptr(GError) fault = NULL;
	g_autoptr(GArray) keys =
	    spool_list(deliver->world.spool, SPOOL_NEW, G_MAXUINT, &fault);

	if (keys == NULL) {
		log_error(LOG_LEVEL_ERROR, fault, "spool-fault", NULL);
		return;
	}
	for (guint i = 0; i < keys->len && !stopping(deliver); i++) {
		const struct ident *key = &g_array_index(keys, struct ident, i);

		if (!any_knows(deliver, key))
			lane_push(route(deliver, key), key);
	}
}

/* Whether a lane came back, of which desk NULL-ended names are kept in the
 * ledger. */
static gboolean
take_recovery(struct lane *lane)
{
	gboolean recovered;

	pthread_mutex_lock(&lane->lock);
	recovered = lane->recovered;
	lane->recovered = FALSE;
	pthread_mutex_unlock(&lane->lock);
	return recovered;
}

/* A record from a time to come: the clock was set back, and what waits must not
 * wait till then. */
static gboolean
is_due(const struct ledger_entry *record, gint64 now)
{
	return record->next <= now || record->changed > now;
}

/* What rested while its inbox was suspended comes a few at a time, so that new
 * mail of others is not behind all of it. */
static gboolean
is_crowded(struct deliver *deliver, const struct ledger_entry *record)
{
	struct lane *lane = deliver_lane(deliver, record->inbox, NULL);

	return record->attempts == 0 && lane != NULL &&
	       lane_length(lane) >= CROWD;
}

/* Gives what waits and is due (or all of one desk) to its lane; tells when the
 * next is due. */
static gint64
look_wait(struct deliver *deliver, const char *recovered)
{
	g_autoptr(GArray) keys =
	    spool_list(deliver->world.spool, SPOOL_WAIT, G_MAXUINT, NULL);
	gint64 now = clock_wall(deliver->world.clock);
	gint64 sooner = WAIT_EVERY;

	for (guint i = 0; keys != NULL && i < keys->len; i++) {
		const struct ident *key = &g_array_index(keys, struct ident, i);
		struct ledger_entry record;

		if (any_knows(deliver, key) ||
		    !deliver_record(deliver, key, &record, NULL) ||
		    lives_rest(deliver->world.lives, record.inbox))
			continue;
		if (is_crowded(deliver, &record))
			sooner = MIN(sooner, G_USEC_PER_SEC);
		else if (is_due(&record, now) ||
			 (recovered != NULL &&
			     g_str_equal(recovered, record.desk)))
			lane_push(route(deliver, key), key);
		else
			sooner = MIN(sooner, record.next - now);
	}
	return MAX(sooner, G_USEC_PER_SEC);
}

static void
watch_turn(struct watch *watch)
{
	struct deliver *deliver = watch->deliver;
	gint64 now = clock_mono(&clock_system);
	g_autoptr(GError) fault = NULL;

	if (!deliver_milder(deliver, &fault)) {
		log_error(LOG_LEVEL_ERROR, fault, "milder-fault", NULL);
		g_clear_error(&fault);
	}
	look_new(deliver);
	for (guint i = 0; i < deliver->lanes->len; i++) {
		struct lane *lane = deliver->lanes->pdata[i];

		if (now - watch->last_recovery >= RECOVER_EVERY &&
		    take_recovery(lane)) {
			watch->last_recovery = now;
			(void)look_wait(deliver, lane->name);
		}
	}
	if (now >= watch->next_wait)
		watch->next_wait = now + look_wait(deliver, NULL);
	if (now >= watch->next_tend) {
		watch->next_tend = now + TEND_EVERY;
		if (!deliver_tend(deliver, &fault))
			log_error(LOG_LEVEL_ERROR, fault, "tend-fault", NULL);
	}
}

static void *
watch_thread(void *self)
{
	struct deliver *deliver = self;
	struct watch watch = { .deliver = deliver,
		.last_recovery = G_MININT64 / 2 };
	struct pollfd item = { deliver->wake, POLLIN, 0 };
	gint64 start, spent = 0;
	guint64 count;

	while (!stopping(deliver)) {
		start = clock_mono(&clock_system);
		watch_turn(&watch);
		spent = clock_mono(&clock_system) - start;
		/* With very much in the spool, looking must not be all we do.
		 */
		(void)poll(&item, 1,
		    (int)MAX(LOOK_MS, MIN(spent / 1000 * 4, 30 * LOOK_MS)));
		if (read(deliver->wake, &count, sizeof(count)) > 0)
			watch.next_wait = 0;
	}
	return NULL;
}

void
deliver_wake(struct deliver *deliver)
{
	const guint64 one = 1;

	while (write(deliver->wake, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
}

static gboolean
start_threads(struct deliver *deliver, GError **error)
{
	int number;

	for (guint i = 0; i < deliver->lanes->len; i++) {
		struct lane *lane = deliver->lanes->pdata[i];

		number = pthread_create(&lane->thread, NULL, lane_thread, lane);
		if (number != 0)
			return err_errno(error, number, "deliver: thread");
		lane->started = TRUE;
	}
	number = pthread_create(&deliver->watcher, NULL, watch_thread, deliver);
	if (number != 0)
		return err_errno(error, number, "deliver: thread");
	deliver->watching = TRUE;
	return TRUE;
}

static gboolean
start_post(struct deliver *deliver, GError **error)
{
	g_autoptr(GError) fault = NULL;

	deliver->post = post_start(deliver, &fault);
	if (fault == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

gboolean
deliver_start(struct deliver *deliver, GError **error)
{
	g_autofree char *text = NULL;
	guint healed;

	if (!spool_heal(deliver->world.spool, &healed, error) ||
	    !note_heal(deliver, FALSE, error))
		return FALSE;
	text = g_strdup_printf("%u", healed);
	log_event(LOG_LEVEL_INFO, "spool-healed", "entries", text, NULL);
	g_atomic_int_set(&deliver->stopping, 0);
	if (deliver->lanes->len == 0) {
		log_event(LOG_LEVEL_WARN, "no-desk", NULL);
		return TRUE;
	}
	if (start_threads(deliver, error) && start_post(deliver, error))
		return TRUE;
	deliver_stop(deliver);
	return FALSE;
}

void
deliver_hang_up(struct deliver *deliver)
{
	g_atomic_int_set(&deliver->stopping, 1);
}

void
deliver_stop(struct deliver *deliver)
{
	deliver_hang_up(deliver);
	if (deliver->wake >= 0)
		deliver_wake(deliver);
	post_stop(&deliver->post);
	if (deliver->watching)
		pthread_join(deliver->watcher, NULL);
	deliver->watching = FALSE;
	for (guint i = 0; i < deliver->lanes->len; i++) {
		struct lane *lane = deliver->lanes->pdata[i];

		pthread_mutex_lock(&lane->lock);
		pthread_cond_broadcast(&lane->changed);
		pthread_mutex_unlock(&lane->lock);
		if (lane->started)
			pthread_join(lane->thread, NULL);
		lane->started = FALSE;
		/* What stood in the queue stands in the spool. */
		g_sequence_remove_range(g_sequence_get_begin_iter(lane->queue),
		    g_sequence_get_end_iter(lane->queue));
		g_hash_table_remove_all(lane->known);
	}
}
