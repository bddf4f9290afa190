/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records of sources: what came from elsewhere under a name, and its rows.
 */
#include <string.h>

#include "classifier/model.h"

static const char front[] = "source:";
#define FRONT (sizeof(front) - 1)

static gsize
source_key(const char *name, char *key_r)
{
	memcpy(key_r, front, FRONT);
	g_strlcpy(key_r + FRONT, name, MODEL_NAME);
	return strlen(key_r);
}

gboolean
model_get_source(
    struct store_txn *txn, const char *name, struct model_source *source_r)
{
	char key[FRONT + MODEL_NAME];
	struct store_value value;

	if (!store_get(txn, MODEL_META, key, source_key(name, key), &value) ||
	    value.length != sizeof(*source_r))
		return FALSE;
	memcpy(source_r, value.data, sizeof(*source_r));
	return TRUE;
}

void
model_put_source(struct store_txn *txn, const struct model_source *source)
{
	char key[FRONT + MODEL_NAME];

	store_put(txn, MODEL_META, key, source_key(source->name, key), source,
	    sizeof(*source));
}

void
model_del_source(struct store_txn *txn, const struct model_source *source)
{
	char key[FRONT + MODEL_NAME];

	store_del(txn, MODEL_META, key, source_key(source->name, key));
}

GArray *
model_sources(struct store_txn *txn)
{
	GArray *sources =
	    g_array_new(FALSE, FALSE, sizeof(struct model_source));
	struct store_cursor *cursor =
	    store_cursor_begin(txn, MODEL_META, front, FRONT);
	struct store_value key, value;

	while (store_cursor_next(cursor, &key, &value) && key.length > FRONT &&
	       memcmp(key.data, front, FRONT) == 0) {
		if (value.length == sizeof(struct model_source))
			g_array_append_vals(sources, value.data, 1);
	}
	store_cursor_end(&cursor);
	return sources;
}

void
model_row_key(guint32 source, guint64 digest, guint8 key_r[MODEL_ROW_KEY])
{
	source = GUINT32_TO_BE(source);
	digest = GUINT64_TO_BE(digest);
	memcpy(key_r, &source, sizeof(source));
	memcpy(key_r + sizeof(source), &digest, sizeof(digest));
}

gboolean
model_read_row(const struct store_value *key, const struct store_value *value,
    guint32 *source_r, guint64 *digest_r, struct model_row *row_r)
{
	if (key->length != MODEL_ROW_KEY || value->length != sizeof(*row_r))
		return FALSE;
	memcpy(source_r, key->data, sizeof(*source_r));
	memcpy(digest_r, (const guint8 *)key->data + sizeof(*source_r),
	    sizeof(*digest_r));
	*source_r = GUINT32_FROM_BE(*source_r);
	*digest_r = GUINT64_FROM_BE(*digest_r);
	memcpy(row_r, value->data, sizeof(*row_r));
	return TRUE;
}
