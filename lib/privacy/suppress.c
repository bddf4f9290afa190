/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of the erased, in LMDB.  Table `person`: digest of the subject to
 * the time of his erasure, big-endian.
 */
#include "lib/privacy/suppress.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/store/store.h"

/* Sparse; 100 bytes a person. */
#define SUPPRESS_MAP ((guint64)1 << 30)

enum { TABLE_PERSON };
static const struct store_table tables[] = {
	{ "person", FALSE },
	{ NULL, FALSE },
};

struct suppress {
	struct store *store;
	struct secret *key;
	const struct clock *clock, *aged;
	gint64 keep;
};

/* --- letting go --- */

static gboolean
is_past(const struct suppress *suppress, const struct store_value *value)
{
	gint64 when;

	if (value->length != sizeof(when))
		return TRUE;
	memcpy(&when, value->data, sizeof(when));
	return GINT64_FROM_BE(when) <
	       clock_wall(suppress->aged) - suppress->keep;
}

static guint
age(struct suppress *suppress, struct store_txn *txn)
{
	struct store_cursor *cursor OWNED(store_cursor_end) =
	    store_cursor_begin(txn, TABLE_PERSON, NULL, 0);
	g_autoptr(GPtrArray) past =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	struct store_value key, value;

	while (store_cursor_next(cursor, &key, &value)) {
		if (is_past(suppress, &value))
			g_ptr_array_add(
			    past, g_bytes_new(key.data, key.length));
	}
	store_cursor_end(&cursor);
	for (guint i = 0; i < past->len; i++) {
		gsize length;
		const void *data = g_bytes_get_data(past->pdata[i], &length);

		(void)store_del(txn, TABLE_PERSON, data, length);
	}
	return past->len;
}

/* Commits; what was let go is not to be read in the file either. */
static gboolean
end(struct suppress *suppress, struct store_txn **txn, GError **error)
{
	guint past = age(suppress, *txn);

	return store_commit(txn, error) &&
	       (past == 0 || store_compact(suppress->store, error));
}

/* --- the list --- */

struct suppress *
suppress_open(const char *folder, const struct secret *key,
    const struct clock *clock, const struct clock *aged, gint64 keep,
    GError **error)
{
	struct suppress *suppress = g_new0(struct suppress, 1);
	struct store_txn *txn OWNED(store_abort) = NULL;

	suppress->key = secret_new(secret_data(key), secret_length(key));
	suppress->clock = clock;
	suppress->aged = aged;
	suppress->keep = keep;
	suppress->store = store_open(folder, tables, SUPPRESS_MAP, error);
	if (suppress->store != NULL)
		txn = store_begin(suppress->store, TRUE, error);
	if (txn == NULL || !end(suppress, &txn, error)) {
		g_prefix_error(error, "list of the erased: ");
		suppress_close(&suppress);
	}
	return suppress;
}

void
suppress_close(struct suppress **suppress)
{
	struct suppress *old = *suppress;

	*suppress = NULL;
	if (old == NULL)
		return;
	store_close(&old->store);
	secret_free(&old->key);
	g_free(old);
}

static void
digest_of(const struct suppress *suppress, const struct ident *subject,
    struct ident *digest_r)
{
	struct seal_digest *digest = seal_digest_new(
	    secret_data(suppress->key), secret_length(suppress->key), "erased");

	seal_digest_add(digest, subject->bytes, IDENT_BYTES);
	seal_digest_end(&digest, digest_r->bytes, IDENT_BYTES);
}

gboolean
suppress_add(
    struct suppress *suppress, const struct person *person, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(suppress->store, TRUE, error);
	gint64 when = GINT64_TO_BE(clock_wall(suppress->clock));

	if (txn == NULL)
		return FALSE;
	for (guint i = 0; i < person->subjects->len; i++) {
		struct ident digest;

		digest_of(suppress,
		    &g_array_index(person->subjects, struct ident, i), &digest);
		store_put(txn, TABLE_PERSON, digest.bytes, IDENT_BYTES, &when,
		    sizeof(when));
	}
	return end(suppress, &txn, error);
}

gboolean
suppress_when(struct suppress *suppress, const struct ident *subject,
    gint64 *when_r, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(suppress->store, FALSE, error);
	struct store_value value;
	struct ident digest;

	*when_r = 0;
	if (txn == NULL)
		return FALSE;
	digest_of(suppress, subject, &digest);
	if (store_get(txn, TABLE_PERSON, digest.bytes, IDENT_BYTES, &value) &&
	    value.length == sizeof(*when_r)) {
		memcpy(when_r, value.data, sizeof(*when_r));
		*when_r = GINT64_FROM_BE(*when_r);
	}
	return store_commit(&txn, error);
}

static gint64
when_of(const struct store_value *value)
{
	gint64 when = 0;

	if (value->length == sizeof(when))
		memcpy(&when, value->data, sizeof(when));
	return GINT64_FROM_BE(when);
}

gboolean
suppress_merge(const char *from, const char *to, GError **error)
{
	struct store *one OWNED(store_close) =
	    store_open(from, tables, SUPPRESS_MAP, error);
	struct store *other OWNED(store_close) =
	    one == NULL ? NULL : store_open(to, tables, SUPPRESS_MAP, error);
	struct store_txn *source OWNED(store_abort) = NULL;
	struct store_txn *target OWNED(store_abort) = NULL;
	struct store_cursor *cursor OWNED(store_cursor_end) = NULL;
	struct store_value key, value, known;

	if (other != NULL)
		source = store_begin(one, FALSE, error);
	if (source != NULL)
		target = store_begin(other, TRUE, error);
	if (target == NULL)
		return FALSE;
	cursor = store_cursor_begin(source, TABLE_PERSON, NULL, 0);
	while (store_cursor_next(cursor, &key, &value))
		if (!store_get(
			target, TABLE_PERSON, key.data, key.length, &known) ||
		    when_of(&known) < when_of(&value))
			store_put(target, TABLE_PERSON, key.data, key.length,
			    value.data, value.length);
	return !store_failed(source) && store_commit(&target, error);
}

struct store *
suppress_store(struct suppress *suppress)
{
	return suppress->store;
}

/* --- as a holder --- */

/* No count: it is no datum of his that could be erased or handed out. */
static gboolean
find(void *self, const struct person *person, json_t *counts, GError **error)
{
	gint64 when = 0;

	for (guint i = 0; i < person->subjects->len && when == 0; i++) {
		if (!suppress_when(self,
			&g_array_index(person->subjects, struct ident, i),
			&when, error))
			return FALSE;
	}
	if (when != 0) {
		g_autofree char *text = clock_text(when);
		g_autofree char *words =
		    g_strdup_printf("was erased before, last %s", text);

		json_object_set_new(counts, "words", json_string(words));
	}
	return TRUE;
}

static gboolean
erase(void *self, const struct person *person, json_t *counts,
    struct holder_erased *erased_r, GError **error)
{
	(void)counts;
	erased_r->outcome = HOLDER_DONE;
	return suppress_add(self, person, error);
}

/* Counted first, so that those that go are told. */
static gboolean
count_all(
    struct suppress *suppress, gint64 now, struct kept *kept, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(suppress->store, FALSE, error);
	struct store_cursor *cursor;
	struct store_value key, value;

	if (txn == NULL)
		return FALSE;
	cursor = store_cursor_begin(txn, TABLE_PERSON, NULL, 0);
	while (store_cursor_next(cursor, &key, &value)) {
		gint64 when = 0;

		if (value.length == sizeof(when))
			memcpy(&when, value.data, sizeof(when));
		kept_count(kept, GINT64_FROM_BE(when), now, FALSE);
	}
	store_cursor_end(&cursor);
	return store_commit(&txn, error);
}

static gboolean
expire(void *self, const struct holder_expiry *expiry, json_t *rows,
    GError **error)
{
	struct suppress *suppress = self;
	const struct kept none = { .kind = "erased",
		.setting = "backup-keep",
		.keep = suppress->keep / G_USEC_PER_SEC };
	struct kept before = none, after = none;
	struct store_txn *txn OWNED(store_abort) = NULL;

	if (!count_all(suppress, expiry->now, &before, error))
		return FALSE;
	if (!expiry->run || before.past == 0) {
		kept_row(&before, rows);
		return TRUE;
	}
	txn = store_begin(suppress->store, TRUE, error);
	if (txn == NULL || !end(suppress, &txn, error) ||
	    !count_all(suppress, expiry->now, &after, error))
		return FALSE;
	after.gone = before.past - MIN(after.past, before.past);
	kept_row(&after, rows);
	return TRUE;
}

void
suppress_holder_add(struct registry *registry, struct suppress *suppress)
{
	static const char *const kinds[] = {
		"keyed digests of people who were erased", NULL
	};
	static const char *const claims[] = { "keys:erased/data.mdb:person",
		"keys:erased/lock.mdb", "keys:erased/compact/", NULL };

	registry_add(registry, &(struct holder){ .name = "list of the erased",
				   .self = suppress,
				   .claims = claims,
				   .kinds = kinds,
				   .find = find,
				   .erase = erase,
				   .expire = expire });
}
