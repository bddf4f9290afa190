/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_DESK_PROBE_H
#define DESKGATE_TICKETS_DESK_PROBE_H

#include "tickets/desk.h"
#include "tickets/http.h"

/*
 * The checks of a desk's test that are the same for all that speak HTTP (pure).
 */

/* A certificate that ends within this many days is warned of. */
#define DESK_PROBE_CERTIFICATE_DAYS 14
/* A desk's clock this far from ours is warned of: look-ups by time, and what
 * was changed, are told by the desk's clock. */
#define DESK_PROBE_SKEW_SECONDS 30

/* From an answer: "reach", "tls" and "clock".  `now` in seconds; `encrypted`:
 * the url is one of https. */
void desk_probe_answer(struct desk_report *report,
    const struct http_answer *answer, gboolean encrypted, gint64 now);
/* From a call that failed: "reach" or "credentials", with what to do. */
void desk_probe_fault(struct desk_report *report, const GError *fault);

#endif
