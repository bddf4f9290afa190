/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_SETUP_SENDMAIL_H
#define DESKGATE_TOOLS_SETUP_SENDMAIL_H

#include "tools/setup_plan.h"

/*
 * What a Sendmail is to be told so that the mail of inboxes comes to Deskgate:
 * a block at the end of sendmail.mc, of which m4 makes sendmail.cf.  Pure.
 *
 *  - INPUT_MAIL_FILTER with F=T: without the milter the answer is a 4xx; with
 * no F= at all, which is Sendmail's default, mail would pass unfiltered.  T=
 * gives the answers to commands more than the usual 10 s, and the end of the
 * message 5 minutes.  It has to be the last filter, as with Postfix.
 *  - A mailer and rules in LOCAL_RULE_0 bring mail for an inbox that no milter
 * saw under the inbox's name (aliases, what programs of this host send) to
 * `deskgate accept`.
 */

/* The whole sendmail.mc with the block as it should be, in place of one that is
 * there.  `mc` is what is there; refusals and warnings go to `plan`.  The
 * caller frees it. */
char *setup_sendmail(
    struct setup_plan *plan, const char *mc, const struct setup_wish *wish);

/* What is wrong with the sendmail.cf that m4 made of it (another filter is
 * last), or NULL; the caller frees it. */
char *setup_sendmail_fault(const char *cf);

#endif
