/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A store of what can be read of a damaged one, made beside it as compact.c
 * makes its copy, and put in its place when it is on disk.  The damaged file
 * gets a second name before it loses its first.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/store/check_private.h"
#include "lib/store/store_private.h"

#define DATA "data.mdb"
#define LOCK "lock.mdb"
/* Of one commit: so many that its fsync costs little. */
#define COMMIT_RECORDS 50000
#define NAMES_MOST 10000

/* --- what can be read --- */

struct saving {
	struct store *store;
	struct store_txn *txn;
	guint records; /* in it */
	GError *fault;
};

static gboolean
save(void *self, guint table, const struct pages_node *node, const guint8 *data)
{
	struct saving *saving = self;

	if (saving->txn == NULL)
		saving->txn = store_begin(saving->store, TRUE, &saving->fault);
	if (saving->txn == NULL)
		return FALSE;
	store_put(saving->txn, table, node->key, node->key_length, data,
	    node->length);
	if (++saving->records < COMMIT_RECORDS)
		return TRUE;
	saving->records = 0;
	return store_commit(&saving->txn, &saving->fault);
}

/* The tables of the old one; borrowed from it. */
static struct store_table *
list_tables(const GArray *tables)
{
	struct store_table *list = g_new0(struct store_table, tables->len + 1);

	for (guint i = 0; i < tables->len; i++) {
		const struct check_table *table =
		    &g_array_index(tables, struct check_table, i);

		list[i] = (struct store_table){ table->name,
			(table->tree.flags & PAGES_INTEGER_KEYS) != 0 };
	}
	return list;
}

/* Where a page by which many records are found is broken, the state before the
 * last commit has them all the same.  It is taken only where less of it is
 * broken, since what that commit has deleted is in it too. */
static gboolean
choose(const char *folder, struct check_way *way, GArray *tables,
    guint64 *records_r, GError **error)
{
	const struct check_way newest = { .state = CHECK_NEWEST,
		.unread = way->unread };
	const struct check_way older = { .state = CHECK_OLDER,
		.unread = way->unread };
	g_autoptr(GArray) others = check_tables_new();
	struct check_report report, before;

	way->state = CHECK_NEWEST;
	if (!check_walk(folder, &newest, &report, tables, error))
		return FALSE;
	*records_r = report.records;
	check_report_clear(&report);
	if (!check_walk(folder, &older, &before, others, error))
		return FALSE;
	check_report_clear(&before);
	if (before.faults >= report.faults || before.records <= *records_r)
		return TRUE;
	way->state = CHECK_OLDER;
	*records_r = before.records;
	g_array_set_size(tables, 0);
	if (!check_walk(folder, &older, &before, tables, error))
		return FALSE;
	check_report_clear(&before);
	return TRUE;
}

/* All records of `folder` that can be read into the empty folder `into`. */
static gboolean
save_all(const char *folder, const char *into, enum check_unread unread,
    guint64 *records_r, GError **error)
{
	g_autoptr(GArray) tables = check_tables_new();
	g_autoptr(GArray) again = check_tables_new();
	g_autofree struct store_table *list = NULL;
	struct check_report report;
	struct saving saving = { 0 };
	struct check_way way = {
		.unread = unread, .record = save, .self = &saving
	};
	gboolean done;

	if (!choose(folder, &way, tables, records_r, error))
		return FALSE;
	list = list_tables(tables);
	saving.store = store_open(into, list, STORE_MEND_MAP, error);
	if (saving.store == NULL)
		return FALSE;
	done = check_walk(folder, &way, &report, again, &saving.fault);
	check_report_clear(&report);
	if (done && saving.txn != NULL)
		done = store_commit(&saving.txn, &saving.fault);
	store_abort(&saving.txn);
	store_close(&saving.store);
	if (!done)
		g_propagate_error(error, saving.fault);
	return done;
}

/* --- putting it there --- */

/* The damaged file's second name, durably. */
static gboolean
keep(int folder, const char *aside, const char *name, GError **error)
{
	int place OWNED(file_close) = -1;

	if (!file_make_dir(aside, 0700, (uid_t)-1, (gid_t)-1, error))
		return FALSE;
	place = file_open_dir(aside, error);
	if (place < 0)
		return FALSE;
	for (guint i = 1; i < NAMES_MOST; i++) {
		g_autofree char *to =
		    i == 1 ? g_strdup(name) : g_strdup_printf("%s.%u", name, i);

		if (linkat(folder, DATA, place, to, 0) == 0)
			return file_sync(place, error);
		if (errno != EEXIST)
			break;
	}
	return err_errno(
	    error, errno, "keep the damaged file as %s/%s", aside, name);
}

static gboolean
sync_copy(const char *copy, GError **error)
{
	int folder OWNED(file_close) = file_open_dir(copy, error);
	int file OWNED(file_close) = -1;

	if (folder < 0)
		return FALSE;
	file = openat(folder, DATA, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (file < 0)
		return err_errno(error, errno, "open %s/%s", copy, DATA);
	return file_sync(file, error) && file_sync(folder, error);
}

gboolean
check_mend(const char *folder, const char *aside, const char *name,
    enum check_unread unread, struct check_report *report_r, GError **error)
{
	g_autofree char *copy = g_build_filename(folder, STORE_COPY, NULL);
	int place OWNED(file_close) = file_open_dir(folder, error);
	gboolean done;

	if (place < 0)
		return FALSE;
	store_heal(folder);
	if (!check_store(folder, unread, report_r, error))
		return FALSE;
	if (mkdirat(place, STORE_COPY, 0700) != 0)
		done = err_errno(error, errno, "make %s", copy);
	else
		done =
		    save_all(folder, copy, unread, &report_r->records, error) &&
		    sync_copy(copy, error) && keep(place, aside, name, error);
	if (done && renameat(place, STORE_COPY "/" DATA, place, DATA) != 0)
		done = err_errno(
		    error, errno, "rename the mended copy of %s", folder);
	done = done && file_sync(place, error);
	store_heal(folder);
	if (!done)
		check_report_clear(report_r);
	return done;
}

gboolean
check_set_aside(
    const char *folder, const char *aside, const char *name, GError **error)
{
	int place OWNED(file_close) = file_open_dir(folder, error);

	if (place < 0 || !keep(place, aside, name, error))
		return FALSE;
	if (unlinkat(place, DATA, 0) != 0)
		return err_errno(error, errno, "remove %s/%s", folder, DATA);
	(void)unlinkat(place, LOCK, 0);
	return file_sync(place, error);
}
