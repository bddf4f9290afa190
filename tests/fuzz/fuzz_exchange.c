/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any text as a model that somebody brings: by the first byte behind a head
 * that is right, as rows to be added, or as it is.  It is refused, or makes a
 * model that writes down as a text that makes the same model.
 */
#include <string.h>

#include "classifier/exchange.h"
#include "classifier/import.h"
#include "lib/base/owned.h"
#include "tests/fuzz/quiet.h"
#include "tests/unit/classifier/school.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

#define TOTALS "totals 9 9 9 9\n"
#define SOURCE "other"

static struct school *
the_school(void)
{
	static struct school school;

	return &school;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	quiet_logs();
	school_init(the_school(), NULL);
	return 0;
}

static GString *
dump(enum exchange_kind kind)
{
	GString *text = g_string_new(NULL);

	g_assert(exchange_dump(the_school()->learn, kind, text, NULL));
	return text;
}

static gboolean
load(const GString *text)
{
	return exchange_load(
	    the_school()->learn, text->str, text->len, TRUE, NULL);
}

/* The head of a text of this installation, up to its totals. */
static GString *
head(gboolean lessons)
{
	GString *text = dump(lessons ? EXCHANGE_LESSONS : EXCHANGE_COUNTS);
	const char *totals = strstr(text->str, "totals ");

	g_string_truncate(text, (gsize)(totals - text->str));
	return g_string_append(text, TOTALS);
}

static void
check_round(void)
{
	g_autoptr(GString) first = dump(EXCHANGE_LESSONS);
	g_autoptr(GString) second = NULL;

	g_assert(load(first));
	second = dump(EXCHANGE_LESSONS);
	g_assert_cmpstr(first->str, ==, second->str);
}

static void
add_source(const char *rows, gsize length)
{
	struct learn *learn = the_school()->learn;
	g_autoptr(GString) begin = head(FALSE);
	gboolean more = TRUE;

	if (!exchange_import_begin(
		learn, SOURCE, FALSE, begin->str, begin->len, NULL))
		return;
	(void)exchange_import_rows(learn, SOURCE, rows, length, NULL);
	(void)import_end(learn, SOURCE, NULL);
	check_round();
	while (more && import_forget(learn, SOURCE, &more, NULL))
		;
	g_assert(!import_has(learn, SOURCE));
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	g_autoptr(GString) text = NULL;
	const char *rest = (const char *)data + 1;

	if (size == 0)
		return 0;
	g_assert(exchange_clear(the_school()->learn, NULL));
	if (data[0] % 4 == 3) {
		add_source(rest, size - 1);
		return 0;
	}
	text = data[0] % 4 == 0 ? g_string_new(NULL) : head(data[0] % 4 == 1);
	g_string_append_len(text, rest, (gssize)size - 1);
	if (load(text))
		check_round();
	return 0;
}
