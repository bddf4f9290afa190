/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Filters that add up points of rules: what they know beside their tokens has
 * mostly no counterpart, since ours has no points.
 */
#include <string.h>

#include "lib/base/translate.h"
#include "tools/migrate_private.h"
#include "tools/program.h"

/* --- SpamAssassin --- */

/* Its names of before 4.0 and since. */
static GPtrArray *
list_of(struct migrate_plan *plan, const char *name)
{
	static const char *const allow[] = { "whitelist_from",
		"welcomelist_from", "whitelist_auth", "welcomelist_auth",
		"whitelist_from_rcvd", "welcomelist_from_rcvd",
		"whitelist_from_dkim", "welcomelist_from_dkim",
		"whitelist_from_spf", "welcomelist_from_spf", NULL };
	static const char *const block[] = { "blacklist_from", "blocklist_from",
		NULL };

	if (g_strv_contains(allow, name))
		return plan->allow;
	return g_strv_contains(block, name) ? plan->block : NULL;
}

static void
take_senders(struct migrate_plan *plan, const char *name, const char *value)
{
	GPtrArray *list = list_of(plan, name);
	g_auto(GStrv) words = g_strsplit_set(value, " \t", -1);
	/* The second word of some is by whose host, which ours takes from
	 * DMARC. */
	gboolean first_only = g_str_has_suffix(name, "_rcvd") ||
			      g_str_has_suffix(name, "_dkim") ||
			      g_str_has_suffix(name, "_spf");

	for (char **word = words; *word != NULL; word++) {
		char *item;

		if (**word == '\0')
			continue;
		item = migrate_list_item(*word);
		if (item != NULL)
			g_ptr_array_add(list, item);
		else
			migrate_note(plan, MIGRATE_NOT, name,
			    "a rule with the condition sender "
			    "(deskgate-rules(5)) takes any pattern",
			    "%s: our lists hold addresses and domains", *word);
		if (first_only)
			break;
	}
}

static void
take_spamassassin(struct migrate_plan *plan, const char *name, char *value)
{
	if (list_of(plan, name) != NULL) {
		take_senders(plan, name, value);
	} else if (strcmp(name, "required_score") == 0 ||
		   strcmp(name, "required_hits") == 0) {
		migrate_add_limit(plan, name, value);
	} else if (strcmp(name, "rewrite_header") == 0) {
		migrate_note(plan, MIGRATE_TAKEN, "subjects", NULL,
		    "rewrite_header %s: the subject of before is taught",
		    value);
	} else if (strcmp(name, "header") == 0 || strcmp(name, "body") == 0 ||
		   strcmp(name, "rawbody") == 0 || strcmp(name, "uri") == 0 ||
		   strcmp(name, "meta") == 0 || strcmp(name, "full") == 0) {
		plan->rules++;
	} else if (strcmp(name, "trusted_networks") == 0 ||
		   strcmp(name, "internal_networks") == 0) {
		migrate_note(plan, MIGRATE_BY_HAND, name,
		    "hosts whose mail is not scored belong into own-networks, "
		    "backup MX into relay-networks",
		    "%s", value);
	}
}

static gint
by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Every .cf file of a folder, in order of name, as SpamAssassin reads them. */
static void
read_cf_folder(struct migrate_plan *plan, const char *folder)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		if (g_str_has_suffix(name, ".cf"))
			g_ptr_array_add(names, g_strdup(name));
	}
	g_ptr_array_sort(names, by_name);
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *path =
		    g_build_filename(folder, names->pdata[i], NULL);

		migrate_read_config(plan, path, take_spamassassin);
	}
}

static void
note_spamassassin(struct migrate_plan *plan)
{
	migrate_note_limits(plan, N_("required_score 5.0"));
	if (plan->rules > 0)
		migrate_note(plan, MIGRATE_BY_HAND, "rules",
		    "where one is needed still, write a rule "
		    "(deskgate-rules(5)): rules sort tickets and hold mail, "
		    "they have no points",
		    "%u of its own in the settings", plan->rules);
	if (plan->allow->len + plan->block->len > 0)
		migrate_note(plan, MIGRATE_TAKEN, "lists", NULL,
		    "%u senders to allow, where DMARC proves who they are, and "
		    "%u to block",
		    plan->allow->len, plan->block->len);
	migrate_note(plan, MIGRATE_NOT, "points",
	    "mail that is always to be held or let in: allow, block and rules",
	    "points of its rules, and what TxRep or AWL know of senders, have "
	    "no counterpart: who writes, and how, is learnt from the mail");
}

static guint64
magic_number(const char *dump, const char *name)
{
	g_autofree char *end = g_strdup_printf("non-token data: %s\n", name);
	const char *at = dump != NULL ? strstr(dump, end) : NULL;
	guint64 zero, value = 0;

	if (at == NULL)
		return 0;
	while (at > dump && at[-1] != '\n')
		at--;
	/* "0.000 0 VALUE 0 non-token data: NAME" */
	at = migrate_read_number(at + strcspn(at, " \t"), &zero);
	if (at != NULL)
		migrate_read_number(at, &value);
	return value;
}

void
migrate_look_spamassassin(struct migrate_plan *plan)
{
	g_autofree char *file = migrate_store_file(plan, "bayes_toks");
	g_autofree char *base = g_build_filename(plan->path, "bayes", NULL);
	g_autofree char *prefs = migrate_store_file(plan, "user_prefs");
	const char *words[] = { "sa-learn", "--dbpath", base, "--dump", "magic",
		NULL };
	g_autofree char *said = NULL;

	if (file == NULL)
		migrate_note_no_store(plan);
	else
		said = migrate_ask_program(plan, file, words);
	if (said != NULL)
		migrate_note_counts(plan, file, magic_number(said, "nham"),
		    magic_number(said, "nspam"));
	migrate_note(plan, MIGRATE_NOT, "tokens", migrate_use_mail,
	    "bayes_toks has digests of words with counts, bayes_seen only "
	    "names of messages: there is no mail in it, and %s",
	    translate(migrate_why_not));
	migrate_note(plan, MIGRATE_TAKEN, "reports", NULL,
	    "mail that it wrapped into a report (report_safe) is taught as it "
	    "was");
	if (plan->config != NULL &&
	    !g_file_test(plan->config, G_FILE_TEST_IS_DIR))
		migrate_read_config(plan, plan->config, take_spamassassin);
	else
		read_cf_folder(plan,
		    plan->config != NULL ? plan->config : "/etc/spamassassin");
	if (prefs != NULL)
		migrate_read_config(plan, prefs, take_spamassassin);
	note_spamassassin(plan);
}

/* --- rspamd --- */

static void
note_actions(struct migrate_plan *plan, const json_t *actions)
{
	static const struct {
		const char *name, *ours;
	} known[] = {
		{ "reject",
		    N_("action-spam = reject of an inbox, where that is "
		       "wished; by default spam is held, and a person can "
		       "let it go") },
		{ "add_header", N_("action-spam; with mode = tag there is "
				   "X-Spam-Flag too") },
		{ "rewrite_subject",
		    N_("subjects are never changed; a ticket's "
		       "tags say it") },
		{ "greylist",
		    N_("postscreen(8) of Postfix, before any milter") },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
		json_t *limit = json_object_get(actions, known[i].name);

		if (!json_is_number(limit))
			continue;
		migrate_note(plan, MIGRATE_BY_HAND, "action", known[i].ours,
		    "%s at %g", known[i].name, json_number_value(limit));
	}
}

void
migrate_look_rspamd(struct migrate_plan *plan)
{
	const char *words[] = { "rspamadm", "configdump", "-j", "actions", NULL,
		NULL, NULL };
	g_autoptr(GError) error = NULL;
	g_autofree char *output = NULL;
	json_t *actions = NULL;

	if (plan->config != NULL) {
		words[3] = "-c";
		words[4] = plan->config;
		words[5] = "actions";
	}
	if (program_must(words, &output, &error))
		actions = json_loads(output, 0, NULL);
	if (actions != NULL) {
		migrate_note(plan, MIGRATE_FOUND, "settings", NULL,
		    "as rspamadm configdump says");
		note_actions(plan, actions);
		json_decref(actions);
	} else {
		migrate_note(plan, MIGRATE_BY_HAND, "settings", NULL,
		    "they could not be read: %s",
		    error != NULL ? error->message
				  : translate("rspamadm says no JSON"));
	}
	migrate_note_limits(
	    plan, N_("limits of its actions count points of rules"));
	migrate_note(plan, MIGRATE_NOT, "tokens", migrate_use_mail,
	    "Redis has digests of pairs of words with counts, and %s",
	    translate(migrate_why_not));
	migrate_note(plan, MIGRATE_BY_HAND, "lists",
	    "addresses and domains belong into allow and block, other "
	    "conditions into rules (deskgate-rules(5))",
	    "maps of multimap and whitelist have no common form");
	migrate_note(plan, MIGRATE_BY_HAND, "signatures",
	    "let rspamd go on signing and checking DKIM, SPF and DMARC before "
	    "Deskgate, and name its authserv-id",
	    "we sign nothing, and take Authentication-Results from who checks");
}
