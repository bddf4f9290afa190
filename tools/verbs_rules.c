/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs about rules. */
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tickets/rules_job.h"
#include "tools/keeper.h"
#include "tools/verbs.h"

static const char *
text_or(const struct control_request *request, const char *member,
    const char *other)
{
	const char *text =
	    json_string_value(json_object_get(request->body, member));

	return text != NULL ? text : other;
}

/* The entry that the message would have. */
static struct entry *
make_entry(const struct keeper *keeper, const struct control_request *request,
    const struct conf_section *inbox, const struct verdict *verdict)
{
	struct entry *entry = entry_new();

	if (inbox == NULL)
		inbox = conf_at(keeper->conf, "inbox", 0);
	entry->inbox = g_strdup(conf_title(inbox));
	entry->recipient =
	    g_strdup(text_or(request, "recipient", entry->inbox));
	entry->envelope = envelope_new();
	entry->envelope->sender = g_strdup(text_or(request, "sender", ""));
	entry->verdict = *verdict;
	entry->received = clock_wall(&clock_system);
	return entry;
}

static void
add_effects(const struct rules *rules, json_t *list)
{
	for (guint i = 0; i < MIN(json_array_size(list), rules_count(rules));
	     i++) {
		g_autofree char *words = rules_effect_words(rules, i);

		json_object_set_new(
		    json_array_get(list, i), "effect", json_string(words));
	}
}

/* {inbox: ADDRESS or none, sender, recipient: or none} + message -> {verdict:
 * {...}, rules: [{rule, result, why, us, effect}]} */
gboolean
verb_rules_test(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	struct entry *entry OWNED(entry_free) = NULL;
	struct rules *rules OWNED(rules_free) = NULL;
	const struct conf_section *inbox;
	struct verdict verdict;
	json_t *list;

	if (conf_count(keeper->conf, "inbox") == 0)
		return err_set(error, DG_ERROR_BAD, "there is no inbox");
	if (!verb_judge(keeper, request, &inbox, &verdict, error))
		return FALSE;
	entry = make_entry(keeper, request, inbox, &verdict);
	list = rules_ask(
	    readers_pool(keeper->readers), entry, request->fds[0], error);
	if (list == NULL)
		return FALSE;
	rules = rules_new(keeper->conf);
	add_effects(rules, list);
	json_object_set_new(answer->body, "verdict", verdict_to_json(&verdict));
	json_object_set_new(answer->body, "inbox", json_string(entry->inbox));
	json_object_set_new(answer->body, "rules", list);
	return TRUE;
}
