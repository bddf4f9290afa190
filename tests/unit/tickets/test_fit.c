/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files by their size.
 */
#include "tickets/fit.h"

#include <string.h>

#include "lib/base/owned.h"

static void
add(struct ticket *ticket, const char *name, gsize size)
{
	g_autofree char *data = g_strnfill(size, 'x');
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);

	g_ptr_array_add(ticket->files,
	    ticket_file_new(name, "application/octet-stream", bytes));
}

static void
test_fit(void)
{
	static const struct {
		guint64 most;
		guint left_out;
		const char *kept;
	} cases[] = {
		{ G_MAXUINT64, 0, "a b c empty " },
		{ 60, 0, "a b c empty " },
		{ 59, 1, "a b empty " },
		/* What fits stays, also behind what does not. */
		{ 35, 1, "a c empty " },
		{ 10, 2, "a empty " },
		{ 0, 3, "empty " },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ticket *ticket OWNED(ticket_free) = ticket_new();
		g_autoptr(GString) kept = g_string_new(NULL);

		ticket->text = g_strdup("Hello");
		ticket->html =
		    g_strdup("<div class=\"mail\"><p>Hello</p></div>");
		add(ticket, "a", 10);
		add(ticket, "b", 30);
		add(ticket, "c", 20);
		add(ticket, "empty", 0);
		g_assert_cmpuint(
		    fit_files(ticket, cases[i].most), ==, cases[i].left_out);
		for (guint n = 0; n < ticket->files->len; n++)
			g_string_append_printf(kept, "%s ",
			    ((struct ticket_file *)ticket->files->pdata[n])
				->name);
		g_assert_cmpstr(kept->str, ==, cases[i].kept);
		g_assert_cmpint(strcmp(ticket->text, "Hello") == 0, ==,
		    cases[i].left_out == 0);
		g_assert_cmpint(strstr(ticket->html, "[Left out: ") == NULL, ==,
		    cases[i].left_out == 0);
		g_assert_true(g_str_has_suffix(ticket->html, "</div>"));
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/fit/files", test_fit);
	return g_test_run();
}
