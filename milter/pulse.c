/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lock is held while a sign is given, so that none is given after
 * pulse_leave.  It is a few bytes into a socket whose buffer is empty, so
 * nobody waits.
 */
#include "milter/pulse.h"

#include <pthread.h>

struct pulse {
	const struct clock *clock;
	pthread_mutex_t lock;
	GPtrArray *waiters; /* struct pulse_waiter *, borrowed */
};

struct pulse *
pulse_new(const struct clock *clock)
{
	struct pulse *pulse = g_new0(struct pulse, 1);

	pulse->clock = clock;
	pulse->waiters = g_ptr_array_new();
	pthread_mutex_init(&pulse->lock, NULL);
	return pulse;
}

void
pulse_free(struct pulse **pulse)
{
	if (*pulse == NULL)
		return;
	g_assert((*pulse)->waiters->len == 0);
	g_ptr_array_unref((*pulse)->waiters);
	pthread_mutex_destroy(&(*pulse)->lock);
	g_clear_pointer(pulse, g_free);
}

void
pulse_join(struct pulse *pulse, struct pulse_waiter *waiter)
{
	waiter->due = clock_mono(pulse->clock) + PULSE_PERIOD;
	waiter->lost = FALSE;
	pthread_mutex_lock(&pulse->lock);
	g_ptr_array_add(pulse->waiters, waiter);
	pthread_mutex_unlock(&pulse->lock);
}

gboolean
pulse_leave(struct pulse *pulse, struct pulse_waiter *waiter)
{
	pthread_mutex_lock(&pulse->lock);
	g_ptr_array_remove_fast(pulse->waiters, waiter);
	pthread_mutex_unlock(&pulse->lock);
	return !waiter->lost;
}

gboolean
pulse_now(struct pulse *pulse, struct pulse_waiter *waiter)
{
	gboolean alive;

	pthread_mutex_lock(&pulse->lock);
	waiter->due = clock_mono(pulse->clock) + PULSE_PERIOD;
	if (!waiter->lost)
		waiter->lost = !waiter->beat(waiter->self);
	alive = !waiter->lost;
	pthread_mutex_unlock(&pulse->lock);
	return alive;
}

void
pulse_beat(struct pulse *pulse)
{
	gint64 now = clock_mono(pulse->clock);

	pthread_mutex_lock(&pulse->lock);
	for (guint i = 0; i < pulse->waiters->len; i++) {
		struct pulse_waiter *waiter = pulse->waiters->pdata[i];

		if (waiter->lost || waiter->due > now)
			continue;
		waiter->due = now + PULSE_PERIOD;
		waiter->lost = !waiter->beat(waiter->self);
	}
	pthread_mutex_unlock(&pulse->lock);
}
