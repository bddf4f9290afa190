/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order in which two piles of mail are taught. */
#include <string.h>

#include "lib/base/owned.h"
#include "tests/unit/base/folder.h"
#include "tools/bulk.h"

static void
test_dates(void)
{
	static const struct {
		const char *name, *message;
		gint64 date;
	} cases[] = {
		{ "plain", "From: a\nDate: Tue, 5 Mar 2024 08:00:00 +0100\n\nx",
		    1709622000 },
		{ "CRLF, any case",
		    "dATE:Tue, 5 Mar 2024 07:00:00 +0000\r\n\r\nx",
		    1709622000 },
		{ "folded",
		    "Date: Tue,\n 5 Mar 2024\n\t08:00:00 +0100\nTo: b\n\nx",
		    1709622000 },
		{ "no end", "Date: Tue, 5 Mar 2024 08:00:00 +0100",
		    1709622000 },
		{ "none", "From: a\nX-Date: Tue, 5 Mar 2024 08:00:00\n\nx", 0 },
		{ "of the body",
		    "From: a\n\nDate: Tue, 5 Mar 2024 08:00:00 +0100\n", 0 },
		{ "no date", "Date: yesterday\n\nx", 0 },
		{ "empty", "Date:\n\nx", 0 },
		{ "nothing", "", 0 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GBytes) message = g_bytes_new_static(
		    cases[i].message, strlen(cases[i].message));

		g_test_message("%s", cases[i].name);
		g_assert_cmpint(bulk_date(message), ==, cases[i].date);
	}
}

/* Adds all messages of the folder's file. */
static void
add(struct bulk *bulk, const struct folder *folder, const char *name,
    enum verdict_class class)
{
	g_autofree char *path = folder_path(folder, name);
	char *paths[] = { path, NULL };
	struct source *source OWNED(source_close) = source_open(paths, 1000);
	g_autoptr(GError) error = NULL;

	for (;;) {
		g_autofree char *told = NULL;

		if (!bulk_add(bulk, source, class, &told, &error))
			break;
	}
	g_assert_no_error(error);
}

/* The bodies in order, each with its class's first letter before it; asserts
 * that the names are those of their files. */
static char *
walked(struct bulk *bulk)
{
	GString *text = g_string_new(NULL);
	enum verdict_class class;
	g_autoptr(GError) error = NULL;

	for (;;) {
		g_autoptr(GBytes) message = NULL;
		g_autofree char *name = NULL;
		g_autofree char *body = NULL;

		if (!bulk_next(bulk, &message, &name, &class, &error))
			break;
		body = g_strndup(
		    g_bytes_get_data(message, NULL), g_bytes_get_size(message));
		g_strchomp(body);
		g_string_append_printf(text, "%c%s ",
		    class == VERDICT_SPAM ? 's' : 'h', strrchr(body, '\n') + 1);
	}
	g_assert_no_error(error);
	return g_string_free(text, FALSE);
}

#define OF(day, body) \
	"From x@example.org\nDate: " #day " Mar 2024 08:00:00 +0000\n\n" body \
	"\n\n"
#define UNDATED(body) "From x@example.org\nTo: a\n\n" body "\n\n"

static void
test_order(struct folder *folder, gconstpointer unused)
{
	static const struct {
		const char *name, *ham, *spam, *want;
	} cases[] = {
		{ "in turn", OF(1, "a") OF(2, "b") OF(3, "c"),
		    OF(8, "A") OF(9, "B") OF(10, "C"), "ha sA hb sB hc sC " },
		{ "by date, within one file",
		    OF(5, "e") OF(2, "b") OF(4, "d") OF(3, "c"),
		    OF(9, "B") OF(8, "A"), "hb sA hc hd sB he " },
		{ "in proportion",
		    OF(1, "a") OF(2, "b") OF(3, "c") OF(4, "d") OF(5, "e")
			OF(6, "f"),
		    OF(1, "A"), "ha hb hc sA hd he hf " },
		{ "undated behind the one before",
		    UNDATED("a") OF(7, "z") UNDATED("zz") OF(2, "b"),
		    OF(1, "A"), "ha hb sA hz hzz " },
		{ "one date", OF(1, "a") OF(1, "b") OF(1, "c") OF(1, "d"),
		    OF(1, "A") OF(1, "B"), "ha sA hb hc sB hd " },
		{ "an mbox's quotes", OF(1, "a\n\n>From b"), OF(1, "A"),
		    "hFrom b sA " },
		{ "files that are messages", "Subject: x\n\na\n",
		    "Subject: y\n\nA\n", "ha sA " },
	};

	(void)unused;
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct bulk *bulk OWNED(bulk_free) = bulk_new();
		g_autofree char *order = NULL;

		g_test_message("%s", cases[i].name);
		folder_put(folder, "ham", cases[i].ham, 0600);
		folder_put(folder, "spam", cases[i].spam, 0600);
		add(bulk, folder, "ham", VERDICT_HAM);
		add(bulk, folder, "spam", VERDICT_SPAM);
		bulk_arrange(bulk);
		order = walked(bulk);
		g_assert_cmpstr(order, ==, cases[i].want);
	}
}

/* A file that went away or shrank in the meantime is told, and the rest goes
 * on. */
static void
test_changed(struct folder *folder, gconstpointer unused)
{
	struct bulk *bulk OWNED(bulk_free) = bulk_new();
	enum verdict_class class;

	(void)unused;
	folder_put(folder, "ham", OF(1, "a") OF(2, "b"), 0600);
	folder_put(folder, "spam", OF(1, "A"), 0600);
	add(bulk, folder, "ham", VERDICT_HAM);
	add(bulk, folder, "spam", VERDICT_SPAM);
	bulk_arrange(bulk);
	g_assert_cmpuint(bulk_count(bulk), ==, 3);
	folder_put(folder, "ham", OF(1, "a"), 0600);
	for (guint i = 0; i < 3; i++) {
		g_autoptr(GBytes) message = NULL;
		g_autoptr(GError) error = NULL;
		g_autofree char *name = NULL;
		gboolean got = bulk_next(bulk, &message, &name, &class, &error);

		g_assert_nonnull(name);
		g_assert_cmpint(got, ==, i < 2);
		g_assert_cmpint(error != NULL, ==, i == 2);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/bulk/dates", test_dates);
	g_test_add("/bulk/order", struct folder, NULL, folder_init, test_order,
	    folder_fini);
	g_test_add("/bulk/changed", struct folder, NULL, folder_init,
	    test_changed, folder_fini);
	return g_test_run();
}
