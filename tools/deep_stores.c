/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps of check --deep that look at databases alone. */
#include "classifier/repair.h"

#include <inttypes.h>
#include "classifier/verify.h"
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/privacy/vault_verify.h"
#include "lib/store/check.h"
#include "tools/damage.h"
#include "tools/deep_private.h"

/* --- pages --- */

/* What was mended at the start, since a damaged store is not opened. */
static void
tell_mended(struct deep *deep)
{
	const json_t *note;
	size_t i;

	json_array_foreach(deep->keeper->mended, i, note) deep_found(deep, TRUE,
	    "the %s was damaged (%d faults), and was mended at the start: %d "
	    "records were saved, what stood there is kept in \"damaged\"",
	    json_string_value(json_object_get(note, "store")),
	    (int)json_integer_value(json_object_get(note, "faults")),
	    (int)json_integer_value(json_object_get(note, "saved")));
}

static void
tell_damaged(struct deep *deep, const struct damage_store *one,
    struct store *store, const struct check_report *report)
{
	gboolean begins = deep->mend && one->mends;

	deep_found(deep, FALSE,
	    "the %s is damaged (%" PRIu64 " faults: %s); %s", one->name,
	    report->faults,
	    report->shown->len > 0 ? (const char *)report->shown->pdata[0] : "",
	    begins ? "the keeper starts anew now and mends it: ask again"
	    : one->mends
		? "--mend has the keeper start anew, which mends it"
		: "put a backup back, or stop deskgate-deliver and run this "
		  "with --mend");
	if (begins && store != NULL)
		store_doubt(store);
}

gboolean
deep_stores(struct deep *deep, GError **error)
{
	struct keeper *keeper = deep->keeper;
	g_autoptr(GPtrArray) stores =
	    damage_stores(&keeper->paths, keeper->conf);

	tell_mended(deep);
	for (guint i = 0; i < stores->len; i++) {
		const struct damage_store *one = stores->pdata[i];
		struct store *store = damage_store(keeper, one->name);
		/* Keeps what is read from being written over. */
		struct store_txn *txn OWNED(store_abort) =
		    store != NULL ? store_begin(store, FALSE, NULL) : NULL;
		struct check_report report;
		g_autoptr(GError) fault = NULL;

		if (!check_store(
			one->folder, CHECK_UNREAD_FAILS, &report, &fault)) {
			if (err_is(fault, DG_ERROR_NOTFOUND))
				continue;
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
		deep->looked += report.pages;
		if (report.faults > 0)
			tell_damaged(deep, one, store, &report);
		check_report_clear(&report);
	}
	return TRUE;
}

/* --- models --- */

static gboolean
differences(
    struct learn *learn, guint64 *count_r, guint64 *records_r, GError **error)
{
	struct verify_report report;
	g_autoptr(GError) fault = NULL;

	if (!verify_model(learn, &report, &fault)) {
		if (!err_is(fault, DG_ERROR_BAD)) {
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
		*count_r = 1; /* a record that cannot be read */
		*records_r = 0;
		return TRUE;
	}
	*count_r = report.differences;
	*records_r = report.records;
	verify_report_clear(&report);
	return TRUE;
}

static gboolean
look_at_model(
    struct deep *deep, struct learn *learn, const char *name, GError **error)
{
	struct repair_report repaired = { 0 };
	guint64 count, records;

	if (!differences(learn, &count, &records, error))
		return FALSE;
	deep->looked += records;
	if (count == 0)
		return TRUE;
	if (deep->mend && !repair_model(learn, &repaired, error))
		return FALSE;
	deep_found(deep, deep->mend,
	    "the model%s%s: %" PRIu64
	    " differences between its counts and its journal",
	    name != NULL ? " " : "", name != NULL ? name : "", count);
	if (repaired.lessons + repaired.counts + repaired.rows > 0)
		deep_found(deep, TRUE,
		    "the model lost %" PRIu64 " lessons, %" PRIu64
		    " records of its base and %" PRIu64
		    " imported ones that could not be read",
		    repaired.lessons, repaired.counts, repaired.rows);
	return TRUE;
}

gboolean
deep_models(struct deep *deep, GError **error)
{
	struct learn *learn;
	const char *name;

	for (guint i = 0;
	     (learn = faculty_model(deep->keeper->faculty, i, &name)) != NULL;
	     i++)
		if (!look_at_model(deep, learn, name, error))
			return FALSE;
	return TRUE;
}

/* --- people --- */

gboolean
deep_people(struct deep *deep, GError **error)
{
	struct keeper *keeper = deep->keeper;
	guint64 keys, broken;
	json_t *open;

	if (!vault_verify(keeper->vault, &keys, &broken, error))
		return FALSE;
	open = requests_list(keeper->requests, FALSE, error);
	if (open == NULL)
		return FALSE;
	deep->looked = keys + json_array_size(open);
	json_decref(open);
	if (broken > 0)
		deep_found(deep, FALSE,
		    "the vault: %" PRIu64 " of %" PRIu64
		    " keys of people cannot be opened, and what is sealed by "
		    "them neither: put a backup of it back",
		    broken, keys);
	return TRUE;
}
