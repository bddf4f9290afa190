/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One message, read.  GMime is used here and nowhere else, for MIME structure,
 * transfer encodings, RFC 2047 words, addresses and dates; header fields come
 * from our own reading of the bytes (raw.c), in order and with repeats, and
 * charsets from charset.c.
 *
 * Never called on received parts: GMime's boundary and parameter encoders (they
 * hang for ever on some input: gmime #165).
 */
#include "lib/mail/message.h"

#include <gmime/gmime.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/unicode.h"
#include "lib/mail/charset.h"
#include "lib/mail/html.h"
#include "lib/mail/message_private.h"
#include "lib/mail/raw.h"

/* A decoded header value is cut here. */
#define VALUE_MOST 65536

void
message_prepare(void)
{
	g_mime_init();
	charset_prepare();
}

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
	g_clear_object(&message->tree);
	g_clear_pointer(&message->options, g_mime_parser_options_free);
	g_array_unref(message->fields);
	g_ptr_array_unref(message->leaves);
	g_ptr_array_unref(message->references);
	g_hash_table_unref(message->addresses);
	raw_clear(&message->raw);
	g_free(message->id);
	g_free(message->text);
	html_free(&message->markup);
	g_clear_pointer(address, g_free);
}

/* --- header --- */

/* Valid UTF-8 from a raw value: words of RFC 2047 decoded, folds undone. */
char *
message_decode_value(struct message *message, const char *raw)
{
	g_autofree char *unfolded = g_mime_utils_header_unfold(raw);
	gboolean odd = FALSE;
	g_autofree char *utf8 =
	    charset_to_utf8(unfolded, strlen(unfolded), NULL, VALUE_MOST, &odd);
	g_autofree char *decoded =
	    g_mime_utils_header_decode_text(message->options, utf8);
	g_autofree char *valid = unicode_repair(decoded, -1);

	return unicode_line(valid, VALUE_MOST);
}

static void
read_date(struct message *message)
{
	gint index = message_find_field(message, "Date");
	GDateTime *date = index < 0 ? NULL
				    : g_mime_utils_header_decode_date(
					  message_header_raw(message, index));

	if (date == NULL) {
		message->oddities |= MESSAGE_ODD_DATE;
		return;
	}
	message->date = g_date_time_to_unix(date);
	message->zone = g_date_time_get_utc_offset(date) / G_TIME_SPAN_MINUTE;
	g_date_time_unref(date);
}

/* --- addresses --- */

static void
add_address(GPtrArray *list, const char *name, const char *address)
{
	struct addr *addr;
	g_autofree char *trimmed = g_strdup(address != NULL ? address : "");
	g_autofree char *valid = unicode_repair(g_strstrip(trimmed), -1);
	g_autofree char *shown = unicode_repair(name != NULL ? name : "", -1);

	if (!addr_valid(valid))
		return;
	addr = g_new(struct addr, 1);
	addr->address = g_steal_pointer(&valid);
	addr->name = unicode_line(shown, 256);
	g_ptr_array_add(list, addr);
}

static void
flatten(InternetAddressList *from, guint depth, guint max, GPtrArray *list)
{
	for (int i = 0;
	     i < internet_address_list_length(from) && list->len < max; i++) {
		InternetAddress *one =
		    internet_address_list_get_address(from, i);

		if (INTERNET_ADDRESS_IS_MAILBOX(one))
			add_address(list, internet_address_get_name(one),
			    internet_address_mailbox_get_addr(
				INTERNET_ADDRESS_MAILBOX(one)));
		else if (INTERNET_ADDRESS_IS_GROUP(one) && depth < 4)
			flatten(internet_address_group_get_members(
				    INTERNET_ADDRESS_GROUP(one)),
			    depth + 1, max, list);
	}
}

/* What is plain though the syntax is not: the first thing that looks like
 * local@domain, also with blanks around the @. */
static void
repair_addresses(const char *value, GPtrArray *list)
{
	g_autoptr(GRegex) regex =
	    g_regex_new("([^\\s<>\"'(),;:@]+)\\s*@\\s*([^\\s<>\"'(),;:@]+\\.[^"
			"\\s<>\"'(),;:@]+)",
		0, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	if (g_regex_match(regex, value, 0, &match)) {
		g_autofree char *local = g_match_info_fetch(match, 1);
		g_autofree char *domain = g_match_info_fetch(match, 2);
		g_autofree char *address =
		    g_strconcat(local, "@", domain, NULL);

		add_address(list, "", address);
	}
}

static GPtrArray *
read_addresses(const struct message *message, const char *header)
{
	GPtrArray *list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)addr_free);
	gint index = message_find_field(message, header);
	InternetAddressList *parsed;
	g_autofree char *utf8 = NULL;
	gboolean odd = FALSE;

	if (index < 0)
		return list;
	utf8 = charset_to_utf8(message_header_raw(message, index),
	    strlen(message_header_raw(message, index)), NULL, VALUE_MOST, &odd);
	parsed = internet_address_list_parse(message->options, utf8);
	if (parsed != NULL) {
		flatten(parsed, 0, message->limits.addresses, list);
		g_object_unref(parsed);
	}
	if (list->len == 0)
		repair_addresses(message_header_value(message, index), list);
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

/* --- parts --- */

static gboolean
is_multipart_alternative(GMimeObject *object)
{
	return object != NULL && g_mime_content_type_is_type(
				     g_mime_object_get_content_type(object),
				     "multipart", "alternative");
}

static char *
part_filename(GMimeObject *object)
{
	const char *name =
	    GMIME_IS_PART(object)
		? g_mime_part_get_filename(GMIME_PART(object))
		: g_mime_object_get_content_disposition_parameter(
		      object, "filename");
	g_autofree char *utf8 = NULL;
	g_autofree char *decoded = NULL;
	gboolean odd = FALSE;

	if (name == NULL)
		return NULL;
	utf8 = charset_to_utf8(name, strlen(name), NULL, 4096, &odd);
	decoded = g_mime_utils_header_decode_text(NULL, utf8);
	return raw_safe_name(decoded);
}

static void
describe(
    struct leaf *leaf, GMimeObject *object, GMimeObject *parent, guint depth)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	g_autofree char *full = g_mime_content_type_get_mime_type(type);
	const char *charset =
	    g_mime_content_type_get_parameter(type, "charset");
	const char *disposition = g_mime_object_get_disposition(object);
	const char *id = g_mime_object_get_content_id(object);
	struct part *part = &leaf->part;
	gboolean text,
	    declared = disposition != NULL &&
		       g_ascii_strcasecmp(disposition, "attachment") == 0;

	leaf->object = object;
	part->type = g_ascii_strdown(full, -1);
	part->charset = charset != NULL ? g_ascii_strdown(charset, -1) : NULL;
	part->filename = part_filename(object);
	part->content_id = id != NULL ? unicode_repair(id, -1) : NULL;
	part->depth = depth;
	part->alternative = is_multipart_alternative(parent);
	text = g_str_has_prefix(part->type, "text/plain") ||
	       g_str_has_prefix(part->type, "text/html");
	part->inline_image = !declared && part->content_id != NULL &&
			     g_str_has_prefix(part->type, "image/");
	part->attachment = declared || !text || part->filename != NULL;
}

/* Where a part stands in the tree. */
struct place {
	GMimeObject *parent;
	guint depth, group, branch;
};

static void
walk(struct message *message, GMimeObject *object, struct place place)
{
	struct leaf *leaf;

	if (object == NULL)
		return;
	if (message->leaves->len >= message->limits.parts ||
	    place.depth > message->limits.depth) {
		message->oddities |= MESSAGE_ODD_TRUNCATED;
		return;
	}
	if (GMIME_IS_MULTIPART(object)) {
		GMimeMultipart *multipart = GMIME_MULTIPART(object);
		int count = g_mime_multipart_get_count(multipart);
		gboolean choice =
		    place.group == 0 && is_multipart_alternative(object);

		if (count == 0)
			message->oddities |= MESSAGE_ODD_BOUNDARY;
		place.parent = object;
		place.depth++;
		if (choice)
			place.group = ++message->groups;
		for (int i = 0; i < count; i++) {
			if (choice)
				place.branch = i;
			walk(message, g_mime_multipart_get_part(multipart, i),
			    place);
		}
		return;
	}
	leaf = g_new0(struct leaf, 1);
	describe(leaf, object, place.parent, place.depth);
	leaf->group = place.group;
	leaf->branch = place.branch;
	g_ptr_array_add(message->leaves, leaf);
}

/* The decoded bytes of a leaf, not counted against the ceiling. */
static GBytes *
decode_leaf(const struct leaf *leaf)
{
	GMimeStream *stream = g_mime_stream_mem_new();
	GByteArray *bytes;

	if (GMIME_IS_PART(leaf->object)) {
		GMimeDataWrapper *content =
		    g_mime_part_get_content(GMIME_PART(leaf->object));

		if (content != NULL)
			g_mime_data_wrapper_write_to_stream(content, stream);
	} else if (GMIME_IS_MESSAGE_PART(leaf->object)) {
		GMimeMessage *inner = g_mime_message_part_get_message(
		    GMIME_MESSAGE_PART(leaf->object));

		if (inner != NULL)
			g_mime_object_write_to_stream(
			    GMIME_OBJECT(inner), NULL, stream);
	}
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	g_object_unref(stream);
	return g_byte_array_free_to_bytes(bytes);
}

static void
read_text(struct message *message, struct leaf *leaf)
{
	g_autoptr(GBytes) bytes = NULL;
	gboolean odd = FALSE;
	gconstpointer data;
	gsize length;

	if (!g_str_has_prefix(leaf->part.type, "text/"))
		return;
	bytes = decode_leaf(leaf);
	data = g_bytes_get_data(bytes, &length);
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

static void
parse_tree(struct message *message)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(
	    (const char *)message->data, message->raw.usable);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);

	g_mime_parser_set_persist_stream(parser, FALSE);
	message->tree =
	    g_mime_parser_construct_message(parser, message->options);
	g_object_unref(parser);
	g_object_unref(stream);
	if (message->tree == NULL)
		return;
	walk(message, g_mime_message_get_mime_part(message->tree),
	    (struct place){ 0 });
	for (guint i = 0; i < message->leaves->len; i++)
		read_text(message, message->leaves->pdata[i]);
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
	message->options = g_mime_parser_options_new();
	message->fields = g_array_new(FALSE, TRUE, sizeof(struct field));
	g_array_set_clear_func(message->fields, message_field_clear);
	message->leaves = g_ptr_array_new_with_free_func(leaf_free);
	message->references = g_ptr_array_new_with_free_func(g_free);
	message->addresses = g_hash_table_new_full(
	    g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	raw_read(data, length, limits, &message->raw);
	message->oddities = message->raw.oddities;
	message_read_fields(message);
	message_find_doubles(message);
	message_read_ids(message);
	read_date(message);
	parse_tree(message);
	return message;
}

GBytes *
message_part_bytes(struct message *message, guint index, GError **error)
{
	struct leaf *leaf = message->leaves->pdata[index];
	GBytes *bytes = decode_leaf(leaf);

	leaf->part.size = g_bytes_get_size(bytes);
	message->decoded += leaf->part.size;
	if (message->decoded <= message->limits.decoded_bytes)
		return bytes;
	message->oddities |= MESSAGE_ODD_TRUNCATED;
	g_bytes_unref(bytes);
	err_set(error, DG_ERROR_FULL, "the parts are larger than is read");
	return NULL;
}
