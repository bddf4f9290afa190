/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our place among a Postfix's milters.  main.cf has a chain for all, and a
 * service of master.cf can have its own ("-o smtpd_milters=...") or none
 * ("-o receive_override_options=no_milters").
 */
#include "tools/postfix_wiring.h"

#include <string.h>

#define CHAIN "smtpd_milters"
#define OPTIONS "receive_override_options"

static const char *
queue_of(const struct postfix_facts *facts)
{
	const char *queue = postfix_facts_value(facts, "queue_directory");

	return queue != NULL ? queue : "";
}

int
postfix_wiring_find(const struct postfix_facts *facts, const GPtrArray *chain,
    const char *socket)
{
	g_autofree char *same = milter_chain_socket(socket, "/");
	g_autofree char *below = milter_chain_socket(socket, queue_of(facts));

	for (guint i = 0; i < chain->len; i++) {
		g_autofree char *address =
		    milter_chain_address(chain->pdata[i]);

		if (strcmp(address, same) == 0 || strcmp(address, below) == 0)
			return (int)i;
	}
	return -1;
}

gboolean
postfix_wiring_waits(const struct postfix_facts *facts, const char *element)
{
	g_autofree char *own = milter_chain_setting(element, "default_action");
	const char *action =
	    own != NULL ? own
			: postfix_facts_value(facts, "milter_default_action");

	return g_strcmp0(action, "tempfail") == 0;
}

void
postfix_wiring_read(const struct postfix_facts *facts, const char *value,
    const char *socket, struct milter_place *place_r)
{
	g_autoptr(GPtrArray) chain =
	    milter_chain_split(value != NULL ? value : "");
	int at = postfix_wiring_find(facts, chain, socket);

	*place_r = (struct milter_place){ .there = at >= 0 };
	if (at < 0)
		return;
	place_r->last = (guint)at + 1 == chain->len;
	place_r->waits = postfix_wiring_waits(facts, chain->pdata[at]);
}

static const char *
value_at(const struct postfix_facts *facts,
    const struct postfix_service *service, const char *name)
{
	const char *own = postfix_facts_override_value(facts, service, name);

	return own != NULL ? own : postfix_facts_value(facts, name);
}

const char *
postfix_wiring_chain(
    const struct postfix_facts *facts, const struct postfix_service *service)
{
	const char *options = value_at(facts, service, OPTIONS);
	const char *chain = value_at(facts, service, CHAIN);

	if (options != NULL && strstr(options, "no_milters") != NULL)
		return "";
	return chain != NULL ? chain : "";
}

gboolean
postfix_wiring_has_own(
    const struct postfix_facts *facts, const struct postfix_service *service)
{
	return postfix_facts_override(facts, service, CHAIN) != NULL ||
	       postfix_facts_override(facts, service, OPTIONS) != NULL;
}

const struct postfix_service *
postfix_wiring_shut_out(const struct postfix_facts *facts, const char *socket)
{
	static const char *const speakers[] = { "smtpd", "cleanup", NULL };
	const GPtrArray *services = postfix_facts_services(facts);
	g_autofree char *address = milter_chain_socket(socket, queue_of(facts));

	if (!g_str_has_prefix(address, "unix:/"))
		return NULL;
	for (guint i = 0; i < services->len; i++) {
		const struct postfix_service *one = services->pdata[i];

		if (one->chroot && g_strv_contains(speakers, one->command))
			return one;
	}
	return NULL;
}
