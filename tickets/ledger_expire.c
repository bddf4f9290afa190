/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is past its time in the ledger.
 *
 * A table is walked in a transaction that reads, so that deliveries go on
 * meanwhile; what was found past its time is looked at again in one that
 * writes, since it may have been used in between.
 */
#include "tickets/ledger_expire.h"

#include <string.h>

#include "lib/base/owned.h"
#include "lib/privacy/standing.h"
#include "tickets/ledger_private.h"

/* Records that go in one commit, and in one run. */
#define GONE_MOST 10000

/* How one record stands. */
struct dated {
	gint64 used;
	char inbox[256]; /* "": of none, or of one that nobody wrote down */
};

struct walk {
	struct ledger *ledger;
	struct store_txn *txn;
	const struct ledger_expiry *ask;
	guint table;
	struct kept_inboxes *inboxes; /* of kinds that are of an inbox, or */
	struct kept *kept;            /* of those that are not */
	GPtrArray *past;              /* GBytes *: keys */
	GPtrArray *stale;             /* those of which a part is past */
};

/* --- one record --- */

static void
read_json(const struct store_value *value, guint table, struct dated *dated_r)
{
	json_t *object = json_loadb(value->data, value->length, 0, NULL);

	dated_r->used = json_integer_value(
	    json_object_get(object, table == TABLE_ENTRY ? "changed" : "used"));
	ledger_get_text(
	    object, "inbox", dated_r->inbox, sizeof(dated_r->inbox));
	json_decref(object);
}

/* Of a member the ticket knows the inbox: the front of its key is the key of
 * that. */
static void
read_member(struct store_txn *txn, const struct store_value *key,
    const struct store_value *value, struct dated *dated_r)
{
	struct store_value ticket;
	struct dated of = { 0 };
	gint64 used = 0;

	if (value->length == sizeof(used))
		memcpy(&used, value->data, sizeof(used));
	if (key->length >= IDENT_BYTES &&
	    store_get(txn, TABLE_THREAD, key->data, IDENT_BYTES, &ticket))
		read_json(&ticket, TABLE_THREAD, &of);
	*dated_r = of;
	dated_r->used = GINT64_FROM_BE(used);
}

static void
read_record(const struct walk *walk, const struct store_value *key,
    const struct store_value *value, struct dated *dated_r)
{
	memset(dated_r, 0, sizeof(*dated_r));
	if (walk->table == TABLE_MEMBER)
		read_member(walk->txn, key, value, dated_r);
	else
		read_json(value, walk->table, dated_r);
	/* What stands there is the end of trust. */
	if (walk->table == TABLE_TRUST)
		dated_r->used -= walk->kept->keep * G_USEC_PER_SEC;
}

static struct kept *
kept_of(const struct walk *walk, const struct dated *dated)
{
	return walk->inboxes != NULL
		   ? kept_inboxes_of(walk->inboxes, dated->inbox)
		   : walk->kept;
}

/* Whose record it is, when its key says so. */
static gboolean
subject_of(guint table, const struct store_value *key, struct ident *subject_r)
{
	const guint8 *bytes = key->data;
	gsize at = table == TABLE_MEMBER ? IDENT_BYTES
		   : table == TABLE_OWN  ? 1
					 : 0;

	if (table == TABLE_ENTRY || table == TABLE_THREAD ||
	    table == TABLE_MARK || table == TABLE_TALLY ||
	    key->length < at + IDENT_BYTES ||
	    (table == TABLE_OWN && bytes[0] != 'd'))
		return FALSE;
	memcpy(subject_r->bytes, bytes + at, IDENT_BYTES);
	return TRUE;
}

static gboolean
is_restricted(const struct walk *walk, const struct store_value *key)
{
	struct ident subject;

	return subject_of(walk->table, key, &subject) &&
	       standings_restricts(walk->ask->expiry->standings, &subject);
}

/* What other work still needs, however old it is. */
static gboolean
is_needed(const struct walk *walk, const struct store_value *key,
    const struct dated *dated)
{
	struct ident entry;

	/* An acknowledgement that is being sent just now. */
	if (walk->table == TABLE_OWN)
		return dated->used == 0;
	/* From before tallies had a time: the next run gives it one. */
	if (walk->table == TABLE_TALLY)
		return dated->used == 0;
	if (walk->table != TABLE_ENTRY || walk->ask->is_held == NULL ||
	    key->length != IDENT_BYTES)
		return FALSE;
	memcpy(entry.bytes, key->data, IDENT_BYTES);
	return walk->ask->is_held(walk->ask->self, &entry, dated->inbox);
}

/* Whether a part of it is: tickets of a sender who writes still, or a tally
 * without a time. */
static gboolean
is_stale(const struct walk *walk, const struct store_value *value,
    const struct dated *dated)
{
	json_t *object;
	gint64 first;

	if (walk->table == TABLE_TALLY)
		return dated->used == 0;
	if (walk->table != TABLE_SENDER)
		return FALSE;
	object = json_loadb(value->data, value->length, 0, NULL);
	first = json_integer_value(json_array_get(
	    json_array_get(json_object_get(object, "tickets"), 0), 2));
	json_decref(object);
	return first > 0 &&
	       kept_is_past(walk->kept, first, walk->ask->expiry->now);
}

static GBytes *
copy_key(const struct store_value *key)
{
	return g_bytes_new(key->data, key->length);
}

static void
visit(struct walk *walk, const struct store_value *key,
    const struct store_value *value)
{
	const struct holder_expiry *expiry = walk->ask->expiry;
	struct dated dated;
	struct kept *kept;
	gboolean restricted = FALSE;

	read_record(walk, key, value, &dated);
	kept = kept_of(walk, &dated);
	if (kept_is_past(kept, dated.used, expiry->now) &&
	    !is_needed(walk, key, &dated)) {
		restricted = is_restricted(walk, key);
		if (expiry->run && !restricted && walk->past->len < GONE_MOST) {
			g_ptr_array_add(walk->past, copy_key(key));
			return;
		}
		kept_count(kept, dated.used, expiry->now, restricted);
		return;
	}
	/* What is needed is not past its time, whenever it began. */
	kept_count(kept,
	    kept_is_past(kept, dated.used, expiry->now) ? expiry->now
							: dated.used,
	    expiry->now, FALSE);
	if (expiry->run && is_stale(walk, value, &dated) &&
	    walk->stale->len < GONE_MOST)
		g_ptr_array_add(walk->stale, copy_key(key));
}

/* --- one table --- */

static gboolean
look(struct walk *walk, GError **error)
{
	struct store_cursor *cursor;
	struct store_value key, value;

	walk->txn = store_begin(walk->ledger->store, FALSE, error);
	if (walk->txn == NULL)
		return FALSE;
	cursor = store_cursor_begin(walk->txn, walk->table, NULL, 0);
	while (!holder_is_stopping(walk->ask->expiry) &&
	       store_cursor_next(cursor, &key, &value))
		visit(walk, &key, &value);
	store_cursor_end(&cursor);
	return store_commit(&walk->txn, error);
}

static void
let_go(struct walk *walk, const void *data, gsize length)
{
	const struct store_value key = { data, length };
	struct store_value value;
	struct dated dated;
	struct kept *kept;

	if (!store_get(walk->txn, walk->table, data, length, &value))
		return;
	read_record(walk, &key, &value, &dated);
	kept = kept_of(walk, &dated);
	if (kept_is_past(kept, dated.used, walk->ask->expiry->now) &&
	    store_del(walk->txn, walk->table, data, length))
		kept->gone++;
	else
		kept_count(kept, dated.used, walk->ask->expiry->now, FALSE);
}

/* Without the tickets that are past; a tally with the time of this run. */
static json_t *
trimmed(const struct walk *walk, json_t *object)
{
	const gint64 now = walk->ask->expiry->now;
	json_t *tickets = json_object_get(object, "tickets");

	if (walk->table == TABLE_TALLY)
		json_object_set_new(object, "used", json_integer(now));
	while (json_array_size(tickets) > 0 &&
	       kept_is_past(walk->kept,
		   json_integer_value(
		       json_array_get(json_array_get(tickets, 0), 2)),
		   now))
		json_array_remove(tickets, 0);
	return object;
}

static void
trim(struct walk *walk, const void *data, gsize length)
{
	g_autofree char *text = NULL;
	struct store_value value;
	json_t *object = NULL;

	if (store_get(walk->txn, walk->table, data, length, &value))
		object = json_loadb(value.data, value.length, 0, NULL);
	if (!json_is_object(object)) {
		json_decref(object);
		return;
	}
	text = ledger_dump(trimmed(walk, object));
	store_put(walk->txn, walk->table, data, length, text, strlen(text));
}

static gboolean
remove_past(struct walk *walk, GError **error)
{
	gsize length;

	if (walk->past->len + walk->stale->len == 0)
		return TRUE;
	walk->txn = store_begin(walk->ledger->store, TRUE, error);
	if (walk->txn == NULL)
		return FALSE;
	for (guint i = 0; i < walk->past->len; i++) {
		const void *key =
		    g_bytes_get_data(walk->past->pdata[i], &length);

		let_go(walk, key, length);
	}
	for (guint i = 0; i < walk->stale->len; i++) {
		const void *key =
		    g_bytes_get_data(walk->stale->pdata[i], &length);

		trim(walk, key, length);
	}
	if (walk->past->len >= GONE_MOST)
		*walk->ask->expiry->more = TRUE;
	store_owe(walk->ledger->store);
	return store_commit(&walk->txn, error);
}

static gboolean
expire_table(struct walk *walk, guint table, GError **error)
{
	GDestroyNotify unref = (GDestroyNotify)g_bytes_unref;
	gboolean good;

	walk->table = table;
	walk->past = g_ptr_array_new_with_free_func(unref);
	walk->stale = g_ptr_array_new_with_free_func(unref);
	good = look(walk, error) && remove_past(walk, error);
	g_ptr_array_unref(walk->past);
	g_ptr_array_unref(walk->stale);
	return good;
}

/* --- all of them --- */

#define TABLES_MOST 5
static const struct {
	const char *kind, *setting;
	gboolean of_inbox;
	/* Members before the threads that know their inbox. */
	guint tables[TABLES_MOST], n;
} kinds[] = {
	{ "deliveries", "ledger-retention", TRUE, { TABLE_ENTRY }, 1 },
	{ "threads", "ledger-retention", TRUE, { TABLE_MEMBER, TABLE_THREAD },
	    2 },
	{ "decisions", "ledger-retention", TRUE, { TABLE_MARK }, 1 },
	{ "senders", "ledger-retention", FALSE,
	    { TABLE_SENDER, TABLE_OWN, TABLE_UNDELIVERABLE, TABLE_TALLY }, 4 },
	{ "trust", "trust-for", FALSE, { TABLE_TRUST }, 1 },
};

static gboolean
expire_kind(struct ledger *ledger, const struct ledger_expiry *ask, gsize k,
    json_t *rows, GError **error)
{
	const struct conf *conf = ask->expiry->conf;
	struct kept kept = { .kind = kinds[k].kind,
		.setting = kinds[k].setting };
	struct walk walk = { .ledger = ledger, .ask = ask };
	gboolean good = TRUE;

	if (kinds[k].of_inbox) {
		walk.inboxes =
		    kept_inboxes_new(conf, kinds[k].kind, kinds[k].setting);
	} else {
		walk.kept = &kept;
		/* 0 says that nobody is trusted. */
		kept.keep = MAX(1, kept_setting(conf, NULL, kept.setting));
	}
	for (guint t = 0; good && t < kinds[k].n; t++)
		good = expire_table(&walk, kinds[k].tables[t], error);
	if (walk.inboxes == NULL)
		kept_row(&kept, rows);
	kept_inboxes_end(&walk.inboxes, rows);
	return good;
}

gboolean
ledger_expire(struct ledger *ledger, const struct ledger_expiry *ask,
    json_t *rows, GError **error)
{
	for (gsize k = 0; k < G_N_ELEMENTS(kinds); k++)
		if (!expire_kind(ledger, ask, k, rows, error))
			return FALSE;
	return TRUE;
}
