/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_SETUP_PROBE_H
#define DESKGATE_TOOLS_SETUP_PROBE_H

#include <glib.h>
#include <sys/types.h>

/*
 * A message that `deskgate setup` sends to itself, to see what the MTA makes of
 * it: by SMTP to the MTA, past the milters, through its queue and its routes to
 * `deskgate accept`, which hands it back.  It goes to TERMS_PROBE_DOMAIN, so no
 * ticket is made of it.  It bears what a forger would write: a verdict of ours,
 * and results of authentication.
 *
 * It is handed back in RUNTIME/milter/probe-TOKEN, a file that waits for it.
 * Whoever does not know the token, which is random, can hand back nothing.
 */
enum setup_finding_kind {
	SETUP_GOOD, /* as it should be */
	SETUP_NOTE, /* so, because the settings want it */
	SETUP_BAD
};

struct setup_finding {
	enum setup_finding_kind kind;
	char *text; /* one or more sentences */
};

/* One finding more; `format` is translated (lib/base/translate.h). */
void setup_found(GPtrArray *findings, enum setup_finding_kind kind,
    const char *format, ...) G_GNUC_PRINTF(3, 4);

struct setup_probe {             /* all borrowed */
	const char *entrance;    /* HOST:PORT of the MTA */
	const char *folder;      /* RUNTIME/milter */
	const char *authserv_id; /* or NULL */
	gboolean strip_results;  /* strip-authentication-results */
	uid_t owner;             /* who runs the second door */
	gid_t group;
	guint patience; /* seconds until it must be back */
};

/* Sends it and waits; struct setup_finding *, freed by the array.  NULL with
 * *error only where nothing could be tried. */
GPtrArray *setup_probe_run(const struct setup_probe *probe, GError **error);

/* The message for this token, as it is sent (pure). */
char *setup_probe_message(const struct setup_probe *probe, const char *token);

/* What the message that came back shows (pure); adds to `findings`. */
void setup_probe_judge(
    const struct setup_probe *probe, const char *message, GPtrArray *findings);

/* The second door's part: hands a message back to who waits for it at
 * `recipient`.  NOTFOUND when nobody does. */
gboolean setup_probe_hand_back(
    const char *folder, const char *recipient, GBytes *message, GError **error);

#endif
