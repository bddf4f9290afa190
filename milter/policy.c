/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The policy, as functions of values.
 */
#include "milter/policy.h"

#include <string.h>

static const char *const action_words[] = { "ticket", "ticket-as-spam",
	"quarantine", "reject", "tag", "discard", "teach" };
static const char *const mode_words[] = { "ticket", "ticket-and-deliver", "tag",
	"teach-spam", "teach-ham" };

static int
find_word(const char *const *words, gsize n, const char *word)
{
	for (gsize i = 0; word != NULL && i < n; i++) {
		if (strcmp(words[i], word) == 0)
			return i;
	}
	return -1;
}

const char *
policy_action_word(enum policy_action action)
{
	return action_words[action];
}

gboolean
policy_action_parse(const char *word, enum policy_action *action_r)
{
	int found = find_word(action_words, G_N_ELEMENTS(action_words), word);

	if (found >= 0)
		*action_r = found;
	return found >= 0;
}

gboolean
policy_mode_parse(const char *word, enum policy_mode *mode_r)
{
	int found = find_word(mode_words, G_N_ELEMENTS(mode_words), word);

	if (found >= 0)
		*mode_r = found;
	return found >= 0;
}

gboolean
policy_teaches(const struct policy_inbox *inbox)
{
	return inbox->mode == POLICY_TEACH_SPAM ||
	       inbox->mode == POLICY_TEACH_HAM;
}

static enum verdict_class
class_in(const struct policy_inbox *inbox, const struct verdict *verdict)
{
	if (!inbox->own_scores || verdict->basis != VERDICT_SCORED)
		return verdict->class;
	return verdict_at(verdict->score, inbox->spam_score, inbox->ham_score);
}

/* What the inbox wants, before others are asked. */
static enum policy_action
wanted(const struct policy_inbox *inbox, const struct verdict *verdict)
{
	enum policy_action action = inbox->actions[class_in(inbox, verdict)];
	gboolean refuses = action == POLICY_REJECT || action == POLICY_DISCARD;

	if (policy_teaches(inbox))
		return POLICY_TEACH;
	if (refuses && !verdict_judged(verdict))
		action = POLICY_QUARANTINE;
	if (inbox->mode == POLICY_TAG_ONLY && action != POLICY_REJECT &&
	    action != POLICY_DISCARD)
		return POLICY_TAG;
	return action;
}

static const struct verdict *
verdict_in(const struct policy_case *why, guint inbox)
{
	return why->own != NULL && why->own[inbox] != NULL ? why->own[inbox]
							   : why->verdict;
}

static gboolean
all_reject(const struct policy_inbox *const *inboxes, guint n,
    const struct policy_case *why)
{
	if (why->others || why->relayed)
		return FALSE;
	for (guint i = 0; i < n; i++) {
		if (wanted(inboxes[i], verdict_in(why, i)) != POLICY_REJECT)
			return FALSE;
	}
	return TRUE;
}

static void
set_fate(const struct policy_inbox *inbox, enum policy_action action,
    struct policy_fate *fate)
{
	*fate = (struct policy_fate){ .action = action };
	switch (action) {
	case POLICY_MAKE_TICKET:
		fate->store = TRUE;
		fate->entry = ENTRY_TICKET;
		break;
	case POLICY_MAKE_SPAM_TICKET:
		fate->store = TRUE;
		fate->entry = ENTRY_TICKET_AS_SPAM;
		break;
	case POLICY_QUARANTINE:
		fate->store = TRUE;
		fate->entry = ENTRY_QUARANTINE;
		break;
	case POLICY_TEACH:
		fate->store = TRUE;
		fate->entry = inbox->mode == POLICY_TEACH_SPAM
				  ? ENTRY_TEACH_SPAM
				  : ENTRY_TEACH_HAM;
		break;
	case POLICY_DISCARD:
		fate->remove = TRUE;
		break;
	case POLICY_REJECT:
	case POLICY_TAG:
		break;
	}
	if (fate->store)
		fate->remove = inbox->mode != POLICY_TICKET_AND_DELIVER;
}

gboolean
policy_decide(const struct policy_inbox *const *inboxes, guint n,
    const struct policy_case *why, struct policy_fate *fates_r)
{
	gboolean reject = all_reject(inboxes, n, why);

	for (guint i = 0; i < n; i++) {
		enum policy_action action =
		    wanted(inboxes[i], verdict_in(why, i));

		if (action == POLICY_REJECT && !reject)
			action = inboxes[i]->mode == POLICY_TAG_ONLY
				     ? POLICY_TAG
				     : POLICY_QUARANTINE;
		set_fate(inboxes[i], action, &fates_r[i]);
		fates_r[i].class = class_in(inboxes[i], verdict_in(why, i));
	}
	return reject;
}
