/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What mail to an inbox that takes none is answered.
 */
#include "milter/closed.h"

#include "lib/base/err.h"
#include "lib/base/log.h"

static enum closed
refuse(const struct terms *terms, const char *text, struct reply *reply_r)
{
	const char *contact = terms->reject_contact;
	g_autofree char *whole =
	    contact == NULL ? g_strdup(text)
			    : g_strdup_printf("%s (%s)", text, contact);

	reply_set(reply_r, "550", "5.2.1", whole);
	return CLOSED_FOR_GOOD;
}

enum closed
closed_ask(struct lives *lives, const struct terms *terms,
    const struct policy_inbox *inbox, struct reply *reply_r)
{
	g_autoptr(GError) fault = NULL;
	struct life life;

	if (lives == NULL)
		return CLOSED_NOT;
	if (!lives_get(lives, inbox->title, &life, &fault)) {
		log_error(LOG_LEVEL_ERROR, fault, "inboxes-unknown", NULL);
		reply_for_error(fault, reply_r);
		return CLOSED_LATER;
	}
	if (life.state == LIFE_ACTIVE)
		return CLOSED_NOT;
	if (life.state > LIFE_SUSPENDED)
		return refuse(terms, inbox->end_text, reply_r);
	if (life.answer == LIFE_REJECT)
		return refuse(
		    terms, "This address takes no mail at the moment", reply_r);
	reply_set(reply_r, "450", "4.2.1",
	    "This address takes no mail at the moment; please try again "
	    "later");
	return CLOSED_LATER;
}
