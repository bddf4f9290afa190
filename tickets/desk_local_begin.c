/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opening the embedded desk's database, and whether it may be made.
 */
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "tickets/desk_local_private.h"
#include "tickets/ledger.h"

/*
 * Where no ticket was ever made, but some are known, the store is lost: made
 * anew without a word it would number its tickets from 1 again, and answers to
 * the old ones would come to those.  Where a person wants it, it begins behind
 * the last number that is known (0: none is).
 */
static gboolean
may_begin(const struct local *local, const struct desk_world *world,
    const char *path, gint64 *last_r, GError **error)
{
	*last_r = 0;
	if (world->ledger == NULL)
		return TRUE;
	if (!ledger_highest(world->ledger, local->desk.name, last_r, error))
		return FALSE;
	if (*last_r == 0 || world->mend)
		return TRUE;
	return err_set(error, DG_ERROR_NOTFOUND,
	    "%s is lost: put it back from a backup, mail waits in the spool "
	    "meanwhile; where there is none, \"deskgate check --deep --mend\" "
	    "begins without its tickets, with numbers above %" G_GINT64_FORMAT,
	    path, *last_r);
}

static gboolean
is_unused(struct local *local)
{
	gint64 last;

	return !sql_one_int(local->sql,
	    "SELECT seq FROM sqlite_sequence WHERE name = 'ticket'", SQL_NONE,
	    &last, NULL);
}

static gboolean
begin_behind(struct local *local, gint64 last, GError **error)
{
	log_event(
	    LOG_LEVEL_WARN, "desk-begins-anew", "desk", local->desk.name, NULL);
	return sql_run(local->sql,
	    "INSERT INTO sqlite_sequence (name, seq) VALUES ('ticket', ?1)",
	    SQL_VALUES(sql_int(last)), error);
}

gboolean
local_begin(struct local *local, const struct desk_world *world,
    const char *path, GError **error)
{
	g_autoptr(GError) fault = NULL;
	gint64 last;

	/* Asked before there is a file, which would hide that it is lost. */
	if (!g_file_test(path, G_FILE_TEST_EXISTS) &&
	    !may_begin(local, world, path, &last, error))
		return FALSE;
	local->sql = local_schema_open(path, local->ident, &fault);
	if (local->sql == NULL && err_is(fault, DG_ERROR_IO))
		return err_set(error, DG_ERROR_IO,
		    "%s; where it is damaged put desk.sqlite back from a "
		    "backup, mail waits in the spool meanwhile",
		    fault->message);
	if (local->sql == NULL) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	if (!is_unused(local))
		return TRUE;
	return may_begin(local, world, path, &last, error) &&
	       (last == 0 || begin_behind(local, last, error));
}
