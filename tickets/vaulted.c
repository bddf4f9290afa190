/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From sealed bytes to an entry and its message, and from the intake key to the
 * person's.
 *
 * The message key is boxed to an intake key in the head of msg/KEY, and once an
 * entry was claimed it is also wrapped by the person's data key in wrap/KEY.
 * Where a whole wrap stands it alone counts: that the intake key would still
 * open the message must not bring back what was erased.  The box is taken only
 * when there is no wrap, or when the wrap is not one of these bytes: a drop
 * that a crash cut short can leave a wrap behind, and the same message can come
 * again under the same name with a new message key.
 *
 * wrap/KEY: "DGW1", subject (16), the message key wrapped by the data key.
 */
#include "tickets/vaulted.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"

#define WRAP_MAGIC "DGW1"
#define WRAP_HEAD (4 + IDENT_BYTES)

static struct secret *
key_from_box(const struct vaulted *vaulted, GBytes *head, GError **error)
{
	struct secret *secret OWNED(secret_free) = NULL;
	gsize length;
	const guint8 *data = g_bytes_get_data(head, &length);
	struct ident id;

	if (length < SPOOL_HEAD_BYTES || memcmp(data, SPOOL_MAGIC, 4) != 0) {
		err_set(error, DG_ERROR_BAD, "the entry's head is damaged");
		return NULL;
	}
	memcpy(id.bytes, data + 4, IDENT_BYTES);
	secret = intake_secret(vaulted->intake, &id, error);
	if (secret == NULL)
		return NULL;
	return seal_box_open(
	    secret, data + 4 + IDENT_BYTES, SPOOL_BOX_BYTES, error);
}

/* FALSE when the wrap is not in the form of one. */
static gboolean
wrap_subject(GBytes *wrap, struct ident *subject_r)
{
	gsize length;
	const guint8 *data = g_bytes_get_data(wrap, &length);

	if (length <= WRAP_HEAD || memcmp(data, WRAP_MAGIC, 4) != 0)
		return FALSE;
	memcpy(subject_r->bytes, data + 4, IDENT_BYTES);
	return TRUE;
}

gboolean
vaulted_subject(const struct vaulted *vaulted, const struct ident *key,
    struct ident *subject_r)
{
	g_autoptr(GBytes) wrap = spool_wrap(vaulted->spool, key, NULL);

	return wrap != NULL && wrap_subject(wrap, subject_r);
}

/* The message key from the wrap. BAD: no such wrap, look at the box. */
static struct secret *
key_from_wrap(
    const struct vaulted *vaulted, const struct ident *key, GError **error)
{
	g_autoptr(GError) fault = NULL;
	g_autoptr(GBytes) wrap = spool_wrap(vaulted->spool, key, &fault);
	struct secret *data_key OWNED(secret_free) = NULL;
	struct ident subject;
	gsize length;
	const guint8 *data;

	if (wrap == NULL && !err_is(fault, DG_ERROR_NOTFOUND)) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return NULL;
	}
	if (wrap == NULL || !wrap_subject(wrap, &subject)) {
		err_set(error, DG_ERROR_BAD, "no wrap");
		return NULL;
	}
	data_key = vault_key(vaulted->vault, &subject, FALSE, error);
	if (data_key == NULL) {
		g_prefix_error(error, "erased? ");
		return NULL;
	}
	data = g_bytes_get_data(wrap, &length);
	return seal_unwrap(
	    data_key, data + WRAP_HEAD, length - WRAP_HEAD, error);
}

/* Opens the stream of the entry's bytes with the key from this source. */
static GBytes *
stream_open(const struct secret *message_key, const struct ident *key,
    GBytes *bytes, GError **error)
{
	char name[IDENT_TEXT];
	gsize length;
	const guint8 *data = g_bytes_get_data(bytes, &length);

	ident_text(key, name);
	if (length < SPOOL_HEAD_BYTES || memcmp(data, SPOOL_MAGIC, 4) != 0) {
		err_set(error, DG_ERROR_BAD, "the entry's head is damaged");
		return NULL;
	}
	return seal_stream_open(message_key, name, data + SPOOL_HEAD_BYTES,
	    length - SPOOL_HEAD_BYTES, error);
}

static GBytes *
vaulted_open(const struct vaulted *vaulted, const struct ident *key,
    GBytes *bytes, GError **error)
{
	g_autoptr(GError) fault = NULL;
	struct secret *inner OWNED(secret_free) =
	    key_from_wrap(vaulted, key, &fault);
	GBytes *plain;

	if (inner != NULL) {
		plain = stream_open(inner, key, bytes, &fault);
		if (plain != NULL)
			return plain;
	}
	if (!err_is(fault, DG_ERROR_BAD)) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return NULL;
	}
	secret_free(&inner);
	inner = key_from_box(vaulted, bytes, error);
	return inner == NULL ? NULL : stream_open(inner, key, bytes, error);
}

/* The JSON's entry, of this very key. */
static struct entry *
head_read(
    const char *data, gsize length, const struct ident *key, GError **error)
{
	json_t *object = json_loadb(data, length, 0, NULL);
	struct entry *entry;

	if (object == NULL) {
		err_set(error, DG_ERROR_BAD, "the entry is not JSON");
		return NULL;
	}
	entry = entry_from_json(object, error);
	json_decref(object);
	if (entry != NULL && !ident_equal(&entry->key, key)) {
		entry_free(&entry);
		err_set(error, DG_ERROR_BAD, "another entry's bytes");
	}
	return entry;
}

/* The plain bytes are the entry's JSON, a NUL, what was scored, the message. */
static gboolean
plain_split(GBytes *plain, const struct ident *key, struct entry **entry_r,
    GBytes **message_r, GError **error)
{
	gsize length, at;
	const char *data = g_bytes_get_data(plain, &length);
	const char *end = length == 0 ? NULL : memchr(data, '\0', length);
	struct entry *entry OWNED(entry_free) = NULL;

	if (end == NULL)
		return err_set(error, DG_ERROR_BAD, "the entry has no head");
	at = (gsize)(end + 1 - data);
	entry = head_read(data, at - 1, key, error);
	if (entry == NULL)
		return FALSE;
	if (entry->scored_bytes > length - at)
		return err_set(error, DG_ERROR_BAD, "the entry is cut");
	if (entry->scored_bytes > 0)
		entry->scored =
		    g_bytes_new_from_bytes(plain, at, entry->scored_bytes);
	at += entry->scored_bytes;
	if (message_r != NULL)
		*message_r = g_bytes_new_from_bytes(plain, at, length - at);
	if (entry_r != NULL)
		*entry_r = g_steal_pointer(&entry);
	return TRUE;
}

gboolean
vaulted_read(const struct vaulted *vaulted, const struct ident *key,
    struct entry **entry_r, GBytes **message_r, GError **error)
{
	g_autoptr(GBytes) bytes = spool_bytes(vaulted->spool, key, error);
	g_autoptr(GBytes) plain = NULL;

	if (bytes == NULL)
		return FALSE;
	plain = vaulted_open(vaulted, key, bytes, error);
	return plain != NULL &&
	       plain_split(plain, key, entry_r, message_r, error);
}

/* Whether a wrap to this very person stands, and is one of these bytes. */
static gboolean
wrap_stands(const struct vaulted *vaulted, const struct ident *key,
    const struct ident *subject, struct secret **inner_r, GError **error)
{
	g_autoptr(GBytes) head = spool_head(vaulted->spool, key, error);
	g_autoptr(GBytes) wrap = spool_wrap(vaulted->spool, key, NULL);
	struct secret *inner OWNED(secret_free) = NULL;
	struct ident holder;

	*inner_r = NULL;
	if (head == NULL)
		return FALSE;
	*inner_r = key_from_box(vaulted, head, NULL);
	inner = key_from_wrap(vaulted, key, *inner_r == NULL ? error : NULL);
	if (inner == NULL)
		return FALSE;
	if (*inner_r != NULL &&
	    !secret_equal(secret_data(*inner_r), secret_length(*inner_r),
		secret_data(inner), secret_length(inner)))
		return FALSE; /* an older message's wrap */
	if (wrap != NULL && wrap_subject(wrap, &holder) &&
	    ident_equal(&holder, subject))
		return TRUE;
	if (*inner_r == NULL)
		*inner_r = g_steal_pointer(&inner);
	return FALSE;
}

gboolean
vaulted_is_wrapped(const struct vaulted *vaulted, const struct ident *key)
{
	g_autoptr(GBytes) head = spool_head(vaulted->spool, key, NULL);
	g_autoptr(GError) fault = NULL;
	struct secret *boxed OWNED(secret_free) =
	    head == NULL ? NULL : key_from_box(vaulted, head, NULL);
	struct secret *inner OWNED(secret_free) =
	    key_from_wrap(vaulted, key, &fault);

	if (inner == NULL)
		return err_is(fault, DG_ERROR_NOTFOUND);
	return boxed == NULL ||
	       secret_equal(secret_data(boxed), secret_length(boxed),
		   secret_data(inner), secret_length(inner));
}

gboolean
vaulted_wrap(const struct vaulted *vaulted, const struct ident *key,
    const struct ident *subject, GError **error)
{
	struct secret *inner OWNED(secret_free) = NULL;
	struct secret *data_key OWNED(secret_free) = NULL;
	g_autoptr(GError) fault = NULL;
	g_autoptr(GBytes) wrap = NULL;
	GByteArray *bytes;
	gboolean stored;

	if (wrap_stands(vaulted, key, subject, &inner, &fault))
		return TRUE;
	if (inner == NULL) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	data_key = vault_key(vaulted->vault, subject, TRUE, error);
	if (data_key == NULL)
		return FALSE;
	wrap = seal_wrap(data_key, inner);
	bytes = g_byte_array_new();
	g_byte_array_append(bytes, (const guint8 *)WRAP_MAGIC, 4);
	g_byte_array_append(bytes, subject->bytes, IDENT_BYTES);
	g_byte_array_append(
	    bytes, g_bytes_get_data(wrap, NULL), (guint)g_bytes_get_size(wrap));
	stored =
	    spool_set_wrap(vaulted->spool, key, bytes->data, bytes->len, error);
	g_byte_array_unref(bytes);
	return stored;
}

gboolean
vaulted_needs_intake(const struct vaulted *vaulted, const struct ident *id)
{
	g_autoptr(GArray) keys = spool_keys(vaulted->spool, NULL);

	if (keys == NULL)
		return TRUE; /* in doubt it is needed */
	for (guint i = 0; i < keys->len; i++) {
		const struct ident *key = &g_array_index(keys, struct ident, i);
		g_autoptr(GError) fault = NULL;
		g_autoptr(GBytes) head = NULL;
		const guint8 *data;

		if (spool_has_wrap(vaulted->spool, key))
			continue;
		head = spool_head(vaulted->spool, key, &fault);
		if (head == NULL && (err_is(fault, DG_ERROR_NOTFOUND) ||
					err_is(fault, DG_ERROR_BAD)))
			continue; /* gone, or cut so short that no key helps */
		if (head == NULL)
			return TRUE;
		data = g_bytes_get_data(head, NULL);
		if (memcmp(data + 4, id->bytes, IDENT_BYTES) == 0)
			return TRUE;
	}
	return FALSE;
}
