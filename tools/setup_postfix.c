/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what a Postfix is set to, to what it is to be told. */
#include "tools/setup_postfix.h"

#include <string.h>

#include "tools/milter_chain.h"
#include "tools/postfix_wiring.h"

#define SERVICE "deskgate"
#define LIMIT "deskgate_destination_recipient_limit"
/* Own times: our own deadline (milter-timeout) is at most 240 s.  The words
 * before the end of the message are answered at once, from memory. */
#define OWN_SETTINGS \
	"connect_timeout=10s, command_timeout=30s, content_timeout=300s, " \
	"default_action=tempfail"
#define WITHOUT_MILTER "milter_default_action"
#define NEWLINE "smtpd_forbid_bare_newline"
#define ROUTES_HEAD \
	"# Made by \"deskgate setup postfix\", which makes it anew: inboxes " \
	"whose mail goes\n# to \"deskgate accept\" where no milter took it.\n"

static char *
our_element(const struct postfix_facts *facts, const struct setup_wish *wish)
{
	g_autofree char *address = milter_chain_socket(
	    wish->socket, postfix_facts_value(facts, "queue_directory"));

	return g_strdup_printf("{ %s, " OWN_SETTINGS " }", address);
}

static void
join(struct setup_plan *plan, const char *name, GPtrArray *chain)
{
	g_autofree char *value = NULL;

	g_ptr_array_add(chain, NULL);
	value = g_strjoinv(", ", (char **)chain->pdata);
	setup_plan_edit(plan, SETUP_SETTING, name, value);
}

static void
plan_chain(struct setup_plan *plan, const struct postfix_facts *facts,
    const struct setup_wish *wish, const char *name)
{
	g_autoptr(GPtrArray) seen =
	    milter_chain_split(postfix_facts_value(facts, name));
	g_autoptr(GPtrArray) chain =
	    milter_chain_split(postfix_facts_raw(facts, name));
	int at = postfix_wiring_find(facts, seen, wish->socket);

	if (at >= 0 && (guint)at + 1 < seen->len) {
		g_autofree char *behind =
		    milter_chain_address(seen->pdata[seen->len - 1]);

		setup_plan_refuse(plan,
		    "%s: %s stands behind Deskgate, which has to be the last: "
		    "it stores a message before it says yes, and what is "
		    "refused behind it would be a ticket all the same, or one "
		    "more when it is sent again. Move Deskgate to the end of "
		    "%s, or take it out and run this again",
		    name, behind, name);
	} else if (at < 0) {
		g_ptr_array_add(chain, our_element(facts, wish));
		join(plan, name, chain);
	} else if (!postfix_wiring_waits(facts, seen->pdata[at])) {
		at = postfix_wiring_find(facts, chain, wish->socket);
		if (at < 0)
			setup_plan_refuse(plan,
			    "%s names Deskgate through another setting, and "
			    "without the milter mail would pass unfiltered: "
			    "set " WITHOUT_MILTER " = tempfail",
			    name);
		else {
			g_free(chain->pdata[at]);
			chain->pdata[at] = our_element(facts, wish);
			join(plan, name, chain);
		}
	}
}

/* Braces keep a word with blanks together (pipe(8), argv). */
static void
add_word(GString *line, const char *word)
{
	if (strpbrk(word, " \t") != NULL)
		g_string_append_printf(line, " { %s }", word);
	else
		g_string_append_printf(line, " %s", word);
}

#define DOOR "accept -r ${recipient} -i ${nexthop}"

static void
plan_service(struct setup_plan *plan, const struct postfix_facts *facts,
    const struct setup_wish *wish)
{
	const struct postfix_service *is =
	    postfix_facts_service(facts, SERVICE, "unix");
	g_autoptr(GString) line = g_string_new(NULL);

	if (strpbrk(wish->program, "{}$") != NULL ||
	    strpbrk(wish->settings, "{}$") != NULL) {
		setup_plan_refuse(plan,
		    "master.cf cannot hold a path with {, } or $: %s, %s",
		    wish->program, wish->settings);
		return;
	}
	/* R: the sender stands in Return-Path, where the second door looks. */
	g_string_append_printf(line,
	    SERVICE " unix - n n - 10 pipe flags=R user=%s:%s null_sender= "
		    "argv=%s",
	    wish->user, wish->group, wish->program);
	g_string_append(line, " -c");
	add_word(line, wish->settings);
	g_string_append(line, " " DOOR);
	if (is != NULL && strcmp(is->line, line->str) == 0)
		return;
	if (is != NULL && strstr(is->line, DOOR) == NULL) {
		setup_plan_refuse(plan,
		    "master.cf has another service of the name " SERVICE
		    ": rename it");
		return;
	}
	setup_plan_edit(plan, SETUP_SERVICE, SERVICE "/unix", line->str);
}

static void
plan_routes(struct setup_plan *plan, const struct postfix_facts *facts,
    const struct setup_wish *wish)
{
	const char *maps = postfix_facts_raw(facts, "transport_maps");
	const char *limit = postfix_facts_raw(facts, LIMIT);
	g_autofree char *map = g_strconcat("texthash:", wish->routes, NULL);
	g_autofree char *text = setup_postfix_routes(wish->terms);
	g_autofree char *value = NULL;

	setup_plan_edit(plan, SETUP_FILE, wish->routes, text);
	if (strstr(postfix_facts_value(facts, "transport_maps"), map) == NULL) {
		value = *maps == '\0' ? g_strdup(map)
				      : g_strconcat(map, ", ", maps, NULL);
		setup_plan_edit(plan, SETUP_SETTING, "transport_maps", value);
	}
	if (g_strcmp0(limit, "1") != 0)
		setup_plan_edit(plan, SETUP_SETTING, LIMIT, "1");
}

/* Which releases know how to read on and still want CRLF.CRLF (postconf(5)). */
static gboolean
can_normalize(const struct postfix_facts *facts)
{
	static const guint since[][3] = { { 3, 5, 24 }, { 3, 6, 14 },
		{ 3, 7, 10 }, { 3, 8, 5 } };

	for (gsize i = 0; i < G_N_ELEMENTS(since); i++) {
		const guint *least = since[i];

		if (!postfix_facts_since(facts, least[0], least[1] + 1, 0))
			return postfix_facts_since(
			    facts, least[0], least[1], least[2]);
	}
	return TRUE;
}

static void
plan_newline(struct setup_plan *plan, const struct postfix_facts *facts)
{
	const char *is = postfix_facts_value(facts, NEWLINE);

	if (is == NULL)
		setup_plan_warn(plan,
		    "this Postfix has no " NEWLINE ": a message can be "
		    "smuggled behind another one; use a release of 2024 or "
		    "later");
	else if (strcmp(is, "no") == 0)
		setup_plan_edit(plan, SETUP_SETTING, NEWLINE,
		    can_normalize(facts) ? "normalize" : "yes");
}

static gboolean
is_well(const struct postfix_facts *facts, const char *chain,
    const struct setup_wish *wish)
{
	struct milter_place place;

	postfix_wiring_read(facts, chain, wish->socket, &place);
	return place.there && place.last && place.waits;
}

static void
look_at_service(struct setup_plan *plan, const struct postfix_facts *facts,
    const struct setup_wish *wish, const struct postfix_service *service)
{
	const char *chain =
	    postfix_facts_override(facts, service, "smtpd_milters");
	const char *options =
	    postfix_facts_override(facts, service, "receive_override_options");

	if (chain != NULL && strstr(chain, "$smtpd_milters") == NULL &&
	    !is_well(facts, postfix_wiring_chain(facts, service), wish))
		setup_plan_warn(plan,
		    "master.cf: the service %s has a chain of milters of its "
		    "own (smtpd_milters=%s): what comes in there is filtered "
		    "only where that names Deskgate, as the last",
		    service->name, chain);
	if (options != NULL && strstr(options, "no_milters") != NULL)
		setup_plan_warn(plan,
		    "master.cf: the service %s has no milters "
		    "(receive_override_options): its mail comes to inboxes "
		    "by the second door alone",
		    service->name);
}

/* Whoever speaks to the milter from a chroot must find its socket there. */
static void
look_at_chroot(struct setup_plan *plan, const struct postfix_facts *facts,
    const struct setup_wish *wish)
{
	const struct postfix_service *service =
	    postfix_wiring_shut_out(facts, wish->socket);
	const char *queue = postfix_facts_value(facts, "queue_directory");

	if (service == NULL)
		return;
	setup_plan_refuse(plan,
	    "master.cf runs %s (%s) in a chroot, %s, from where %s is not "
	    "reached: set milter-socket = \"unix:%s/deskgate/milter.sock\" in "
	    "%s (where systemd opens the socket, ListenStream= of "
	    "deskgate-milter.socket too) and start deskgate-milter anew, which "
	    "makes the folder when root starts it (for %s and the group of "
	    "Postfix, mode 2750); or take the chroot away with "
	    "\"postconf -F %s/%s/chroot=n\"",
	    service->name, service->command, queue, wish->socket, queue,
	    wish->settings, wish->user, service->name, service->type);
}

static void
look_at_services(struct setup_plan *plan, const struct postfix_facts *facts,
    const struct setup_wish *wish)
{
	const GPtrArray *services = postfix_facts_services(facts);

	for (guint i = 0; i < services->len; i++) {
		const struct postfix_service *one = services->pdata[i];

		if (strcmp(one->command, "smtpd") == 0)
			look_at_service(plan, facts, wish, one);
	}
}

static void
look_around(struct setup_plan *plan, const struct postfix_facts *facts)
{
	const char *filter = postfix_facts_value(facts, "content_filter");
	const char *options =
	    postfix_facts_value(facts, "receive_override_options");

	if (filter != NULL && *filter != '\0')
		setup_plan_warn(plan,
		    "content_filter = %s comes after the milters: a ticket is "
		    "made before it has seen the message",
		    filter);
	if (options != NULL && strstr(options, "no_milters") != NULL)
		setup_plan_refuse(plan,
		    "receive_override_options has no_milters for all mail: "
		    "set it where it is meant, at a service of master.cf");
}

struct setup_plan *
setup_postfix(const struct postfix_facts *facts, const struct setup_wish *wish)
{
	struct setup_plan *plan = setup_plan_new();

	if (!postfix_facts_since(facts, 3, 0, 0)) {
		setup_plan_refuse(plan,
		    "a milter can have settings of its own since Postfix 3.0; "
		    "this one is older");
		return plan;
	}
	plan_chain(plan, facts, wish, "smtpd_milters");
	plan_chain(plan, facts, wish, "non_smtpd_milters");
	plan_service(plan, facts, wish);
	plan_routes(plan, facts, wish);
	plan_newline(plan, facts);
	look_at_services(plan, facts, wish);
	look_at_chroot(plan, facts, wish);
	look_around(plan, facts);
	return plan;
}

/* "support@example.com" and "@example.net"; texthash takes no blank or quote in
 * a key. */
static void
add_route(GString *text, const struct policy_inbox *inbox)
{
	g_autofree char *key = g_ascii_strdown(
	    inbox->title + (inbox->title[0] == '@' ? 1 : 0), -1);

	if (strpbrk(key, " \t\"") != NULL)
		g_string_append_printf(
		    text, "# not routed, for its quotes: %s\n", key);
	else if (setup_plan_routes(inbox))
		g_string_append_printf(
		    text, "%s\t" SERVICE ":%s\n", key, inbox->title);
	else /* "do not change", also where its domain is an inbox */
		g_string_append_printf(text, "%s\t:\n", key);
}

char *
setup_postfix_routes(const struct terms *terms)
{
	GString *text = g_string_new(ROUTES_HEAD);

	for (guint i = 0; i < terms->inboxes->len; i++)
		add_route(text, terms->inboxes->pdata[i]);
	g_string_append(
	    text, TERMS_PROBE_DOMAIN "\t" SERVICE ":" SETUP_PROBE_INBOX "\n");
	return g_string_free(text, FALSE);
}

gboolean
setup_postfix_is_routes(const char *text)
{
	return g_str_has_prefix(text, ROUTES_HEAD);
}
