/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a copy of a message to its entry.
 */
#include "tools/recall.h"

#include <string.h>

#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/mail/loop.h"

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

GBytes *
recall_scored(const struct keeper *keeper, int message, const char *inbox)
{
	g_autoptr(GBytes) bytes = file_read_fd(message, G_MAXSIZE, NULL);
	struct envelope *envelope OWNED(envelope_free) = envelope_new();
	struct loop_headers headers = { 0 };
	struct entry_origin origin = { .envelope = envelope,
		.headers = &headers };
	GBytes *scored = NULL;
	gsize length, body;
	const char *data;

	if (bytes == NULL)
		return NULL;
	data = g_bytes_get_data(bytes, &length);
	body = body_start(data, length);
	loop_headers_read(data, body, &headers);
	if (headers.message_id != NULL) {
		entry_body_digest((const guint8 *)data + body, length - body,
		    origin.body_digest);
		scored = inbox != NULL ? scored_at(keeper, &origin, inbox)
				       : scored_anywhere(keeper, &origin);
	}
	loop_headers_clear(&headers);
	return scored;
}
