/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What can be set for the programs as a whole.
 */
#include "tools/options.h"

const struct conf_option tools_options[] = {
	{ "state-dir", CONF_PATH, DESKGATE_STATEDIR,
	    .help = "Where everything is kept." },
	{ "key-dir", CONF_PATH, NULL,
	    .help =
		"Where the secrets are; never in a backup of the state. Not "
		"set: the state's folder with -keys behind its name." },
	{ "runtime-dir", CONF_PATH, NULL,
	    .help = "Where sockets and the score table are. Not "
		    "set: " DESKGATE_RUNDIR
		    " for the default state-dir, else run/ in the "
		    "state's folder." },
	{ "user", CONF_STRING, NULL,
	    .help =
		"The user both daemons become when they are started as root." },
	{ "group", CONF_STRING, NULL,
	    .help =
		"The group both daemons share; started as root each joins it. "
		"Not set: that of the user of deskgate-deliver." },
	{ "milter-user", CONF_STRING, NULL,
	    .help = "The user of deskgate-milter, when another than user." },
	{ "deliver-user", CONF_STRING, NULL,
	    .help = "The user of deskgate-deliver, when another than user." },
	{ "walls-required", CONF_CHOICE, "none",
	    .choices = "none|calls|files|network",
	    .help = "Without which walls of the kernel the daemons do not "
		    "start: seccomp (calls), Landlock too (files, Linux 5.19), "
		    "its part for TCP too (network, Linux 6.7); or none: they "
		    "start, and the log says which is missing." },
	{ "log-target", CONF_CHOICE, "stderr", .choices = "stderr|syslog",
	    .help = "Where the log goes." },
	{ "log-format", CONF_CHOICE, "text", .choices = "text|json",
	    .help = "How a line of the log is written." },
	{ "log-level", CONF_CHOICE, "info", .choices = "debug|info|warn|error",
	    .help = "The least important thing that is logged." },
	{ "log-addresses", CONF_CHOICE, "hash", .choices = "hash|full|none",
	    .help = "How mail addresses stand in the log: as a keyed hash, in "
		    "full, or not at all." },
	{ "metrics-listen", CONF_STRING, NULL,
	    .help = "Where deskgate-deliver tells Prometheus its figures and "
		    "deskgate-milter's, at /metrics: 127.0.0.1:9477, or "
		    "unix:/PATH for a socket of this host. Not set: nowhere." },
	{ "metrics-from", CONF_LIST, "",
	    .help = "The addresses and networks that may ask for them; empty: "
		    "this machine alone." },
	{ "audit-retention", CONF_DURATION, "1095d", 86400, 315360000,
	    .help = "How long the audit trail is kept: who taught, released "
		    "or asked for what, without personal data. So long the "
		    "receipts of people's requests are kept too, and what is "
		    "left of a consent that was withdrawn." },
	{ "vault-credential", CONF_STRING, NULL,
	    .help = "A secret that seals the vault's key in key-dir: the name "
		    "of a systemd credential, or the whole path of a file with "
		    "one line. Not set: the key stands there as it is." },
	{ "vault-command", CONF_LIST, NULL,
	    .help = "The same by a key management system: a program and its "
		    "words, run with \"wrap\" or \"unwrap\" behind them; it "
		    "turns what it reads into what it writes." },
	{ "vault-command-time", CONF_DURATION, "30s", 1, 600,
	    .help = "How long it may take." },
	{ "ask-reason", CONF_FLAG, "no",
	    .help = "Whether who opens a stored message has to say why "
		    "(--reason); what he says is in the audit trail." },
	{ "set-aside-keep", CONF_DURATION, "14d", 3600, 31536000,
	    .help = "How long what was there before a restore --replace is "
		    "kept, in .before-restore of both folders; it goes with "
		    "the first erasure." },
	{ "backup-to", CONF_LIST, "",
	    .help =
		"Folders that deskgate-deliver may write backups to, or below; "
		"it can write nowhere else then, beside its own. Not set: "
		"wherever its user may write." },
	{ "backup-keep", CONF_DURATION, "400d", 86400, 315360000,
	    .help = "How old a backup of the state can be that is ever put "
		    "back.  So long it is remembered who was erased, as keyed "
		    "digests in key-dir." },
	{ "clock-gap", CONF_DURATION, "90d", 86400, 315360000,
	    .help = "How long deskgate-deliver may have been away. A clock "
		    "that is further ahead of when it was last at work, or a "
		    "day behind it, is in doubt: mail flows, and nothing is "
		    "let go by time until the clock is set right or somebody "
		    "says \"deskgate check --clock-is-right\"." },
	{ "readers", CONF_INTEGER, "2", 1, 64,
	    .help =
		"Jailed readers of each program; about one for each core." },
	{ "reader-time", CONF_DURATION, "10s", 1, 120,
	    .help = "How long a reader may take for one message before it is "
		    "killed and the message goes on unread." },
	{ "reader-memory", CONF_SIZE, "256M", 16 << 20, 1LL << 36,
	    .help = "Memory a reader may take for one message." },
	{ NULL },
};
