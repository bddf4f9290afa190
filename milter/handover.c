/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a letter to an entry in the spool.
 */
#include "milter/handover.h"

#include <string.h>

#include "lib/base/seal.h"
#include "lib/privacy/intake.h"

void
parcel_init(struct parcel *parcel, const struct envelope *envelope,
    const struct letter *letter)
{
	const guint8 *data =
	    letter->data != NULL ? letter->data : (const guint8 *)"";

	*parcel = (struct parcel){ .envelope = envelope, .letter = letter };
	loop_headers_read((const char *)data, letter->header, &parcel->headers);
	entry_body_digest(data + letter->body, letter->length - letter->body,
	    parcel->body_digest);
}

void
parcel_clear(struct parcel *parcel)
{
	loop_headers_clear(&parcel->headers);
	g_clear_pointer(&parcel->scored, g_bytes_unref);
}

static void
key_at(const struct handover *handover, const struct parcel *parcel,
    const char *inbox, gint64 window, struct ident *key_r)
{
	struct entry_origin origin = {
		.inbox = inbox,
		.envelope = parcel->envelope,
		.headers = &parcel->headers,
		.window = window,
	};

	memcpy(origin.body_digest, parcel->body_digest,
	    sizeof(origin.body_digest));
	entry_key(handover->entry_key, &origin, key_r);
}

/* A name alone changes at the window's edge, wherever in it the message came
 * in; so the one of the window before is looked for too. */
void
handover_key(const struct handover *handover, const struct parcel *parcel,
    const char *inbox, gint64 window, struct ident *key_r)
{
	gint64 received = parcel->envelope->received, came;
	struct ident before;

	key_at(handover, parcel, inbox, received / MAX(window, 1), key_r);
	if (window == 0)
		return;
	key_at(handover, parcel, inbox, received / window - 1, &before);
	/* Equal: it has a Message-ID, and the window does not matter. */
	if (!ident_equal(&before, key_r) &&
	    spool_time(handover->spool, &before, &came, NULL) &&
	    received - came < window)
		*key_r = before;
}

/* What was not judged, or is brought by hand, says nothing against the verdict
 * of the first copy. */
static gboolean
is_mild(const struct handover_item *item)
{
	return item->action == ENTRY_TICKET && !item->imported &&
	       verdict_judged(item->verdict);
}

gboolean
handover_put(const struct handover *handover, const struct parcel *parcel,
    const struct handover_item *item, enum spool_put *result_r, GError **error)
{
	/* Borrowed members only: the entry lives as long as this call. */
	const struct entry entry = {
		.key = item->key,
		.inbox = (char *)item->inbox,
		.recipient = (char *)item->recipient,
		.action = item->action,
		.envelope = (struct envelope *)parcel->envelope,
		.verdict = *item->verdict,
		.received = parcel->envelope->received,
		.size = parcel->letter->length,
		.scored = parcel->scored,
		.imported = item->imported,
	};
	struct ident intake_id;
	guint8 intake_public_key[SEAL_PUBLIC_BYTES];
	const struct spool_offer offer = {
		.entry = &entry,
		.message = parcel->letter->data,
		.length = parcel->letter->length,
		.intake_id = &intake_id,
		.intake_public = intake_public_key,
		.check = item->check,
		.self = item->self,
	};

	if (!intake_public(
		handover->key_dir, &intake_id, intake_public_key, error) ||
	    !spool_put(handover->spool, &offer, result_r, error))
		return FALSE;
	return *result_r == SPOOL_STORED || !is_mild(item) ||
	       spool_set_milder(handover->spool, &item->key, error);
}
