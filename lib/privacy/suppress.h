/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_SUPPRESS_H
#define DESKGATE_LIB_PRIVACY_SUPPRESS_H

#include "lib/base/clock.h"
#include "lib/privacy/holder.h"

/*
 * Who was erased: a list of keyed digests beside the keys, so that whoever puts
 * an older backup of the state back can erase them again.  A digest is of a
 * subject, not of an address: the list alone names nobody, and only one who has
 * a person's subject (a store that is put back) can ask for him.  The keeper's
 * alone; thread-safe.
 */
struct suppress;

/* `folder` exists; the digests' key is made of `key`.  `keep` microseconds
 * after his last erasure a person is forgotten here too, with the oldest
 * backup: `aged` says how late it is for that, and `clock` for who is erased
 * now; they are one where the clock is believed.  Both outlive it. */
struct suppress *suppress_open(const char *folder, const struct secret *key,
    const struct clock *clock, const struct clock *aged, gint64 keep,
    GError **error);
/* Accepts NULL. */
void suppress_close(struct suppress **suppress);

/* Adds a person, durably, and lets go who is past. */
gboolean suppress_add(
    struct suppress *suppress, const struct person *person, GError **error);
/* Whether he was erased, and when (wall microseconds): *when_r is 0 when not.
 */
gboolean suppress_when(struct suppress *suppress, const struct ident *subject,
    gint64 *when_r, GError **error);

/* Adds all of the list in the folder `from` to the one in `to`, made with the
 * same key; of who is in both the later erasure counts.  Neither is open. */
gboolean suppress_merge(const char *from, const char *to, GError **error);

/* Its store, for store_copy; borrowed. */
struct store;
struct store *suppress_store(struct suppress *suppress);

/* As a holder: to be erased is to be added.  The first of the registry, so that
 * an erasure that stops anywhere is known of. */
void suppress_holder_add(struct registry *registry, struct suppress *suppress);

#endif
