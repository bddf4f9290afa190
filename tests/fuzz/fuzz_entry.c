/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any JSON as an entry: it is refused, or reads the same after it was written.
 */
#include "lib/base/owned.h"
#include "tickets/entry.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	json_t *object = json_loadb((const char *)data, size, 0, NULL);
	struct entry *entry OWNED(entry_free) = NULL;
	struct entry *again OWNED(entry_free) = NULL;

	if (object == NULL)
		return 0;
	entry = entry_from_json(object, NULL);
	json_decref(object);
	if (entry == NULL)
		return 0;
	object = entry_to_json(entry);
	again = entry_from_json(object, NULL);
	json_decref(object);
	g_assert(again != NULL);
	g_assert(ident_equal(&entry->key, &again->key));
	g_assert(g_str_equal(entry->inbox, again->inbox));
	return 0;
}
