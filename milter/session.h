/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_SESSION_H
#define DESKGATE_MILTER_SESSION_H

#include <glib.h>

#include "lib/base/clock.h"
#include "lib/base/tally.h"
#include "lib/privacy/lives.h"
#include "milter/gauge.h"
#include "milter/hall.h"
#include "milter/handover.h"
#include "milter/judge.h"
#include "milter/port.h"
#include "milter/pulse.h"

/*
 * One SMTP conversation: what the MTA tells of it, step by step, and our
 * answers.  Several messages may come one after the other.  A session is used
 * by one thread at a time, whichever.
 *
 * A message without any inbox of ours among its recipients is let go at the end
 * of its header (kept for its ids where it leaves from an inbox: outgoing.h),
 * unless it carries forged X-Deskgate-* fields, which are taken out.
 *
 * Any other is kept, judged, stored for each inbox that wants it, and only when
 * all of that is on disk are recipients taken out and the answer is ACCEPT,
 * also when none is left: so an MTA's always_bcc copy lives.  Whatever fails
 * before is a LATER, and the client comes again with the same message, which
 * has the same name.
 */
struct session_world { /* shared by all, borrowed */
	struct hall *hall;
	const struct gauge *gauge;
	struct pulse *pulse;
	struct lives *lives; /* of inboxes; NULL: all take mail */
	struct handover handover;
	struct judge judge;
	const struct clock *clock;
	struct tally *tally; /* of counts_milter; NULL: nobody counts */
};

struct session;

/* The connection is counted from here to session_free. */
struct session *session_new(
    const struct session_world *world, const struct port *port);
/* Accepts NULL. */
void session_free(struct session **session);

/* `address`: the client's, as text, or NULL when it is no network's. */
enum port_answer session_connect(
    struct session *session, const char *name, const char *address);
/* The name after HELO or EHLO. */
void session_helo(struct session *session, const char *name);
/* `arguments`: the path, then ESMTP parameters, NULL-ended. */
enum port_answer session_mail(struct session *session, char *const *arguments);
/* The same for RCPT. */
enum port_answer session_rcpt(struct session *session, char *const *arguments);
/* One field, as libmilter gives it. */
void session_header(
    struct session *session, const char *name, const char *value);
/* The empty line behind the header. */
enum port_answer session_end_header(struct session *session);
/* The next bytes of the body. */
void session_body(struct session *session, const void *data, gsize length);
/* The end of the message: here it is decided. */
enum port_answer session_end(struct session *session);
/* The message is given up; the conversation goes on. */
void session_abort(struct session *session);

#endif
