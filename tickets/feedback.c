/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The threads of the way back: one for each desk that is asked, so that a slow
 * desk holds up no other's decisions, and one that judges again.
 *
 * Locks: a poller holds a desk's lock (deliver_lock_desk) only while it asks,
 * and begins a group of lessons only after; the rescorer holds neither.  So
 * whoever holds the models' locks waits for no desk that waits for him.
 */
#include <errno.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "tickets/feedback_private.h"

/* The longest a desk that fails is left alone. */
#define PAUSE_MOST ((gint64)5 * 60 * G_USEC_PER_SEC)
/* Seconds, of the embedded desk when it has no section. */
#define FEEDBACK_INTERVAL 30
#define FEEDBACK_LOCAL "local"
/* Notes that could not be written (note.h) are looked at this often. */
#define NOTES_EVERY ((gint64)10 * G_USEC_PER_SEC)
/* Full answers in a row that are read without a pause. */
#define ROUNDS_MOST 50

/* --- what all of it tells --- */

void
feedback_audit(struct feedback *feedback, const char *actor, const char *act,
    const char *object, const char *outcome)
{
	const struct audit_act line = { actor, act, object, outcome };
	g_autoptr(GError) fault = NULL;

	if (feedback->world.audit != NULL &&
	    !audit_add(feedback->world.audit, &line, &fault))
		log_error(LOG_LEVEL_ERROR, fault, "audit-fault", "act", act,
		    "actor", actor, NULL);
}

void
feedback_count(struct feedback *feedback, const char *actor, const char *act)
{
	g_autoptr(GError) fault = NULL;

	if (!ledger_tally(feedback->world.ledger, actor, act,
		clock_wall(feedback->world.clock), &fault))
		log_error(LOG_LEVEL_ERROR, fault, "tally-fault", "act", act,
		    "actor", actor, NULL);
}

void
feedback_wait(
    struct feedback *feedback, const struct ident *subject, const char *actor)
{
	struct waiter waiter = { .subject = *subject };

	g_strlcpy(waiter.actor, actor, sizeof(waiter.actor));
	pthread_mutex_lock(&feedback->lock);
	for (guint i = 0; i < feedback->waiters->len; i++)
		if (ident_equal(
			&g_array_index(feedback->waiters, struct waiter, i)
			     .subject,
			subject))
			g_array_remove_index(feedback->waiters, i--);
	g_array_append_val(feedback->waiters, waiter);
	pthread_mutex_unlock(&feedback->lock);
}

static GArray *
waiters_new(void)
{
	return g_array_new(FALSE, FALSE, sizeof(struct waiter));
}

/* With the lock held. */
static GArray *
take_waiters(struct feedback *feedback)
{
	GArray *taken = feedback->waiters;

	feedback->waiters = waiters_new();
	return taken;
}

void
feedback_settle(struct feedback *feedback)
{
	GArray *mine = NULL;

	pthread_mutex_lock(&feedback->lock);
	if (feedback->rescoring)
		pthread_cond_broadcast(&feedback->changed);
	else
		mine = take_waiters(feedback);
	pthread_mutex_unlock(&feedback->lock);
	if (mine == NULL)
		return;
	feedback_rescore(feedback, mine);
	g_array_unref(mine);
}

static void *
rescorer_thread(void *self)
{
	struct feedback *feedback = self;
	struct timespec at;
	gint64 until;

	pthread_mutex_lock(&feedback->lock);
	while (!feedback->stopping) {
		GArray *taken;

		if (feedback->waiters->len == 0) {
			until = clock_mono(&clock_system) + NOTES_EVERY;
			at.tv_sec = until / G_USEC_PER_SEC;
			at.tv_nsec = until % G_USEC_PER_SEC * 1000;
			if (pthread_cond_timedwait(&feedback->changed,
				&feedback->lock, &at) != ETIMEDOUT)
				continue;
		}
		taken = take_waiters(feedback);
		pthread_mutex_unlock(&feedback->lock);
		feedback_rescore(feedback, taken);
		g_array_unref(taken);
		pthread_mutex_lock(&feedback->lock);
	}
	pthread_mutex_unlock(&feedback->lock);
	return NULL;
}

/* --- one desk's changes --- */

/* What agents sent from a ticket of ours: answers to it then find it. */
static gboolean
join_ids(struct feedback *feedback, const struct ledger_mark *mark,
    const struct desk_event *event, GError **error)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new();
	g_autoptr(GError) fault = NULL;
	struct ledger_entry record;

	if (event->message_ids->len == 0 || mark->n == 0)
		return TRUE;
	for (guint i = 0; i < event->message_ids->len; i++)
		g_ptr_array_add(ids, event->message_ids->pdata[i]);
	g_ptr_array_add(ids, NULL);
	if (!ledger_get(feedback->world.ledger, &mark->entries[mark->n - 1].key,
		&record, &fault))
		return err_is(fault, DG_ERROR_NOTFOUND) ||
		       err_set(error, DG_ERROR_IO, "%s", fault->message);
	return ledger_join(feedback->world.ledger, &record,
	    (const char *const *)ids->pdata, error);
}

static gboolean
in_group(struct feedback *feedback, const struct feedback_decision *decision,
    GError **error)
{
	const struct feedback_world *world = &feedback->world;
	gboolean done;

	if (!world->begin(world->self, error))
		return FALSE;
	done = feedback_decided(feedback, decision, NULL, error);
	return world->end(world->self, done ? error : NULL) && done;
}

gboolean
feedback_tell(struct feedback *feedback,
    const struct feedback_decision *decision, GError **error)
{
	if (!in_group(feedback, decision, error))
		return FALSE;
	feedback_settle(feedback);
	return TRUE;
}

static gboolean
handle_event(
    struct poller *poller, const struct desk_event *event, GError **error)
{
	struct feedback *feedback = poller->feedback;
	g_autofree char *actor =
	    feedback_actor(feedback, poller->desk, event->who, error);
	const struct feedback_decision decision = { .desk = poller->desk,
		.ticket = event->id,
		.status = event->status,
		.actor = actor,
		.when = event->when };
	g_autoptr(GError) fault = NULL;
	struct ledger_mark mark;

	if (actor == NULL)
		return FALSE;
	if (!ledger_mark_get(feedback->world.ledger, poller->desk, event->id,
		&mark, &fault)) {
		if (err_is(fault, DG_ERROR_NOTFOUND))
			return TRUE; /* a ticket that we did not make */
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	if (!join_ids(feedback, &mark, event, error))
		return FALSE;
	if (decision_of(&mark, event->status, event->when) == DECISION_NOTHING)
		return TRUE;
	return in_group(feedback, &decision, error);
}

static gboolean
ask_desk(struct poller *poller, struct desk_cursor *cursor, GPtrArray *events,
    guint *passed_by_r, GError **error)
{
	struct deliver *deliver = poller->feedback->world.deliver;
	struct desk *desk =
	    deliver_lock_desk(deliver, poller->desk, NULL, error);
	gboolean done;

	if (desk == NULL)
		return FALSE;
	desk->passed_by = 0;
	done = desk->ops->changes(desk, cursor, events, error);
	*passed_by_r = desk->passed_by;
	deliver_unlock_desk(deliver, desk);
	return done;
}

/* What was decided of these is never told: it stands in the statistics. */
static void
count_passed_by(struct poller *poller, guint passed_by)
{
	g_autofree char *actor = g_strconcat("desk:", poller->desk, NULL);

	for (guint i = 0; i < passed_by; i++)
		feedback_count(poller->feedback, actor, "passed-by");
}

/* One answer of the desk.  The cursor moves last. */
static gboolean
poll_round(struct poller *poller, guint *events_r, GError **error)
{
	struct feedback *feedback = poller->feedback;
	g_autoptr(GPtrArray) events =
	    g_ptr_array_new_with_free_func(desk_event_free);
	struct desk_cursor cursor, before;
	guint passed_by;

	if (!ledger_cursor_get(
		feedback->world.ledger, poller->desk, &cursor, error))
		return FALSE;
	before = cursor;
	if (!ask_desk(poller, &cursor, events, &passed_by, error))
		return FALSE;
	*events_r = events->len;
	for (guint i = 0; i < events->len; i++)
		if (!handle_event(poller, events->pdata[i], error))
			return FALSE;
	if (strcmp(cursor.text, before.text) != 0 &&
	    !ledger_cursor_put(
		feedback->world.ledger, poller->desk, &cursor, error))
		return FALSE;
	count_passed_by(poller, passed_by);
	return TRUE;
}

static gboolean
is_stopping(struct feedback *feedback)
{
	gboolean stopping;

	pthread_mutex_lock(&feedback->lock);
	stopping = feedback->stopping;
	pthread_mutex_unlock(&feedback->lock);
	return stopping;
}

static void
poll_desk(struct poller *poller)
{
	g_autoptr(GError) fault = NULL;
	guint events = DESK_EVENTS_MAX;
	gboolean good = TRUE;

	for (guint i = 0; good && events >= DESK_EVENTS_MAX &&
			  i < ROUNDS_MOST && !is_stopping(poller->feedback);
	     i++)
		good = poll_round(poller, &events, &fault);
	feedback_settle(poller->feedback);
	if (good && poller->faults > 0)
		log_event(LOG_LEVEL_INFO, "changes-again", "desk", poller->desk,
		    NULL);
	else if (!good && poller->faults == 0)
		log_error(LOG_LEVEL_WARN, fault, "changes-fault", "desk",
		    poller->desk, NULL);
	poller->faults = good ? 0 : MIN(poller->faults + 1, 10);
}

/* Until the next time, or a nudge. */
static void
poll_pause(struct poller *poller)
{
	struct feedback *feedback = poller->feedback;
	gint64 wait = poller->interval;
	gint64 until;
	struct timespec at;

	if (poller->faults > 1)
		wait = MAX(wait, MIN(wait << (poller->faults - 1), PAUSE_MOST));
	until = clock_mono(&clock_system) + wait;
	at.tv_sec = until / G_USEC_PER_SEC;
	at.tv_nsec = until % G_USEC_PER_SEC * 1000;
	pthread_mutex_lock(&feedback->lock);
	while (!feedback->stopping && !poller->nudged &&
	       clock_mono(&clock_system) < until)
		(void)pthread_cond_timedwait(
		    &feedback->changed, &feedback->lock, &at);
	poller->nudged = FALSE;
	pthread_mutex_unlock(&feedback->lock);
}

static void *
poller_thread(void *self)
{
	struct poller *poller = self;

	while (!is_stopping(poller->feedback)) {
		if (!deliver_desk_rests(
			poller->feedback->world.deliver, poller->desk))
			poll_desk(poller);
		poll_pause(poller);
	}
	return NULL;
}

/* --- the whole --- */

static void
poller_free(gpointer item)
{
	struct poller *poller = item;

	g_free(poller->desk);
	g_free(poller);
}

/* `section` NULL: the embedded desk without one of its own. */
static void
add_poller(struct feedback *feedback, const char *name,
    const struct conf_section *section)
{
	struct deliver *deliver = feedback->world.deliver;
	struct desk *desk = deliver_lock_desk(deliver, name, NULL, NULL);
	gint64 interval = section == NULL
			      ? FEEDBACK_INTERVAL
			      : conf_duration(section, "poll-interval");
	struct poller *poller;
	gboolean tells;

	if (desk == NULL)
		return;
	tells = desk->ops->changes != NULL;
	deliver_unlock_desk(deliver, desk);
	if (!tells || interval == 0)
		return;
	poller = g_new0(struct poller, 1);
	poller->feedback = feedback;
	poller->desk = g_strdup(name);
	poller->interval = interval * G_USEC_PER_SEC;
	g_ptr_array_add(feedback->pollers, poller);
}

struct feedback *
feedback_open(const struct feedback_world *world)
{
	struct feedback *feedback = g_new0(struct feedback, 1);
	const struct conf_section *global = conf_global(world->conf);
	pthread_condattr_t attributes;

	feedback->world = *world;
	feedback->rescore = conf_flag(global, "rescore");
	feedback->unmark_is_ham =
	    strcmp(conf_string(global, "unmark"), "ham") == 0;
	feedback->trust_for =
	    conf_duration(global, "trust-for") * G_USEC_PER_SEC;
	feedback->pollers = g_ptr_array_new_with_free_func(poller_free);
	feedback->waiters = waiters_new();
	pthread_mutex_init(&feedback->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&feedback->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	for (guint i = 0; i < conf_count(world->conf, "desk"); i++) {
		const struct conf_section *desk =
		    conf_at(world->conf, "desk", i);

		add_poller(feedback, conf_title(desk), desk);
	}
	if (conf_find(world->conf, "desk", FEEDBACK_LOCAL) == NULL)
		add_poller(feedback, FEEDBACK_LOCAL, NULL);
	return feedback;
}

void
feedback_close(struct feedback **address)
{
	struct feedback *feedback = *address;

	if (feedback == NULL)
		return;
	feedback_stop(feedback);
	g_ptr_array_unref(feedback->pollers);
	g_array_unref(feedback->waiters);
	pthread_mutex_destroy(&feedback->lock);
	pthread_cond_destroy(&feedback->changed);
	g_clear_pointer(address, g_free);
}

gboolean
feedback_start(struct feedback *feedback, GError **error)
{
	int number;

	feedback->stopping = FALSE;
	number = pthread_create(
	    &feedback->rescorer, NULL, rescorer_thread, feedback);
	feedback->rescoring = number == 0;
	for (guint i = 0; number == 0 && i < feedback->pollers->len; i++) {
		struct poller *poller = feedback->pollers->pdata[i];

		number = pthread_create(
		    &poller->thread, NULL, poller_thread, poller);
		poller->started = number == 0;
	}
	if (number == 0)
		return TRUE;
	feedback_stop(feedback);
	return err_errno(error, number, "feedback: thread");
}

void
feedback_stop(struct feedback *feedback)
{
	pthread_mutex_lock(&feedback->lock);
	feedback->stopping = TRUE;
	pthread_cond_broadcast(&feedback->changed);
	pthread_mutex_unlock(&feedback->lock);
	for (guint i = 0; i < feedback->pollers->len; i++) {
		struct poller *poller = feedback->pollers->pdata[i];

		if (poller->started)
			pthread_join(poller->thread, NULL);
		poller->started = FALSE;
	}
	if (feedback->rescoring)
		pthread_join(feedback->rescorer, NULL);
	pthread_mutex_lock(&feedback->lock);
	feedback->rescoring = FALSE;
	pthread_mutex_unlock(&feedback->lock);
}

char *
feedback_actor(struct feedback *feedback, const char *desk, const char *who,
    GError **error)
{
	g_autofree char *name =
	    decision_actor(feedback->world.subject_key, desk, who);

	return feedback->world.operators == NULL
		   ? g_steal_pointer(&name)
		   : g_strdup(operators_alias(
			 feedback->world.operators, name, error));
}

gboolean
feedback_nudge(struct feedback *feedback, const char *desk)
{
	gboolean found = FALSE;

	pthread_mutex_lock(&feedback->lock);
	for (guint i = 0; i < feedback->pollers->len; i++) {
		struct poller *poller = feedback->pollers->pdata[i];

		if (g_ascii_strcasecmp(poller->desk, desk) != 0)
			continue;
		found = poller->nudged = TRUE;
		pthread_cond_broadcast(&feedback->changed);
	}
	pthread_mutex_unlock(&feedback->lock);
	return found;
}
