/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_DESK_LOCAL_H
#define DESKGATE_TICKETS_DESK_LOCAL_H

#include <glib.h>
#include <jansson.h>

#include "lib/privacy/affected.h"
#include "lib/privacy/handout.h"
#include "lib/privacy/holder.h"
#include "lib/privacy/person.h"
#include "tickets/desk.h"

/*
 * The embedded desk: tickets in <state-dir>/desk.sqlite, so that Deskgate is of
 * use without any help desk, and so that everything can be tried at once.
 *
 * Beyond what every desk does (desk.h) it can be read and worked with.  Each
 * function takes a desk of type "local" (asserted).  `code` is what people call
 * a ticket: "7" or "#7"; BAD when it is no code, NOTFOUND when there is no such
 * ticket.
 *
 * A ticket as JSON:
 *   {"id": 7, "code": "7", "status": "new", "priority": null, "inbox": "...",
 *    "erased": false, "subject": "...",
 *    "requester": {"name": "...", "address": "..."},
 *    "created": "2026-11-23T20:08:35Z", "changed": "...",
 *    "tags": ["automatic"], "messages": 2}
 * What belonged to an erased person is null, and "erased" is true there.
 */

/* Whether `desk` is one of these. */
gboolean desk_local_is(const struct desk *desk);

struct desk_local_filter {
	/* "new", "open", "closed", "spam"; NULL: all but spam. */
	const char *status;
	const char *inbox; /* NULL: all */
	guint limit;       /* 0: 50 */
};

/* An array of tickets, the one changed last first. */
json_t *desk_local_list(
    struct desk *desk, const struct desk_local_filter *filter, GError **error);

/*
 * One ticket; "followers" is an array of {name, address}, and "messages" an
 * array, oldest first:
 *   {"id": 12, "author": "customer"|"agent"|"deskgate",
 *    "from": {name, address}, "actor": "cli:root" (notes),
 *    "entry": "the key of its entry in the spool" or null,
 *    "sent": "...", "added": "...", "erased": false, "text": "...",
 *    "quoted": "what was cut from the text" or null, "html": null,
 *    "message_id": "...",
 *    "attachments": [{"id": 3, "name": "a.pdf",
 *                     "type": "application/pdf", "size": 123}]}
 */
json_t *desk_local_show(struct desk *desk, const char *code, GError **error);

/* An array of tickets whose messages have all words of `text` (each may be the
 * beginning of a longer one), best first.  BAD when `text` has no word. */
json_t *desk_local_search(
    struct desk *desk, const char *text, guint limit, GError **error);

/* The bytes of the attachment with this "id". *name_r (may be NULL) is the
 * caller's. */
GBytes *desk_local_attachment(
    struct desk *desk, gint64 id, char **name_r, GError **error);

/* Whose message it belongs to. */
gboolean desk_local_attachment_owner(
    struct desk *desk, gint64 id, struct ident *subject_r, GError **error);

/* Adds a note that only agents see; a new ticket becomes open.  `actor`:
 * "cli:root". */
gboolean desk_local_note(struct desk *desk, const char *code, const char *actor,
    const char *text, GError **error);

/* Closes a ticket, whatever its status. */
gboolean desk_local_close(struct desk *desk, const char *code, GError **error);
/* Makes it open again, spam included. */
gboolean desk_local_reopen(struct desk *desk, const char *code, GError **error);
/* Marks it as spam, or as none; a ticket that is none stays as it is. */
gboolean desk_local_spam(
    struct desk *desk, const char *code, gboolean spam, GError **error);

/* Merges a ticket into another: its messages move there, it is closed, and
 * replies to it go there.  BAD when it was merged before, or is the same. */
gboolean desk_local_merge(
    struct desk *desk, const char *code, const char *into, GError **error);

/* Looks whether its file is whole: what is wrong is added to `found`, and what
 * still is after mending, if that is wished, to `left` (char *, theirs to
 * free). */
gboolean desk_local_check(struct desk *desk, gboolean mend, GPtrArray *found,
    GPtrArray *left, GError **error);

/* How many tickets there are, spam included. */
gboolean desk_local_count(struct desk *desk, gint64 *tickets_r, GError **error);

/* Copies the desk of a state folder, if there is one, as it stands, without its
 * index, while it is in use: all that names or quotes a person is sealed to him
 * in it.  Into a new desk.sqlite in the folder `to`. */
gboolean desk_local_copy(const char *state_dir, const char *to, GError **error);

/* Adds everybody that it knows: who wrote, and who follows a ticket. */
gboolean desk_local_everybody(
    struct desk *desk, struct people *people, GError **error);
/* Erases people who are known by their subjects alone, as the desk's `erase`
 * does: what of it is their own, and that they follow tickets.  *tickets_r: how
 * many tickets went. */
gboolean desk_local_erase_people(struct desk *desk, const struct person *person,
    guint *tickets_r, GError **error);

/* What the desk holds of the person of an address: the tickets he asked for,
 * and the messages he wrote, on those of others too. */
struct desk_local_person {
	gint64 tickets, messages;
};
/* Adds to *held_r. */
gboolean desk_local_person(struct desk *desk, const char *address,
    struct desk_local_person *held_r, GError **error);
/* Hands it out: "tickets" (as above, each with its "messages" that are his),
 * "messages_on_tickets_of_others", and attachments as files.  What is left out
 * is counted in "messages_of_others_left_out" and "notes_left_out". */
gboolean desk_local_export(struct desk *desk, const struct person *person,
    const struct handout *handout, GError **error);
/* Gives the contact of this address another name, until mail of his brings a
 * third one; adds to *contacts_r how many there were. */
gboolean desk_local_rename(struct desk *desk, const char *address,
    const char *name, guint *contacts_r, GError **error);
/* Tells of each message of a customer that came until then (microseconds);
 * `holder` outlives `affected`. */
gboolean desk_local_affected(struct desk *desk, const char *holder,
    gint64 until, struct affected *affected, GError **error);

/* Tickets that had no change for longer than their inbox's ticket-retention, as
 * `expire` of lib/privacy/holder.h: rows of "tickets". */
gboolean desk_local_expire(struct desk *desk,
    const struct holder_expiry *expiry, json_t *rows, GError **error);
/* Whose data keys are in use here: GArray of struct ident, the caller's. */
GArray *desk_local_subjects(struct desk *desk, GError **error);

/* --- desk_local_inbox.c */
/* The people of an inbox's tickets: GArray of struct ident, the caller's. */
GArray *desk_local_inbox_people(
    struct desk *desk, const char *inbox, GError **error);
/* Erases an inbox's tickets, and what of the tickets of `shared`
 * (ledger_inbox_shared) is its own; *tickets_r: how many went.  Asking again
 * mends what stopped half way. */
gboolean desk_local_erase_inbox(struct desk *desk, const char *inbox,
    const GPtrArray *shared, gint64 *tickets_r, GError **error);

#endif
