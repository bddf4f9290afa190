/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sendmail: sendmail.mc is changed, and m4 makes sendmail.cf of it.  One that
 * was written or changed by hand would be lost by that, so it is refused.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "tools/program.h"
#include "tools/sendmail_cf.h"
#include "tools/setup_file.h"
#include "tools/setup_mta.h"
#include "tools/setup_sendmail.h"

#define SOURCE "sendmail.mc"
#define MADE "sendmail.cf"
#define USUAL_PID_FILE "/var/run/sendmail.pid"
/* How long it may take to start anew: where the host's name has no dot it
 * waits a minute for a better one. */
#define START_SECONDS 90
#define LOOK_USEC (G_USEC_PER_SEC / 10)

static char *
usual_folder(GError **error)
{
	(void)error;
	return g_strdup("/etc/mail");
}

static char *
as_text(GBytes *bytes)
{
	return g_strndup(
	    g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static GBytes *
as_bytes(const char *text)
{
	return g_bytes_new(text, strlen(text));
}

/* A file that must be there, as text. */
static char *
read_text(const char *folder, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autoptr(GBytes) bytes = NULL;

	if (!setup_file_read(path, &bytes, error))
		return NULL;
	if (bytes != NULL)
		return as_text(bytes);
	(void)err_set(error, DG_ERROR_NOTFOUND,
	    "%s is not there: is Sendmail set up?", path);
	return NULL;
}

/* What m4 makes of a sendmail.mc. */
static char *
make_cf(const char *mc, GError **error)
{
	g_autofree char *copy = g_dir_make_tmp("deskgate-setup-XXXXXX", NULL);
	g_autofree char *path = NULL, *cf = NULL;
	const char *words[] = { "m4", NULL, NULL };
	gboolean good;

	if (copy == NULL) {
		(void)err_set(error, DG_ERROR_IO, "cannot make a folder in %s",
		    g_get_tmp_dir());
		return NULL;
	}
	path = g_build_filename(copy, SOURCE, NULL);
	words[1] = path;
	good = g_file_set_contents(path, mc, -1, NULL) &&
	       program_must(words, &cf, error);
	(void)unlink(path);
	(void)rmdir(copy);
	if (good)
		return g_steal_pointer(&cf);
	if (error != NULL && *error == NULL)
		(void)err_set(error, DG_ERROR_IO, "cannot write %s", path);
	return NULL;
}

static void
add_file(struct setup_proposal *proposal, const char *folder, const char *name,
    const char *before, const char *after)
{
	g_ptr_array_add(proposal->files,
	    setup_file_new(g_build_filename(folder, name, NULL),
		as_bytes(before), as_bytes(after)));
}

static gboolean
work_out(const char *folder, const struct setup_wish *wish,
    struct setup_proposal *proposal, GError **error)
{
	g_autofree char *mc = read_text(folder, SOURCE, error);
	g_autofree char *cf =
	    mc != NULL ? read_text(folder, MADE, error) : NULL;
	g_autofree char *now = cf != NULL ? make_cf(mc, error) : NULL;
	g_autofree char *mc_new = NULL, *cf_new = NULL, *fault = NULL;

	if (now == NULL)
		return FALSE;
	if (!sendmail_cf_same(now, cf))
		setup_plan_refuse(proposal->plan,
		    "%s/" MADE " is not what m4 makes of " SOURCE
		    ", so a change in it by hand would be lost: make them "
		    "agree first",
		    folder);
	mc_new = setup_sendmail(proposal->plan, mc, wish);
	cf_new = make_cf(mc_new, error);
	if (cf_new == NULL)
		return FALSE;
	fault = setup_sendmail_fault(cf_new);
	if (fault != NULL)
		setup_plan_refuse(proposal->plan, "%s", fault);
	if (strcmp(mc, mc_new) != 0)
		add_file(proposal, folder, SOURCE, mc, mc_new);
	if (!sendmail_cf_same(cf, cf_new))
		add_file(proposal, folder, MADE, cf, cf_new);
	return TRUE;
}

static gboolean
propose(const char *folder, const struct setup_wish *wish,
    struct setup_proposal *proposal_r, GError **error)
{
	proposal_r->plan = setup_plan_new();
	proposal_r->files = g_ptr_array_new_with_free_func(setup_file_free);
	return work_out(folder, wish, proposal_r, error);
}

/* --- the daemon --- */
static char *
pid_file(const char *folder)
{
	g_autofree char *cf = read_text(folder, MADE, NULL);
	char *path = cf != NULL ? sendmail_cf_option(cf, "PidFile") : NULL;

	return path != NULL ? path : g_strdup(USUAL_PID_FILE);
}

/* The pid in the file's first line, of a process that is there; else 0. */
static pid_t
pid_of(const char *path)
{
	g_autofree char *text = NULL;
	gint64 pid;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 0;
	pid = g_ascii_strtoll(text, NULL, 10);
	return pid > 1 && kill((pid_t)pid, 0) == 0 ? (pid_t)pid : 0;
}

static gboolean
running(const char *folder)
{
	g_autofree char *path = pid_file(folder);

	return pid_of(path) != 0;
}

/* It starts itself anew, and writes its pid once it listens. */
static gboolean
reload(const char *folder, GError **error)
{
	g_autofree char *path = pid_file(folder);
	pid_t pid = pid_of(path);
	struct stat before, now;

	if (pid == 0 || stat(path, &before) != 0 || kill(pid, SIGHUP) != 0)
		return err_errno(
		    error, errno, "cannot tell Sendmail (%s)", path);
	for (guint i = 0; i < START_SECONDS * G_USEC_PER_SEC / LOOK_USEC; i++) {
		if (stat(path, &now) == 0 &&
		    (now.st_mtim.tv_sec != before.st_mtim.tv_sec ||
			now.st_mtim.tv_nsec != before.st_mtim.tv_nsec) &&
		    pid_of(path) != 0)
			return TRUE;
		g_usleep(LOOK_USEC);
	}
	return err_set(error, DG_ERROR_AGAIN,
	    "Sendmail did not start anew in %d s: look into its log, start it "
	    "by its whole path, and run this again with --check",
	    START_SECONDS);
}

static char *
entrance(const char *folder)
{
	g_autofree char *cf = read_text(folder, MADE, NULL);

	return cf != NULL ? sendmail_cf_entrance(cf) : NULL;
}

const struct setup_mta setup_mta_sendmail = { "sendmail", usual_folder, propose,
	running, reload, entrance };
