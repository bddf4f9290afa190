/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a Postfix says of itself. */
#include "tools/postfix_ask.h"

#include "tools/program.h"

/* The settings that anybody here looks at. */
static const char *const asked[] = { "mail_version", "smtpd_milters",
	"non_smtpd_milters", "transport_maps",
	"deskgate_destination_recipient_limit", "milter_default_action",
	"smtpd_forbid_bare_newline", "queue_directory", "mail_owner",
	"receive_override_options", "content_filter", "inet_interfaces",
	"message_size_limit", NULL };

char *
postfix_ask_folder(GError **error)
{
	const char *const words[] = { "postconf", "-h", "config_directory",
		NULL };
	char *text = NULL;

	if (!program_must(words, &text, error))
		return NULL;
	return g_strstrip(text);
}

gboolean
postfix_ask(const char *folder, const char *option, const char *const *names,
    char **text_r, GError **error)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new();

	g_ptr_array_add(words, (gpointer) "postconf");
	g_ptr_array_add(words, (gpointer) "-c");
	g_ptr_array_add(words, (gpointer)folder);
	if (option != NULL)
		g_ptr_array_add(words, (gpointer)option);
	for (; names != NULL && *names != NULL; names++)
		g_ptr_array_add(words, (gpointer)*names);
	g_ptr_array_add(words, NULL);
	return program_must((const char *const *)words->pdata, text_r, error);
}

struct postfix_facts *
postfix_ask_facts(const char *folder, GError **error)
{
	g_autofree char *raw = NULL, *expanded = NULL, *services = NULL,
			*overrides = NULL, *expanded_overrides = NULL;
	struct postfix_texts texts;

	if (!postfix_ask(folder, NULL, asked, &raw, error) ||
	    !postfix_ask(folder, "-x", asked, &expanded, error) ||
	    !postfix_ask(folder, "-M", NULL, &services, error) ||
	    !postfix_ask(folder, "-P", NULL, &overrides, error) ||
	    !postfix_ask(folder, "-Px", NULL, &expanded_overrides, error))
		return NULL;
	texts = (struct postfix_texts){ raw, expanded, services, overrides,
		expanded_overrides };
	return postfix_facts_new(&texts);
}
