/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TESTS_UNIT_TICKETS_DESK_PLACE_H
#define DESKGATE_TESTS_UNIT_TICKETS_DESK_PLACE_H

#include "tickets/desk_local.h"

/* A desk with a real vault in a folder of its own; time stands still unless
 * moved. */
struct place {
	char *dir;
	struct vault *vault;
	struct secret *vault_key, *subject_key;
	struct clock clock;
	gint64 now;
	struct desk *desk;
};

/* For g_test_add: a new place with its desk open, and the end of it. */
void place_init(struct place *place, gconstpointer unused);
/* The end of it. */
void place_fini(struct place *place, gconstpointer unused);
/* Opens the desk anew, after place_close. */
void place_open(struct place *place);
/* Closes it. */
void place_close(struct place *place);

/* The key of an entry with this number. */
struct ident place_key(guint8 number);
/* A small ticket as a value on the stack. */
struct ticket place_ticket(
    const char *address, const char *subject, const char *text);
/* Creates it for this entry; the code of the ticket, the caller frees it. */
char *place_create(
    struct place *place, const struct ticket *ticket, guint8 number);

/* A text in an object; borrowed. */
const char *place_text(const json_t *object, const char *name);
/* That the codes listed or found are these, with blanks between. */
void place_assert_list(struct place *place, const char *status,
    const char *inbox, const char *want);
/* The same of what is found by these words. */
void place_assert_search(
    struct place *place, const char *words, const char *want);

#endif
