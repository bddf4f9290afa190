/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/err.h"
#include "lib/base/seal.h"
#include "tests/unit/tickets/desk_place.h"

static guint
messages_of(struct place *place, const char *code)
{
	json_t *shown = desk_local_show(place->desk, code, NULL);
	guint n = json_array_size(json_object_get(shown, "messages"));

	json_decref(shown);
	return n;
}

static void
assert_look(
    struct place *place, const char *id, const char *status, const char *parent)
{
	struct desk_state state = { 0 };
	g_autoptr(GError) error = NULL;

	g_test_message("look at %s", id);
	g_assert_true(desk_local_ops.look(place->desk, id, &state, &error));
	g_assert_no_error(error);
	g_assert_cmpstr(state.status, ==, status);
	g_assert_cmpstr(state.parent, ==, parent);
	g_assert_cmpstr(state.parent_code, ==, parent);
	desk_state_clear(&state);
}

/* Tickets 1 to `n`, each with a word of its own. */
static void
make(struct place *place, guint8 n)
{
	for (guint8 i = 1; i <= n; i++) {
		g_autofree char *text = g_strdup_printf("word%u", i);
		struct ticket ticket = place_ticket("a@example.net", "s", text);

		g_free(place_create(place, &ticket, i));
		place->now += G_USEC_PER_SEC;
	}
}

static void
test_into(struct place *place, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	(void)unused;
	make(place, 2);
	assert_look(place, "2", "new", NULL);
	g_assert_true(desk_local_merge(place->desk, "#2", "1", &error));
	g_assert_no_error(error);
	g_assert_cmpuint(messages_of(place, "1"), ==, 2);
	g_assert_cmpuint(messages_of(place, "2"), ==, 0);
	assert_look(place, "2", "closed", "1");
	assert_look(place, "1", "new", NULL);
	/* What was said there is found where it stands now, and both have
	 * changed. */
	place_assert_search(place, "word2", "1");
	place_assert_list(place, NULL, NULL, "2 1");
}

/* A chain is kept short: who was merged before goes along. */
static void
test_chain(struct place *place, gconstpointer unused)
{
	(void)unused;
	make(place, 4);
	g_assert_true(desk_local_merge(place->desk, "3", "2", NULL));
	g_assert_true(desk_local_merge(place->desk, "2", "1", NULL));
	assert_look(place, "3", "closed", "1");
	assert_look(place, "2", "closed", "1");
	/* Into one that was merged: into where that went. */
	g_assert_true(desk_local_merge(place->desk, "4", "3", NULL));
	assert_look(place, "4", "closed", "1");
	g_assert_cmpuint(messages_of(place, "1"), ==, 4);
}

static void
test_refused(struct place *place, gconstpointer unused)
{
	static const struct {
		const char *from, *into;
		enum dg_error want;
	} cases[] = {
		{ "1", "1", DG_ERROR_BAD },
		{ "2", "1", DG_ERROR_BAD }, /* was merged before */
		{ "1", "2", DG_ERROR_BAD }, /* into itself by way of 2 */
		{ "9", "1", DG_ERROR_NOTFOUND },
		{ "1", "9", DG_ERROR_NOTFOUND },
		{ "x", "1", DG_ERROR_BAD },
		{ "1", "", DG_ERROR_BAD },
	};

	(void)unused;
	make(place, 2);
	g_assert_true(desk_local_merge(place->desk, "2", "1", NULL));
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_test_message("%s into %s", cases[i].from, cases[i].into);
		g_assert_false(desk_local_merge(
		    place->desk, cases[i].from, cases[i].into, &error));
		g_assert_error(error, DG_ERROR, (int)cases[i].want);
	}
	g_assert_cmpuint(messages_of(place, "1"), ==, 2);
	assert_look(place, "1", "new", NULL);
}

static void
test_look_refused(struct place *place, gconstpointer unused)
{
	struct desk_state state = { 0 };
	g_autoptr(GError) error = NULL;

	(void)unused;
	g_assert_false(desk_local_ops.look(place->desk, "1", &state, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_NOTFOUND);
	g_clear_error(&error);
	g_assert_false(desk_local_ops.look(place->desk, "?", &state, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
}

/* Each status has its word. */
static void
test_look_words(struct place *place, gconstpointer unused)
{
	(void)unused;
	make(place, 1);
	g_assert_true(desk_local_close(place->desk, "1", NULL));
	assert_look(place, "1", "closed", NULL);
	g_assert_true(desk_local_reopen(place->desk, "1", NULL));
	assert_look(place, "1", "open", NULL);
	g_assert_true(desk_local_spam(place->desk, "1", TRUE, NULL));
	assert_look(place, "1", "spam", NULL);
}

#define ADD(name, function) \
	g_test_add("/tickets/desk-local-merge/" name, struct place, NULL, \
	    place_init, function, place_fini)

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	ADD("into", test_into);
	ADD("chain", test_chain);
	ADD("refused", test_refused);
	ADD("look-refused", test_look_refused);
	ADD("look-words", test_look_words);
	return g_test_run();
}
