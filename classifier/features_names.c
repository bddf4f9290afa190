/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The names of features.  The model holds digests only, so names are had while
 * the message is read.  A few hundred of them are gathered for every message
 * that is scored, and hardly ever looked at: so a name is a few numbers, and
 * its text is copied once, to the end of all.
 */
#include <string.h>

#include "classifier/features_private.h"
#include "lib/base/gram.h"
#include "lib/base/unicode.h"

/* What most messages need; then twice as much. */
#define ROOM 1024
#define BYTES_ROOM 16384
/* Of a title in a lead. */
#define TITLE_MOST 40

void
feature_names_init(struct feature_names *names, gboolean all)
{
	*names = (struct feature_names){
		.all = all,
		.list = g_new(struct feature_name, ROOM),
		.room = ROOM,
		.texts = g_malloc(BYTES_ROOM),
		.bytes_room = BYTES_ROOM,
		.leads = g_string_chunk_new(1024),
	};
}

void
feature_names_clear(struct feature_names *names)
{
	g_clear_pointer(&names->list, g_free);
	g_clear_pointer(&names->texts, g_free);
	g_clear_pointer(&names->leads, g_string_chunk_free);
	names->n = 0;
}

/* Puts a text behind the others; returns where. */
static guint32
put_text(struct feature_names *names, const char *text, gsize length)
{
	guint32 at = names->bytes;

	while (at + length > names->bytes_room) {
		names->bytes_room *= 2;
		names->texts = g_realloc(names->texts, names->bytes_room);
	}
	memcpy(names->texts + at, text, length);
	names->bytes = at + length;
	return at;
}

static void
put_name(struct feature_names *names, const struct feature_name *name)
{
	if (names->n == names->room) {
		names->room *= 2;
		names->list =
		    g_renew(struct feature_name, names->list, names->room);
	}
	names->list[names->n++] = *name;
}

void
feature_names_add(struct feature_names *names, const struct feature_kind *kind,
    const char *text, gsize length, guint place)
{
	if (kind->lead == NULL && !names->all)
		return;
	put_name(names, &(struct feature_name){ .digest = place,
			    .part = kind->part,
			    .lead = kind->lead,
			    .at = put_text(names, text, length),
			    .length = length });
}

void
feature_names_add_grams(struct feature_names *names,
    const struct feature_kind *kind, const char *text, guint n, guint place)
{
	guint32 at;

	if (n == 0 || !names->all)
		return;
	put_text(names, "", 1);
	at = put_text(names, text, n - 1 + GRAM_BYTES);
	put_text(names, "", 1);
	names->n_texts++;
	for (guint i = 0; i < n; i++)
		put_name(names, &(struct feature_name){ .digest = place + i,
				    .part = kind->part,
				    .at = at + i,
				    .length = GRAM_BYTES,
				    .text = names->n_texts });
}

const char *
feature_names_lead(struct feature_names *names, const char *title)
{
	char lead[TITLE_MOST + sizeof(": ")];
	gsize length = strnlen(title, TITLE_MOST);

	memcpy(lead, title, length);
	memcpy(lead + length, ": ", sizeof(": "));
	return g_string_chunk_insert(names->leads, lead);
}

void
feature_names_settle(struct feature_names *names, const guint64 *digests)
{
	for (guint i = 0; i < names->n; i++)
		names->list[i].digest = digests[names->list[i].digest];
}

char *
feature_name_words(
    const struct feature_names *names, const struct feature_name *name)
{
	g_autoptr(GString) words = g_string_new(name->lead);

	g_string_append_len(words, names->texts + name->at, name->length);
	return unicode_repair(words->str, words->len);
}
