/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate privacy restrict, object: what stands from then on; rectify. */
#include <string.h>
#include <sysexits.h>

#include "lib/base/translate.h"
#include "tools/cmd.h"

struct stand {
	const char *verb;
	const char *done, *lifted; /* what is said of it */
	char *identity, *new_mail;
	gboolean lift;
};

static json_t *
request_of(const struct stand *stand, int argc, char **argv)
{
	json_t *addresses = json_array();

	for (int i = 1; i < argc; i++)
		json_array_append_new(addresses, json_string(argv[i]));
	return json_pack("{s:s, s:o, s:s, s:b, s:b}", "verb", stand->verb,
	    "addresses", addresses, "identity",
	    stand->identity != NULL ? stand->identity : "not-verified", "lift",
	    stand->lift, "hold", g_strcmp0(stand->new_mail, "hold") == 0);
}

static int
run(struct cmd_context *context, const struct stand *stand, int argc,
    char **argv)
{
	json_t *answer = NULL;
	const json_t *request;
	int code;

	if (argc < 2)
		return cmd_usage(
		    context, "say whom, by all addresses of that person");
	if (stand->new_mail != NULL &&
	    (stand->lift || (strcmp(stand->new_mail, "hold") != 0 &&
				strcmp(stand->new_mail, "ticket") != 0)))
		return cmd_usage(context,
		    "--new-mail is \"ticket\" or \"hold\", and not of a "
		    "restriction that is lifted");
	code = cmd_ask(context, request_of(stand, argc, argv), &answer, NULL);
	if (code == EX_OK)
		code = cmd_wait_settled(context, &answer);
	if (code != EX_OK)
		return code;
	if (context->json) {
		cmd_json_line(answer);
		return EX_OK;
	}
	request = json_object_get(answer, "request");
	cmd_print("request %lld: %s\n",
	    json_integer_value(json_object_get(request, "id")),
	    stand->lift ? translate(stand->lifted)
	    : strcmp(cmd_member(request, "state"), "open") == 0
		? translate("it stands; lessons are yet to be taken back, "
			    "which is tried again")
		: translate(stand->done));
	json_decref(answer);
	return EX_OK;
}

static int
finish(struct cmd_context *context, struct stand *stand, int argc, char **argv)
{
	int code = run(context, stand, argc, argv);

	g_free(stand->identity);
	g_free(stand->new_mail);
	return code;
}

#define IDENTITY \
	"how it was made sure who asks: not-verified (default), " \
	"known-address, reply-to-code, in-person, document, agent"

int
cmd_privacy_restrict(struct cmd_context *context, int argc, char **argv)
{
	struct stand stand = { .verb = "privacy-restrict",
		.done =
		    N_("what is held is kept, hidden, and not used; lessons "
		       "of it were taken back"),
		.lifted =
		    N_("lifted; he is to be told before (Article 18(3))") };
	const GOptionEntry entries[] = {
		{ "new-mail", 0, 0, G_OPTION_ARG_STRING, &stand.new_mail,
		    N_("becomes a ticket that says so (default), or is held"),
		    "ticket|hold" },
		{ "lift", 0, 0, G_OPTION_ARG_NONE, &stand.lift,
		    N_("end the restriction"), NULL },
		{ "identity", 'i', 0, G_OPTION_ARG_STRING, &stand.identity,
		    IDENTITY, "HOW" },
		{ NULL },
	};
	int code = cmd_options(context, entries, "ADDRESS...", &argc, &argv);

	return code >= 0 ? code : finish(context, &stand, argc, argv);
}

int
cmd_privacy_object(struct cmd_context *context, int argc, char **argv)
{
	struct stand stand = { .verb = "privacy-object",
		.done = N_("no lesson is made of his mail, and those that were "
			   "are taken back"),
		.lifted = N_("lifted; lessons may be made of his mail again") };
	const GOptionEntry entries[] = {
		{ "lift", 0, 0, G_OPTION_ARG_NONE, &stand.lift,
		    N_("end the objection"), NULL },
		{ "identity", 'i', 0, G_OPTION_ARG_STRING, &stand.identity,
		    IDENTITY, "HOW" },
		{ NULL },
	};
	int code = cmd_options(context, entries, "ADDRESS...", &argc, &argv);

	return code >= 0 ? code : finish(context, &stand, argc, argv);
}

static int
rectify(struct cmd_context *context, const char *name, const char *identity,
    int argc, char **argv)
{
	json_t *addresses = json_array(), *answer = NULL;
	const json_t *request, *one;
	size_t i;
	int code;

	for (int at = 1; at < argc; at++)
		json_array_append_new(addresses, json_string(argv[at]));
	code = cmd_ask_shown(context,
	    json_pack("{s:s, s:o, s:s, s:s}", "verb", "privacy-rectify",
		"addresses", addresses, "name", name, "identity",
		identity != NULL ? identity : "not-verified"),
	    &answer);
	if (code >= 0)
		return code;
	request = json_object_get(answer, "request");
	cmd_print("request %lld:\n",
	    json_integer_value(json_object_get(request, "id")));
	json_array_foreach(json_object_get(request, "holders"), i, one)
	    cmd_print("  %s: %s%s%s\n", cmd_member(one, "holder"),
		cmd_member(one, "outcome"),
		cmd_member(one, "words")[0] != '\0' ? ", " : "",
		cmd_member(one, "words"));
	json_decref(answer);
	return EX_OK;
}

int
cmd_privacy_rectify(struct cmd_context *context, int argc, char **argv)
{
	g_autofree char *name = NULL;
	g_autofree char *identity = NULL;
	const GOptionEntry entries[] = {
		{ "name", 'n', 0, G_OPTION_ARG_STRING, &name,
		    N_("what he is called from now on"), "NAME" },
		{ "identity", 'i', 0, G_OPTION_ARG_STRING, &identity, IDENTITY,
		    "HOW" },
		{ NULL },
	};
	int code = cmd_options(context, entries, "ADDRESS...", &argc, &argv);

	if (code >= 0)
		return code;
	if (argc < 2 || name == NULL)
		return cmd_usage(context,
		    "say whom, by all addresses of that person, and the name "
		    "(--name)");
	return rectify(context, name, identity, argc, argv);
}
