/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who asks, and who follows.  Runs in a jailed reader.
 */
#include <string.h>

#include "tickets/convert_private.h"
#include "tickets/forward.h"

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

/* The first address of a field; of Reply-To only one that is not ours: mail
 * that wants its answer to come back to us has no requester there. */
static const struct addr *
first_of(const struct convert_case *of, const char *field)
{
	const GPtrArray *list = message_addresses(of->message, field);
	const struct addr *addr = list->len > 0 ? list->pdata[0] : NULL;

	if (addr != NULL && strcmp(field, "Reply-To") == 0 &&
	    is_ours(of->context, addr->address))
		return NULL;
	return addr;
}

static void
put_requester(struct ticket *ticket, const char *address, const char *name)
{
	g_free(ticket->requester_address);
	g_free(ticket->requester_name);
	ticket->requester_address = g_strdup(address);
	ticket->requester_name = g_strdup(name);
}

/* From, else Sender, else Reply-To, else the envelope's sender, which may be a
 * machine's, else nobody; before all of them Reply-To where the inbox says so.
 * A From without an address still says who it is.
 */
static void
set_requester(struct ticket *ticket, const struct convert_case *of)
{
	const char *sender = of->entry->envelope->sender;
	const struct addr *addr = NULL;

	if (of->terms->reply_to)
		addr = first_of(of, "Reply-To");
	if (addr == NULL)
		addr = first_of(of, "From");
	if (addr == NULL)
		addr = first_of(of, "Sender");
	if (addr == NULL)
		addr = first_of(of, "Reply-To");
	if (addr != NULL) {
		put_requester(ticket, addr->address, addr->name);
	} else {
		const char *from = message_header(of->message, "From");
		g_autofree char *name = addr_name(from != NULL ? from : "");

		put_requester(
		    ticket, addr_valid(sender) ? sender : TICKET_NOBODY, name);
	}
}

/* --- an agent's forwarding --- */

/* Is the sender one of the inbox's agents, and is that proven? */
static gboolean
is_agent(const struct ticket *ticket, const struct convert_case *of)
{
	const struct envelope *envelope = of->entry->envelope;
	const char *address = ticket->requester_address;

	if (of->terms->agents == NULL)
		return FALSE;
	if (envelope->authenticated == NULL && !envelope->own_network &&
	    ticket->origin.auth != ORIGIN_PASSED)
		return FALSE;
	if (ticket->origin.auth == ORIGIN_FAILED)
		return FALSE;
	for (guint i = 0; i < of->terms->agents->len; i++) {
		if (addr_is_inbox(address, of->terms->agents->pdata[i]))
			return TRUE;
	}
	return FALSE;
}

/* The customer becomes the requester, the agent is remembered. */
static void
take_customer(struct ticket *ticket, const struct convert_case *of,
    const char *address, const char *name)
{
	if (address == NULL || !addr_valid(address) ||
	    is_ours(of->context, address) ||
	    g_ascii_strcasecmp(address, ticket->requester_address) == 0)
		return;
	ticket->origin.agent = g_strdup(ticket->requester_address);
	put_requester(ticket, address, name == NULL ? "" : name);
}

/* A message that is attached: the first one's From. */
static void
take_attached(struct ticket *ticket, const struct convert_case *of)
{
	for (guint i = 0; i < message_part_count(of->message); i++) {
		g_autoptr(GBytes) bytes = NULL;
		struct message *inner;
		const GPtrArray *from;
		gsize length;
		const guint8 *data;

		if (strcmp(message_part(of->message, i)->type,
			"message/rfc822") != 0)
			continue;
		bytes = message_part_bytes(of->message, i, NULL);
		if (bytes == NULL)
			return;
		data = g_bytes_get_data(bytes, &length);
		inner = message_parse(data, length, &of->context->limits, NULL);
		if (inner == NULL)
			return;
		from = message_addresses(inner, "From");
		if (from->len > 0) {
			const struct addr *addr = from->pdata[0];

			take_customer(ticket, of, addr->address, addr->name);
		}
		message_free(&inner);
		return;
	}
}

/* One that stands in the text; without a word that it was forwarded, a reply
 * that quotes looks the same. */
static void
take_inline(struct ticket *ticket, const struct convert_case *of)
{
	struct forward *forward = forward_find(message_text(of->message));

	if (forward != NULL &&
	    (forward->marked || forward_subject(message_subject(of->message))))
		take_customer(ticket, of, forward->address, forward->name);
	forward_free(&forward);
}

/* --- followers --- */

static gboolean
is_known(const struct ticket *ticket, const char *address)
{
	if (g_ascii_strcasecmp(address, ticket->requester_address) == 0 ||
	    g_strcmp0(address, ticket->origin.agent) == 0)
		return TRUE;
	for (guint i = 0; i < ticket->followers->len; i++) {
		const struct addr *addr = ticket->followers->pdata[i];

		if (g_ascii_strcasecmp(address, addr->address) == 0)
			return TRUE;
	}
	return FALSE;
}

static void
add_followers(
    struct ticket *ticket, const struct convert_case *of, const GPtrArray *list)
{
	guint most = of->context->max_followers;

	for (guint i = 0; i < list->len && ticket->followers->len < most; i++) {
		const struct addr *from = list->pdata[i];
		struct addr *addr;

		if (is_known(ticket, from->address) ||
		    is_ours(of->context, from->address))
			continue;
		addr = g_new(struct addr, 1);
		addr->name = g_strdup(from->name);
		addr->address = g_strdup(from->address);
		g_ptr_array_add(ticket->followers, addr);
	}
}

void
convert_people(struct ticket *ticket, const struct convert_case *of)
{
	set_requester(ticket, of);
	if (ticket->origin.kind == TICKET_PERSON && is_agent(ticket, of)) {
		take_attached(ticket, of);
		if (ticket->origin.agent == NULL)
			take_inline(ticket, of);
	}
	add_followers(ticket, of, message_addresses(of->message, "To"));
	add_followers(ticket, of, message_addresses(of->message, "Cc"));
}
