/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "milter/socket.h"

#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

struct folder {
	char *path, *file, *text;
};

static void
set_up(struct folder *folder, gconstpointer data)
{
	(void)data;
	folder->path = g_dir_make_tmp("deskgate-XXXXXX", NULL);
	folder->file = g_build_filename(folder->path, "s", NULL);
	folder->text = g_strconcat("unix:", folder->file, NULL);
}

static void
tear_down(struct folder *folder, gconstpointer data)
{
	(void)data;
	(void)g_unlink(folder->file);
	g_assert_cmpint(g_rmdir(folder->path), ==, 0);
	g_free(folder->path);
	g_free(folder->file);
	g_free(folder->text);
}

static void
test_valid(void)
{
	g_autofree char *long_path = g_strdup_printf("unix:/%0*d", 110, 0);
	const struct {
		const char *text;
		gboolean want;
	} cases[] = {
		{ "unix:/run/deskgate/milter.sock", TRUE },
		{ "local:/run/deskgate/milter.sock", TRUE },
		{ "inet:8891@127.0.0.1", TRUE },
		{ "inet:8891@localhost", TRUE },
		{ "inet6:8891@::1", TRUE },
		{ "unix:milter.sock", FALSE },
		{ "unix:", FALSE },
		{ long_path, FALSE },
		{ "/run/deskgate/milter.sock", FALSE },
		{ "inet:8891", FALSE },
		{ "inet:@127.0.0.1", FALSE },
		{ "inet:8891@", FALSE },
		{ "inet:0@127.0.0.1", FALSE },
		{ "inet:65536@127.0.0.1", FALSE },
		{ "inet:99999999999999999999@127.0.0.1", FALSE },
		{ "inet:8a@127.0.0.1", FALSE },
		{ "fd:3", FALSE },
		{ "", FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_test_message("%s", cases[i].text);
		g_assert_cmpint(
		    socket_valid(cases[i].text, &error), ==, cases[i].want);
		g_assert_cmpint(error == NULL, ==, cases[i].want);
		if (error != NULL)
			g_assert_true(err_is(error, DG_ERROR_BAD));
	}
}

static int
connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		file_close(&fd);
	return fd;
}

static void
test_unix(struct folder *folder, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	int fd OWNED(file_close) = socket_listen(folder->text, NULL, &error);
	int client OWNED(file_close) = connect_to(folder->file);
	struct stat st;

	(void)data;
	g_assert_no_error(error);
	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(client, >=, 0);
	g_assert_cmpint(stat(folder->file, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 07777, ==, 0660);
	socket_remove(folder->text);
	g_assert_cmpint(stat(folder->file, &st), ==, -1);
}

/* One that is served is left alone, and one that is not is replaced. */
static void
test_stale(struct folder *folder, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	int first = socket_listen(folder->text, NULL, NULL);
	int second OWNED(file_close) = -1;

	(void)data;
	g_assert_cmpint(first, >=, 0);
	g_assert_cmpint(socket_listen(folder->text, NULL, &error), ==, -1);
	g_assert_true(err_is(error, DG_ERROR_AGAIN));
	g_clear_error(&error);
	file_close(&first);
	second = socket_listen(folder->text, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpint(second, >=, 0);
}

static void
test_no_socket(struct folder *folder, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	(void)data;
	g_assert_true(g_file_set_contents(folder->file, "mine", 4, NULL));
	g_assert_cmpint(socket_listen(folder->text, NULL, &error), ==, -1);
	g_assert_true(err_is(error, DG_ERROR_BAD));
	g_assert_true(g_file_test(folder->file, G_FILE_TEST_IS_REGULAR));
}

static void
test_group(struct folder *folder, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	const struct group *group = getgrgid(getegid());
	g_autofree char *mine = g_strdup(group != NULL ? group->gr_name : NULL);
	int fd OWNED(file_close) = -1;

	(void)data;
	g_assert_cmpint(
	    socket_listen(folder->text, "no-such-group", &error), ==, -1);
	g_assert_true(err_is(error, DG_ERROR_BAD));
	g_clear_error(&error);
	if (mine == NULL)
		return;
	fd = socket_listen(folder->text, mine, &error);
	g_assert_no_error(error);
	g_assert_cmpint(fd, >=, 0);
}

/* The reason we open it ourselves. */
static void
test_inet_no_delay(void)
{
	g_autoptr(GError) error = NULL;
	struct sockaddr_in address = { .sin_family = AF_INET };
	int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd OWNED(file_close) = -1, client OWNED(file_close) = -1;
	int accepted OWNED(file_close) = -1;
	socklen_t length = sizeof(address);
	g_autofree char *text = NULL;
	int on = 0;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	g_assert_cmpint(
	    bind(probe, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	g_assert_cmpint(
	    getsockname(probe, (struct sockaddr *)&address, &length), ==, 0);
	file_close(&probe);
	text = g_strdup_printf("inet:%d@127.0.0.1", ntohs(address.sin_port));
	fd = socket_listen(text, NULL, &error);
	g_assert_no_error(error);
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	g_assert_cmpint(
	    connect(client, (struct sockaddr *)&address, sizeof(address)), ==,
	    0);
	accepted = accept(fd, NULL, NULL);
	length = sizeof(on);
	g_assert_cmpint(
	    getsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, &length), ==,
	    0);
	g_assert_cmpint(on, !=, 0);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/milter/socket/valid", test_valid);
	g_test_add_func("/milter/socket/inet-no-delay", test_inet_no_delay);
#define ADD(name, function) \
	g_test_add(name, struct folder, NULL, set_up, function, tear_down)
	ADD("/milter/socket/unix", test_unix);
	ADD("/milter/socket/stale", test_stale);
	ADD("/milter/socket/no-socket", test_no_socket);
	ADD("/milter/socket/group", test_group);
	return g_test_run();
}
