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

static void
clear_field(gpointer data)
{
	struct field *field = data;

	g_free(field->repaired);
	g_free(field->value);
}

/* The length and the first letters of a name: names of different keys differ,
 * whatever the case.  Each field is looked for by dozens of names. */
static guint64
name_key(const char *name, gsize length)
{
	guint64 key = (guint8)length;

	for (gsize i = 0; i < MIN(length, 7); i++)
		key = key << 8 | (guint8)(name[i] | 0x20);
	return key;
}

/* Copies `length` bytes and a NUL to *to_r, which is moved behind them. */
static const char *
put_text(char **to_r, const char *text, gsize length)
{
	char *to = *to_r;

	memcpy(to, text, length);
	to[length] = '\0';
	*to_r = to + length + 1;
	return to;
}

static struct field
read_field(const struct raw_field *raw, char **to_r)
{
	gsize length = raw->value_length;
	struct field field = { .key = name_key(raw->name, raw->name_length) };

	while (length > 0 && strchr("\r\n", raw->value[length - 1]) != NULL)
		length--;
	field.name = put_text(to_r, raw->name, raw->name_length);
	/* NUL bytes would cut the value: they go. */
	if (memchr(raw->value, '\0', length) != NULL)
		field.raw = field.repaired = unicode_repair(raw->value, length);
	else
		field.raw = put_text(to_r, raw->value, length);
	return field;
}

void
message_read_fields(struct message *message)
{
	const GArray *raws = message->raw.fields;
	gsize room = 0;
	char *to;

	for (guint i = 0; i < raws->len; i++) {
		const struct raw_field *raw =
		    &g_array_index(raws, struct raw_field, i);

		room += raw->name_length + raw->value_length + 2;
	}
	message->header = to = g_malloc(room);
	message->fields =
	    g_array_sized_new(FALSE, FALSE, sizeof(struct field), raws->len);
	g_array_set_clear_func(message->fields, clear_field);
	for (guint i = 0; i < raws->len; i++) {
		struct field field =
		    read_field(&g_array_index(raws, struct raw_field, i), &to);

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

	if (field->value == NULL && words_are_plain(field->raw, VALUE_MOST)) {
		field->value = unicode_line(field->raw, VALUE_MOST);
	} else if (field->value == NULL) {
		g_autofree char *text =
		    words_decode(field->raw, message->hint, VALUE_MOST);

		field->value = unicode_line(text, VALUE_MOST);
	}
	return field->value;
}

static inline gboolean
is_name(const struct field *field, guint64 key, const char *name)
{
	return field->key == key && g_ascii_strcasecmp(field->name, name) == 0;
}

gint
message_next_field(const struct message *message, const char *name, guint from)
{
	guint64 key = name_key(name, strlen(name));

	for (guint i = from; i < message->fields->len; i++) {
		if (is_name(field_at(message, i), key, name))
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
		gint first = message_find_field(message, once[i]);

		if (first >= 0 &&
		    message_next_field(message, once[i], first + 1) >= 0)
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
