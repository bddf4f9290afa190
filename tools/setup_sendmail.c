/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a sendmail.mc to one that has Deskgate in it. */
#include "tools/setup_sendmail.h"

#include <string.h>

#include "tools/sendmail_cf.h"

#define BEGIN "dnl Deskgate: what \"deskgate setup sendmail\" wrote, from here"
#define END "dnl Deskgate: to here"
#define FILTER "deskgate"

/* The block that stands there, with its line ends: from, and behind it. */
static gboolean
find_block(const char *mc, const char **from_r, const char **behind_r)
{
	const char *end;

	*from_r = strstr(mc, BEGIN);
	if (*from_r == NULL)
		return FALSE;
	end = strstr(*from_r, END);
	if (end == NULL)
		return FALSE;
	*behind_r = end + strcspn(end, "\n");
	if (**behind_r == '\n')
		(*behind_r)++;
	return TRUE;
}

/* Whether a line that counts has the word. */
static gboolean
has_line(const char *text, const char *word)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line != NULL; line++) {
		const char *at = strstr(*line, word);
		const char *dnl = strstr(*line, "dnl");

		if (at != NULL && (dnl == NULL || at < dnl))
			return TRUE;
	}
	return FALSE;
}

/* --- the block --- */
/* What m4 or sendmail.cf would take for their own. */
static gboolean
is_plain(const char *text)
{
	return strpbrk(text, "`'\"$ \t,()<>;|\\#%!") == NULL;
}

/* "$* " also takes the dot that canonification puts behind a name it knows. */
static void
add_rule(GString *text, const struct policy_inbox *inbox, gboolean broad)
{
	const char *title = inbox->title, *domain = strrchr(title, '@') + 1;
	g_autofree char *local = g_strndup(title, domain - 1 - title);

	if (broad)
		g_string_append_printf(text,
		    "`R$+ < @ %s $* > $*\t$#deskgate $@ %s $: $1@%s'\n", domain,
		    title, domain);
	else if (!setup_plan_routes(inbox))
		g_string_append_printf(text,
		    "`R%s < @ %s $* > $*\t$@ %s < @ %s $1 > $2'\n", local,
		    domain, local, domain);
	else
		g_string_append_printf(text,
		    "`R%s < @ %s $* > $*\t$#deskgate $@ %s $: %s'\n"
		    "`R%s + $* < @ %s $* > $*\t$#deskgate $@ %s $: %s+$1@%s'\n",
		    local, domain, title, title, local, domain, title, local,
		    domain);
}

static void
add_rules(struct setup_plan *plan, GString *text, const struct setup_wish *wish)
{
	const GPtrArray *inboxes = wish->terms->inboxes;

	g_string_append(text, "LOCAL_RULE_0\n");
	for (guint i = 0; i < inboxes->len; i++) {
		const struct policy_inbox *inbox = inboxes->pdata[i];
		gboolean broad = inbox->title[0] == '@';

		if (!is_plain(inbox->title))
			setup_plan_warn(plan,
			    "%s is not routed to the second door, for "
			    "characters that Sendmail takes for its own",
			    inbox->title);
		else if (!broad || setup_plan_routes(inbox))
			add_rule(text, inbox, broad);
	}
	g_string_append(text, "`R$+ < @ " TERMS_PROBE_DOMAIN
			      " $* > $*\t$#deskgate $@ " SETUP_PROBE_INBOX
			      " $: $1@" TERMS_PROBE_DOMAIN "'\n");
}

/*
 * F: n no "From " line, P the sender in Return-Path, l its end is here, s q h u
 * 8: the address and the bytes as they are.  Without m each recipient comes by
 * himself, and without D, F and M nothing is added to the header.
 */
static char *
make_block(struct setup_plan *plan, const struct setup_wish *wish)
{
	GString *text = g_string_new(BEGIN "\n");

	g_string_append_printf(text,
	    "INPUT_MAIL_FILTER(`" FILTER
	    "', `S=%s, F=T, T=C:30s;S:30s;R:30s;E:5m')dnl\n",
	    wish->socket);
	add_rules(plan, text, wish);
	g_string_append_printf(text,
	    "MAILER_DEFINITIONS\n"
	    "`Mdeskgate, P=%s, F=lnPsqhu8, U=%s:%s, T=DNS/RFC822/X-Unix,'\n"
	    "`\t\tA=deskgate -c %s accept -r $u -i $h'\n" END "\n",
	    wish->program, wish->user, wish->group, wish->settings);
	return g_string_free(text, FALSE);
}

static void
look_at_rest(struct setup_plan *plan, const char *before, const char *behind,
    const struct setup_wish *wish)
{
	if (has_line(behind, "MAIL_FILTER"))
		setup_plan_refuse(plan,
		    "sendmail.mc has a filter behind Deskgate, which has to be "
		    "the last: it stores a message before it says yes, and "
		    "what is refused behind it would be a ticket all the same, "
		    "or one more when it is sent again. Move that line before "
		    "the lines of Deskgate");
	if (has_line(before, wish->socket) || has_line(behind, wish->socket))
		setup_plan_refuse(plan,
		    "sendmail.mc names the milter (%s) in a line written by "
		    "hand: take that out, and run this again",
		    wish->socket);
	if (!is_plain(wish->program) || !is_plain(wish->settings) ||
	    !is_plain(wish->socket))
		setup_plan_refuse(plan,
		    "sendmail.mc cannot hold one of these paths: %s, %s, %s",
		    wish->program, wish->settings, wish->socket);
}

char *
setup_sendmail(
    struct setup_plan *plan, const char *mc, const struct setup_wish *wish)
{
	const char *from = mc + strlen(mc), *behind = from;
	g_autofree char *block = make_block(plan, wish);
	g_autofree char *before = NULL;

	if (!find_block(mc, &from, &behind))
		from = behind = mc + strlen(mc);
	before = g_strndup(mc, from - mc);
	look_at_rest(plan, before, behind, wish);
	return g_strconcat(before,
	    *before != '\0' && !g_str_has_suffix(before, "\n") ? "\n" : "",
	    block, behind, NULL);
}

/* --- sendmail.cf --- */
char *
setup_sendmail_fault(const char *cf)
{
	g_autofree char *last = sendmail_cf_last_filter(cf);
	g_autofree char *chain = sendmail_cf_option(cf, "InputMailFilters");

	if (strcmp(last, FILTER) == 0)
		return NULL;
	return g_strdup_printf(
	    "the last filter is %s and not Deskgate (InputMailFilters=%s): is "
	    "confINPUT_MAIL_FILTERS defined?",
	    *last != '\0' ? last : "none", chain != NULL ? chain : "");
}
