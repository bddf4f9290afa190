/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records of the installation, and their ends.
 *
 * The name of an operator goes when the trail does not tell of him any more: he
 * was known for longer than that is kept, and no line of it has his alias. What
 * a restore has set aside is all that there was before; it is there for a while
 * in case the restore was a mistake.  Nobody can be erased from it, so it goes
 * as a whole with the first who is.
 */
#include "tools/records.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/base/tree.h"
#include "lib/privacy/operator.h"
#include "tools/home_restore.h"

/* --- operators --- */

static const char *
text_of(const json_t *row, const char *name)
{
	return json_string_value(json_object_get(row, name));
}

static gint64
since(const json_t *row)
{
	const char *text = text_of(row, "since");
	g_autoptr(GDateTime) time =
	    text != NULL ? g_date_time_new_from_iso8601(text, NULL) : NULL;

	return time != NULL ? g_date_time_to_unix(time) * G_USEC_PER_SEC : 0;
}

/* One that is past if nothing tells of him. */
static gboolean
see_operator(struct keeper *keeper, const struct holder_expiry *expiry,
    const json_t *row, GHashTable *actors, struct kept *kept, GError **error)
{
	const gint64 now = expiry->now;
	const char *alias = text_of(row, "alias");

	if (!kept_is_past(kept, since(row), now) ||
	    g_hash_table_contains(actors, alias)) {
		kept_count(kept,
		    kept_is_past(kept, since(row), now) ? now : since(row), now,
		    FALSE);
		return TRUE;
	}
	if (!expiry->run) {
		kept_count(kept, since(row), now, FALSE);
		return TRUE;
	}
	if (!operators_delete(
		keeper->operators, text_of(row, "operator"), error))
		return FALSE;
	store_owe(operators_store(keeper->operators));
	kept->gone++;
	return TRUE;
}

static gboolean
expire_operators(struct keeper *keeper, const struct holder_expiry *expiry,
    json_t *rows, GError **error)
{
	struct kept kept = { .kind = "operators",
		.setting = "audit-retention",
		.keep = kept_setting(expiry->conf, NULL, "audit-retention") };
	g_autoptr(GHashTable) actors =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	json_t *list = operators_list(keeper->operators), *row;
	gboolean good = audit_actors(keeper->audit, actors, error);
	size_t i;

	json_array_foreach(list, i, row) good =
	    good && see_operator(keeper, expiry, row, actors, &kept, error);
	json_decref(list);
	if (good)
		kept_row(&kept, rows);
	return good;
}

/* --- what a restore has set aside --- */

static gboolean
remove_aside(int dir, GError **error)
{
	return tree_remove(dir, HOME_BEFORE, TRUE, error) &&
	       file_sync(dir, error);
}

gboolean
records_drop_aside(struct keeper *keeper, GError **error)
{
	const char *const paths[] = { keeper->paths.state, keeper->paths.keys };

	for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
		int dir OWNED(file_close) = file_open_dir(paths[i], error);

		if (dir < 0)
			return FALSE;
		if (faccessat(dir, HOME_BEFORE, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (!remove_aside(dir, error))
			return FALSE;
		log_event(LOG_LEVEL_WARN, "set-aside-removed", "folder",
		    i == 0 ? "state-dir" : "key-dir", NULL);
	}
	return TRUE;
}

static gboolean
expire_aside(struct keeper *keeper, const struct holder_expiry *expiry,
    json_t *rows, GError **error)
{
	const char *const paths[] = { keeper->paths.state, keeper->paths.keys };
	struct kept kept = { .kind = "set-aside",
		.setting = "set-aside-keep",
		.keep = kept_setting(expiry->conf, NULL, "set-aside-keep") };

	for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
		int dir OWNED(file_close) = file_open_dir(paths[i], error);
		struct stat status;
		gint64 when;

		if (dir < 0)
			return FALSE;
		if (fstatat(dir, HOME_BEFORE, &status, AT_SYMLINK_NOFOLLOW) !=
		    0) {
			if (errno == ENOENT)
				continue;
			return err_errno(
			    error, errno, "look at %s", HOME_BEFORE);
		}
		/* When the last thing was moved into it. */
		when = (gint64)status.st_mtim.tv_sec * G_USEC_PER_SEC;
		if (!expiry->run || !kept_is_past(&kept, when, expiry->now)) {
			kept_count(&kept, when, expiry->now, FALSE);
			continue;
		}
		if (!remove_aside(dir, error))
			return FALSE;
		kept.gone++;
	}
	kept_row(&kept, rows);
	return TRUE;
}

/* --- the holder --- */

/* The log is not ours to let go. */
static gboolean
expire(void *self, const struct holder_expiry *expiry, json_t *rows,
    GError **error)
{
	const struct kept log = { .kind = "log",
		.until = "the system's log lets it go" };

	kept_row(&log, rows);
	return expire_operators(self, expiry, rows, error) &&
	       expire_aside(self, expiry, rows, error);
}

void
records_add_holder(struct keeper *keeper)
{
	static const char *const kinds[] = { "names of operators", NULL };
	static const char *const claims[] = { "keeper.lock", "backup.json",
		"restored.json", ".restore/", ".before-restore/",
		"keys:.restore/", "keys:.before-restore/",
		"operator/data.mdb:name", "operator/lock.mdb",
		"operator/compact/", "keys:entry.key", "keys:feature.key",
		"keys:changes.json", "keys:daybook.json", "keys:format",
		"keys:inboxes.json", "keys:intake.pub", "keys:intake/",
		"keys:ledger.key", "keys:log.key", "keys:subject.key",
		"keys:vault.key", "keys:vault-next.key", NULL };

	registry_add(keeper->registry, &(struct holder){ .name = "records",
					   .self = keeper,
					   .claims = claims,
					   .kinds = kinds,
					   .find = holder_find_nothing,
					   .erase = holder_erase_nothing,
					   .expire = expire });
}
