/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_SETUP_POSTFIX_H
#define DESKGATE_TOOLS_SETUP_POSTFIX_H

#include "tools/postfix_facts.h"
#include "tools/setup_plan.h"

/*
 * What a Postfix is to be told so that the mail of inboxes comes to Deskgate.
 * Pure.
 *
 *  - The milter stands last in smtpd_milters and non_smtpd_milters, with times
 * of its own and tempfail as what happens without it.  It stores a message
 * before it says yes, so a milter behind it that refuses the message would have
 * the client send again, or tell the sender that mail was refused of which a
 * ticket was made: any other order is refused.
 *  - Mail for an inbox that reaches no milter under the inbox's name (virtual
 * aliases, /etc/aliases, what programs of this host send) goes through
 * transport_maps to `deskgate accept`, one recipient at a time.  An inbox whose
 * mail is delivered too (mode tag or ticket-and-deliver) is not routed there.
 *  - A lone LF does not end a message, nor a line in a way that another server
 * reads otherwise (smtpd_forbid_bare_newline, against SMTP smuggling).
 */
struct setup_plan *setup_postfix(
    const struct postfix_facts *facts, const struct setup_wish *wish);

/* The file of routes (transport(5), texthash), for all inboxes; the caller
 * frees it.  Its first line tells whose it is. */
char *setup_postfix_routes(const struct terms *terms);

/* Whether `text` is such a file, whatever its inboxes. */
gboolean setup_postfix_is_routes(const char *text);

#endif
