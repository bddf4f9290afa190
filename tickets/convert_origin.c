/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a message comes from and what it says of the ticket that it belongs to.
 * Runs in a jailed reader.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "lib/base/pattern.h"
#include "lib/base/unicode.h"
#include "lib/mail/compose.h"
#include "tickets/absence.h"
#include "tickets/authres.h"
#include "tickets/automatic.h"
#include "tickets/convert_private.h"
#include "tickets/report.h"
#include "tickets/token.h"

#define LINE_MOST 300
/* Of a ticket's code, bytes (ledger.h), and how often something else is passed
 * over that a subject-tag finds. */
#define CODE_MOST 63
#define TAGS_MOST 20
/* How far a text is searched for markers and tokens: what is quoted in a reply
 * stands near, and a long text costs no more. */
#define TEXT_MOST ((gsize)64 << 10)
/* As many ids as message_references gives. */
#define REFERENCES_MOST 20

/* --- what our MTA found --- */

/*
 * Fields above the client's first Received are our MTA's (its own milters';
 * its own Received is not shown to us).  A message without any Received tells
 * nobody's from ours: of that only what speaks against it is believed.
 */
static void
read_results(struct origin *origin, const struct convert_case *of)
{
	const char *authserv_id = of->context->authserv_id;
	struct authres results = { 0 };
	gboolean received = FALSE;

	if (authserv_id == NULL)
		return;
	for (guint i = 0; i < message_header_count(of->message); i++) {
		const char *name = message_header_name(of->message, i);

		received = g_ascii_strcasecmp(name, "Received") == 0;
		if (received)
			break;
		if (g_ascii_strcasecmp(name, "Authentication-Results") == 0)
			authres_add(&results,
			    message_header_value(of->message, i), authserv_id);
	}
	origin->auth = authres_auth(&results);
	if (received || origin->auth == ORIGIN_FAILED)
		origin->results = authres_line(&results);
	else
		origin->auth = ORIGIN_UNKNOWN;
	authres_clear(&results);
}

/* --- signs of a thread --- */

/* Outlook's: of the decoded value the bytes 6 to 21 are one for all messages of
 * a conversation. */
static void
add_thread_index(struct origin *origin, const char *value)
{
	gsize length = 0;
	g_autofree guchar *bytes =
	    strlen(value) < LINE_MOST ? g_base64_decode(value, &length) : NULL;
	GString *hint;

	if (length < 22)
		return;
	hint = g_string_new("thread-index:");
	for (gsize i = 6; i < 22; i++)
		g_string_append_printf(hint, "%02x", bytes[i]);
	g_ptr_array_add(origin->hints, g_string_free(hint, FALSE));
}

/* eBay's members write through it: one value for all mail of one matter. Other
 * senders mean a campaign by it. */
static void
add_feedback_id(struct origin *origin, const struct convert_case *of)
{
	const char *value = message_header(of->message, "Feedback-ID");
	const GPtrArray *from = message_addresses(of->message, "From");
	const struct addr *addr = from->len > 0 ? from->pdata[0] : NULL;
	g_autofree char *domain =
	    addr == NULL ? g_strdup("")
			 : g_ascii_strdown(addr_domain(addr->address), -1);

	if (value == NULL || *value == '\0' || strlen(value) > LINE_MOST ||
	    (strstr(domain, "ebay.") != domain &&
		strstr(domain, ".ebay.") == NULL))
		return;
	g_ptr_array_add(
	    origin->hints, g_strconcat("feedback-id:", value, NULL));
}

static void
find_in_addresses(struct origin *origin, const GPtrArray *list)
{
	for (guint i = 0; i < list->len; i++) {
		const struct addr *addr = list->pdata[i];

		token_find(addr->address, origin->tokens, ORIGIN_TOKENS_MOST);
	}
}

static void
read_tokens(
    struct ticket *ticket, const struct convert_case *of, const char *text)
{
	struct origin *origin = &ticket->origin;
	g_autoptr(GPtrArray) own = g_ptr_array_new_with_free_func(g_free);

	if (ticket->message_id != NULL)
		token_find(ticket->message_id, own, 1);
	if (own->len > 0)
		origin->own = g_strdup(own->pdata[0]);
	token_find(of->entry->recipient, origin->tokens, ORIGIN_TOKENS_MOST);
	for (guint i = 0; i < ticket->references->len; i++)
		token_find(ticket->references->pdata[i], origin->tokens,
		    ORIGIN_TOKENS_MOST);
	find_in_addresses(origin, message_addresses(of->message, "To"));
	find_in_addresses(origin, message_addresses(of->message, "Cc"));
	token_find(text, origin->tokens, ORIGIN_TOKENS_MOST);
}

/* --- is a person writing? --- */

static void
read_kind(struct ticket *ticket, const struct convert_case *of)
{
	const char *sender = of->entry->envelope->sender;
	struct origin *origin = &ticket->origin;
	gboolean automatic = automatic_message(of->message, sender);
	g_autofree char *id = NULL;

	origin->kind = TICKET_PERSON;
	if (absence_message(of->message, automatic)) {
		origin->kind = TICKET_ABSENCE;
	} else if (report_message(of->message, sender)) {
		origin->kind = TICKET_REPORT;
		id = report_read(of->message, origin);
	} else if (automatic) {
		origin->kind = TICKET_AUTOMATIC;
	}
	ticket->automatic = origin->kind != TICKET_PERSON;
	if (id == NULL)
		return;
	/* The message that did not arrive is what the report is about. */
	g_ptr_array_insert(ticket->references, 0, g_steal_pointer(&id));
	if (ticket->references->len > REFERENCES_MOST)
		g_ptr_array_set_size(ticket->references, REFERENCES_MOST);
}

/* What people call a ticket, as the ledger keeps it. */
static gboolean
is_code(const char *text)
{
	gsize length = text != NULL ? strlen(text) : 0;

	for (gsize i = 0; i < length; i++)
		if (g_ascii_iscntrl(text[i]))
			return FALSE;
	return length > 0 && length <= CODE_MOST;
}

/* Once: subject and text are searched for the same. */
static void
add_undecided(struct ticket *ticket)
{
	if (!g_ptr_array_find_with_equal_func(
		ticket->undecided, "subject-tag", g_str_equal, NULL))
		g_ptr_array_add(ticket->undecided, g_strdup("subject-tag"));
}

char *
convert_find_tag(struct ticket *ticket, const char *text, const char *pattern)
{
	struct pattern *tag OWNED(pattern_free) =
	    pattern != NULL ? pattern_compile(pattern, NULL, NULL) : NULL;
	gsize left = strlen(text);
	struct pattern_time time;

	pattern_time_begin(&time, PATTERN_TIME_MOST);
	for (guint i = 0; tag != NULL && i < TAGS_MOST; i++) {
		g_autofree char *code = NULL;
		struct pattern_hit hit;
		enum pattern_answer answer =
		    pattern_match_within(tag, text, left, &time, &hit);

		if (answer == PATTERN_LIMIT)
			add_undecided(ticket);
		if (answer != PATTERN_YES)
			return NULL;
		/* The group if it has one, else all that matches. */
		code = pattern_hit_copy(
		    &hit, text, pattern_groups(tag) > 0 ? 1 : 0);
		if (is_code(code))
			return g_steal_pointer(&code);
		if (hit.spans[0].end == 0 || hit.spans[0].end >= left)
			return NULL;
		text += hit.spans[0].end;
		left -= hit.spans[0].end;
	}
	return NULL;
}

void
convert_origin(struct ticket *ticket, const struct convert_case *of)
{
	struct origin *origin = &ticket->origin;
	const char *loop = message_header(of->message, COMPOSE_LOOP);
	const char *index = message_header(of->message, "Thread-Index");
	g_autofree char *text = g_strndup(message_text(of->message), TEXT_MOST);

	unicode_cut(text, TEXT_MOST);
	read_results(origin, of);
	read_kind(ticket, of);
	read_tokens(ticket, of, text);
	if (loop != NULL)
		origin->loop = unicode_line(loop, LINE_MOST);
	if (index != NULL)
		add_thread_index(origin, index);
	add_feedback_id(origin, of);
	if (ticket->subject_tag == NULL)
		origin->marker =
		    convert_find_tag(ticket, text, of->terms->subject_tag);
}

/* --- what agents are told --- */

char *
convert_origin_note(const struct origin *origin)
{
	GString *note = g_string_new(NULL);

	if (origin->results != NULL)
		g_string_append_printf(note, "Sender: %s\n", origin->results);
	if (origin->agent != NULL)
		g_string_append_printf(
		    note, "Forwarded to us by %s\n", origin->agent);
	if (origin->kind == TICKET_ABSENCE)
		g_string_append(note, "The sender says that he is away.\n");
	else if (origin->kind == TICKET_AUTOMATIC)
		g_string_append(note, "A program wrote this.\n");
	for (guint i = 0; i < origin->failed->len; i++) {
		const struct origin_failed *failed = origin->failed->pdata[i];

		g_string_append_printf(note, "%s: %s (%s)\n",
		    failed->status[0] == '5' ? "Not delivered"
					     : "Not delivered yet",
		    failed->address, failed->status);
	}
	if (note->len > 0)
		g_string_truncate(note, note->len - 1);
	return g_string_free(note, FALSE);
}
