/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_LISTS_H
#define DESKGATE_TICKETS_LISTS_H

#include <glib.h>

#include "lib/base/conf.h"

/*
 * The lists `allow` and `block`, of an inbox and of the whole.  An item is
 *
 *   alice@example.org  this address
 *   example.org        every address of this domain, not of those below it
 *   .example.org       every address of this domain and of those below it
 *
 * An inbox's lists are asked before those of the whole, and of either the
 * block list first.  Pure; thread-safe.
 */
enum list_answer { LIST_SILENT, LIST_BLOCKED, LIST_ALLOWED };

struct list_question {
	const char *inbox;  /* the title of its section */
	const char *from;   /* the address in From, or NULL */
	const char *sender; /* the envelope's; "" or NULL: none */
	/* Whether we know that From is not forged: the allow list believes
	 * nobody else, or a forged name would open the door. */
	gboolean proven;
};

/* *item_r (may be NULL) is the item that decided; borrowed from the settings.
 */
enum list_answer lists_ask(const struct conf *conf,
    const struct list_question *question, const char **item_r);

/* The item of a NULL-ended list that an address is meant by, or NULL. */
const char *list_find(const char *const *items, const char *address);

/* Adds to the conf's faults the items that are none. */
void lists_check(struct conf *conf);

#endif
