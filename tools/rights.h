/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_RIGHTS_H
#define DESKGATE_TOOLS_RIGHTS_H

#include "lib/privacy/request.h"
#include "tools/keeper.h"

/*
 * What people ask for that stands from then on: restriction (GDPR Article 18),
 * objection (21) and consent (6, 7), carried out.
 */

/* From now on the models ask before each lesson. */
void rights_guard_lessons(struct keeper *keeper);

struct rights_change {
	gboolean lift; /* as it was before */
	gboolean hold; /* new mail is held; of a restriction */
};
/*
 * Restricts (request of kind REQUEST_RESTRICT) or objects (REQUEST_OBJECT), or
 * lifts it.  Lessons of his mail are taken back behind the answer: a lesson in
 * the counts is in use with every message that comes.  The request as it stands
 * is the caller's.
 */
json_t *rights_stand(struct keeper *keeper, const struct request_wish *wish,
    const struct rights_change *change, GError **error);

/* Corrects the person's name where it stands as a datum of its own (Article
 * 16).  The receipt is the caller's. */
json_t *rights_rectify(struct keeper *keeper, const struct request_wish *wish,
    const char *name, GError **error);

/* Consents to what an inbox does, or withdraws that; `inbox` NULL: the only
 * one. Where lessons need consent, those that were made are taken back with it.
 * `person` has one address; `version` may be NULL. */
struct rights_consent {
	const struct person *person;
	const char *inbox, *version, *actor;
	gboolean withdraw;
};
gboolean rights_consent(
    struct keeper *keeper, const struct rights_consent *wish, GError **error);

/* What is shown of restricted persons: unless the request says "restricted":
 * true, no more than that it is there. */

/* Whether it is the stored mail of one of them. */
gboolean rights_hide(struct keeper *keeper, const struct ident *subject,
    const struct control_request *request);
/* Takes out of a ticket of the embedded desk, or a list of them, what is
 * theirs, and says {"restricted": true} there. */
void rights_hide_tickets(struct keeper *keeper,
    const struct control_request *request, json_t *tickets);
/* Takes their tickets out of a list. */
void rights_drop_tickets(struct keeper *keeper,
    const struct control_request *request, json_t *tickets);

#endif
