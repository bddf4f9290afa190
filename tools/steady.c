/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether the wall clock can be believed.
 */
#include "tools/steady.h"

gboolean
steady_jumped(const struct steady_time *before, const struct steady_time *now)
{
	return now->wall - before->wall >
	       now->mono - before->mono + STEADY_JUMP * G_USEC_PER_SEC;
}

gboolean
steady_believe(struct steady *steady, const struct steady_time *now)
{
	if (steady->good.wall != 0 && steady_jumped(&steady->good, now)) {
		if (steady->doubted == 0)
			steady->doubted = now->mono;
		if (now->mono - steady->doubted < STEADY_DOUBT * G_USEC_PER_SEC)
			return FALSE;
	}
	*steady = (struct steady){ .good = *now };
	return TRUE;
}
