/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/privacy/operator.h"

#include <string.h>

#include "lib/base/err.h"
#include "tests/unit/base/folder.h"

struct place {
	struct folder folder;
	struct operators *operators;
};

static void
reopen(struct place *place)
{
	g_autoptr(GError) error = NULL;

	operators_close(&place->operators);
	place->operators = operators_open(place->folder.path, &error);
	g_assert_no_error(error);
}

static void
set_up(struct place *place, gconstpointer unused)
{
	folder_init(&place->folder, unused);
	place->operators = NULL;
	reopen(place);
}

static void
tear_down(struct place *place, gconstpointer unused)
{
	operators_close(&place->operators);
	folder_fini(&place->folder, unused);
}

static const char *
alias_of(struct place *place, const char *actor)
{
	g_autoptr(GError) error = NULL;
	const char *alias = operators_alias(place->operators, actor, &error);

	g_assert_no_error(error);
	return alias;
}

static void
test_alias(struct place *place, gconstpointer unused)
{
	static const char *const nobody[] = { "keeper", "desk:main",
		"cli:~0123456789abcdef", "cli:" };
	g_autofree char *anna = g_strdup(alias_of(place, "cli:anna"));
	g_autofree char *agent = g_strdup(alias_of(place, "desk:main:anna"));

	(void)unused;
	g_assert_true(g_str_has_prefix(anna, "cli:~"));
	g_assert_cmpuint(strlen(anna), ==, strlen("cli:~0123456789abcdef"));
	g_assert_true(g_str_has_prefix(agent, "desk:main:~"));
	g_assert_null(strstr(agent, "anna"));
	for (gsize i = 0; i < G_N_ELEMENTS(nobody); i++)
		g_assert_cmpstr(alias_of(place, nobody[i]), ==, nobody[i]);
	g_assert_cmpstr(alias_of(place, "cli:anna"), ==, anna);
	g_assert_cmpstr(alias_of(place, anna), ==, anna);
	reopen(place);
	g_assert_cmpstr(alias_of(place, "cli:anna"), ==, anna);
	g_assert_cmpstr(
	    operators_name(place->operators, agent), ==, "desk:main:anna");
	g_assert_cmpstr(
	    operators_name(place->operators, "cli:root"), ==, "cli:root");
}

/* What he did stays under the alias, which is nobody's any more. */
static void
test_delete(struct place *place, gconstpointer unused)
{
	g_autofree char *anna = g_strdup(alias_of(place, "cli:anna"));
	g_autofree char *bert = g_strdup(alias_of(place, "cli:bert"));
	g_autoptr(GError) error = NULL;
	json_t *list;

	(void)unused;
	g_assert_false(operators_delete(place->operators, "cli:carl", &error));
	g_assert_true(err_is(error, DG_ERROR_NOTFOUND));
	g_clear_error(&error);
	g_assert_true(operators_delete(place->operators, "cli:anna", &error));
	g_assert_no_error(error);
	for (guint round = 0; round < 2; round++) {
		list = operators_list(place->operators);
		g_assert_cmpuint(json_array_size(list), ==, 1);
		json_decref(list);
		g_assert_cmpstr(
		    operators_name(place->operators, anna), ==, anna);
		g_assert_cmpstr(
		    operators_name(place->operators, bert), ==, "cli:bert");
		reopen(place);
	}
	/* Who comes back is another. */
	g_assert_cmpstr(alias_of(place, "cli:anna"), !=, anna);
}

static void
test_reveal(struct place *place, gconstpointer unused)
{
	const char *anna = alias_of(place, "cli:anna");
	json_t *value = json_pack("{s:[{s:s, s:s}], s:{s:{s:i}}, s:i}",
	    "records", "actor", anna, "object", anna, "feedback", anna,
	    "lessons", 3, "actor", 7);
	g_autofree char *text = NULL;
	g_autofree char *want = g_strdup_printf(
	    "{\"actor\":7,\"feedback\":{\"cli:anna\":{\"lessons\":3}},"
	    "\"records\":[{\"actor\":\"cli:anna\",\"object\":\"%s\"}]}",
	    anna);

	(void)unused;
	operators_reveal(place->operators, value);
	text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
	g_assert_cmpstr(text, ==, want);
	json_decref(value);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add("/operator/alias", struct place, NULL, set_up, test_alias,
	    tear_down);
	g_test_add("/operator/delete", struct place, NULL, set_up, test_delete,
	    tear_down);
	g_test_add("/operator/reveal", struct place, NULL, set_up, test_reveal,
	    tear_down);
	return g_test_run();
}
