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
};

struct teacher {
	/* Teaches the message in the memory file; *margin_r (may be NULL) is
	 * what the model thought before, in decades. */
	gboolean (*teach)(void *self, int message,
	    const struct teacher_lesson *lesson,
	    enum teacher_outcome *outcome_r, double *margin_r, GError **error);
	/* Takes the lesson of this very message back; NOTFOUND when there is
	 * none. */
	gboolean (*untrain)(
	    void *self, int message, const char *actor, GError **error);
	void *self;
};

/* "learnt", "already known", "moved", "noted without need", "refused", "taken
 * back"; static. */
const char *teacher_word(enum teacher_outcome outcome);

#endif
