/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_POLICY_H
#define DESKGATE_MILTER_POLICY_H

#include <glib.h>

#include "lib/mail/verdict.h"
#include "tickets/entry.h"

/*
 * From a verdict to what becomes of a message: for each inbox that it is for,
 * and the one answer that the MTA gets.  Pure.
 *
 *  - mode ticket: the inbox takes the message over: its entry is stored and its
 * recipients are removed.  Action tag lets it pass with headers, discard
 * removes it.
 *  - mode ticket-and-deliver: the entry is stored and the message is delivered
 * too, with headers; also when the entry is held: whoever keeps a mailbox
 * beside the desk wants everything in it, and its spam is marked.  Only discard
 * removes it.
 *  - mode tag: headers only; reject and discard are done, all else is tag.
 *  - mode teach-spam, teach-ham: what somebody who is logged in forwards there
 * is taught as that, and taken over; no verdict changes that.
 *
 * reject: there is one answer for all recipients, so it is given only when
 * every recipient is an inbox of ours whose action is reject, and never to a
 * host that relays for us: it would have to tell the forged sender.  Otherwise
 * such an inbox holds the message (mode tag: tags it).
 *
 * An inbox that draws its lines elsewhere gives a score its own class, and acts
 * by that.  A class that is not the score's (a sender who is trusted, too
 * little taught) is every inbox's.
 *
 * A message that could not be judged (no table, too little taught, unread) is
 * neither rejected nor discarded, whatever is set for unsure: it is held (mode
 * tag: tagged).  So a model that is missing loses no mail.
 */
enum policy_mode {
	POLICY_TICKET,
	POLICY_TICKET_AND_DELIVER,
	POLICY_TAG_ONLY,
	POLICY_TEACH_SPAM,
	POLICY_TEACH_HAM
};

enum policy_action {
	POLICY_MAKE_TICKET,
	POLICY_MAKE_SPAM_TICKET,
	POLICY_QUARANTINE,
	POLICY_REJECT,
	POLICY_TAG,
	POLICY_DISCARD,
	POLICY_TEACH /* by the inbox's mode alone */
};

struct policy_inbox {
	char *title;
	enum policy_mode mode;
	enum policy_action actions[VERDICT_SPAM + 1]; /* by verdict_class */
	char *model;    /* its own, or NULL: the installation's alone */
	char *end_text; /* what senders are told once it has ended */
	/* Where this inbox draws the lines; without `own_scores` the verdict's
	 * class stands. */
	gboolean own_scores;
	double spam_score, ham_score;
};

struct policy_case {
	const struct verdict *verdict; /* the installation's */
	gboolean others;  /* it has recipients that are no inbox of ours */
	gboolean relayed; /* it comes from a host in relay-networks */
	/* What it is by each inbox's own model: one for each inbox, NULL where
	 * it has none; NULL: none of them has. */
	const struct verdict *const *own;
};

/* What becomes of it in one inbox. */
struct policy_fate {
	enum verdict_class class;  /* what it is to this inbox */
	enum policy_action action; /* what is done, not what was set */
	gboolean store;
	enum entry_action entry; /* when it is stored */
	gboolean remove; /* its recipients are taken out of the message */
};

/* "ticket", "ticket-as-spam", "quarantine", "reject", "tag", "discard",
 * "teach"; static. */
const char *policy_action_word(enum policy_action action);
/* FALSE when it is none of these words. */
gboolean policy_action_parse(const char *word, enum policy_action *action_r);
/* The same for "ticket", "ticket-and-deliver", "tag", "teach-spam",
 * "teach-ham". */
gboolean policy_mode_parse(const char *word, enum policy_mode *mode_r);

/* Whether an inbox is there to teach: only those who are logged in at the MTA
 * may write to it. */
gboolean policy_teaches(const struct policy_inbox *inbox);

/*
 * Fills `fates_r` for `n` (at least one) different inboxes.  TRUE when the
 * answer is a rejection: then nothing is stored, and every fate says reject.
 */
gboolean policy_decide(const struct policy_inbox *const *inboxes, guint n,
    const struct policy_case *why, struct policy_fate *fates_r);

#endif
