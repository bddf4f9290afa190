/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_RULES_PRIVATE_H
#define DESKGATE_TICKETS_RULES_PRIVATE_H

#include "lib/base/pattern.h"
#include "tickets/rules.h"

/* What rules.c (matching, effects) and rules_read.c (settings) share. */

/* What a pattern is matched against. */
enum rule_part {
	RULE_SUBJECT,
	RULE_BODY,
	RULE_ATTACHMENT,
	RULE_SENDER,
	RULE_RECIPIENT,
	RULE_HEADER
};

/* The name of its setting; static. */
const char *rule_part_word(enum rule_part part);

struct rule_condition {
	enum rule_part part;
	char *field; /* RULE_HEADER alone: the field's name */
	struct pattern *pattern;
};

struct rule {
	char *name;
	char **inboxes; /* titles; none: all of them */
	GPtrArray *conditions;
	gboolean above_set, below_set;
	double above, below;
	guint verdicts;   /* a bit for each class; 0: any */
	char **languages; /* none: any */
	gboolean last;    /* match = first */
	char *department, *priority, *status, *desk;
	char **tags;
	enum rule_action action;
};

struct rules {
	GPtrArray *all; /* struct rule * */
};

#endif
