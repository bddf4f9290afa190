/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a message to the ticket a support team would have written: who asks,
 * what it says, what is attached.  Runs in a jailed reader.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "lib/base/unicode.h"
#include "tickets/convert_private.h"
#include "tickets/marks.h"

#define SUBJECT_MOST 500

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

/* A date that is missing, broken or in the future is the arrival's: nothing
 * comes before it was sent. */
static void
set_date(struct ticket *ticket, const struct message *message)
{
	gint64 date = message_date(message, NULL);

	if (date > 0 && date <= ticket->date)
		ticket->date = date;
}

/* What an agent has to know beside the verdict. */
static char *
make_note(const struct ticket *ticket, const struct entry *entry,
    const char *left_out)
{
	g_autofree char *origin = convert_origin_note(&ticket->origin);
	g_autofree char *more = g_strconcat(origin,
	    *origin != '\0' && *left_out != '\0' ? "\n" : "", left_out, NULL);

	return convert_note(entry, more);
}

/* A desk may have no place for the name of somebody without an address. */
static void
note_nobody(const struct ticket *ticket, GString *noted)
{
	if (strcmp(ticket->requester_address, TICKET_NOBODY) == 0 &&
	    *ticket->requester_name != '\0')
		g_string_append_printf(noted,
		    "nobody can be answered, From has no address: %s\n",
		    ticket->requester_name);
}

struct ticket *
convert_make(const struct convert_context *context, struct message *message,
    const struct entry *entry, const struct convert_terms *terms)
{
	const struct convert_case of = { context, message, entry, terms };
	struct ticket *ticket = convert_begin(entry);
	const GPtrArray *references = message_references(message);
	struct convert_content *content OWNED(convert_content_free) = NULL;

	ticket->subject = unicode_line(message_subject(message), SUBJECT_MOST);
	if (*ticket->subject == '\0') {
		g_free(ticket->subject);
		ticket->subject = g_strdup("(no subject)");
	}
	content = convert_content_new(context, terms, ticket, message);
	ticket->message_id = g_strdup(message_id(message));
	for (guint i = 0; i < references->len; i++)
		g_ptr_array_add(
		    ticket->references, g_strdup(references->pdata[i]));
	ticket->subject_tag =
	    convert_find_tag(ticket, ticket->subject, terms->subject_tag);
	convert_origin(ticket, &of);
	convert_people(ticket, &of);
	note_nobody(ticket, content->noted);
	marks_read(message, marks_trusted(entry->envelope), ticket);
	convert_set_text(ticket, message, content->text->str, terms);
	set_date(ticket, message);
	convert_content_end(content);
	ticket->note = make_note(ticket, entry, content->noted->str);
	return ticket;
}
