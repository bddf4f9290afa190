/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Both protocols with ourselves as the init system.
 */
#include "lib/base/notify.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "tests/unit/base/folder.h"

/* A socket at `name`, "@..." or a path. */
static int
listener(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(at.sun_path, name, strlen(name));
	if (name[0] == '@')
		at.sun_path[0] = '\0';
	g_assert_cmpint(bind(fd, (struct sockaddr *)&at,
			    (socklen_t)(sizeof(sa_family_t) + strlen(name))),
	    ==, 0);
	return fd;
}

static void
check_heard(const char *name)
{
	g_autoptr(GError) error = NULL;
	char heard[64] = "";
	int fd = listener(name);

	g_setenv("NOTIFY_SOCKET", name, TRUE);
	g_assert_true(notify_send("READY=1", &error));
	g_assert_no_error(error);
	g_assert_cmpint(recv(fd, heard, sizeof(heard), MSG_DONTWAIT), ==, 7);
	g_assert_cmpstr(heard, ==, "READY=1");
	file_close(&fd);
}

static void
test_send(struct folder *folder, gconstpointer unused)
{
	g_autofree char *path = folder_path(folder, "notify");
	g_autofree char *abstract =
	    g_strdup_printf("@deskgate-test-%d", (int)getpid());
	g_autoptr(GError) error = NULL;

	(void)unused;
	check_heard(path);
	check_heard(abstract);
	/* Nobody is there any more. */
	g_assert_false(notify_send("READY=1", &error));
	g_clear_error(&error);
	g_setenv("NOTIFY_SOCKET", "nonsense", TRUE);
	g_assert_false(notify_send("READY=1", &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	/* Nobody wants to know. */
	g_unsetenv("NOTIFY_SOCKET");
	g_assert_true(notify_send("READY=1", NULL));
}

/* What a child finds that has `fd` as its descriptor 3: 3 for it, 1 for none,
 * 2 and the code for an error. */
static int
child_finds(int fd, const char *count, gboolean own_pid)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		g_autoptr(GError) error = NULL;
		g_autofree char *pid = g_strdup_printf(
		    "%d", (int)(own_pid ? getpid() : getppid()));
		int found;

		if (fd >= 0 && dup2(fd, 3) != 3)
			_exit(99);
		g_setenv("LISTEN_PID", pid, TRUE);
		g_setenv("LISTEN_FDS", count, TRUE);
		found = notify_listening(&error);
		_exit(error != NULL ? 20 + error->code : found < 0 ? 1 : found);
	}
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	return WEXITSTATUS(status);
}

static void
test_listening(void)
{
	const struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int deaf = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int ears = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int datagrams = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(
	    bind(ears, (const struct sockaddr *)&at, sizeof(at)), ==, 0);
	g_assert_cmpint(listen(ears, 1), ==, 0);
	g_assert_cmpint(child_finds(ears, "1", TRUE), ==, 3);
	g_assert_cmpint(child_finds(ears, "1", FALSE), ==, 1);
	g_assert_cmpint(child_finds(ears, "2", TRUE), ==, 20 + DG_ERROR_BAD);
	g_assert_cmpint(child_finds(deaf, "1", TRUE), ==, 20 + DG_ERROR_BAD);
	g_assert_cmpint(
	    child_finds(datagrams, "1", TRUE), ==, 20 + DG_ERROR_BAD);
	g_assert_cmpint(notify_listening(&error), ==, -1);
	g_assert_no_error(error);
	file_close(&deaf);
	file_close(&ears);
	file_close(&datagrams);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add("/base/notify/send", struct folder, NULL, folder_init,
	    test_send, folder_fini);
	g_test_add_func("/base/notify/listening", test_listening);
	return g_test_run();
}
