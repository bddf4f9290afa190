/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_WATCH_H
#define DESKGATE_TOOLS_WATCH_H

#include <jansson.h>

#include "tools/keeper.h"

/*
 * The keeper's figures for whoever watches it, with those that deskgate-milter
 * has counted: for Prometheus at metrics-listen, and for the command.  There is
 * one endpoint for both programs, since the milter may speak to nobody but its
 * MTA.  No figure is about a person, and labels are words of our own and the
 * titles of inboxes and desks.
 */
struct watch;

/* Listens where metrics-listen says, before the walls are closed; nobody is
 * answered before watch_start.  keeper->watch stays NULL where it is not set.
 */
gboolean watch_open(struct keeper *keeper, GError **error);
/* Answers from now on; accepts NULL: nobody listens. */
gboolean watch_start(struct watch *watch, GError **error);
/* Before what the figures are taken from ends.  Accepts NULL. */
void watch_close(struct watch **address);

/* Every figure, as of now: a page (exposition.h), the caller's.  What cannot be
 * found out is left out.  Thread-safe. */
json_t *watch_page(struct keeper *keeper);

#endif
