/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/memory.h"

#include <glib.h>
#include <jansson.h>

static void *
taken(size_t size)
{
	return g_malloc(size);
}

void
memory_strict(void)
{
	json_set_alloc_funcs(taken, g_free);
}
