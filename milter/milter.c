/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The milter, put together.
 *
 * libmilter cannot be taken apart again: it never waits for its threads, and
 * they may sit in a callback, or hold a connection, as long as the process
 * lives.  So it is left running until the process ends, and what callbacks
 * touch is not freed.  What belongs to others (spool, readers) is out of their
 * reach once the hall is closed: they go there only between hall_begin and
 * hall_end.
 */
#include "milter/milter.h"

#include <pthread.h>
#include <sys/resource.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "milter/gate.h"
#include "milter/port_milter.h"
#include "milter/socket.h"

/* Of a process that is idle, and of a connection at the end of a message. */
#define BASE_DESCRIPTORS 64
#define CONNECTION_DESCRIPTORS 4
/* For answers to be written: libmilter does so after our callback, and tells
 * nobody. */
#define ANSWER_USEC (G_USEC_PER_SEC / 10)

struct milter {
	struct milter_world world;
	struct session_world session;
	struct hall *hall;
	struct gate *gate;
	struct gauge *gauge;
	struct pulse *pulse;
	gboolean listening, started;
	gboolean failed; /* set before `ended` */
	gint ended;      /* atomic */
};

/* libmilter spins when it cannot accept for want of a descriptor. */
static guint
most_connections(void)
{
	struct rlimit limit;
	guint64 most;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return G_MAXUINT;
	most =
	    limit.rlim_cur > BASE_DESCRIPTORS
		? (limit.rlim_cur - BASE_DESCRIPTORS) / CONNECTION_DESCRIPTORS
		: 1;
	return MIN(most, G_MAXUINT);
}

static struct hall *
open_hall(const struct conf *conf)
{
	struct terms *terms = terms_new(conf);
	guint most = most_connections();

	if (most < terms->max_connections) {
		g_autofree char *text = g_strdup_printf("%u", most);

		log_event(LOG_LEVEL_WARN, "few-descriptors", "connections",
		    text, "text",
		    "max-connections is more than RLIMIT_NOFILE allows", NULL);
	}
	return hall_new(terms, most);
}

static gboolean
open_socket(struct milter *milter, GError **error)
{
	const char *socket = milter->world.socket;
	gboolean inherited = milter->world.inherited >= 0;
	gboolean tcp = g_str_has_prefix(socket, "inet");
	int fd = inherited ? milter->world.inherited
			   : socket_listen(socket, milter->world.group, error);

	milter->listening = fd >= 0 && !inherited;
	if (fd < 0)
		return FALSE;
	if ((!inherited || socket_adopt(fd, &tcp, error)) &&
	    (milter->gate = gate_new(fd, error)) != NULL &&
	    port_milter_prepare(&milter->session, fd, tcp, error))
		return TRUE;
	file_close(&fd);
	return FALSE;
}

struct milter *
milter_new(
    const struct milter_world *world, const struct conf *conf, GError **error)
{
	struct milter *milter = g_new0(struct milter, 1);

	milter->world = *world;
	milter->hall = open_hall(conf);
	milter->pulse = pulse_new(world->clock);
	milter->gauge = gauge_new(world->spool, world->spool_folder, error);
	milter->session = (struct session_world){
		.hall = milter->hall,
		.gauge = milter->gauge,
		.pulse = milter->pulse,
		.lives = world->lives,
		.handover = { world->spool, world->entry_key, world->key_dir },
		.clock = world->clock,
		.tally = world->tally,
	};
	judge_init(&milter->session.judge, world->classify, world->reader_ms);
	if (milter->gauge == NULL || !open_socket(milter, error))
		milter_free(&milter);
	return milter;
}

static void *
run(void *pointer)
{
	struct milter *milter = pointer;

	milter->failed = !port_milter_run();
	g_atomic_int_set(&milter->ended, TRUE);
	return NULL;
}

/* The thread is never waited for: smfi_stop would take up to five seconds. */
gboolean
milter_start(struct milter *milter, GError **error)
{
	pthread_t thread;
	int number = pthread_create(&thread, NULL, run, milter);

	if (number != 0)
		return err_errno(error, number, "cannot start a thread");
	pthread_detach(thread);
	milter->started = TRUE;
	return TRUE;
}

gboolean
milter_tend(struct milter *milter, gboolean *failed_r)
{
	gboolean ended = g_atomic_int_get(&milter->ended);

	pulse_beat(milter->pulse);
	gate_tend(milter->gate);
	tally_beat(milter->world.tally);
	*failed_r = ended && milter->failed;
	return !ended;
}

void
milter_reload(struct milter *milter, const struct conf *conf)
{
	hall_change(milter->hall, terms_new(conf));
}

void
milter_stop(struct milter *milter)
{
	if (!milter->started)
		return;
	if (milter->listening)
		socket_remove(milter->world.socket);
	gate_free(&milter->gate);
	/* Bounded: every message has its own deadline. */
	while (!hall_close(milter->hall, G_USEC_PER_SEC))
		pulse_beat(milter->pulse);
	g_usleep(ANSWER_USEC);
}

void
milter_free(struct milter **address)
{
	struct milter *milter = *address;

	*address = NULL;
	if (milter == NULL || milter->started)
		return;
	if (milter->listening)
		socket_remove(milter->world.socket);
	hall_free(&milter->hall);
	gate_free(&milter->gate);
	gauge_free(&milter->gauge);
	pulse_free(&milter->pulse);
	g_free(milter);
}

gboolean
milter_socket_valid(const char *socket, GError **error)
{
	return socket_valid(socket, error);
}
