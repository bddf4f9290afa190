/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/manifest.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/copy.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/base/tree.h"
#include "tests/unit/base/folder.h"

/* A folder with a/, in it one.txt, b/two and an empty file; and one to copy to.
 */
struct place {
	struct folder from, to;
};

static void
put(int dir, const char *path, const char *text)
{
	g_assert_true(tree_make_folders(dir, path, NULL));
	int fd OWNED(file_close) = copy_new(dir, path, NULL);

	g_assert_true(file_write_all(fd, text, strlen(text), NULL));
}

static void
set_up(struct place *place, gconstpointer unused)
{
	folder_init(&place->from, unused);
	folder_init(&place->to, unused);
	put(place->from.fd, "a/one.txt", "the first");
	put(place->from.fd, "a/b/two", "the second, which is longer");
	put(place->from.fd, "a/empty", "");
	put(place->from.fd, "beside", "not in it");
}

static void
tear_down(struct place *place, gconstpointer unused)
{
	g_assert_true(tree_remove(place->from.fd, "a", FALSE, NULL));
	g_assert_true(tree_remove(place->to.fd, "b", FALSE, NULL));
	folder_fini(&place->from, unused);
	folder_fini(&place->to, unused);
}

static gboolean
write_it(struct place *place)
{
	return manifest_write(
	    place->from.fd, "a", json_pack("{s:s}", "part", "test"), NULL);
}

static gboolean
count(void *self, GError **error)
{
	(void)error;
	++*(guint *)self;
	return TRUE;
}

static gboolean
copy_it(struct place *place, guint *files_r, GError **error)
{
	json_t *manifest = manifest_read(place->from.fd, error);
	const struct manifest_copy copy = { "a/", count, files_r };
	gboolean done;

	*files_r = 0;
	if (manifest == NULL)
		return FALSE;
	done =
	    manifest_copy(place->from.fd, manifest, &copy, place->to.fd, error);
	json_decref(manifest);
	return done;
}

static void
test_whole(struct place *place, gconstpointer unused)
{
	const struct timespec then[2] = { { 1000000, 5000 },
		{ 1000000, 5000 } };
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) two = NULL;
	struct stat status;
	guint files;

	(void)unused;
	g_assert_cmpint(utimensat(place->from.fd, "a/one.txt", then, 0), ==, 0);
	g_assert_true(write_it(place));
	g_assert_true(copy_it(place, &files, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(files, ==, 3);
	folder_assert(&place->to, "one.txt", "the first");
	folder_assert(&place->to, "empty", "");
	folder_assert(&place->to, "beside", NULL);
	two = file_read(place->to.fd, "b/two", 100, NULL);
	g_assert_nonnull(two);
	g_assert_cmpint(fstatat(place->to.fd, "one.txt", &status, 0), ==, 0);
	g_assert_cmpint(status.st_mtim.tv_sec, ==, 1000000);
	g_assert_cmpint(status.st_mtim.tv_nsec, ==, 5000);
	g_assert_cmpint(status.st_mode & 0777, ==, 0600);
}

static void
test_none(struct place *place, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;
	guint files;

	(void)unused;
	g_assert_false(copy_it(place, &files, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
}

static void
test_damaged(struct place *place, gconstpointer unused)
{
	static const struct {
		const char *path, *text, *said;
	} cases[] = {
		{ "a/one.txt", "the fIrst", "changed" },
		{ "a/one.txt", "the firs", "bytes instead of" },
		{ "a/b/two", NULL, "missing" },
	};
	guint files;

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		(void)unlinkat(place->from.fd, MANIFEST_NAME, 0);
		(void)unlinkat(place->from.fd, "a/one.txt", 0);
		put(place->from.fd, "a/one.txt", "the first");
		g_assert_true(write_it(place));
		g_assert_cmpint(
		    unlinkat(place->from.fd, cases[i].path, 0), ==, 0);
		if (cases[i].text != NULL)
			put(place->from.fd, cases[i].path, cases[i].text);
		g_assert_false(copy_it(place, &files, &error));
		g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
		g_assert_nonnull(strstr(error->message, cases[i].path));
		g_assert_nonnull(strstr(error->message, cases[i].said));
		(void)unlinkat(place->to.fd, "one.txt", 0);
		(void)unlinkat(place->to.fd, "empty", 0);
		g_assert_true(tree_remove(place->to.fd, "b", FALSE, NULL));
	}
}

/* Nothing is written elsewhere, whatever a manifest says. */
static void
test_hostile(struct place *place, gconstpointer unused)
{
	static const char *const texts[] = {
		"",
		"{}",
		"[]",
		"{\"format\": \"deskgate-backup\", \"version\": 1}",
		"{\"format\": \"deskgate-backup\", \"version\": 2, "
		"\"files\": []}",
		"{\"format\": \"deskgate-backup\", \"version\": 1, "
		"\"files\": [[\"a/../../x\", 9, 0, \"0\"]]}",
		"{\"format\": \"deskgate-backup\", \"version\": 1, "
		"\"files\": [[\"a//x\", 9, 0, \"0\"]]}",
		"{\"format\": \"deskgate-backup\", \"version\": 1, "
		"\"files\": [[\"/a/x\", 9, 0, \"0\"]]}",
		"{\"format\": \"deskgate-backup\", \"version\": 1, "
		"\"files\": [[1, 9, 0, \"0\"]]}",
		"{\"format\": \"deskgate-backup\", \"version\": 1, "
		"\"files\": [\"a/x\"]}",
	};
	guint files;

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;

		folder_put(&place->from, MANIFEST_NAME, texts[i], 0600);
		g_assert_false(copy_it(place, &files, &error));
		g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
		g_assert_cmpuint(folder_names(&place->to), ==, 0);
	}
}

static void
test_link(struct place *place, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;
	guint files;

	(void)unused;
	g_assert_cmpint(
	    symlinkat("/etc/hostname", place->from.fd, "a/link"), ==, 0);
	g_assert_false(write_it(place));
	g_assert_cmpint(unlinkat(place->from.fd, "a/link", 0), ==, 0);
	g_assert_true(write_it(place));
	g_assert_cmpint(unlinkat(place->from.fd, "a/one.txt", 0), ==, 0);
	g_assert_cmpint(
	    symlinkat("../beside", place->from.fd, "a/one.txt"), ==, 0);
	g_assert_false(copy_it(place, &files, &error));
	g_assert_cmpint(unlinkat(place->from.fd, "a/one.txt", 0), ==, 0);
}

static mode_t
mode_of(const char *path, gboolean folder)
{
	return folder ? 0700 : strcmp(path, "a/b/two") == 0 ? 0640 : 0600;
}

static void
test_give(struct place *place, gconstpointer unused)
{
	const struct tree_owner owner = { (uid_t)-1, (gid_t)-1, mode_of };
	struct stat status;

	(void)unused;
	g_assert_true(tree_give(place->from.fd, &owner, NULL));
	g_assert_cmpint(fstatat(place->from.fd, "a/b/two", &status, 0), ==, 0);
	g_assert_cmpint(status.st_mode & 0777, ==, 0640);
	g_assert_true(tree_remove(place->from.fd, "a", TRUE, NULL));
	g_assert_true(tree_remove(place->from.fd, "a", TRUE, NULL));
	g_assert_cmpuint(folder_names(&place->from), ==, 1);
	g_assert_false(tree_is_empty(place->from.fd, NULL));
	g_assert_true(tree_is_empty(place->to.fd, NULL));
}

#define ADD(name, function) \
	g_test_add("/manifest/" name, struct place, NULL, set_up, function, \
	    tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	ADD("whole", test_whole);
	ADD("none", test_none);
	ADD("damaged", test_damaged);
	ADD("hostile", test_hostile);
	ADD("link", test_link);
	ADD("give", test_give);
	return g_test_run();
}
