/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a record of the ledger: the first byte chooses the table, in
 * which they take the place of a record that is asked for.  What is answered
 * is text in UTF-8, and a record that is none is never taken for "unknown".
 */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tests/fuzz/quiet.h"
#include "tests/unit/tickets/fixture.h"
#include "tickets/ledger_ack.h"
#include "tickets/ledger_check.h"
#include "tickets/ledger_due.h"
#include "tickets/ledger_expire.h"
#include "tickets/ledger_inbox.h"
#include "tickets/ledger_marks.h"
#include "tickets/ledger_person.h"
#include "tickets/ledger_private.h"
#include "tickets/ledger_sender.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

#define TABLES (TABLE_TALLY + 1)
#define DESK "main"
#define INBOX "support@example.com"
#define TIME ((gint64)1795896000 * G_USEC_PER_SEC)

static const struct ident anna = { { 0xa } };

struct place {
	struct fixture fixture;
	GBytes *keys[TABLES], *values[TABLES];
};

static struct place *
the_place(void)
{
	static struct place place;

	return &place;
}

/* One record at least in each table. */
static void
fill(struct ledger *ledger)
{
	const struct ident key = fixture_ident(1);
	struct ledger_entry entry = { .desk = DESK,
		.ticket = "7",
		.code = "T-7",
		.inbox = INBOX,
		.changed = TIME };
	const char *ids[] = { "1@example.org", NULL };
	const struct ledger_links links = { ids, &anna, 1 };
	const struct ledger_sender_ticket made = { DESK, "7", TIME };
	const struct ledger_trust trust = { TIME, "192.0.2.0/24" };
	const struct desk_cursor cursor = { "5" };
	const struct ledger_ack_case ack = { &anna, INBOX, TIME, 0 };
	gboolean wanted;

	g_assert(ledger_put(ledger, &key, &entry, &links, NULL));
	g_assert(ledger_trust_put(ledger, &anna, &trust, NULL));
	g_assert(ledger_sender_add(ledger, &anna, &made, NULL));
	g_assert(ledger_ack_want(ledger, &key, &ack, &wanted, NULL));
	g_assert(ledger_set_undeliverable(ledger, &anna, "5.1.1", TIME, NULL));
	g_assert(ledger_cursor_put(ledger, DESK, &cursor, NULL));
	g_assert(ledger_tally(ledger, "desk:main:3", "learnt", TIME, NULL));
}

/* Remembers the first record of each table. */
static void
remember(struct place *place)
{
	struct store_txn *txn =
	    store_begin(ledger_store(place->fixture.ledger), FALSE, NULL);

	for (guint i = 0; i < TABLES; i++) {
		struct store_cursor *cursor =
		    store_cursor_begin(txn, i, NULL, 0);
		struct store_value key, value;

		g_assert(store_cursor_next(cursor, &key, &value));
		place->keys[i] = g_bytes_new(key.data, key.length);
		place->values[i] = g_bytes_new(value.data, value.length);
		store_cursor_end(&cursor);
	}
	store_abort(&txn);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	quiet_logs();
	fixture_init(&the_place()->fixture);
	fill(the_place()->fixture.ledger);
	remember(the_place());
	return 0;
}

static void
set(struct place *place, guint table, const void *value, gsize length)
{
	struct store_txn *txn =
	    store_begin(ledger_store(place->fixture.ledger), TRUE, NULL);
	gsize key_length;
	const void *key = g_bytes_get_data(place->keys[table], &key_length);

	store_put(txn, table, key, key_length, value, length);
	g_assert(store_commit(&txn, NULL));
}

static void
must_be_text(const char *text)
{
	g_assert(g_utf8_validate(text, -1, NULL));
}

static void
ask_entry(struct ledger *ledger)
{
	const struct ident key = fixture_ident(1);
	struct ledger_entry entry;
	struct ledger_mark mark;
	g_autoptr(GError) error = NULL;

	if (ledger_get(ledger, &key, &entry, &error)) {
		must_be_text(entry.desk);
		must_be_text(entry.ticket);
		must_be_text(entry.inbox);
		must_be_text(entry.reason);
	} else {
		g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	}
	if (ledger_mark_get(ledger, DESK, "7", &mark, NULL)) {
		must_be_text(mark.status);
		must_be_text(mark.inbox);
		g_assert_cmpuint(mark.n, <=, LEDGER_MARK_ENTRIES);
	}
}

static void
ask_threads(struct ledger *ledger)
{
	const struct ledger_question question = { DESK, INBOX, &anna };
	struct ledger_place place;
	gboolean takes_part;

	if (ledger_by_id(ledger, &question, "1@example.org", &place, NULL)) {
		must_be_text(place.ticket);
		must_be_text(place.code);
	}
	(void)ledger_by_code(ledger, &question, "T-7", &place, NULL);
	(void)ledger_by_ticket(ledger, &question, "7", &place, NULL);
	(void)ledger_takes_part(ledger, DESK, "7", &anna, &takes_part, NULL);
}

static void
ask_people(struct ledger *ledger)
{
	struct ledger_sender sender;
	struct ledger_trust trust;
	char status[LEDGER_STATUS_MAX];
	GArray *subjects = g_array_new(FALSE, FALSE, sizeof(struct ident));
	struct person *person OWNED(person_free) = NULL;
	struct people *people OWNED(people_free) = people_new();
	struct ledger_person found;
	json_t *data = json_object();

	g_array_append_val(subjects, anna);
	person = person_of_subjects(subjects);
	if (ledger_sender_get(ledger, &anna, &sender, NULL))
		g_assert_cmpuint(sender.n, <=, LEDGER_SENDER_TICKETS);
	if (ledger_trust_get(ledger, &anna, &trust, NULL))
		must_be_text(trust.network);
	if (ledger_undeliverable(ledger, &anna, status, NULL))
		must_be_text(status);
	(void)ledger_person_find(ledger, person, &found, NULL);
	(void)ledger_person_export(ledger, person, data, NULL);
	(void)ledger_people(ledger, people, NULL);
	json_decref(data);
}

static void
ask_due(struct ledger *ledger)
{
	struct ident key;
	guint tries;
	gint64 day;

	(void)ledger_ack_next(ledger, TIME + 1, &key, &tries, NULL);
	(void)ledger_due_next(
	    ledger, LEDGER_DUE_NOTE, TIME + 1, &key, &tries, NULL);
	(void)ledger_digest_get(ledger, INBOX, &day, NULL);
}

static void
ask_all(struct ledger *ledger)
{
	GPtrArray *shared = ledger_inbox_shared(ledger, DESK, INBOX, NULL);
	struct desk_cursor cursor;
	guint64 records;
	GPtrArray *broken = ledger_check(ledger, &records, NULL);
	json_t *tickets = ledger_inbox_tickets(ledger, INBOX, NULL);
	json_t *tallies = ledger_tallies(ledger, NULL);

	g_assert(broken != NULL && broken->len <= 1 && records >= TABLES);
	if (ledger_cursor_get(ledger, DESK, &cursor, NULL))
		g_assert_cmpuint(strlen(cursor.text), <=, DESK_CURSOR_MAX);
	g_ptr_array_unref(broken);
	g_clear_pointer(&shared, g_ptr_array_unref);
	json_decref(tickets);
	json_decref(tallies);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	struct place *place = the_place();
	struct ledger *ledger = place->fixture.ledger;
	guint table = size > 0 ? data[0] % TABLES : 0;
	const void *value;
	gsize length;

	if (size == 0)
		return 0;
	set(place, table, data + 1, size - 1);
	ask_entry(ledger);
	ask_threads(ledger);
	ask_people(ledger);
	ask_due(ledger);
	ask_all(ledger);
	value = g_bytes_get_data(place->values[table], &length);
	set(place, table, value, length);
	return 0;
}
