/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The journal's records, and the index by which lessons are found: by person
 * and Message-ID when they are to be taken back, by age when they are folded.
 * A lesson and its places in the index change together.
 */
#include <string.h>

#include "classifier/features.h"
#include "classifier/model.h"
#include "lib/base/err.h"
#include "lib/privacy/person.h"

/* --- the journal's digests: sorted, so each as the difference to the one
 * before, seven bits a byte, low first --- */

static void
encode(GByteArray *out, const guint64 *digests, guint n)
{
	guint64 before = 0;

	for (guint i = 0; i < n; i++) {
		guint64 delta = digests[i] - before;

		before = digests[i];
		do {
			guint8 byte =
			    (delta & 0x7f) | (delta > 0x7f ? 0x80 : 0);

			g_byte_array_append(out, &byte, 1);
			delta >>= 7;
		} while (delta > 0);
	}
}

/* FALSE unless these bytes are exactly `n` digests, each above the one before:
 * one that came twice would be counted twice. */
static gboolean
decode(const guint8 *at, const guint8 *end, guint64 *digests, guint n)
{
	guint64 before = 0;

	for (guint i = 0; i < n; i++) {
		guint64 delta = 0;
		guint shift = 0;

		do {
			/* The tenth byte has one bit of 64 left. */
			if (at == end || shift > 63 || (shift == 63 && *at > 1))
				return FALSE;
			delta |= (guint64)(*at & 0x7f) << shift;
			shift += 7;
		} while ((*at++ & 0x80) != 0);
		digests[i] = before + delta;
		if (i > 0 && digests[i] <= before)
			return FALSE;
		before = digests[i];
	}
	return at == end;
}

gboolean
model_read_lesson(const struct store_value *value,
    struct model_lesson *lesson_r, guint64 **digests_r, GError **error)
{
	const guint8 *data = value->data;

	*digests_r = NULL;
	if (value->length >= sizeof(*lesson_r)) {
		memcpy(lesson_r, data, sizeof(*lesson_r));
		if (lesson_r->n <= FEATURES_MAX) {
			*digests_r = g_new(guint64, lesson_r->n + 1);
			if (decode(data + sizeof(*lesson_r),
				data + value->length, *digests_r, lesson_r->n))
				return TRUE;
		}
	}
	g_clear_pointer(digests_r, g_free);
	return err_set(
	    error, DG_ERROR_BAD, "a lesson of the journal is damaged");
}

gboolean
model_get_lesson(struct store_txn *txn, const struct ident *ident,
    struct model_lesson *lesson_r, guint64 **digests_r, GError **error)
{
	struct store_value value;

	*digests_r = NULL;
	return store_get(
		   txn, MODEL_JOURNAL, ident->bytes, IDENT_BYTES, &value) &&
	       model_read_lesson(&value, lesson_r, digests_r, error);
}

/* --- the index: kind, key, ident; a time is big-endian, so that the oldest
 * stands first --- */

#define BY_TIME 't'
#define INDEX_MOST (1 + IDENT_BYTES + IDENT_BYTES)

struct places {
	guint8 keys[2 + MODEL_PEOPLE][INDEX_MOST];
	gsize lengths[2 + MODEL_PEOPLE];
	guint n;
};

static void
add_place(struct places *places, guint8 kind, const void *key, gsize length,
    const struct ident *ident)
{
	guint8 *out = places->keys[places->n];

	out[0] = kind;
	memcpy(out + 1, key, length);
	memcpy(out + 1 + length, ident->bytes, IDENT_BYTES);
	places->lengths[places->n++] = 1 + length + IDENT_BYTES;
}

static void
places_of(const struct ident *ident, const struct model_lesson *lesson,
    struct places *places_r)
{
	guint64 taught = GUINT64_TO_BE((guint64)MAX(lesson->taught, 0));

	places_r->n = 0;
	add_place(places_r, BY_TIME, &taught, sizeof(taught), ident);
	for (guint i = 0; i < MODEL_PEOPLE; i++) {
		if (!ident_is_zero(&lesson->people[i]))
			add_place(places_r, MODEL_BY_PERSON,
			    lesson->people[i].bytes, IDENT_BYTES, ident);
	}
	if (!ident_is_zero(&lesson->id))
		add_place(places_r, MODEL_BY_ID, lesson->id.bytes, IDENT_BYTES,
		    ident);
}

GArray *
model_find(struct store_txn *txn, enum model_kind kind, const struct ident *key)
{
	GArray *idents = g_array_new(FALSE, FALSE, sizeof(struct ident));
	guint8 front[1 + IDENT_BYTES];
	struct store_cursor *cursor;
	struct store_value found, nothing;

	front[0] = kind;
	memcpy(front + 1, key->bytes, IDENT_BYTES);
	cursor = store_cursor_begin(txn, MODEL_INDEX, front, sizeof(front));
	while (store_cursor_next(cursor, &found, &nothing) &&
	       found.length == INDEX_MOST &&
	       memcmp(found.data, front, sizeof(front)) == 0)
		g_array_append_vals(
		    idents, (const guint8 *)found.data + sizeof(front), 1);
	store_cursor_end(&cursor);
	return idents;
}

/* The next place by time; FALSE behind the last. */
static gboolean
next_by_time(
    struct store_cursor *cursor, gint64 *taught_r, struct ident *ident_r)
{
	struct store_value key, value;
	const guint8 *data;
	guint64 taught;

	if (!store_cursor_next(cursor, &key, &value) ||
	    key.length != 1 + sizeof(taught) + IDENT_BYTES ||
	    *(const guint8 *)key.data != BY_TIME)
		return FALSE;
	data = key.data;
	memcpy(&taught, data + 1, sizeof(taught));
	memcpy(ident_r->bytes, data + 1 + sizeof(taught), IDENT_BYTES);
	*taught_r = (gint64)GUINT64_FROM_BE(taught);
	return TRUE;
}

void
model_people(struct store_txn *txn, struct people *people)
{
	const guint8 kind = MODEL_BY_PERSON;
	struct store_cursor *cursor =
	    store_cursor_begin(txn, MODEL_INDEX, &kind, 1);
	struct store_value key, value;

	while (store_cursor_next(cursor, &key, &value) &&
	       key.length == INDEX_MOST && *(const guint8 *)key.data == kind) {
		struct ident subject;

		memcpy(
		    subject.bytes, (const guint8 *)key.data + 1, IDENT_BYTES);
		people_add(people, &subject);
	}
	store_cursor_end(&cursor);
}

gboolean
model_oldest(struct store_txn *txn, gint64 until, struct ident *ident_r)
{
	const guint8 kind = BY_TIME;
	struct store_cursor *cursor =
	    store_cursor_begin(txn, MODEL_INDEX, &kind, 1);
	gint64 taught = 0;
	gboolean found =
	    next_by_time(cursor, &taught, ident_r) && taught < until;

	store_cursor_end(&cursor);
	return found;
}

/* Of a lesson's record, without its digests. */
static gboolean
read_actor(const struct store_value *value, char actor_r[MODEL_ACTOR_BYTES])
{
	struct model_lesson lesson;

	if (value->length < sizeof(lesson))
		return FALSE;
	memcpy(&lesson, value->data, sizeof(lesson));
	g_strlcpy(actor_r, lesson.actor, MODEL_ACTOR_BYTES);
	return TRUE;
}

static gboolean
get_actor(struct store_txn *txn, const struct ident *ident,
    char actor_r[MODEL_ACTOR_BYTES])
{
	struct store_value value;

	return store_get(
		   txn, MODEL_JOURNAL, ident->bytes, IDENT_BYTES, &value) &&
	       read_actor(&value, actor_r);
}

GArray *
model_find_actor(struct store_txn *txn, const char *actor, guint most)
{
	GArray *idents = g_array_new(FALSE, FALSE, sizeof(struct ident));
	struct store_cursor *cursor =
	    store_cursor_begin(txn, MODEL_JOURNAL, NULL, 0);
	struct store_value key, value;
	char found[MODEL_ACTOR_BYTES];

	while (idents->len < most && store_cursor_next(cursor, &key, &value)) {
		if (key.length == IDENT_BYTES && read_actor(&value, found) &&
		    strcmp(found, actor) == 0)
			g_array_append_vals(idents, key.data, 1);
	}
	store_cursor_end(&cursor);
	return idents;
}

GArray *
model_taught_since(struct store_txn *txn, gint64 since)
{
	const guint64 from = GUINT64_TO_BE((guint64)MAX(since, 0));
	guint8 key[1 + sizeof(from)] = { BY_TIME };
	GArray *list = g_array_new(FALSE, TRUE, sizeof(struct model_taught));
	struct store_cursor *cursor;
	struct model_taught one;
	struct ident ident;

	memcpy(key + 1, &from, sizeof(from));
	cursor = store_cursor_begin(txn, MODEL_INDEX, key, sizeof(key));
	while (next_by_time(cursor, &one.taught, &ident)) {
		if (get_actor(txn, &ident, one.actor))
			g_array_append_val(list, one);
	}
	store_cursor_end(&cursor);
	return list;
}

GArray *
model_times(struct store_txn *txn)
{
	const guint8 kind = BY_TIME;
	struct store_cursor *cursor =
	    store_cursor_begin(txn, MODEL_INDEX, &kind, 1);
	GArray *times = g_array_new(FALSE, FALSE, sizeof(gint64));
	struct ident ident;
	gint64 taught;

	while (next_by_time(cursor, &taught, &ident))
		g_array_append_val(times, taught);
	store_cursor_end(&cursor);
	return times;
}

void
model_put_lesson(struct store_txn *txn, const struct ident *ident,
    const struct model_lesson *lesson, const guint64 *digests)
{
	g_autoptr(GByteArray) record = g_byte_array_new();
	struct places places;

	g_byte_array_append(record, (const guint8 *)lesson, sizeof(*lesson));
	encode(record, digests, lesson->n);
	store_put(txn, MODEL_JOURNAL, ident->bytes, IDENT_BYTES, record->data,
	    record->len);
	places_of(ident, lesson, &places);
	for (guint i = 0; i < places.n; i++)
		store_put(
		    txn, MODEL_INDEX, places.keys[i], places.lengths[i], "", 0);
}

void
model_del_lesson(struct store_txn *txn, const struct ident *ident,
    const struct model_lesson *lesson)
{
	struct places places;

	store_del(txn, MODEL_JOURNAL, ident->bytes, IDENT_BYTES);
	places_of(ident, lesson, &places);
	for (guint i = 0; i < places.n; i++)
		store_del(txn, MODEL_INDEX, places.keys[i], places.lengths[i]);
}

gboolean
model_is_indexed(struct store_txn *txn, const struct ident *ident,
    const struct model_lesson *lesson, guint *places_r)
{
	struct places places;
	gboolean all = TRUE;

	places_of(ident, lesson, &places);
	for (guint i = 0; i < places.n; i++) {
		struct store_value value;

		all = store_get(txn, MODEL_INDEX, places.keys[i],
			  places.lengths[i], &value) &&
		      all;
	}
	*places_r = places.n;
	return all;
}
