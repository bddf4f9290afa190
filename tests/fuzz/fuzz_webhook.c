/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever the receiver of a webhook may answer: every reader of its answers
 * sees it.
 */
#include "lib/base/owned.h"
#include "tickets/webhook.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	g_autoptr(GString) body =
	    g_string_new_len((const char *)data, (gssize)size);
	struct ident key = { { 0 } };
	struct desk_ticket made OWNED(desk_ticket_clear) = { 0 };
	struct desk_ticket found OWNED(desk_ticket_clear) = { 0 };
	struct desk_erased erased OWNED(desk_erased_clear) = { 0 };
	g_autofree char *file = webhook_read_file(body, NULL);
	gboolean good = webhook_read_found(body, &found, NULL);

	webhook_read_made(body, &key, &made);
	g_assert(made.id != NULL && made.code != NULL);
	g_assert(good == (found.id != NULL));
	webhook_read_erased(body, &erased);
	g_assert(file == NULL || *file != '\0');
	return 0;
}
