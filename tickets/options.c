/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What can be set for storing and delivering, for an inbox's tickets, and for a
 * desk.
 */
#include "tickets/options.h"

const struct conf_option tickets_options[] = {
	{ "dedupe-window", CONF_DURATION, "6h", 0, 864000,
	    .help =
		"How long an equal message without a Message-ID counts as the "
		"same one." },
	{ "raw-retention", CONF_DURATION, "7d", 3600, 31536000,
	    .help =
		"How long the raw source is kept, encrypted, after its ticket "
		"was made." },
	{ "held-retention", CONF_DURATION, "30d", 3600, 31536000,
	    .help = "How long a held message stays in quarantine." },
	{ "retry-min", CONF_DURATION, "30s", 1, 86400,
	    .help =
		"The wait before a second try when a desk cannot be reached; "
		"it doubles with each try." },
	{ "retry-max", CONF_DURATION, "1h", 1, 604800,
	    .help = "The longest wait between two tries." },
	{ "retry-limit", CONF_INTEGER, "10", 1, 1000,
	    .help =
		"Tries of what fails at our side (an entry that cannot be "
		"read) before it is laid aside as dead; a desk that is down is "
		"tried for ever." },
	{ "max-followers", CONF_INTEGER, "40", 0, 1000,
	    .help = "People of To and Cc that a ticket gets at most." },
	{ "ledger-map-size", CONF_SIZE, "16G", 1 << 20, 1LL << 44,
	    .help =
		"The most the ledger can ever hold on disk (a sparse map)." },
	{ NULL },
};

const struct conf_option tickets_inbox_options[] = {
	{ "desk", CONF_STRING, "local",
	    .help = "The desk its tickets go to: the title of a desk section; "
		    "local is the embedded desk." },
	{ "department", CONF_STRING, NULL,
	    .help =
		"The desk's department for its tickets; not set: the desk's "
		"own setting." },
	{ "subject-tag", CONF_PATTERN, NULL,
	    .help =
		"How the desk marks its ticket codes in subjects, a regular "
		"expression whose first group is the code: "
		"'\\[#([A-Z]+-\\d+-\\d+)\\]'." },
	{ NULL },
};

const struct conf_option tickets_desk_options[] = {
	{ "type", CONF_CHOICE, "local", .choices = "local|liveagent",
	    .help = "What kind of help desk it is." },
	{ "url", CONF_STRING, NULL,
	    .help = "Where its API is, with the version: "
		    "https://example.ladesk.com/api/v3." },
	{ "token-file", CONF_PATH, NULL,
	    .help = "The file that holds its API key, one line, readable by "
		    "nobody else." },
	{ "department", CONF_STRING, "default",
	    .help = "The department tickets go to." },
	{ "timeout", CONF_DURATION, "30s", 1, 600,
	    .help = "The longest one call may take." },
	{ "allow-private", CONF_FLAG, "no",
	    .help = "Whether the desk may be at a private or loopback address, "
		    "and by http." },
	{ "rate", CONF_INTEGER, "180", 1, 100000,
	    .help = "Calls a minute that the desk allows." },
	{ NULL },
};
