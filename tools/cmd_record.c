/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate privacy record: the record of processing, from the settings. */
#include <sysexits.h>

#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tools/cmd.h"
#include "tools/record.h"

#define DAY 86400

static void
show_list(const char *title, const json_t *list)
{
	const json_t *one;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	cmd_print("\n%s\n", translate(title));
	json_array_foreach(list, i, one)
	    cmd_print("  - %s\n", json_string_value(one));
}

static const char *
or_unset(const json_t *object, const char *name)
{
	const char *text = cmd_member(object, name);

	return *text != '\0' ? text : translate("(not set)");
}

static void
show_processing(const json_t *all)
{
	const json_t *one;
	size_t i;

	cmd_print("\nprocessing\n");
	json_array_foreach(all, i, one)
	    cmd_print("  %s\n    purpose      %s\n    legal basis  %s (Article "
		      "6(1))\n    goes to      %s\n",
		cmd_member(one, "inbox"), cmd_member(one, "purpose"),
		cmd_member(one, "legal_basis"), cmd_member(one, "recipient"));
	one = json_array_get(all, 0);
	show_list(N_("people"), json_object_get(one, "people"));
	show_list(N_("data"), json_object_get(one, "data"));
}

static void
show_recipients(const json_t *all)
{
	const json_t *one;
	size_t i;

	if (json_array_size(all) > 0)
		cmd_print("\nrecipients and processors\n");
	json_array_foreach(all, i, one)
	{
		gboolean transfer =
		    json_is_true(json_object_get(one, "transfer"));

		cmd_print("  desk %s (%s) %s\n    processor    %s\n"
			  "    region       %s\n    agreement    %s\n",
		    cmd_member(one, "desk"), cmd_member(one, "type"),
		    cmd_member(one, "host"), or_unset(one, "processor"),
		    or_unset(one, "region"), or_unset(one, "agreement"));
		if (transfer)
			cmd_print("    transfer     out of the European "
				  "Economic Area, safeguard: %s\n",
			    cmd_member(one, "safeguard"));
	}
}

static void
show_retention(const json_t *all)
{
	const json_t *one;
	size_t i;

	cmd_print("\nkept for\n");
	json_array_foreach(all, i, one)
	{
		json_int_t seconds =
		    json_integer_value(json_object_get(one, "seconds"));

		const char *inbox = cmd_member(one, "inbox");

		cmd_print("  %6.1f days  %s (%s%s%s)\n", (double)seconds / DAY,
		    cmd_member(one, "what"), cmd_member(one, "setting"),
		    *inbox != '\0' ? " of " : "", inbox);
	}
}

int
cmd_privacy_record(struct cmd_context *context, int argc, char **argv)
{
	int code = cmd_options(context, NULL, NULL, &argc, &argv);
	struct conf *conf OWNED(conf_free) = NULL;
	json_t *record;

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(context, "it takes no words");
	code = cmd_settings(context, &conf);
	if (code != EX_OK)
		return code;
	record = record_make(conf);
	if (context->json) {
		cmd_json_line(record);
		return EX_OK;
	}
	cmd_print("record of processing (GDPR Article 30)\n\n"
		  "controller          %s\nprotection officer  %s\n",
	    or_unset(record, "controller"),
	    or_unset(record, "protection_officer"));
	show_processing(json_object_get(record, "processing"));
	show_recipients(json_object_get(record, "recipients"));
	show_retention(json_object_get(record, "retention"));
	show_list(
	    N_("measures (Article 32)"), json_object_get(record, "measures"));
	show_list(N_("what is missing"), json_object_get(record, "warnings"));
	json_decref(record);
	return EX_OK;
}
