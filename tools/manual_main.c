/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prints what is made of the tables for deskgate.conf(5).  make runs it; it is
 * not installed.
 */
#include <stdio.h>
#include <sysexits.h>

#include "lib/base/conf.h"
#include "tools/settings.h"

int
main(void)
{
	g_autofree char *settings = conf_manual(settings_kinds);

	return fputs(settings, stdout) >= 0 && fflush(stdout) == 0 ? EX_OK
								   : EX_IOERR;
}
