/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Priority, tags and department by header fields.  Runs in a jailed reader.
 */
#include "tickets/marks.h"

#include <string.h>

#include "lib/base/unicode.h"

gboolean
marks_trusted(const struct envelope *envelope)
{
	return envelope->own_network || envelope->authenticated != NULL;
}

gboolean
mark_is_priority(const char *word)
{
	static const char *const words[] = { "low", "normal", "high", "urgent",
		NULL };

	return word != NULL && g_strv_contains(words, word);
}

/* "1 (Highest)", "High", "urgent" to a priority of ours; NULL for normal and
 * for what says nothing. */
static const char *
importance(const char *value)
{
	static const struct {
		const char *start, *priority;
	} known[] = { { "1", "high" }, { "2", "high" }, { "4", "low" },
		{ "5", "low" }, { "high", "high" }, { "urgent", "high" },
		{ "low", "low" }, { "non-urgent", "low" } };

	for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
		gsize length = strlen(known[i].start);

		if (g_ascii_strncasecmp(value, known[i].start, length) == 0 &&
		    !g_ascii_isalnum(value[length]))
			return known[i].priority;
	}
	return NULL;
}

static void
read_importance(const struct message *message, struct ticket *ticket)
{
	static const char *const fields[] = { "X-Priority", "Importance",
		"X-MSMail-Priority" };

	for (gsize i = 0; i < G_N_ELEMENTS(fields) && ticket->priority == NULL;
	     i++) {
		const char *value = message_header(message, fields[i]);

		if (value != NULL)
			ticket->priority = g_strdup(importance(value));
	}
}

static void
read_tags(const char *value, struct ticket *ticket)
{
	g_auto(GStrv) words = g_strsplit(value, ",", MARK_TAGS + 1);

	for (guint i = 0; words[i] != NULL && i < MARK_TAGS; i++) {
		g_autofree char *tag = unicode_line(words[i], MARK_BYTES);

		if (*tag != '\0' && !g_ptr_array_find_with_equal_func(
					ticket->tags, tag, g_str_equal, NULL))
			g_ptr_array_add(ticket->tags, g_steal_pointer(&tag));
	}
}

static void
read_control(const struct message *message, struct ticket *ticket)
{
	const char *priority = message_header(message, "X-Deskgate-Priority");
	const char *tags = message_header(message, "X-Deskgate-Tags");
	const char *department =
	    message_header(message, "X-Deskgate-Department");

	if (priority != NULL) {
		g_autofree char *word = g_ascii_strdown(priority, -1);

		if (mark_is_priority(g_strstrip(word))) {
			g_free(ticket->priority);
			ticket->priority = g_steal_pointer(&word);
		}
	}
	if (tags != NULL)
		read_tags(tags, ticket);
	if (department != NULL && *department != '\0')
		ticket->department = unicode_line(department, MARK_BYTES);
}

void
marks_read(
    const struct message *message, gboolean trusted, struct ticket *ticket)
{
	const GPtrArray *from = message_addresses(message, "From");

	if (from->len > 0)
		ticket->from =
		    g_strdup(((const struct addr *)from->pdata[0])->address);
	read_importance(message, ticket);
	if (trusted)
		read_control(message, ticket);
}

static gboolean
is_one_line(const char *text)
{
	return strlen(text) <= MARK_BYTES && strpbrk(text, "\r\n") == NULL;
}

gboolean
marks_make_sense(const struct ticket *ticket, gboolean trusted)
{
	if (ticket->priority != NULL && !mark_is_priority(ticket->priority))
		return FALSE;
	if (ticket->status != NULL || ticket->tags->len > MARK_TAGS)
		return FALSE;
	if (!trusted && (ticket->tags->len > 0 || ticket->department != NULL))
		return FALSE;
	for (guint i = 0; i < ticket->tags->len; i++) {
		if (!is_one_line(ticket->tags->pdata[i]))
			return FALSE;
	}
	return ticket->department == NULL || is_one_line(ticket->department);
}
