/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The skeleton of a daemon: read options, read settings, make folders, drop
 * rights, part from the porter, run.  In this order and nowhere else, so that
 * it can be checked in one screenful.
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
#include "lib/base/memory.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tools/home_door.h"
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
daemon_wait(struct porter *porter, gboolean (*alive)(void *self), void *self)
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
		porter_tell(porter, PORTER_ALIVE);
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
	       (program->keeper ||
		   home_door_prepare(conf, &paths, owners, error)) &&
	       jail_become(
		   program->keeper ? owners->keeper_name : owners->milter_name,
		   owners->group, error);
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

/* What is wrong with the settings is told, each line; NULL then. */
static struct conf *
load(const struct daemon_program *program, const char *path, int *code_r)
{
	g_autoptr(GError) error = NULL;
	struct conf *conf = NULL;

	*code_r = EX_SOFTWARE;
	/* Settings name secrets, which are looked at. */
	memory_strict();
	if (seal_init(&error)) {
		*code_r = EX_CONFIG;
		conf = settings_load(path, SETTINGS_DAEMON, &error);
	}
	if (conf == NULL)
		g_printerr("%s: %s\n", program->name, error->message);
	else
		for (guint i = 0; i < conf_faults(conf); i++)
			g_printerr("%s\n", conf_fault(conf, i));
	if (conf != NULL && conf_faults(conf) > 0)
		conf_free(&conf);
	return conf;
}

static int
run(const struct daemon_program *program, const char *path, pid_t parent,
    char *const *again)
{
	struct secret *key OWNED(secret_free) = NULL;
	struct home_owners owners;
	struct daemon_stage stage = { .path = path, .owners = &owners };
	g_autoptr(GError) error = NULL;
	int code, number = 0;
	struct conf *conf OWNED(conf_free) = load(program, path, &code);

	if (conf == NULL)
		return code;
	stage.conf = conf;
	raise_limits();
	if (become(program, conf, &owners, &error) &&
	    jail_keep_private(&error)) {
		die_with(parent);
		stage.porter = porter_enter(again, &error);
	}
	/* From here on in the process that works. */
	if (stage.porter != NULL)
		key = log_key(program, conf, &error);
	daemon_log(conf, program->name, key);
	for (guint i = 0; i < conf_warnings(conf); i++)
		log_event(LOG_LEVEL_WARN, "old-setting", "text",
		    conf_warning(conf, i), NULL);
	if (key != NULL && program->serve(&stage, &number, &error))
		code = number == SIGHUP    ? PORTER_AGAIN
		       : number == SIGABRT ? EX_TEMPFAIL
					   : EX_OK;
	else
		code = err_exit_code(error);
	if (error != NULL)
		log_error(LOG_LEVEL_ERROR, error, "stop", NULL);
	porter_leave(&stage.porter);
	return code;
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
	return run(program, path, supervised ? getppid() : 0,
	    (char *const[]){ program_path, (char *)"-c", path,
		(char *)(supervised ? "--supervised" : NULL), NULL });
}
