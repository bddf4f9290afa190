/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_FIT_H
#define DESKGATE_TICKETS_FIT_H

#include "tickets/ticket.h"

/*
 * A ticket for a desk that takes so many bytes of files and no more.
 */

/* Takes out of the ticket's files, in their order, those with which they would
 * be more than `most` bytes, and lists them in its text: the ticket itself is
 * made in any case.  How many went. */
guint fit_files(struct ticket *ticket, guint64 most);

#endif
