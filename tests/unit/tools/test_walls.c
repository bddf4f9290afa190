/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a daemon that was taken over could try, each in a child that has closed
 * the same wall as the daemon, by the same call.  An act answers what its
 * system call does.
 */
#include "tools/walls.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/fence.h"
#include "lib/base/file.h"
#include "lib/base/tree.h"
#include "lib/base/wall.h"
#include "tests/unit/base/folder.h"
#include "tests/unit/tools/acts.h"
#include "tools/settings.h"

struct place {
	struct folder folder;
	struct conf *conf;
	struct paths paths;
	char *settings;
	int desk, other; /* they listen */
	struct hands hands;
};

static int
listen_any(guint16 *port_r)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	g_assert_cmpint(bind(fd, (struct sockaddr *)&at, sizeof(at)), ==, 0);
	g_assert_cmpint(listen(fd, 8), ==, 0);
	g_assert_cmpint(
	    getsockname(fd, (struct sockaddr *)&at, &length), ==, 0);
	*port_r = ntohs(at.sin_port);
	return fd;
}

static void
make_file(const char *path)
{
	g_autofree char *folder = g_path_get_dirname(path);

	g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
	g_assert_true(g_file_set_contents(path, "secret", -1, NULL));
}

/* The working folder of each child is the place. */
static void
set_up(struct place *place, gconstpointer unused)
{
	static const char *const files[] = { "etc/dg.conf", "state-keys/a.key",
		"state/spool/msg/a", "state/spool/new/b", "state/model/a",
		"state/run/keeper/a", "state/run/milter/a", "outside/a",
		"backup/a", NULL };
	g_autofree char *text = NULL;

	(void)unused;
	folder_init(&place->folder, NULL);
	place->desk = listen_any(&place->hands.desk);
	place->other = listen_any(&place->hands.other);
	place->hands.parent = getpid();
	place->settings =
	    g_build_filename(place->folder.path, "etc", "dg.conf", NULL);
	text = g_strdup_printf("state-dir = \"%s/state\"\n"
			       "backup-to = { \"%s/backup\" }\n"
			       "desk \"x\" { type = liveagent\n"
			       "url = \"http://127.0.0.1:%u/\" }\n",
	    place->folder.path, place->folder.path, place->hands.desk);
	place->conf = conf_parse(place->settings, text, settings_kinds);
	paths_init(&place->paths, place->conf);
	for (const char *const *file = files; *file != NULL; file++) {
		g_autofree char *path =
		    g_build_filename(place->folder.path, *file, NULL);

		make_file(path);
	}
}

static void
tear_down(struct place *place, gconstpointer unused)
{
	static const char *const parts[] = { "etc", "state", "state-keys",
		"outside", "backup" };

	(void)unused;
	conf_free(&place->conf);
	paths_fini(&place->paths);
	g_free(place->settings);
	file_close(&place->desk);
	file_close(&place->other);
	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
		g_assert_true(
		    tree_remove(place->folder.fd, parts[i], TRUE, NULL));
	folder_fini(&place->folder, NULL);
}

typedef gboolean (*closes)(const struct conf *conf, const char *path,
    const struct paths *paths, GError **error);

/* Runs the act in a child behind the wall; its exit code, or minus its signal.
 */
static int
behind(struct place *place, closes wall, long (*act)(const struct hands *hands))
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct hands hands = place->hands;
		long result;

		hands.tcp = socket(AF_INET, SOCK_STREAM, 0);
		hands.unix_stream = socket(AF_UNIX, SOCK_STREAM, 0);
		hands.memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (chdir(place->folder.path) != 0 ||
		    !wall(place->conf, place->settings, &place->paths, NULL))
			_exit(NO_WALL);
		errno = 0;
		result = act(&hands);
		if (result >= 0)
			_exit(DONE);
		_exit(errno == EPERM || errno == EACCES || errno == EXDEV
			  ? REFUSED
			  : WRONG_ERRNO);
	}
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static gboolean
lacks(guint needs)
{
#ifdef WITH_SANITIZERS
	if ((needs & SANITIZER) != 0)
		return TRUE;
#endif
	return ((needs & FILES) != 0 && fence_level() < FENCE_FILES) ||
	       ((needs & NETWORK) != 0 && fence_level() < FENCE_NETWORK);
}

static void
check(struct place *place, closes wall, gboolean milter)
{
	guint passed_over = 0, n = 0;

	for (const struct act *act = acts; act->name != NULL; act++, n++) {
		int want = milter ? act->milter : act->deliver;

		g_test_message("%s", act->name);
		if (want == REFUSED && lacks(act->needs))
			passed_over++;
		else
			g_assert_cmpint(
			    behind(place, wall, act->act), ==, want);
	}
	g_test_message("%u acts, %u not tried: this kernel or build lacks "
		       "their wall",
	    n, passed_over);
}

static void
test_milter(struct place *place, gconstpointer unused)
{
	(void)unused;
	check(place, walls_milter, TRUE);
}

static void
test_deliver(struct place *place, gconstpointer unused)
{
	(void)unused;
	check(place, walls_deliver, FALSE);
}

/* Without backup-to the keeper may write wherever its user may, and still run
 * and make nothing. */
static void
test_anywhere(struct place *place, gconstpointer unused)
{
	g_autofree char *text =
	    g_strdup_printf("state-dir = \"%s/state\"\n", place->folder.path);

	(void)unused;
	conf_free(&place->conf);
	place->conf = conf_parse(place->settings, text, settings_kinds);
	g_assert_cmpint(
	    behind(place, walls_deliver, act_find("create outside")->act), ==,
	    DONE);
	g_assert_cmpint(
	    behind(place, walls_deliver, act_find("execve")->act), ==, REFUSED);
	g_assert_cmpint(behind(place, walls_deliver, act_find("a device")->act),
	    ==, REFUSED);
}

/* Whatever was named so, in a folder of its own. */
static const char *const named[] = { "ca", "relay", "text", "notice", "token" };
#define TOKEN 4

static char *
named_path(const struct place *place, gsize i, const char *file)
{
	return g_build_filename(
	    place->folder.path, "outside", named[i], file, NULL);
}

static void
name_files(struct place *place)
{
	const char *root = place->folder.path;
	g_autofree char *text =
	    g_strdup_printf("state-dir = \"%s/state\"\n"
			    "backup-to = { \"%s/backup\" }\n"
			    "mail-relay-ca-file = \"%s/outside/relay/file\"\n"
			    "inbox \"support@example.com\" {\n"
			    "ack-text-file = \"%s/outside/text/file\"\n"
			    "ack-notice-file = \"%s/outside/notice/file\" }\n"
			    "desk \"x\" { type = liveagent\n"
			    "url = \"http://127.0.0.1/\"\n"
			    "token-file = \"%s/outside/token/file\"\n"
			    "ca-file = \"%s/outside/ca/file\" }\n",
		root, root, root, root, root, root, root);

	conf_free(&place->conf);
	place->conf = conf_parse(place->settings, text, settings_kinds);
	g_assert_cmpuint(conf_faults(place->conf), ==, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(named); i++) {
		g_autofree char *path = named_path(place, i, "file");
		g_autofree char *next = named_path(place, i, "next");

		make_file(path);
		make_file(next);
	}
}

/* Tells that it is walled in, waits, and answers a bit for each file that it
 * can read then. */
static int
read_named(struct place *place, int told, int heard)
{
	char byte = 0;
	int readable = 0;

	if (!walls_deliver(place->conf, place->settings, &place->paths, NULL) ||
	    write(told, &byte, 1) != 1 || read(heard, &byte, 1) != 1)
		return 1 << 7;
	for (gsize i = 0; i < G_N_ELEMENTS(named); i++) {
		g_autofree char *path = named_path(place, i, "file");
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		readable |= (fd >= 0) << i;
		file_close(&fd);
	}
	return readable;
}

/* By rename, as editors, package managers and tools for certificates do. */
static void
replace_named(const struct place *place)
{
	for (gsize i = 0; i < G_N_ELEMENTS(named); i++) {
		g_autofree char *path = named_path(place, i, "file");
		g_autofree char *next = named_path(place, i, "next");

		g_assert_cmpint(rename(next, path), ==, 0);
	}
}

/* What is read again while the keeper runs is still in reach when another file
 * has taken its place; a token is read at the start, and its folder shut. */
static void
test_replaced(struct place *place, gconstpointer unused)
{
	gboolean fenced = fence_level() >= FENCE_FILES;
	int up[2], down[2], status;
	char byte;
	pid_t child;

	(void)unused;
	name_files(place);
	g_assert_cmpint(pipe2(up, O_CLOEXEC), ==, 0);
	g_assert_cmpint(pipe2(down, O_CLOEXEC), ==, 0);
	child = fork();
	if (child == 0)
		_exit(read_named(place, up[1], down[0]));
	file_close(&up[1]);
	g_assert_cmpint(read(up[0], &byte, 1), ==, 1);
	replace_named(place);
	g_assert_cmpint(write(down[1], &byte, 1), ==, 1);
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	g_assert_true(WIFEXITED(status));
	g_assert_cmphex(
	    (guint)WEXITSTATUS(status) & ~(fenced ? 0 : 1U << TOKEN), ==,
	    (1U << TOKEN) - 1);
	file_close(&up[0]);
	file_close(&down[0]);
	file_close(&down[1]);
}

/* What is missed is the first that the kernel lacks. */
static void
test_lack(void)
{
	enum fence_level level = fence_level();
	const char *lack = wall_lack(WALL_NETWORK);

	g_assert_null(wall_lack(WALL_NONE));
	g_assert_null(wall_lack(WALL_CALLS));
	g_assert_cmpint(
	    wall_lack(WALL_FILES) == NULL, ==, level >= FENCE_FILES);
	g_assert_cmpint(lack == NULL, ==, level >= FENCE_NETWORK);
	if (level < FENCE_FILES)
		g_assert_cmpstr(lack, ==, wall_lack(WALL_FILES));
}

static void
test_ports(void)
{
	static const struct {
		const char *url;
		guint16 port;
	} cases[] = {
		{ "https://desk.example.com/api", 443 },
		{ "https://desk.example.com:8443", 8443 },
		{ "http://127.0.0.1:4010", 4010 },
		{ "http://127.0.0.1", 80 },
		{ "smtp://[::1]:2525", 2525 },
		{ "smtp://127.0.0.1", 25 },
		{ "smtps://relay.example.com", 465 },
		{ "ftp://example.com", 0 },
		{ "nonsense", 0 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmpuint(walls_port(cases[i].url), ==, cases[i].port);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add("/tools/walls/milter", struct place, NULL, set_up,
	    test_milter, tear_down);
	g_test_add("/tools/walls/deliver", struct place, NULL, set_up,
	    test_deliver, tear_down);
	g_test_add("/tools/walls/anywhere", struct place, NULL, set_up,
	    test_anywhere, tear_down);
	g_test_add("/tools/walls/replaced", struct place, NULL, set_up,
	    test_replaced, tear_down);
	g_test_add_func("/tools/walls/ports", test_ports);
	g_test_add_func("/tools/walls/lack", test_lack);
	return g_test_run();
}
