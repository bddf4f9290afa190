/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any text as Authentication-Results, one field a line, the topmost first: what
 * comes of it is of the known words, fit for a line, and no field of another
 * host or by another method undoes a failed DMARC.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "lib/base/unicode.h"
#include "tickets/authres.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

#define HOST "mx.example.com"
#define FIELDS_MOST 16

static void
check_word(const char *word)
{
	g_assert(word == NULL ||
		 (*word != '\0' &&
		     word[strspn(word, "abcdefghijklmnopqrstuvwxyz")] == '\0'));
}

static void
check(const struct authres *results)
{
	g_autofree char *line = authres_line(results);

	check_word(results->spf);
	check_word(results->dkim);
	check_word(results->dmarc);
	g_assert(
	    (line == NULL) == (results->spf == NULL && results->dkim == NULL &&
				  results->dmarc == NULL));
	for (const char *c = line; c != NULL && *c != '\0'; c++)
		g_assert(g_ascii_isprint(*c));
	if (results->domain != NULL)
		g_assert_cmpstr(results->dkim, ==, "pass");
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	g_autofree char *text = unicode_repair((const char *)data, size);
	g_auto(GStrv) fields = g_strsplit(text, "\n", FIELDS_MOST);
	struct authres results OWNED(authres_clear) = { 0 };
	enum origin_auth found;

	for (char **field = fields; *field != NULL; field++)
		authres_add(&results, *field, HOST);
	check(&results);
	found = authres_auth(&results);
	authres_add(&results, "mx.example.net; dmarc=pass; dkim=pass", HOST);
	g_assert_cmpint(authres_auth(&results), ==, found);
	authres_add(&results, HOST "; dmarc=fail", HOST);
	g_assert_cmpint(authres_auth(&results), ==, ORIGIN_FAILED);
	for (char **field = fields; *field != NULL; field++)
		authres_add(&results, *field, HOST);
	g_assert_cmpint(authres_auth(&results), ==, ORIGIN_FAILED);
	check(&results);
	return 0;
}
