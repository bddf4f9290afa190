/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any mail as a ticket: it can be handed over as JSON, and says who asks.
 */
#include "lib/base/owned.h"
#include "tickets/convert_private.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	message_prepare();
	return 0;
}

static void
hand_over(const struct ticket *ticket)
{
	json_t *object = ticket_to_json(ticket);
	char *text = json_dumps(object, JSON_COMPACT);
	json_t *read = text != NULL ? json_loads(text, 0, NULL) : NULL;
	struct ticket *again OWNED(ticket_free) = ticket_from_json(read, NULL);

	g_assert(again != NULL);
	g_assert_cmpstr(again->subject, ==, ticket->subject);
	g_assert_cmpstr(again->text, ==, ticket->text);
	g_assert_cmpuint(again->files->len, ==, ticket->files->len);
	json_decref(read);
	json_decref(object);
	free(text);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	static const char *const inboxes[] = { "support@example.com", NULL };
	const struct convert_context context = { message_limits_default,
		inboxes, 40 };
	const struct convert_terms terms = { .subject_tag =
						 (char *)"#([0-9]+)" };
	struct entry *entry OWNED(entry_free) = entry_new();
	struct message *message OWNED(message_free) =
	    message_parse(data, size, &context.limits, NULL);
	struct ticket *ticket OWNED(ticket_free) = NULL;

	if (message == NULL)
		return 0;
	entry->inbox = g_strdup("support@example.com");
	entry->recipient = g_strdup("support@example.com");
	entry->envelope = envelope_new();
	ticket = convert_make(&context, message, entry, &terms);
	g_assert(addr_valid(ticket->requester_address) ||
		 g_str_equal(ticket->requester_address, TICKET_NOBODY));
	g_assert(*ticket->subject != '\0');
	g_assert(ticket->files->len <= CONVERT_FILES_MOST);
	hand_over(ticket);
	return 0;
}
