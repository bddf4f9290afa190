/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/rules.h"

#include <string.h>

#include "lib/base/owned.h"
#include "lib/base/pattern.h"
#include "tickets/options.h"

/* The settings that rules refer to. */
static const struct conf_option inbox_options[] = { { NULL } };
static const struct conf_option desk_options[] = { { NULL } };
static const struct conf_option *const none[] = { NULL };
static const struct conf_option *const inbox_tables[] = { inbox_options, NULL };
static const struct conf_option *const desk_tables[] = { desk_options, NULL };
static const struct conf_option *const rule_tables[] = { tickets_rule_options,
	NULL };
static const struct conf_kind kinds[] = {
	{ "", NULL, "", none },
	{ "inbox", "a@example.com", "", inbox_tables },
	{ "desk", "main", "", desk_tables },
	{ "rule", "name", "", rule_tables },
	{ NULL },
};

static const char letter[] =
    "From: Alice <alice@customers.example.org>\n"
    "To: support@example.com\n"
    "Subject: Invoice 4711 is wrong\n"
    "X-Mailer: Tool 1\n"
    "X-Mailer: Tool 2\n"
    "MIME-Version: 1.0\n"
    "Content-Type: multipart/mixed; boundary=b\n"
    "\n"
    "--b\n"
    "Content-Type: text/plain; charset=utf-8\n"
    "\n"
    "The sum is not what we have ordered.\n"
    "Please send it to me for my order.\n"
    "--b\n"
    "Content-Type: application/pdf\n"
    "Content-Disposition: attachment; filename=invoice.pdf\n"
    "\n"
    "x\n"
    "--b--\n";

static struct entry *
make_entry(void)
{
	struct entry *entry = entry_new();

	entry->inbox = g_strdup("support@example.com");
	entry->recipient = g_strdup("support+vip@example.com");
	entry->envelope = envelope_new();
	g_free(entry->envelope->sender);
	entry->envelope->sender = g_strdup("bounce@lists.example.net");
	verdict_init(&entry->verdict, VERDICT_UNSURE, VERDICT_SCORED, NULL);
	entry->verdict.score = 1.5;
	return entry;
}

static struct conf *
read_settings(const char *text)
{
	g_autofree char *whole =
	    g_strdup_printf("inbox \"support@example.com\" "
			    "{}\ninbox \"b@example.com\" "
			    "{}\n%s",
		text);

	return conf_parse("test.conf", whole, kinds);
}

static struct rules *
make_rules(const char *text)
{
	struct conf *conf OWNED(conf_free) = read_settings(text);

	if (conf_faults(conf) == 0)
		rules_check(conf);
	for (guint i = 0; i < conf_faults(conf); i++)
		g_test_message("%s", conf_fault(conf, i));
	g_assert_cmpuint(conf_faults(conf), ==, 0);
	return rules_new(conf);
}

static struct message *
read_letter(void)
{
	return message_parse((const guint8 *)letter, strlen(letter),
	    &message_limits_default, NULL);
}

/* Runs the rules; the ticket has the titles. */
static struct ticket *
run(const struct rules *rules)
{
	struct message *message OWNED(message_free) = read_letter();
	struct entry *entry OWNED(entry_free) = make_entry();
	struct ticket *ticket = ticket_new();

	rules_mark(rules, &(const struct rule_facts){ message, entry }, ticket);
	return ticket;
}

static void
test_conditions(void)
{
	static const struct {
		const char *condition;
		gboolean want;
	} cases[] = {
		{ "", TRUE },
		{ "subject = 'INVOICE \\d+'", TRUE },
		{ "subject = '(?-i)INVOICE'", FALSE },
		{ "subject = '^wrong'", FALSE },
		{ "body = '^please'", TRUE },
		{ "body = 'wrong'", FALSE },
		{ "attachment = '\\.pdf$'", TRUE },
		{ "attachment = '\\.exe$'", FALSE },
		{ "sender = '^alice@'", TRUE },
		{ "sender = '@lists\\.'", TRUE },
		{ "sender = '@example\\.com$'", FALSE },
		{ "recipient = '\\+vip@'", TRUE },
		{ "recipient = '\\+other@'", FALSE },
		{ "header = { 'X-Mailer: tool 2' }", TRUE },
		{ "header = { 'x-mailer: ^Tool', 'To: support' }", TRUE },
		{ "header = { 'X-Mailer: Tool', 'To: sales' }", FALSE },
		{ "header = { 'X-None: ' }", FALSE },
		{ "verdict = { ham, unsure }", TRUE },
		{ "verdict = { \"spam\" }", FALSE },
		{ "score-above = 1.5", TRUE },
		{ "score-above = 1.6", FALSE },
		{ "score-below = 1.6", TRUE },
		{ "score-below = 1.5", FALSE },
		{ "language = { en, de }", TRUE },
		{ "language = { \"de\" }", FALSE },
		{ "inbox = { \"support@example.com\" }", TRUE },
		{ "inbox = { \"b@example.com\" }", FALSE },
		{ "subject = 'invoice'\n body = 'sum'", TRUE },
		{ "subject = 'invoice'\n body = 'nothing of it'", FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
		    g_strdup_printf("rule \"one\" {\n%s\n priority = high\n}\n",
			cases[i].condition);
		struct rules *rules OWNED(rules_free) = make_rules(text);
		struct ticket *ticket OWNED(ticket_free) = run(rules);

		g_test_message("%s", cases[i].condition);
		g_assert_cmpuint(ticket->rules->len, ==, cases[i].want);
		g_assert_cmpuint(ticket->undecided->len, ==, 0);
	}
}

static void
test_first(void)
{
	struct rules *rules OWNED(rules_free) =
	    make_rules("rule \"a\" { subject = 'no'\n match = first }\n"
		       "rule \"b\" { tags = { x } }\n"
		       "rule \"c\" { tags = { y }\n match = first }\n"
		       "rule \"d\" { tags = { z } }\n");
	struct message *message OWNED(message_free) = read_letter();
	struct entry *entry OWNED(entry_free) = make_entry();
	struct rule_trace traces[4];

	rules_run(rules, &(const struct rule_facts){ message, entry }, traces);
	g_assert_cmpint(traces[0].result, ==, RULE_NO);
	g_assert_cmpstr(traces[0].why, ==, "subject");
	g_assert_cmpint(traces[1].result, ==, RULE_MATCHED);
	g_assert_null(traces[1].why);
	g_assert_cmpint(traces[2].result, ==, RULE_MATCHED);
	g_assert_cmpint(traces[3].result, ==, RULE_PASSED);
	g_assert_cmpstr(rule_result_word(traces[3].result), ==, "passed over");
}

/* A limit is told, counts as no, and does not end the looking. */
static void
test_limit(void)
{
	struct rules *rules OWNED(rules_free) = make_rules(
	    "rule \"evil\" { body = '(?s)^(.|\\s)+(.|\\s)+(.|\\s)+(?<=\\d)$'\n"
	    " match-limit = 1000\n match = first\n tags = { x } }\n"
	    "rule \"good\" { tags = { y } }\n");
	struct ticket *ticket OWNED(ticket_free) = run(rules);

	g_assert_cmpuint(ticket->undecided->len, ==, 1);
	g_assert_cmpstr(ticket->undecided->pdata[0], ==, "evil");
	g_assert_cmpuint(ticket->rules->len, ==, 1);
	g_assert_cmpstr(ticket->rules->pdata[0], ==, "good");
}

/* All rules of a message share their time: what one has used up the next has
 * not, and is told so. */
static void
test_time(void)
{
	struct rules *rules OWNED(rules_free) = make_rules(
	    "rule \"slow\" { body = '(?:a|aa){1,14}[x-z]'\n tags = { x } }\n"
	    "rule \"next\" { subject = 'x'\n tags = { y } }\n"
	    "rule \"cheap\" { verdict = unsure\n tags = { z } }\n");
	g_autofree char *body = g_strnfill(200000, 'a');
	g_autofree char *text = g_strconcat("Subject: x\n\n", body, NULL);
	struct message *message OWNED(message_free) = message_parse(
	    (const guint8 *)text, strlen(text), &message_limits_default, NULL);
	struct entry *entry OWNED(entry_free) = make_entry();
	struct ticket *ticket OWNED(ticket_free) = ticket_new();

	rules_mark(rules, &(const struct rule_facts){ message, entry }, ticket);
	g_assert_cmpuint(ticket->undecided->len, ==, 2);
	g_assert_cmpstr(ticket->undecided->pdata[0], ==, "slow");
	g_assert_cmpstr(ticket->undecided->pdata[1], ==, "next");
	g_assert_cmpuint(ticket->rules->len, ==, 1);
	g_assert_cmpstr(ticket->rules->pdata[0], ==, "cheap");
}

/* Nobody can hide a word behind a quarter megabyte of others. */
static void
test_long_body(void)
{
	struct rules *rules OWNED(rules_free) =
	    make_rules("rule \"word\" { body = 'casino'\n tags = { x } }\n");
	g_autofree char *body = g_strnfill(PATTERN_TEXT_MOST, 'a');
	g_autofree char *text =
	    g_strconcat("Subject: x\n\n", body, "\ncasino\n", NULL);
	struct message *message OWNED(message_free) = message_parse(
	    (const guint8 *)text, strlen(text), &message_limits_default, NULL);
	struct entry *entry OWNED(entry_free) = make_entry();
	struct ticket *ticket OWNED(ticket_free) = ticket_new();

	rules_mark(rules, &(const struct rule_facts){ message, entry }, ticket);
	g_assert_cmpuint(ticket->undecided->len, ==, 1);
}

static void
test_effects(void)
{
	struct rules *rules OWNED(rules_free) =
	    make_rules("desk \"main\" {}\n"
		       "rule \"a\" { department = \"one\"\n tags = { x, y }\n"
		       " priority = low\n action = quarantine }\n"
		       "rule \"b\" { department = \"two\"\n tags = { y, z }\n"
		       " status = closed }\n"
		       "rule \"c\" { action = ticket\n desk = \"main\" }\n");
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	struct rule_effects effects;

	/* The order of names means nothing, that of the settings does. */
	g_ptr_array_add(names, (gpointer) "b");
	g_ptr_array_add(names, (gpointer) "no such rule");
	g_ptr_array_add(names, (gpointer) "a");
	rules_effects(rules, names, &effects);
	g_assert_cmpstr(effects.department, ==, "two");
	g_assert_cmpstr(effects.priority, ==, "low");
	g_assert_cmpstr(effects.status, ==, "closed");
	g_assert_null(effects.desk);
	g_assert_cmpuint(effects.tags->len, ==, 3);
	g_assert_cmpint(effects.action, ==, RULE_QUARANTINE);
	g_assert_cmpstr(effects.action_by, ==, "a");
	rule_effects_clear(&effects);
	g_ptr_array_add(names, (gpointer) "c");
	rules_effects(rules, names, &effects);
	g_assert_cmpint(effects.action, ==, RULE_TICKET);
	g_assert_cmpstr(effects.desk, ==, "main");
	rule_effects_clear(&effects);
}

static void
test_words(void)
{
	struct rules *rules OWNED(rules_free) =
	    make_rules("rule \"a\" { department = \"one\"\n tags = { x, y }\n"
		       " action = ticket-as-spam\n match = first }\n");
	g_autofree char *words = rules_effect_words(rules, 0);

	g_assert_cmpstr(words, ==,
	    "department=one, tags=x y, action=ticket-as-spam, match=first");
	g_assert_cmpstr(rules_name(rules, 0), ==, "a");
	g_assert_cmpuint(rules_count(rules), ==, 1);
}

/* Each is told with the line it stands in. */
static void
test_faults(void)
{
	static const struct {
		const char *rule, *want;
	} cases[] = {
		{ "subject = '('\n tags = { x }", "test.conf:4: subject: " },
		{ "header = { 'X-Mailer' }\n tags = { x }",
		    "test.conf:4: header: 'X-Mailer' is no field" },
		{ "header = { 'To: *' }\n tags = { x }",
		    "test.conf:4: header: quantifier" },
		{ "tags = { x }\n inbox = { \"c@example.com\" }",
		    "test.conf:5: inbox: there is no section inbox" },
		{ "desk = \"other\"", "test.conf:4: desk = \"other\"" },
		{ "tags = { x }\n verdict = { bad }",
		    "test.conf:5: verdict: \"bad\"" },
		{ "tags = { x }\n language = { german }",
		    "test.conf:5: language: \"german\"" },
		{ "subject = 'a'", "test.conf:3: rule \"one\" does nothing" },
		{ "tags = { x }\n header = { \"To: a\" }",
		    "test.conf:5: header: write the pattern in 'single" },
		{ "priority = huge", "test.conf:4: priority = \"huge\"" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
		    g_strdup_printf("rule \"one\" {\n%s\n}\n", cases[i].rule);
		struct conf *conf OWNED(conf_free) = read_settings(text);

		if (conf_faults(conf) == 0)
			rules_check(conf);
		g_test_message("%s", cases[i].rule);
		g_assert_cmpuint(conf_faults(conf), ==, 1);
		g_test_message("%s", conf_fault(conf, 0));
		g_assert_true(
		    g_str_has_prefix(conf_fault(conf, 0), cases[i].want));
	}
}

int
main(int argc, char *argv[])
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	message_prepare();
	g_test_add_func("/rules/conditions", test_conditions);
	g_test_add_func("/rules/first", test_first);
	g_test_add_func("/rules/limit", test_limit);
	g_test_add_func("/rules/time", test_time);
	g_test_add_func("/rules/long-body", test_long_body);
	g_test_add_func("/rules/effects", test_effects);
	g_test_add_func("/rules/words", test_words);
	g_test_add_func("/rules/faults", test_faults);
	return g_test_run();
}
