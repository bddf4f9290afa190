/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_AFFECTED_H
#define DESKGATE_LIB_PRIVACY_AFFECTED_H

#include <glib.h>
#include <jansson.h>

#include "lib/base/ident.h"

/*
 * Whom a breach affects (GDPR Articles 33 and 34): what holders tell of the
 * people whose data they had at a time, put together by person.  Not
 * thread-safe.
 */
struct affected;

struct affected *affected_new(void);
/* Accepts NULL. */
void affected_free(struct affected **address);

/* One record of a person. */
struct affected_record {
	const char *holder; /* outlives it */
	struct ident subject;
	const char *address; /* NULL: it cannot be told from this record */
	gint64 when;         /* wall microseconds: when it came */
};
void affected_add(
    struct affected *affected, const struct affected_record *record);

/* How many people, and for how many of them no address is known. */
guint affected_count(const struct affected *affected, guint *unnamed_r);
/* People and records of one holder. */
guint affected_of(
    const struct affected *affected, const char *holder, guint *records_r);
/* [{"address": "...", "records": 3, "first": TIME, "last": TIME, "holders":
 * ["spool"]}, ...] in the order of addresses, those without one left out; the
 * caller's. */
json_t *affected_people(const struct affected *affected);

/* Wall seconds until which the authority is to be told of what became known at
 * `known` (Article 33(1): 72 hours). */
gint64 affected_due(gint64 known);

#endif
