/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate restore: puts a backup back. */
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tools/cmd.h"
#include "tools/restore.h"

static void
show_files(void *self, guint done, guint all)
{
	const struct cmd_context *context = self;

	if (context->json || !isatty(STDERR_FILENO))
		return;
	if (done == all)
		fputs("\r\033[K", stderr);
	else if (done % 16 == 0) {
		fputs("\r", stderr);
		fprintf(
		    stderr, translate("copying: %u of %u files"), done, all);
	}
	fflush(stderr);
}

static json_t *
put(struct cmd_context *context, const struct conf *conf,
    const struct restore_wish *wish, GError **error)
{
	const struct restore_progress progress = { show_files, context };
	struct home_owners owners;
	struct paths paths;
	json_t *facts = NULL;

	paths_init(&paths, conf);
	if (home_owners(conf, FALSE, &owners, error))
		facts = restore_put(&paths, &owners, wish, &progress, error);
	paths_fini(&paths);
	return facts;
}

static void
tell_number(
    const json_t *report, const char *member, const char *one, const char *many)
{
	json_int_t number = json_integer_value(json_object_get(report, member));

	if (number > 0)
		cmd_print(
		    "%lld %s\n", number, translate(number == 1 ? one : many));
}

/* Each may be one to be carried out by hand, at a desk or on paper. */
static void
tell_lost(const json_t *lost)
{
	const json_t *one;
	size_t i;

	json_array_foreach(lost, i, one) cmd_print(
	    "request %lld is newer than the copy of the vault: whom it is "
	    "about "
	    "cannot be read any more; see what is left to do by "
	    "\"deskgate privacy receipt %lld\", and ask who wrote it down\n",
	    json_integer_value(one), json_integer_value(one));
}

static void
tell(const json_t *report, gboolean replaced)
{
	cmd_print("the state of %s is back\n", cmd_member(report, "made"));
	if (json_is_true(json_object_get(report, "kept")))
		cmd_print("what people asked for, and the names of operators, "
			  "are those that were here: they are newer than the "
			  "copy of the vault\n");
	tell_number(report, "erased",
	    N_("person who was erased since was erased again"),
	    N_("people who were erased since were erased again"));
	tell_number(report, "inboxes",
	    N_("inbox that was erased since was erased again"),
	    N_("inboxes that were erased since were erased again"));
	tell_number(report, "lessons",
	    N_("lesson of people who restricted its use, or objected, was "
	       "taken "
	       "back"),
	    N_("lessons of people who restricted their use, or objected, were "
	       "taken back"));
	tell_number(report, "requests",
	    N_("request of a person had ended since, and is ended"),
	    N_("requests of people had ended since, and are ended"));
	tell_lost(json_object_get(report, "lost"));
	tell_number(report, "waiting",
	    N_("message was not delivered then: its desk is asked first "
	       "whether "
	       "it was since"),
	    N_("messages were not delivered then: their desks are asked first "
	       "whether they were since"));
	tell_number(report, "acknowledgements",
	    N_("acknowledgement was due then and may have been sent since: it "
	       "is "
	       "not sent"),
	    N_("acknowledgements were due then and may have been sent since: "
	       "they "
	       "are not sent"));
	if (replaced)
		cmd_print(
		    "what was there is in .before-restore in both folders; "
		    "remove it when all is well; it goes by itself after "
		    "set-aside-keep, and with the first erasure\n");
	cmd_print("make a backup now: the keys have changed\n");
}

static int
restore(struct cmd_context *context, struct restore_wish *wish)
{
	struct conf *conf OWNED(conf_free) = NULL;
	g_autoptr(GError) error = NULL;
	int code = cmd_settings(context, &conf);
	json_t *facts, *answer = NULL;

	if (code != EX_OK)
		return code;
	wish->keep = conf_duration(conf_global(conf), "backup-keep");
	facts = put(context, conf, wish, &error);
	if (facts == NULL)
		return cmd_fail(error);
	json_decref(facts);
	/* The start of a keeper does the rest. */
	code = cmd_ask(
	    context, json_pack("{s:s}", "verb", "restored"), &answer, NULL);
	if (code != EX_OK)
		return code;
	if (context->json)
		cmd_json_line(json_incref(json_object_get(answer, "restored")));
	else
		tell(json_object_get(answer, "restored"), wish->replace);
	json_decref(answer);
	return EX_OK;
}

int
cmd_restore(struct cmd_context *context, int argc, char **argv)
{
	g_autofree char *vault = NULL;
	gboolean replace = FALSE;
	const GOptionEntry entries[] = {
		{ "vault", 0, 0, G_OPTION_ARG_FILENAME, &vault,
		    N_("the newest copy of the vault; without it key-dir stays "
		       "as "
		       "it is"),
		    "DIR2" },
		{ "replace", 0, 0, G_OPTION_ARG_NONE, &replace,
		    N_("set aside what is there"), NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, "DIR", &argc, &argv);

	if (code >= 0)
		return code;
	if (argc != 2)
		return cmd_usage(context, "say which: the folder of a backup");
	return restore(
	    context, &(struct restore_wish){ argv[1], vault, replace, 0 });
}
