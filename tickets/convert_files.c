/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a ticket has attached: under which name, whether it is wanted, and
 * whether it is what it says.
 *
 * A message within the message is one file.  Where files are blocked it is
 * looked into, and goes as a whole when it holds one of them: to take a part
 * out of somebody else's message would be to write another one.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "lib/mail/raw.h"
#include "tickets/convert_private.h"
#include "tickets/tnef.h"

/* Messages in messages that are looked into; deeper ones count as blocked. */
#define LOOK_DEPTH_MOST 5
#define SUBJECT_BYTES 65536

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

static gboolean
is_message(const char *type)
{
	return strcmp(type, "message/rfc822") == 0 ||
	       strcmp(type, "message/rfc2822") == 0 ||
	       strcmp(type, "message/global") == 0;
}

/* The subject of a message within the message; "" where there is none. */
static char *
subject_of(const struct convert_content *content, GBytes *bytes)
{
	struct message_limits limits = content->context->limits;
	struct message *message OWNED(message_free) = NULL;
	gsize length;
	const guint8 *data = g_bytes_get_data(bytes, &length);

	limits.scan_bytes = SUBJECT_BYTES;
	message = message_parse(data, length, &limits, NULL);
	return g_strdelimit(
	    g_strdup(message != NULL ? message_subject(message) : ""), "/\\",
	    '-');
}

char *
convert_found_type(const struct convert_content *content, GBytes *bytes)
{
	gsize length;
	gconstpointer data = g_bytes_get_data(bytes, &length);

	return content->context->filetype != NULL
		   ? filetype_find(content->context->filetype, data, length)
		   : NULL;
}

/* By its type; where that says nothing, by its content: a file without an
 * ending opens with nothing.  But no program is made one by that. */
static char *
name_by_type(
    const struct convert_content *content, const struct ticket_file *file)
{
	g_autofree char *made = filetype_name(file->type, file->content_id);
	g_autofree char *found = NULL;

	if (g_str_has_suffix(made, ".bin"))
		found = convert_found_type(content, file->bytes);
	return found != NULL && filetype_fits(file->type, NULL, found)
		   ? filetype_name(found, file->content_id)
		   : g_steal_pointer(&made);
}

/* A message is named by its subject, always as one; the rest by their types. */
static void
give_name(const struct convert_content *content, struct ticket_file *file)
{
	g_autofree char *name =
	    file->name != NULL ? raw_safe_name(file->name) : NULL;
	g_autofree char *given = NULL;

	if (is_message(file->type)) {
		g_autofree char *subject =
		    name == NULL ? subject_of(content, file->bytes)
				 : g_strdup(name);
		gboolean ended =
		    strlen(subject) > 4 &&
		    g_ascii_strcasecmp(subject + strlen(subject) - 4, ".eml") ==
			0;
		g_autofree char *ending =
		    g_strconcat(subject, ended ? "" : ".eml", NULL);

		given = *subject != '\0' ? raw_safe_name(ending) : NULL;
		if (given == NULL)
			given = g_strdup("message.eml");
	} else if (name != NULL) {
		given = g_steal_pointer(&name);
	} else {
		g_autofree char *made = name_by_type(content, file);

		given = raw_safe_name(made);
	}
	g_free(file->name);
	file->name = convert_file_name(content->ticket, given);
}

/* --- what is not wanted --- */

static gboolean
is_like(char *const *patterns, const char *text)
{
	g_autofree char *folded =
	    text != NULL ? g_utf8_casefold(text, -1) : NULL;

	for (; patterns != NULL && text != NULL && *patterns != NULL;
	     patterns++) {
		g_autofree char *pattern = g_utf8_casefold(*patterns, -1);

		if (g_pattern_match_simple(pattern, folded))
			return TRUE;
	}
	return FALSE;
}

static gboolean
has_blocks(const struct convert_terms *terms)
{
	return (terms->blocked_files != NULL && *terms->blocked_files) ||
	       (terms->blocked_types != NULL && *terms->blocked_types);
}

static char *blocked_inside(const struct convert_content *content,
    const struct ticket_file *file, guint depth);

/* Why this file is not wanted, for people; NULL: it is. */
static char *
why_blocked(const struct convert_content *content,
    const struct ticket_file *file, guint depth)
{
	const struct convert_terms *terms = content->terms;
	g_autofree char *found = NULL;

	if (!has_blocks(terms))
		return NULL;
	if (is_like(terms->blocked_files, file->name))
		return g_strdup("files with such a name are blocked");
	found = convert_found_type(content, file->bytes);
	if (is_like(terms->blocked_types, file->type) ||
	    is_like(terms->blocked_types, found))
		return g_strdup("files of this type are blocked");
	return blocked_inside(content, file, depth);
}

static char *
blocked_in_message(
    const struct convert_content *content, GBytes *bytes, guint depth)
{
	gsize length;
	const guint8 *data = g_bytes_get_data(bytes, &length);
	struct message *message OWNED(message_free) =
	    message_parse(data, length, &content->context->limits, NULL);
	char *why = NULL;

	for (guint i = 0;
	     message != NULL && why == NULL && i < message_part_count(message);
	     i++) {
		const struct part *part = message_part(message, i);
		g_autoptr(GBytes) inner = message_part_bytes(message, i, NULL);
		struct ticket_file file = { part->filename, part->type, NULL,
			inner };

		if (inner == NULL)
			why = g_strdup("it is too large to be looked into");
		else if (part->attachment)
			why = why_blocked(content, &file, depth + 1);
	}
	return why;
}

static char *
blocked_in_tnef(
    const struct convert_content *content, GBytes *bytes, guint depth)
{
	struct tnef *tnef OWNED(tnef_free) =
	    tnef_read(bytes, content->context->limits.decoded_bytes, NULL);
	char *why = NULL;

	for (guint i = 0; tnef != NULL && why == NULL && i < tnef->files->len;
	     i++)
		why = why_blocked(content, tnef->files->pdata[i], depth + 1);
	return why;
}

static char *
blocked_inside(const struct convert_content *content,
    const struct ticket_file *file, guint depth)
{
	g_autofree char *why = NULL;

	if (!is_message(file->type) && !tnef_is(file->type, file->name))
		return NULL;
	if (depth >= LOOK_DEPTH_MOST)
		return g_strdup("it is packed too often to be looked into");
	why = is_message(file->type)
		  ? blocked_in_message(content, file->bytes, depth)
		  : blocked_in_tnef(content, file->bytes, depth);
	return why != NULL ? g_strdup_printf("in it: %s", why) : NULL;
}

/* --- what becomes of it --- */

void
convert_leave_out(struct convert_content *content, const char *name,
    const char *type, const char *why)
{
	g_string_append_printf(content->noted, "left out: %s (%s)", name, type);
	if (why != NULL)
		g_string_append_printf(content->noted, ", %s", why);
	g_string_append_c(content->noted, '\n');
	content->left_out = TRUE;
}

static void
take_out(struct convert_content *content, const struct ticket_file *file,
    const char *why)
{
	g_autofree char *size = g_format_size(g_bytes_get_size(file->bytes));

	g_string_append_printf(content->shown, "[Taken out: %s (%s, %s): %s]\n",
	    file->name, file->type, size, why);
	content->blocked = TRUE;
}

static void
note_misfit(struct convert_content *content, const struct ticket_file *file)
{
	g_autofree char *found = convert_found_type(content, file->bytes);

	if (found != NULL && !filetype_fits(file->type, file->name, found))
		g_string_append_printf(content->noted,
		    "%s is not what it says (%s): its content is %s\n",
		    file->name, file->type, found);
}

void
convert_add_file(struct convert_content *content, struct ticket_file *file)
{
	g_autofree char *why = NULL;

	give_name(content, file);
	why = why_blocked(content, file, 0);
	if (why != NULL) {
		take_out(content, file, why);
	} else if (content->ticket->files->len >= CONVERT_FILES_MOST) {
		convert_leave_out(content, file->name, file->type, NULL);
	} else {
		note_misfit(content, file);
		g_ptr_array_add(content->ticket->files, file);
		return;
	}
	ticket_file_free(file);
}
