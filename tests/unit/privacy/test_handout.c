/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/privacy/handout.h"

#include <string.h>

static void
test_paths(void)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{ "a.pdf", "attachments/7-a.pdf" },
		{ "../../etc/passwd", "attachments/7-.._.._etc_passwd" },
		{ "K\xc3\xa4se \n.txt", "attachments/7-K_se__.txt" },
		{ "", "attachments/7-" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *path =
		    handout_path("attachments", 7, cases[i].name);

		g_assert_cmpstr(path, ==, cases[i].want);
	}
}

static void
test_long_path(void)
{
	g_autofree char *name = g_strnfill(1000, 'x');
	g_autofree char *path = handout_path("a", 1, name);

	g_assert_cmpuint(strlen(path), <, 100);
}

static void
test_page(void)
{
	json_t *data = json_pack("{s:s, s:[{s:s, s:s}], s:n, s:b, s:i}",
	    "<script>", "\"><img src=x>", "messages", "file", "messages/1.eml",
	    "html", "<p>twice</p>", "nothing", "good_one", 1, "count", 5);
	g_autoptr(GBytes) page = handout_page("<Title>", data);
	gsize length;
	const char *bytes = g_bytes_get_data(page, &length);
	g_autofree char *text = g_strndup(bytes, length);

	json_decref(data);
	g_assert_null(strstr(text, "<script"));
	g_assert_null(strstr(text, "<img"));
	g_assert_null(strstr(text, "twice"));
	g_assert_null(strstr(text, "nothing"));
	g_assert_nonnull(strstr(text, "<h1>&lt;Title&gt;</h1>"));
	g_assert_nonnull(strstr(text, "<th>good one</th><td>yes</td>"));
	g_assert_nonnull(strstr(text, "<th>count</th><td>5</td>"));
	g_assert_nonnull(
	    strstr(text, "<a href=\"messages/1.eml\">messages/1.eml</a>"));
}

static gboolean
take(void *self, const char *path, GBytes *bytes, GError **error)
{
	(void)bytes, (void)error;
	g_string_append(self, path);
	return TRUE;
}

static void
test_put(void)
{
	g_autoptr(GString) taken = g_string_new(NULL);
	g_autoptr(GBytes) bytes = g_bytes_new("x", 1);
	struct handout handout = { .put = take, .self = taken };
	json_t *row = json_object();

	g_assert_true(handout_put(&handout, row, "a/1", bytes, NULL));
	g_assert_cmpstr(taken->str, ==, "a/1");
	g_assert_cmpstr(
	    json_string_value(json_object_get(row, "file")), ==, "a/1");
	json_object_clear(row);
	handout.put = NULL;
	g_assert_true(handout_put(&handout, row, "a/2", bytes, NULL));
	g_assert_cmpuint(json_object_size(row), ==, 0);
	json_decref(row);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/handout/paths", test_paths);
	g_test_add_func("/handout/long-path", test_long_path);
	g_test_add_func("/handout/page", test_page);
	g_test_add_func("/handout/put", test_put);
	return g_test_run();
}
