/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/privacy/affected.h"

#include "lib/base/owned.h"

static void
add(struct affected *affected, const char *holder, guint8 who,
    const char *address, gint64 seconds)
{
	struct affected_record record = { .holder = holder,
		.address = address,
		.when = seconds * G_USEC_PER_SEC };

	record.subject.bytes[0] = who;
	affected_add(affected, &record);
}

/* Records of one person count once, under the address that any of them tells.
 */
static void
test_people(void)
{
	struct affected *affected OWNED(affected_free) = affected_new();
	guint unnamed = 9, records = 0;
	json_t *people;
	g_autofree char *text = NULL;

	g_assert_cmpuint(affected_count(affected, &unnamed), ==, 0);
	add(affected, "spool", 1, NULL, 1769860800);
	add(affected, "desk local", 1, "bert@example.org", 1769860700);
	add(affected, "spool", 1, "bert@example.org", 1769860900);
	add(affected, "desk local", 2, "anna@example.org", 1769860800);
	add(affected, "spool", 3, NULL, 1769860800);
	g_assert_cmpuint(affected_count(affected, &unnamed), ==, 3);
	g_assert_cmpuint(unnamed, ==, 1);
	g_assert_cmpuint(affected_of(affected, "spool", &records), ==, 2);
	g_assert_cmpuint(records, ==, 3);
	g_assert_cmpuint(affected_of(affected, "ledger", &records), ==, 0);
	g_assert_cmpuint(records, ==, 0);
	people = affected_people(affected);
	text = json_dumps(people, JSON_COMPACT);
	g_assert_cmpstr(text, ==,
	    "[{\"address\":\"anna@example.org\",\"records\":1,"
	    "\"first\":\"2026-01-31T12:00:00Z\","
	    "\"last\":\"2026-01-31T12:00:00Z\","
	    "\"holders\":[\"desk local\"]},"
	    "{\"address\":\"bert@example.org\",\"records\":3,"
	    "\"first\":\"2026-01-31T11:58:20Z\","
	    "\"last\":\"2026-01-31T12:01:40Z\","
	    "\"holders\":[\"desk local\",\"spool\"]}]");
	json_decref(people);
}

static void
test_due(void)
{
	g_assert_cmpint(affected_due(1769860800), ==, 1770120000);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/affected/people", test_people);
	g_test_add_func("/affected/due", test_due);
	return g_test_run();
}
