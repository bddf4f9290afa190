/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_GAUGE_H
#define DESKGATE_MILTER_GAUGE_H

#include <glib.h>

#include "milter/terms.h"
#include "tickets/spool.h"

/*
 * Whether there is room for another message: looked at when one is announced,
 * so that the client hears it before it sends the bytes.  Thread-safe.
 */
struct gauge;

/* `folder` is the spool's; `spool` is borrowed. */
struct gauge *gauge_new(
    struct spool *spool, const char *folder, GError **error);
/* Accepts NULL. */
void gauge_free(struct gauge **gauge);

/* FALSE with FULL, and what there is too little of. */
gboolean gauge_room(
    const struct gauge *gauge, const struct terms *terms, GError **error);

#endif
