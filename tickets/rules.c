/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Matching rules, and what they do together.
 */
#include "tickets/rules.h"

#include <string.h>

#include "lib/mail/language.h"
#include "tickets/rules_private.h"

guint
rules_count(const struct rules *rules)
{
	return rules->all->len;
}

static const struct rule *
rule_at(const struct rules *rules, guint index)
{
	return rules->all->pdata[index];
}

const char *
rules_name(const struct rules *rules, guint index)
{
	return rule_at(rules, index)->name;
}

const char *
rule_result_word(enum rule_result result)
{
	static const char *const words[] = { "no", "matched", "undecided",
		"passed over" };

	return words[result];
}

const char *
rule_action_word(enum rule_action action)
{
	static const char *const words[] = { "", "ticket", "ticket-as-spam",
		"quarantine" };

	return words[action];
}

const char *
rule_part_word(enum rule_part part)
{
	static const char *const words[] = { "subject", "body", "attachment",
		"sender", "recipient", "header" };

	return words[part];
}

/* --- matching --- */

struct run {
	const struct rule_facts *facts;
	struct pattern_time time; /* of all rules */
	const char *language;     /* of the text; NULL: not known */
	gboolean language_read;
};

static enum pattern_answer
match_text(
    struct run *run, const struct rule_condition *condition, const char *text)
{
	return pattern_match_within(
	    condition->pattern, text, strlen(text), &run->time, NULL);
}

/* No for "no" to any of them; a limit only when none says yes. */
static void
either(enum pattern_answer *sum, enum pattern_answer one)
{
	if (one == PATTERN_YES || *sum == PATTERN_NO)
		*sum = one;
}

static enum pattern_answer
match_header(struct run *run, const struct rule_condition *condition)
{
	const struct message *message = run->facts->message;
	enum pattern_answer sum = PATTERN_NO;

	for (guint i = 0;
	     i < message_header_count(message) && sum != PATTERN_YES; i++) {
		if (g_ascii_strcasecmp(
			message_header_name(message, i), condition->field) == 0)
			either(&sum, match_text(run, condition,
					 message_header_value(message, i)));
	}
	return sum;
}

static enum pattern_answer
match_attachment(struct run *run, const struct rule_condition *condition)
{
	const struct message *message = run->facts->message;
	enum pattern_answer sum = PATTERN_NO;

	for (guint i = 0; i < message_part_count(message) && sum != PATTERN_YES;
	     i++) {
		const char *name = message_part(message, i)->filename;

		if (name != NULL)
			either(&sum, match_text(run, condition, name));
	}
	return sum;
}

static enum pattern_answer
match_sender(struct run *run, const struct rule_condition *condition)
{
	const struct rule_facts *facts = run->facts;
	const GPtrArray *from = message_addresses(facts->message, "From");
	enum pattern_answer sum =
	    match_text(run, condition, facts->entry->envelope->sender);

	for (guint i = 0; i < from->len && sum != PATTERN_YES; i++) {
		const struct addr *addr = from->pdata[i];

		either(&sum, match_text(run, condition, addr->address));
	}
	return sum;
}

static enum pattern_answer
match_condition(struct run *run, const struct rule_condition *condition)
{
	const struct rule_facts *facts = run->facts;

	switch (condition->part) {
	case RULE_BODY:
		return match_text(run, condition, message_text(facts->message));
	case RULE_ATTACHMENT:
		return match_attachment(run, condition);
	case RULE_SENDER:
		return match_sender(run, condition);
	case RULE_RECIPIENT:
		return match_text(run, condition, facts->entry->recipient);
	case RULE_HEADER:
		return match_header(run, condition);
	case RULE_SUBJECT:
		break;
	}
	return match_text(run, condition, message_subject(facts->message));
}

/* By its words; where those do not tell, by its Content-Language: mail programs
 * put the language of their own menus there. */
static const char *
language_of(struct run *run)
{
	struct message *message = run->facts->message;

	if (!run->language_read) {
		run->language = language_guess(message_text(message));
		if (run->language == NULL)
			run->language =
			    message_header(message, "Content-Language");
		run->language_read = TRUE;
	}
	return run->language;
}

/* "de" is meant by "de", "de-AT" and "DE, en". */
static gboolean
has_language(const struct rule *rule, const char *language)
{
	for (char **code = rule->languages; *code != NULL; code++) {
		if (language != NULL &&
		    g_ascii_strncasecmp(language, *code, 2) == 0 &&
		    !g_ascii_isalpha(language[2]))
			return TRUE;
	}
	return rule->languages[0] == NULL;
}

static gboolean
has_inbox(const struct rule *rule, const char *inbox)
{
	for (char **title = rule->inboxes; *title != NULL; title++) {
		if (g_ascii_strcasecmp(*title, inbox) == 0)
			return TRUE;
	}
	return rule->inboxes[0] == NULL;
}

/* The condition that fails of those that cost nothing, or NULL. */
static const char *
cheap_failure(const struct rule *rule, const struct entry *entry)
{
	const struct verdict *verdict = &entry->verdict;

	if (!has_inbox(rule, entry->inbox))
		return "inbox";
	if (rule->verdicts != 0 && (rule->verdicts & 1U << verdict->class) == 0)
		return "verdict";
	if (rule->above_set && verdict->score < rule->above)
		return "score-above";
	if (rule->below_set && verdict->score >= rule->below)
		return "score-below";
	return NULL;
}

static enum rule_result
match_rule(const struct rule *rule, struct run *run, const char **why_r)
{
	*why_r = cheap_failure(rule, run->facts->entry);
	if (*why_r != NULL)
		return RULE_NO;
	for (guint i = 0; i < rule->conditions->len; i++) {
		const struct rule_condition *condition =
		    rule->conditions->pdata[i];
		enum pattern_answer answer = match_condition(run, condition);

		*why_r = rule_part_word(condition->part);
		if (answer != PATTERN_YES)
			return answer == PATTERN_NO ? RULE_NO : RULE_UNDECIDED;
	}
	*why_r = "language";
	if (rule->languages[0] != NULL && !has_language(rule, language_of(run)))
		return RULE_NO;
	*why_r = NULL;
	return RULE_MATCHED;
}

void
rules_run(const struct rules *rules, const struct rule_facts *facts,
    struct rule_trace *traces_r)
{
	struct run run = { .facts = facts };
	gboolean ended = FALSE;

	pattern_time_begin(&run.time, RULES_TIME_MOST);
	for (guint i = 0; i < rules->all->len; i++) {
		const struct rule *rule = rule_at(rules, i);
		struct rule_trace *trace = &traces_r[i];
		gint64 began = g_get_monotonic_time();

		*trace = (struct rule_trace){ .result = RULE_PASSED };
		if (ended)
			continue;
		trace->result = match_rule(rule, &run, &trace->why);
		trace->took = g_get_monotonic_time() - began;
		ended = trace->result == RULE_MATCHED && rule->last;
	}
}

void
rules_mark(const struct rules *rules, const struct rule_facts *facts,
    struct ticket *ticket)
{
	g_autofree struct rule_trace *traces =
	    g_new(struct rule_trace, MAX(rules->all->len, 1));

	rules_run(rules, facts, traces);
	for (guint i = 0; i < rules->all->len; i++) {
		if (traces[i].result == RULE_MATCHED)
			g_ptr_array_add(
			    ticket->rules, g_strdup(rules_name(rules, i)));
		else if (traces[i].result == RULE_UNDECIDED)
			g_ptr_array_add(
			    ticket->undecided, g_strdup(rules_name(rules, i)));
	}
}

/* --- effects --- */

static void
replace(const char **text, const char *other)
{
	if (other != NULL)
		*text = other;
}

static void
add_tags(GPtrArray *tags, char *const *more)
{
	for (; *more != NULL; more++) {
		if (!g_ptr_array_find_with_equal_func(
			tags, *more, g_str_equal, NULL))
			g_ptr_array_add(tags, *more);
	}
}

static void
add_effects(struct rule_effects *effects, const struct rule *rule)
{
	replace(&effects->department, rule->department);
	replace(&effects->priority, rule->priority);
	replace(&effects->status, rule->status);
	replace(&effects->desk, rule->desk);
	add_tags(effects->tags, rule->tags);
	if (rule->action != RULE_NO_ACTION) {
		effects->action = rule->action;
		effects->action_by = rule->name;
	}
}

void
rules_effects(const struct rules *rules, const GPtrArray *names,
    struct rule_effects *effects_r)
{
	*effects_r = (struct rule_effects){ .tags = g_ptr_array_new() };
	for (guint i = 0; i < rules->all->len; i++) {
		const struct rule *rule = rule_at(rules, i);

		if (g_ptr_array_find_with_equal_func(
			(GPtrArray *)names, rule->name, g_str_equal, NULL))
			add_effects(effects_r, rule);
	}
}

void
rule_effects_clear(struct rule_effects *effects)
{
	g_clear_pointer(&effects->tags, g_ptr_array_unref);
}

static void
say(GString *words, const char *name, const char *value)
{
	if (value != NULL && *value != '\0')
		g_string_append_printf(
		    words, "%s%s=%s", words->len > 0 ? ", " : "", name, value);
}

char *
rules_effect_words(const struct rules *rules, guint index)
{
	const struct rule *rule = rule_at(rules, index);
	g_autofree char *tags = g_strjoinv(" ", rule->tags);
	GString *words = g_string_new(NULL);

	say(words, "department", rule->department);
	say(words, "tags", tags);
	say(words, "priority", rule->priority);
	say(words, "status", rule->status);
	say(words, "desk", rule->desk);
	say(words, "action", rule_action_word(rule->action));
	if (rule->last)
		say(words, "match", "first");
	return g_string_free(words, FALSE);
}
