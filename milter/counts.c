/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the milter counts.  Words stand in the order of the enums they are of.
 */
#include "milter/counts.h"

#include <stddef.h>

static const char *const welcomes[] = { "welcome", "turned-away", NULL };
static const char *const answers[] = { "accept", "reject", "later", NULL };
static const char *const verdicts[] = { "ham", "unsure", "spam", NULL };
static const char *const actions[] = { "ticket", "ticket-as-spam", "quarantine",
	"reject", "tag", "discard", "teach", NULL };
static const char *const bases[] = { "scored", "cold", "no-model", "unread",
	"not-scored", "by-rule", NULL };

const struct tally_metric counts_milter[] = {
	[COUNTS_CONNECTIONS] = { "deskgate_milter_connections_total",
	    "Connections of the MTA, by whether they were served.",
	    TALLY_COUNTER, NULL, "outcome", welcomes },
	[COUNTS_ANSWERS] = { "deskgate_milter_answers_total",
	    "Answers to the MTA at the end of messages for inboxes.",
	    TALLY_COUNTER, NULL, "answer", answers },
	[COUNTS_MESSAGES] = { "deskgate_messages_total",
	    "Messages that were decided, by inbox and verdict.", TALLY_COUNTER,
	    "inbox", "verdict", verdicts },
	[COUNTS_ACTIONS] = { "deskgate_message_actions_total",
	    "What was done with them, by inbox.", TALLY_COUNTER, "inbox",
	    "action", actions },
	[COUNTS_JUDGED] = { "deskgate_messages_judged_total",
	    "Messages by what the verdict stands on.", TALLY_COUNTER, NULL,
	    "basis", bases },
	[COUNTS_REPEATS] = { "deskgate_message_repeats_total",
	    "Messages that were in the spool already.", TALLY_COUNTER, "inbox",
	    NULL, NULL },
	[COUNTS_RECIPIENTS_REFUSED] = { "deskgate_recipients_refused_total",
	    "Recipients whose inbox takes no mail at the moment, none any "
	    "more, or none of this sender.",
	    TALLY_COUNTER, "inbox", NULL, NULL },
	[COUNTS_BYTES] = { "deskgate_message_bytes_total",
	    "Bytes of the messages that were decided.", TALLY_COUNTER, NULL,
	    NULL, NULL },
	[COUNTS_JUDGE_TIME] = { "deskgate_judge_seconds",
	    "Time until a reader had read and scored a message.", TALLY_SECONDS,
	    NULL, NULL, NULL },
	[COUNTS_STORE_TIME] = { "deskgate_store_seconds",
	    "Time until a message was sealed and on disk for all its inboxes.",
	    TALLY_SECONDS, NULL, NULL, NULL },
	[COUNTS_ANSWER_TIME] = { "deskgate_answer_seconds",
	    "Time from the end of a message to the answer.", TALLY_SECONDS,
	    NULL, NULL, NULL },
	{ NULL },
};
