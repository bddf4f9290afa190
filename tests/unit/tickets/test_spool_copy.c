/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies of the spool, and what becomes of entries in a state that was put
 * back. */
#include "tickets/spool_copy.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/tree.h"
#include "lib/privacy/subject.h"
#include "tests/unit/tickets/fake.h"

struct place {
	struct fixture fixture;
	struct conf *conf;
	struct deliver *deliver;
	char *copy;
	GArray *needed;
	guint told;
};

static void
set_up(struct place *place, gconstpointer unused)
{
	(void)unused;
	*fake_now() = (struct fake){ .mode = FAKE_GOOD };
	fixture_init(&place->fixture);
	place->conf = fake_conf(NULL);
	place->deliver = fake_deliver(&place->fixture, place->conf);
	place->copy = fixture_path(&place->fixture, "copy");
	g_assert_true(
	    file_make_dir(place->copy, 0700, (uid_t)-1, (gid_t)-1, NULL));
	place->needed = g_array_new(FALSE, FALSE, sizeof(struct ident));
	place->told = 0;
}

static void
tear_down(struct place *place, gconstpointer unused)
{
	int folder OWNED(file_close) =
	    file_open_dir(place->fixture.folder, NULL);

	(void)unused;
	g_assert_true(tree_remove(folder, "copy", FALSE, NULL));
	deliver_close(&place->deliver);
	conf_free(&place->conf);
	fixture_fini(&place->fixture);
	g_array_unref(place->needed);
	g_free(place->copy);
}

static void
put_text(struct place *place, guint number, enum entry_action action,
    const char *text)
{
	struct entry *entry OWNED(entry_free) = fixture_entry(number, action);
	g_autoptr(GError) error = NULL;
	enum spool_put result;

	g_assert_true(
	    fixture_put(&place->fixture, entry, text, &result, &error));
	g_assert_no_error(error);
}

static void
put(struct place *place, guint number, enum entry_action action)
{
	put_text(place, number, action, "from: anna@example.org");
}

static void
deliver_it(struct place *place, guint number, enum fake_mode mode)
{
	const struct ident key = fixture_ident(number);

	fake_now()->mode = mode;
	g_assert_true(deliver_one(place->deliver, &key, NULL));
	fake_now()->mode = FAKE_GOOD;
}

static gboolean
is_wrapped(void *self, const struct ident *key)
{
	struct place *place = self;

	return vaulted_is_wrapped(&place->fixture.vaulted, key);
}

static gboolean
tell(void *self, guint done, guint all, GError **error)
{
	struct place *place = self;

	(void)all, (void)error;
	g_assert_cmpuint(done, ==, ++place->told);
	return TRUE;
}

static guint
copy_all(struct place *place)
{
	g_autoptr(GArray) keys = spool_keys(place->fixture.spool, NULL);
	g_autoptr(GError) error = NULL;
	struct spool_copy copy = { .is_wrapped = is_wrapped,
		.tell = tell,
		.self = place,
		.needed = place->needed };

	g_assert_true(
	    spool_copy(place->fixture.spool, keys, place->copy, &copy, &error));
	g_assert_no_error(error);
	return copy.entries;
}

/* The file of an entry in a folder of the copy. */
static char *
path_of(const struct place *place, const char *folder, guint number)
{
	const struct ident key = fixture_ident(number);
	char name[IDENT_TEXT];

	ident_text(&key, name);
	return g_build_filename(place->copy, folder, name, NULL);
}

static gboolean
has(const struct place *place, const char *folder, guint number)
{
	g_autofree char *path = path_of(place, folder, number);

	return access(path, F_OK) == 0;
}

/* Whether the copy's head has anything behind its mark. */
static gboolean
has_box(const struct place *place, guint number)
{
	static const char zeros[SPOOL_HEAD_BYTES];
	g_autofree char *path = path_of(place, "msg", number);
	g_autofree char *bytes = NULL;
	gsize length;

	g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
	g_assert_cmpuint(length, >, SPOOL_HEAD_BYTES);
	g_assert_cmpint(memcmp(bytes, SPOOL_MAGIC, 4), ==, 0);
	return memcmp(bytes + 4, zeros, SPOOL_HEAD_BYTES - 4) != 0;
}

/* Each in its state, with its time; what was boxed to the intake key is there
 * only where nothing else opens it. */
static void
test_states(struct place *place, gconstpointer unused)
{
	g_autofree char *copied = path_of(place, "msg", 4);
	const struct ident busy = fixture_ident(5), held = fixture_ident(3);
	const struct ident done = fixture_ident(4);
	struct stat status;
	gint64 time;

	(void)unused;
	put(place, 1, ENTRY_TICKET); /* new */
	put(place, 2, ENTRY_TICKET);
	deliver_it(place, 2, FAKE_AGAIN); /* wait */
	put(place, 3, ENTRY_QUARANTINE);
	deliver_it(place, 3, FAKE_GOOD); /* held */
	put(place, 4, ENTRY_TICKET);
	deliver_it(place, 4, FAKE_GOOD); /* done */
	put(place, 5, ENTRY_TICKET);
	g_assert_true(spool_move(
	    place->fixture.spool, &busy, SPOOL_NEW, SPOOL_BUSY, NULL));
	g_assert_true(spool_set_milder(place->fixture.spool, &held, NULL));
	g_assert_cmpuint(copy_all(place), ==, 5);
	g_assert_cmpuint(place->told, ==, 5);
	g_assert_true(has(place, "new", 1));
	g_assert_true(has(place, "wait", 2));
	g_assert_true(has(place, "held", 3));
	g_assert_true(has(place, "milder", 3));
	g_assert_true(has(place, "done", 4));
	g_assert_true(has(place, "new", 5));
	g_assert_false(has(place, "busy", 5));
	for (guint i = 2; i <= 4; i++) {
		g_assert_false(has_box(place, i));
		g_assert_true(has(place, "wrap", i));
	}
	g_assert_true(has_box(place, 1));
	g_assert_false(has(place, "wrap", 1));
	g_assert_cmpuint(place->needed->len, ==, 1);
	g_assert_cmpint(stat(copied, &status), ==, 0);
	g_assert_true(spool_time(place->fixture.spool, &done, &time, NULL));
	g_assert_cmpint((gint64)status.st_mtim.tv_sec * G_USEC_PER_SEC +
			    status.st_mtim.tv_nsec / 1000,
	    ==, time);
}

/* Nothing needs an intake key once all are wrapped. */
static void
test_wrap_all(struct place *place, gconstpointer unused)
{
	const struct ident key = fixture_ident(1);
	struct ident subject;
	guint left = 7;

	(void)unused;
	put(place, 1, ENTRY_TICKET);
	g_assert_false(vaulted_is_wrapped(&place->fixture.vaulted, &key));
	g_assert_true(deliver_wrap_all(place->deliver, &left, NULL));
	g_assert_cmpuint(left, ==, 0);
	g_assert_true(vaulted_is_wrapped(&place->fixture.vaulted, &key));
	g_assert_true(vaulted_subject(&place->fixture.vaulted, &key, &subject));
	g_assert_cmpint(fixture_state(&place->fixture, 1), ==, SPOOL_NEW);
	g_assert_cmpuint(copy_all(place), ==, 1);
	g_assert_cmpuint(place->needed->len, ==, 0);
	g_assert_false(has_box(place, 1));
	/* It is delivered as before. */
	deliver_it(place, 1, FAKE_GOOD);
	g_assert_cmpuint(fake_count(&place->fixture, "create", &key), ==, 1);
}

/* The copy takes the place of the spool, and opens without the box. */
static void
test_opens(struct place *place, gconstpointer unused)
{
	const struct ident key = fixture_ident(2);
	struct entry *entry OWNED(entry_free) = NULL;
	g_autoptr(GBytes) message = NULL;
	g_autoptr(GError) error = NULL;
	struct vaulted copy = place->fixture.vaulted;

	(void)unused;
	put(place, 2, ENTRY_TICKET);
	deliver_it(place, 2, FAKE_AGAIN);
	copy_all(place);
	copy.spool = spool_open(place->copy, &error);
	g_assert_no_error(error);
	g_assert_true(vaulted_read(&copy, &key, &entry, &message, &error));
	g_assert_no_error(error);
	g_assert_cmpmem(g_bytes_get_data(message, NULL),
	    g_bytes_get_size(message), "from: anna@example.org", 22);
	spool_close(&copy.spool);
}

/* One that was dropped since it was listed is not there, in no state. */
static void
test_gone(struct place *place, gconstpointer unused)
{
	g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, IDENT_BYTES);
	const struct ident gone = fixture_ident(9);
	struct spool_copy copy = { .is_wrapped = is_wrapped,
		.tell = tell,
		.self = place,
		.needed = place->needed };

	(void)unused;
	g_array_append_val(keys, gone);
	g_assert_true(
	    spool_copy(place->fixture.spool, keys, place->copy, &copy, NULL));
	g_assert_cmpuint(copy.entries, ==, 0);
	g_assert_false(has(place, "msg", 9));
}

/* What the desk got after the backup is found there, and not made twice. */
static void
test_look_first(struct place *place, gconstpointer unused)
{
	const struct ident key = fixture_ident(1), other = fixture_ident(2);
	struct deliver_restored found;
	struct ledger_entry record;

	(void)unused;
	put(place, 1, ENTRY_TICKET);
	deliver_it(place, 1, FAKE_GOOD);
	/* As in a backup that was made before: it waits, and is unknown. */
	g_assert_true(spool_move(
	    place->fixture.spool, &key, SPOOL_DONE, SPOOL_NEW, NULL));
	g_assert_true(ledger_del(place->fixture.ledger, &key, NULL));
	put(place, 2, ENTRY_TICKET);
	g_assert_true(deliver_look_first(place->deliver, &found, NULL));
	g_assert_cmpuint(found.waiting, ==, 2);
	g_assert_true(ledger_get(place->fixture.ledger, &key, &record, NULL));
	g_assert_true(record.intent);
	deliver_it(place, 1, FAKE_GOOD);
	deliver_it(place, 2, FAKE_GOOD);
	g_assert_cmpuint(fake_now()->finds, ==, 2);
	g_assert_cmpuint(fake_count(&place->fixture, "create", &key), ==, 1);
	g_assert_cmpuint(fake_count(&place->fixture, "create", &other), ==, 1);
	g_assert_cmpint(fixture_state(&place->fixture, 1), ==, SPOOL_DONE);
	/* What has its ticket is left alone. */
	g_assert_true(deliver_look_first(place->deliver, &found, NULL));
	g_assert_cmpuint(found.waiting, ==, 0);
}

/* The ledger is lost: what was delivered is found at its desk, and made no
 * second time; what its desk does not know any more stays away. */
static void
test_look_again(struct place *place, gconstpointer unused)
{
	const struct ident key = fixture_ident(1), gone = fixture_ident(2);
	struct ledger_entry record;
	struct deliver_restored found;
	guint sought = 0;

	(void)unused;
	put(place, 1, ENTRY_TICKET);
	put(place, 2, ENTRY_TICKET);
	deliver_it(place, 1, FAKE_GOOD);
	g_assert_true(ledger_del(place->fixture.ledger, &key, NULL));
	g_assert_true(spool_move(
	    place->fixture.spool, &gone, SPOOL_NEW, SPOOL_DONE, NULL));
	g_assert_true(
	    deliver_look_again(place->deliver, &found, &sought, NULL));
	g_assert_cmpuint(sought, ==, 2);
	g_assert_cmpint(fixture_state(&place->fixture, 1), ==, SPOOL_WAIT);
	deliver_it(place, 1, FAKE_GOOD);
	deliver_it(place, 2, FAKE_GOOD);
	g_assert_cmpuint(fake_count(&place->fixture, "create", &key), ==, 1);
	g_assert_cmpuint(fake_count(&place->fixture, "create", &gone), ==, 0);
	g_assert_cmpint(fixture_state(&place->fixture, 1), ==, SPOOL_DONE);
	g_assert_cmpint(fixture_state(&place->fixture, 2), ==, SPOOL_DONE);
	g_assert_true(ledger_get(place->fixture.ledger, &key, &record, NULL));
	g_assert_cmpstr(record.ticket, !=, "");
	g_assert_false(record.sought);
	g_assert_true(ledger_get(place->fixture.ledger, &gone, &record, NULL));
	g_assert_cmpstr(record.ticket, ==, "");
}

/* Delivered once, of which the ledger knows nothing. */
static void
lose(struct place *place, guint number)
{
	const struct ident key = fixture_ident(number);

	if (fixture_state(&place->fixture, number) == SPOOL_NEW)
		g_assert_true(spool_move(
		    place->fixture.spool, &key, SPOOL_NEW, SPOOL_DONE, NULL));
	else
		g_assert_true(ledger_del(place->fixture.ledger, &key, NULL));
	g_assert_true(deliver_seek(place->deliver, &key, NULL));
	g_assert_cmpint(fixture_state(&place->fixture, number), ==, SPOOL_WAIT);
}

/* The file of the message; the caller frees it. */
static char *
message_path(const struct place *place, guint number)
{
	const struct ident key = fixture_ident(number);
	char name[IDENT_TEXT];
	g_autofree char *folder = fixture_path(&place->fixture, "spool/msg");

	ident_text(&key, name);
	return g_build_filename(folder, name, NULL);
}

/* The disk fails once: that ends no search. */
static void
test_look_again_fault(struct place *place, gconstpointer unused)
{
	const struct ident key = fixture_ident(1);
	g_autofree char *path = message_path(place, 1);
	g_autofree char *aside = g_strconcat(path, ".aside", NULL);
	struct ledger_entry record;

	(void)unused;
	put(place, 1, ENTRY_TICKET);
	deliver_it(place, 1, FAKE_GOOD);
	lose(place, 1);
	g_assert_cmpint(rename(path, aside), ==, 0);
	g_assert_cmpint(mkdir(path, 0700), ==, 0);
	g_assert_false(deliver_one(place->deliver, &key, NULL));
	g_assert_cmpint(fixture_state(&place->fixture, 1), ==, SPOOL_WAIT);
	g_assert_cmpint(rmdir(path), ==, 0);
	g_assert_cmpint(rename(aside, path), ==, 0);
	deliver_it(place, 1, FAKE_GOOD);
	g_assert_cmpint(fixture_state(&place->fixture, 1), ==, SPOOL_DONE);
	g_assert_true(ledger_get(place->fixture.ledger, &key, &record, NULL));
	g_assert_cmpstr(record.ticket, !=, "");
}

/* What was delivered is not given up for dead when it cannot be looked for:
 * not its message, and not its ticket. */
static void
test_look_again_unread(struct place *place, gconstpointer unused)
{
	g_autofree char *path = message_path(place, 3);
	struct ledger_entry record;

	(void)unused;
	put_text(place, 1, ENTRY_TICKET, "crash");
	put(place, 2, ENTRY_TICKET);
	put(place, 3, ENTRY_TICKET);
	for (guint i = 1; i <= 3; i++)
		lose(place, i);
	for (guint i = 0; i < 3; i++) {
		g_assert_cmpint(
		    fixture_state(&place->fixture, 1), ==, SPOOL_WAIT);
		deliver_it(place, 1, FAKE_GOOD);
	}
	deliver_it(place, 2, FAKE_BAD);
	g_assert_true(g_file_set_contents(path, "cut", -1, NULL));
	deliver_it(place, 3, FAKE_GOOD);
	for (guint i = 1; i <= 3; i++) {
		const struct ident key = fixture_ident(i);

		g_assert_cmpint(
		    fixture_state(&place->fixture, i), ==, SPOOL_DONE);
		g_assert_true(
		    ledger_get(place->fixture.ledger, &key, &record, NULL));
		g_assert_cmpstr(record.ticket, ==, "");
		g_assert_cmpstr(record.reason, !=, "");
		g_assert_false(record.sought);
		g_assert_cmpuint(
		    fake_count(&place->fixture, "create", &key), ==, 0);
	}
}

/* It is asked for at the desk that a rule had chosen. */
static void
test_look_again_rule(struct place *place, gconstpointer unused)
{
	const struct ident key = fixture_ident(1);
	struct ledger_entry record;

	(void)unused;
	deliver_close(&place->deliver);
	conf_free(&place->conf);
	place->conf = fake_conf("inbox \"support@example.com\" { }\n"
				"desk \"main\" { }\n"
				"desk \"other\" { }\n"
				"rule \"away\" { subject = 'x'\n"
				"desk = other\n"
				"action = quarantine }\n");
	place->deliver = fake_deliver(&place->fixture, place->conf);
	put_text(place, 1, ENTRY_TICKET, "from: anna@example.org\nrule: away");
	deliver_it(place, 1, FAKE_GOOD);
	g_assert_true(deliver_release(place->deliver, &key, NULL));
	deliver_it(place, 1, FAKE_GOOD);
	g_assert_true(ledger_get(place->fixture.ledger, &key, &record, NULL));
	g_assert_cmpstr(record.desk, ==, "other");
	lose(place, 1);
	deliver_it(place, 1, FAKE_GOOD);
	g_assert_true(ledger_get(place->fixture.ledger, &key, &record, NULL));
	g_assert_cmpstr(record.desk, ==, "other");
	g_assert_cmpstr(record.ticket, !=, "");
	g_assert_false(record.by_verdict);
	g_assert_cmpuint(fake_count(&place->fixture, "create", &key), ==, 1);
}

#define TEST(name, function) \
	g_test_add("/tickets/spool-copy/" name, struct place, NULL, set_up, \
	    function, tear_down)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	TEST("states", test_states);
	TEST("wrap-all", test_wrap_all);
	TEST("opens", test_opens);
	TEST("gone", test_gone);
	TEST("look-first", test_look_first);
	TEST("look-again", test_look_again);
	TEST("look-again-fault", test_look_again_fault);
	TEST("look-again-unread", test_look_again_unread);
	TEST("look-again-rule", test_look_again_rule);
	return g_test_run();
}
