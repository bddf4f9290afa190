/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a copy of a message to its entry.
 */
#include "tools/recall.h"

#include <string.h>

#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/mail/addr.h"
#include "lib/mail/loop.h"
#include "milter/door.h"

/* Where the body begins; the length when there is none. */
static gsize
body_start(const char *data, gsize length)
{
	const char *at = data, *end = data + length;

	while (at < end) {
		const char *next = memchr(at, '\n', end - at);
		gsize line = (next != NULL ? next : end) - at;

		if (next == NULL)
			break;
		if (line == 0 || (line == 1 && *at == '\r'))
			return next + 1 - data;
		at = next + 1;
	}
	return length;
}

/* The kept features of the entry of this name, or NULL. */
static GBytes *
scored_of(const struct keeper *keeper, const struct ident *key)
{
	struct entry *entry OWNED(entry_free) = NULL;
	gint64 came;

	if (!spool_time(keeper->spool, key, &came, NULL) ||
	    !vaulted_read(&keeper->vaulted, key, &entry, NULL, NULL))
		return NULL;
	return g_steal_pointer(&entry->scored);
}

static GBytes *
scored_at(
    const struct keeper *keeper, struct entry_origin *origin, const char *inbox)
{
	struct ident key;

	origin->inbox = inbox;
	entry_key(keeper->keys.entry, origin, &key);
	return scored_of(keeper, &key);
}

static GBytes *
scored_anywhere(const struct keeper *keeper, struct entry_origin *origin)
{
	GBytes *scored = NULL;

	for (guint i = 0;
	     scored == NULL && i < conf_count(keeper->conf, "inbox"); i++)
		scored = scored_at(keeper, origin,
		    conf_title(conf_at(keeper->conf, "inbox", i)));
	return scored;
}

static GBytes *
look(
    const struct keeper *keeper, struct entry_origin *origin, const char *inbox)
{
	return inbox != NULL ? scored_at(keeper, origin, inbox)
			     : scored_anywhere(keeper, origin);
}

/* Who sent it: what the copy's own trace says, else who it is from. */
static char *
guess_sender(const struct loop_headers *headers, const char *return_path)
{
	struct addr *from =
	    headers->from != NULL ? addr_repair(headers->from) : NULL;
	char *sender = g_strdup(return_path != NULL ? return_path
				: from != NULL      ? from->address
						    : "");

	if (from != NULL)
		addr_free(from);
	return sender;
}

/*
 * The MTA gave it its Date, or its Message-ID too: neither is in the name then
 * (entry.c), and the envelope is.  Others may have written fields below the
 * Date since; and the window is that of an earlier copy, or has just ended.
 */
static GBytes *
look_by_envelope(
    const struct keeper *keeper, struct entry_origin *origin, const char *inbox)
{
	const struct loop_headers *seen = origin->headers;
	struct loop_headers headers = *seen;
	struct envelope *envelope OWNED(envelope_free) = envelope_new();
	struct entry_origin other = *origin;
	gint64 window =
	    conf_duration(conf_global(keeper->conf), "dedupe-window");
	gint64 moment = seen->date != NULL ? loop_date_moment(seen->date) : 0;
	GBytes *scored = NULL;

	if (window == 0 || moment == 0)
		return NULL;
	headers.date_last = TRUE;
	g_free(envelope->sender);
	envelope->sender = g_strdup(origin->envelope->sender);
	envelope->received = moment * G_USEC_PER_SEC;
	other.headers = &headers;
	other.envelope = envelope;
	for (guint i = 0; scored == NULL && i < 6; i++) {
		other.window = moment / window + i % 3 - 1;
		if (i == 3) {
			/* As if the id were the MTA's. */
			envelope->queue_id = g_strdup(headers.message_id);
			envelope->mta_name = g_strdup(headers.message_id);
		}
		scored = look(keeper, &other, inbox);
	}
	return scored;
}

GBytes *
recall_scored(const struct keeper *keeper, int message, const char *inbox)
{
	g_autoptr(GBytes) bytes = file_read_fd(message, G_MAXSIZE, NULL);
	g_autofree char *return_path = NULL;
	struct envelope *envelope OWNED(envelope_free) = envelope_new();
	struct loop_headers headers = { 0 };
	struct entry_origin origin = { .envelope = envelope,
		.headers = &headers };
	GBytes *scored = NULL;
	gsize length, body, skip;
	const char *data;

	if (bytes == NULL)
		return NULL;
	data = g_bytes_get_data(bytes, &length);
	skip = door_skip_trace(data, length, &return_path);
	data += skip;
	length -= skip;
	body = body_start(data, length);
	loop_headers_read(data, body, &headers);
	if (headers.message_id != NULL) {
		entry_body_digest((const guint8 *)data + body, length - body,
		    origin.body_digest);
		g_free(envelope->sender);
		envelope->sender = guess_sender(&headers, return_path);
		scored = look(keeper, &origin, inbox);
		if (scored == NULL)
			scored = look_by_envelope(keeper, &origin, inbox);
	}
	loop_headers_clear(&headers);
	return scored;
}
