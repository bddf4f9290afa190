/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The skeleton of a daemon: read options, read settings, make folders, drop
 * rights, run.  In this order and nowhere else, so that it can be checked in
 * one screenful.
 */
#include "tools/daemon.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/jail.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tools/paths.h"
#include "tools/settings.h"

void
daemon_log(const struct conf *conf, const char *name, const struct secret *key)
{
	const struct conf_section *global = conf_global(conf);
	const char *target = conf_string(global, "log-target");
	const char *format = conf_string(global, "log-format");
	const char *level = conf_string(global, "log-level");
	const char *addresses = conf_string(global, "log-addresses");
	struct log_settings settings = {
		.program = name,
		.target = strcmp(target, "syslog") == 0 ? LOG_TARGET_SYSLOG
							: LOG_TARGET_STDERR,
		.format = strcmp(format, "json") == 0 ? LOG_FORMAT_JSON
						      : LOG_FORMAT_TEXT,
		.level = LOG_LEVEL_INFO,
		.addresses = LOG_ADDRESSES_NONE,
	};

	if (strcmp(level, "debug") == 0)
		settings.level = LOG_LEVEL_DEBUG;
	else if (strcmp(level, "warn") == 0)
		settings.level = LOG_LEVEL_WARN;
	else if (strcmp(level, "error") == 0)
		settings.level = LOG_LEVEL_ERROR;
	if (strcmp(addresses, "full") == 0)
		settings.addresses = LOG_ADDRESSES_FULL;
	else if (strcmp(addresses, "hash") == 0 && key != NULL)
		settings.addresses = LOG_ADDRESSES_HASH;
	if (key != NULL)
		memcpy(settings.address_key, secret_data(key),
		    sizeof(settings.address_key));
	log_install(&settings);
	explicit_bzero(settings.address_key, sizeof(settings.address_key));
}

static void
stop_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
}

void
daemon_block_signals(void)
{
	sigset_t set;

	stop_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int
daemon_wait(gboolean (*alive)(void *self), void *self)
{
	const struct timespec second = { 1, 0 };
	sigset_t set;

	stop_signals(&set);
	for (;;) {
		int number = sigtimedwait(&set, NULL, &second);

		if (number > 0)
			return number;
		if (!alive(self))
			return SIGABRT;
	}
}

/* Descriptors for as many connections as are allowed: libmilter spins when they
 * run out. */
static void
raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static gboolean
become(const struct daemon_program *program, const struct conf *conf,
    struct home_owners *owners, GError **error)
{
	struct paths paths;
	gboolean done;

	paths_init(&paths, conf);
	done = home_owners(conf, TRUE, owners, error) &&
	       home_prepare(&paths, owners, error) &&
	       jail_become(
		   program->keeper ? owners->keeper_name : owners->milter_name,
		   error);
	paths_fini(&paths);
	return done;
}

/* The log is installed once, so what hashes its addresses is loaded before all
 * else. */
static struct secret *
log_key(const struct daemon_program *program, const struct conf *conf,
    GError **error)
{
	struct home_keys keys = { 0 };
	struct secret *key = NULL;
	struct paths paths;
	int folder;

	paths_init(&paths, conf);
	folder = file_open_dir(paths.keys, error);
	if (folder >= 0 &&
	    home_load_keys(
		folder, program->keeper && home_is_new(&paths), &keys, error))
		key = g_steal_pointer(&keys.log);
	home_keys_clear(&keys);
	file_close(&folder);
	paths_fini(&paths);
	return key;
}

/* When the supervisor dies, so do we; asked for after the change of users,
 * which would clear it. */
static void
die_with(pid_t parent)
{
	if (parent == 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		raise(SIGTERM);
}

static int
run(const struct daemon_program *program, const char *path, pid_t parent,
    int *signal_r)
{
	struct conf *conf OWNED(conf_free) = NULL;
	struct secret *key OWNED(secret_free) = NULL;
	struct home_owners owners;
	g_autoptr(GError) error = NULL;

	/* Settings name secrets, which are looked at. */
	if (!seal_init(&error)) {
		g_printerr("%s: %s\n", program->name, error->message);
		return EX_SOFTWARE;
	}
	conf = settings_load(path, SETTINGS_DAEMON, &error);
	if (conf == NULL) {
		g_printerr("%s: %s\n", program->name, error->message);
		return EX_CONFIG;
	}
	if (conf_faults(conf) > 0) {
		for (guint i = 0; i < conf_faults(conf); i++)
			g_printerr("%s\n", conf_fault(conf, i));
		return EX_CONFIG;
	}
	raise_limits();
	if (become(program, conf, &owners, &error) && jail_keep_private(&error))
		key = log_key(program, conf, &error);
	daemon_log(conf, program->name, key);
	if (key != NULL) {
		die_with(parent);
		if (program->serve(conf, path, &owners, signal_r, &error))
			return EX_OK;
	}
	log_error(LOG_LEVEL_ERROR, error, "stop", NULL);
	return err_exit_code(error);
}

int
daemon_main(const struct daemon_program *program, int argc, char **argv)
{
	g_autofree char *path = NULL;
	gboolean version = FALSE, supervised = FALSE;
	const GOptionEntry entries[] = {
		{ "config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
		    "settings file (default " DESKGATE_SYSCONFDIR
		    "/deskgate/deskgate.conf)",
		    "FILE" },
		{ "supervised", 0, 0, G_OPTION_ARG_NONE, &supervised,
		    "end when the program that started this ends", NULL },
		{ "version", 0, 0, G_OPTION_ARG_NONE, &version,
		    "print the version", NULL },
		{ NULL },
	};
	g_autoptr(GOptionContext) options = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autofree char *program_path = g_strdup(argv[0]);
	int code, number = 0;

	g_option_context_set_summary(options, program->summary);
	g_option_context_add_main_entries(options, entries, NULL);
	if (!g_option_context_parse(options, &argc, &argv, &error) ||
	    argc > 1) {
		g_printerr("%s: %s; see --help\n", program->name,
		    error != NULL ? error->message : "too many arguments");
		return EX_USAGE;
	}
	if (version) {
		g_print("%s %s\n", program->name, VERSION);
		return EX_OK;
	}
	if (path == NULL)
		path = g_strdup(settings_default_path());
	code = run(program, path, supervised ? getppid() : 0, &number);
	if (code == EX_OK && number == SIGHUP)
		execl("/proc/self/exe", program_path, "-c", path,
		    supervised ? "--supervised" : NULL, NULL);
	return number == SIGABRT ? EX_TEMPFAIL : code;
}
