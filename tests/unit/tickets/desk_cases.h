/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TESTS_UNIT_TICKETS_DESK_CASES_H
#define DESKGATE_TESTS_UNIT_TICKETS_DESK_CASES_H

#include "tickets/redmine.h"
#include "tickets/rt.h"

/* What the tests of what goes to a desk and comes from it begin with. */

/* The key of the entry, and as text. */
#define CASES_KEY "07070707070707070707070707070707"
struct ident cases_key(void);
/* A small ticket as a value on the stack; the name is borrowed. */
struct ticket cases_ticket(const char *name);
/* JSON that must be whole; frees the text.  The caller's. */
json_t *cases_json(char *text);
/* New (1), In Progress (2), and closed ones: Closed (5), Rejected (6), 3 (7).
 * The caller's. */
GPtrArray *cases_statuses(void);

#endif
