/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate setup: tells the MTA of Deskgate, and takes that back.  Without
 * --apply or --undo it shows what it would do, and needs no rights for it.
 */
#include <grp.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/local_socket.h"
#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "milter/terms.h"
#include "tools/cmd.h"
#include "tools/home.h"
#include "tools/paths.h"
#include "tools/settings.h"
#include "tools/setup_file.h"
#include "tools/setup_inboxes.h"
#include "tools/setup_mta.h"
#include "tools/setup_probe.h"

struct setup {
	struct cmd_context *context;
	const struct setup_mta *mta;
	gboolean apply, undo, check, force; /* options */
	char *folder;                       /* likewise */
	const struct conf *conf;
	const char *state;
	char *key;         /* of the record: the MTA and its folder */
	GPtrArray *record; /* struct setup_file *, or NULL: nothing was changed
			    */
	json_t *answer;
};

/* --- what is said --- */
static void
say(struct setup *setup, const char *key, const char *english)
{
	json_t *list = json_object_get(setup->answer, key);
	const char *text = translate(english);

	if (setup->context->json)
		json_array_append_new(list, json_string(text));
	else if (strcmp(key, "warnings") == 0)
		cmd_complain("warning: %s", text);
	else
		cmd_print("%s\n", text);
}

static int
end(struct setup *setup, const char *state, int code)
{
	if (!setup->context->json)
		return code;
	json_object_set_new(setup->answer, "state", json_string(state));
	cmd_json_line(json_incref(setup->answer));
	return code;
}

static int
fail(struct setup *setup, const GError *error)
{
	int code = cmd_fail(error);

	return end(setup, "failed", code);
}

static int
refuse(struct setup *setup, int code, const char *text)
{
	cmd_complain("deskgate %s: %s", setup->context->name, translate(text));
	return end(setup, "refused", code);
}

/* What becomes of each file. */
static gboolean
show_files(struct setup *setup, const GPtrArray *files, GError **error)
{
	for (guint i = 0; i < files->len; i++) {
		const struct setup_file *file = files->pdata[i];
		g_autofree char *text = setup_file_diff(
		    file->path, file->before, file->after, error);

		if (text == NULL)
			return FALSE;
		if (setup->context->json) {
			g_autofree char *valid = g_utf8_make_valid(text, -1);

			json_array_append_new(
			    json_object_get(setup->answer, "changes"),
			    json_pack("{s:s, s:s}", "file", file->path, "diff",
				valid));
		} else
			cmd_print("%s", text);
	}
	return TRUE;
}

/* -1 to go on, else the exit code. */
static int
look_for_hands(struct setup *setup)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) changed = NULL;

	if (!setup_record_changed(setup->record, &changed, &error))
		return fail(setup, error);
	if (changed->len == 0 || setup->force)
		return -1;
	if (!show_files(setup, changed, &error))
		return fail(setup, error);
	return refuse(setup, EX_CONFIG,
	    setup->undo
		? N_("this was changed by hand since; --force puts back what "
		     "was "
		     "there before Deskgate all the same, without that change")
		: N_("this was changed by hand since; --force goes on with it, "
		     "and --undo will then put back what was there before "
		     "Deskgate, without that change"));
}

/* --- apply and undo --- */
static gboolean
tell_mta(struct setup *setup, GError **error)
{
	if (!setup->mta->running(setup->folder)) {
		say(setup, "done", "it does not run: nothing to reload");
		return TRUE;
	}
	if (!setup->mta->reload(setup->folder, error)) {
		g_prefix_error(error, "the settings are changed, but: ");
		return FALSE;
	}
	say(setup, "done", "it has read its settings again");
	return TRUE;
}

/* --- a message of our own --- */
#define PATIENCE 30 /* seconds; an idle MTA takes one */

static gboolean
say_findings(struct setup *setup, const GPtrArray *findings)
{
	static const char *const words[] = { [SETUP_GOOD] = N_("good"),
		[SETUP_NOTE] = N_("note"),
		[SETUP_BAD] = N_("bad") };
	gboolean good = TRUE;

	for (guint i = 0; i < findings->len; i++) {
		const struct setup_finding *one = findings->pdata[i];

		good &= one->kind != SETUP_BAD;
		json_array_append_new(json_object_get(setup->answer, "checks"),
		    json_pack("{s:s, s:s}", "result", words[one->kind], "text",
			one->text));
		if (!setup->context->json)
			cmd_print(
			    "%s: %s\n", translate(words[one->kind]), one->text);
	}
	return good;
}

/* EX_OK, or EX_UNAVAILABLE when something is not as it should be. */
static int
send_probe(struct setup *setup, const struct terms *terms)
{
	const struct conf_section *global = conf_global(setup->conf);
	g_autofree char *entrance = setup->mta->entrance(setup->folder);
	struct home_owners owners;
	struct paths paths;
	struct setup_probe probe = { .entrance = entrance,
		.authserv_id = conf_string(global, "authserv-id"),
		.strip_results =
		    conf_flag(global, "strip-authentication-results"),
		.patience = PATIENCE };
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) findings = NULL;

	if (entrance == NULL || !setup->mta->running(setup->folder)) {
		say(setup, "done", "it does not run: no message was sent");
		return EX_OK;
	}
	if (!home_owners(setup->conf, FALSE, &owners, &error))
		return cmd_fail(error);
	paths_init(&paths, setup->conf);
	probe.folder = paths.milter;
	probe.owner = owners.milter;
	probe.group = owners.group;
	findings = setup_probe_run(&probe, &error);
	paths_fini(&paths);
	if (findings == NULL)
		return cmd_fail(error);
	setup_inboxes_try(entrance, terms, conf_string(global, "key-dir"),
	    PATIENCE, findings);
	return say_findings(setup, findings) ? EX_OK : EX_UNAVAILABLE;
}

static int
check(struct setup *setup, const struct setup_wish *wish,
    const struct setup_proposal *proposal)
{
	int code;

	if (proposal->plan->refusal != NULL)
		return refuse(setup, EX_CONFIG, proposal->plan->refusal);
	if (proposal->files->len > 0)
		return refuse(setup, EX_CONFIG,
		    "it is not told all of Deskgate; see without --check, and "
		    "--apply does it");
	code = send_probe(setup, wish->terms);
	return end(setup, code == EX_OK ? "good" : "bad", code);
}

/* A filter that is not there would have all mail wait. */
static gboolean
is_awake(const struct setup_wish *wish)
{
	int fd OWNED(file_close) = -1;

	if (!g_str_has_prefix(wish->socket, "unix:"))
		return TRUE;
	fd = local_socket_connect(wish->socket + strlen("unix:"), NULL);
	return fd >= 0;
}

static int
apply(struct setup *setup, const struct setup_wish *wish,
    const struct setup_proposal *proposal)
{
	g_autoptr(GError) error = NULL;
	int code;

	if (proposal->files->len == 0) {
		say(setup, "done", "nothing to do");
		return end(setup, "unchanged", EX_OK);
	}
	code = look_for_hands(setup);
	if (code >= 0)
		return code;
	if (!is_awake(wish))
		return refuse(setup, EX_UNAVAILABLE,
		    "nobody answers at milter-socket, so all mail would have "
		    "to wait: start deskgate-milter first");
	setup_record_add(&setup->record, proposal->files);
	if (!setup_record_save(
		setup->state, setup->key, setup->record, &error) ||
	    !setup_file_write_all(proposal->files, &error) ||
	    !show_files(setup, proposal->files, &error) ||
	    !tell_mta(setup, &error))
		return fail(setup, error);
	code = send_probe(setup, wish->terms);
	if (code != EX_OK)
		say(setup, "warnings",
		    "the change stands; mend this and look again with "
		    "--check, or take all of it back with --undo");
	return end(setup, "changed", code);
}

/* With --force: what is thrown away is kept, since it is somebody's work. */
static gboolean
keep_changed(struct setup *setup, const GPtrArray *files, GError **error)
{
	g_autofree char *key = g_strconcat(setup->key, ".forced", NULL);

	return !setup->force ||
	       setup_record_save(setup->state, key, files, error);
}

static int
undo(struct setup *setup)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) files = NULL;
	int code;

	if (setup->record == NULL) {
		say(setup, "done", "nothing to undo");
		return end(setup, "unchanged", EX_OK);
	}
	code = look_for_hands(setup);
	if (code >= 0)
		return code;
	if (!setup_record_back(setup->record, &files, &error) ||
	    !show_files(setup, files, &error) ||
	    !keep_changed(setup, files, &error) ||
	    !setup_file_write_all(files, &error) || !tell_mta(setup, &error) ||
	    !setup_record_remove(setup->state, setup->key, &error))
		return fail(setup, error);
	return end(setup, "undone", EX_OK);
}

static int
show(struct setup *setup, const struct setup_proposal *proposal)
{
	g_autoptr(GError) error = NULL;

	if (!show_files(setup, proposal->files, &error))
		return fail(setup, error);
	if (proposal->plan->refusal != NULL)
		return refuse(setup, EX_CONFIG, proposal->plan->refusal);
	if (proposal->files->len == 0) {
		say(setup, "done", "nothing to do");
		return end(setup, "unchanged", EX_OK);
	}
	say(setup, "done", "nothing was changed; --apply does this");
	return end(setup, "shown", EX_OK);
}

static int
work_by(struct setup *setup, const struct setup_wish *wish)
{
	g_autoptr(GError) error = NULL;
	struct setup_proposal proposal = { 0 };
	int code;

	if (!setup->mta->propose(setup->folder, wish, &proposal, &error)) {
		setup_proposal_clear(&proposal);
		return fail(setup, error);
	}
	for (guint i = 0; i < proposal.plan->warnings->len; i++)
		say(setup, "warnings", proposal.plan->warnings->pdata[i]);
	if (setup->check)
		code = check(setup, wish, &proposal);
	else if (!setup->apply)
		code = show(setup, &proposal);
	else if (proposal.plan->refusal != NULL)
		code = refuse(setup, EX_CONFIG, proposal.plan->refusal);
	else
		code = apply(setup, wish, &proposal);
	setup_proposal_clear(&proposal);
	return code;
}

/* --- what is wished --- */
/* The second door's user and group, by name; the caller frees them. */
static gboolean
find_door(
    const struct conf *conf, char **user_r, char **group_r, GError **error)
{
	const struct conf_section *global = conf_global(conf);
	const char *user = conf_string(global, "milter-user");
	struct home_owners owners;
	const struct group *group;

	if (user == NULL)
		user = conf_string(global, "user");
	if (user == NULL || strcmp(user, "root") == 0)
		return err_set(error, DG_ERROR_BAD,
		    "an MTA runs nothing as root: set user = \"deskgate\" in "
		    "the settings first");
	if (!home_owners(conf, FALSE, &owners, error))
		return FALSE;
	group = getgrgid(owners.group);
	if (group == NULL)
		return err_set(
		    error, DG_ERROR_BAD, "the group of Deskgate has no name");
	*user_r = g_strdup(user);
	*group_r = g_strdup(group->gr_name);
	return TRUE;
}

static int
wish(struct setup *setup, const char *settings)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *whole = g_canonicalize_filename(settings, NULL);
	g_autofree char *user = NULL, *group = NULL, *socket = NULL;
	struct terms *terms;
	struct setup_wish wish = { .program = program, .settings = whole };
	int code;

	if (!find_door(setup->conf, &user, &group, &error))
		return fail(setup, error);
	socket = paths_socket(setup->conf);
	terms = terms_new(setup->conf);
	wish.socket = socket;
	wish.user = user;
	wish.group = group;
	wish.terms = terms;
	code = work_by(setup, &wish);
	terms_unref(&terms);
	return code;
}

/* --- the command --- */
static int
run_with_settings(struct setup *setup)
{
	const char *settings = setup->context->path != NULL
				   ? setup->context->path
				   : settings_default_path();
	g_autoptr(GError) error = NULL;

	setup->state = conf_string(conf_global(setup->conf), "state-dir");
	if (setup->folder == NULL)
		setup->folder = setup->mta->folder(&error);
	if (setup->folder == NULL)
		return fail(setup, error);
	setup->key = g_strconcat(setup->mta->name, setup->folder, NULL);
	g_strdelimit(setup->key, "/", '-');
	if ((setup->apply || setup->undo) &&
	    !setup_record_load(
		setup->state, setup->key, &setup->record, &error))
		return fail(setup, error);
	return setup->undo ? undo(setup) : wish(setup, settings);
}

static int
run(struct setup *setup)
{
	struct conf *conf OWNED(conf_free) = NULL;
	int code;

	if ((setup->apply || setup->undo || setup->check) && geteuid() != 0)
		return refuse(setup, EX_NOPERM,
		    "only root changes the MTA's settings, or checks them; "
		    "without an option it shows what it would do");
	code = cmd_settings(setup->context, &conf);
	if (code != EX_OK)
		return code;
	setup->conf = conf;
	return run_with_settings(setup);
}

static int
setup_main(struct cmd_context *context, const struct setup_mta *mta, int argc,
    char **argv)
{
	struct setup setup = { .context = context, .mta = mta };
	const GOptionEntry entries[] = {
		{ "apply", 0, 0, G_OPTION_ARG_NONE, &setup.apply,
		    N_("change the MTA's settings, keep what was there, and "
		       "have "
		       "it read them"),
		    NULL },
		{ "undo", 0, 0, G_OPTION_ARG_NONE, &setup.undo,
		    N_("put back what was there before, byte for byte"), NULL },
		{ "check", 0, 0, G_OPTION_ARG_NONE, &setup.check,
		    N_("send a message that comes back, and look what became "
		       "of "
		       "it (--apply does that too)"),
		    NULL },
		{ "force", 0, 0, G_OPTION_ARG_NONE, &setup.force,
		    N_("also where the settings were changed by hand since"),
		    NULL },
		{ "folder", 0, 0, G_OPTION_ARG_FILENAME, &setup.folder,
		    N_("the MTA's folder of settings, when it is not the usual "
		       "one"),
		    "DIR" },
		{ NULL },
	};
	int code = cmd_options(context, entries, "", &argc, &argv);

	setup.answer = json_pack("{s:s, s:[], s:[], s:[], s:[]}", "mta",
	    mta->name, "changes", "warnings", "done", "checks");
	if (code >= 0)
		;
	else if (argc > 1 || setup.apply + setup.undo + setup.check > 1)
		code = cmd_usage(context,
		    argc > 1 ? N_("it takes no words")
			     : N_("one of --apply, --undo and --check"));
	else if (setup.folder != NULL && setup.folder[0] != '/')
		code = cmd_usage(context, "--folder takes a whole path");
	else
		code = run(&setup);
	g_clear_pointer(&setup.record, g_ptr_array_unref);
	json_decref(setup.answer);
	g_free(setup.folder);
	g_free(setup.key);
	return code;
}

int
cmd_setup_postfix(struct cmd_context *context, int argc, char **argv)
{
	return setup_main(context, &setup_mta_postfix, argc, argv);
}

int
cmd_setup_sendmail(struct cmd_context *context, int argc, char **argv)
{
	return setup_main(context, &setup_mta_sendmail, argc, argv);
}
