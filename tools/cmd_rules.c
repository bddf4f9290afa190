/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deskgate rules: what the rules are, and what they make of a message. */
#include <sysexits.h>

#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tickets/rules.h"
#include "tools/many.h"

static json_t *
describe(const struct rules *rules, guint index)
{
	g_autofree char *words = rules_effect_words(rules, index);

	return json_pack(
	    "{s:s, s:s}", "rule", rules_name(rules, index), "effect", words);
}

/* The settings are enough for this; no keeper is asked. */
int
cmd_rules_list(struct cmd_context *context, int argc, char **argv)
{
	static const char *const heads[] = { N_("RULE"), N_("EFFECT"), NULL };
	int code = cmd_options(context, NULL, NULL, &argc, &argv);
	struct conf *conf OWNED(conf_free) = NULL;
	struct rules *rules OWNED(rules_free) = NULL;
	struct cmd_list *list;
	json_t *all, *one;
	size_t i;

	if (code >= 0)
		return code;
	code = cmd_settings(context, &conf);
	if (code != EX_OK)
		return code;
	rules = rules_new(conf);
	all = json_array();
	for (guint rule = 0; rule < rules_count(rules); rule++)
		json_array_append_new(all, describe(rules, rule));
	if (context->json) {
		cmd_json_line(json_pack("{s:o}", "rules", all));
		return EX_OK;
	}
	list = cmd_list_new(FALSE, heads);
	json_array_foreach(all, i, one)
	    cmd_list_add(list, (const char *[]){ cmd_member(one, "rule"),
				   cmd_member(one, "effect") });
	cmd_list_end(&list, "there are no rules");
	json_decref(all);
	return EX_OK;
}

/* "no (subject)": which condition decided. */
static char *
result_words(const json_t *rule)
{
	const char *why = cmd_member(rule, "why");

	return g_strdup_printf("%s%s%s%s", cmd_member(rule, "result"),
	    *why != '\0' ? " (" : "", why, *why != '\0' ? ")" : "");
}

static void
show_rules(void *self, const char *name, const json_t *answer)
{
	static const char *const heads[] = { N_("RULE"), N_("MATCHED"),
		N_("MS"), N_("EFFECT"), NULL };
	const struct cmd_context *context = self;
	const json_t *verdict = json_object_get(answer, "verdict");
	struct cmd_list *list;
	json_t *rule;
	size_t i;

	if (context->json) {
		cmd_json_line(json_pack("{s:s, s:O, s:O, s:O}", "message", name,
		    "inbox", json_object_get(answer, "inbox"), "verdict",
		    verdict, "rules", json_object_get(answer, "rules")));
		return;
	}
	cmd_print("%s: to %s, %s (score %+.2f)\n", name,
	    cmd_member(answer, "inbox"), cmd_member(verdict, "class"),
	    json_number_value(json_object_get(verdict, "score")));
	list = cmd_list_new(FALSE, heads);
	json_array_foreach(json_object_get(answer, "rules"), i, rule)
	{
		g_autofree char *result = result_words(rule);
		g_autofree char *ms = g_strdup_printf("%.3f",
		    json_number_value(json_object_get(rule, "us")) / 1000);

		cmd_list_add(
		    list, (const char *[]){ cmd_member(rule, "rule"), result,
			      ms, cmd_member(rule, "effect") });
	}
	cmd_list_end(&list, "there are no rules");
}

static void
set_member(json_t *request, const char *name, const char *text)
{
	if (text != NULL)
		json_object_set_new(request, name, json_string(text));
}

int
cmd_rules_test(struct cmd_context *context, int argc, char **argv)
{
	g_autofree char *inbox = NULL, *sender = NULL, *recipient = NULL;
	const GOptionEntry entries[] = {
		{ "inbox", 'i', 0, G_OPTION_ARG_STRING, &inbox,
		    N_("as mail to this inbox (the first one)"), "ADDRESS" },
		{ "sender", 'f', 0, G_OPTION_ARG_STRING, &sender,
		    N_("the envelope's sender"), "ADDRESS" },
		{ "recipient", 'r', 0, G_OPTION_ARG_STRING, &recipient,
		    N_("the envelope's recipient (the inbox)"), "ADDRESS" },
		{ NULL },
	};
	int code = cmd_options(
	    context, entries, "FILE|FOLDER|MBOX|MAILDIR|-...", &argc, &argv);
	struct many many = {
		.context = context, .show = show_rules, .self = context
	};

	if (code >= 0)
		return code;
	if (argc < 2)
		return cmd_usage(
		    context, "say which messages (- is standard input)");
	many.request = json_pack("{s:s}", "verb", "rules-test");
	set_member(many.request, "inbox", inbox);
	set_member(many.request, "sender", sender);
	set_member(many.request, "recipient", recipient);
	return many_ask(&many, argv + 1);
}
