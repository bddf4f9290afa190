/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TESTS_UNIT_TICKETS_FAKE_H
#define DESKGATE_TESTS_UNIT_TICKETS_FAKE_H

#include "lib/privacy/lives.h"
#include "lib/privacy/standing.h"
#include "tests/unit/tickets/fixture.h"
#include "tickets/deliver.h"

/*
 * A help desk in a file (state/desk.log, a line for each call that did
 * something), which does what `fake_mode` says, and a conversion that takes
 * messages of plain "name: value" lines.  One of type "apart" takes notes by
 * themselves alone.
 */
enum fake_mode {
	FAKE_GOOD,
	FAKE_AGAIN,
	FAKE_CUT_BEFORE, /* IO, nothing was made */
	FAKE_CUT_AFTER,  /* IO, it was made all the same */
	FAKE_BAD,
	FAKE_DENIED,
	FAKE_GONE /* append: no such ticket */
};

struct fake {
	enum fake_mode mode;
	enum fake_mode notes; /* the same, of notes written by themselves */
	guint calls, finds;
	gulong slow; /* microseconds at most before and after each write */
	gint64 wall; /* what the clock says */
	struct lives *lives;         /* the test's, likewise */
	struct standings *standings; /* the test's; NULL: nobody asked for
				      * anything */
};
/* The one that is in force; a test sets it up before it opens anything. */
struct fake *fake_now(void);

/* `text` NULL: one inbox and one desk "main". */
struct conf *fake_conf(const char *text);
/* A deliver of these settings over the fixture. */
struct deliver *fake_deliver(struct fixture *fixture, const struct conf *conf);
/* How often this word stands for this entry in the log; key NULL: for any. */
guint fake_count(
    const struct fixture *fixture, const char *word, const struct ident *key);

#endif
