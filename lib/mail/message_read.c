/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is read of a message without GMime: fields in order, ids.
 */
#include <string.h>

#include "lib/base/unicode.h"
#include "lib/mail/message_private.h"
#include "lib/mail/words.h"

#define IDS_MOST 20
/* The ids of a field that are read to find the newest. */
#define CHAIN_MOST 10000

const struct message_limits message_limits_default = {
	.scan_bytes = 2 << 20,
	.headers = 1000,
	.header_bytes = 256 << 10,
	.parts = 200,
	.depth = 20,
	.addresses = 500,
	.text_bytes = 1 << 20,
	.markup_bytes = 2 << 20,
	.decoded_bytes = 64 << 20,
};

void
message_field_clear(gpointer data)
{
	struct field *field = data;

	g_free(field->name);
	g_free(field->raw);
	g_free(field->value);
}

void
message_read_fields(struct message *message)
{
	for (guint i = 0; i < message->raw.fields->len; i++) {
		const struct raw_field *raw =
		    &g_array_index(message->raw.fields, struct raw_field, i);
		gsize length = raw->value_length;
		struct field field = { 0 };

		while (length > 0 &&
		       strchr("\r\n", raw->value[length - 1]) != NULL)
			length--;
		field.name = g_strndup(raw->name, raw->name_length);
		/* NUL bytes would cut the value: they go. */
		field.raw = g_strndup(raw->value, length);
		if (memchr(raw->value, '\0', length) != NULL) {
			g_free(field.raw);
			field.raw = unicode_repair(raw->value, length);
		}
		g_array_append_val(message->fields, field);
	}
}

static struct field *
field_at(const struct message *message, guint index)
{
	return &g_array_index(message->fields, struct field, index);
}

guint
message_header_count(const struct message *message)
{
	return message->fields->len;
}

const char *
message_header_name(const struct message *message, guint index)
{
	return field_at(message, index)->name;
}

const char *
message_header_raw(const struct message *message, guint index)
{
	return field_at(message, index)->raw;
}

const char *
message_header_value(const struct message *message, guint index)
{
	struct field *field = field_at(message, index);

	if (field->value == NULL) {
		g_autofree char *text =
		    words_decode(field->raw, message->hint, VALUE_MOST);

		field->value = unicode_line(text, VALUE_MOST);
	}
	return field->value;
}

/* Most names differ in their first letter, and then nothing is called. */
static inline gboolean
is_name(const struct field *field, const char *name)
{
	return (*field->name | 0x20) == (*name | 0x20) &&
	       g_ascii_strcasecmp(field->name, name) == 0;
}

gint
message_next_field(const struct message *message, const char *name, guint from)
{
	for (guint i = from; i < message->fields->len; i++) {
		if (is_name(field_at(message, i), name))
			return i;
	}
	return -1;
}

gint
message_find_field(const struct message *message, const char *name)
{
	return message_next_field(message, name, 0);
}

const char *
message_header(const struct message *message, const char *name)
{
	gint index = message_find_field(message, name);

	return index < 0 ? NULL : message_header_value(message, index);
}

void
message_find_doubles(struct message *message)
{
	/* RFC 5322 3.6: these stand once. */
	static const char *const once[] = { "From", "Sender", "Reply-To", "To",
		"Cc", "Message-ID", "In-Reply-To", "References", "Subject",
		"Date", "Content-Type", "Content-Transfer-Encoding",
		"MIME-Version" };

	for (gsize i = 0; i < G_N_ELEMENTS(once); i++) {
		guint seen = 0;

		for (guint f = 0; f < message->fields->len; f++)
			seen += is_name(field_at(message, f), once[i]);
		if (seen > 1)
			message->oddities |= MESSAGE_ODD_DUPLICATE;
	}
}

void
message_read_ids(struct message *message)
{
	g_autoptr(GPtrArray) own = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) chain = g_ptr_array_new_with_free_func(g_free);
	gint id = message_find_field(message, "Message-ID");
	gint reply = message_find_field(message, "In-Reply-To");
	gint references = message_find_field(message, "References");

	if (id >= 0)
		raw_ids(field_at(message, id)->raw, 1, own);
	if (own->len > 0)
		message->id = g_strdup(own->pdata[0]);
	if (reply >= 0)
		raw_ids(field_at(message, reply)->raw, IDS_MOST,
		    message->references);
	/* The newest stand last there; all are read to find them. */
	if (references >= 0)
		raw_ids(field_at(message, references)->raw, CHAIN_MOST, chain);
	for (guint i = chain->len; i > 0 && message->references->len < IDS_MOST;
	     i--) {
		const char *id_text = chain->pdata[i - 1];

		if (!g_ptr_array_find_with_equal_func(
			message->references, id_text, g_str_equal, NULL))
			g_ptr_array_add(message->references, g_strdup(id_text));
	}
}

void
message_add_address(GPtrArray *list, const char *name, const char *address)
{
	struct addr *addr;
	g_autofree char *valid =
	    unicode_repair(address != NULL ? address : "", -1);
	g_autofree char *shown = unicode_repair(name != NULL ? name : "", -1);

	/* Some programs quote the whole of it. */
	g_strdelimit(valid, "\r\n\t", ' ');
	g_strstrip(valid);
	if (*valid == '\'' && g_str_has_suffix(valid, "'")) {
		*valid = valid[strlen(valid) - 1] = ' ';
		g_strstrip(valid);
	}
	if (!addr_valid(valid))
		return;
	addr = g_new(struct addr, 1);
	addr->address = g_steal_pointer(&valid);
	addr->name = unicode_line(shown, 256);
	g_ptr_array_add(list, addr);
}

guint
message_oddities(const struct message *message)
{
	return message->oddities;
}

const guint8 *
message_header_block(const struct message *message, gsize *length_r)
{
	*length_r = message->raw.header_length;
	return message->data;
}

const guint8 *
message_body_block(const struct message *message, gsize *length_r)
{
	*length_r = message->length - message->raw.body_start;
	return message->data + message->raw.body_start;
}

const char *
message_id(const struct message *message)
{
	return message->id;
}

const GPtrArray *
message_references(const struct message *message)
{
	return message->references;
}

const char *
message_subject(const struct message *message)
{
	const char *subject = message_header(message, "Subject");

	return subject != NULL ? subject : "";
}

gint64
message_date(const struct message *message, gint *zone_r)
{
	if (zone_r != NULL)
		*zone_r = message->zone;
	return message->date;
}

guint
message_part_count(const struct message *message)
{
	return message->leaves->len;
}

const struct part *
message_part(const struct message *message, guint index)
{
	return &((struct leaf *)message->leaves->pdata[index])->part;
}
