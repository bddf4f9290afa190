/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who is let in, and who is not.
 */
#include "tickets/lists.h"

#include <string.h>

#include "lib/base/owned.h"
#include "lib/mail/addr.h"

/* The canonical form of what a domain's item names: "x@example.org" without the
 * x; NULL when it is no domain. */
static char *
domain_of(const char *item)
{
	g_autofree char *address = g_strconcat("x@", item, NULL);
	g_autofree char *canonical = addr_canonical(address);

	return canonical != NULL ? g_strdup(addr_domain(canonical)) : NULL;
}

static gboolean
is_below(const char *domain, const char *parent)
{
	gsize length = strlen(domain), most = strlen(parent);

	return length > most && domain[length - most - 1] == '.' &&
	       strcmp(domain + length - most, parent) == 0;
}

/* `address` is canonical. */
static gboolean
is_meant(const char *item, const char *address)
{
	g_autofree char *wanted = NULL;

	if (strchr(item, '@') != NULL) {
		wanted = addr_canonical(item);
		return g_strcmp0(wanted, address) == 0;
	}
	wanted = domain_of(item[0] == '.' ? item + 1 : item);
	if (wanted == NULL)
		return FALSE;
	return strcmp(addr_domain(address), wanted) == 0 ||
	       (item[0] == '.' && is_below(addr_domain(address), wanted));
}

const char *
list_find(const char *const *items, const char *address)
{
	g_autofree char *canonical =
	    address != NULL ? addr_canonical(address) : NULL;

	for (; canonical != NULL && *items != NULL; items++) {
		if (is_meant(*items, canonical))
			return *items;
	}
	return NULL;
}

static enum list_answer
ask_section(const struct conf_section *section,
    const struct list_question *question, const char **item_r)
{
	const char *const *block = conf_list(section, "block");
	const char *const *allow = conf_list(section, "allow");

	*item_r = list_find(block, question->from);
	if (*item_r == NULL)
		*item_r = list_find(block, question->sender);
	if (*item_r != NULL)
		return LIST_BLOCKED;
	if (question->proven)
		*item_r = list_find(allow, question->from);
	return *item_r != NULL ? LIST_ALLOWED : LIST_SILENT;
}

enum list_answer
lists_ask(const struct conf *conf, const struct list_question *question,
    const char **item_r)
{
	const struct conf_section *inbox =
	    conf_find(conf, "inbox", question->inbox);
	enum list_answer answer = LIST_SILENT;
	const char *item = NULL;

	if (inbox != NULL)
		answer = ask_section(inbox, question, &item);
	if (answer == LIST_SILENT)
		answer = ask_section(conf_global(conf), question, &item);
	if (item_r != NULL)
		*item_r = item;
	return answer;
}

static void
check_list(
    struct conf *conf, const struct conf_section *section, const char *option)
{
	for (const char *const *item = conf_list(section, option);
	     *item != NULL; item++) {
		const char *bare = **item == '.' ? *item + 1 : *item;
		g_autofree char *domain = domain_of(bare);
		gboolean good = strchr(*item, '@') != NULL
				    ? addr_valid(*item)
				    : domain != NULL &&
					  strchr(bare, '.') != NULL &&
					  strpbrk(bare, "*?") == NULL;

		if (!good)
			conf_add_fault(conf, section, option,
			    "%s: \"%s\" is neither an address nor a domain; "
			    "write alice@example.org, example.org or "
			    ".example.org",
			    option, *item);
	}
}

void
lists_check(struct conf *conf)
{
	static const char *const options[] = { "allow", "block" };

	for (gsize i = 0; i < G_N_ELEMENTS(options); i++) {
		check_list(conf, conf_global(conf), options[i]);
		for (guint at = 0; at < conf_count(conf, "inbox"); at++)
			check_list(
			    conf, conf_at(conf, "inbox", at), options[i]);
	}
}
