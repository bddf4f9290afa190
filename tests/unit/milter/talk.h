/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TESTS_UNIT_MILTER_TALK_H
#define DESKGATE_TESTS_UNIT_MILTER_TALK_H

#include "milter/reply.h"
#include "milter/session.h"
#include "tests/unit/tickets/fixture.h"

/*
 * A milter without an MTA: a port that writes down what it is told, a judge
 * that says what the test wants, clocks that stand still, and a spool in a
 * folder of its own.
 */
struct talk {
	struct fixture fixture;
	struct session_world world;
	struct gauge *gauge;
	struct clock clock;
	gint64 wall, mono; /* what the clocks say */
	gint64 step;       /* mono goes on by this at each judgement */

	/* The judge: */
	enum verdict_class class;
	enum verdict_basis basis;
	gboolean no_reader; /* it fails with AGAIN */
	guint judged;
	guint own;     /* by own models: all is spam to them, at 9.5 */
	guint wall_ms; /* what it was given last */
	double score;  /* what it says */

	/* The port: */
	GString *log; /* "add X: v\n", "remove X 1\n", "recipient <a>\n",
		       * "reply 451 4.3.0\n" */
	char said[REPLY_TEXT]; /* the text of the last reply */
	gint64 slow;    /* mono goes on by this each time it is told so */
	guint progress; /* times it was told that we are at work */
	gint alive;     /* so often progress succeeds; below 0: always */
	gboolean deaf;  /* edits fail */
	const char *authenticated, *queue_id, *mta_name; /* macros, or NULL */
	const char *resolved;                            /* {rcpt_addr} */
	struct session *session;
};

/* `settings`: their text; the session is made, and connected from 192.0.2.7. */
void talk_init(struct talk *talk, const char *settings);
/* Ends the conversation and removes its folder. */
void talk_fini(struct talk *talk);
/* The conversation begins anew, over a port that is late. */
void talk_port_late(struct talk *talk);
/* Terms of this text. */
struct terms *talk_terms(const char *settings);

/* MAIL and RCPT with one path each; "c" continue, "a" accept, "t" later, "r"
 * refuse. */
const char *talk_mail(struct talk *talk, const char *path);
/* The same for RCPT. */
const char *talk_rcpt(struct talk *talk, const char *path);
/* Header, empty line and body of a message with this Message-ID (NULL: none);
 * then the answer to its end, or of the header's end when that is not "c". */
const char *talk_data(struct talk *talk, const char *id, const char *body);
/* All of it, for the recipients, separated by blanks. */
const char *talk_message(
    struct talk *talk, const char *id, const char *recipients);
/* The letter of an answer. */
const char *talk_word(enum port_answer answer);

/* What was written down since the last time, as the caller's. */
char *talk_told(struct talk *talk);
/* The only entry in the spool, opened, and its message; NULL unless there is
 * one. */
struct entry *talk_entry(struct talk *talk, GBytes **message_r);
/* How many entries there are in the spool. */
guint talk_stored(struct talk *talk);

#endif
