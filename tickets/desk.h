/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_DESK_H
#define DESKGATE_TICKETS_DESK_H

#include <glib.h>
#include <jansson.h>

#include "lib/base/clock.h"
#include "lib/base/conf.h"
#include "lib/base/ident.h"
#include "lib/privacy/vault.h"
#include "tickets/ticket.h"

/*
 * One interface to every help desk; each adapter is one file.  All calls may
 * block for the desk's `timeout`; one thread at a time uses a desk.
 *
 * Errors say what to do next:
 *   AGAIN   nothing was created: try later (connection refused, 429, 408, 425)
 *   IO      maybe created (cut, time-out, 5xx): call find before trying again
 *   BAD     the desk refused it for good; the message carries its own words
 *   DENIED  credentials or rights: parked until the administrator has mended it
 *   NOTFOUND  no such ticket
 *   FULL    no room at our side (embedded desk)
 */
struct desk;

struct desk_ticket {
	char *id;   /* the desk's internal id */
	char *code; /* what people call it: "7", "ABC-12345-678" */
};
/* Frees what it holds. */
void desk_ticket_clear(struct desk_ticket *ticket);

/* A JSON string of any text, made valid where it is not UTF-8; null for NULL.
 */
json_t *desk_text(const char *text);
/* A JSON value as text; frees the value.  The caller frees the text. */
char *desk_dump(json_t *value);

/* What an adapter may use of its surroundings. */
struct desk_world {
	const char *state_dir;
	struct vault *vault; /* the embedded desk seals message text */
	const struct secret *subject_key;
	const struct clock *clock; /* NULL: the machine's */
	/* What is known of its tickets, for a desk whose store is ours; NULL:
	 * nothing. */
	struct ledger *ledger;
	/* A person has asked to let such a store begin anew where it is lost.
	 */
	gboolean mend;
	/* Settings outside of sections, for a desk that sends mail; or NULL. */
	const struct conf_section *global;
	/* Atomic; once it is not 0, calls end soon: AGAIN or IO.  NULL: never.
	 */
	const gint *stopping;
};

/*
 * The words for a ticket's state that all desks share; each adapter maps its
 * own to them.
 *   new      nobody has worked on it
 *   open     somebody does, or it waits for an answer
 *   closed   resolved
 *   spam     marked as spam
 *   deleted  only told by `changes`, never asked for
 * and not-spam, only asked for: a ticket that is spam becomes open, any other
 * stays as it is.
 */

/* What a ticket is now. */
struct desk_state {
	const char *status; /* one of the words above; static */
	char *parent;       /* the id of the ticket it was merged into, or NULL
			     */
	char *parent_code;  /* its code, or NULL */
};
/* Frees what it holds. */
void desk_state_clear(struct desk_state *state);

/* What to change in a ticket; a NULL member leaves alone what it names. */
struct desk_change {
	const char *status;      /* "open", "closed", "spam", "not-spam" */
	const char *priority;    /* the desk's own word or number for it */
	const char *const *tags; /* to add to those it has; ends with NULL */
};
/* BAD when a member is none that any desk takes (pure). */
gboolean desk_change_check(const struct desk_change *change, GError **error);

/* How far `changes` has come: the desk's own text of at most DESK_CURSOR_MAX
 * bytes without the NUL, kept by the caller between calls and restarts.  Empty:
 * nothing yet; the first call then tells of nothing and begins from its time
 * on. */
#define DESK_CURSOR_MAX 127
struct desk_cursor {
	char text[DESK_CURSOR_MAX + 1];
};

/* Events of one call of `changes` at most; a desk may tell fewer though there
 * are more: the next call goes on from there. */
#define DESK_EVENTS_MAX 100

/* A ticket that was changed at the desk. */
struct desk_event {
	char *id;
	char *code;
	/* One of the words above, static; NULL when it was not changed: only
	 * message_ids are told. */
	const char *status;
	char *who;   /* the desk's name for who did it, or NULL */
	gint64 when; /* seconds since 1970, by the desk's clock */
	/* char *: Message-IDs, without <>, of what agents sent from it that the
	 * desk tells; may be empty, never NULL. */
	GPtrArray *message_ids;
};
/* An empty one. */
struct desk_event *desk_event_new(void);
/* For g_ptr_array_new_with_free_func. */
void desk_event_free(gpointer item);

/* Whom to erase: the person known by `address`, with what the desk got of him
 * until then (seconds since 1970, by this host's clock; G_MAXINT64: all).  What
 * came later is of somebody who came back: it stays, and he with it. */
struct desk_whom {
	const char *address;
	gint64 until;
};
/* `until` by the desk's clock, as the date of its answer tells (0: it has
 * none), and a little later: what came then is rather erased than kept. */
gint64 desk_until(
    const struct desk_whom *whom, gint64 date, const struct clock *clock);

/* What became of a person at the desk. */
enum desk_erasure {
	DESK_ERASE_DONE,    /* nothing of him is left that the desk can tell */
	DESK_ERASE_OPEN,    /* asked for; something remains to be done there */
	DESK_ERASE_REFUSED, /* the desk does not do it */
};
struct desk_erased {
	enum desk_erasure outcome;
	guint tickets; /* removed */
	char *words;   /* what remains, what stays for what came later, what the
			* desk said; names nobody; or NULL */
	GPtrArray *left; /* char *: what the desk keeps until it purges it, as
			  * `purged` knows it; or NULL */
};
/* Frees what it holds. */
void desk_erased_clear(struct desk_erased *erased);
/* The fault of a call that erases: what the desk refuses for good is an outcome
 * with its words (TRUE), anything else goes on to *error.  Takes `fault`. */
gboolean desk_erase_fault(
    GError *fault, struct desk_erased *erased_r, GError **error);
/* "done", "open", "refused" */
const char *desk_erasure_word(enum desk_erasure outcome);

/* What a look at a desk found: checks in the order they were made. */
enum desk_level { DESK_OK, DESK_WARN, DESK_FAIL };
struct desk_check {
	const char *name; /* "reach", "tls", "clock", "credentials", "rights",
			     "department", "fields", "queue", "tags"; static
			   */
	enum desk_level level;
	char *text; /* what was found, one line */
	char *mend; /* what to do about it; NULL when it is ok */
};
struct desk_report {
	GPtrArray *checks; /* struct desk_check * */
};
/* An empty one. */
struct desk_report *desk_report_new(void);
/* Frees *report, NULL included. */
void desk_report_free(struct desk_report **report);
/* Adds a check; `mend` may be NULL.  Texts are copied. */
void desk_report_add(struct desk_report *report, enum desk_level level,
    const char *name, const char *text, const char *mend);
/* The worst of it; DESK_OK for none. */
enum desk_level desk_report_worst(const struct desk_report *report);
/* "ok", "warn", "fail" */
const char *desk_level_word(enum desk_level level);

struct desk_ops {
	const char *type; /* "local", "liveagent" */
	struct desk *(*open)(const struct conf_section *settings,
	    const struct desk_world *world, GError **error);
	void (*close)(struct desk *desk);
	/* `key` names the entry: a desk with an idempotency key uses it. */
	gboolean (*create)(struct desk *desk, const struct ticket *ticket,
	    const struct ident *key, struct desk_ticket *made_r,
	    GError **error);
	/* Adds the message to a ticket as its customer; NULL: the desk cannot.
	 */
	gboolean (*append)(struct desk *desk, const char *id,
	    const struct ticket *ticket, const struct ident *key,
	    GError **error);
	/* Was this message made into a ticket (by key or Message-ID)? NOTFOUND:
	 * no. */
	gboolean (*find)(struct desk *desk, const struct ticket *ticket,
	    const struct ident *key, struct desk_ticket *found_r,
	    GError **error);
	/* Changes a ticket.  Doing it twice does no more than once.  What the
	 * desk has no place for (a priority, tags) is left out: `test` says so.
	 */
	gboolean (*change)(struct desk *desk, const char *id,
	    const struct desk_change *change, GError **error);
	/* What a ticket is now, merged ones followed one step; NULL: the desk
	 * settles by itself what a reply does to a closed or merged one. */
	gboolean (*look)(struct desk *desk, const char *id,
	    struct desk_state *state_r, GError **error);
	/* Adds a note that only agents see, 1 to DESK_NOTE_MAX bytes; NULL: the
	 * desk cannot. */
	gboolean (*note)(struct desk *desk, const char *id, const char *text,
	    GError **error);
	/* `create` leaves the ticket's note out: it is to be written by `note`
	 * once the ticket is known. */
	gboolean note_apart;
	/* Tickets changed since *cursor, oldest first: appends struct
	 * desk_event * (the array frees them), at most DESK_EVENTS_MAX, and
	 * moves the cursor past them; on errors both stay as they were.  A
	 * ticket may be told twice, none is left out.  What `change` of ours
	 * did is left out where the desk tells who did it.  NULL: the desk
	 * cannot. */
	gboolean (*changes)(struct desk *desk, struct desk_cursor *cursor,
	    GPtrArray *events_r, GError **error);
	/* Asks the desk to erase a person: who is known by this address, his
	 * tickets and what they hold.  TRUE with the outcome, REFUSED included;
	 * asking again for who is gone is DONE.  NULL: the desk cannot. */
	gboolean (*erase)(struct desk *desk, const struct desk_whom *whom,
	    struct desk_erased *erased_r, GError **error);
	/* Whether what `erase` left has been purged: DONE, also of what stays
	 * for good, with words, or OPEN.  NULL where nothing is left that can
	 * be asked for. */
	gboolean (*purged)(struct desk *desk, const char *left,
	    struct desk_erased *now_r, GError **error);
	/* Is it reachable and are the credentials good? */
	gboolean (*health)(struct desk *desk, GError **error);
	/* Looks at all the desk needs and adds what it found to the report;
	 * nothing is changed there.  FALSE only when the looking itself failed
	 * for a cause of ours.  NULL: desk_test makes do with `health`. */
	gboolean (*test)(
	    struct desk *desk, struct desk_report *report, GError **error);
};
#define DESK_NOTE_MAX (1 << 20) /* more is somebody's accident */

/* The desk's `test`, or a check made of its `health` when it has none. */
gboolean desk_test(
    struct desk *desk, struct desk_report *report, GError **error);

extern const struct desk_ops desk_local_ops;
extern const struct desk_ops desk_liveagent_ops;
extern const struct desk_ops desk_webhook_ops;
extern const struct desk_ops desk_zammad_ops;
extern const struct desk_ops desk_rt_ops;
extern const struct desk_ops desk_redmine_ops;
/* All of them, ended by NULL. */
extern const struct desk_ops *const desk_types[];
/* The one of this type, or NULL. */
const struct desk_ops *desk_type(const char *type);

/* First member of every adapter's struct. */
struct desk {
	const struct desk_ops *ops;
	char *name;
	gint64 retry_after; /* after AGAIN: the seconds the desk asked for, else
			       0 */
	guint passed_by;    /* after `changes`: tickets that it could not read,
			       and that the cursor is past */
};

#endif
