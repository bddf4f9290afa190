/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_OTHERS_H
#define DESKGATE_TOOLS_OTHERS_H

#include <glib.h>

#include "lib/mail/verdict.h"

/*
 * What other spam filters have written into a message's header, and what we
 * have: for setting them side by side.  Never a feature: the classifier leaves
 * all of these fields out (classifier/canonical.h).
 *
 * Only names and values of some fields are looked at, as bytes; no MIME parser
 * has a part in it.  A field is anybody's word: a sender can write it too, and
 * filters differ in whether they take that out.  Where two fields of one name
 * say different things, neither is believed.
 *
 * The forms, as the programs of Debian 12 write them or their manuals say:
 *
 *   bogofilter    X-Bogosity: Spam|Ham|Unsure (before 1.0: Yes|No), spamicity=
 *   spamassassin  X-Spam-Status: Yes|No, score= (before 3.0: hits=) required=
 *   rspamd        X-Spamd-Result: default: True|False [SCORE / LIMIT], True for
 *                 "reject" alone; X-Spam: Yes from "add header" on;
 *                 X-Spam-Status: Yes|No, score= without a limit;
 *                 X-Rspamd-Action or X-Spam-Action: its action; X-Spamd-Bar:
 *                 the score by signs
 *   spamprobe     X-SpamProbe: SPAM|GOOD SCORE DIGEST
 *   dspam         X-DSPAM-Result: Innocent|Whitelisted|Spam|..., and
 *                 X-DSPAM-Probability
 *   crm114        X-CRM114-Status: Good|SPAM|UNSURE ( pR: SCORE )
 *   spambayes     X-Spambayes-Classification: ham|unsure|spam; SCORE
 *   x-spam-flag   X-Spam-Flag: YES|NO, when nothing tells whose it is
 */
enum others_filter {
	OTHERS_BOGOFILTER,
	OTHERS_SPAMASSASSIN,
	OTHERS_RSPAMD,
	OTHERS_SPAMPROBE,
	OTHERS_DSPAM,
	OTHERS_CRM114,
	OTHERS_SPAMBAYES,
	OTHERS_FLAG,
	OTHERS_COUNT
};

/* One filter's word. */
struct others_word {
	gboolean said;    /* there is one that can be believed */
	gboolean differs; /* there are several that contradict each other */
	enum verdict_class class;
	double score; /* on that filter's own scale; NAN: none */
};

struct others {
	struct others_word ours; /* X-Deskgate-Verdict and -Score */
	struct others_word theirs[OTHERS_COUNT];
	char *id; /* the Message-ID as it stands, or "" */
};

/* "bogofilter", ...; static. */
const char *others_name(enum others_filter filter);

/* The fields it writes, also those that say no verdict; NULL-ended, static. */
const char *const *others_fields(enum others_filter filter);

/* Reads the header of a message; the caller clears *others_r.  Thread-safe. */
void others_read(const guint8 *data, gsize length, struct others *others_r);
/* Frees what it holds. */
void others_clear(struct others *others);

#endif
