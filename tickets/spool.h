/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_SPOOL_H
#define DESKGATE_TICKETS_SPOOL_H

#include <glib.h>

#include "tickets/entry.h"

/*
 * The spool: sealed bytes in msg/KEY, the state an empty file KEY in one of the
 * folders new busy wait held dead done; a change of state is one rename(2).  An
 * entry without a state is `new` (spool_heal).  Written by the milter (put) and
 * the keeper (all else).
 *
 * States: put -> new; claim -> busy; then done | wait (retry later) | held
 * (quarantine) | dead (the desk refused for good); wait, held, dead -> new by
 * retry or release; done, held, dead -> gone by age or drop.
 *
 * msg/KEY: "DGE1", intake key id (16), sealed message key (crypto_box_seal),
 * then the stream of the entry's JSON, a NUL, what was scored (as many bytes as
 * the JSON says), and the message (lib/base/seal.h), end mark included.
 * wrap/KEY: the message key again, wrapped by the requester's data key, and his
 * subject ident: from then on the intake key is not needed.
 * milder/KEY: empty; a copy came that was judged milder (spool_milder.c).
 */
enum spool_state {
	SPOOL_NEW,
	SPOOL_BUSY,
	SPOOL_WAIT,
	SPOOL_HELD,
	SPOOL_DEAD,
	SPOOL_DONE,
	SPOOL_STATES
};
/* "new", "busy", ...; static. */
const char *spool_state_word(enum spool_state state);

struct spool;
/* `folder` holds the subfolders (made by the assembly: spool_folders). */
struct spool *spool_open(const char *folder, GError **error);
/* Accepts NULL. */
void spool_close(struct spool **spool);
/* Names of the subfolders, NULL-ended, for the assembly to make. */
const char *const *spool_folders(void);

#define SPOOL_MAX_MESSAGE ((gsize)512 << 20)

enum spool_put { SPOOL_STORED, SPOOL_ALREADY };

struct spool_offer {
	const struct entry *entry;
	const guint8 *message;
	gsize length; /* at most SPOOL_MAX_MESSAGE */
	/* As intake_public() of lib/privacy/intake.h gives them. */
	const struct ident *intake_id;
	const guint8 *intake_public;   /* SEAL_PUBLIC_BYTES of them */
	gboolean (*check)(void *self); /* may be NULL */
	void *self;
};

/*
 * Stores durably: when it answers TRUE the message is on disk, or was there
 * already (content-named).  Thread-safe.  `check` is called between fsync and
 * link: when it answers FALSE (the MTA has gone), nothing is stored and AGAIN
 * is set.
 *
 * FULL when the disk is.  After FALSE there is nothing, with one exception:
 * when the fsync of the folder fails, the entry may stand.  The client who is
 * told "later" then comes again with the same message, which has the same name.
 */
gboolean spool_put(struct spool *spool, const struct spool_offer *offer,
    enum spool_put *result_r, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * A copy of an entry that is there already was judged, and is not to be held:
 * what holds the first one for its verdict should let it go.  Durable; nothing
 * to do when it is done.  AGAIN when it went away meanwhile.
 */
gboolean spool_set_milder(struct spool *spool, const struct ident *key,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Entries and bytes that wait (new, busy, wait), for back-pressure; cheap
 * enough to be asked at each MAIL: the folders are counted at most once a
 * second, or in fifty times what it takes to count them, and what is put by
 * this process meanwhile is added. */
gboolean spool_load(
    struct spool *spool, guint64 *entries_r, guint64 *bytes_r, GError **error);

/* --- the keeper's side --- */
/* Gives `new` to every entry without a state, and `new` to each `busy` one;
 * removes what a crash in a put or a drop left.  At start, before any other
 * call of the keeper. */
gboolean spool_heal(struct spool *spool, guint *healed_r, GError **error);
/* Gives `new` to entries that have had no state for a minute, and removes
 * temporary files an hour old (a crashed milter's). */
gboolean spool_adopt(struct spool *spool, guint *adopted_r, GError **error);
/* Keys in a state, oldest first by file time, at most `max`: GArray of struct
 * ident. */
GArray *spool_list(
    struct spool *spool, enum spool_state state, guint max, GError **error);
/* NOTFOUND when it has none. */
gboolean spool_state(struct spool *spool, const struct ident *key,
    enum spool_state *state_r, GError **error);
/* NOTFOUND when it is not in `from` (someone else moved it). Durable, but for
 * moves to busy and done: what a crash takes back there, heal and ledger set
 * right. */
gboolean spool_move(struct spool *spool, const struct ident *key,
    enum spool_state from, enum spool_state to,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Removes bytes, wrap and state, in an order that no crash makes a new entry
 * of. TRUE also when there was nothing. */
gboolean spool_drop(
    struct spool *spool, const struct ident *key, GError **error);
/* Those of which a milder copy came: GArray of struct ident. */
GArray *spool_milder(struct spool *spool, GError **error);
/* Forgets that; TRUE also when there was nothing. */
gboolean spool_clear_milder(
    struct spool *spool, const struct ident *key, GError **error);
/* Wall microseconds at which the entry came in. */
gboolean spool_time(struct spool *spool, const struct ident *key,
    gint64 *time_r, GError **error);

/* --- for vaulted.c --- */
#define SPOOL_MAGIC "DGE1"
#define SPOOL_BOX_BYTES 80 /* of a boxed message key */
#define SPOOL_HEAD_BYTES (4 + IDENT_BYTES + SPOOL_BOX_BYTES)
/* Every key in msg/, in no order. */
GArray *spool_keys(struct spool *spool, GError **error);
/* All bytes of msg/KEY; NOTFOUND when there are none. */
GBytes *spool_bytes(
    struct spool *spool, const struct ident *key, GError **error);
/* The first SPOOL_HEAD_BYTES of msg/KEY. */
GBytes *spool_head(
    struct spool *spool, const struct ident *key, GError **error);
/* The bytes of wrap/KEY; NOTFOUND when there are none. */
GBytes *spool_wrap(
    struct spool *spool, const struct ident *key, GError **error);
/* Whether wrap/KEY is there, whatever is in it. */
gboolean spool_has_wrap(struct spool *spool, const struct ident *key);
/* Durable. */
gboolean spool_set_wrap(struct spool *spool, const struct ident *key,
    const void *data, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
