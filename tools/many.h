/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_MANY_H
#define DESKGATE_TOOLS_MANY_H

#include "tools/cmd.h"

/*
 * One question about many messages: each message of files, folders, mboxes and
 * Maildirs is sent to the keeper, some ahead of the answers, so that lessons
 * share commits and readers do not wait.
 */
struct many {
	struct cmd_context *context;
	json_t *request; /* sent with each message; many_ask frees it */
	/* Told of each answer, in the order of the messages. */
	void (*show)(void *self, const char *name, const json_t *answer);
	void *self;
	guint asked, failed; /* how many; failures are told by many_ask */
};

/* EX_OK when all were answered, EX_DATAERR when some failed, else why it ended.
 */
int many_ask(struct many *many, char **paths);

#endif
