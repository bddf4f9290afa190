/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_REPORT_PRIVATE_H
#define DESKGATE_TICKETS_REPORT_PRIVATE_H

#include "tickets/report.h"

/* What report.c (RFC 3464) and report_text.c (all the others) share. */

struct report_case {
	struct message *message;
	struct origin *origin;
};

/* Adds an address, unless it is none, or the report's own. */
void report_add(
    struct report_case *report, const char *address, const char *status);

/* "5.1.1" of a Status field, else of a text that has one, else "5.0.0" or
 * "4.0.0" by an SMTP code in it, else "5.0.0".  The caller frees it. */
char *report_status(const char *field, const char *text);

/* Whether a subject, or the first lines of a text, say that a message did not
 * arrive. */
gboolean report_subject(const char *subject);
/* The same of a text. */
gboolean report_text(const char *text);

/* Addresses from what the text says. */
void report_read_text(struct report_case *report);
/* The Message-ID of the original whose header is quoted in the body, or NULL;
 * the caller frees it. */
char *report_text_id(struct message *message);

#endif
