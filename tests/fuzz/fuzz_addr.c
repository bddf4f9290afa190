/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any text as an address, as ids, as encoded words and as a file's name.
 */
#include "lib/mail/addr.h"

#include "lib/mail/charset.h"
#include "lib/mail/raw.h"
#include "lib/mail/words.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	charset_prepare();
	return 0;
}

static void
as_address(const char *text)
{
	g_autofree char *canonical = addr_canonical(text);
	struct addr *addr = addr_repair(text);

	g_assert((canonical != NULL) == addr_valid(text));
	g_assert(addr == NULL || addr_valid(addr->address));
	(void)addr_is_inbox(text, "support@example.com");
	addr_free(addr);
}

static void
as_words(const char *text)
{
	g_autofree char *decoded = words_decode(text, "gb2312", 1000);
	g_autofree char *recoded = words_recode(text, NULL, 1000);

	g_assert(g_utf8_validate(decoded, -1, NULL));
	g_assert(g_utf8_validate(recoded, -1, NULL));
	g_assert(strlen(decoded) <= 1000 && strlen(recoded) <= 1000);
}

static void
as_name(const char *text)
{
	g_autofree char *name = raw_safe_name(text);
	g_autofree char *again = name != NULL ? raw_safe_name(name) : NULL;

	g_assert(name == NULL || (strlen(name) <= 200 && *name != '.'));
	g_assert(name == NULL || strpbrk(name, "/\\\n") == NULL);
	/* What is safe stays as it is. */
	g_assert_cmpstr(name, ==, again);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

	as_address(text);
	as_words(text);
	as_name(text);
	raw_ids(text, 5, ids);
	g_assert(ids->len <= 5);
	return 0;
}
