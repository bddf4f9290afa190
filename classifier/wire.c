/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "classifier/wire.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/canonical.h"
#include "lib/base/err.h"
#include "lib/base/unicode.h"

#define MAGIC "DGL1"
#define MAGIC_BYTES 4
#define HEAD_BYTES (MAGIC_BYTES + sizeof(guint32) + IDENT_BYTES)

/* --- verdicts --- */

void
wire_put_verdict(GByteArray *record, const struct verdict *verdict)
{
	g_byte_array_append(
	    record, (const guint8 *)verdict, WIRE_VERDICT_BYTES);
}

/* Makes it one line; FALSE when it has no end or is no UTF-8. */
static gboolean
clean_text(char *text, gsize room)
{
	g_autofree char *line = NULL;

	if (memchr(text, '\0', room) == NULL ||
	    !g_utf8_validate(text, -1, NULL))
		return FALSE;
	line = unicode_line(text, room - 1);
	g_strlcpy(text, line, room);
	return TRUE;
}

static gboolean
clean_reason(struct verdict_reason *reason)
{
	return isfinite(reason->weight) &&
	       clean_text(reason->part, sizeof(reason->part)) &&
	       clean_text(reason->text, sizeof(reason->text));
}

static gboolean
clean_verdict(struct verdict *verdict)
{
	if ((guint)verdict->class > VERDICT_SPAM ||
	    (guint)verdict->basis > VERDICT_BY_RULE ||
	    verdict->n_reasons > VERDICT_REASONS ||
	    !isfinite(verdict->margin) || !isfinite(verdict->score) ||
	    !isfinite(verdict->probability) ||
	    !clean_text(verdict->note, sizeof(verdict->note)))
		return FALSE;
	for (guint i = 0; i < verdict->n_reasons; i++) {
		if (!clean_reason(&verdict->reasons[i]))
			return FALSE;
	}
	return TRUE;
}

gboolean
wire_get_verdict(const guint8 *data, struct verdict *verdict_r, GError **error)
{
	memcpy(verdict_r, data, WIRE_VERDICT_BYTES);
	return clean_verdict(verdict_r) ||
	       err_set(
		   error, DG_ERROR_BAD, "the reader's answer is no verdict");
}

/* --- writing lessons --- */

/* The addresses the message says it is from, each once. */
static json_t *
people_of(const struct message *message)
{
	static const char *const fields[MODEL_PEOPLE] = { "From", "Reply-To" };
	json_t *people = json_array();
	const char *before = "";

	for (guint i = 0; i < MODEL_PEOPLE; i++) {
		const GPtrArray *addresses =
		    message_addresses(message, fields[i]);
		const struct addr *first =
		    addresses->len > 0 ? addresses->pdata[0] : NULL;

		if (first == NULL || g_str_equal(first->address, before))
			continue;
		before = first->address;
		/* One that is no UTF-8 gives nothing. */
		json_array_append_new(people, json_string(before));
	}
	return people;
}

static void
append_json(GByteArray *record, const struct wire_lesson *lesson)
{
	json_t *object = verdict_to_json(lesson->verdict);
	const char *id = message_id(lesson->message);
	char *text;

	json_object_set_new(object, "people", people_of(lesson->message));
	if (id != NULL)
		json_object_set_new(object, "id", json_string(id));
	text = json_dumps(object, JSON_COMPACT);
	if (text != NULL)
		g_byte_array_append(record, (const guint8 *)text, strlen(text));
	free(text);
	json_decref(object);
}

void
wire_put_lesson(GByteArray *record, const struct wire_lesson *lesson)
{
	guint32 n = lesson->features->n;
	struct ident ident;

	canonical_ident(lesson->message, lesson->key, &ident);
	g_byte_array_append(record, ident.bytes, sizeof(ident.bytes));
	g_byte_array_append(record, (guint8 *)&n, sizeof(n));
	g_byte_array_append(record, (const guint8 *)lesson->features->digests,
	    n * sizeof(guint64));
	append_json(record, lesson);
}

void
wire_put_scored(GByteArray *record, const struct wire_lesson *lesson)
{
	const guint32 version = FEATURES_VERSION;
	struct ident check;

	model_key_check(lesson->key, FEATURES_KEY_BYTES, &check);
	g_byte_array_append(record, (const guint8 *)MAGIC, MAGIC_BYTES);
	g_byte_array_append(record, (const guint8 *)&version, sizeof(version));
	g_byte_array_append(record, check.bytes, sizeof(check.bytes));
	wire_put_lesson(record, lesson);
}

/* --- reading lessons --- */

/* Sorted and unique, as learning relies on it. */
static gboolean
is_sorted(const guint64 *digests, guint n)
{
	for (guint i = 1; i < n; i++) {
		if (digests[i - 1] >= digests[i])
			return FALSE;
	}
	return TRUE;
}

/* Whose it is; what does not make sense is left out when it is digested. */
static void
read_links(const json_t *object, struct classify_lesson *lesson)
{
	const json_t *people = json_object_get(object, "people");

	for (guint i = 0; i < MODEL_PEOPLE; i++)
		lesson->people[i] =
		    g_strdup(json_string_value(json_array_get(people, i)));
	lesson->id = g_strdup(json_string_value(json_object_get(object, "id")));
}

/* What follows the digests. */
static gboolean
read_rest(const guint8 *data, gsize length, struct classify_lesson *lesson,
    GError **error)
{
	json_t *object = json_loadb((const char *)data, length, 0, NULL);
	gboolean read = object != NULL
			    ? verdict_from_json(object, &lesson->verdict, error)
			    : err_set(error, DG_ERROR_BAD,
				  "what follows a lesson's digests is no JSON");

	if (read)
		read_links(object, lesson);
	json_decref(object);
	return read;
}

static gboolean
get_lesson(const guint8 *data, gsize length, struct classify_lesson *lesson,
    GError **error)
{
	const gsize fixed = IDENT_BYTES + sizeof(guint32);
	gsize digests;
	guint32 n;

	if (length < fixed)
		return err_set(error, DG_ERROR_BAD, "a lesson is cut");
	memcpy(lesson->ident.bytes, data, IDENT_BYTES);
	memcpy(&n, data + IDENT_BYTES, sizeof(n));
	digests = n * sizeof(guint64);
	if (n > FEATURES_MAX || length < fixed + digests)
		return err_set(error, DG_ERROR_BAD, "a lesson is cut");
	lesson->digests = g_malloc(digests + 1);
	memcpy(lesson->digests, data + fixed, digests);
	lesson->n = n;
	if (!is_sorted(lesson->digests, n))
		return err_set(error, DG_ERROR_BAD,
		    "a lesson's features are out of order");
	return read_rest(
	    data + fixed + digests, length - fixed - digests, lesson, error);
}

gboolean
wire_get_lesson(const guint8 *data, gsize length,
    struct classify_lesson *lesson_r, GError **error)
{
	*lesson_r = (struct classify_lesson){ 0 };
	if (get_lesson(data, length, lesson_r, error))
		return TRUE;
	classify_lesson_clear(lesson_r);
	return FALSE;
}

gboolean
wire_get_scored(GBytes *scored, const struct ident *key,
    struct classify_lesson *lesson_r, GError **error)
{
	gsize length;
	const guint8 *data = g_bytes_get_data(scored, &length);
	struct ident check;
	guint32 version;

	*lesson_r = (struct classify_lesson){ 0 };
	if (length < HEAD_BYTES || memcmp(data, MAGIC, MAGIC_BYTES) != 0)
		return err_set(
		    error, DG_ERROR_BAD, "no features were kept with it");
	memcpy(&version, data + MAGIC_BYTES, sizeof(version));
	memcpy(check.bytes, data + MAGIC_BYTES + sizeof(version), IDENT_BYTES);
	if (version != FEATURES_VERSION || !ident_equal(&check, key))
		return err_set(error, DG_ERROR_BAD,
		    "the features kept with it are of another version or key");
	return wire_get_lesson(
	    data + HEAD_BYTES, length - HEAD_BYTES, lesson_r, error);
}

void
classify_lesson_clear(struct classify_lesson *lesson)
{
	g_clear_pointer(&lesson->digests, g_free);
	for (guint i = 0; i < MODEL_PEOPLE; i++)
		g_clear_pointer(&lesson->people[i], g_free);
	g_clear_pointer(&lesson->id, g_free);
	lesson->n = 0;
}
