/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_SESSION_PRIVATE_H
#define DESKGATE_MILTER_SESSION_PRIVATE_H

#include "milter/headers.h"
#include "milter/session.h"

/* What session.c (the conversation) and session_end.c (the decision) share. */

struct recipient {
	char *
	    given; /* as the MTA knows it: what is taken out is named by this */
	const struct policy_inbox *inbox; /* the terms'; NULL: not ours */
};

/* The message at hand. */
struct mail {
	struct envelope *envelope;
	GArray *recipients; /* struct recipient, those we said yes to */
	guint ours;         /* of them */
	guint64 declared;   /* SIZE= of MAIL, or 0 */
	struct headers *headers;
	struct collect *collect; /* NULL until there is an inbox of ours */
	gboolean headed;         /* it is known not to be outgoing */
	GString *outgoing; /* its header so far, if it leaves from an inbox */
};

struct session {
	const struct session_world *world;
	struct port port;
	struct terms *terms;
	gboolean welcome;
	char *client_address, *client_name, *helo;
	struct mail *mail; /* NULL between messages */
};

/* Sets the text and answers LATER. */
enum port_answer session_later(struct session *session, const GError *error);

/* The end of a message that has recipients of ours. */
enum port_answer session_take(struct session *session, struct mail *mail);

#endif
