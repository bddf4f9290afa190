/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * After an erasure.  The vault comes last: while anything before it fails,
 * nothing but time is lost.
 */
#include "tools/traces.h"

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/privacy/intake.h"
#include "lib/privacy/vault_rotate.h"
#include "lib/store/store.h"
#include "tickets/ledger_person.h"

gboolean
traces_rotate(struct keeper *keeper, GError **error)
{
	int keys OWNED(file_close) = file_open_dir(keeper->paths.keys, error);

	if (keys < 0 || !vault_rotate(keeper->vault, keys, error))
		return FALSE;
	log_event(LOG_LEVEL_INFO, "vault-rotated", NULL);
	return TRUE;
}

gboolean
traces_remove(struct keeper *keeper, GError **error)
{
	gint64 now = clock_wall(&clock_system) / G_USEC_PER_SEC;

	return faculty_compact(keeper->faculty, error) &&
	       ledger_compact(keeper->ledger, error) &&
	       store_compact(standings_store(keeper->standings), error) &&
	       store_compact(requests_store(keeper->requests), error) &&
	       intake_rotate(keeper->intake, now, 0, error) &&
	       traces_rotate(keeper, error);
}
