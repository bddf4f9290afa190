/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tests/unit/base/folder.h"

static void
test_replace(struct folder *folder, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;
	struct stat st;

	(void)unused;
	umask(077);
	g_assert_true(file_replace(folder->fd, "a", "one", 3, 0640, &error));
	g_assert_no_error(error);
	folder_assert(folder, "a", "one");
	g_assert_cmpint(fstatat(folder->fd, "a", &st, 0), ==, 0);
	g_assert_cmpint(st.st_mode & 07777, ==, 0640);
	g_assert_true(file_replace(folder->fd, "a", "", 0, 0600, &error));
	folder_assert(folder, "a", "");
	g_assert_cmpuint(folder_names(folder), ==, 1);
}

/* A link in the way is replaced, not followed. */
static void
test_replace_link(struct folder *folder, gconstpointer unused)
{
	(void)unused;
	folder_put(folder, "other", "kept", 0600);
	g_assert_cmpint(symlinkat("other", folder->fd, "a"), ==, 0);
	g_assert_true(file_replace(folder->fd, "a", "new", 3, 0600, NULL));
	folder_assert(folder, "other", "kept");
	folder_assert(folder, "a", "new");
}

static void
test_create(struct folder *folder, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	(void)unused;
	g_assert_true(file_create(folder->fd, "a", "one", 3, 0600, &error));
	g_assert_no_error(error);
	g_assert_false(file_create(folder->fd, "a", "two", 3, 0600, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	folder_assert(folder, "a", "one");
	g_assert_cmpuint(folder_names(folder), ==, 1);
	g_clear_error(&error);
	g_assert_false(file_create(-1, "a", "x", 1, 0600, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_IO);
}

/* In a child that may write 1,000 bytes to a file: 0 when both calls fail. */
static void
write_too_much(const struct folder *folder)
{
	static const char big[4000];
	const struct rlimit limit = { 1000, 1000 };

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		_exit(2);
	_exit(file_replace(folder->fd, "a", big, sizeof(big), 0600, NULL) ||
	      file_create(folder->fd, "b", big, sizeof(big), 0600, NULL));
}

/* A write that fails in the middle leaves the old file and nothing else. */
static void
test_short_write(struct folder *folder, gconstpointer unused)
{
	int status;
	pid_t child;

	(void)unused;
	folder_put(folder, "a", "old", 0600);
	child = fork();
	if (child == 0)
		write_too_much(folder);
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	g_assert_cmpint(status, ==, 0);
	folder_assert(folder, "a", "old");
	g_assert_cmpuint(folder_names(folder), ==, 1);
}

/* Killed at any moment: the file is one of the two, whole. */
static void
test_killed(struct folder *folder, gconstpointer unused)
{
	g_autofree char *a = g_strnfill(5000, 'a'), *b = g_strnfill(70000, 'b');
	g_autofree char *path = folder_path(folder, "f");

	(void)unused;
	folder_put(folder, "f", a, 0600);
	for (guint i = 0; i < 40; i++) {
		g_autofree char *got = NULL;
		pid_t child = fork();

		if (child == 0) {
			for (guint n = 0;; n++)
				(void)!file_replace(folder->fd, "f",
				    n % 2 == 0 ? b : a,
				    n % 2 == 0 ? 70000 : 5000, 0600, NULL);
		}
		g_usleep(g_random_int_range(500, 4000));
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		g_assert_true(g_file_get_contents(path, &got, NULL, NULL));
		g_assert_true(strcmp(got, a) == 0 || strcmp(got, b) == 0);
	}
}

static void
test_read(struct folder *folder, gconstpointer unused)
{
	g_autoptr(GBytes) whole = NULL, again = NULL;
	g_autoptr(GError) error = NULL;
	int fd OWNED(file_close) = -1;

	(void)unused;
	folder_put(folder, "a", "12345", 0600);
	whole = file_read(folder->fd, "a", 5, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(g_bytes_get_size(whole), ==, 5);
	g_assert_null(file_read(folder->fd, "a", 4, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_FULL);
	g_assert_nonnull(strstr(error->message, "a: "));
	g_clear_error(&error);
	g_assert_null(file_read(folder->fd, "b", 4, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	g_clear_error(&error);
	g_assert_null(file_read(folder->fd, ".", 4, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_IO);
	fd = openat(folder->fd, "a", O_RDONLY);
	g_assert_cmpint(lseek(fd, 3, SEEK_SET), ==, 3);
	again = file_read_fd(fd, 5, NULL);
	g_assert_true(g_bytes_equal(whole, again));
	g_assert_cmpint(lseek(fd, 0, SEEK_CUR), ==, 3);
}

/* What cannot seek is read to its end, and to the ceiling. */
static void
test_read_pipe(struct folder *folder, gconstpointer unused)
{
	g_autofree char *text = g_strnfill(60000, 'x');
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(GError) error = NULL;
	int ends[2];

	(void)folder, (void)unused;
	g_assert_cmpint(pipe(ends), ==, 0);
	g_assert_true(file_write_all(ends[1], text, 60000, &error));
	close(ends[1]);
	bytes = file_read_fd(ends[0], 60000, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(g_bytes_get_size(bytes), ==, 60000);
	file_close(&ends[0]);
	g_assert_cmpint(pipe(ends), ==, 0);
	g_assert_true(file_write_all(ends[1], text, 11, NULL));
	close(ends[1]);
	g_assert_null(file_read_fd(ends[0], 10, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_FULL);
	file_close(&ends[0]);
}

static void
test_memory(struct folder *folder, gconstpointer unused)
{
	int fd OWNED(file_close) = file_memory("m", "abc", 3, NULL);
	g_autoptr(GBytes) bytes = file_read_fd(fd, 3, NULL);

	(void)folder, (void)unused;
	g_assert_cmpmem(
	    g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), "abc", 3);
	g_assert_cmpint(lseek(fd, 0, SEEK_CUR), ==, 0);
	g_assert_cmpint(write(fd, "x", 1), ==, -1);
	g_assert_cmpint(errno, ==, EPERM);
	g_assert_cmpint(ftruncate(fd, 1), ==, -1);
	g_assert_cmpint(ftruncate(fd, 9), ==, -1);
	g_assert_true(mmap(NULL, 3, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			  0) == MAP_FAILED);
	g_assert_cmpint(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), ==, -1);
	g_assert_cmpint(fcntl(fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
}

static void
test_lock(struct folder *folder, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;
	int first OWNED(file_close) = file_lock(folder->fd, "lock", &error);
	int second OWNED(file_close) = -1;

	(void)unused;
	g_assert_no_error(error);
	g_assert_cmpint(file_lock(folder->fd, "lock", &error), ==, -1);
	g_assert_error(error, DG_ERROR, DG_ERROR_AGAIN);
	g_clear_error(&error);
	file_close(&first);
	g_assert_cmpint(first, ==, -1);
	second = file_lock(folder->fd, "lock", &error);
	g_assert_no_error(error);
	g_assert_cmpint(symlinkat("lock", folder->fd, "link"), ==, 0);
	g_assert_cmpint(file_lock(folder->fd, "link", NULL), ==, -1);
}

static void
test_make_dir(struct folder *folder, gconstpointer unused)
{
	g_autofree char *path = folder_path(folder, "d");
	g_autofree char *deep = folder_path(folder, "x/y");
	g_autofree char *plain = folder_path(folder, "f");
	g_autoptr(GError) error = NULL;
	struct stat st;

	(void)unused;
	umask(077);
	g_assert_true(file_make_dir(path, 02750, -1, -1, &error));
	g_assert_no_error(error);
	g_assert_cmpint(stat(path, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 07777, ==, 02750);
	g_assert_true(file_make_dir(path, 0700, -1, -1, &error));
	g_assert_cmpint(stat(path, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 07777, ==, 02750);
	g_assert_false(file_make_dir(deep, 0700, -1, -1, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	g_clear_error(&error);
	folder_put(folder, "f", "", 0600);
	g_assert_false(file_make_dir(plain, 0700, -1, -1, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_IO);
	g_assert_cmpint(file_open_dir(plain, NULL), ==, -1);
}

static void
test_status(struct folder *folder, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;
	struct stat got, want;
	int fd OWNED(file_close) = -1;

	(void)unused;
	folder_put(folder, "a", "12345", 0640);
	fd = openat(folder->fd, "a", O_RDONLY);
	g_assert_true(file_status(fd, &got, &error));
	g_assert_no_error(error);
	g_assert_cmpint(fstat(fd, &want), ==, 0);
	g_assert_cmpint(got.st_size, ==, 5);
	g_assert_cmpint(got.st_mode, ==, want.st_mode);
	g_assert_cmpuint(got.st_ino, ==, want.st_ino);
	g_assert_cmpuint(got.st_dev, ==, want.st_dev);
	g_assert_cmpint(got.st_mtim.tv_nsec, ==, want.st_mtim.tv_nsec);
	g_assert_false(file_status(-1, &got, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_IO);
}

static void
test_close(struct folder *folder, gconstpointer unused)
{
	int none = -1, bad = 1000000;

	(void)folder, (void)unused;
	errno = 7;
	file_close(&none);
	file_close(&bad);
	g_assert_cmpint(bad, ==, -1);
	g_assert_cmpint(errno, ==, 7);
}

#define ADD(name, function) \
	g_test_add("/base/file/" name, struct folder, NULL, folder_init, \
	    function, folder_fini)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	ADD("replace", test_replace);
	ADD("replace-link", test_replace_link);
	ADD("create", test_create);
	ADD("short-write", test_short_write);
	ADD("killed", test_killed);
	ADD("read", test_read);
	ADD("read-pipe", test_read_pipe);
	ADD("memory", test_memory);
	ADD("lock", test_lock);
	ADD("make-dir", test_make_dir);
	ADD("status", test_status);
	ADD("close", test_close);
	return g_test_run();
}
