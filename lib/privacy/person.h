/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_PERSON_H
#define DESKGATE_LIB_PRIVACY_PERSON_H

#include <glib.h>
#include <jansson.h>

#include "lib/base/ident.h"
#include "lib/base/secret.h"

/*
 * A person whom a request is about (GDPR Article 4(1), the data subject): all
 * addresses he is known by, and the subjects that stores know them as.  A plain
 * value once made.
 */
struct person {
	GPtrArray *addresses; /* char *, canonical, each once */
	GArray *subjects;     /* struct ident, in the same order */
	/* What came after this (wall microseconds) is not meant: for what other
	 * programs hold.  G_MAXINT64 at first: all is. */
	gint64 until;
};

#define PERSON_ADDRESSES_MOST 64

/* Of the texts of a JSON array.  BAD when there is none, when there are more
 * than PERSON_ADDRESSES_MOST, or one is no address. */
struct person *person_new(
    const struct secret *subject_key, const json_t *addresses, GError **error);
/* Accepts NULL. */
void person_free(struct person **person);

/* One who is known by these subjects alone, of whatever many: without
 * addresses. Takes the array over. */
struct person *person_of_subjects(GArray *subjects);

/* Whether this is one of his subjects. */
gboolean person_has(const struct person *person, const struct ident *subject);
/* His addresses as a JSON array of the caller's. */
json_t *person_json(const struct person *person);

/* Subjects that something is known of, each once. */
struct people;
/* None yet. */
struct people *people_new(void);
/* Accepts NULL. */
void people_free(struct people **people);
/* Adds one that is there already in vain. */
void people_add(struct people *people, const struct ident *subject);
/* All of them: GArray of struct ident, the caller's. */
GArray *people_list(const struct people *people);

#endif
