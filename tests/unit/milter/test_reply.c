/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "milter/reply.h"

#include <string.h>

#include "lib/base/err.h"

/* Any error is a 4xx, and no text of ours leaves the house. */
static void
test_errors(void)
{
	static const struct {
		enum dg_error code;
		const char *status;
	} cases[] = {
		{ DG_ERROR_NOTFOUND, "4.3.0" },
		{ DG_ERROR_AGAIN, "4.3.2" },
		{ DG_ERROR_BAD, "4.3.0" },
		{ DG_ERROR_DENIED, "4.3.0" },
		{ DG_ERROR_FULL, "4.3.1" },
		{ DG_ERROR_IO, "4.3.0" },
	};
	struct reply reply;

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		err_set(&error, cases[i].code, "/var/lib/secret");
		reply_for_error(error, &reply);
		g_assert_cmpstr(reply.code, ==, "451");
		g_assert_cmpstr(reply.status, ==, cases[i].status);
		g_assert_null(strstr(reply.text, "secret"));
		g_assert_cmpuint(strlen(reply.text), >, 20);
	}
	reply_for_error(NULL, &reply);
	g_assert_cmpstr(reply.code, ==, "451");
}

static void
test_text(void)
{
	struct reply reply;
	char text[2000];

	reply_set(&reply, "550", "5.7.1", "Spam,\r\nsay we 100 % \xe2\x82\xac");
	g_assert_cmpstr(reply.code, ==, "550");
	g_assert_cmpstr(reply.text, ==, "Spam,  say we 100 % ???");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	reply_set(&reply, "550", "5.7.1", text);
	g_assert_cmpuint(strlen(reply.text), ==, REPLY_TEXT - 1);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/milter/reply/errors", test_errors);
	g_test_add_func("/milter/reply/text", test_text);
	return g_test_run();
}
