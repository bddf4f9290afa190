/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands of a person.
 *
 * Table `standing`: the subject to {"restricted", "objected", "hold"}.  Table
 * `consent`: the subject and the inbox in lower case to {"granted",
 * "withdrawn", "noticed", "version", "notice"}.
 */
#include "lib/privacy/standing_private.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/privacy/subject.h"

/* Sparse; a record has a hundred bytes. */
#define STANDINGS_MAP ((guint64)1 << 30)
#define INBOX_MOST 256

static const struct store_table tables[] = {
	{ "standing", FALSE },
	{ "consent", FALSE },
	{ NULL, FALSE },
};

struct standings *
standings_open(const char *folder, GError **error)
{
	struct standings *standings = g_new0(struct standings, 1);

	standings->store = store_open(folder, tables, STANDINGS_MAP, error);
	if (standings->store == NULL) {
		g_prefix_error(error, "standings: ");
		standings_close(&standings);
	}
	return standings;
}

void
standings_close(struct standings **standings)
{
	struct standings *old = *standings;

	*standings = NULL;
	if (old == NULL)
		return;
	store_close(&old->store);
	g_free(old);
}

static void
put_json(struct store_txn *txn, guint table, const void *key, gsize length,
    json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);

	g_assert(text != NULL);
	store_put(txn, table, key, length, text, strlen(text));
	free(text);
	json_decref(value);
}

static gint64
number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* --- restriction and objection --- */

gboolean
standings_get(struct standings *standings, const struct ident *subject,
    struct standing *standing_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(standings->store, FALSE, error);
	struct store_value value;
	json_t *record;

	*standing_r = (struct standing){ 0 };
	if (txn == NULL)
		return FALSE;
	if (store_get(
		txn, TABLE_STANDING, subject->bytes, IDENT_BYTES, &value)) {
		record = json_loadb(value.data, value.length, 0, NULL);
		if (record == NULL)
			return err_set(error, DG_ERROR_BAD,
			    "standings: a record is damaged");
		standing_r->restricted = number(record, "restricted");
		standing_r->objected = number(record, "objected");
		standing_r->hold =
		    json_is_true(json_object_get(record, "hold"));
		json_decref(record);
	}
	return store_commit(&txn, error);
}

gboolean
standings_of(struct standings *standings, const struct secret *subject_key,
    const char *address, struct standing *standing_r, GError **error)
{
	struct ident subject;

	*standing_r = (struct standing){ 0 };
	return address == NULL ||
	       !subject_ident(subject_key, address, &subject) ||
	       standings_get(standings, &subject, standing_r, error);
}

gboolean
standings_restricts(struct standings *standings, const struct ident *subject)
{
	struct standing standing;

	return standings != NULL &&
	       (!standings_get(standings, subject, &standing, NULL) ||
		   standing.restricted != 0);
}

gboolean
standings_put(struct standings *standings, const struct ident *subject,
    const struct standing *standing, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(standings->store, TRUE, error);

	if (txn == NULL)
		return FALSE;
	if (standing->restricted == 0 && standing->objected == 0)
		(void)store_del(
		    txn, TABLE_STANDING, subject->bytes, IDENT_BYTES);
	else
		put_json(txn, TABLE_STANDING, subject->bytes, IDENT_BYTES,
		    json_pack("{s:I, s:I, s:b}", "restricted",
			(json_int_t)standing->restricted, "objected",
			(json_int_t)standing->objected, "hold",
			standing->hold));
	return store_commit(&txn, error);
}

/* --- consent --- */

gboolean
consent_holds(const struct consent *consent)
{
	return consent->granted > consent->withdrawn;
}

static GByteArray *
consent_key(const struct ident *subject, const char *inbox)
{
	g_autofree char *lower = g_ascii_strdown(inbox, -1);
	GByteArray *key = g_byte_array_new();

	g_byte_array_append(key, subject->bytes, IDENT_BYTES);
	g_byte_array_append(key, (const guint8 *)lower, (guint)strlen(lower));
	return key;
}

static void
take_text(
    const json_t *record, const char *name, char text_r[CONSENT_VERSION_MOST])
{
	const char *text = json_string_value(json_object_get(record, name));

	g_strlcpy(text_r, text != NULL ? text : "", CONSENT_VERSION_MOST);
}

void
standings_read_consent(
    const struct store_value *value, struct consent *consent_r)
{
	json_t *record = json_loadb(value->data, value->length, 0, NULL);

	/* What cannot be read is no consent. */
	consent_r->granted = number(record, "granted");
	consent_r->withdrawn = number(record, "withdrawn");
	consent_r->noticed = number(record, "noticed");
	take_text(record, "version", consent_r->version);
	take_text(record, "notice", consent_r->notice_version);
	json_decref(record);
}

gboolean
standings_consent(struct standings *standings, const struct ident *subject,
    const char *inbox, struct consent *consent_r, GError **error)
{
	g_autoptr(GByteArray) key = consent_key(subject, inbox);
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(standings->store, FALSE, error);
	struct store_value value;

	*consent_r = (struct consent){ 0 };
	if (txn == NULL)
		return FALSE;
	if (store_get(txn, TABLE_CONSENT, key->data, key->len, &value))
		standings_read_consent(&value, consent_r);
	return store_commit(&txn, error);
}

static void
put_consent(
    struct store_txn *txn, const GByteArray *key, const struct consent *consent)
{
	put_json(txn, TABLE_CONSENT, key->data, key->len,
	    json_pack("{s:I, s:I, s:I, s:s, s:s}", "granted",
		(json_int_t)consent->granted, "withdrawn",
		(json_int_t)consent->withdrawn, "noticed",
		(json_int_t)consent->noticed, "version", consent->version,
		"notice", consent->notice_version));
}

static void
merge_consent(struct consent *consent, const struct consent *said)
{
	if (said->granted != 0) {
		consent->granted = said->granted;
		memcpy(
		    consent->version, said->version, sizeof(consent->version));
	}
	if (said->withdrawn != 0)
		consent->withdrawn = said->withdrawn;
	if (said->noticed == 0)
		return;
	consent->noticed = said->noticed;
	memcpy(consent->notice_version, said->notice_version,
	    sizeof(consent->notice_version));
}

gboolean
standings_say_consent(struct standings *standings, const struct ident *subject,
    const char *inbox, const struct consent *said, GError **error)
{
	g_autoptr(GByteArray) key = consent_key(subject, inbox);
	struct store_txn *txn OWNED(store_abort) = NULL;
	struct consent consent = { 0 };
	struct store_value value;

	if (inbox[0] == '\0' || strlen(inbox) > INBOX_MOST)
		return err_set(error, DG_ERROR_BAD,
		    "an inbox has a name of 1 to %d bytes", INBOX_MOST);
	if (!g_utf8_validate(said->version, -1, NULL) ||
	    !g_utf8_validate(said->notice_version, -1, NULL))
		return err_set(
		    error, DG_ERROR_BAD, "the version is not in UTF-8");
	txn = store_begin(standings->store, TRUE, error);
	if (txn == NULL)
		return FALSE;
	if (store_get(txn, TABLE_CONSENT, key->data, key->len, &value))
		standings_read_consent(&value, &consent);
	merge_consent(&consent, said);
	put_consent(txn, key, &consent);
	return store_commit(&txn, error);
}

/* --- as a list --- */

static void
set_time(json_t *row, const char *name, gint64 wall)
{
	g_autofree char *text = wall > 0 ? clock_text(wall) : NULL;

	if (text != NULL)
		json_object_set_new(row, name, json_string(text));
}

static json_t *
consent_row(const struct store_value *key, const struct consent *consent)
{
	json_t *row = json_object();
	const char *state = consent_holds(consent)   ? "granted"
			    : consent->withdrawn > 0 ? "withdrawn"
						     : "none";

	json_object_set_new(row, "inbox",
	    json_stringn((const char *)key->data + IDENT_BYTES,
		key->length - IDENT_BYTES));
	json_object_set_new(row, "state", json_string(state));
	json_object_set_new(row, "version", json_string(consent->version));
	set_time(row, "granted", consent->granted);
	set_time(row, "withdrawn", consent->withdrawn);
	set_time(row, "noticed", consent->noticed);
	if (consent->noticed > 0)
		json_object_set_new(
		    row, "notice", json_string(consent->notice_version));
	return row;
}

static gboolean
is_of(const struct store_value *key, const struct ident *subject)
{
	return key->length >= IDENT_BYTES &&
	       memcmp(key->data, subject->bytes, IDENT_BYTES) == 0;
}

static void
list_consents(struct store_txn *txn, const struct ident *subject, json_t *list)
{
	struct store_cursor *cursor OWNED(store_cursor_end) =
	    store_cursor_begin(txn, TABLE_CONSENT, subject->bytes, IDENT_BYTES);
	struct store_value key, value;

	while (
	    store_cursor_next(cursor, &key, &value) && is_of(&key, subject)) {
		struct consent consent;

		standings_read_consent(&value, &consent);
		json_array_append_new(list, consent_row(&key, &consent));
	}
}

json_t *
standings_consents(
    struct standings *standings, const struct person *person, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(standings->store, FALSE, error);
	json_t *list;

	if (txn == NULL)
		return NULL;
	list = json_array();
	for (guint i = 0; i < person->subjects->len; i++)
		list_consents(txn,
		    &g_array_index(person->subjects, struct ident, i), list);
	if (store_commit(&txn, error))
		return list;
	json_decref(list);
	return NULL;
}

struct store *
standings_store(struct standings *standings)
{
	return standings->store;
}

/* --- the holder --- */

static void
add_standing(json_t *data, const struct standing *standing)
{
	set_time(data, "restricted", standing->restricted);
	set_time(data, "objected", standing->objected);
}

/* What there is of him as in an export. */
static gboolean
look(struct standings *standings, const struct person *person, json_t *data,
    GError **error)
{
	json_t *consents = standings_consents(standings, person, error);

	if (consents == NULL)
		return FALSE;
	json_object_set_new(data, "consents", consents);
	for (guint i = 0; i < person->subjects->len; i++) {
		struct standing standing;

		if (!standings_get(standings,
			&g_array_index(person->subjects, struct ident, i),
			&standing, error))
			return FALSE;
		add_standing(data, &standing);
	}
	return TRUE;
}

static gboolean
find(void *self, const struct person *person, json_t *counts, GError **error)
{
	json_t *data = json_object();
	gboolean good = look(self, person, data, error);
	size_t consents = json_array_size(json_object_get(data, "consents"));

	if (json_object_get(data, "restricted") != NULL)
		json_object_set_new(counts, "restrictions", json_integer(1));
	if (json_object_get(data, "objected") != NULL)
		json_object_set_new(counts, "objections", json_integer(1));
	if (consents > 0)
		json_object_set_new(
		    counts, "consents", json_integer((json_int_t)consents));
	json_decref(data);
	return good;
}

/* Both tables have the subject in front. */
gboolean
standings_people(
    struct standings *standings, struct people *people, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(standings->store, FALSE, error);

	if (txn == NULL)
		return FALSE;
	for (guint table = TABLE_STANDING; table <= TABLE_CONSENT; table++) {
		struct store_cursor *cursor OWNED(store_cursor_end) =
		    store_cursor_begin(txn, table, NULL, 0);
		struct store_value key, value;
		struct ident subject;

		while (store_cursor_next(cursor, &key, &value)) {
			if (key.length < IDENT_BYTES)
				continue;
			memcpy(subject.bytes, key.data, IDENT_BYTES);
			people_add(people, &subject);
		}
	}
	return store_commit(&txn, error);
}

static gboolean
subjects(void *self, struct people *people, GError **error)
{
	return standings_people(self, people, error);
}

static gboolean export(void *self, const struct person *person,
    const struct handout *handout, GError **error)
{
	return look(self, person, handout->data, error);
}

static gboolean
erase_consents(
    struct standings *standings, const struct person *person, GError **error)
{
	json_t *list = standings_consents(standings, person, error), *one;
	struct store_txn *txn OWNED(store_abort) = NULL;
	size_t i;

	if (list == NULL)
		return FALSE;
	txn = store_begin(standings->store, TRUE, error);
	json_array_foreach(list, i, one)
	{
		const char *inbox =
		    json_string_value(json_object_get(one, "inbox"));

		for (guint k = 0;
		     txn != NULL && inbox != NULL && k < person->subjects->len;
		     k++) {
			g_autoptr(GByteArray) key = consent_key(
			    &g_array_index(person->subjects, struct ident, k),
			    inbox);

			(void)store_del(
			    txn, TABLE_CONSENT, key->data, key->len);
		}
	}
	json_decref(list);
	return txn != NULL && store_commit(&txn, error);
}

static gboolean
erase(void *self, const struct person *person, json_t *counts,
    struct holder_erased *erased_r, GError **error)
{
	const struct standing none = { 0 };

	erased_r->outcome = HOLDER_DONE;
	if (!find(self, person, counts, error) ||
	    !erase_consents(self, person, error))
		return FALSE;
	for (guint i = 0; i < person->subjects->len; i++)
		if (!standings_put(self,
			&g_array_index(person->subjects, struct ident, i),
			&none, error))
			return FALSE;
	return TRUE;
}

void
standings_add_holder(struct registry *registry, struct standings *standings)
{
	static const char *const kinds[] = {
		"keyed digests of people: restrictions, objections, consents",
		NULL
	};
	static const char *const claims[] = { "standing/data.mdb:standing",
		"standing/data.mdb:consent", "standing/lock.mdb",
		"standing/compact/", NULL };

	registry_add(registry, &(struct holder){ .name = "standing",
				   .self = standings,
				   .claims = claims,
				   .kinds = kinds,
				   .find = find,
				   .subjects = subjects,
				   .export = export,
				   .erase = erase,
				   .expire = standings_expire,
				   .erase_inbox = standings_erase_inbox });
}
