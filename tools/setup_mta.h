/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_SETUP_MTA_H
#define DESKGATE_TOOLS_SETUP_MTA_H

#include "tools/setup_plan.h"

/*
 * An MTA that `deskgate setup` can change: how its settings are read, what they
 * become, how it hears of it.  Nothing here writes its settings.
 */
struct setup_proposal {
	struct setup_plan *plan;
	/* struct setup_file *: those that change, in the order in which they
	 * are written. */
	GPtrArray *files;
};

struct setup_mta {
	const char *name; /* "postfix" */
	/* Its usual folder of settings; the caller frees it.  NULL with
	 * *error. */
	char *(*folder)(GError **error);
	/* Reads what is there and works out what it becomes; `routes` of the
	 * wish is filled in here. */
	gboolean (*propose)(const char *folder, const struct setup_wish *wish,
	    struct setup_proposal *proposal_r, GError **error);
	/* Whether it runs. */
	gboolean (*running)(const char *folder);
	/* Has one that runs read its settings again. */
	gboolean (*reload)(const char *folder, GError **error);
	/* Where it takes mail from this host, HOST:PORT; the caller frees
	 * it.  NULL when no service does. */
	char *(*entrance)(const char *folder);
};

extern const struct setup_mta setup_mta_postfix, setup_mta_sendmail;

/* Of a proposal that was made, or not (all NULL). */
void setup_proposal_clear(struct setup_proposal *proposal);

#endif
