/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_CMD_CHECK_DEEP_H
#define DESKGATE_TOOLS_CMD_CHECK_DEEP_H

#include "tools/cmd.h"

/* The part of "deskgate check" that looks at the stores (deep.h). */
struct check_deep {
	const struct cmd_context *context;
	gboolean mend;
	guint mended, left; /* how much was found */
	json_t *steps;      /* of deep_step, for --json; the caller's */
};
/* Looks, shows unless --json, and mends when asked to.  EX_OK; EX_DATAERR when
 * something is left; the code of an error that was told. */
int check_deep(struct check_deep *deep, const struct conf *conf);

#endif
