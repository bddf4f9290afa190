/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_CONVERT_PRIVATE_H
#define DESKGATE_TICKETS_CONVERT_PRIVATE_H

#include "tickets/convert.h"

/* What convert.c (the calls) and convert_make.c (the making) share. */

/* Files of one ticket at most: those of a worker's answer, one left for the raw
 * source. */
#define CONVERT_FILES_MOST (WORKER_MAX_FDS - 1)

/* Who asks where nobody is named. */
#define CONVERT_NOBODY "unknown@invalid"

/* The ticket of a message that was read; never fails. */
struct ticket *convert_make(const struct convert_context *context,
    struct message *message, const struct entry *entry,
    const char *subject_tag);

/* What every ticket has of its entry: inbox, verdict, spam mark. */
struct ticket *convert_begin(const struct entry *entry);

/* `name`, or "name (2).ext" and so on where the ticket has such a file.  The
 * caller frees it. */
char *convert_file_name(const struct ticket *ticket, const char *name);

/* "Deskgate: unsure ...", with the reasons, and `more` (may be NULL) on further
 * lines. */
char *convert_note(const struct entry *entry, const char *more);

#endif
