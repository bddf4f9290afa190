/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_LEDGER_PERSON_H
#define DESKGATE_TICKETS_LEDGER_PERSON_H

#include "lib/privacy/person.h"
#include "tickets/ledger.h"

/*
 * What the ledger knows of a person, by his subjects: the tickets he takes part
 * in, and what is remembered of him as a sender (tickets opened, trust, mail
 * that came back, acknowledgements had).
 */
struct ledger_person {
	guint tickets; /* he takes part in */
	guint marks;   /* other records of him */
};

/* Counts it. */
gboolean ledger_person_find(struct ledger *ledger, const struct person *person,
    struct ledger_person *found_r, GError **error);
/* Adds it to the object `data`: "tickets" (how many he takes part in), and what
 * the other records say, each as an array. */
gboolean ledger_person_export(struct ledger *ledger,
    const struct person *person, json_t *data, GError **error);
/* Adds everybody it knows something of. */
gboolean ledger_people(
    struct ledger *ledger, struct people *people, GError **error);
/* Removes it, in one commit; how much went. */
gboolean ledger_person_forget(struct ledger *ledger,
    const struct person *person, struct ledger_person *gone_r, GError **error);
/* Frees the ledger's file of what was deleted (store_compact). */
gboolean ledger_compact(struct ledger *ledger, GError **error);
/* Copies it as it stands into an empty folder (store_copy). */
gboolean ledger_copy(struct ledger *ledger, const char *folder, GError **error);
/* As store_settle. */
gboolean ledger_settle(struct ledger *ledger, gint64 mono, GError **error);

#endif
