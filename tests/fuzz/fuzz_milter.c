/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a client gets past an MTA: an address, header fields, a body, as strings
 * with a NUL between.  Whatever they hold, the header ends where we said, edits
 * are of one line, and the second door finds its way.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "milter/collect.h"
#include "milter/door.h"
#include "milter/headers.h"
#include "lib/base/network.h"
#include "milter/path.h"
#include "milter/socket.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

#define MOST 100000

static void
check_letter(struct collect *collect)
{
	struct letter letter OWNED(letter_clear) = { .fd = -1 };
	struct letter again OWNED(letter_clear) = { .fd = -1 };

	if (!collect_finish(collect, &letter, NULL))
		return;
	g_assert_cmpuint(letter.length, ==, collect_size(collect));
	if (letter_from_bytes(letter.data, letter.length, &again, NULL)) {
		g_assert_cmpuint(again.header, ==, letter.header);
		g_assert_cmpuint(again.body, ==, letter.body);
	}
}

static void
check_edits(const struct headers *headers)
{
	struct verdict verdict;
	const struct headers_plan plan = { TRUE, TRUE, TRUE, "mx.example.net",
		&verdict, "0123" };
	g_autoptr(GPtrArray) edits = NULL;

	verdict_init(&verdict, VERDICT_SPAM, VERDICT_SCORED, NULL);
	edits = headers_edits(headers, &plan);
	for (guint i = 0; edits != NULL && i < edits->len; i++) {
		const struct headers_edit *edit = edits->pdata[i];

		g_assert_true(edit->value == NULL || edit->index == 0);
		g_assert_true(edit->value == NULL ||
			      strpbrk(edit->value, "\r\n") == NULL);
	}
}

static void
check_texts(const char *text, gsize length)
{
	const char *list[] = { text, NULL };
	struct networks *networks OWNED(networks_free) = networks_new(list);
	g_autofree char *address = path_address(text);
	g_autofree char *sender = NULL;

	g_assert_cmpuint(strlen(address), <=, length);
	g_assert_true(networks_contain(networks, text) ||
		      !network_valid(text) || strchr(text, '/') != NULL);
	(void)socket_valid(text, NULL);
	g_assert_cmpuint(door_skip_trace(text, length, &sender), <=, length);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	/* Room for the ends of two strings that are cut. */
	g_autofree char *copy = g_malloc0(size + 2);
	struct collect *collect OWNED(collect_free) = collect_new(MOST);
	struct headers *headers OWNED(headers_free) = headers_new();
	gboolean exact = size > 0 && (data[0] & 1);
	const char *end = copy + size;
	char *name, *value;

	memcpy(copy, data, size);
	check_texts(copy, strlen(copy));
	for (name = copy + strlen(copy) + 1; name < end;
	     name = value + strlen(value) + 1) {
		value = name + strlen(name) + 1;
		/* An MTA ends a name at the line's end or the colon. */
		g_strdelimit(name, "\r\n:", '-');
		headers_note(headers, name, value);
		collect_header(collect, name, value, exact);
	}
	collect_end_header(collect);
	collect_body(collect, data, size);
	check_letter(collect);
	check_edits(headers);
	return 0;
}
