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
#include "lib/privacy/operator.h"
#include "lib/privacy/vault_rotate.h"
#include "lib/store/store.h"
#include "tickets/ledger_person.h"

static gboolean
rotate(struct keeper *keeper, GError **error)
{
	int keys OWNED(file_close) = file_open_dir(keeper->paths.keys, error);

	if (keys < 0 || !vault_rotate(keeper->vault, keys, error))
		return FALSE;
	log_event(LOG_LEVEL_INFO, "vault-rotated", NULL);
	return TRUE;
}

json_t *
traces_rotate(void *self, GError **error)
{
	struct keeper *keeper = self;
	guint64 keys = 0;

	if (!rotate(keeper, error) || !vault_count(keeper->vault, &keys, error))
		return NULL;
	return json_pack("{s:I}", "keys", (json_int_t)keys);
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
	       rotate(keeper, error);
}

/* One that is busy holds up no other. */
gboolean
traces_settle(struct keeper *keeper, GError **error)
{
	const gint64 mono = clock_mono(&clock_system);
	struct store *const stores[] = { standings_store(keeper->standings),
		requests_store(keeper->requests), vault_store(keeper->vault),
		operators_store(keeper->operators) };
	g_autoptr(GError) first = NULL;
	gboolean good = TRUE;
	struct learn *learn;
	const char *name;

	for (guint i = 0;
	     (learn = faculty_model(keeper->faculty, i, &name)) != NULL; i++)
		good =
		    learn_settle(learn, mono, first == NULL ? &first : NULL) &&
		    good;
	good = ledger_settle(
		   keeper->ledger, mono, first == NULL ? &first : NULL) &&
	       good;
	for (gsize i = 0; i < G_N_ELEMENTS(stores); i++)
		good = store_settle(stores[i], mono, STORE_SMALL_BYTES,
			   first == NULL ? &first : NULL) &&
		       good;
	if (first != NULL)
		g_propagate_error(error, g_steal_pointer(&first));
	return good;
}
