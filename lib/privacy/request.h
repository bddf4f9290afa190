/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_REQUEST_H
#define DESKGATE_LIB_PRIVACY_REQUEST_H

#include <glib.h>
#include <jansson.h>

#include "lib/base/clock.h"
#include "lib/base/secret.h"
#include "lib/privacy/holder.h"
#include "lib/privacy/person.h"
#include "lib/privacy/vault.h"

/*
 * The register of requests that people have made of their data (GDPR Articles
 * 12, 15 to 18, 20 and 21), an LMDB folder.  The keeper's alone; thread-safe.
 *
 * While a request is open, the addresses it is about stand in it sealed, by a
 * key of the request's own in the vault.  With the end of the request that key
 * is destroyed; what is left is the receipt, which names nobody:
 *
 *   {"id": 7, "kind": "erase", "state": "done", "identity": "known-address",
 *    "actor": "cli:root", "made": "2026-11-29T10:00:00Z", "due": "...",
 *    "ended": "...", "holders": [{"holder": "spool", "outcome": "done", ...}],
 *    "previous": "...", "digest": "..."}
 *
 * `due` is one calendar month after it was made (Article 12(3)).  `digest` is
 * keyed, of the receipt without it; `previous` is that of the receipt that was
 * ended before it, so that one which was changed or taken out is found.
 *
 * An open one may also have "settled", the time at which nothing of the person
 * was left in this computer's holders, and "compacted", that at which the
 * stores were freed of what they had deleted.
 */
struct requests;

/* `folder` exists.  The digest's key is made of `key`; the vault is borrowed.
 * Destroys keys of requests that a crash left behind. */
struct requests *requests_open(const char *folder, const struct secret *key,
    struct vault *vault, const struct clock *clock, GError **error);
/* Accepts NULL. */
void requests_close(struct requests **requests);

/* What a person can ask for. */
enum request_kind {
	REQUEST_ACCESS,   /* 15, 20 */
	REQUEST_RECTIFY,  /* 16 */
	REQUEST_ERASE,    /* 17 */
	REQUEST_RESTRICT, /* 18 */
	REQUEST_OBJECT,   /* 21 */
	REQUEST_INBOX,    /* nobody asks: an inbox is erased at its end */
	REQUEST_KINDS
};
/* "access", "rectify", ..., "erase-inbox"; static. */
const char *request_kind_word(enum request_kind kind);

struct request_wish {
	enum request_kind kind;
	const char *actor; /* "cli:root" */
	/* How it was made sure that it is the person who asks: a word of
	 * request_identities. */
	const char *identity;
	const struct person *person;
	/* A person carries it out, and says what became of it by
	 * requests_decide; else this program does. */
	gboolean by_hand;
	/* Of the kind REQUEST_INBOX: which, instead of a person and an
	 * identity; and what is known of holders from the start (borrowed). */
	const char *inbox;
	const json_t *holders;
};
/* "not-verified", "known-address", "reply-to-code", "in-person", "document",
 * "agent"; NULL-ended. */
extern const char *const request_identities[];

/* Adds an open one, durably. BAD when the identity is no such word. */
gboolean requests_add(struct requests *requests,
    const struct request_wish *wish, guint64 *id_r, GError **error);

/* Keeps how far an open one has come: `holders` as registry_erase gives it
 * (borrowed).  With `ended` it becomes a receipt, and its addresses
 * unreadable. */
gboolean requests_put(struct requests *requests, guint64 id,
    const json_t *holders, gboolean ended, GError **error);

/* Makes its addresses unreadable; it stays open. TRUE also when they were. */
gboolean requests_blind(struct requests *requests, guint64 id, GError **error);
/* How far an erasure has come here. */
enum request_step {
	REQUEST_SETTLED,  /* nothing is left here */
	REQUEST_COMPACTED /* nor a deleted byte of it */
};
/* Writes down that it has come so far, now; that it was settled, once. */
gboolean requests_step(struct requests *requests, guint64 id,
    enum request_step step, GError **error);
/* Until when (wall microseconds) what a desk got of the person is meant: when
 * it was settled here, and until then now.  What comes later is of somebody who
 * came back. */
gint64 requests_until(struct requests *requests, guint64 id);

/* Whom an open one is about; NOTFOUND when there is none of that number, it has
 * ended, or its addresses are unreadable. */
struct person *requests_person(struct requests *requests, guint64 id,
    const struct secret *subject_key, GError **error);

/* What a person decides of an open one. */
enum request_decision {
	REQUEST_EXTENDED, /* it takes up to two months more (12(3)) */
	REQUEST_REFUSED,  /* nothing is done (12(4)) */
	REQUEST_MET       /* it was done by hand */
};
#define REQUEST_REASON_MOST 500
/* Writes it down with the reason, which names nobody.  A request can be
 * extended once; those that are refused or met become receipts, and have to be
 * by hand.  BAD when it cannot be, or there is no reason (not needed for what
 * was met). */
gboolean requests_decide(struct requests *requests, guint64 id,
    enum request_decision decision, const char *reason, GError **error);

/* One, without its addresses, with "overdue": true when it is open and late;
 * the caller's.  NOTFOUND. */
json_t *requests_get(struct requests *requests, guint64 id, GError **error);
/* All that are open, or all, oldest first; the caller's. */
json_t *requests_list(
    struct requests *requests, gboolean open_only, GError **error);

/* Its store, for store_compact; borrowed. */
struct store;
struct store *requests_store(struct requests *requests);

/* Adds them to the registry as the holder "requests": receipts go
 * audit-retention after the end of the request. */
void requests_add_holder(struct registry *registry, struct requests *requests);
/* Under which names the vault has keys of those that are open: GArray of struct
 * ident, the caller's. */
GArray *requests_keys(struct requests *requests, GError **error);

/* Whether a receipt is as it was made: its digest and that of every other are
 * right, each names the one before it, and the last is there.  *whole_r FALSE
 * with what is wrong in `fault_r` (at most 127 bytes).  NOTFOUND when there is
 * no such receipt. */
#define REQUEST_FAULT_BYTES 128
gboolean requests_verify(struct requests *requests, guint64 id,
    gboolean *whole_r, char fault_r[REQUEST_FAULT_BYTES], GError **error);

/* Receipts whose digests were not told to the audit trail yet, as far as is
 * known: GArray of guint64. */
GArray *requests_untold(struct requests *requests, GError **error);
/* It was told. */
gboolean requests_told(struct requests *requests, guint64 id, GError **error);

#endif
