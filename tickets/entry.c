/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Entries as values: their JSON form and the name they are known by.
 *
 * The key is made of what the client sent and of nothing the MTA adds, so that
 * a message sent again after a lost answer has the same name and link(2) finds
 * it there.  An id of the MTA's own making changes at every try and counts as
 * none.  The Date always counts, even where the MTA may have made it: telling
 * two messages for one would lose mail, telling one for two makes a second
 * ticket.
 *
 * A digest of several pieces takes each with its length, and a missing header
 * is told from an empty one by a byte of its own, so no two different messages
 * can be made to run into one key without breaking BLAKE2b.
 */
#include "tickets/entry.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/seal.h"

static const char *const action_words[] = {
	[ENTRY_TICKET] = "ticket",
	[ENTRY_TICKET_AS_SPAM] = "ticket-as-spam",
	[ENTRY_QUARANTINE] = "quarantine",
	[ENTRY_OUTGOING] = "outgoing",
	[ENTRY_TEACH_SPAM] = "teach-spam",
	[ENTRY_TEACH_HAM] = "teach-ham",
};

struct entry *
entry_new(void)
{
	return g_new0(struct entry, 1);
}

void
entry_free(struct entry **entry)
{
	struct entry *old = *entry;

	*entry = NULL;
	if (old == NULL)
		return;
	envelope_free(&old->envelope);
	g_clear_pointer(&old->scored, g_bytes_unref);
	g_free(old->inbox);
	g_free(old->recipient);
	g_free(old);
}

const char *
entry_action_word(enum entry_action action)
{
	g_assert((guint)action < G_N_ELEMENTS(action_words));
	return action_words[action];
}

gboolean
entry_action_parse(const char *word, enum entry_action *action_r)
{
	for (guint i = 0; i < G_N_ELEMENTS(action_words); i++) {
		if (g_str_equal(word, action_words[i])) {
			*action_r = (enum entry_action)i;
			return TRUE;
		}
	}
	return FALSE;
}

/* Text from the wire may hold any byte; JSON takes UTF-8 only. */
static json_t *
text_to_json(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);

	return json_string(valid);
}

json_t *
entry_to_json(const struct entry *entry)
{
	json_t *object = json_object();
	char key[IDENT_TEXT];

	ident_text(&entry->key, key);
	json_object_set_new(object, "key", json_string(key));
	json_object_set_new(object, "inbox", text_to_json(entry->inbox));
	json_object_set_new(
	    object, "recipient", text_to_json(entry->recipient));
	json_object_set_new(
	    object, "action", json_string(entry_action_word(entry->action)));
	json_object_set_new(
	    object, "envelope", envelope_to_json(entry->envelope));
	json_object_set_new(
	    object, "verdict", verdict_to_json(&entry->verdict));
	json_object_set_new(object, "received", json_integer(entry->received));
	json_object_set_new(
	    object, "size", json_integer((json_int_t)entry->size));
	if (entry->imported)
		json_object_set_new(object, "imported", json_true());
	if (entry->scored != NULL)
		json_object_set_new(object, "scored",
		    json_integer((json_int_t)g_bytes_get_size(entry->scored)));
	return object;
}

/* How many bytes there are of what was scored; nothing is 0. */
static gboolean
take_scored(struct entry *entry, const json_t *length)
{
	json_int_t bytes = json_integer_value(length);

	entry->scored_bytes = (guint32)bytes;
	return length == NULL ||
	       (json_is_integer(length) && bytes >= 0 && bytes <= G_MAXUINT32);
}

static gboolean
entry_fill(struct entry *entry, const json_t *object, GError **error)
{
	const char *key, *inbox, *recipient, *action;
	json_t *envelope, *verdict, *unpack = (json_t *)object;
	json_int_t received, size;

	if (json_unpack(unpack, "{s:s, s:s, s:s, s:s, s:o, s:o, s:I, s:I}",
		"key", &key, "inbox", &inbox, "recipient", &recipient, "action",
		&action, "envelope", &envelope, "verdict", &verdict, "received",
		&received, "size", &size) != 0)
		return err_set(error, DG_ERROR_BAD,
		    "entry: a member is missing or of another kind");
	if (!ident_parse(key, &entry->key))
		return err_set(error, DG_ERROR_BAD, "entry: bad key");
	if (!entry_action_parse(action, &entry->action))
		return err_set(error, DG_ERROR_BAD, "entry: unknown action");
	if (received < 0 || size < 0)
		return err_set(error, DG_ERROR_BAD, "entry: number below 0");
	entry->inbox = g_strdup(inbox);
	entry->recipient = g_strdup(recipient);
	entry->received = received;
	entry->size = (guint64)size;
	entry->imported = json_is_true(json_object_get(object, "imported"));
	if (!take_scored(entry, json_object_get(object, "scored")))
		return err_set(
		    error, DG_ERROR_BAD, "entry: no length of what was scored");
	entry->envelope = envelope_from_json(envelope, error);
	return entry->envelope != NULL &&
	       verdict_from_json(verdict, &entry->verdict, error);
}

struct entry *
entry_from_json(const json_t *object, GError **error)
{
	struct entry *entry = entry_new();

	if (!entry_fill(entry, object, error))
		entry_free(&entry);
	return entry;
}

static void
digest_text(struct seal_digest *digest, const char *text)
{
	seal_digest_add(digest, text == NULL ? "0" : "1", 1);
	if (text != NULL)
		seal_digest_add(digest, text, strlen(text));
}

void
entry_key(const struct secret *key, const struct entry_origin *origin,
    struct ident *key_r)
{
	struct seal_digest *digest =
	    seal_digest_new(secret_data(key), secret_length(key), "entry-key");
	g_autofree char *title = g_ascii_strdown(origin->inbox, -1);
	const struct envelope *envelope = origin->envelope;
	const char *id = origin->headers->message_id;
	const char *mtas_id = NULL;
	gboolean dated;
	gint64 window = GINT64_TO_BE(origin->window);

	if (id != NULL &&
	    loop_id_is_mtas(id, envelope->queue_id, envelope->mta_name)) {
		mtas_id = id;
		id = NULL;
	}
	/* Another one at each try, as such an id is. */
	dated = loop_date_is_mtas(origin->headers, mtas_id, envelope->received);
	digest_text(digest, title);
	digest_text(digest, id);
	digest_text(digest, origin->headers->from);
	digest_text(digest, dated ? NULL : origin->headers->date);
	/* The same bytes are another message when they are read otherwise. */
	digest_text(digest, origin->headers->content);
	seal_digest_add(digest, origin->body_digest, 32);
	if (id == NULL || dated) {
		digest_text(digest, envelope->sender);
		digest_text(digest, origin->headers->subject);
		seal_digest_add(digest, &window, sizeof(window));
	}
	seal_digest_end(&digest, key_r->bytes, sizeof(key_r->bytes));
}

void
entry_body_digest(const guint8 *body, gsize length, guint8 digest_r[32])
{
	struct seal_digest *digest = seal_digest_new(NULL, 0, "entry-body");
	g_autofree guint8 *plain = g_malloc(length + 1);
	gsize used = 0;

	/* One MTA hands CRLF on, another LF: the same message all the same. */
	for (gsize i = 0; i < length; i++)
		if (body[i] != '\r' || i + 1 == length || body[i + 1] != '\n')
			plain[used++] = body[i];
	seal_digest_add(digest, plain, used);
	seal_digest_end(&digest, digest_r, 32);
}
