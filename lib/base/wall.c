/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The wall around a daemon, stone by stone.
 */
#include "lib/base/wall.h"

#include <errno.h>
#include <sys/prctl.h>

#include "lib/base/err.h"
#include "lib/base/jail.h"
#include "lib/base/log.h"
#include "lib/base/translate.h"

static const struct {
	const char *name, *lack;
} kinds[] = {
	[WALL_CALLS] = { "calls", N_("this kernel has no seccomp filters") },
	[WALL_FILES] = { "files",
	    N_("this kernel has no Landlock (Linux 5.19)") },
	[WALL_NETWORK] = { "network",
	    N_("this kernel's Landlock has no network (Linux 6.7)") },
};

static gboolean
stands(enum wall_kind kind, gboolean calls, enum fence_level level)
{
	return kind == WALL_CALLS   ? calls
	       : kind == WALL_FILES ? level >= FENCE_FILES
				    : level >= FENCE_NETWORK;
}

const char *
wall_lack(enum wall_kind last)
{
	gboolean calls = calls_possible();
	enum fence_level level = fence_level();

	for (enum wall_kind kind = WALL_CALLS; kind <= last; kind++) {
		if (!stands(kind, calls, level))
			return kinds[kind].lack;
	}
	return NULL;
}

static void
tell(gboolean calls, enum fence_level level)
{
	log_event(LOG_LEVEL_INFO, "walls", "calls", calls ? "seccomp" : "open",
	    "files", level >= FENCE_FILES ? "landlock" : "open", "network",
	    level >= FENCE_NETWORK ? "landlock" : "open", NULL);
	for (enum wall_kind kind = WALL_CALLS; kind <= WALL_NETWORK; kind++) {
		/* Without Landlock its part for TCP is not missed by itself. */
		if (!stands(kind, calls, level) &&
		    (kind != WALL_NETWORK || level >= FENCE_FILES))
			log_event(LOG_LEVEL_WARN, "wall-missing", "wall",
			    kinds[kind].name, "text", kinds[kind].lack, NULL);
	}
}

gboolean
wall_close(const struct wall *wall, GError **error)
{
	g_autoptr(GError) fault = NULL;
	enum fence_level level;
	gboolean calls;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_errno(error, errno, "prctl");
	if (!jail_drop_capabilities(error) ||
	    !fence_close(wall->paths, wall->ports, &level, error))
		return FALSE;
	calls = calls_allow_daemon(wall->calls, &fault);
	if (!calls && !err_is(fault, DG_ERROR_AGAIN)) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	tell(calls, level);
	return TRUE;
}
