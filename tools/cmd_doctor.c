/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate doctor: what is wrong around it, and what to do. */
#include <sysexits.h>

#include "lib/base/translate.h"
#include "tools/cmd.h"
#include "tools/doctor.h"
#include "tools/settings.h"

/* Something failed; warnings alone are EX_OK. */
#define ILL 1

static void
show(const struct doctor *doctor)
{
	const json_t *one;
	size_t i;

	json_array_foreach(doctor->checks, i, one)
	{
		const char *mend = cmd_member(one, "mend");

		cmd_print("%-4s  %-8s  %s\n", cmd_member(one, "level"),
		    cmd_member(one, "check"), cmd_member(one, "text"));
		if (mend[0] != '\0')
			cmd_print("%16sto do: %s\n", "", mend);
	}
	cmd_print("\n%u failed, %u to look at, %u well\n",
	    doctor->counts[DOCTOR_FAIL], doctor->counts[DOCTOR_WARN],
	    doctor->counts[DOCTOR_OK]);
}

int
cmd_doctor(struct cmd_context *context, int argc, char **argv)
{
	struct doctor doctor = { 0 };
	g_autofree char *postfix = NULL, *sendmail = NULL;
	const GOptionEntry entries[] = {
		{ "postfix", 0, 0, G_OPTION_ARG_FILENAME, &postfix,
		    N_("the folder of Postfix's main.cf (default: its own)"),
		    "FOLDER" },
		{ "sendmail", 0, 0, G_OPTION_ARG_FILENAME, &sendmail,
		    N_("Sendmail's settings (default: /etc/mail/sendmail.cf)"),
		    "FILE" },
		{ NULL },
	};
	int code = cmd_options(context, entries, NULL, &argc, &argv);

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(
		    context, "it takes no words; -c names the file");
	doctor.postfix = postfix;
	doctor.sendmail = sendmail;
	doctor.path =
	    context->path != NULL ? context->path : settings_default_path();
	doctor_look(&doctor);
	code = doctor.counts[DOCTOR_FAIL] > 0 ? ILL : EX_OK;
	if (context->json)
		cmd_json_line(json_pack("{s:b, s:i, s:i, s:O}", "good",
		    code == EX_OK, "failed", (int)doctor.counts[DOCTOR_FAIL],
		    "warnings", (int)doctor.counts[DOCTOR_WARN], "checks",
		    doctor.checks));
	else
		show(&doctor);
	doctor_clear(&doctor);
	return code;
}
