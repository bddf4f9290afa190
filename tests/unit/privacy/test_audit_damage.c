/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A trail that a disk has damaged: it opens, goes on, loses no line that can
 * still be read, and says where it is damaged.
 */
#include "lib/privacy/audit.h"

#include <string.h>

#include "tests/unit/privacy/trail.h"

struct place {
	struct trail trail;
	GString *text; /* of the file, to be damaged */
};

static void
take(struct place *place)
{
	g_autofree char *path = folder_path(&place->trail.folder, START_FILE);
	g_autofree char *text = NULL;
	gsize length;

	audit_close(&place->trail.audit);
	g_assert_true(g_file_get_contents(path, &text, &length, NULL));
	g_string_truncate(place->text, 0);
	g_string_append_len(place->text, text, (gssize)length);
}

/* Puts the text back and opens the trail. */
static void
put(struct place *place)
{
	g_autofree char *path = folder_path(&place->trail.folder, START_FILE);

	g_assert_true(g_file_set_contents(
	    path, place->text->str, (gssize)place->text->len, NULL));
	trail_open(&place->trail);
}

static void
set_up(struct place *place, gconstpointer unused)
{
	trail_init(&place->trail, unused);
	place->text = g_string_new(NULL);
	trail_add(&place->trail, "one");
	trail_add(&place->trail, "two");
	trail_add(&place->trail, "three");
	take(place);
}

static void
tear_down(struct place *place, gconstpointer unused)
{
	g_string_free(place->text, TRUE);
	trail_fini(&place->trail, unused);
}

/* Where the line with that object begins. */
static char *
line_of(struct place *place, const char *object)
{
	char *at = strstr(place->text->str, object);

	g_assert_nonnull(at);
	while (at > place->text->str && at[-1] != '\n')
		at--;
	return at;
}

/* What is listed, "one two (damaged) new", of all lines. */
static void
expect(struct place *place, const char *want, const char *fault)
{
	g_autoptr(GString) got = g_string_new(NULL);
	json_t *list = audit_list(place->trail.audit, 100, NULL), *one;
	struct audit_report report;
	size_t i;

	g_assert_nonnull(list);
	json_array_foreach(list, i, one)
	    g_string_append_printf(got, "%s%s", i > 0 ? " " : "",
		json_integer_value(json_object_get(one, "seq")) == 0
		    ? "(damaged)"
		    : json_string_value(json_object_get(one, "object")));
	json_decref(list);
	g_assert_cmpstr(got->str, ==, want);
	g_assert_true(audit_verify(place->trail.audit, NULL, &report, NULL));
	g_assert_false(report.whole);
	g_assert_cmpstr(report.fault, ==, fault);
}

/* Adds a line, starts anew and adds another: both are there. */
static void
go_on(struct place *place)
{
	trail_add(&place->trail, "four");
	audit_close(&place->trail.audit);
	trail_open(&place->trail);
	trail_add(&place->trail, "five");
}

static void
test_middle(struct place *place, gconstpointer unused)
{
	(void)unused;
	*line_of(place, "two") = '\0';
	put(place);
	go_on(place);
	expect(place, "one (damaged) three four five",
	    START_FILE ", line 2: is no line of the trail");
}

static void
test_last(struct place *place, gconstpointer unused)
{
	(void)unused;
	*line_of(place, "three") = 'x';
	put(place);
	go_on(place);
	expect(place, "one two (damaged) four five",
	    START_FILE ", line 3: is no line of the trail");
}

/* The end of a confirmed line is no power cut. */
static void
test_last_end(struct place *place, gconstpointer unused)
{
	(void)unused;
	place->text->str[place->text->len - 1] = 'x';
	put(place);
	go_on(place);
	expect(place, "one two (damaged) four five",
	    START_FILE ", line 3: is no line of the trail");
}

/* The tail of the file reads as zeros. */
static void
test_zeros(struct place *place, gconstpointer unused)
{
	char *at = line_of(place, "two") + 20;

	(void)unused;
	memset(at, 0, (gsize)(place->text->str + place->text->len - at));
	put(place);
	go_on(place);
	expect(place, "one (damaged) four five",
	    START_FILE ", line 2: is no line of the trail");
}

static void
test_all(struct place *place, gconstpointer unused)
{
	(void)unused;
	memset(place->text->str, 'x', place->text->len);
	put(place);
	go_on(place);
	expect(place, "(damaged) four five",
	    START_FILE ", line 1: is no line of the trail");
}

/* One whose older lines were sound goes on behind them. */
static void
test_month(struct place *place, gconstpointer unused)
{
	json_t *list;

	(void)unused;
	put(place);
	audit_close(&place->trail.audit);
	folder_put(&place->trail.folder, "2026-12.log", "hello\n", 0600);
	place->trail.now += 30 * DAY;
	trail_open(&place->trail);
	trail_add(&place->trail, "four");
	list = audit_list(place->trail.audit, 100, NULL);
	g_assert_cmpuint(json_array_size(list), ==, 5);
	g_assert_cmpint(
	    json_integer_value(json_object_get(json_array_get(list, 4), "seq")),
	    ==, 4);
	json_decref(list);
}

/* From a damaged line on nothing goes by time. */
static void
test_expire(struct place *place, gconstpointer unused)
{
	struct kept kept = { .keep = 24 * 3600 };

	(void)unused;
	*line_of(place, "two") = 'x';
	put(place);
	place->trail.now += 10 * DAY;
	g_assert_true(audit_expire(
	    place->trail.audit, place->trail.now, TRUE, &kept, NULL));
	g_assert_cmpint(kept.gone, ==, 1);
	trail_add(&place->trail, "four");
	expect(place, "(damaged) three to 1 four",
	    START_FILE ", line 1: is no line of the trail");
	g_assert_true(audit_expire(
	    place->trail.audit, place->trail.now, TRUE, &kept, NULL));
	expect(place, "(damaged) three to 1 four",
	    START_FILE ", line 1: is no line of the trail");
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(struct place *place, gconstpointer unused);
	} cases[] = {
		{ "/audit/damage/middle", test_middle },
		{ "/audit/damage/last", test_last },
		{ "/audit/damage/last-end", test_last_end },
		{ "/audit/damage/zeros", test_zeros },
		{ "/audit/damage/all", test_all },
		{ "/audit/damage/month", test_month },
		{ "/audit/damage/expire", test_expire },
	};

	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		g_test_add(cases[i].name, struct place, NULL, set_up,
		    cases[i].run, tear_down);
	return g_test_run();
}
