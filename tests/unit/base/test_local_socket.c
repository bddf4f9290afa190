/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/local_socket.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/httpd.h"
#include "lib/base/owned.h"
#include "tests/unit/base/folder.h"

static void
test_valid(void)
{
	g_autofree char *most = g_strnfill(107, '/');
	g_autofree char *more = g_strnfill(108, '/');

	g_assert_true(local_socket_valid("/run/x.sock"));
	g_assert_true(local_socket_valid(most));
	g_assert_false(local_socket_valid(more));
	g_assert_false(local_socket_valid("x.sock"));
	g_assert_false(local_socket_valid("/"));
	g_assert_false(local_socket_valid(""));
}

static void
test_listen(struct folder *folder, gconstpointer unused)
{
	g_autofree char *path = g_build_filename(folder->path, "s", NULL);
	g_autofree char *plain = g_build_filename(folder->path, "f", NULL);
	int first OWNED(file_close) = local_socket_listen(path, NULL);
	int again OWNED(file_close) = -1;
	g_autoptr(GError) error = NULL;
	struct stat status;

	(void)unused;
	g_assert_cmpint(first, >=, 0);
	g_assert_cmpint(stat(path, &status), ==, 0);
	g_assert_cmpuint(status.st_mode & 0777, ==, 0660);
	g_assert_cmpint(local_socket_listen(path, &error), ==, -1);
	g_assert_true(err_is(error, DG_ERROR_AGAIN));
	g_clear_error(&error);
	/* left behind */
	file_close(&first);
	g_assert_cmpint(local_socket_connect(path, &error), ==, -1);
	g_assert_true(err_is(error, DG_ERROR_AGAIN));
	g_clear_error(&error);
	again = local_socket_listen(path, NULL);
	g_assert_cmpint(again, >=, 0);
	/* what is no socket stays */
	g_assert_true(g_file_set_contents(plain, "x", 1, NULL));
	g_assert_cmpint(local_socket_listen(plain, &error), ==, -1);
	g_assert_true(err_is(error, DG_ERROR_BAD));
	g_assert_true(g_file_test(plain, G_FILE_TEST_EXISTS));
}

static void
say_address(void *self, const struct httpd_request *request,
    struct httpd_answer *answer)
{
	(void)self;
	g_string_printf(answer->body, "from %s", request->address);
}

static void
test_served(struct folder *folder, gconstpointer unused)
{
	static const char ask[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	g_autofree char *path = g_build_filename(folder->path, "s", NULL);
	int listening = local_socket_listen(path, NULL);
	const struct httpd_settings settings = {
		.socket = &listening, .deadline = 10, .handle = say_address
	};
	struct httpd *httpd OWNED(httpd_close) = httpd_open(&settings, NULL);
	int fd OWNED(file_close) = -1;
	g_autoptr(GBytes) answer = NULL;

	(void)unused;
	g_assert_nonnull(httpd);
	g_assert_cmpint(listening, ==, -1);
	g_assert_true(httpd_start(httpd, NULL));
	fd = local_socket_connect(path, NULL);
	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(fcntl(fd, F_SETFL, 0), ==, 0);
	g_assert_cmpint(
	    send(fd, ask, strlen(ask), MSG_NOSIGNAL), ==, (gssize)strlen(ask));
	answer = file_read_fd(fd, 4096, NULL);
	g_assert_nonnull(answer);
	g_assert_nonnull(g_strstr_len(g_bytes_get_data(answer, NULL),
	    (gssize)g_bytes_get_size(answer), "from local"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/local-socket/valid", test_valid);
	g_test_add("/local-socket/listen", struct folder, NULL, folder_init,
	    test_listen, folder_fini);
	g_test_add("/local-socket/served", struct folder, NULL, folder_init,
	    test_served, folder_fini);
	return g_test_run();
}
