/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_GROUND_H
#define DESKGATE_TOOLS_GROUND_H

#include <glib.h>

#include "classifier/classify.h"
#include "lib/base/conf.h"
#include "lib/privacy/lives.h"
#include "tickets/spool.h"
#include "tools/home.h"
#include "tools/paths.h"
#include "tools/readers.h"

/*
 * What stands under whatever takes mail in (deskgate-milter, deskgate accept):
 * keys, readers, spool and classifier, and neither a secret that opens what was
 * sealed nor a database.  All members are for tools/ alone and do not change
 * once it is open.
 */
struct ground {
	struct paths paths;
	int key_dir;
	int lock; /* of the spool, as it stood at the start */
	struct home_keys keys;
	struct lives *lives; /* of inboxes */
	struct readers *readers;
	struct spool *spool;
	struct classify *classify;
};

/*
 * Opens it as the user that runs.  Starts the readers first, so no thread may
 * exist.  NOTFOUND with what to do where the keeper was never started: mail
 * must not come in before it can be sealed.  On FALSE nothing is left open.
 */
gboolean ground_open(
    struct ground *ground, const struct conf *conf, GError **error);
/* Closes and frees all of it. */
void ground_close(struct ground *ground);

#endif
