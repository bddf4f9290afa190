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

static void
tell(gboolean calls, enum fence_level level)
{
	log_event(LOG_LEVEL_INFO, "walls", "calls", calls ? "seccomp" : "open",
	    "files", level >= FENCE_FILES ? "landlock" : "open", "network",
	    level >= FENCE_NETWORK ? "landlock" : "open", NULL);
	if (!calls)
		log_event(LOG_LEVEL_WARN, "wall-missing", "wall", "calls",
		    "text", "this kernel has no seccomp filters", NULL);
	if (level < FENCE_FILES)
		log_event(LOG_LEVEL_WARN, "wall-missing", "wall", "files",
		    "text", "this kernel has no Landlock (Linux 5.19)", NULL);
	else if (level < FENCE_NETWORK)
		log_event(LOG_LEVEL_WARN, "wall-missing", "wall", "network",
		    "text", "this kernel's Landlock has no network (Linux 6.7)",
		    NULL);
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
