/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_HOLDER_H
#define DESKGATE_LIB_PRIVACY_HOLDER_H

#include <glib.h>
#include <jansson.h>

#include "lib/base/conf.h"
#include "lib/privacy/affected.h"
#include "lib/privacy/handout.h"
#include "lib/privacy/kept.h"
#include "lib/privacy/person.h"

/*
 * Holders: every part that keeps what can be traced to a person tells here how
 * it is found, handed out and erased (GDPR Articles 15, 17 and 20), when it
 * goes by itself (5(1)(e)), and which files and tables are its own.  The
 * registry asks them all, in the order they were added: what makes other parts
 * readable (keys) is added last, so that an erasure that stops half way can be
 * asked for again.
 */

/* What became of a person in one holder. */
enum holder_outcome {
	HOLDER_DONE,   /* nothing of him is left there */
	HOLDER_OPEN,   /* it remains to be done: ask again */
	HOLDER_REFUSED /* the holder cannot, or will not */
};
/* "done", "open", "refused"; static. */
const char *holder_outcome_word(enum holder_outcome outcome);

struct holder_erased {
	enum holder_outcome outcome;
	char *words; /* what remains, and why; names nobody; or NULL */
};
/* Frees what it holds. */
void holder_erased_clear(struct holder_erased *erased);

struct standings;
/* Of one run over what is past its time. */
struct holder_expiry {
	gint64 now;                  /* wall microseconds */
	gboolean run;                /* it goes; else it is told */
	gint *stopping;              /* atomic: come to an end soon; or NULL */
	const struct conf *conf;     /* how long everything is kept */
	struct standings *standings; /* who restricted what; or NULL */
	gboolean *more; /* set when there was too much for one run */
};
/* Whether the run should end. */
gboolean holder_is_stopping(const struct holder_expiry *expiry);

/* An inbox whose data goes. */
struct holder_inbox {
	const char *name;
	/* All of it was erased once, and came back with an older state: what
	 * people restricted the use of since does not stop it, since of that
	 * nothing was there any more. */
	gboolean again;
};

struct holder {
	const char *name; /* "spool", "desk main"; borrowed */
	void *self;
	/* What is its own: "spool/msg/" is a folder with all below it,
	 * "ledger/lock.mdb" a file, "ledger/data.mdb:entry" and
	 * "desk.sqlite:ticket" are tables; relative to state-dir, or to key-dir
	 * behind "keys:"; "*" stands for anything; NULL-ended.  A test finds
	 * what nobody claims. */
	const char *const *claims;
	/* Another program holds it: it may be slow, or not there.  It holds up
	 * nobody, and what it has settled is not asked of it again. */
	gboolean remote;
	/* Adds to `counts` how much of what kind there is: {"messages": 3}; a
	 * kind of which there is none may be left out. */
	gboolean (*find)(void *self, const struct person *person,
	    json_t *counts, GError **error);
	/* What of people is there, in words, for who has to tell of a breach:
	 * "texts and attachments of mail"; NULL-ended. */
	const char *const *kinds;
	/* Tells of each record that was there at `until` (wall microseconds)
	 * whose it is; NULL: it stands there by keyed digests alone, or
	 * elsewhere. */
	gboolean (*people)(void *self, gint64 until, struct affected *affected,
	    GError **error);
	/* Adds every subject that it knows something of; NULL: it knows nobody
	 * by his subject. */
	gboolean (*subjects)(void *self, struct people *people, GError **error);
	/* Hands out what there is, opened; NULL: what is held are digests and
	 * counts alone, which `find` tells. */
	gboolean (*export)(void *self, const struct person *person,
	    const struct handout *handout, GError **error);
	/* Corrects the person's name (GDPR Article 16), where it stands as a
	 * datum of its own and not in what somebody wrote; adds to `counts` how
	 * often.  NULL: it does not stand there so. */
	gboolean (*rectify)(void *self, const struct person *person,
	    const char *name, json_t *counts, GError **error);
	/* Erases it, durably (a person without addresses by his subjects,
	 * unless it is remote), and adds to `counts` how much went.  TRUE with
	 * the outcome; FALSE on faults of our own: ask again.  Asking again for
	 * who is gone is DONE.  A remote one may put names of what remains
	 * there into `counts` as "left", an array, and that all was "asked"
	 * for, true: the next round begins with
	 * it. */
	gboolean (*erase)(void *self, const struct person *person,
	    json_t *counts, struct holder_erased *erased_r, GError **error);
	/* The same of all that an inbox has brought; NULL: what it holds is of
	 * no single inbox.  A remote one is not asked: what it holds stays its
	 * own. */
	gboolean (*erase_inbox)(void *self, const struct holder_inbox *inbox,
	    json_t *counts, struct holder_erased *erased_r, GError **error);
	/* Adds a row of each kind that it keeps (kept.h), and removes what is
	 * past its time, durably, when the expiry says so.  NULL: what it keeps
	 * is nobody's, or elsewhere. */
	gboolean (*expire)(void *self, const struct holder_expiry *expiry,
	    json_t *rows, GError **error);
};

/* Of what is nobody's: finds, and erases, nothing. */
gboolean holder_find_nothing(
    void *self, const struct person *person, json_t *counts, GError **error);
gboolean holder_erase_nothing(void *self, const struct person *person,
    json_t *counts, struct holder_erased *erased_r, GError **error);

struct registry;
/* An empty one. */
struct registry *registry_new(void);
/* Forgets all holders; they are not freed.  Accepts NULL. */
void registry_free(struct registry **registry);
/* Adds one; copied, but for what it points to. */
void registry_add(struct registry *registry, const struct holder *holder);
/* [{"holder": "spool", "claims": ["spool/msg/", ...], "exports": true}, ...];
 * the caller's. */
json_t *registry_list(const struct registry *registry);
/* All rows of all holders, each with its "holder"; the caller's.  A fault of
 * one is logged and told in "fault" of a row, and holds up no other. */
json_t *registry_expire(
    const struct registry *registry, const struct holder_expiry *expiry);

/* [{"holder": "spool", "messages": 3}, ...]; the caller's. */
json_t *registry_find(const struct registry *registry,
    const struct person *person, GError **error);
/*
 * Whose data were held at `until`, by all holders or, unless NULL, those named:
 * [{"holder": "spool", "kinds": [...], "named": true, "people": 3, "records":
 * 7}, ...]; the caller's.  NOTFOUND when there is no holder of such a name.
 */
json_t *registry_affected(const struct registry *registry, const json_t *names,
    gint64 until, struct affected *affected, GError **error);
/* Adds every subject that anybody here knows something of. */
gboolean registry_subjects(
    const struct registry *registry, struct people *people, GError **error);
/* Corrects the name everywhere: [{"holder": "desk local", "outcome": "done",
 * "contacts": 1}, {"holder": "desk main", "outcome": "refused", "words":
 * "..."}]; the caller's. */
json_t *registry_rectify(const struct registry *registry,
    const struct person *person, const char *name, GError **error);
/* {"spool": {...}, ...}; the caller's.  `handout` is as each holder gets it,
 * but for `data`. */
json_t *registry_export(const struct registry *registry,
    const struct person *person, const struct handout *handout, GError **error);
/*
 * Erases everywhere: [{"holder": "spool", "outcome": "done", "messages": 3,
 * "words": "..."}, ...]; the caller's.  A fault of a holder leaves it "open",
 * with the fault in words, and unless it is remote those behind it too.  Once
 * all that are not remote were final they are left alone: mail that comes later
 * is of somebody who came back.
 */
struct registry_round {
	/* What the round before gave, whose counts are added to; or NULL. */
	const json_t *before;
	gboolean here_only; /* leave remote ones as they are */
	gint *stopping;     /* atomic: ask no more remote ones; or NULL */
	/* Not a person (NULL then) is erased, but what this inbox brought;
	 * unless its name is NULL. */
	struct holder_inbox inbox;
};
json_t *registry_erase(const struct registry *registry,
    const struct person *person, const struct registry_round *round);
/* Whether all outcomes of such an answer are final; with `here_only`, those of
 * holders that are not remote. */
gboolean registry_settled(
    const struct registry *registry, const json_t *erased, gboolean here_only);

#endif
