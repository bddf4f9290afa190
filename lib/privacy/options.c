/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What can be set for the record of processing.
 */
#include "lib/privacy/options.h"

const struct conf_option privacy_options[] = {
	{ "controller", CONF_STRING, NULL,
	    .help = "Who is responsible for the data (GDPR Article 4(7)): name "
		    "and how to reach." },
	{ "protection-officer", CONF_STRING, NULL,
	    .help = "How to reach the data protection officer, if there is "
		    "one." },
	{ "authority", CONF_STRING, NULL,
	    .help = "The supervisory authority that a breach is told to." },
	{ "regions", CONF_CHOICE, "any", .choices = "any|eu",
	    .help = "Where desks may be: anywhere, or within the European "
		    "Economic Area alone. With eu a desk of another region, or "
		    "of none, stops the start." },
	{ NULL },
};

const struct conf_option privacy_inbox_options[] = {
	{ "purpose", CONF_STRING, "answering the mail that people send to it",
	    .help = "For what mail of this inbox is processed (GDPR Article "
		    "30(1)(b)), for the record." },
	{ "legal-basis", CONF_CHOICE, "legitimate-interest",
	    .choices = "consent|contract|legal-obligation|vital-interest|"
		       "public-task|legitimate-interest",
	    .help = "On what ground (GDPR Article 6(1)), for the record." },
	{ NULL },
};

const struct conf_option privacy_desk_options[] = {
	{ "processor", CONF_STRING, NULL,
	    .help = "Who runs the desk for the controller (GDPR Article 28); "
		    "\"self\" when nobody else does." },
	{ "region", CONF_STRING, NULL,
	    .help = "Where its data is: the code of a country, or eu." },
	{ "agreement", CONF_STRING, NULL,
	    .help = "The day of the agreement with the processor, "
		    "YYYY-MM-DD." },
	{ "safeguard", CONF_CHOICE, "none",
	    .choices = "none|adequacy|clauses|binding-rules",
	    .help = "What guards a transfer out of the European Economic Area "
		    "(GDPR Articles 45 to 47)." },
	{ NULL },
};

gboolean
privacy_is_eea(const char *region)
{
	static const char *const members[] = { "eu", "at", "be", "bg", "cy",
		"cz", "de", "dk", "ee", "es", "fi", "fr", "gr", "hr", "hu",
		"ie", "is", "it", "li", "lt", "lu", "lv", "mt", "nl", "no",
		"pl", "pt", "ro", "se", "si", "sk", NULL };

	for (guint i = 0; members[i] != NULL; i++)
		if (g_ascii_strcasecmp(region, members[i]) == 0)
			return TRUE;
	return FALSE;
}
