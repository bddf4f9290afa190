/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_DESK_LOCAL_PRIVATE_H
#define DESKGATE_TICKETS_DESK_LOCAL_PRIVATE_H

#include <glib.h>
#include <jansson.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/ident.h"
#include "lib/base/secret.h"
#include "lib/privacy/person.h"
#include "lib/privacy/vault.h"
#include "tickets/desk.h"
#include "tickets/desk_local.h"
#include "tickets/sql.h"

/*
 * What the files of the embedded desk share; for no one else.
 */
struct local {
	struct desk desk; /* first */
	struct sql *sql;
	struct sql *index; /* NULL until it is needed */
	char *index_path;
	guint8 ident[IDENT_BYTES]; /* of desk.sqlite, so that an index is known
				      as its own */
	struct vault *vault;       /* borrowed */
	const struct secret *subject_key; /* borrowed */
	const struct clock *clock;
};

/* The desk as what it is; asserts the type. */
struct local *local_of(struct desk *desk);
/* Microseconds of the desk's clock. */
gint64 local_now(const struct local *local);
/* BAD unless `code` is "7" or "#7". */
gboolean local_parse_code(const char *code, gint64 *id_r, GError **error);

/* --- desk_local_schema.c */
/* Opens desk.sqlite; makes or brings up its tables; reads its ident. */
struct sql *local_schema_open(
    const char *path, guint8 ident_r[IDENT_BYTES], GError **error);

/* --- desk_local_seal.c: everything that can name or quote a person */
/* The person behind an address; one without a valid address is known by the
 * digest of whatever stands there. */
void local_person(
    const struct local *local, const char *address, struct ident *person_r);
/* The digest a Message-ID is stored as. */
void local_mail_digest(const struct local *local, const char *message_id,
    guint8 digest_r[IDENT_BYTES]);
/* `kind` ("message", "contact", ...) must be the same on opening. */
GBytes *local_seal(const struct secret *key, const char *kind, json_t *value);
/* NULL with NOTFOUND when the person was erased: his key is gone, or he came
 * back with a new one that does not open this. */
GBytes *local_open_bytes(const struct local *local, const struct ident *person,
    const char *kind, GBytes *sealed, GError **error);
/* The same of what local_seal sealed. */
json_t *local_open(const struct local *local, const struct ident *person,
    const char *kind, GBytes *sealed, GError **error);
/* {"name": ..., "address": ...} */
json_t *local_people(const char *name, const char *address);

/* --- desk_local_people.c */
/* The same of who writes now, by the name he has here when the one he writes
 * under was corrected. */
json_t *local_contact(const struct local *local, const struct ident *person,
    const char *name, const char *address);

/* A message made ready outside of any transaction. */
struct local_file {
	GBytes *about, *bytes;
	gsize size;
};
struct local_parts {
	struct ident entry; /* what it is known by */
	gint64 sent;        /* microseconds */
	struct ident person;
	struct secret *key;
	GBytes *contact, *ticket, *message, *note;
	GPtrArray *files; /* struct local_file * */
	guint8 mail[IDENT_BYTES];
	gboolean has_mail;
	gboolean automatic; /* no person wrote it */
};
/* Seals all of the ticket; makes the person's key when he has none. */
struct local_parts *local_parts_new(const struct local *local,
    const struct ticket *ticket, const struct ident *key, GError **error);
/* Frees *parts, NULL included. */
void local_parts_free(struct local_parts **parts);

/* --- desk_local_read.c */
/* The ticket as JSON (desk_local.h), without messages. */
json_t *local_ticket_json(struct local *local, gint64 id, GError **error);
/* One message (with its attachments' names) and its ticket; NOTFOUND when it is
 * gone. */
gboolean local_message_json(struct local *local, gint64 id, json_t **ticket_r,
    json_t **message_r, GError **error);

/* --- desk_local_work.c */
/* The desk's `note`. */
gboolean local_note(
    struct desk *desk, const char *id, const char *text, GError **error);

/* --- desk_local_change.c */
/* The desk's `change`. */
gboolean local_change(struct desk *desk, const char *id,
    const struct desk_change *change, GError **error);
/* The desk's `changes`: it tells what people did (desk_local_close and the
 * like), from the table `event`. */
gboolean local_changes(struct desk *desk, struct desk_cursor *cursor,
    GPtrArray *events_r, GError **error);

/* --- desk_local_merge.c */
/* The desk's `look`. */
gboolean local_look(struct desk *desk, const char *id,
    struct desk_state *state_r, GError **error);

/* --- desk_local_begin.c */
/* Opens local->sql.  NOTFOUND with what to do where it is lost; IO where it is
 * damaged. */
gboolean local_begin(struct local *local, const struct desk_world *world,
    const char *path, GError **error);

/* --- desk_local_index.c */
/* Brings the index up to the last message; makes it anew when it is missing,
 * damaged or another desk's. */
gboolean local_index_update(struct local *local, GError **error);
/* Takes every word out of it, so that nothing stands on the disk of what was
 * erased; one that cannot be emptied is removed.  The next update makes it
 * anew. */
gboolean local_index_forget(struct local *local, GError **error);

/* --- desk_local_trace.c */
/* A person in what is sealed to others. */
struct local_trace {
	struct local *local;
	struct ident person;
	const struct person *people; /* NULL, or these in his place; borrowed */
	struct people *seen; /* NULL, or who is found to follow a ticket */
	char *address;       /* lower case; NULL: it is looked for nowhere */
	GArray *rewritten;   /* tickets that he followed, without him */
	GArray *naming;      /* gint64: tickets whose words name the address */
};
/* Nothing found yet.  `address` may be NULL: then `people` or `seen` is set by
 * the caller. */
void local_trace_init(
    struct local_trace *trace, struct local *local, const char *address);
/* Frees what it holds. */
void local_trace_clear(struct local_trace *trace);
/* Reads what others' tickets and messages say. */
gboolean local_trace_look(struct local_trace *trace, GError **error);
/* Looks for followers alone. */
gboolean local_trace_look_followers(struct local_trace *trace, GError **error);
/* Stores the tickets that he followed without him. */
gboolean local_trace_put(struct local_trace *trace, GError **error);

/* --- desk_local_erase.c */
/* What is a person's own, within a transaction: his tickets, his messages on
 * others' and his contact; how much went. */
gboolean local_erase_rows(struct local *local, const struct ident *person,
    gint64 *tickets_r, gint64 *messages_r, GError **error);
/* The desk's `erase`, of all: nothing comes between two tries. */
gboolean local_erase(struct desk *desk, const struct desk_whom *whom,
    struct desk_erased *erased_r, GError **error);

#endif
