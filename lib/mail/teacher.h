/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_TEACHER_H
#define DESKGATE_LIB_MAIL_TEACHER_H

#include <glib.h>

#include "lib/base/ident.h"
#include "lib/mail/verdict.h"

/*
 * What feedback, quarantine release and the train command call to teach the
 * model, without knowing the classifier.  The assembly fills it in.
 */
enum teacher_outcome {
	TEACHER_LEARNT, /* counts changed */
	TEACHER_KNOWN,  /* the same lesson was given before: nothing changed */
	TEACHER_MOVED,  /* it was of the other class and was moved */
	TEACHER_NOTED, /* label noted, no training needed (beyond the margin) */
	TEACHER_REFUSED, /* the model contradicts strongly and force was not set
			  */
	TEACHER_UNTAUGHT /* taken back */
};

struct teacher_lesson {
	enum verdict_class class; /* HAM or SPAM */
	gboolean force;
	const char *actor; /* "cli:root", "release:alice": who taught */
	/* The inbox, or an address of it, that the label is given for: its own
	 * model is taught too.  NULL: none. */
	const char *inbox;
	/* What was scored of it when it came (an entry's; borrowed): that is
	 * taught, when it can be.  NULL: the message is read. */
	GBytes *scored;
};

/* Why it came out so. */
struct teacher_reason {
	double score, margin; /* what the model thought before (score.h) */
	/* Microseconds until this actor may teach again: it was refused unread,
	 * since he has taught as much as train-rate allows.  0: not for that.
	 */
	gint64 wait;
	/* Why no lesson may be made of it, whoever asks; NULL: it may.  Static.
	 */
	const char *barred;
};

struct teacher {
	/* Teaches the message in the memory file; *reason_r may be NULL. */
	gboolean (*teach)(void *self, int message,
	    const struct teacher_lesson *lesson,
	    enum teacher_outcome *outcome_r, struct teacher_reason *reason_r,
	    GError **error);
	/* Takes the lesson of this very message back; NOTFOUND when there is
	 * none. */
	gboolean (*untrain)(
	    void *self, int message, const char *actor, GError **error);
	void *self;
};

/* "learnt", "already known", "moved", "noted without need", "refused", "taken
 * back"; static. */
const char *teacher_word(enum teacher_outcome outcome);
/* Why, in a sentence for people, and what to do where there is something to do;
 * the caller frees it. */
char *teacher_reason_text(enum teacher_outcome outcome,
    enum verdict_class class, const struct teacher_reason *reason);

#endif
