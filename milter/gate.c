/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands in for the socket is one end of a pair: nothing ever comes from
 * the other.  libmilter may have been told of a connection just before; its
 * accept(2) then fails with EINVAL, and it waits for a second.
 *
 * Connections come faster than the gate is looked after, and keep their
 * descriptors as long as their MTAs like.  So some are held in reserve while
 * the gate is open, and let go when it shuts: those who are inside can end
 * their messages.
 */
#include "milter/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"

/* What must be had beside the reserve for the gate to stay open, and to open
 * again. */
#define LEFT_LEAST 16
#define LEFT_AGAIN 32
/* The reserve: a quarter of what the limit leaves beside what an idle process
 * has (milter.c), but no more than this. */
#define IDLE_DESCRIPTORS 64
#define RESERVE_MOST 128

struct gate {
	int listening; /* borrowed: the number that libmilter knows */
	int kept;      /* the socket itself */
	int quiet[2];
	guint reserve;
	int taken[RESERVE_MOST + LEFT_AGAIN];
	guint n_taken;
	gboolean is_open;
};

static guint
reserve_of_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur <= IDLE_DESCRIPTORS)
		return 0;
	return (guint)MIN(
	    (limit.rlim_cur - IDLE_DESCRIPTORS) / 4, RESERVE_MOST);
}

/* Takes descriptors until it has `most`; whether it got them. */
static gboolean
take(struct gate *gate, guint most)
{
	while (gate->n_taken < most) {
		int fd = fcntl(gate->quiet[1], F_DUPFD_CLOEXEC, 0);

		if (fd < 0)
			return FALSE;
		gate->taken[gate->n_taken++] = fd;
	}
	return TRUE;
}

static void
let_go(struct gate *gate, guint rest)
{
	while (gate->n_taken > rest)
		file_close(&gate->taken[--gate->n_taken]);
}

struct gate *
gate_new(int listening, GError **error)
{
	struct gate *gate = g_new0(struct gate, 1);

	gate->listening = listening;
	gate->quiet[0] = gate->quiet[1] = -1;
	gate->is_open = TRUE;
	gate->reserve = reserve_of_limit();
	gate->kept = fcntl(listening, F_DUPFD_CLOEXEC, 0);
	if (gate->kept < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gate->quiet) !=
		0 ||
	    !take(gate, gate->reserve)) {
		err_errno(error, errno, "milter: no descriptors to keep");
		gate_free(&gate);
	}
	return gate;
}

void
gate_free(struct gate **gate)
{
	if (*gate == NULL)
		return;
	let_go(*gate, 0);
	file_close(&(*gate)->kept);
	file_close(&(*gate)->quiet[0]);
	file_close(&(*gate)->quiet[1]);
	g_clear_pointer(gate, g_free);
}

static gboolean
turn(struct gate *gate, int fd)
{
	return dup3(fd, gate->listening, O_CLOEXEC) >= 0;
}

static void
shut(struct gate *gate)
{
	if (!turn(gate, gate->quiet[0]))
		return;
	gate->is_open = FALSE;
	log_event(LOG_LEVEL_WARN, "gate-shut", "text",
	    "no descriptors are left for new connections, which wait; raise "
	    "RLIMIT_NOFILE (LimitNOFILE= of the unit), or let the MTA open "
	    "fewer",
	    NULL);
}

static void
open_again(struct gate *gate)
{
	if (!turn(gate, gate->kept))
		return;
	gate->is_open = TRUE;
	log_event(LOG_LEVEL_INFO, "gate-open", "text",
	    "new connections are taken again", NULL);
}

void
gate_tend(struct gate *gate)
{
	gboolean room = take(
	    gate, gate->reserve + (gate->is_open ? LEFT_LEAST : LEFT_AGAIN));

	if (gate->is_open && !room)
		shut(gate);
	else if (!gate->is_open && room)
		open_again(gate);
	let_go(gate, gate->is_open ? gate->reserve : 0);
}

gboolean
gate_is_open(const struct gate *gate)
{
	return gate->is_open;
}
