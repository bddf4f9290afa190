/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_RULES_H
#define DESKGATE_TICKETS_RULES_H

#include <glib.h>

#include "lib/base/conf.h"
#include "lib/mail/message.h"
#include "tickets/entry.h"
#include "tickets/ticket.h"

/*
 * The rules of the settings: what a message must be like, and what its ticket
 * gets then.
 *
 * They are matched where mail is read, in the jailed reader, which answers with
 * nothing but the names of those that matched.  What a rule does is looked up
 * by name in the keeper's own settings, so a reader that mail has taken over
 * can choose among what the administrator has written, and nothing else.
 *
 * Rules are looked at in the order of the settings.  Where several match, a
 * later one's department, priority, status, desk and action replace an
 * earlier's, and tags add up; one with `match = first` ends the looking when it
 * matches.
 *
 * Compiled rules do not change: any number of threads may use them.
 */
struct rules;

/* Of settings without faults; compiles the patterns, so before a jail closes.
 */
struct rules *rules_new(const struct conf *conf);
/* Accepts NULL. */
void rules_free(struct rules **rules);
/* Adds to the conf's faults what is wrong with its rules. */
void rules_check(struct conf *conf);

/* How many there are. */
guint rules_count(const struct rules *rules);
/* The title of the rule at `index`; borrowed. */
const char *rules_name(const struct rules *rules, guint index);

enum rule_result {
	RULE_NO,        /* a condition does not hold */
	RULE_MATCHED,   /* all do */
	RULE_UNDECIDED, /* a pattern met its limit: nothing is done, and told */
	RULE_PASSED     /* an earlier rule ended the looking */
};
/* "no", "matched", "undecided", "passed over"; static. */
const char *rule_result_word(enum rule_result result);

/* What became of one rule. */
struct rule_trace {
	enum rule_result result;
	/* The condition that decided: the one that failed or met its limit;
	 * static; NULL when all held or none was looked at. */
	const char *why;
	gint64 took; /* microseconds */
};

/* What a rule may look at. */
struct rule_facts {
	struct message *message;
	const struct entry *entry;
};

/* All rules together may take this much processor time for one message
 * (microseconds); what is left then is undecided. */
#define RULES_TIME_MOST ((gint64)200 * 1000)

/* Fills one trace for each rule. */
void rules_run(const struct rules *rules, const struct rule_facts *facts,
    struct rule_trace *traces_r);

/* The same, and the titles into the ticket's `rules` and `undecided`. */
void rules_mark(const struct rules *rules, const struct rule_facts *facts,
    struct ticket *ticket);

enum rule_action { RULE_NO_ACTION, RULE_TICKET, RULE_SPAM, RULE_QUARANTINE };
/* "", "ticket", "ticket-as-spam", "quarantine"; static. */
const char *rule_action_word(enum rule_action action);

/* What matching rules do together; a text is NULL where none says; all borrowed
 * from the rules but the array. */
struct rule_effects {
	const char *department, *priority, *status, *desk;
	enum rule_action action;
	const char *action_by; /* the rule that said so, or NULL */
	GPtrArray *tags;       /* const char *, each once */
};
/* Of the rules with these names (char *); names that are no rule's are left
 * out. */
void rules_effects(const struct rules *rules, const GPtrArray *names,
    struct rule_effects *effects_r);
/* Frees the array. */
void rule_effects_clear(struct rule_effects *effects);

/* "department=billing, tags=a b, action=quarantine": what one rule does, for
 * people.  The caller frees it. */
char *rules_effect_words(const struct rules *rules, guint index);

#endif
