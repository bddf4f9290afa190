/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sealing for the embedded desk: each person's words are encrypted by that
 * person's data key, so that destroying the key erases them.
 *
 * A message is made ready as a whole (local_parts) before a transaction begins:
 * sealing costs time, and the vault may have to write a new key, which should
 * not be done while the database is locked.
 */
#include "tickets/desk_local_private.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/mail/addr.h"
#include "lib/privacy/subject.h"

/* 9999-12-31: a Date header may say anything. */
#define LATEST G_GINT64_CONSTANT(253402214400)

static void
digest_text(const struct local *local, const char *domain, const char *text,
    guint8 digest_r[IDENT_BYTES])
{
	struct seal_digest *digest =
	    seal_digest_new(secret_data(local->subject_key),
		secret_length(local->subject_key), domain);

	seal_digest_add(digest, text, strlen(text));
	seal_digest_end(&digest, digest_r, IDENT_BYTES);
}

void
local_person(
    const struct local *local, const char *address, struct ident *person_r)
{
	if (!subject_ident(local->subject_key, address, person_r))
		digest_text(
		    local, "desk-local unaddressed", address, person_r->bytes);
}

void
local_mail_digest(const struct local *local, const char *message_id,
    guint8 digest_r[IDENT_BYTES])
{
	digest_text(local, "desk-local message-id", message_id, digest_r);
}

json_t *
local_people(const char *name, const char *address)
{
	return json_pack("{s:o, s:o}", "name", desk_text(name), "address",
	    desk_text(address));
}

static char *
context_of(const char *kind)
{
	return g_strconcat("desk-local ", kind, NULL);
}

static GBytes *
seal_bytes(const struct secret *key, const char *kind, GBytes *plain)
{
	g_autofree char *context = context_of(kind);

	return seal_stream(key, context, plain);
}

GBytes *
local_seal(const struct secret *key, const char *kind, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);
	g_autoptr(GBytes) plain = NULL;

	g_assert(text != NULL);
	plain = g_bytes_new_with_free_func(text, strlen(text), free, text);
	return seal_bytes(key, kind, plain);
}

GBytes *
local_open_bytes(const struct local *local, const struct ident *person,
    const char *kind, GBytes *sealed, GError **error)
{
	struct secret *key OWNED(secret_free) = NULL;
	g_autofree char *context = context_of(kind);
	gsize length = 0;
	const void *data = g_bytes_get_data(sealed, &length);
	GBytes *plain;

	key = vault_key(local->vault, person, FALSE, error);
	if (key == NULL)
		return NULL;
	plain = seal_stream_open(key, context, data, length, NULL);
	if (plain == NULL)
		err_set(error, DG_ERROR_NOTFOUND,
		    "%s: sealed by a key that is no more", kind);
	return plain;
}

json_t *
local_open(const struct local *local, const struct ident *person,
    const char *kind, GBytes *sealed, GError **error)
{
	g_autoptr(GBytes) plain = NULL;
	gsize length = 0;
	const char *text;
	json_t *value;

	plain = local_open_bytes(local, person, kind, sealed, error);
	if (plain == NULL)
		return NULL;
	text = g_bytes_get_data(plain, &length);
	value = json_loadb(text != NULL ? text : "", length, 0, NULL);
	if (value == NULL)
		err_set(error, DG_ERROR_IO, "%s: damaged", kind);
	return value;
}

static void
file_free(struct local_file *file)
{
	g_bytes_unref(file->about);
	g_bytes_unref(file->bytes);
	g_free(file);
}

static GBytes *
seal_and_drop(const struct secret *key, const char *kind, json_t *value)
{
	GBytes *sealed = local_seal(key, kind, value);

	json_decref(value);
	return sealed;
}

static void
seal_files(struct local_parts *parts, const struct ticket *ticket)
{
	for (guint i = 0; ticket->files != NULL && i < ticket->files->len;
	     i++) {
		const struct ticket_file *from = ticket->files->pdata[i];
		struct local_file *file = g_new0(struct local_file, 1);

		file->size = g_bytes_get_size(from->bytes);
		file->about = seal_and_drop(parts->key, "attachment",
		    json_pack("{s:o, s:o, s:o}", "name", desk_text(from->name),
			"type", desk_text(from->type), "content_id",
			desk_text(from->content_id)));
		file->bytes = seal_bytes(parts->key, "bytes", from->bytes);
		g_ptr_array_add(parts->files, file);
	}
}

static json_t *
followers(const struct ticket *ticket)
{
	json_t *list = json_array();

	for (guint i = 0;
	     ticket->followers != NULL && i < ticket->followers->len; i++) {
		const struct addr *one = ticket->followers->pdata[i];

		json_array_append_new(
		    list, local_people(one->name, one->address));
	}
	return list;
}

static void
seal_texts(const struct local *local, struct local_parts *parts,
    const struct ticket *ticket)
{
	parts->contact = seal_and_drop(parts->key, "contact",
	    local_contact(local, &parts->person, ticket->requester_name,
		ticket->requester_address));
	parts->ticket = seal_and_drop(parts->key, "ticket",
	    json_pack("{s:o, s:o}", "subject", desk_text(ticket->subject),
		"followers", followers(ticket)));
	parts->message = seal_and_drop(parts->key, "message",
	    json_pack("{s:o, s:o, s:o, s:o, s:o}", "text",
		desk_text(ticket->text), "quoted", desk_text(ticket->quoted),
		"html", desk_text(ticket->html), "message_id",
		desk_text(ticket->message_id), "subject",
		desk_text(ticket->subject)));
	if (ticket->note != NULL && ticket->note[0] != '\0')
		parts->note = seal_and_drop(parts->key, "message",
		    json_pack("{s:o, s:s}", "text", desk_text(ticket->note),
			"actor", "deskgate"));
}

struct local_parts *
local_parts_new(const struct local *local, const struct ticket *ticket,
    const struct ident *key, GError **error)
{
	struct local_parts *parts OWNED(local_parts_free) =
	    g_new0(struct local_parts, 1);

	parts->files =
	    g_ptr_array_new_with_free_func((GDestroyNotify)file_free);
	local_person(local, ticket->requester_address, &parts->person);
	parts->key = vault_key(local->vault, &parts->person, TRUE, error);
	if (parts->key == NULL)
		return NULL;
	parts->entry = *key;
	parts->sent = CLAMP(ticket->date, 0, LATEST) * G_USEC_PER_SEC;
	parts->automatic = ticket->automatic;
	seal_texts(local, parts, ticket);
	seal_files(parts, ticket);
	if (ticket->message_id != NULL) {
		local_mail_digest(local, ticket->message_id, parts->mail);
		parts->has_mail = TRUE;
	}
	return g_steal_pointer(&parts);
}

void
local_parts_free(struct local_parts **parts)
{
	if (*parts == NULL)
		return;
	secret_free(&(*parts)->key);
	g_clear_pointer(&(*parts)->contact, g_bytes_unref);
	g_clear_pointer(&(*parts)->ticket, g_bytes_unref);
	g_clear_pointer(&(*parts)->message, g_bytes_unref);
	g_clear_pointer(&(*parts)->note, g_bytes_unref);
	g_ptr_array_unref((*parts)->files);
	g_free(*parts);
	*parts = NULL;
}
