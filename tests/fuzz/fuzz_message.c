/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as mail: whatever is asked of it is answered, in valid UTF-8 and
 * within the ceilings.
 */
#include "lib/mail/message.h"

#include "lib/base/owned.h"
#include "lib/mail/html.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

/* Small enough that a fuzzer meets each. */
static const struct message_limits limits = {
	.scan_bytes = 20000,
	.headers = 20,
	.header_bytes = 2000,
	.parts = 8,
	.depth = 4,
	.addresses = 5,
	.text_bytes = 2000,
	.decoded_bytes = 10000,
};

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	message_prepare();
	return 0;
}

static void
must_be_text(const char *text)
{
	g_assert(text == NULL || g_utf8_validate(text, -1, NULL));
}

static void
ask_parts(struct message *message)
{
	g_assert(message_part_count(message) <= limits.parts);
	for (guint i = 0; i < message_part_count(message); i++) {
		const struct part *part = message_part(message, i);
		g_autoptr(GBytes) bytes = message_part_bytes(message, i, NULL);

		g_assert(part->type != NULL && part->depth <= limits.depth);
		must_be_text(part->type);
		must_be_text(part->charset);
		must_be_text(part->filename);
		must_be_text(part->content_id);
		must_be_text(part->text);
		g_assert(part->text == NULL ||
			 strlen(part->text) <= limits.text_bytes);
		g_assert(
		    bytes == NULL || g_bytes_get_size(bytes) == part->size);
	}
}

static void
ask_addresses(const struct message *message, const char *header)
{
	const GPtrArray *list = message_addresses(message, header);

	g_assert(list->len <= limits.addresses);
	for (guint i = 0; i < list->len; i++) {
		const struct addr *addr = list->pdata[i];
		g_autofree char *canonical = addr_canonical(addr->address);

		must_be_text(addr->name);
		g_assert(canonical != NULL);
	}
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	struct message *message OWNED(message_free) =
	    message_parse(data, size, &limits, NULL);
	gsize header, body;

	g_assert((message == NULL) == (size == 0));
	if (message == NULL)
		return 0;
	g_assert(message_header_count(message) <= limits.headers);
	for (guint i = 0; i < message_header_count(message); i++)
		must_be_text(message_header_value(message, i));
	(void)message_header_block(message, &header);
	(void)message_body_block(message, &body);
	g_assert(header + body <= size);
	g_assert(message_references(message)->len <= 20);
	must_be_text(message_id(message));
	must_be_text(message_subject(message));
	must_be_text(message_text(message));
	g_assert(strlen(message_text(message)) <= limits.text_bytes);
	must_be_text(message_html(message));
	g_assert((message_html(message) == NULL) ==
		 (message_markup(message) == NULL));
	ask_addresses(message, "From");
	ask_addresses(message, "To");
	ask_parts(message);
	return 0;
}
