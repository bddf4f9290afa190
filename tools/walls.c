/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The gates in the walls of the daemons.
 */
#include "tools/walls.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/base/translate.h"
#include "lib/base/wall.h"
#include "tools/settings.h"

#define PORT_DNS 53

/* Of the system: libraries that are loaded late, zones, names, certificates,
 * and what libraries ask about the machine. */
static const char *const system_folders[] = { "/etc", "/usr", "/lib", "/lib32",
	"/lib64", "/proc", "/sys/devices/system", "/dev/urandom", NULL };

/* What is read again while the keeper runs.  A gate is an inode's: when another
 * file takes the place, only the folder's gate leads to it.  The rest, tokens
 * and passwords, is read at the start, and its folders stay shut. */
static const char *const read_again[] = { "ca-file", "mail-relay-ca-file",
	"ack-text-file", "ack-notice-file", NULL };

struct gates {
	GArray *paths;  /* struct fence_path, borrowed texts */
	GPtrArray *own; /* char *, of them */
	GArray *ports;  /* guint16 */
	char *settings; /* the folder of the settings */
};

static void
add_path(struct gates *gates, const char *path, guint rights)
{
	const struct fence_path one = { path, rights };

	if (path != NULL)
		g_array_append_val(gates->paths, one);
}

/* Of the file, and of what it is a link to: either may be replaced. */
static void
add_folders(struct gates *gates, const char *file)
{
	char *real = realpath(file, NULL);
	const char *const names[] = { file, real };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		char *folder =
		    names[i] == NULL ? NULL : g_path_get_dirname(names[i]);

		if (folder == NULL)
			continue;
		g_ptr_array_add(gates->own, folder);
		/* Not all there is. */
		if (strcmp(folder, "/") != 0)
			add_path(gates, folder, FENCE_READ);
	}
	free(real);
}

static void
add_port(struct gates *gates, guint16 port, gboolean bind)
{
	const struct fence_port one = { port, bind };

	if (port != 0)
		g_array_append_val(gates->ports, one);
}

static void
gates_init(struct gates *gates, const char *path)
{
	gates->paths = g_array_new(TRUE, TRUE, sizeof(struct fence_path));
	gates->ports = g_array_new(TRUE, TRUE, sizeof(struct fence_port));
	gates->own = g_ptr_array_new_with_free_func(g_free);
	gates->settings = g_path_get_dirname(path);
	for (const char *const *folder = system_folders; *folder != NULL;
	     folder++)
		add_path(gates, *folder, FENCE_READ);
	add_path(gates, "/dev/null", FENCE_READ | FENCE_WRITE);
	add_path(gates, gates->settings, FENCE_READ);
}

static gboolean
gates_close(struct gates *gates, enum calls_more calls, GError **error)
{
	const struct wall wall = {
		.calls = calls,
		.paths = (const struct fence_path *)gates->paths->data,
		.ports = (const struct fence_port *)gates->ports->data,
	};
	gboolean closed = wall_close(&wall, error);

	g_array_unref(gates->paths);
	g_array_unref(gates->ports);
	g_ptr_array_unref(gates->own);
	g_free(gates->settings);
	return closed;
}

static enum calls_more
log_calls(const struct conf *conf)
{
	return strcmp(conf_string(conf_global(conf), "log-target"), "syslog") ==
		       0
		   ? CALLS_SYSLOG
		   : 0;
}

gboolean
walls_milter(const struct conf *conf, const char *path,
    const struct paths *paths, GError **error)
{
	struct gates gates;

	gates_init(&gates, path);
	add_path(&gates, paths->keys, FENCE_READ);
	add_path(&gates, paths->keeper, FENCE_READ);
	add_path(&gates, paths->spool, FENCE_READ | FENCE_WRITE);
	add_path(&gates, paths->milter, FENCE_READ | FENCE_WRITE);
	return gates_close(&gates, log_calls(conf), error);
}

void
walls_check(struct conf *conf)
{
	static const char *const words[] = { [WALL_CALLS] = "calls",
		[WALL_FILES] = "files",
		[WALL_NETWORK] = "network" };
	const struct conf_section *global = conf_global(conf);
	const char *word = conf_string(global, "walls-required");
	const char *lack = NULL;

	for (guint i = WALL_CALLS; i < G_N_ELEMENTS(words); i++) {
		if (strcmp(word, words[i]) == 0)
			lack = wall_lack(i);
	}
	if (lack != NULL)
		conf_add_fault(conf, global, "walls-required",
		    "walls-required = %s: %s", word, translate(lack));
}

guint16
walls_port(const char *url)
{
	static const struct {
		const char *scheme;
		guint16 port;
	} schemes[] = { { "https", 443 }, { "http", 80 }, { "smtp", 25 },
		{ "smtps", 465 } };
	g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);

	for (gsize i = 0; uri != NULL && i < G_N_ELEMENTS(schemes); i++) {
		if (strcmp(g_uri_get_scheme(uri), schemes[i].scheme) == 0)
			return g_uri_get_port(uri) > 0
				   ? (guint16)g_uri_get_port(uri)
				   : schemes[i].port;
	}
	return 0;
}

static void
add_option(struct gates *gates, const struct conf_section *section,
    const struct conf_option *option)
{
	const char *path = option->type == CONF_PATH
			       ? conf_string(section, option->name)
			       : NULL;

	add_path(gates, path, FENCE_READ);
	if (path != NULL && g_strv_contains(read_again, option->name))
		add_folders(gates, path);
}

/* Whatever the settings name by its path: tokens, certificates, texts. */
static void
add_named(struct gates *gates, const struct conf_section *section,
    const struct conf_kind *kind)
{
	for (const struct conf_option *const *table = kind->tables;
	     *table != NULL; table++)
		for (const struct conf_option *option = *table;
		     option->name != NULL; option++)
			add_option(gates, section, option);
}

static void
add_settings(struct gates *gates, const struct conf *conf)
{
	for (const struct conf_kind *kind = settings_kinds; kind->name != NULL;
	     kind++) {
		if (kind->name[0] == '\0')
			add_named(gates, conf_global(conf), kind);
		for (guint i = 0;
		     kind->name[0] != '\0' && i < conf_count(conf, kind->name);
		     i++)
			add_named(gates, conf_at(conf, kind->name, i), kind);
	}
}

static void
add_backups(struct gates *gates, const struct conf *conf)
{
	const char *const *folder = conf_list(conf_global(conf), "backup-to");

	if (folder == NULL || *folder == NULL) {
		log_event(LOG_LEVEL_INFO, "wall-missing", "wall", "writes",
		    "text",
		    "backup-to is not set: backups, and so all writing, may go "
		    "wherever the user may write",
		    NULL);
		add_path(gates, "/", FENCE_READ | FENCE_WRITE);
		return;
	}
	for (; *folder != NULL; folder++) {
		if (!g_file_test(*folder, G_FILE_TEST_IS_DIR))
			log_event(LOG_LEVEL_WARN, "backup-to-missing", "folder",
			    *folder, "text",
			    "no backup can be written there: make the folder, "
			    "reachable for the keeper's user, and start "
			    "deskgate-deliver anew",
			    NULL);
		add_path(gates, *folder, FENCE_READ | FENCE_WRITE);
	}
}

/* It is opened with what asks the desks, behind the walls. */
static void
add_push(struct gates *gates, const struct conf *conf)
{
	const char *listen = conf_string(conf_global(conf), "push-listen");
	const char *colon = listen != NULL ? strrchr(listen, ':') : NULL;

	if (colon != NULL)
		add_port(gates, (guint16)g_ascii_strtoull(colon + 1, NULL, 10),
		    TRUE);
}

static void
add_desks(struct gates *gates, const struct conf *conf)
{
	add_port(gates, PORT_DNS, FALSE);
	add_port(gates,
	    walls_port(conf_string(conf_global(conf), "mail-relay")), FALSE);
	add_push(gates, conf);
	for (guint i = 0; i < conf_count(conf, "desk"); i++) {
		const char *url = conf_string(conf_at(conf, "desk", i), "url");

		if (url != NULL)
			add_port(gates, walls_port(url), FALSE);
	}
}

gboolean
walls_deliver(const struct conf *conf, const char *path,
    const struct paths *paths, GError **error)
{
	struct gates gates;

	gates_init(&gates, path);
	add_settings(&gates, conf);
	/* Names: /etc/resolv.conf leads there.  Certificates: in SUSE
	 * /etc/ssl leads there. */
	add_path(&gates, "/run", FENCE_READ);
	add_path(&gates, "/var/lib/ca-certificates", FENCE_READ);
	add_path(&gates, paths->state, FENCE_READ | FENCE_WRITE);
	add_path(&gates, paths->keys, FENCE_READ | FENCE_WRITE);
	add_path(&gates, paths->keeper, FENCE_READ | FENCE_WRITE);
	add_path(&gates, paths->watch, FENCE_READ);
	add_backups(&gates, conf);
	add_desks(&gates, conf);
	/* SQLite's are beside what they are of. */
	g_setenv("SQLITE_TMPDIR", paths->state, TRUE);
	return gates_close(
	    &gates, log_calls(conf) | CALLS_NETWORK | CALLS_LIBRARIES, error);
}
