/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kills a putting process at 200 random moments.  After each it must hold: what
 * was answered "stored" is there, whole, with a state, once; and nothing that
 * stands under a name is half.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/owned.h"
#include "tests/unit/tickets/fixture.h"

#define KILLS 200
#define FIRST_NAMES 100000

static void
put_for_ever(struct fixture *fixture, guint number, int answers)
{
	for (;; number++) {
		struct entry *entry = fixture_entry(number, ENTRY_TICKET);
		g_autofree char *text = g_strdup_printf(
		    "Subject: %u\r\n\r\n%u\r\n", number, number);
		enum spool_put result;

		if (!fixture_put(fixture, entry, text, &result, NULL))
			_exit(1);
		if (write(answers, &number, sizeof(number)) !=
		    (ssize_t)sizeof(number))
			_exit(1);
		entry_free(&entry);
	}
}

/* Lets a child put from `number` on and kills it; what it answered goes to
 * `told`. */
static void
one_life(struct fixture *fixture, guint number, GArray *told)
{
	int pipes[2], status;
	pid_t pid;
	guint got;

	g_assert_cmpint(pipe(pipes), ==, 0);
	pid = fork();
	if (pid == 0) {
		close(pipes[0]);
		put_for_ever(fixture, number, pipes[1]);
	}
	close(pipes[1]);
	g_usleep((gulong)g_random_int_range(0, 8000));
	kill(pid, SIGKILL);
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFSIGNALED(status));
	while (read(pipes[0], &got, sizeof(got)) == (ssize_t)sizeof(got))
		g_array_append_val(told, got);
	close(pipes[0]);
}

static void
assert_whole(struct fixture *fixture, const struct ident *key)
{
	struct entry *entry OWNED(entry_free) = NULL;
	g_autoptr(GBytes) message = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *want = NULL;
	guint32 number;

	memcpy(&number, key->bytes, sizeof(number));
	number = GUINT32_FROM_BE(number);
	want = g_strdup_printf("Subject: %u\r\n\r\n%u\r\n", number, number);
	g_assert_true(
	    vaulted_read(&fixture->vaulted, key, &entry, &message, &error));
	g_assert_no_error(error);
	if (message != NULL)
		g_assert_cmpmem(g_bytes_get_data(message, NULL),
		    g_bytes_get_size(message), want, strlen(want));
}

static void
test_kill(void)
{
	struct fixture fixture;
	g_autoptr(GArray) told = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autoptr(GArray) keys = NULL;
	guint healed, states = 0;

	fixture_init(&fixture);
	for (guint i = 0; i < KILLS; i++)
		one_life(&fixture, FIRST_NAMES + i * 1000, told);
	g_assert_true(spool_heal(fixture.spool, &healed, NULL));
	keys = spool_keys(fixture.spool, NULL);
	g_assert_nonnull(keys);
	g_test_message(
	    "%u answered, %u stand, %u healed", told->len, keys->len, healed);
	g_assert_cmpuint(told->len, >, 0);
	g_assert_cmpuint(keys->len, >=, told->len);
	g_assert_cmpuint(keys->len, <=, told->len + KILLS);
	for (guint i = 0; i < keys->len; i++)
		assert_whole(&fixture, &g_array_index(keys, struct ident, i));
	for (guint i = 0; i < told->len; i++)
		g_assert_cmpint(
		    fixture_state(&fixture, g_array_index(told, guint, i)), ==,
		    SPOOL_NEW);
	for (const char *const *name = spool_folders();
	     *name != NULL && !g_str_equal(*name, "msg"); name++) {
		g_autofree char *part = g_build_filename("spool", *name, NULL);

		states += fixture_count(&fixture, part);
	}
	g_assert_cmpuint(states, ==, keys->len);
	fixture_fini(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/tickets/spool/kill", test_kill);
	return g_test_run();
}
