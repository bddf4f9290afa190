/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Delivery reports, read: by RFC 3464 where they keep to it, else by their text
 * (report_text.c).
 */
#include "tickets/report_private.h"

#include <string.h>

#include "lib/mail/loop.h"

/* Of an original that is given back, its header is read, and no more than
 * this. */
#define ORIGINAL_MOST ((gsize)256 << 10)
#define STATUS_PART_MOST ((gsize)64 << 10)

static gboolean
starts(const char *text, const char *with)
{
	return text != NULL &&
	       g_ascii_strncasecmp(text, with, strlen(with)) == 0;
}

static gboolean
contains(const char *text, const char *word)
{
	g_autofree char *lower = g_ascii_strdown(text, -1);

	return strstr(lower, word) != NULL;
}

static gboolean
has_part(const struct message *message, const char *type)
{
	for (guint i = 0; i < message_part_count(message); i++) {
		if (starts(message_part(message, i)->type, type))
			return TRUE;
	}
	return FALSE;
}

/* A system's name as the sender, or nobody's. */
static gboolean
is_from_system(const struct message *message, const char *sender)
{
	static const char *const names[] = { "mailer-daemon", "postmaster",
		"mail-daemon", "mdaemon", "maildaemon", "mail.delivery",
		"mail delivery", "mailadmin", "bounce" };
	const GPtrArray *from = message_addresses(message, "From");
	const char *field = message_header(message, "From");
	const char *path = message_header(message, "Return-Path");

	if (*sender == '\0' || (path != NULL && strcmp(path, "<>") == 0) ||
	    from->len == 0)
		return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		if (field != NULL && contains(field, names[i]))
			return TRUE;
	}
	return FALSE;
}

gboolean
report_message(struct message *message, const char *sender)
{
	const char *type = message_header(message, "Content-Type");

	if (starts(type, "multipart/report")) {
		if (contains(type, "feedback-report") ||
		    contains(type, "disposition-notification"))
			return FALSE;
		if (contains(type, "delivery-status"))
			return TRUE;
	}
	if (has_part(message, "message/feedback-report") ||
	    has_part(message, "message/disposition-notification"))
		return FALSE;
	if (has_part(message, "message/delivery-status") ||
	    has_part(message, "message/global-delivery-status") ||
	    message_header(message, "X-Failed-Recipients") != NULL)
		return TRUE;
	return is_from_system(message, sender) &&
	       (report_subject(message_subject(message)) ||
		   report_text(message_text(message)));
}

/* --- RFC 3464 --- */

/* The value of a field in a block of them, unfolded; NULL when it is not
 * there. */
static char *
field_value(const char *block, const char *name)
{
	gsize length = strlen(name);

	for (const char *line = block; line != NULL && *line != '\0';) {
		const char *end = strchr(line, '\n');

		if (g_ascii_strncasecmp(line, name, length) == 0 &&
		    line[length] == ':') {
			gsize size =
			    end == NULL ? strlen(line) : (gsize)(end - line);

			return g_strstrip(
			    g_strndup(line + length + 1, size - length - 1));
		}
		line = end == NULL ? NULL : end + 1;
	}
	return NULL;
}

/* "rfc822; user@example.org" */
static struct addr *
typed_address(const char *value)
{
	const char *semicolon = value == NULL ? NULL : strchr(value, ';');

	return value == NULL
		   ? NULL
		   : addr_repair(semicolon == NULL ? value : semicolon + 1);
}

static void
read_recipient(const char *block, struct report_case *report)
{
	g_autofree char *final = field_value(block, "Final-Recipient");
	g_autofree char *original = field_value(block, "Original-Recipient");
	g_autofree char *action = field_value(block, "Action");
	g_autofree char *status = field_value(block, "Status");
	g_autofree char *code = field_value(block, "Diagnostic-Code");
	g_autofree char *number = report_status(status, code);
	const char *both[] = { original, final };

	if (starts(action, "delivered") || starts(action, "relayed") ||
	    starts(action, "expanded"))
		return;
	if (starts(action, "delayed"))
		number[0] = '4';
	for (gsize i = 0; i < G_N_ELEMENTS(both); i++) {
		struct addr *addr = typed_address(both[i]);

		if (addr == NULL)
			continue;
		report_add(report, addr->address, number);
		addr_free(addr);
		return;
	}
}

static void
read_status_part(struct report_case *report, guint index)
{
	g_autoptr(GBytes) bytes =
	    message_part_bytes(report->message, index, NULL);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	GString *block;

	if (bytes == NULL || g_bytes_get_size(bytes) == 0)
		return;
	text = g_strndup(g_bytes_get_data(bytes, NULL),
	    MIN(g_bytes_get_size(bytes), STATUS_PART_MOST));
	lines = g_strsplit(text, "\n", -1);
	block = g_string_new(NULL);
	for (char **line = lines; *line != NULL; line++) {
		const char *bare = g_strchomp(*line);

		if (*bare == '\0' || line[1] == NULL) {
			g_string_append(block, bare);
			read_recipient(block->str, report);
			g_string_truncate(block, 0);
		} else if (g_ascii_isspace(*bare) && block->len > 0) {
			block->str[block->len - 1] = ' ';
			g_string_append_printf(block, "%s\n", bare);
		} else {
			g_string_append_printf(block, "%s\n", bare);
		}
	}
	g_string_free(block, TRUE);
}

/* --- the original's Message-ID --- */

static char *
id_of_part(struct message *message, guint index)
{
	g_autoptr(GBytes) bytes = message_part_bytes(message, index, NULL);
	struct loop_headers headers;
	char *id;
	gsize length;
	const char *data;

	if (bytes == NULL || g_bytes_get_size(bytes) == 0)
		return NULL;
	data = g_bytes_get_data(bytes, &length);
	loop_headers_read(data, MIN(length, ORIGINAL_MOST), &headers);
	id = g_steal_pointer(&headers.message_id);
	loop_headers_clear(&headers);
	return id;
}

static char *
find_original_id(struct message *message)
{
	static const char *const types[] = { "message/rfc822",
		"text/rfc822-headers", "message/rfc822-headers",
		"message/global", "text/rfc822", "message/partial" };

	for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
		for (guint j = 0; j < message_part_count(message); j++) {
			const struct part *part = message_part(message, j);
			char *id = strcmp(part->type, types[i]) == 0
				       ? id_of_part(message, j)
				       : NULL;

			if (id != NULL)
				return id;
		}
	}
	return report_text_id(message);
}

char *
report_read(struct message *message, struct origin *origin)
{
	struct report_case report = { message, origin };
	const char *failed = message_header(message, "X-Failed-Recipients");

	for (guint i = 0; i < message_part_count(message); i++) {
		const char *type = message_part(message, i)->type;

		if (strcmp(type, "message/delivery-status") == 0 ||
		    strcmp(type, "message/global-delivery-status") == 0)
			read_status_part(&report, i);
	}
	if (failed != NULL && origin->failed->len == 0) {
		g_auto(GStrv) list =
		    g_strsplit(failed, ",", ORIGIN_FAILED_MOST);
		g_autofree char *status =
		    report_status(NULL, message_text(message));

		for (char **one = list; *one != NULL; one++)
			report_add(&report, g_strstrip(*one), status);
	}
	if (origin->failed->len == 0)
		report_read_text(&report);
	return find_original_id(message);
}
