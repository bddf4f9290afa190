/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_VERBS_H
#define DESKGATE_TOOLS_VERBS_H

#include "tickets/control.h"

/*
 * The keeper's verbs, one function each; `self` is the struct keeper.  What
 * each takes and answers stands at its definition.  keeper_verbs in verbs.c is
 * the table of them.
 */
#define VERB(name) \
	gboolean verb_##name(void *self, \
	    const struct control_request *request, \
	    struct control_answer *answer, GError **error)

VERB(train);
VERB(untrain);
VERB(score);
VERB(explain);
VERB(stats);
VERB(queue_list);
VERB(queue_show);
VERB(queue_retry);
VERB(queue_drop);
VERB(quarantine_list);
VERB(quarantine_show);
VERB(quarantine_release);
VERB(quarantine_delete);
VERB(tickets_list);
VERB(tickets_show);
VERB(tickets_search);
VERB(tickets_note);
VERB(tickets_status);
VERB(tickets_file);

/* --- helpers that the verbs share --- */
/* A required text member of the request; NULL with BAD when it is missing. */
const char *verb_text(
    const struct control_request *request, const char *member, GError **error);
/* The message descriptor (the request's first memory file); -1 with BAD. */
int verb_message(const struct control_request *request, GError **error);

#endif
