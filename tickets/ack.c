/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who is told that his message has come, and how.
 *
 * An answer that nobody asked for can hit the wrong one (a forged sender), feed
 * a loop, or tell a spammer that somebody reads.  So doubt is a no.
 */
#include "tickets/ack.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/file.h"

#define VERSION_DIGITS 12

static const char usual_text[] =
    "Hello,\n\n"
    "your message to {inbox} has arrived. Its number is {ticket}.\n"
    "We will answer as soon as we can. To add something, reply to this "
    "message.\n";

const char *
ack_refusal(const struct conf_section *section, const struct entry *entry,
    const struct ticket *ticket)
{
	if (section == NULL || !conf_flag(section, "acknowledge"))
		return "off";
	if (entry->imported)
		return "imported";
	if (ticket->automatic || ticket->origin.kind != TICKET_PERSON)
		return "automatic";
	if (ticket->origin.loop != NULL || ticket->origin.own != NULL)
		return "loop";
	if (ticket->spam || entry->verdict.class != VERDICT_HAM)
		return "not ham";
	if (ticket->unread)
		return "unread";
	if (ticket->origin.auth == ORIGIN_FAILED)
		return "forged";
	if (!addr_valid(entry->envelope->sender))
		return "no sender";
	if (addr_is_inbox(entry->envelope->sender, entry->inbox))
		return "ourselves";
	return NULL;
}

char *
ack_fill(const char *template, const struct ack_words *words)
{
	const struct {
		const char *name, *value;
	} known[] = {
		{ "{ticket}", words->ticket },
		{ "{subject}", words->subject },
		{ "{inbox}", words->inbox },
		{ "{name}", words->name },
	};
	GString *text = g_string_new(NULL);

	while (*template != '\0') {
		gsize i = 0;

		while (i < G_N_ELEMENTS(known) &&
		       !g_str_has_prefix(template, known[i].name))
			i++;
		if (i == G_N_ELEMENTS(known)) {
			g_string_append_c(text, *template ++);
			continue;
		}
		g_string_append(text, known[i].value);
		template += strlen(known[i].name);
	}
	return g_string_free(text, FALSE);
}

/* The file of a setting, as UTF-8; NULL with *error unset when it is not set.
 */
static char *
read_text(
    const struct conf_section *section, const char *option, GError **error)
{
	const char *path = conf_string(section, option);
	g_autofree char *text = NULL;
	gsize length;

	if (path == NULL)
		return NULL;
	if (!g_file_get_contents(path, &text, &length, error)) {
		g_prefix_error(error, "%s: ", option);
		return NULL;
	}
	if (length > ACK_FILE_MOST || !g_utf8_validate(text, -1, NULL)) {
		err_set(error, DG_ERROR_BAD,
		    "%s: %s is larger than %d bytes or not UTF-8", option, path,
		    ACK_FILE_MOST);
		return NULL;
	}
	return g_steal_pointer(&text);
}

gboolean
ack_notice(const struct conf_section *section, char **text_r, char **version_r,
    GError **error)
{
	const char *version = conf_string(section, "ack-notice-version");
	g_autoptr(GError) fault = NULL;
	g_autofree char *sum = NULL;

	*version_r = NULL;
	*text_r = read_text(section, "ack-notice-file", &fault);
	if (fault != NULL) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	if (*text_r == NULL)
		return TRUE;
	sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, *text_r, -1);
	*version_r = version != NULL ? g_strdup(version)
				     : g_strndup(sum, VERSION_DIGITS);
	return TRUE;
}

char *
ack_text(const struct conf_section *section, const struct ack_words *words,
    const char *notice, GError **error)
{
	g_autoptr(GError) fault = NULL;
	g_autofree char *text = read_text(section, "ack-text-file", &fault);
	g_autofree char *filled = NULL;

	if (fault != NULL) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return NULL;
	}
	filled = ack_fill(text != NULL ? text : usual_text, words);
	if (notice == NULL)
		return g_steal_pointer(&filled);
	return g_strdup_printf("%s\n-- \n%s", filled, notice);
}
