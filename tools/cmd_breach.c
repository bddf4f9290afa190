/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate privacy breach: whom it affects, and what is to be told. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tools/breach.h"
#include "tools/cmd.h"

struct options {
	char *since, *until, *known, *output, *reason;
	char **holders;
};

static void
options_clear(struct options *options)
{
	g_free(options->since);
	g_free(options->until);
	g_free(options->known);
	g_free(options->output);
	g_free(options->reason);
	g_strfreev(options->holders);
}

static json_t *
request_of(const struct options *options)
{
	json_t *holders = NULL;

	for (char **name = options->holders; name != NULL && *name != NULL;
	     name++) {
		if (holders == NULL)
			holders = json_array();
		json_array_append_new(holders, json_string(*name));
	}
	return json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:o?}", "verb",
	    "privacy-breach", "since", options->since, "until", options->until,
	    "known", options->known, "reason", options->reason, "holders",
	    holders);
}

static int
number(const json_t *object, const char *name)
{
	return (int)json_integer_value(json_object_get(object, name));
}

static void
show_holders(const json_t *holders)
{
	static const char *const heads[] = { N_("holder"), N_("people"),
		N_("records"), N_("what"), NULL };
	struct cmd_list *list = cmd_list_new(FALSE, heads);
	const json_t *one, *kind;
	size_t i, k;

	json_array_foreach(holders, i, one)
	{
		gboolean named = json_is_true(json_object_get(one, "named"));
		g_autofree char *people =
		    named ? g_strdup_printf("%d", number(one, "people"))
			  : g_strdup("-");
		g_autofree char *records =
		    named ? g_strdup_printf("%d", number(one, "records"))
			  : g_strdup("-");

		json_array_foreach(json_object_get(one, "kinds"), k, kind)
		{
			const char *const cells[] = {
				k == 0 ? cmd_member(one, "holder") : "",
				k == 0 ? people : "", k == 0 ? records : "",
				json_string_value(kind)
			};

			cmd_list_add(list, cells);
		}
	}
	cmd_list_end(&list, "no holder");
}

static void
show(const json_t *breach)
{
	int left = number(breach, "hours_left");

	cmd_print("affected  %d people whose data lay there between %s and "
		  "%s\n",
	    number(breach, "count"), cmd_member(breach, "since"),
	    cmd_member(breach, "until"));
	if (number(breach, "unnamed") > 0)
		cmd_print("          of %d no address is known\n",
		    number(breach, "unnamed"));
	if (number(breach, "erased_since") > 0)
		cmd_print("          and up to %d who were erased since\n",
		    number(breach, "erased_since"));
	if (number(breach, "inboxes_erased_since") > 0)
		cmd_print("          and all who wrote to %d inboxes that were "
			  "erased since\n",
		    number(breach, "inboxes_erased_since"));
	cmd_print("          not counted is what went since because its time "
		  "was over (\"deskgate audit\": expire)\n");
	if (left >= 0)
		cmd_print("due       the authority is to be told until %s: %d "
			  "hours are left (Article 33)\n",
		    cmd_member(breach, "due"), left);
	else
		cmd_print("due       the authority was to be told until %s: "
			  "late, with the reasons (Article 33(1))\n",
		    cmd_member(breach, "due"));
	show_holders(json_object_get(breach, "holders"));
}

static gboolean
write_one(int folder, const char *name, char *text, GError **error)
{
	g_autofree char *owned = text;

	return file_create(folder, name, owned, strlen(owned), 0600, error);
}

static int
write_all(const char *path, const json_t *breach)
{
	g_autoptr(GError) error = NULL;
	int folder OWNED(file_close) = -1;

	if (mkdir(path, 0700) != 0 && errno != EEXIST) {
		err_errno(&error, errno, "cannot make %s", path);
		return cmd_fail(error);
	}
	folder = file_open_dir(path, &error);
	if (folder < 0 ||
	    !write_one(folder, "affected.csv", breach_table(breach), &error) ||
	    !write_one(folder, "authority.txt", breach_for_authority(breach),
		&error) ||
	    !write_one(folder, "people.txt", breach_for_people(breach), &error))
		return cmd_fail(error);
	cmd_print("\n%s has affected.csv (who), and drafts: authority.txt, "
		  "people.txt; fill what stands in [brackets]\n",
	    path);
	return EX_OK;
}

static int
run(struct cmd_context *context, const struct options *options)
{
	json_t *answer = NULL;
	const json_t *breach;
	int code;

	if (options->since == NULL)
		return cmd_usage(
		    context, "say since when somebody could read (--since)");
	code = cmd_ask_shown(context, request_of(options), &answer);
	if (code >= 0)
		return code;
	breach = json_object_get(answer, "breach");
	show(breach);
	code = options->output != NULL ? write_all(options->output, breach)
				       : EX_OK;
	json_decref(answer);
	return code;
}

int
cmd_privacy_breach(struct cmd_context *context, int argc, char **argv)
{
	struct options options OWNED(options_clear) = { 0 };
	const GOptionEntry entries[] = {
		{ "since", 0, 0, G_OPTION_ARG_STRING, &options.since,
		    N_("when somebody got in: a day, or 2026-11-29T10:00:00Z"),
		    "TIME" },
		{ "until", 0, 0, G_OPTION_ARG_STRING, &options.until,
		    N_("when that ended; now, unless told"), "TIME" },
		{ "known", 0, 0, G_OPTION_ARG_STRING, &options.known,
		    N_("when it became known, which starts the 72 hours; now, "
		       "unless told"),
		    "TIME" },
		{ "holder", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.holders,
		    N_("what could be read (again for more); all, unless told"),
		    "NAME" },
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &options.reason,
		    CMD_REASON, "TEXT" },
		{ "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
		    N_("who, and drafts for the authority and the people"),
		    "FOLDER" },
		{ NULL },
	};
	int code = cmd_options(context, entries, NULL, &argc, &argv);

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(context, "it takes no words");
	return run(context, &options);
}
