/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is left of a person at the embedded desk after his erasure: nothing of
 * his, and all that is others'. */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/mail/addr.h"
#include "lib/privacy/subject.h"
#include "tests/unit/tickets/desk_place.h"
#include "tickets/sql.h"

#define CAROL "carol@example.net"

/* Erases him; the outcome, with its words for the caller. */
static struct desk_erased
erase(struct place *place, const char *address)
{
	const struct desk_whom whom = { address, G_MAXINT64 };
	struct desk_erased erased = { 0 };
	g_autoptr(GError) error = NULL;

	g_assert_true(
	    desk_local_ops.erase(place->desk, &whom, &erased, &error));
	g_assert_no_error(error);
	return erased;
}

static void
append(struct place *place, const char *code, const char *address,
    const char *text, guint8 number)
{
	struct ticket more = place_ticket(address, "Re: s", text);
	struct ident key = place_key(number);
	g_autoptr(GError) error = NULL;

	g_assert_true(
	    desk_local_ops.append(place->desk, code, &more, &key, &error));
	g_assert_no_error(error);
}

static gboolean
file_has(const struct place *place, const char *name, const char *word)
{
	g_autofree char *path = g_build_filename(place->dir, name, NULL);
	g_autofree char *data = NULL;
	gsize length = 0;

	return g_file_get_contents(path, &data, &length, NULL) &&
	       memmem(data, length, word, strlen(word)) != NULL;
}

/* Every file of the desk, its logs included. */
static gboolean
disk_has(const struct place *place, const char *word)
{
	static const char *const names[] = { "desk.sqlite", "desk.sqlite-wal",
		"desk-index.sqlite", "desk-index.sqlite-wal" };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (file_has(place, names[i], word))
			return TRUE;
	return FALSE;
}

static void
test_own(struct place *place, gconstpointer unused)
{
	struct ticket his = place_ticket("Carol@Example.net", "s", "quokka");
	struct ticket other = place_ticket("bob@example.net", "s", "zebra");
	g_autoptr(GBytes) bytes = g_bytes_new_static("PDFBYTES", 8);
	struct ticket_file file = { (char *)"quoll.pdf", (char *)"a/b", NULL,
		bytes };
	gpointer files[] = { &file };
	GPtrArray list = { files, 1 };
	struct desk_erased erased OWNED(desk_erased_clear) = { 0 };
	g_autofree char *kept = NULL, *one = NULL, *two = NULL;
	struct ident person;
	guint64 keys = 0;

	(void)unused;
	his.files = &list;
	his.note = (char *)"a note";
	one = place_create(place, &his, 1);
	kept = place_create(place, &other, 2);
	two = place_create(place, &his, 3);
	append(place, one, "bob@example.net", "on his ticket", 4);
	g_assert_true(desk_local_spam(place->desk, two, TRUE, NULL));
	place_assert_search(place, "quokka", "1 3");
	g_assert_true(disk_has(place, "quokka"));
	erased = erase(place, CAROL);
	g_assert_cmpint(erased.outcome, ==, DESK_ERASE_DONE);
	g_assert_cmpuint(erased.tickets, ==, 2);
	g_assert_null(erased.words);
	place_assert_list(place, NULL, NULL, kept);
	place_assert_list(place, "spam", NULL, "");
	place_assert_search(place, "zebra", kept);
	place_assert_search(place, "quokka", "");
	g_assert_null(desk_local_attachment(place->desk, 1, NULL, NULL));
	g_assert_true(subject_ident(place->subject_key, CAROL, &person));
	g_assert_null(vault_key(place->vault, &person, FALSE, NULL));
	g_assert_true(vault_count(place->vault, &keys, NULL));
	g_assert_cmpuint(keys, ==, 1);
	g_assert_false(disk_has(place, "quokka"));
	g_assert_false(disk_has(place, "quoll"));
	g_assert_true(desk_local_ops.health(place->desk, NULL));
}

/* Once more, and of who was never here: done, and nothing happens. */
static void
test_again(struct place *place, gconstpointer unused)
{
	struct ticket his = place_ticket(CAROL, "s", "t");
	struct ticket other = place_ticket("bob@example.net", "s", "t");
	g_autofree char *gone = place_create(place, &his, 1);
	g_autofree char *kept = place_create(place, &other, 2);
	g_autofree char *back = NULL;
	g_autoptr(GError) error = NULL;
	struct desk_erased none = { 0 };

	(void)unused;
	for (guint i = 0; i < 2; i++) {
		struct desk_erased erased OWNED(desk_erased_clear) =
		    erase(place, CAROL);

		g_assert_cmpint(erased.outcome, ==, DESK_ERASE_DONE);
		g_assert_cmpuint(erased.tickets, ==, 1 - i);
		place_close(place);
		place_open(place);
	}
	/* Who writes again is a new one, and no number is given twice. */
	back = place_create(place, &his, 3);
	g_assert_cmpstr(back, ==, "3");
	place_assert_list(place, NULL, NULL, "3 2");
	g_assert_cmpstr(gone, ==, "1");
	g_assert_cmpstr(kept, ==, "2");
	g_assert_false(desk_local_ops.erase(place->desk,
	    &(struct desk_whom){ "carol", G_MAXINT64 }, &none, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
}

/* On a ticket of Bob's, as a follower, as an author, and in words. */
static void
test_others(struct place *place, gconstpointer unused)
{
	struct ticket other =
	    place_ticket("bob@example.net", "s", "Ask Carol@example.net.");
	struct ticket alike =
	    place_ticket("bob@example.net", "s", "xcarol@example.net.org");
	struct addr carol = { (char *)"Carol", (char *)"CAROL@example.net" };
	struct addr dave = { (char *)"Dave", (char *)"dave@example.org" };
	gpointer people[] = { &carol, &dave };
	GPtrArray list = { people, 2 };
	g_autofree char *code = NULL, *quiet = NULL;
	struct desk_erased erased OWNED(desk_erased_clear) = { 0 };
	json_t *shown, *rest;

	(void)unused;
	other.followers = &list;
	code = place_create(place, &other, 1);
	quiet = place_create(place, &alike, 2);
	append(place, code, CAROL, "quokka", 3);
	erased = erase(place, CAROL);
	g_assert_cmpuint(erased.tickets, ==, 0);
	g_assert_cmpint(erased.outcome, ==, DESK_ERASE_DONE);
	g_assert_cmpstr(erased.words, ==,
	    "1 message removed from tickets of others, 1 ticket of others that "
	    "the address does not follow any more; what others wrote still "
	    "names the address; look at ticket 1");
	shown = desk_local_show(place->desk, code, NULL);
	rest = json_object_get(shown, "followers");
	g_assert_cmpuint(json_array_size(rest), ==, 1);
	g_assert_cmpstr(
	    place_text(json_array_get(rest, 0), "name"), ==, "Dave");
	g_assert_cmpstr(place_text(shown, "subject"), ==, "s");
	g_assert_cmpuint(
	    json_array_size(json_object_get(shown, "messages")), ==, 1);
	json_decref(shown);
	place_assert_search(place, "quokka", "");
	g_assert_cmpstr(quiet, ==, "2");
}

/* How many messages stand on it; none where it is gone. */
static guint
messages_of(struct place *place, const char *code)
{
	json_t *shown = desk_local_show(place->desk, code, NULL);
	guint n = json_array_size(json_object_get(shown, "messages"));

	json_decref(shown);
	return n;
}

/* Bob's ticket was merged into Carol's: it stands alone again. */
static void
test_merged(struct place *place, gconstpointer unused)
{
	struct ticket his = place_ticket(CAROL, "s", "quokka");
	struct ticket other = place_ticket("bob@example.net", "s", "zebra");
	g_autofree char *into = place_create(place, &his, 1);
	g_autofree char *from = place_create(place, &other, 2);
	struct desk_erased erased OWNED(desk_erased_clear) = { 0 };
	struct desk_state state = { 0 };

	(void)unused;
	g_assert_true(desk_local_merge(place->desk, from, into, NULL));
	erased = erase(place, CAROL);
	g_assert_cmpuint(erased.tickets, ==, 1);
	g_assert_cmpuint(messages_of(place, from), ==, 1);
	place_assert_search(place, "zebra", from);
	g_assert_true(desk_local_ops.look(place->desk, from, &state, NULL));
	g_assert_null(state.parent);
	g_assert_cmpstr(state.status, ==, "closed");
}

/* A ticket of its own, a second after what was before. */
static char *
create(struct place *place, const char *address, const char *text, guint8 key)
{
	struct ticket ticket = place_ticket(address, "s", text);

	place->now += G_USEC_PER_SEC;
	return place_create(place, &ticket, key);
}

static void
merge(struct place *place, const char *from, const char *into)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(desk_local_merge(place->desk, from, into, &error));
	g_assert_no_error(error);
	place->now += G_USEC_PER_SEC;
}

/* Carol's 1; Bob's 2 and 3, where Dave wrote, merged into it; what Bob and Dave
 * wrote there after. */
static void
merge_two(struct place *place)
{
	g_free(create(place, CAROL, "quokka", 1));
	g_free(create(place, "bob@example.net", "zebra", 2));
	append(place, "2", "dave@example.org", "heron", 3);
	g_free(create(place, "bob@example.net", "otter", 4));
	append(place, "3", "dave@example.org", "raven", 5);
	g_assert_true(desk_local_note(place->desk, "3", "agent", "mole", NULL));
	append(place, "1", "dave@example.org", "viper", 6);
	merge(place, "2", "1");
	merge(place, "3", "1");
	append(place, "1", "bob@example.net", "lemur", 7);
	append(place, "1", "dave@example.org", "bison", 8);
	g_assert_cmpuint(messages_of(place, "1"), ==, 9);
}

/* Each message goes back to the ticket that it came from, whoever wrote it;
 * what Bob wrote after goes to the newest of his.  Dave's on Carol's own goes
 * with it. */
static void
test_merged_others(struct place *place, gconstpointer unused)
{
	static const char *const words[][2] = { { "zebra", "2" },
		{ "heron", "2" }, { "otter", "3" }, { "raven", "3" },
		{ "mole", "3" }, { "lemur", "3" }, { "viper", "" },
		{ "bison", "" }, { "quokka", "" } };
	struct desk_erased erased OWNED(desk_erased_clear) = { 0 };

	(void)unused;
	merge_two(place);
	erased = erase(place, CAROL);
	g_assert_cmpuint(erased.tickets, ==, 1);
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		place_assert_search(place, words[i][0], words[i][1]);
	g_assert_cmpuint(messages_of(place, "2"), ==, 2);
	g_assert_cmpuint(messages_of(place, "3"), ==, 4);
	/* They are like any other: merged again, and given back again. */
	g_free(create(place, CAROL, "quokka", 9));
	merge(place, "3", "2");
	merge(place, "2", "4");
	g_assert_cmpuint(messages_of(place, "4"), ==, 7);
	desk_erased_clear(&erased);
	erased = erase(place, CAROL);
	place_assert_search(place, "raven", "3");
	place_assert_search(place, "heron", "2");
}

/* Who was merged is erased: what others wrote there is left where it stands
 * now, and belongs to it. */
static void
test_merged_gone(struct place *place, gconstpointer unused)
{
	struct desk_erased erased OWNED(desk_erased_clear) = { 0 };
	struct desk_erased other OWNED(desk_erased_clear) = { 0 };

	(void)unused;
	merge_two(place);
	erased = erase(place, "bob@example.net");
	g_assert_cmpuint(erased.tickets, ==, 2);
	g_assert_cmpuint(messages_of(place, "1"), ==, 5);
	place_assert_search(place, "heron", "1");
	place_assert_search(place, "zebra", "");
	g_free(create(place, "erin@example.net", "t", 9));
	merge(place, "1", "4");
	other = erase(place, "erin@example.net");
	place_assert_search(place, "heron", "1");
	g_assert_cmpuint(messages_of(place, "1"), ==, 5);
}

/* A desk of before messages knew where they came from: the requesters' go back
 * by the time. */
static void
test_merged_before(struct place *place, gconstpointer unused)
{
	g_autofree char *path =
	    g_build_filename(place->dir, "desk.sqlite", NULL);
	struct desk_erased erased OWNED(desk_erased_clear) = { 0 };
	struct sql *sql;
	g_autoptr(GError) error = NULL;

	(void)unused;
	merge_two(place);
	place_close(place);
	sql = sql_open(path, SQL_DURABLE, &error);
	g_assert_no_error(error);
	sql_script(sql,
	    "DROP INDEX message_origin;"
	    "ALTER TABLE message DROP COLUMN origin;"
	    "PRAGMA user_version = 4;",
	    &error);
	g_assert_no_error(error);
	sql_close(&sql);
	place_open(place);
	g_assert_cmpuint(messages_of(place, "1"), ==, 9);
	erased = erase(place, CAROL);
	place_assert_search(place, "zebra", "2");
	place_assert_search(place, "otter", "3");
	place_assert_search(place, "mole", "3");
	place_assert_search(place, "lemur", "3");
	place_assert_search(place, "quokka", "");
}

/* Others who are gone already do not stand in the way. */
static void
test_after_others(struct place *place, gconstpointer unused)
{
	struct ticket his = place_ticket(CAROL, "s", "t");
	struct ticket other = place_ticket("bob@example.net", "s", CAROL);
	g_autofree char *one = place_create(place, &his, 1);
	g_autofree char *two = place_create(place, &other, 2);
	struct desk_erased erased OWNED(desk_erased_clear) = { 0 };
	struct ident bob;

	(void)unused;
	g_assert_true(
	    subject_ident(place->subject_key, "bob@example.net", &bob));
	g_assert_true(vault_forget(place->vault, &bob, NULL));
	erased = erase(place, CAROL);
	g_assert_cmpuint(erased.tickets, ==, 1);
	g_assert_cmpint(erased.outcome, ==, DESK_ERASE_DONE);
	place_assert_list(place, NULL, NULL, two);
	g_assert_cmpstr(one, ==, "1");
}

#define ADD(name, function) \
	g_test_add("/tickets/desk-local-erase/" name, struct place, NULL, \
	    place_init, function, place_fini)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	ADD("own", test_own);
	ADD("again", test_again);
	ADD("others", test_others);
	ADD("merged", test_merged);
	ADD("merged-others", test_merged_others);
	ADD("merged-gone", test_merged_gone);
	ADD("merged-before", test_merged_before);
	ADD("after-others", test_after_others);
	return g_test_run();
}
