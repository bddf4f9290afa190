/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: fields message|answer|people|forward|html|text FILE...
 *
 * What Deskgate makes of each file, a line of JSON for each: of a message the
 * ticket ("answer": with quoted text cut, as of a reply; "people": the
 * addresses of To, Cc and Reply-To), of HTML its text, of a text what is new in
 * it.  For tests/hard/agree.py.
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/owned.h"
#include "lib/base/unicode.h"
#include "lib/mail/html.h"
#include "tickets/convert_private.h"
#include "tickets/forward.h"
#include "tickets/reply.h"

static json_t *
from_message(const char *data, gsize length, gboolean trim)
{
	const struct convert_context context = { .limits =
						     message_limits_default };
	struct message *message OWNED(message_free) =
	    message_parse((const guint8 *)data, length, &context.limits, NULL);
	struct entry *entry OWNED(entry_free) = entry_new();
	struct ticket *ticket OWNED(ticket_free) = NULL;
	json_t *object;

	entry->inbox = g_strdup("support@example.com");
	entry->envelope = envelope_new();
	entry->received = g_get_real_time();
	ticket = convert_make(&context, message, entry,
	    &(struct convert_terms){ .keep_quotes = TRUE });
	if (trim) {
		g_autofree char *whole = g_steal_pointer(&ticket->text);

		ticket->automatic = FALSE;
		convert_set_text(
		    ticket, message, whole, &(struct convert_terms){ 0 });
	}
	/* As it came, not as it is made harmless. */
	g_free(ticket->html);
	ticket->html = g_strdup(message_html(message));
	object = ticket_to_json(ticket);
	for (guint i = 0; i < ticket->files->len; i++) {
		const struct ticket_file *file = ticket->files->pdata[i];
		g_autofree char *md5 =
		    g_compute_checksum_for_bytes(G_CHECKSUM_MD5, file->bytes);

		json_object_set_new(
		    json_array_get(json_object_get(object, "files"), i), "md5",
		    json_string(md5));
	}
	return object;
}

static json_t *
addresses_of(const struct message *message, const char *header)
{
	const GPtrArray *list = message_addresses(message, header);
	json_t *out = json_array();

	for (guint i = 0; i < list->len; i++) {
		const struct addr *addr = list->pdata[i];

		json_array_append_new(out, json_string(addr->address));
	}
	return out;
}

static json_t *
from_people(const char *data, gsize length)
{
	struct message *message OWNED(message_free) = message_parse(
	    (const guint8 *)data, length, &message_limits_default, NULL);

	return json_pack("{s:o, s:o, s:o}", "to", addresses_of(message, "To"),
	    "cc", addresses_of(message, "Cc"), "reply-to",
	    addresses_of(message, "Reply-To"));
}

static json_t *
from_forward(const char *data, gsize length)
{
	struct message *message OWNED(message_free) = message_parse(
	    (const guint8 *)data, length, &message_limits_default, NULL);
	struct forward *forward OWNED(forward_free) =
	    forward_find(message_text(message));

	return forward == NULL ? json_object()
			       : json_pack("{s:s*, s:s}", "address",
				     forward->address, "body", forward->body);
}

static json_t *
from_html(const char *text)
{
	struct html *html OWNED(html_free) =
	    html_read(text, strlen(text), &html_limits_default);

	return json_pack("{s:s}", "text", html->text);
}

static json_t *
from_text(char *text)
{
	struct reply *reply OWNED(reply_free) = NULL;
	char *to = text;

	for (const char *from = text; *from != '\0'; from++) {
		if (*from != '\r')
			*to++ = *from;
	}
	*to = '\0';
	reply = reply_trim(text, NULL);
	return json_pack(
	    "{s:s, s:s*}", "text", reply->text, "quoted", reply->quoted);
}

static json_t *
read_one(const char *what, const char *path)
{
	g_autofree char *data = NULL, *text = NULL;
	gsize length;

	if (!g_file_get_contents(path, &data, &length, NULL))
		return NULL;
	if (strcmp(what, "message") == 0 || strcmp(what, "answer") == 0)
		return from_message(data, length, *what == 'a');
	if (strcmp(what, "people") == 0)
		return from_people(data, length);
	if (strcmp(what, "forward") == 0)
		return from_forward(data, length);
	text = unicode_repair(data, length);
	if (strcmp(what, "html") == 0)
		return from_html(text);
	return strcmp(what, "text") == 0 ? from_text(text) : NULL;
}

int
main(int argc, char **argv)
{
	message_prepare();
	for (int i = 2; i < argc; i++) {
		json_t *one = read_one(argv[1], argv[i]);

		if (one == NULL) {
			fprintf(stderr, "fields: %s: not read\n", argv[i]);
			return 1;
		}
		json_dumpf(one, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(one);
	}
	return 0;
}
