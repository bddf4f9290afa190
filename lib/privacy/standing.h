/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_STANDING_H
#define DESKGATE_LIB_PRIVACY_STANDING_H

#include <glib.h>
#include <jansson.h>

#include "lib/base/ident.h"
#include "lib/privacy/holder.h"
#include "lib/privacy/person.h"

/*
 * What people have asked for that stands from then on, by subject, in an LMDB
 * folder: that the use of their data is restricted (GDPR Article 18), that no
 * lesson is made of their mail (21), and what they consented to (6, 7).  The
 * keeper's alone; thread-safe.
 */
struct standings;

/* `folder` exists. */
struct standings *standings_open(const char *folder, GError **error);
/* Accepts NULL. */
void standings_close(struct standings **standings);

/* Wall times in microseconds; 0: not so. */
struct standing {
	gint64 restricted;
	gint64 objected;
	gboolean hold; /* new mail of his is held while it is restricted */
};

/* All zero of somebody who never asked. */
gboolean standings_get(struct standings *standings, const struct ident *subject,
    struct standing *standing_r, GError **error);
/* The same of one with an address, who may be nobody known. */
gboolean standings_of(struct standings *standings,
    const struct secret *subject_key, const char *address,
    struct standing *standing_r, GError **error);
/* Whether he has restricted the use of his data; what cannot be looked up is.
 * NULL: nobody has. */
gboolean standings_restricts(
    struct standings *standings, const struct ident *subject);
/* Of one subject, durably; all zero forgets it. */
gboolean standings_put(struct standings *standings, const struct ident *subject,
    const struct standing *standing, GError **error);

#define CONSENT_VERSION_MOST 64

/* What he said of an inbox, and when he was told of the notice. */
struct consent {
	gint64 granted, withdrawn; /* the later one counts */
	gint64 noticed;
	char version[CONSENT_VERSION_MOST];        /* of what he agreed to */
	char notice_version[CONSENT_VERSION_MOST]; /* of what he was told */
};

/* Whether it is granted now. */
gboolean consent_holds(const struct consent *consent);
/* All zero when nothing was said.  Inboxes are alike in upper and lower case.
 */
gboolean standings_consent(struct standings *standings,
    const struct ident *subject, const char *inbox, struct consent *consent_r,
    GError **error);
/* Adds what was said now, durably: "granted" with its version, "withdrawn",
 * "noticed" with its version; what is 0 stays as it was, whoever says something
 * else meanwhile. BAD when the inbox has no name, or too long a one. */
gboolean standings_say_consent(struct standings *standings,
    const struct ident *subject, const char *inbox, const struct consent *said,
    GError **error);
/* [{"inbox": "...", "state": "granted"|"withdrawn"|"none", "version": "...",
 * "granted": TIME, "withdrawn": TIME, "noticed": TIME, "notice": "..."}, ...];
 * the caller's. */
json_t *standings_consents(
    struct standings *standings, const struct person *person, GError **error);

/* Adds everybody who asked for something that stands. */
gboolean standings_people(
    struct standings *standings, struct people *people, GError **error);

/* Its store, for store_compact; borrowed. */
struct store;
struct store *standings_store(struct standings *standings);

/* Adds them to the registry as the holder "standing". */
void standings_add_holder(
    struct registry *registry, struct standings *standings);

#endif
