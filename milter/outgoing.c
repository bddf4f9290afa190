/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The header of what goes out.
 */
#include "milter/outgoing.h"

#include "lib/base/log.h"

/* Ids and recipients stand in a header well below this; of a longer one the
 * rest is not learnt. */
#define HEADER_MOST ((gsize)64 << 10)

static const struct policy_inbox *
find_inbox(const struct session *session)
{
	const struct envelope *envelope = session->mail->envelope;

	if (session->mail->collect != NULL ||
	    (envelope->authenticated == NULL && !envelope->own_network))
		return NULL;
	return terms_inbox(session->terms, envelope->sender);
}

void
outgoing_header(struct session *session, const char *name, const char *value)
{
	struct mail *mail = session->mail;

	if (mail->outgoing == NULL) {
		if (mail->headed || find_inbox(session) == NULL) {
			mail->headed = TRUE;
			return;
		}
		mail->outgoing = g_string_new(NULL);
	}
	if (mail->outgoing->len < HEADER_MOST)
		g_string_append_printf(mail->outgoing, "%s:%s%s\r\n", name,
		    session->port.exact ? "" : " ", value);
}

static gboolean
store(struct session *session, const char *inbox, GError **error)
{
	const struct mail *mail = session->mail;
	const struct session_world *world = session->world;
	struct handover_item item = {
		.inbox = inbox,
		.recipient = inbox,
		.action = ENTRY_OUTGOING,
	};
	struct verdict verdict;
	struct letter letter;
	struct parcel parcel;
	enum spool_put put;
	gboolean done;

	verdict_init(&verdict, VERDICT_HAM, VERDICT_NOT_SCORED, "outgoing");
	item.verdict = &verdict;
	if (!letter_from_bytes((const guint8 *)mail->outgoing->str,
		mail->outgoing->len, &letter, error))
		return FALSE;
	parcel_init(&parcel, mail->envelope, &letter);
	handover_key(&world->handover, &parcel, inbox, session->terms->window,
	    &item.key);
	done = handover_put(&world->handover, &parcel, &item, &put, error);
	parcel_clear(&parcel);
	letter_clear(&letter);
	return done;
}

void
outgoing_end(struct session *session)
{
	const struct mail *mail = session->mail;
	const struct policy_inbox *inbox = find_inbox(session);
	g_autoptr(GError) error = NULL;

	if (mail->outgoing == NULL || inbox == NULL ||
	    !hall_begin(session->world->hall))
		return;
	g_string_append(mail->outgoing, "\r\n");
	if (!store(session, inbox->title, &error))
		log_error(LOG_LEVEL_WARN, error, "outgoing-not-kept", "inbox",
		    inbox->title, NULL);
	hall_end(session->world->hall);
}
