/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a ticket shows as new.  Of automatic mail all counts; of a message that
 * was passed on, the original is what matters, and an answered message looks
 * the same: so without a sign that it is an answer, one with a header in its
 * text is taken as passed on.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "lib/mail/html.h"
#include "tickets/convert_private.h"
#include "tickets/forward.h"
#include "tickets/reply.h"

static gboolean
is_forwarded(const struct message *message, const char *text)
{
	const char *subject = message_subject(message);
	gboolean refers = message_references(message)->len > 0;
	struct forward *forward OWNED(forward_free) = NULL;

	if (forward_subject(subject))
		return TRUE;
	if (reply_is(subject, refers))
		return FALSE;
	forward = forward_find(text);
	return forward != NULL;
}

static gboolean
has_plain_text(const struct message *message)
{
	for (guint i = 0; i < message_part_count(message); i++) {
		const struct part *part = message_part(message, i);

		if (strcmp(part->type, "text/plain") == 0 && !part->attachment)
			return TRUE;
	}
	return FALSE;
}

/* What the HTML says of the text, where all of the text is that HTML's. */
static const GArray *
marks_of(struct message *message, const char *text)
{
	const struct html *markup =
	    has_plain_text(message) ? NULL : message_markup(message);

	return markup != NULL && strcmp(markup->text, text) == 0 ? markup->marks
								 : NULL;
}

void
convert_set_text(struct ticket *ticket, struct message *message,
    const char *text, const struct convert_terms *terms)
{
	struct reply *reply OWNED(reply_free) = NULL;

	ticket->text = g_strdup(text);
	if (terms->keep_quotes || ticket->automatic ||
	    is_forwarded(message, text))
		return;
	reply = reply_trim(text, marks_of(message, text));
	if (reply->quoted == NULL)
		return;
	g_free(ticket->text);
	ticket->text = g_steal_pointer(&reply->text);
	ticket->quoted = g_steal_pointer(&reply->quoted);
}
