/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For which inboxes a lesson was given, so that what an inbox has taught can be
 * taken back when it comes to its end (learn_take_back_inbox).  Beside the
 * lesson's record: the same message may be taught for several inboxes, and a
 * lesson stays as long as one of them is left.
 */
#include <string.h>

#include "classifier/learn_private.h"
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"

#define KIND 'b'
#define BYTES (1 + IDENT_BYTES + IDENT_BYTES)

static void
key_of(
    const struct ident *ident, const struct ident *inbox, guint8 key_r[BYTES])
{
	key_r[0] = KIND;
	memcpy(key_r + 1, ident->bytes, IDENT_BYTES);
	memcpy(key_r + 1 + IDENT_BYTES, inbox->bytes, IDENT_BYTES);
}

gboolean
model_is_inbox(const struct store_value *key, struct ident *ident_r)
{
	const guint8 *bytes = key->data;

	if (key->length != BYTES || bytes[0] != KIND)
		return FALSE;
	memcpy(ident_r->bytes, bytes + 1, IDENT_BYTES);
	return TRUE;
}

void
model_put_inbox(
    struct store_txn *txn, const struct ident *ident, const struct ident *inbox)
{
	guint8 key[BYTES];

	key_of(ident, inbox, key);
	store_put(txn, MODEL_INDEX, key, BYTES, "", 0);
}

gboolean
model_has_inbox(
    struct store_txn *txn, const struct ident *ident, const struct ident *inbox)
{
	struct store_value value;
	guint8 key[BYTES];

	key_of(ident, inbox, key);
	return store_get(txn, MODEL_INDEX, key, BYTES, &value);
}

/* The inboxes of one lesson: GArray of struct ident. */
static GArray *
inboxes_of(struct store_txn *txn, const struct ident *ident)
{
	GArray *inboxes = g_array_new(FALSE, FALSE, sizeof(struct ident));
	guint8 front[1 + IDENT_BYTES] = { KIND };
	struct store_cursor *cursor OWNED(store_cursor_end) = NULL;
	struct store_value key, value;
	struct ident found;

	memcpy(front + 1, ident->bytes, IDENT_BYTES);
	cursor = store_cursor_begin(txn, MODEL_INDEX, front, sizeof(front));
	while (store_cursor_next(cursor, &key, &value) &&
	       model_is_inbox(&key, &found) && ident_equal(&found, ident))
		g_array_append_vals(
		    inboxes, (const guint8 *)key.data + sizeof(front), 1);
	return inboxes;
}

gboolean
model_del_inbox(
    struct store_txn *txn, const struct ident *ident, const struct ident *inbox)
{
	g_autoptr(GArray) left = NULL;
	guint8 key[BYTES];

	key_of(ident, inbox, key);
	store_del(txn, MODEL_INDEX, key, BYTES);
	left = inboxes_of(txn, ident);
	return left->len > 0;
}

void
model_del_inboxes(struct store_txn *txn, const struct ident *ident)
{
	g_autoptr(GArray) inboxes = inboxes_of(txn, ident);

	for (guint i = 0; i < inboxes->len; i++) {
		guint8 key[BYTES];

		key_of(ident, &g_array_index(inboxes, struct ident, i), key);
		store_del(txn, MODEL_INDEX, key, BYTES);
	}
}

GArray *
model_find_inbox(struct store_txn *txn, const struct ident *inbox)
{
	static const guint8 kind = KIND;
	GArray *idents = g_array_new(FALSE, FALSE, sizeof(struct ident));
	struct store_cursor *cursor OWNED(store_cursor_end) =
	    store_cursor_begin(txn, MODEL_INDEX, &kind, 1);
	struct store_value key, value;
	struct ident ident;

	while (store_cursor_next(cursor, &key, &value) &&
	       model_is_inbox(&key, &ident)) {
		if (memcmp((const guint8 *)key.data + 1 + IDENT_BYTES,
			inbox->bytes, IDENT_BYTES) == 0)
			g_array_append_val(idents, ident);
	}
	return idents;
}

/* --- of a model --- */

static gboolean
digest_of(const struct learn *learn, const char *inbox, struct ident *digest_r)
{
	const struct secret *key = learn->settings.subject_key;
	g_autofree char *low = g_ascii_strdown(inbox, -1);
	struct seal_digest *digest;

	if (key == NULL)
		return FALSE;
	digest = seal_digest_new(secret_data(key), secret_length(key), "inbox");
	seal_digest_add(digest, low, strlen(low));
	seal_digest_end(&digest, digest_r->bytes, sizeof(digest_r->bytes));
	return TRUE;
}

void
links_inbox(struct learn *learn, const struct ident *ident, const char *inbox)
{
	struct ident digest;

	if (inbox == NULL || !digest_of(learn, inbox, &digest) ||
	    model_has_inbox(learn->txn, ident, &digest))
		return;
	model_put_inbox(learn->txn, ident, &digest);
	learn->dirty = TRUE;
}

/* One at a time; a fault leaves what was not reached for another try. */
static gboolean
take_back(struct learn *learn, const struct ident *inbox, guint *taken_r,
    GError **error)
{
	g_autoptr(GArray) idents = model_find_inbox(learn->txn, inbox);

	for (guint i = 0; i < idents->len; i++) {
		const struct ident *ident =
		    &g_array_index(idents, struct ident, i);

		learn->dirty = TRUE;
		if (model_del_inbox(learn->txn, ident, inbox))
			continue;
		if (!lesson_take_back(learn, ident, error))
			return FALSE;
		*taken_r += 1;
	}
	return TRUE;
}

/* All can be read, so that `take_back` changes all or nothing. */
static gboolean
are_whole(struct learn *learn, const struct ident *inbox, GError **error)
{
	g_autoptr(GArray) idents = model_find_inbox(learn->txn, inbox);

	for (guint i = 0; i < idents->len; i++) {
		g_autofree guint64 *digests = NULL;
		g_autoptr(GError) damaged = NULL;
		struct model_lesson lesson;

		if (!model_get_lesson(learn->txn,
			&g_array_index(idents, struct ident, i), &lesson,
			&digests, &damaged))
			return err_set(error, DG_ERROR_BAD, "%s",
			    damaged != NULL ? damaged->message
					    : "the journal lacks a lesson of "
					      "its index");
	}
	return TRUE;
}

gboolean
learn_take_back_inbox(
    struct learn *learn, const char *inbox, guint *taken_r, GError **error)
{
	struct ident digest;

	*taken_r = 0;
	if (!digest_of(learn, inbox, &digest))
		return TRUE;
	return learn_enter(learn, error) &&
	       learn_leave(learn,
		   are_whole(learn, &digest, error) &&
		       take_back(learn, &digest, taken_r, error),
		   error);
}
