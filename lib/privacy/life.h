/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_LIFE_H
#define DESKGATE_LIB_PRIVACY_LIFE_H

#include <glib.h>

#include "lib/base/conf.h"

/*
 * The life of an inbox, as values: in which state it is, which step comes next,
 * and when.  Pure.
 *
 *   active -> suspended -> ended -> erasing -> erased -> past
 *
 * suspended: mail is answered "later" or refused, desks are not called, all is
 * kept.  ended: mail is refused.  erasing: all its data goes, and when that is
 * done, erased.  past: also a backup that was made the day before the erasure
 * is past its time.  Until erasing has begun an inbox can be resumed, and once
 * it is over its address can be opened for a new life.
 *
 * Steps are announced.  One that a person gives a date is taken at that date;
 * one that follows by itself is taken no sooner than `announce_before` after it
 * was announced (or the whole of its period, when that is shorter), whatever
 * stood still meanwhile.  What cannot be taken back, erasing, is announced once
 * the operator's letter of it was taken, where there is somebody to write to.
 */
enum life_state {
	LIFE_ACTIVE,
	LIFE_SUSPENDED,
	LIFE_ENDED,
	LIFE_ERASING,
	LIFE_ERASED,
	LIFE_PAST,
	LIFE_STATES
};
/* "active", "suspended", ...; static. */
const char *life_word(enum life_state state);
/* FALSE when it is no state. */
gboolean life_parse(const char *word, enum life_state *state_r);

/* What a suspended inbox says to mail. */
enum life_answer { LIFE_TEMPFAIL, LIFE_REJECT };
/* "tempfail", "reject"; static. */
const char *life_answer_word(enum life_answer answer);
/* FALSE when it is neither. */
gboolean life_answer_parse(const char *word, enum life_answer *answer_r);

/* What the settings say of an inbox; times in microseconds. */
struct life_plan {
	gint64 suspend; /* wall; 0: no date */
	enum life_answer answer;
	gint64 end_after, erase_after, backups_after, announce_before;
	gboolean letters; /* the caller's: there is somebody to write to */
};
extern const struct conf_option life_options[];
/* Of an inbox's section, but for `letters`; NULL, an inbox that left the
 * settings: the defaults. */
void life_plan_read(const struct conf_section *inbox, struct life_plan *plan_r);

/* A step: into this state, at that time (wall). */
struct life_step {
	enum life_state to;
	gint64 at;
};

#define LIFE_REASON_MOST 200

/* An inbox; all zero is one that was always active.  Times are wall. */
struct life {
	enum life_state state;
	enum life_answer answer;  /* while it is suspended */
	gint64 since;             /* when it came into the state */
	gint64 resumed;           /* dates of the settings till then are used */
	struct life_step planned; /* by a person; at 0: nothing */
	struct life_step later;   /* likewise: the end, after a suspension */
	/* What was announced last, and when; `when` 0: nothing. */
	struct life_step told;
	gint64 told_when;
	/* Letters that are yet to be sent: of `told`, and of the step that was
	 * taken last. */
	gboolean letter_ahead, letter_done;
	gboolean waits;  /* for that; the log has it */
	guint64 request; /* the erasure's number; 0: none yet */
	gint64 erased;   /* a life before this one was, then; 0: none */
	char reason[LIFE_REASON_MOST + 1]; /* a person's; names nobody */
};

/* What comes next; FALSE: nothing by itself. */
gboolean life_next(const struct life *life, const struct life_plan *plan,
    struct life_step *step_r);
/* The step that a person planned for after that; FALSE: none. */
gboolean life_then(const struct life *life, const struct life_plan *plan,
    struct life_step *step_r);
/* Announces the next step when it is time to; TRUE when it did. */
gboolean life_tell(struct life *life, const struct life_plan *plan, gint64 now);
/* Whether the next step is due and stands still until its letter is taken. */
gboolean life_waits(
    const struct life *life, const struct life_plan *plan, gint64 now);
/* The letter of what was announced was taken by the server. */
void life_letter_taken(struct life *life, gint64 now);
/* Takes the next step when it is due; TRUE when it did. */
gboolean life_advance(
    struct life *life, const struct life_plan *plan, gint64 now);

/* What a person says.  `at` 0: now.  A day that has begun is now, one that is
 * over is BAD: a slip, mostly.  BAD when the state does not allow it. */
struct life_wish {
	gint64 at;
	enum life_answer answer;
	const char *reason; /* or NULL */
};
/* active -> suspended; one that is suspended gets another answer.  An end that
 * is planned for a later day stays planned, here and in life_end. */
gboolean life_suspend(struct life *life, const struct life_wish *wish,
    gint64 now, GError **error);
/* active or suspended -> ended. */
gboolean life_end(struct life *life, const struct life_wish *wish, gint64 now,
    GError **error);
/* suspended or ended -> active; also takes a planned step back. */
gboolean life_resume(struct life *life, gint64 now, GError **error);
/* erased or past -> active: the address begins a new life. */
gboolean life_open(struct life *life, gint64 now, GError **error);
/* erasing -> erased, once all is gone. */
void life_erased(struct life *life, gint64 now);
/* erased or past -> erasing: an older state was put back. */
void life_erase_again(struct life *life, gint64 now);

#endif
