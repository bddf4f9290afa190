/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kills a delivering keeper at random moments until all is delivered: in the
 * end each message is one ticket, none is lost and none is double.
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/owned.h"
#include "tests/unit/tickets/fake.h"

#define ENTRIES 120
#define KILLS 60

static void
deliver_for_a_while(struct fixture *fixture)
{
	struct conf *conf = fake_conf(NULL);
	struct deliver *deliver;

	fixture_reopen(fixture);
	deliver = fake_deliver(fixture, conf);
	if (!deliver_start(deliver, NULL))
		_exit(1);
	for (;;)
		(void)pause();
}

static void
one_life(struct fixture *fixture)
{
	pid_t pid;
	int status;

	/* LMDB must not be open across a fork. */
	fixture_close(fixture);
	pid = fork();
	if (pid == 0)
		deliver_for_a_while(fixture);
	g_usleep((gulong)g_random_int_range(5000, 60000));
	kill(pid, SIGKILL);
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFSIGNALED(status));
	fixture_reopen(fixture);
}

static guint
unfinished(struct fixture *fixture)
{
	guint count = 0;

	for (guint i = 0; i < ENTRIES; i++)
		if (fixture_state(fixture, i) != SPOOL_DONE)
			count++;
	return count;
}

static void
test_kill(void)
{
	struct fixture fixture;
	struct conf *conf OWNED(conf_free) = NULL;
	struct deliver *deliver OWNED(deliver_close) = NULL;
	guint killed = 0;

	*fake_now() = (struct fake){ .slow = 3000 };
	fixture_init(&fixture);
	for (guint i = 0; i < ENTRIES; i++) {
		struct entry *entry OWNED(entry_free) =
		    fixture_entry(i, ENTRY_TICKET);
		enum spool_put result;

		g_assert_true(fixture_put(&fixture, entry,
		    "from: anna@example.org\nid: a@x", &result, NULL));
	}
	while (killed < KILLS && unfinished(&fixture) > 0) {
		one_life(&fixture);
		killed++;
	}
	g_test_message("%u kills, %u left", killed, unfinished(&fixture));
	g_assert_cmpuint(killed, >, 3);
	conf = fake_conf(NULL);
	deliver = fake_deliver(&fixture, conf);
	g_assert_true(deliver_start(deliver, NULL));
	for (guint i = 0; i < 3000 && unfinished(&fixture) > 0; i++)
		g_usleep(10000);
	deliver_close(&deliver);
	for (guint i = 0; i < ENTRIES; i++) {
		const struct ident key = fixture_ident(i);

		g_assert_cmpint(fixture_state(&fixture, i), ==, SPOOL_DONE);
		g_assert_cmpuint(fake_count(&fixture, "create", &key), ==, 1);
	}
	fixture_fini(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/tickets/deliver/kill", test_kill);
	return g_test_run();
}
