/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a message to the ticket a support team would have written: who asks,
 * what it says, what is attached.  Runs in a jailed reader.
 */
#include <string.h>

#include "lib/base/unicode.h"
#include "tickets/automatic.h"
#include "tickets/convert_private.h"

#define SUBJECT_MOST 500
/* A Date this far ahead of the arrival is wrong. */
#define FUTURE_MOST 86400

char *
convert_note(const struct entry *entry, const char *more)
{
	const struct verdict *verdict = &entry->verdict;
	g_autofree char *why = verdict_words(verdict, 5);
	GString *note = g_string_new(NULL);

	g_string_append_printf(note, "Deskgate: %s (%s, score %+.2f)",
	    verdict_word(verdict->class), verdict_basis_word(verdict->basis),
	    verdict->score);
	if (*why != '\0')
		g_string_append_printf(note, "\nbecause of: %s", why);
	if (more != NULL && *more != '\0')
		g_string_append_printf(note, "\n%s", more);
	return g_string_free(note, FALSE);
}

struct ticket *
convert_begin(const struct entry *entry)
{
	struct ticket *ticket = ticket_new();

	ticket->inbox = g_strdup(entry->inbox);
	ticket->verdict = entry->verdict;
	ticket->spam = entry->action == ENTRY_TICKET_AS_SPAM;
	ticket->date = entry->received / G_USEC_PER_SEC;
	return ticket;
}

/* From, else Sender, else the envelope's sender, else nobody. */
static void
set_requester(struct ticket *ticket, const struct message *message,
    const struct entry *entry)
{
	static const char *const headers[] = { "From", "Sender", "Reply-To" };

	for (gsize i = 0; i < G_N_ELEMENTS(headers); i++) {
		const GPtrArray *list = message_addresses(message, headers[i]);

		if (list->len > 0) {
			const struct addr *addr = list->pdata[0];

			ticket->requester_address = g_strdup(addr->address);
			ticket->requester_name = g_strdup(addr->name);
			return;
		}
	}
	ticket->requester_name = g_strdup("");
	ticket->requester_address = g_strdup(addr_valid(entry->envelope->sender)
						 ? entry->envelope->sender
						 : CONVERT_NOBODY);
}

static gboolean
is_known(const struct ticket *ticket, const char *address)
{
	if (g_ascii_strcasecmp(address, ticket->requester_address) == 0)
		return TRUE;
	for (guint i = 0; i < ticket->followers->len; i++) {
		const struct addr *addr = ticket->followers->pdata[i];

		if (g_ascii_strcasecmp(address, addr->address) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_ours(const struct convert_context *context, const char *address)
{
	for (const char *const *inbox = context->inboxes;
	     inbox != NULL && *inbox != NULL; inbox++) {
		if (addr_is_inbox(address, *inbox))
			return TRUE;
	}
	return FALSE;
}

static void
add_followers(struct ticket *ticket, const struct convert_context *context,
    const GPtrArray *list)
{
	for (guint i = 0;
	     i < list->len && ticket->followers->len < context->max_followers;
	     i++) {
		const struct addr *from = list->pdata[i];
		struct addr *addr;

		if (is_known(ticket, from->address) ||
		    is_ours(context, from->address))
			continue;
		addr = g_new(struct addr, 1);
		addr->name = g_strdup(from->name);
		addr->address = g_strdup(from->address);
		g_ptr_array_add(ticket->followers, addr);
	}
}

static char *
find_tag(const char *subject, const char *pattern)
{
	g_autoptr(GRegex) regex =
	    pattern != NULL ? g_regex_new(pattern, 0, 0, NULL) : NULL;
	g_autoptr(GMatchInfo) match = NULL;

	if (regex == NULL || !g_regex_match(regex, subject, 0, &match))
		return NULL;
	/* The group if it has one, else all that matches. */
	return g_match_info_fetch(
	    match, g_regex_get_capture_count(regex) > 0 ? 1 : 0);
}

/* A date that is missing, broken or in the future is the arrival's. */
static void
set_date(struct ticket *ticket, const struct message *message)
{
	gint64 date = message_date(message, NULL);

	if (date > 0 && date <= ticket->date + FUTURE_MOST)
		ticket->date = date;
}

static const char *
ending_of(const char *type)
{
	static const struct {
		const char *type, *ending;
	} endings[] = {
		{ "image/png", ".png" },
		{ "image/jpeg", ".jpg" },
		{ "image/gif", ".gif" },
		{ "application/pdf", ".pdf" },
		{ "text/plain", ".txt" },
		{ "text/html", ".html" },
		{ "text/calendar", ".ics" },
		{ "text/csv", ".csv" },
		{ "application/zip", ".zip" },
		{ "message/rfc822", ".eml" },
		{ "message/delivery-status", ".txt" },
		{ "application/pgp-signature", ".asc" },
		{ "application/pkcs7-signature", ".p7s" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
		if (strcmp(type, endings[i].type) == 0)
			return endings[i].ending;
	}
	return ".bin";
}

static gboolean
name_taken(const struct ticket *ticket, const char *name)
{
	for (guint i = 0; i < ticket->files->len; i++) {
		const struct ticket_file *file = ticket->files->pdata[i];

		if (g_ascii_strcasecmp(file->name, name) == 0)
			return TRUE;
	}
	return FALSE;
}

char *
convert_file_name(const struct ticket *ticket, const char *name)
{
	const char *dot = strrchr(name, '.');
	gsize stem =
	    dot != NULL && dot > name ? (gsize)(dot - name) : strlen(name);

	if (!name_taken(ticket, name))
		return g_strdup(name);
	for (guint n = 2;; n++) {
		g_autofree char *other = g_strdup_printf(
		    "%.*s (%u)%s", (int)stem, name, n, name + stem);

		if (!name_taken(ticket, other))
			return g_steal_pointer(&other);
	}
}

/* The part's name, or one by its type. */
static char *
part_name(const struct part *part, guint index)
{
	return part->filename != NULL ? g_strdup(part->filename)
				      : g_strdup_printf("part %u%s", index + 1,
					    ending_of(part->type));
}

static void
add_file(struct ticket *ticket, struct message *message, guint index,
    GString *left_out)
{
	const struct part *part = message_part(message, index);
	g_autofree char *name = part_name(part, index);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = NULL;
	struct ticket_file *file;

	if (ticket->files->len < CONVERT_FILES_MOST)
		bytes = message_part_bytes(message, index, &error);
	if (bytes == NULL) {
		g_string_append_printf(
		    left_out, "left out: %s (%s)\n", name, part->type);
		return;
	}
	file = g_new0(struct ticket_file, 1);
	file->name = convert_file_name(ticket, name);
	file->type = g_strdup(part->type);
	file->content_id = g_strdup(part->content_id);
	file->bytes = g_steal_pointer(&bytes);
	g_ptr_array_add(ticket->files, file);
}

/* Attaches what there is; returns what an agent has to know, or "". */
static char *
add_files(struct ticket *ticket, struct message *message)
{
	GString *left_out = g_string_new(NULL);

	for (guint i = 0; i < message_part_count(message); i++) {
		if (message_part(message, i)->attachment)
			add_file(ticket, message, i, left_out);
	}
	if ((message_oddities(message) & MESSAGE_ODD_TRUNCATED) != 0)
		g_string_append(left_out,
		    "The message is larger or built deeper than is read; "
		    "something of it may be missing here.\n");
	ticket->partial = left_out->len > 0;
	if (ticket->partial)
		g_string_append(left_out,
		    "Its raw source is attached, with all that is in it.");
	return g_string_free(left_out, FALSE);
}

struct ticket *
convert_make(const struct convert_context *context, struct message *message,
    const struct entry *entry, const char *subject_tag)
{
	struct ticket *ticket = convert_begin(entry);
	const GPtrArray *references = message_references(message);
	g_autofree char *left_out = NULL;

	set_requester(ticket, message, entry);
	add_followers(ticket, context, message_addresses(message, "To"));
	add_followers(ticket, context, message_addresses(message, "Cc"));
	ticket->subject = unicode_line(message_subject(message), SUBJECT_MOST);
	if (*ticket->subject == '\0') {
		g_free(ticket->subject);
		ticket->subject = g_strdup("(no subject)");
	}
	ticket->text = g_strdup(message_text(message));
	ticket->html = g_strdup(message_html(message));
	ticket->message_id = g_strdup(message_id(message));
	for (guint i = 0; i < references->len; i++)
		g_ptr_array_add(
		    ticket->references, g_strdup(references->pdata[i]));
	ticket->subject_tag = find_tag(ticket->subject, subject_tag);
	ticket->automatic = automatic_message(message, entry->envelope->sender);
	set_date(ticket, message);
	left_out = add_files(ticket, message);
	ticket->note = convert_note(entry, left_out);
	return ticket;
}
