/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A webhook's bodies and answers, as values (webhook.h).
 *
 * The event is signed along with the body: a file of a customer's, taken from
 * the wire, must not pass for an order of ours.  The timestamp is, too, so that
 * a receiver can refuse what is old.
 */
#include "tickets/webhook.h"

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/owned.h"

#define ID_MOST 512 /* a url may be one */

/* --- the signature */

void
webhook_sign(const struct secret *secret, const struct webhook_signed *what,
    char text_r[WEBHOOK_SIGNATURE_TEXT])
{
	g_autoptr(GString) text = g_string_sized_new(what->length + 64);
	guint8 mac[SEAL_HMAC_BYTES];
	gsize at;

	g_string_append_printf(text, "%s.%s.", what->timestamp, what->event);
	g_string_append_len(text, what->body, (gssize)what->length);
	seal_hmac(secret, text->str, text->len, mac);
	at = g_strlcpy(text_r, "sha256=", WEBHOOK_SIGNATURE_TEXT);
	for (gsize i = 0; i < sizeof mac; i++, at += 2)
		g_snprintf(text_r + at, 3, "%02x", mac[i]);
}

/* --- the fields */

static const char *const names[] = { "inbox", "requester", "followers",
	"subject", "text", "html", "message_id", "references", "date",
	"automatic", "spam", "verdict", "note", "quoted", "department",
	"priority", "status", "tags", "attachments", "imported", NULL };

struct webhook_template {
	/* of each of `names`; NULL: left out */
	char *sent_as[G_N_ELEMENTS(names) - 1];
};

static gssize
index_of(const char *name)
{
	for (gsize i = 0; names[i] != NULL; i++)
		if (g_str_equal(names[i], name))
			return (gssize)i;
	return -1;
}

static gboolean
take_field(struct webhook_template *template, GHashTable *seen,
    const char *field, GError **error)
{
	gboolean out = field[0] == '-';
	g_auto(GStrv) words = g_strsplit(out ? field + 1 : field, "=", 2);
	guint count = g_strv_length(words);
	gssize index = count > 0 ? index_of(words[0]) : -1;

	if (index < 0)
		return err_set(error, DG_ERROR_BAD,
		    "fields: \"%s\" is no field of a ticket (contrib/doc/"
		    "desks.md lists them)",
		    field);
	if (!g_hash_table_add(seen, g_strdup(words[0])))
		return err_set(error, DG_ERROR_BAD,
		    "fields: \"%s\" is there twice", words[0]);
	if (out ? count != 1 : (count != 2 || words[1][0] == '\0'))
		return err_set(error, DG_ERROR_BAD,
		    "fields: \"%s\" is neither \"name=other\" nor \"-name\"",
		    field);
	g_free(template->sent_as[index]);
	template->sent_as[index] = out ? NULL : g_strdup(words[1]);
	return TRUE;
}

/* Ours stand beside the ticket's. */
static gboolean
check_names(const struct webhook_template *template, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	g_hash_table_add(seen, (gpointer) "event");
	g_hash_table_add(seen, (gpointer) "key");
	g_hash_table_add(seen, (gpointer) "ticket_id");
	for (gsize i = 0; names[i] != NULL; i++) {
		char *name = template->sent_as[i];

		if (name != NULL && !g_hash_table_add(seen, name))
			return err_set(error, DG_ERROR_BAD,
			    "fields: two would be called \"%s\"", name);
	}
	return TRUE;
}

struct webhook_template *
webhook_template_new(const char *const *fields, GError **error)
{
	struct webhook_template *template = g_new0(struct webhook_template, 1);
	g_autoptr(GHashTable) seen =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	gboolean good = TRUE;

	for (gsize i = 0; names[i] != NULL; i++)
		template->sent_as[i] = g_strdup(names[i]);
	for (; good && fields != NULL && *fields != NULL; fields++)
		good = take_field(template, seen, *fields, error);
	if (!good || !check_names(template, error))
		webhook_template_free(&template);
	return template;
}

void
webhook_template_free(struct webhook_template **address)
{
	if (*address == NULL)
		return;
	for (gsize i = 0; names[i] != NULL; i++)
		g_free((*address)->sent_as[i]);
	g_clear_pointer(address, g_free);
}

/* --- the bodies */

static json_t *
person(const char *address, const char *name)
{
	return json_pack("{s:o, s:o}", "address", desk_text(address), "name",
	    desk_text(name));
}

static json_t *
followers(const struct ticket *ticket)
{
	json_t *list = json_array();

	for (guint i = 0;
	     ticket->followers != NULL && i < ticket->followers->len; i++) {
		const struct addr *one = ticket->followers->pdata[i];

		json_array_append_new(list, person(one->address, one->name));
	}
	return list;
}

static json_t *
texts(const GPtrArray *array)
{
	json_t *list = json_array();

	for (guint i = 0; array != NULL && i < array->len; i++)
		json_array_append_new(list, desk_text(array->pdata[i]));
	return list;
}

static json_t *
file_json(const struct ticket_file *file, const char *reference)
{
	g_autofree char *sum =
	    g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, file->bytes);
	g_autofree char *content = NULL;
	gsize length = 0;
	const guint8 *data = g_bytes_get_data(file->bytes, &length);
	json_t *object = json_pack("{s:o, s:o, s:o, s:I, s:s}", "name",
	    desk_text(file->name), "type", desk_text(file->type), "content_id",
	    desk_text(file->content_id), "size", (json_int_t)length, "sha256",
	    sum);

	if (reference != NULL) {
		json_object_set_new(object, "reference", desk_text(reference));
		return object;
	}
	content = length > 0 ? g_base64_encode(data, length) : g_strdup("");
	json_object_set_new(object, "content", json_string_nocheck(content));
	return object;
}

static json_t *
files(const struct webhook_post *post)
{
	const GPtrArray *array = post->ticket->files;
	json_t *list = json_array();

	for (guint i = 0; array != NULL && i < array->len; i++)
		json_array_append_new(list,
		    file_json(array->pdata[i], post->references != NULL
						   ? post->references->pdata[i]
						   : NULL));
	return list;
}

/* In the order of `names`. */
static json_t *
field_json(const struct webhook_post *post, gsize index)
{
	const struct ticket *ticket = post->ticket;
	g_autofree char *date = NULL;

	switch (index) {
	case 0:
		return desk_text(ticket->inbox);
	case 1:
		return person(
		    ticket->requester_address, ticket->requester_name);
	case 2:
		return followers(ticket);
	case 3:
		return desk_text(ticket->subject);
	case 4:
		return desk_text(ticket->text);
	case 5:
		return desk_text(ticket->html);
	case 6:
		return desk_text(ticket->message_id);
	case 7:
		return texts(ticket->references);
	case 8:
		date = clock_text(ticket->date * G_USEC_PER_SEC);
		return desk_text(date);
	case 9:
		return json_boolean(ticket->automatic);
	case 10:
		return json_boolean(ticket->spam);
	case 11:
		return verdict_to_json(&ticket->verdict);
	case 12:
		return desk_text(ticket->note);
	case 13:
		return desk_text(ticket->quoted);
	case 14:
		return desk_text(ticket->department);
	case 15:
		return desk_text(ticket->priority);
	case 16:
		return desk_text(ticket->status);
	case 17:
		return texts(ticket->tags);
	case 18:
		return files(post);
	default:
		return json_boolean(ticket->imported);
	}
}

static json_t *
begun(const char *event, const char *ticket_id)
{
	json_t *object = json_pack("{s:s}", "event", event);

	if (ticket_id != NULL)
		json_object_set_new(object, "ticket_id", desk_text(ticket_id));
	return object;
}

char *
webhook_ticket_json(
    const struct webhook_template *template, const struct webhook_post *post)
{
	json_t *object = begun(post->event, post->ticket_id);
	char key[IDENT_TEXT];

	ident_text(post->key, key);
	json_object_set_new(object, "key", json_string(key));
	for (gsize i = 0; names[i] != NULL; i++)
		if (template->sent_as[i] != NULL)
			json_object_set_new(
			    object, template->sent_as[i], field_json(post, i));
	return desk_dump(object);
}

char *
webhook_event_json(const char *event, const char *ticket_id, json_t *more)
{
	json_t *object = begun(event, ticket_id);

	json_object_update_missing_new(object, more);
	return desk_dump(object);
}

/* --- the answers */

/* A member that is a text or a whole number. */
static char *
member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (json_is_integer(value))
		return g_strdup_printf(
		    "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	if (json_is_string(value) && json_string_length(value) > 0 &&
	    json_string_length(value) < ID_MOST)
		return g_strdup(json_string_value(value));
	return NULL;
}

static json_t *
load(const GString *body)
{
	return json_loadb(body->str, body->len, 0, NULL);
}

gboolean
webhook_read_found(
    const GString *body, struct desk_ticket *found_r, GError **error)
{
	json_t *object = load(body);

	found_r->id = member(object, "id");
	found_r->code = member(object, "code");
	json_decref(object);
	if (found_r->id == NULL) {
		desk_ticket_clear(found_r);
		return err_set(error, DG_ERROR_NOTFOUND,
		    "the receiver has no such ticket");
	}
	if (found_r->code == NULL)
		found_r->code = g_strdup(found_r->id);
	return TRUE;
}

void
webhook_read_made(
    const GString *body, const struct ident *key, struct desk_ticket *made_r)
{
	char text[IDENT_TEXT];

	if (webhook_read_found(body, made_r, NULL))
		return;
	ident_text(key, text);
	made_r->id = g_strdup(text);
	made_r->code = g_strdup(text);
}

char *
webhook_read_file(const GString *body, GError **error)
{
	json_t *object = load(body);
	char *id = member(object, "id");

	if (id == NULL)
		id = member(object, "url");
	json_decref(object);
	if (id == NULL)
		err_set(error, DG_ERROR_IO,
		    "the answer for a file names neither id nor url");
	return id;
}

void
webhook_read_erased(const GString *body, struct desk_erased *erased_r)
{
	json_t *object = load(body);
	const char *word =
	    json_string_value(json_object_get(object, "outcome"));
	json_int_t tickets =
	    json_integer_value(json_object_get(object, "tickets"));

	*erased_r = (struct desk_erased){ 0 };
	if (g_strcmp0(word, "open") == 0)
		erased_r->outcome = DESK_ERASE_OPEN;
	if (g_strcmp0(word, "refused") == 0)
		erased_r->outcome = DESK_ERASE_REFUSED;
	erased_r->tickets = (guint)CLAMP(tickets, 0, G_MAXINT);
	erased_r->words = member(object, "message");
	json_decref(object);
}
