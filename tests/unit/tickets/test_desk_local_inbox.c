/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is left at the embedded desk of an inbox that was erased. */
#include <string.h>

#include "lib/base/seal.h"
#include "tests/unit/tickets/desk_place.h"
#include "tickets/ledger_inbox.h"

#define GONE "support@example.com"
#define STAYS "sales@example.com"

static char *
create(struct place *place, const char *inbox, const char *address,
    const char *text, guint8 number)
{
	struct ticket ticket = place_ticket(address, "s", text);

	ticket.inbox = (char *)inbox;
	return place_create(place, &ticket, number);
}

static void
append(struct place *place, const char *code, const char *text, guint8 number)
{
	struct ticket more = place_ticket("carol@example.net", "Re", text);
	struct ident key = place_key(number);

	g_assert_true(
	    desk_local_ops.append(place->desk, code, &more, &key, NULL));
}

static void
erase(struct place *place, const GPtrArray *shared, gint64 want)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	gint64 tickets = -1;

	g_assert_true(desk_local_erase_inbox(place->desk, "Support@example.com",
	    shared != NULL ? shared : none, &tickets, &error));
	g_assert_no_error(error);
	g_assert_cmpint(tickets, ==, want);
}

static guint
count_people(struct place *place, const char *inbox)
{
	g_autoptr(GArray) people =
	    desk_local_inbox_people(place->desk, inbox, NULL);

	return people->len;
}

static gboolean
disk_has(const struct place *place, const char *word)
{
	static const char *const names[] = { "desk.sqlite", "desk.sqlite-wal",
		"desk-index.sqlite", "desk-index.sqlite-wal" };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path =
		    g_build_filename(place->dir, names[i], NULL);
		g_autofree char *data = NULL;
		gsize length = 0;

		if (g_file_get_contents(path, &data, &length, NULL) &&
		    memmem(data, length, word, strlen(word)) != NULL)
			return TRUE;
	}
	return FALSE;
}

static void
test_own(struct place *place, gconstpointer unused)
{
	g_autofree char *one =
	    create(place, GONE, "anna@example.org", "quokka", 1);
	g_autofree char *two =
	    create(place, STAYS, "bert@example.org", "zebra", 2);
	gint64 tickets;

	(void)unused;
	append(place, one, "quoll", 3);
	place_assert_search(place, "quokka", one);
	g_assert_cmpuint(count_people(place, GONE), ==, 2);
	erase(place, NULL, 1);
	g_assert_true(desk_local_count(place->desk, &tickets, NULL));
	g_assert_cmpint(tickets, ==, 1);
	place_assert_search(place, "quokka", "");
	place_assert_search(place, "quoll", "");
	place_assert_search(place, "zebra", two);
	g_assert_false(disk_has(place, "quokka"));
	g_assert_cmpuint(count_people(place, STAYS), ==, 1);
	/* Asking again is no fault. */
	erase(place, NULL, 0);
}

/* A ticket on which mail of another inbox stands is that inbox's then. */
static void
test_shared(struct place *place, gconstpointer unused)
{
	g_autofree char *one =
	    create(place, GONE, "anna@example.org", "quokka", 1);
	struct ledger_shared shared = { .inbox = STAYS };
	gpointer list[] = { &shared };
	const GPtrArray all = { list, 1 };
	struct ident key = place_key(1);

	(void)unused;
	append(place, one, "zebra", 2);
	g_strlcpy(shared.ticket, one, sizeof(shared.ticket));
	shared.entries = g_array_new(FALSE, FALSE, sizeof(struct ident));
	g_array_append_val(shared.entries, key);
	erase(place, &all, 0);
	place_assert_search(place, "quokka", "");
	place_assert_search(place, "zebra", one);
	place_assert_list(place, NULL, STAYS, one);
	g_array_unref(shared.entries);
}

/* What of others was merged into a ticket of the inbox stands alone again, and
 * what was merged into one of others is gone there. */
static void
test_merged(struct place *place, gconstpointer unused)
{
	g_autofree char *mine =
	    create(place, GONE, "anna@example.org", "quokka", 1);
	g_autofree char *more =
	    create(place, GONE, "anna@example.org", "quoll", 2);
	g_autofree char *other =
	    create(place, STAYS, "bert@example.org", "zebra", 3);
	g_autofree char *third =
	    create(place, STAYS, "bert@example.org", "okapi", 4);

	(void)unused;
	g_assert_true(desk_local_merge(place->desk, other, mine, NULL));
	g_assert_true(desk_local_merge(place->desk, more, third, NULL));
	erase(place, NULL, 2);
	place_assert_search(place, "quokka", "");
	place_assert_search(place, "quoll", "");
	place_assert_search(place, "zebra", other);
	place_assert_search(place, "okapi", third);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add("/tickets/desk-local-inbox/own", struct place, NULL,
	    place_init, test_own, place_fini);
	g_test_add("/tickets/desk-local-inbox/shared", struct place, NULL,
	    place_init, test_shared, place_fini);
	g_test_add("/tickets/desk-local-inbox/merged", struct place, NULL,
	    place_init, test_merged, place_fini);
	return g_test_run();
}
