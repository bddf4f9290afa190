/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_COUNTS_H
#define DESKGATE_MILTER_COUNTS_H

#include "lib/base/tally.h"

/*
 * What deskgate-milter counts; rows are inboxes, by the title of their section.
 * The order is the table's.
 */
enum counts_milter {
	COUNTS_CONNECTIONS,        /* value: enum counts_welcome */
	COUNTS_ANSWERS,            /* value: enum counts_answer */
	COUNTS_MESSAGES,           /* value: enum verdict_class */
	COUNTS_ACTIONS,            /* value: enum policy_action */
	COUNTS_JUDGED,             /* value: enum verdict_basis */
	COUNTS_REPEATS,            /* by inbox */
	COUNTS_RECIPIENTS_REFUSED, /* by inbox */
	COUNTS_BYTES,
	COUNTS_JUDGE_TIME,
	COUNTS_STORE_TIME,
	COUNTS_ANSWER_TIME,
};
enum counts_welcome { COUNTS_WELCOME, COUNTS_TURNED_AWAY };
enum counts_answer { COUNTS_ACCEPTED, COUNTS_REJECTED, COUNTS_DEFERRED };

extern const struct tally_metric counts_milter[];

/* Its file in RUNTIME/watch. */
#define COUNTS_MILTER_FILE "milter.counts"

#endif
