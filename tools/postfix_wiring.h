/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_POSTFIX_WIRING_H
#define DESKGATE_TOOLS_POSTFIX_WIRING_H

#include "tools/milter_chain.h"
#include "tools/postfix_facts.h"

/*
 * Whether and how a Postfix hands its mail to our milter: what setup changes
 * and doctor looks at.  Pure.  `socket` is where the milter listens, as our own
 * settings say it: unix:/PATH, inet:PORT@HOST.
 */

/* The index of our milter among the elements of a chain (milter_chain_split),
 * or -1.  A whole path and one below the queue are one socket. */
int postfix_wiring_find(const struct postfix_facts *facts,
    const GPtrArray *chain, const char *socket);

/* Whether mail waits, and neither passes nor is refused for good, while the
 * milter of this element does not answer. */
gboolean postfix_wiring_waits(
    const struct postfix_facts *facts, const char *element);

/* Where our milter stands in the value of a setting ($names replaced). */
void postfix_wiring_read(const struct postfix_facts *facts, const char *value,
    const char *socket, struct milter_place *place_r);

/* The chain that mail at this smtpd service goes through, $names replaced:
 * master.cf's own where it has one, else smtpd_milters; "" where it has none.
 * Borrowed. */
const char *postfix_wiring_chain(
    const struct postfix_facts *facts, const struct postfix_service *service);

/* Whether that is not what main.cf says for all. */
gboolean postfix_wiring_has_own(
    const struct postfix_facts *facts, const struct postfix_service *service);

/* The first service that speaks to milters and runs in a chroot from which the
 * socket is not reached (everything but TCP and paths below the queue); NULL:
 * all reach it.  Borrowed. */
const struct postfix_service *postfix_wiring_shut_out(
    const struct postfix_facts *facts, const char *socket);

#endif
