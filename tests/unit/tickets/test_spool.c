/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/spool.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tests/unit/tickets/fixture.h"

#define TEXT "From: anna@example.org\r\n\r\nHello\r\n"

static void
put(struct fixture *fixture, guint number, enum spool_put want)
{
	struct entry *entry OWNED(entry_free) =
	    fixture_entry(number, ENTRY_TICKET);
	g_autoptr(GError) error = NULL;
	enum spool_put result;

	g_assert_true(fixture_put(fixture, entry, TEXT, &result, &error));
	g_assert_no_error(error);
	g_assert_cmpint(result, ==, want);
}

static void
assert_whole(struct fixture *fixture, guint number)
{
	const struct ident key = fixture_ident(number);
	struct entry *entry OWNED(entry_free) = NULL;
	g_autoptr(GBytes) message = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_true(
	    vaulted_read(&fixture->vaulted, &key, &entry, &message, &error));
	g_assert_no_error(error);
	if (message == NULL)
		return;
	g_assert_cmpmem(g_bytes_get_data(message, NULL),
	    g_bytes_get_size(message), TEXT, strlen(TEXT));
}

static void
test_put(void)
{
	struct fixture fixture;
	guint64 entries, bytes;
	g_autofree char *path = NULL;
	struct stat st;

	fixture_init(&fixture);
	put(&fixture, 1, SPOOL_STORED);
	put(&fixture, 1, SPOOL_ALREADY);
	put(&fixture, 2, SPOOL_STORED);
	g_assert_cmpint(fixture_state(&fixture, 1), ==, SPOOL_NEW);
	g_assert_cmpuint(fixture_count(&fixture, "spool/tmp"), ==, 0);
	g_assert_cmpuint(fixture_count(&fixture, "spool/msg"), ==, 2);
	assert_whole(&fixture, 1);
	path = fixture_path(
	    &fixture, "spool/msg/000000010000000000000000000000aa");
	g_assert_cmpint(stat(path, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 0777, ==, 0640);
	g_assert_true(spool_load(fixture.spool, &entries, &bytes, NULL));
	g_assert_cmpuint(entries, ==, 2);
	g_assert_cmpuint(bytes, ==, 2 * (guint64)st.st_size);
	/* At once, though the folders are not counted again. */
	put(&fixture, 2, SPOOL_ALREADY);
	put(&fixture, 3, SPOOL_STORED);
	g_assert_true(spool_load(fixture.spool, &entries, &bytes, NULL));
	g_assert_cmpuint(entries, ==, 3);
	g_assert_cmpuint(bytes, ==, 3 * (guint64)st.st_size);
	fixture_fini(&fixture);
}

/* What stands on the disk shows nothing of the mail. */
static void
test_sealed(void)
{
	struct fixture fixture;
	const struct ident key = fixture_ident(1);
	g_autoptr(GBytes) bytes = NULL;

	fixture_init(&fixture);
	put(&fixture, 1, SPOOL_STORED);
	bytes = spool_bytes(fixture.spool, &key, NULL);
	g_assert_nonnull(bytes);
	g_assert_null(memmem(g_bytes_get_data(bytes, NULL),
	    g_bytes_get_size(bytes), "Hello", 5));
	g_assert_null(memmem(g_bytes_get_data(bytes, NULL),
	    g_bytes_get_size(bytes), "example", 7));
	fixture_fini(&fixture);
}

static gboolean
gone(void *self)
{
	*(guint *)self += 1;
	return FALSE;
}

static void
test_check(void)
{
	struct fixture fixture;
	struct entry *entry OWNED(entry_free) = fixture_entry(1, ENTRY_TICKET);
	g_autoptr(GError) error = NULL;
	enum spool_put result;
	guint asked = 0;
	struct spool_offer offer;

	fixture_init(&fixture);
	offer = (struct spool_offer){ entry, (const guint8 *)TEXT, strlen(TEXT),
		&fixture.intake_id, fixture.intake_public, gone, &asked };
	g_assert_false(spool_put(fixture.spool, &offer, &result, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_AGAIN);
	g_assert_cmpuint(asked, ==, 1);
	g_assert_cmpuint(fixture_count(&fixture, "spool/msg"), ==, 0);
	g_assert_cmpuint(fixture_count(&fixture, "spool/tmp"), ==, 0);
	fixture_fini(&fixture);
}

static void
test_states(void)
{
	struct fixture fixture;
	const struct ident key = fixture_ident(1);
	g_autoptr(GError) error = NULL;

	fixture_init(&fixture);
	put(&fixture, 1, SPOOL_STORED);
	for (guint state = SPOOL_NEW; state + 1 < SPOOL_STATES; state++) {
		g_assert_true(
		    spool_move(fixture.spool, &key, (enum spool_state)state,
			(enum spool_state)(state + 1), &error));
		g_assert_no_error(error);
		g_assert_cmpint(fixture_state(&fixture, 1), ==, state + 1);
	}
	g_assert_false(
	    spool_move(fixture.spool, &key, SPOOL_NEW, SPOOL_BUSY, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	put(&fixture, 1, SPOOL_ALREADY); /* done goes on keeping doubles away */
	g_assert_cmpint(fixture_state(&fixture, 1), ==, SPOOL_DONE);
	g_assert_true(spool_drop(fixture.spool, &key, NULL));
	g_assert_true(spool_drop(fixture.spool, &key, NULL));
	g_assert_cmpint(fixture_state(&fixture, 1), ==, SPOOL_STATES);
	g_assert_cmpuint(fixture_count(&fixture, "spool/msg"), ==, 0);
	fixture_fini(&fixture);
}

static void
touch(const struct fixture *fixture, const char *part, gint64 age)
{
	g_autofree char *path = fixture_path(fixture, part);
	const struct timespec times[2] = { { .tv_sec = time(NULL) - age },
		{ .tv_sec = time(NULL) - age } };

	if (access(path, F_OK) != 0)
		g_assert_true(g_file_set_contents(path, "", 0, NULL));
	g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
}

#define NAME(n) "0000000" #n "0000000000000000000000aa"

static void
test_heal(void)
{
	struct fixture fixture;
	const struct ident two = fixture_ident(2);
	g_autofree char *mark = NULL;
	guint healed;

	fixture_init(&fixture);
	put(&fixture, 1, SPOOL_STORED);
	put(&fixture, 2, SPOOL_STORED);
	put(&fixture, 3, SPOOL_STORED);
	mark = fixture_path(&fixture, "spool/new/" NAME(1));
	g_assert_cmpint(unlink(mark), ==, 0); /* killed before the mark */
	g_assert_true(spool_move(fixture.spool, &two, SPOOL_NEW, SPOOL_BUSY,
	    NULL));                                /* killed in a delivery */
	touch(&fixture, "spool/done/" NAME(4), 0); /* killed in a drop */
	touch(&fixture, "spool/wrap/" NAME(4), 0);
	touch(&fixture, "spool/tmp/" NAME(5), 7200); /* killed in a put */
	touch(&fixture, "spool/tmp/" NAME(6), 60);   /* being put just now */
	g_assert_true(spool_heal(fixture.spool, &healed, NULL));
	g_assert_cmpuint(healed, ==, 2);
	for (guint i = 1; i <= 3; i++)
		g_assert_cmpint(fixture_state(&fixture, i), ==, SPOOL_NEW);
	g_assert_cmpint(fixture_state(&fixture, 4), ==, SPOOL_STATES);
	g_assert_cmpuint(fixture_count(&fixture, "spool/wrap"), ==, 0);
	g_assert_cmpuint(fixture_count(&fixture, "spool/tmp"), ==, 1);
	g_assert_true(spool_heal(fixture.spool, &healed, NULL));
	g_assert_cmpuint(healed, ==, 0);
	fixture_fini(&fixture);
}

static void
test_adopt(void)
{
	struct fixture fixture;
	guint adopted;

	fixture_init(&fixture);
	for (guint i = 1; i <= 2; i++) {
		g_autofree char *part = g_strdup_printf(
		    "spool/new/%08x0000000000000000000000aa", i);
		g_autofree char *mark = fixture_path(&fixture, part);

		put(&fixture, i, SPOOL_STORED);
		g_assert_cmpint(unlink(mark), ==, 0);
	}
	touch(&fixture, "spool/msg/" NAME(1), 120);
	g_assert_true(spool_adopt(fixture.spool, &adopted, NULL));
	g_assert_cmpuint(adopted, ==, 1);
	g_assert_cmpint(fixture_state(&fixture, 1), ==, SPOOL_NEW);
	g_assert_cmpint(fixture_state(&fixture, 2), ==, SPOOL_STATES);
	fixture_fini(&fixture);
}

/* An age below 0: the clock was set back.  Nobody is waited for till then. */
static void
test_adopt_future(void)
{
	struct fixture fixture;
	g_autofree char *mark = NULL;
	guint adopted;

	fixture_init(&fixture);
	mark = fixture_path(&fixture, "spool/new/" NAME(1));
	put(&fixture, 1, SPOOL_STORED);
	g_assert_cmpint(unlink(mark), ==, 0);
	touch(&fixture, "spool/msg/" NAME(1), -86400);
	g_assert_true(spool_adopt(fixture.spool, &adopted, NULL));
	g_assert_cmpuint(adopted, ==, 1);
	fixture_fini(&fixture);
}

/* A killed putter's leavings hold a message: they go while the keeper runs. */
static void
test_adopt_sweeps(void)
{
	struct fixture fixture;
	guint adopted;

	fixture_init(&fixture);
	touch(&fixture, "spool/tmp/" NAME(1), 7200);
	touch(&fixture, "spool/tmp/" NAME(2), 60);
	g_assert_true(spool_adopt(fixture.spool, &adopted, NULL));
	g_assert_cmpuint(adopted, ==, 0);
	g_assert_cmpuint(fixture_count(&fixture, "spool/tmp"), ==, 1);
	fixture_fini(&fixture);
}

static void
test_list(void)
{
	struct fixture fixture;
	g_autoptr(GArray) keys = NULL;

	fixture_init(&fixture);
	for (guint i = 1; i <= 3; i++)
		put(&fixture, i, SPOOL_STORED);
	touch(&fixture, "spool/new/" NAME(3), 30);
	touch(&fixture, "spool/new/" NAME(1), 20);
	touch(&fixture, "spool/new/" NAME(2), 10);
	touch(&fixture, "spool/new/README", 5); /* not ours: left alone */
	keys = spool_list(fixture.spool, SPOOL_NEW, 2, NULL);
	g_assert_nonnull(keys);
	g_assert_cmpuint(keys->len, ==, 2);
	g_assert_cmpint(g_array_index(keys, struct ident, 0).bytes[3], ==, 3);
	g_assert_cmpint(g_array_index(keys, struct ident, 1).bytes[3], ==, 1);
	fixture_fini(&fixture);
}

static void
test_open_missing(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(spool_open("/nonexistent", &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
}

/* --- faults --- */

/* In a child, since limits and rights are a process's: the exit code is the
 * code of the error, or 100 when the put went well. */
static int
put_in_child(struct fixture *fixture, void (*spoil)(struct fixture *))
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		struct entry *entry = fixture_entry(1, ENTRY_TICKET);
		enum spool_put result;
		GError *error = NULL;

		spoil(fixture);
		if (fixture_put(fixture, entry, TEXT, &result, &error))
			_exit(100);
		_exit(error->code);
	}
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
spoil_size(struct fixture *fixture)
{
	const struct rlimit limit = { 64, 64 };

	(void)fixture;
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)setrlimit(RLIMIT_FSIZE, &limit);
}

static void
spoil_tmp(struct fixture *fixture)
{
	g_autofree char *path = fixture_path(fixture, "spool/tmp");

	(void)chmod(path, 0500);
	/* Root ignores modes. */
	if (geteuid() == 0 && setuid(65534) != 0)
		_exit(101);
}

static void
spoil_msg(struct fixture *fixture)
{
	g_autofree char *path = fixture_path(fixture, "spool/msg");

	(void)rmdir(path); /* link(2) into a folder that is gone */
}

static void
test_faults(void)
{
	static const struct {
		const char *name;
		void (*spoil)(struct fixture *);
		int want;
	} cases[] = {
		{ "file too large", spoil_size, DG_ERROR_IO },
		{ "no right to write", spoil_tmp, DG_ERROR_DENIED },
		{ "folder gone", spoil_msg, DG_ERROR_NOTFOUND },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct fixture fixture;

		g_test_message("%s", cases[i].name);
		fixture_init(&fixture);
		g_assert_cmpint(
		    put_in_child(&fixture, cases[i].spoil), ==, cases[i].want);
		g_assert_cmpuint(fixture_count(&fixture, "spool/tmp"), ==, 0);
		g_assert_cmpuint(fixture_count(&fixture, "spool/msg"), ==, 0);
		g_assert_cmpuint(fixture_count(&fixture, "spool/new"), ==, 0);
		fixture_fini(&fixture);
	}
}

/* --- many at once --- */

struct putter {
	struct fixture *fixture;
	guint stored;
};

static void *
put_many(void *self)
{
	struct putter *putter = self;

	for (guint i = 0; i < 50; i++) {
		struct entry *entry OWNED(entry_free) =
		    fixture_entry(i, ENTRY_TICKET);
		enum spool_put result;

		if (!fixture_put(putter->fixture, entry, TEXT, &result, NULL))
			return NULL;
		putter->stored += result == SPOOL_STORED ? 1 : 0;
	}
	return putter;
}

static void
test_threads(void)
{
	struct fixture fixture;
	struct putter putters[4];
	pthread_t threads[4];
	guint stored = 0;

	fixture_init(&fixture);
	for (guint i = 0; i < 4; i++) {
		putters[i] = (struct putter){ &fixture, 0 };
		g_assert_cmpint(
		    pthread_create(&threads[i], NULL, put_many, &putters[i]),
		    ==, 0);
	}
	for (guint i = 0; i < 4; i++) {
		void *good = NULL;

		pthread_join(threads[i], &good);
		g_assert_nonnull(good);
		stored += putters[i].stored;
	}
	g_assert_cmpuint(stored, ==, 50);
	for (guint i = 0; i < 50; i++)
		assert_whole(&fixture, i);
	fixture_fini(&fixture);
}

/* What is left of a message on the disk opens nothing. */
static void
test_blank(void)
{
	static const char *const folders[] = { "msg", "wrap" };
	const struct ident key = fixture_ident(1);
	const struct ident subject = fixture_ident(7);
	struct fixture fixture;
	int fds[G_N_ELEMENTS(folders)];
	guint8 left[SPOOL_HEAD_BYTES];
	char name[IDENT_TEXT];

	fixture_init(&fixture);
	put(&fixture, 1, SPOOL_STORED);
	g_assert_true(vaulted_wrap(&fixture.vaulted, &key, &subject, NULL));
	ident_text(&key, name);
	for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *path = g_build_filename(
		    fixture.folder, "spool", folders[i], name, NULL);

		fds[i] = open(path, O_RDONLY | O_CLOEXEC);
		g_assert_cmpint(fds[i], >=, 0);
	}
	g_assert_true(spool_drop(fixture.spool, &key, NULL));
	for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
		ssize_t length = pread(fds[i], left, sizeof(left), 0);

		g_assert_cmpint((int)length, >, 0);
		for (ssize_t at = 0; at < length; at++)
			g_assert_cmpuint(left[at], ==, 0);
		close(fds[i]);
	}
	fixture_fini(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/tickets/spool/put", test_put);
	g_test_add_func("/tickets/spool/sealed", test_sealed);
	g_test_add_func("/tickets/spool/check", test_check);
	g_test_add_func("/tickets/spool/states", test_states);
	g_test_add_func("/tickets/spool/heal", test_heal);
	g_test_add_func("/tickets/spool/adopt", test_adopt);
	g_test_add_func("/tickets/spool/adopt-future", test_adopt_future);
	g_test_add_func("/tickets/spool/adopt-sweeps", test_adopt_sweeps);
	g_test_add_func("/tickets/spool/list", test_list);
	g_test_add_func("/tickets/spool/open-missing", test_open_missing);
	g_test_add_func("/tickets/spool/faults", test_faults);
	g_test_add_func("/tickets/spool/threads", test_threads);
	g_test_add_func("/tickets/spool/blank", test_blank);
	return g_test_run();
}
