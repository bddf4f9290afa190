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
	/* For many_ask_next: where the messages come from, by the contract of
	 * source_next.  It may set members of `request` before it answers. */
	gboolean (*next)(
	    void *supplier, GBytes **message_r, char **name_r, GError **error);
	void *supplier;
	guint all; /* how many there are, for the progress; 0: unknown */
	/* How much of all has been read, by the contract of source_share; NULL:
	 * nobody knows. */
	double (*share)(void *supplier);
	gboolean kept;  /* many_ask: by source_open_kept */
	gboolean quiet; /* show prints nothing of what goes well */
	/* Told of each answer, in the order of the messages. */
	void (*show)(void *self, const char *name, const json_t *answer);
	void *self;
	guint asked, failed; /* how many; failures are told by many_ask */
	guint left;          /* how many `kept` has left out */
};

/* EX_OK when all were answered, EX_DATAERR when some failed, else why it ended.
 */
int many_ask(struct many *many, char **paths);
/* The same, of messages that many->next supplies. */
int many_ask_next(struct many *many);

/* Tells that one of them could not be read, and counts it. */
void many_fail(struct many *many, const char *name, const GError *error);

#endif
