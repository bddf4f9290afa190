/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/pack.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tests/unit/base/folder.h"

static gboolean
add(struct pack *pack, const char *name, const char *text, GError **error)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));

	return pack_add(pack, name, bytes, error);
}

static void
test_there_and_back(void)
{
	g_autoptr(GError) error = NULL;
	struct folder folder;
	struct pack *pack OWNED(pack_free) = pack_new(1769860800, &error);
	int fd OWNED(file_close) = -1;
	g_autofree char *path = NULL;
	struct stat status;

	folder_init(&folder, NULL);
	g_assert_no_error(error);
	g_assert_true(add(pack, "data.json", "{}", &error));
	g_assert_true(add(pack, "messages/1.eml", "Subject: x\n\n", &error));
	g_assert_true(add(pack, "messages/empty", "", &error));
	fd = pack_end(&pack, &error);
	g_assert_no_error(error);
	g_assert_true(pack_unpack(fd, folder.fd, &error));
	g_assert_no_error(error);
	folder_assert(&folder, "data.json", "{}");
	folder_assert(&folder, "messages/1.eml", "Subject: x\n\n");
	folder_assert(&folder, "messages/empty", "");
	path = folder_path(&folder, "data.json");
	g_assert_cmpint(stat(path, &status), ==, 0);
	g_assert_cmpint(status.st_mode & 07777, ==, 0600);

	/* Nothing is written over. */
	g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
	g_assert_false(pack_unpack(fd, folder.fd, &error));
	g_assert_true(err_is(error, DG_ERROR_BAD));
	g_assert_cmpint(unlinkat(folder.fd, "messages/1.eml", 0), ==, 0);
	g_assert_cmpint(unlinkat(folder.fd, "messages/empty", 0), ==, 0);
	g_assert_cmpint(unlinkat(folder.fd, "messages", AT_REMOVEDIR), ==, 0);
	folder_fini(&folder, NULL);
}

/* A link that somebody put where a folder is to be. */
static void
test_planted(void)
{
	struct folder folder, elsewhere;
	struct pack *pack OWNED(pack_free) = pack_new(0, NULL);
	g_autoptr(GError) error = NULL;
	int fd OWNED(file_close) = -1;

	folder_init(&folder, NULL);
	folder_init(&elsewhere, NULL);
	g_assert_true(add(pack, "messages/1.eml", "x", &error));
	fd = pack_end(&pack, &error);
	g_assert_cmpint(
	    symlinkat(elsewhere.path, folder.fd, "messages"), ==, 0);
	g_assert_false(pack_unpack(fd, folder.fd, &error));
	g_assert_nonnull(error);
	g_assert_cmpuint(folder_names(&elsewhere), ==, 0);
	folder_fini(&folder, NULL);
	folder_fini(&elsewhere, NULL);
}

static void
test_names(void)
{
	static const char *const bad[] = { "", "/etc/passwd", "../x", "a/../b",
		"a//b", "a/", ".", "\xc3\xa4", "a\nb", "a\\b" };
	struct pack *pack OWNED(pack_free) = pack_new(0, NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_false(add(pack, bad[i], "x", &error));
		g_assert_true(err_is(error, DG_ERROR_BAD));
	}
}

static void
test_no_archive(void)
{
	static const char text[] = "this is no archive";
	g_autoptr(GError) error = NULL;
	int fd OWNED(file_close) =
	    file_memory("x", text, sizeof(text) - 1, NULL);

	g_assert_false(pack_unpack(fd, AT_FDCWD, &error));
	g_assert_nonnull(error);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/pack/there-and-back", test_there_and_back);
	g_test_add_func("/pack/planted", test_planted);
	g_test_add_func("/pack/names", test_names);
	g_test_add_func("/pack/no-archive", test_no_archive);
	return g_test_run();
}
