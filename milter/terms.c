/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Settings to values.
 */
#include "milter/terms.h"

#include <string.h>

#include "lib/mail/addr.h"
#include "tickets/spool.h"

static void
inbox_free(gpointer pointer)
{
	struct policy_inbox *inbox = pointer;

	g_free(inbox->title);
	g_free(inbox->model);
	g_free(inbox->end_text);
	g_free(inbox);
}

static double
own_score(const struct conf *conf, struct policy_inbox *inbox,
    const struct conf_section *section, const char *name)
{
	gboolean own = conf_is_set(section, name);

	inbox->own_scores |= own;
	return conf_real(own ? section : conf_global(conf), name);
}

/* The settings were checked against the very choices that are parsed here. */
static struct policy_inbox *
inbox_new(const struct conf *conf, const struct conf_section *section)
{
	static const char *const names[] = { [VERDICT_HAM] = "action-ham",
		[VERDICT_UNSURE] = "action-unsure",
		[VERDICT_SPAM] = "action-spam" };
	struct policy_inbox *inbox = g_new0(struct policy_inbox, 1);
	gboolean known =
	    policy_mode_parse(conf_string(section, "mode"), &inbox->mode);

	inbox->title = g_strdup(conf_title(section));
	if (strcmp(conf_string(section, "model"), "shared") != 0)
		inbox->model = g_strdup(conf_string(section, "model"));
	inbox->end_text = g_strdup(conf_string(section, "end-text"));
	inbox->spam_score = own_score(conf, inbox, section, "spam-score");
	inbox->ham_score = own_score(conf, inbox, section, "ham-score");
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		known &= policy_action_parse(
		    conf_string(section, names[i]), &inbox->actions[i]);
	g_assert(known);
	return inbox;
}

static int
by_breadth(gconstpointer a, gconstpointer b)
{
	const struct policy_inbox *const *left = a, *const *right = b;

	return ((*left)->title[0] == '@') - ((*right)->title[0] == '@');
}

static void
fill_inboxes(struct terms *terms, const struct conf *conf)
{
	terms->inboxes = g_ptr_array_new_with_free_func(inbox_free);
	for (guint i = 0; i < conf_count(conf, "inbox"); i++)
		g_ptr_array_add(
		    terms->inboxes, inbox_new(conf, conf_at(conf, "inbox", i)));
	g_ptr_array_sort(terms->inboxes, by_breadth);
}

static struct policy_inbox *
probe_new(void)
{
	struct policy_inbox *probe = g_new0(struct policy_inbox, 1);

	probe->title = g_strdup("@" TERMS_PROBE_DOMAIN);
	probe->mode = POLICY_TAG_ONLY;
	for (gsize i = 0; i < G_N_ELEMENTS(probe->actions); i++)
		probe->actions[i] = POLICY_TAG;
	return probe;
}

struct terms *
terms_new(const struct conf *conf)
{
	const struct conf_section *global = conf_global(conf);
	struct terms *terms = g_new0(struct terms, 1);

	terms->references = 1;
	fill_inboxes(terms, conf);
	terms->probe = probe_new();
	terms->own = networks_new(conf_list(global, "own-networks"));
	terms->relay = networks_new(conf_list(global, "relay-networks"));
	terms->max_size =
	    MIN(conf_size(global, "max-message-size"), SPOOL_MAX_MESSAGE);
	terms->max_recipients = conf_integer(global, "max-recipients");
	terms->max_connections = conf_integer(global, "max-connections");
	terms->timeout =
	    conf_duration(global, "milter-timeout") * G_USEC_PER_SEC;
	terms->window = conf_duration(global, "dedupe-window") * G_USEC_PER_SEC;
	terms->spool_entries = conf_integer(global, "spool-max-entries");
	terms->spool_bytes = conf_size(global, "spool-max-size");
	terms->reserve = conf_size(global, "reserve-space");
	terms->scan_authenticated = conf_flag(global, "scan-authenticated");
	terms->strip_results =
	    conf_flag(global, "strip-authentication-results");
	terms->spam_headers = conf_flag(global, "add-spam-headers");
	terms->authserv_id = g_strdup(conf_string(global, "authserv-id"));
	terms->reject_text = g_strdup(conf_string(global, "reject-text"));
	terms->reject_contact = g_strdup(conf_string(global, "reject-contact"));
	return terms;
}

struct terms *
terms_ref(struct terms *terms)
{
	g_atomic_int_inc(&terms->references);
	return terms;
}

void
terms_unref(struct terms **address)
{
	struct terms *terms = *address;

	*address = NULL;
	if (terms == NULL || !g_atomic_int_dec_and_test(&terms->references))
		return;
	g_ptr_array_unref(terms->inboxes);
	inbox_free(terms->probe);
	networks_free(&terms->own);
	networks_free(&terms->relay);
	g_free(terms->authserv_id);
	g_free(terms->reject_text);
	g_free(terms->reject_contact);
	g_free(terms);
}

const struct policy_inbox *
terms_inbox(const struct terms *terms, const char *address)
{
	for (guint i = 0; i < terms->inboxes->len; i++) {
		const struct policy_inbox *inbox = terms->inboxes->pdata[i];

		if (addr_is_inbox(address, inbox->title))
			return inbox;
	}
	return addr_is_inbox(address, terms->probe->title) ? terms->probe
							   : NULL;
}
