/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the rule sections of the settings to compiled rules, and what is wrong
 * with them.
 */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/mail/language.h"
#include "lib/mail/verdict.h"
#include "tickets/options.h"
#include "tickets/rules_private.h"

/* More rules than anybody keeps in his head; each costs every message time. */
#define RULES_MOST 500

const struct conf_option tickets_rule_options[] = {
	{ "inbox", CONF_LIST, NULL,
	    .help = "The inboxes whose mail it looks at; not set: all." },
	{ "header", CONF_PATTERNS, NULL,
	    .help = "Header fields, each as 'Name: pattern'; every one must be "
		    "there and match." },
	{ "subject", CONF_PATTERN, NULL,
	    .help = "Matches the subject. Patterns are Perl's (PCRE2) and do "
		    "not mind case; (?-i) in front makes them." },
	{ "body", CONF_PATTERN, NULL,
	    .help =
		"Matches the text of the message; ^ and $ match at lines." },
	{ "attachment", CONF_PATTERN, NULL,
	    .help = "Matches the name of an attachment." },
	{ "sender", CONF_PATTERN, NULL,
	    .help = "Matches the address in From or the envelope's sender." },
	{ "recipient", CONF_PATTERN, NULL,
	    .help = "Matches the envelope's recipient, with what stands behind "
		    "a plus." },
	{ "verdict", CONF_LIST, NULL,
	    .help = "What the filter says of it: ham, unsure, spam." },
	{ "score-above", CONF_REAL, NULL, -1000, 1000,
	    .help = "Its score is this or more." },
	{ "score-below", CONF_REAL, NULL, -1000, 1000,
	    .help = "Its score is less than this." },
	{ "language", CONF_LIST, NULL,
	    .help =
		"The language of its text, by two letters: en, de, fr; where "
		"the text is too short to tell, its Content-Language." },
	{ "match", CONF_CHOICE, "all", .choices = "all|first",
	    .help = "first: no rule behind this one is looked at when it "
		    "matches." },
	{ "match-limit", CONF_INTEGER, "100000", 1000, 100000000,
	    .help = "Steps that matching one of its patterns may take from one "
		    "place of the text; beyond, the rule is undecided: it does "
		    "nothing, and log and ticket say so." },
	{ "depth-limit", CONF_INTEGER, "100000", 100, 10000000,
	    .help = "The same for nested backtracking, which takes memory." },
	{ "department", CONF_STRING, NULL,
	    .help = "The ticket goes to this department of the desk." },
	{ "tags", CONF_LIST, NULL, .help = "The ticket gets these tags." },
	{ "priority", CONF_CHOICE, NULL, .choices = "low|normal|high|urgent",
	    .help = "The ticket gets this priority." },
	{ "status", CONF_CHOICE, NULL, .choices = "open|closed",
	    .help = "The ticket gets this status; not set: the desk's for a "
		    "new one." },
	{ "desk", CONF_STRING, NULL,
	    .help =
		"The ticket goes to this desk; local is the embedded one." },
	{ "action", CONF_CHOICE, NULL,
	    .choices = "ticket|ticket-as-spam|quarantine",
	    .help =
		"What becomes of it, in place of what the inbox does by the "
		"verdict. It acts after the message was accepted, so it never "
		"rejects." },
	{ NULL },
};

static void
condition_free(gpointer data)
{
	struct rule_condition *condition = data;

	g_free(condition->field);
	pattern_free(&condition->pattern);
	g_free(condition);
}

static void
rule_free(gpointer data)
{
	struct rule *rule = data;

	g_free(rule->name);
	g_strfreev(rule->inboxes);
	g_ptr_array_unref(rule->conditions);
	g_strfreev(rule->languages);
	g_free(rule->department);
	g_free(rule->priority);
	g_free(rule->status);
	g_free(rule->desk);
	g_strfreev(rule->tags);
	g_free(rule);
}

static struct pattern *
compile(const struct conf_section *section, enum rule_part part,
    const char *text, GError **error)
{
	const struct pattern_how how = {
		.flags =
		    PATTERN_CASELESS | (part == RULE_BODY ? PATTERN_LINES : 0),
		.match_limit = conf_integer(section, "match-limit"),
		.depth_limit = conf_integer(section, "depth-limit"),
	};

	return pattern_compile(text, &how, error);
}

/* "List-Id: ^<help" to its field and where the pattern begins; NULL when it is
 * none. */
static char *
split_field(const char *text, const char **pattern_r)
{
	const char *colon = strchr(text, ':');

	if (colon == NULL || colon == text)
		return NULL;
	for (const char *at = text; at < colon; at++) {
		if (!g_ascii_isgraph(*at)) /* RFC 5322 section 2.2 */
			return NULL;
	}
	*pattern_r = colon + 1 + strspn(colon + 1, " \t");
	return g_strndup(text, colon - text);
}

static void
add_condition(struct rule *rule, enum rule_part part, char *field,
    struct pattern *pattern)
{
	struct rule_condition *condition = g_new0(struct rule_condition, 1);

	condition->part = part;
	condition->field = field;
	condition->pattern = pattern;
	g_ptr_array_add(rule->conditions, condition);
}

static guint
read_verdicts(const struct conf_section *section)
{
	guint bits = 0;

	for (const char *const *word = conf_list(section, "verdict");
	     *word != NULL; word++) {
		enum verdict_class class;

		if (verdict_parse(*word, &class))
			bits |= 1U << class;
	}
	return bits;
}

static enum rule_action
read_action(const struct conf_section *section)
{
	const char *word = conf_string(section, "action");

	for (enum rule_action action = RULE_TICKET; action <= RULE_QUARANTINE;
	     action++) {
		if (g_strcmp0(word, rule_action_word(action)) == 0)
			return action;
	}
	return RULE_NO_ACTION;
}

static void
read_conditions(struct rule *rule, const struct conf_section *section)
{
	for (const char *const *text = conf_list(section, "header");
	     *text != NULL; text++) {
		const char *rest = NULL;
		char *field = split_field(*text, &rest);

		add_condition(rule, RULE_HEADER, field,
		    compile(section, RULE_HEADER, rest, NULL));
	}
	for (enum rule_part part = 0; part < RULE_HEADER; part++) {
		const char *text = conf_string(section, rule_part_word(part));

		if (text != NULL)
			add_condition(rule, part, NULL,
			    compile(section, part, text, NULL));
	}
}

static struct rule *
read_rule(const struct conf_section *section)
{
	struct rule *rule = g_new0(struct rule, 1);

	rule->name = g_strdup(conf_title(section));
	rule->inboxes = g_strdupv((char **)conf_list(section, "inbox"));
	rule->conditions = g_ptr_array_new_with_free_func(condition_free);
	read_conditions(rule, section);
	rule->above_set = conf_is_set(section, "score-above");
	rule->above = conf_real(section, "score-above");
	rule->below_set = conf_is_set(section, "score-below");
	rule->below = conf_real(section, "score-below");
	rule->verdicts = read_verdicts(section);
	rule->languages = g_strdupv((char **)conf_list(section, "language"));
	rule->last = strcmp(conf_string(section, "match"), "first") == 0;
	rule->department = g_strdup(conf_string(section, "department"));
	rule->priority = g_strdup(conf_string(section, "priority"));
	rule->status = g_strdup(conf_string(section, "status"));
	rule->desk = g_strdup(conf_string(section, "desk"));
	rule->tags = g_strdupv((char **)conf_list(section, "tags"));
	rule->action = read_action(section);
	return rule;
}

struct rules *
rules_new(const struct conf *conf)
{
	struct rules *rules = g_new0(struct rules, 1);

	rules->all = g_ptr_array_new_with_free_func(rule_free);
	for (guint i = 0; i < conf_count(conf, "rule"); i++)
		g_ptr_array_add(
		    rules->all, read_rule(conf_at(conf, "rule", i)));
	return rules;
}

void
rules_free(struct rules **rules)
{
	if (*rules == NULL)
		return;
	g_ptr_array_unref((*rules)->all);
	g_clear_pointer(rules, g_free);
}

/* --- what is wrong --- */

static void
check_pattern(struct conf *conf, const struct conf_section *rule,
    enum rule_part part, const char *text)
{
	const char *what = rule_part_word(part);
	g_autoptr(GError) error = NULL;
	struct pattern *pattern OWNED(pattern_free) =
	    compile(rule, part, text, &error);

	if (pattern == NULL)
		conf_add_fault(
		    conf, rule, what, "%s: %s", what, error->message);
}

static void
check_patterns(struct conf *conf, const struct conf_section *rule)
{
	for (enum rule_part part = 0; part < RULE_HEADER; part++) {
		const char *text = conf_string(rule, rule_part_word(part));

		if (text != NULL)
			check_pattern(conf, rule, part, text);
	}
	for (const char *const *text = conf_list(rule, "header"); *text != NULL;
	     text++) {
		const char *rest = NULL;
		g_autofree char *field = split_field(*text, &rest);

		if (field == NULL)
			conf_add_fault(conf, rule, "header",
			    "header: '%s' is no field; write 'Name: pattern'",
			    *text);
		else
			check_pattern(conf, rule, RULE_HEADER, rest);
	}
}

static void
check_names(struct conf *conf, const struct conf_section *rule)
{
	const char *desk = conf_string(rule, "desk");
	enum verdict_class class;

	for (const char *const *inbox = conf_list(rule, "inbox");
	     *inbox != NULL; inbox++) {
		if (conf_find(conf, "inbox", *inbox) == NULL)
			conf_add_fault(conf, rule, "inbox",
			    "inbox: there is no section inbox \"%s\"", *inbox);
	}
	if (desk != NULL && strcmp(desk, "local") != 0 &&
	    conf_find(conf, "desk", desk) == NULL)
		conf_add_fault(conf, rule, "desk",
		    "desk = \"%s\": there is no section desk \"%s\"", desk,
		    desk);
	for (const char *const *word = conf_list(rule, "verdict");
	     *word != NULL; word++) {
		if (!verdict_parse(*word, &class))
			conf_add_fault(conf, rule, "verdict",
			    "verdict: \"%s\" is none of ham, unsure, spam",
			    *word);
	}
	for (const char *const *code = conf_list(rule, "language");
	     *code != NULL; code++) {
		if (!language_known(*code))
			conf_add_fault(conf, rule, "language",
			    "language: \"%s\" is not known; write two letters: "
			    "en, de, fr",
			    *code);
	}
}

static gboolean
does_something(const struct conf_section *rule)
{
	static const char *const effects[] = { "department", "tags", "priority",
		"status", "desk", "action" };

	for (gsize i = 0; i < G_N_ELEMENTS(effects); i++) {
		if (conf_is_set(rule, effects[i]))
			return TRUE;
	}
	return strcmp(conf_string(rule, "match"), "first") == 0;
}

void
rules_check(struct conf *conf)
{
	guint count = conf_count(conf, "rule");

	for (guint i = 0; i < count; i++) {
		const struct conf_section *rule = conf_at(conf, "rule", i);

		check_patterns(conf, rule);
		check_names(conf, rule);
		if (!does_something(rule))
			conf_add_fault(conf, rule, NULL,
			    "rule \"%s\" does nothing; set department, tags, "
			    "priority, status, desk or action",
			    conf_title(rule));
		if (i == RULES_MOST)
			conf_add_fault(conf, rule, NULL,
			    "there are more than %d rules", RULES_MOST);
	}
}
