/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "milter/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

#define MOST 256

struct place {
	struct sockaddr_un address;
	socklen_t length;
	int listening;
	struct gate *gate;
	int hoard[MOST];
	guint n_hoard;
	struct rlimit before;
};

static void
set_up(struct place *place, gconstpointer data)
{
	struct rlimit low;
	GError *error = NULL;

	(void)data;
	place->address.sun_family = AF_UNIX;
	place->length = sizeof(place->address);
	place->listening =
	    socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* The kernel gives it a name. */
	g_assert_cmpint(
	    bind(place->listening, (struct sockaddr *)&place->address,
		sizeof(sa_family_t)),
	    ==, 0);
	g_assert_cmpint(getsockname(place->listening,
			    (struct sockaddr *)&place->address, &place->length),
	    ==, 0);
	g_assert_cmpint(listen(place->listening, 8), ==, 0);
	g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &place->before), ==, 0);
	low = (struct rlimit){ MOST, place->before.rlim_max };
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &low), ==, 0);
	place->gate = gate_new(place->listening, &error);
	g_assert_no_error(error);
}

static void
let_go(struct place *place, guint left)
{
	while (place->n_hoard > left)
		file_close(&place->hoard[--place->n_hoard]);
}

static void
tear_down(struct place *place, gconstpointer data)
{
	(void)data;
	let_go(place, 0);
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &place->before), ==, 0);
	gate_free(&place->gate);
	g_assert_null(place->gate);
	file_close(&place->listening);
}

/* Takes descriptors until so many are left. */
static void
take_all_but(struct place *place, guint left)
{
	while (place->n_hoard < MOST &&
	       (place->hoard[place->n_hoard] =
		       fcntl(place->listening, F_DUPFD_CLOEXEC, 0)) >= 0)
		place->n_hoard++;
	g_assert_cmpint(errno, ==, EMFILE);
	let_go(place, place->n_hoard - left);
}

static void
dial(const struct place *place, int fd)
{
	g_assert_cmpint(connect(fd, (const struct sockaddr *)&place->address,
			    place->length),
	    ==, 0);
}

static gboolean
has_caller(const struct place *place)
{
	struct pollfd item = { place->listening, POLLIN, 0 };

	return poll(&item, 1, 0) == 1;
}

static void
test_open(struct place *place, gconstpointer data)
{
	int fd OWNED(file_close) = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)data;
	gate_tend(place->gate);
	g_assert_true(gate_is_open(place->gate));
	g_assert_false(has_caller(place));
	dial(place, fd);
	g_assert_true(has_caller(place));
}

/* Who connects waits, and is there when the gate opens. */
static void
test_shut(struct place *place, gconstpointer data)
{
	int fd OWNED(file_close) = socket(AF_UNIX, SOCK_STREAM, 0);
	int taken OWNED(file_close) = -1;

	take_all_but(place, *(const guint *)data);
	gate_tend(place->gate);
	g_assert_false(gate_is_open(place->gate));
	dial(place, fd);
	g_assert_false(has_caller(place));
	/* Enough to stay open with, and not to open again. */
	let_go(place, place->n_hoard - 12);
	gate_tend(place->gate);
	g_assert_false(gate_is_open(place->gate));
	let_go(place, 0);
	gate_tend(place->gate);
	g_assert_true(gate_is_open(place->gate));
	g_assert_true(has_caller(place));
	taken = accept(place->listening, NULL, NULL);
	g_assert_cmpint(taken, >=, 0);
}

/* Those who are inside have something to work with: a quarter. */
static void
test_reserve(struct place *place, gconstpointer data)
{
	guint before;

	(void)data;
	take_all_but(place, 0);
	before = place->n_hoard;
	gate_tend(place->gate);
	take_all_but(place, 0);
	g_assert_cmpuint(place->n_hoard - before, ==, (MOST - 64) / 4);
}

/* A single one that is free below many that are not. */
static void
test_gap(struct place *place, gconstpointer data)
{
	(void)data;
	take_all_but(place, 0);
	file_close(&place->hoard[0]);
	place->hoard[0] = place->hoard[--place->n_hoard];
	gate_tend(place->gate);
	g_assert_false(gate_is_open(place->gate));
}

static void
test_no_socket(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(gate_new(-1, &error));
	g_assert_nonnull(error);
}

int
main(int argc, char **argv)
{
	static const guint none = 0, few = 15;

	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add("/milter/gate/open", struct place, NULL, set_up, test_open,
	    tear_down);
	g_test_add("/milter/gate/shut/none-left", struct place, &none, set_up,
	    test_shut, tear_down);
	g_test_add("/milter/gate/shut/few-left", struct place, &few, set_up,
	    test_shut, tear_down);
	g_test_add("/milter/gate/reserve", struct place, NULL, set_up,
	    test_reserve, tear_down);
	g_test_add("/milter/gate/gap", struct place, NULL, set_up, test_gap,
	    tear_down);
	g_test_add_func("/milter/gate/no-socket", test_no_socket);
	return g_test_run();
}
