/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message is made and freed here; GMime's share is in message.c.
 */
#include <string.h>

#include "lib/base/err.h"
#include "lib/mail/addr_list.h"
#include "lib/mail/charset.h"
#include "lib/mail/html.h"
#include "lib/mail/message_private.h"
#include "lib/mail/words.h"

/* A Date this far ahead of the message's own Received is wrong. */
#define FUTURE_MOST 86400

static void
leaf_free(gpointer data)
{
	struct leaf *leaf = data;

	g_free(leaf->part.type);
	g_free(leaf->part.charset);
	g_free(leaf->part.filename);
	g_free(leaf->part.content_id);
	g_free(leaf->text);
	g_free(leaf);
}

void
message_free(struct message **address)
{
	struct message *message = *address;

	if (message == NULL)
		return;
	message_close_tree(message);
	g_array_unref(message->fields);
	g_free(message->header);
	g_ptr_array_unref(message->leaves);
	g_ptr_array_unref(message->references);
	g_hash_table_unref(message->addresses);
	raw_clear(&message->raw);
	g_free(message->own);
	g_free(message->id);
	g_free(message->text);
	html_free(&message->markup);
	g_clear_pointer(address, g_free);
}

static void
read_date(struct message *message)
{
	gint index = message_find_field(message, "Date");
	gint hop = message_find_field(message, "Received"), ignored;
	const char *stamp;
	gint64 received = 0;

	if (index >= 0)
		message->date = message_decode_date(
		    message_header_raw(message, index), &message->zone);
	stamp =
	    hop >= 0 ? strrchr(message_header_raw(message, hop), ';') : NULL;
	if (stamp != NULL)
		received = message_decode_date(stamp + 1, &ignored);
	if (message->date == 0 ||
	    (received != 0 && message->date > received + FUTURE_MOST))
		message->oddities |= MESSAGE_ODD_DATE;
}

static void
read_field_addresses(
    const struct message *message, guint index, GPtrArray *list)
{
	const char *raw = message_header_raw(message, index);
	guint before = list->len;
	struct addr *repaired;

	if (words_are_plain(raw, VALUE_MOST) &&
	    addr_list_plain(raw, message->limits.addresses, list))
		return;
	message_parse_addresses(message, raw, list);
	if (list->len > before)
		return;
	repaired = addr_repair(message_header_value(message, index));
	if (repaired != NULL)
		g_ptr_array_add(list, repaired);
}

/* A field that must stand once and stands twice: the first that says something
 * counts, but no recipient is left out. */
static GPtrArray *
read_addresses(const struct message *message, const char *header)
{
	GPtrArray *list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)addr_free);
	gboolean all = g_ascii_strcasecmp(header, "To") == 0 ||
		       g_ascii_strcasecmp(header, "Cc") == 0;
	gint index = message_find_field(message, header);

	while (index >= 0 && (all || list->len == 0) &&
	       list->len < message->limits.addresses) {
		read_field_addresses(message, index, list);
		index = message_next_field(message, header, index + 1);
	}
	return list;
}

const GPtrArray *
message_addresses(const struct message *message, const char *header)
{
	char *key = g_ascii_strdown(header, -1);
	GPtrArray *list = g_hash_table_lookup(message->addresses, key);

	if (list == NULL) {
		list = read_addresses(message, header);
		g_hash_table_insert(message->addresses, key, list);
	} else {
		g_free(key);
	}
	return list;
}

static void
read_text(struct message *message, struct leaf *leaf)
{
	g_autoptr(GBytes) bytes = NULL;
	gboolean odd = FALSE;
	gconstpointer data = leaf->bytes;
	gsize length = leaf->length;

	if ((leaf->object == NULL && leaf->bytes == NULL) ||
	    !g_str_has_prefix(leaf->part.type, "text/"))
		return;
	if (leaf->bytes == NULL) {
		bytes = message_decode_leaf(message, leaf);
		data = g_bytes_get_data(bytes, &length);
	}
	leaf->part.size = length;
	message->decoded += length;
	if (message->decoded > message->limits.decoded_bytes) {
		message->oddities |= MESSAGE_ODD_TRUNCATED;
		return;
	}
	if (length > message->limits.text_bytes)
		message->oddities |= MESSAGE_ODD_TRUNCATED;
	leaf->text = charset_to_utf8(data != NULL ? data : "", length,
	    leaf->part.charset, message->limits.text_bytes, &odd);
	leaf->part.text = leaf->text;
	if (odd)
		message->oddities |= MESSAGE_ODD_CHARSET;
}

/* Some files have CR alone at the ends of their lines. */
static void
unify_lines(struct message *message)
{
	if (memchr(message->data, '\n', message->length) != NULL ||
	    memchr(message->data, '\r', message->length) == NULL)
		return;
	message->own = g_memdup2(message->data, message->length);
	for (gsize i = 0; i < message->length; i++) {
		if (message->own[i] == '\r')
			message->own[i] = '\n';
	}
	message->data = message->own;
}

struct message *
message_parse(const guint8 *data, gsize length,
    const struct message_limits *limits, GError **error)
{
	struct message *message;

	if (length == 0) {
		err_set(error, DG_ERROR_BAD, "the message is empty");
		return NULL;
	}
	message = g_new0(struct message, 1);
	message->data = data;
	message->length = length;
	message->limits = *limits;
	message_open_tree(message);
	message->leaves = g_ptr_array_new_with_free_func(leaf_free);
	message->references = g_ptr_array_new_with_free_func(g_free);
	message->addresses = g_hash_table_new_full(
	    g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	unify_lines(message);
	raw_read(message->data, length, limits, &message->raw);
	message->oddities = message->raw.oddities;
	message_read_fields(message);
	message_find_doubles(message);
	message_read_ids(message);
	read_date(message);
	if (!message_read_single(message))
		message_parse_tree(message);
	for (guint i = 0; i < message->leaves->len; i++)
		read_text(message, message->leaves->pdata[i]);
	return message;
}

GBytes *
message_part_bytes(struct message *message, guint index, GError **error)
{
	struct leaf *leaf = message->leaves->pdata[index];
	GBytes *bytes = message_decode_leaf(message, leaf);

	leaf->part.size = g_bytes_get_size(bytes);
	message->decoded += leaf->part.size;
	if (message->decoded <= message->limits.decoded_bytes)
		return bytes;
	message->oddities |= MESSAGE_ODD_TRUNCATED;
	g_bytes_unref(bytes);
	err_set(error, DG_ERROR_FULL, "the parts are larger than is read");
	return NULL;
}
