/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One message, read.  GMime is used here and nowhere else, for MIME structure,
 * transfer encodings, parameters, addresses and dates; header fields come from
 * our own reading of the bytes (raw.c), in order and with repeats, their words
 * from words.c, and charsets from charset.c.
 *
 * GMime is not given the header, only the four fields that say how the body is
 * built, each once: it would parse addresses and dates nobody asked for, and
 * 200,000 fields took it 105 MB.  Messages within a message are leaves to it
 * (message_prepare): their bytes stay as they are, and nesting costs nothing.
 *
 * Never called on received parts: GMime's boundary and parameter encoders (they
 * hang for ever on some input: gmime #165), and so no writing of objects.
 */
#include "lib/mail/message.h"

#include <gmime/gmime.h>
#include <string.h>

#include "lib/base/leak.h"
#include "lib/base/unicode.h"
#include "lib/mail/charset.h"
#include "lib/mail/encoding.h"
#include "lib/mail/message_private.h"
#include "lib/mail/raw.h"
#include "lib/mail/words.h"

#define NAME_MOST 4096
#define ID_MOST 256

void
message_prepare(void)
{
	static const char *const leaves[] = { "rfc822", "rfc2822", "global",
		"news", "partial" };

	/* Its own classes for these types are replaced, and lost. */
	leak_expect_begin();
	g_mime_init();
	for (gsize i = 0; i < G_N_ELEMENTS(leaves); i++)
		g_mime_object_register_type(
		    "message", leaves[i], GMIME_TYPE_PART);
	leak_expect_end();
	charset_prepare();
}

void
message_open_tree(struct message *message)
{
	message->options = g_mime_parser_options_new();
}

void
message_close_tree(struct message *message)
{
	g_clear_object(&message->tree);
	g_clear_pointer(&message->options, g_mime_parser_options_free);
}

gint64
message_decode_date(const char *text, gint *zone_r)
{
	GDateTime *date = g_mime_utils_header_decode_date(text);
	gint64 seconds;

	if (date == NULL)
		return 0;
	seconds = g_date_time_to_unix(date);
	*zone_r = g_date_time_get_utc_offset(date) / G_TIME_SPAN_MINUTE;
	g_date_time_unref(date);
	return MAX(seconds, 0);
}

/* --- addresses --- */

static void
flatten(InternetAddressList *from, guint depth, guint max, GPtrArray *list)
{
	for (int i = 0;
	     i < internet_address_list_length(from) && list->len < max; i++) {
		InternetAddress *one =
		    internet_address_list_get_address(from, i);

		if (INTERNET_ADDRESS_IS_MAILBOX(one))
			message_add_address(list,
			    internet_address_get_name(one),
			    internet_address_mailbox_get_addr(
				INTERNET_ADDRESS_MAILBOX(one)));
		else if (INTERNET_ADDRESS_IS_GROUP(one) && depth < 4)
			flatten(internet_address_group_get_members(
				    INTERNET_ADDRESS_GROUP(one)),
			    depth + 1, max, list);
	}
}

void
message_parse_addresses(
    const struct message *message, const char *raw, GPtrArray *list)
{
	g_autofree char *text = words_recode(raw, message->hint, VALUE_MOST);
	InternetAddressList *parsed =
	    internet_address_list_parse(message->options, text);

	if (parsed == NULL)
		return;
	flatten(parsed, 0, message->limits.addresses, list);
	g_object_unref(parsed);
}

/* --- parts --- */

static gboolean
is_type(GMimeObject *object, const char *type, const char *subtype)
{
	return object != NULL &&
	       g_mime_content_type_is_type(
		   g_mime_object_get_content_type(object), type, subtype);
}

/* A text beside the root of a multipart/related that shows itself (RFC 2387:
 * the first part) is what that root refers to, and no text of the message.
 * Where the root is plain text somebody meant another multipart. */
static gboolean
is_beside_root(GMimeObject *object, GMimeObject *parent)
{
	GMimeObject *root = NULL;

	if (is_type(parent, "multipart", "related"))
		root = g_mime_multipart_get_part(GMIME_MULTIPART(parent), 0);
	return root != object && (is_type(root, "multipart", "*") ||
				     is_type(root, "text", "html"));
}

/* A field's value as it stands, or NULL. */
static const char *
field_of(GMimeObject *object, const char *field)
{
	GMimeHeader *header = g_mime_header_list_get_header(
	    g_mime_object_get_header_list(object), field);

	return header != NULL ? g_mime_header_get_raw_value(header) : NULL;
}

/* A parameter of a field, or NULL.  GMime decodes words in it one by one: put
 * together first, a character cut between two of them is whole again. */
static char *
parameter(struct message *message, GMimeObject *object, const char *field,
    const char *name)
{
	const char *raw = field_of(object, field);
	g_autofree char *whole = NULL;
	GMimeContentDisposition *parsed;
	char *value;

	/* Also "filename" and their pieces of RFC 2231. */
	if (raw == NULL || strcasestr(raw, "name") == NULL)
		return NULL;
	if (strstr(raw, "=?") != NULL || !g_utf8_validate(raw, -1, NULL))
		whole = words_recode(raw, message->hint, VALUE_MOST);
	/* Both fields are a word and parameters: one parser does. */
	parsed = g_mime_content_disposition_parse(
	    message->options, whole != NULL ? whole : raw);
	if (parsed == NULL)
		return NULL;
	value =
	    g_strdup(g_mime_content_disposition_get_parameter(parsed, name));
	g_object_unref(parsed);
	return value;
}

static char *
part_filename(struct message *message, GMimeObject *object)
{
	g_autofree char *name =
	    parameter(message, object, "Content-Disposition", "filename");
	g_autofree char *utf8 = NULL;

	if (name == NULL)
		name = parameter(message, object, "Content-Type", "name");
	if (name == NULL)
		return NULL;
	utf8 = words_decode(name, message->hint, NAME_MOST);
	return raw_safe_name(utf8);
}

static const char *
encoding_name(GMimeObject *object)
{
	GMimeHeader *header = g_mime_header_list_get_header(
	    g_mime_object_get_header_list(object), "Content-Transfer-Encoding");

	return header != NULL ? g_mime_header_get_value(header) : NULL;
}

/* None, one that changes nothing, or one of GMime's. */
static gboolean
is_known_encoding(GMimeObject *object)
{
	const char *name = encoding_name(object);

	return g_mime_part_get_content_encoding(GMIME_PART(object)) !=
		   GMIME_CONTENT_ENCODING_DEFAULT ||
	       name == NULL || encoding_is_plain(name);
}

static char *
part_type(GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	g_autofree char *full = g_mime_content_type_get_mime_type(type);

	/* What cannot be decoded is no picture and no document (RFC 2045, 6.4);
	 * text is shown as it stands all the same, it mostly is some. */
	if (!is_type(object, "text", "*") && !is_type(object, "message", "*") &&
	    !is_known_encoding(object))
		return g_strdup("application/octet-stream");
	return raw_type(full, field_of(object, "Content-Type"));
}

static char *
read_line_value(const char *value)
{
	g_autofree char *valid = unicode_repair(value, -1);

	return unicode_line(valid, ID_MOST);
}

static char *
read_charset(GMimeObject *object)
{
	const char *charset =
	    g_mime_object_get_content_type_parameter(object, "charset");
	g_autofree char *lower =
	    charset != NULL ? g_ascii_strdown(charset, -1) : NULL;

	return lower != NULL ? read_line_value(lower) : NULL;
}

static void
describe(struct message *message, struct leaf *leaf, GMimeObject *object,
    GMimeObject *parent)
{
	const char *disposition = g_mime_object_get_disposition(object);
	const char *id = g_mime_object_get_content_id(object);
	struct part *part = &leaf->part;
	gboolean text, shown,
	    declared = disposition != NULL &&
		       g_ascii_strcasecmp(disposition, "attachment") == 0;

	part->type = part_type(object);
	part->charset = read_charset(object);
	if (message->hint == NULL && g_str_has_prefix(part->type, "text/"))
		message->hint = part->charset;
	part->filename = part_filename(message, object);
	part->content_id = id != NULL ? read_line_value(id) : NULL;
	part->alternative = is_type(parent, "multipart", "alternative");
	text = strcmp(part->type, "text/plain") == 0 ||
	       strcmp(part->type, "text/html") == 0;
	/* A message that is one text is its body, whatever it is called. */
	shown = part->depth == 0 ? g_str_has_prefix(part->type, "text/") &&
				       strcmp(part->type, "text/calendar") != 0
				 : text && part->filename == NULL &&
				       !is_beside_root(object, parent);
	leaf->named_text = text && !shown && !declared;
	part->inline_image = !declared && part->content_id != NULL &&
			     g_str_has_prefix(part->type, "image/");
	part->attachment = declared || !shown;
}

/* Where a part stands in the tree. */
struct place {
	GMimeObject *parent;
	guint depth, group, branch;
};

static struct leaf *
add_leaf(struct message *message, struct place place)
{
	struct leaf *leaf = g_new0(struct leaf, 1);

	leaf->part.depth = place.depth;
	leaf->group = place.group;
	leaf->branch = place.branch;
	g_ptr_array_add(message->leaves, leaf);
	return leaf;
}

/* A multipart that has no part, since its boundary is not there: what stands in
 * it is text, encoded as its header says. */
static void
add_unparted(
    struct message *message, GMimeMultipart *multipart, struct place place)
{
	const char *text = g_mime_multipart_get_prologue(multipart);
	const char *encoding = encoding_name(GMIME_OBJECT(multipart));
	g_autoptr(GString) decoded = NULL;
	struct leaf *leaf;
	gboolean odd = FALSE;

	if (text == NULL || *text == '\0')
		return;
	if (encoding != NULL)
		decoded = encoding_decode(encoding, text, strlen(text));
	if (decoded != NULL)
		text = decoded->str;
	leaf = add_leaf(message, place);
	leaf->part.type = g_strdup("text/plain");
	leaf->part.size = strlen(text);
	leaf->text = charset_to_utf8(
	    text, strlen(text), NULL, message->limits.text_bytes, &odd);
	leaf->part.text = leaf->text;
}

static void walk(
    struct message *message, GMimeObject *object, struct place place);

static void
walk_multipart(
    struct message *message, GMimeMultipart *multipart, struct place place)
{
	GMimeObject *object = GMIME_OBJECT(multipart);
	int count = g_mime_multipart_get_count(multipart);
	gboolean choice =
	    place.group == 0 && is_type(object, "multipart", "alternative");

	if (message->hint == NULL)
		message->hint =
		    g_mime_object_get_content_type_parameter(object, "charset");
	if (count == 0 || !multipart->write_end_boundary)
		message->oddities |= MESSAGE_ODD_BOUNDARY;
	if (raw_twice(field_of(object, "Content-Type"), "boundary"))
		message->oddities |= MESSAGE_ODD_DUPLICATE;
	if (count == 0)
		add_unparted(message, multipart, place);
	place.parent = object;
	place.depth++;
	if (choice)
		place.group = ++message->groups;
	for (int i = 0; i < count; i++) {
		if (choice)
			place.branch = i;
		walk(message, g_mime_multipart_get_part(multipart, i), place);
	}
}

static void
walk(struct message *message, GMimeObject *object, struct place place)
{
	if (message->leaves->len >= message->limits.parts ||
	    place.depth > message->limits.depth) {
		message->oddities |= MESSAGE_ODD_TRUNCATED;
	} else if (GMIME_IS_MULTIPART(object)) {
		walk_multipart(message, GMIME_MULTIPART(object), place);
	} else if (GMIME_IS_PART(object)) {
		struct leaf *leaf = add_leaf(message, place);

		leaf->object = object;
		describe(message, leaf, object, place.parent);
	}
}

/* --- contents --- */

static GBytes *
take_bytes(GMimeStream *stream)
{
	GByteArray *bytes =
	    g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	g_object_unref(stream);
	return g_byte_array_free_to_bytes(bytes);
}

/* The bytes of a part as they stand in the message. */
static GBytes *
encoded_bytes(GMimeDataWrapper *content)
{
	GMimeStream *source = g_mime_data_wrapper_get_stream(content);
	GMimeStream *stream = g_mime_stream_mem_new();

	g_mime_stream_reset(source);
	g_mime_stream_write_to_stream(source, stream);
	return take_bytes(stream);
}

/* Behind padding, GMime reads nothing; a second text in base64, or a list's
 * plain footer, stands there. */
static void
add_behind_padding(GBytes *encoded, GMimeStream *stream)
{
	gsize length, end;
	const char *data = g_bytes_get_data(encoded, &length);
	g_autoptr(GString) more = g_string_new(NULL);

	end = encoding_base64_end(data, length);
	data += end;
	length -= end;
	if (encoding_base64_end(data, length) < length ||
	    encoding_is_base64(data, length))
		encoding_base64(data, length, more);
	else
		g_string_append_len(more, data, (gssize)length);
	g_mime_stream_write(stream, more->str, more->len);
}

/* Notes what is wrong with the encoding; mends what would cost text. */
static void
check_encoding(struct message *message, const struct leaf *leaf,
    GMimeDataWrapper *content, GMimeStream *stream)
{
	GMimeContentEncoding encoding =
	    g_mime_part_get_content_encoding(GMIME_PART(leaf->object));
	g_autoptr(GBytes) encoded = NULL;
	const char *data;
	gsize length;

	if (!is_known_encoding(leaf->object))
		message->oddities |= MESSAGE_ODD_ENCODING;
	if (encoding != GMIME_CONTENT_ENCODING_BASE64 &&
	    encoding != GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE)
		return;
	encoded = encoded_bytes(content);
	data = g_bytes_get_data(encoded, &length);
	if (encoding == GMIME_CONTENT_ENCODING_BASE64
		? encoding_is_base64(data, length)
		: encoding_is_quoted(data, length))
		return;
	message->oddities |= MESSAGE_ODD_ENCODING;
	if (encoding == GMIME_CONTENT_ENCODING_BASE64 &&
	    g_str_has_prefix(leaf->part.type, "text/"))
		add_behind_padding(encoded, stream);
}

GBytes *
message_decode_leaf(struct message *message, const struct leaf *leaf)
{
	GMimeDataWrapper *content =
	    leaf->object != NULL
		? g_mime_part_get_content(GMIME_PART(leaf->object))
		: NULL;
	GMimeStream *stream;

	if (leaf->bytes != NULL)
		return g_bytes_new(leaf->bytes, leaf->length);
	if (content == NULL)
		return g_bytes_new(
		    leaf->text, leaf->text != NULL ? strlen(leaf->text) : 0);
	stream = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(content, stream);
	check_encoding(message, leaf, content, stream);
	return take_bytes(stream);
}

/* What GMime is given: the first of each field that says how the body is built,
 * and the body. */
static GMimeStream *
mime_stream(const struct message *message)
{
	static const char *const names[] = { "Content-Type",
		"Content-Transfer-Encoding", "Content-Disposition",
		"Content-ID" };
	const struct raw *raw = &message->raw;
	gsize body = raw->usable - raw->body_start;
	GByteArray *bytes = g_byte_array_sized_new(body + 1024);

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		gint index = message_find_field(message, names[i]);
		const char *value;

		if (index < 0)
			continue;
		value = message_header_raw(message, index);
		g_byte_array_append(
		    bytes, (const guint8 *)names[i], strlen(names[i]));
		g_byte_array_append(bytes, (const guint8 *)":", 1);
		g_byte_array_append(
		    bytes, (const guint8 *)value, strlen(value));
		g_byte_array_append(bytes, (const guint8 *)"\n", 1);
	}
	g_byte_array_append(bytes, (const guint8 *)"\n", 1);
	g_byte_array_append(bytes, message->data + raw->body_start, body);
	return g_mime_stream_mem_new_with_byte_array(bytes);
}

void
message_parse_tree(struct message *message)
{
	GMimeStream *stream = mime_stream(message);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);

	message->tree = g_mime_parser_construct_part(parser, message->options);
	g_object_unref(parser);
	g_object_unref(stream);
	if (message->tree != NULL)
		walk(message, message->tree, (struct place){ 0 });
}
