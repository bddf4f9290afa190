/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a message says and has attached, whatever it is packed in: winmail.dat,
 * S/MIME and PGP are opened as far as that takes no key, invitations are put in
 * words, and files are taken out of the text.  The packed part stays attached
 * beside what was in it.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "lib/mail/html.h"
#include "lib/mail/html_clean.h"
#include "tickets/convert_private.h"
#include "tickets/invite.h"
#include "tickets/sealed_mail.h"
#include "tickets/tnef.h"
#include "tickets/uuencode.h"

/* Signed mail in signed mail; deeper ones stay attached as they are. */
#define SEALS_MOST 3

#define ENCRYPTED \
	"[This message is encrypted. It was not decrypted: open the attached " \
	"original in a mail program that has the key.]\n"

/* What is packed in one mail may be as large as all of its parts. */
static gsize
unpacked_most(const struct convert_content *content)
{
	gsize most = content->context->limits.decoded_bytes;

	return most - MIN(most, content->unpacked);
}

static void
join_text(GString *out, const char *text)
{
	const char *begin = text + strspn(text, " \t\r\n");

	if (*begin == '\0')
		return;
	if (out->len > 0)
		g_string_append(out, "\n\n");
	g_string_append(out, text);
}

/* --- what a part is packed in --- */

static void
say_encrypted(struct convert_content *content)
{
	if (strstr(content->shown->str, ENCRYPTED) == NULL)
		g_string_append(content->shown, ENCRYPTED);
	content->left_out = TRUE;
}

static void
say_signed(struct convert_content *content)
{
	static const char line[] =
	    "The message is signed; the signature was not verified.\n";

	if (strstr(content->noted->str, line) == NULL)
		g_string_append(content->noted, line);
}

static void
say_kind(struct convert_content *content, enum sealed_kind kind)
{
	if (kind == SEALED_ENCRYPTED)
		say_encrypted(content);
	else if (kind == SEALED_SIGNED)
		say_signed(content);
}

static void read_message(
    struct convert_content *content, struct message *message, guint seals);

static void
open_smime(struct convert_content *content, GBytes *bytes, guint seals)
{
	enum sealed_kind kind;
	g_autoptr(GBytes) inside = sealed_smime_open(bytes, &kind);
	struct message *message OWNED(message_free) = NULL;
	gsize length;
	const guint8 *data;

	say_kind(content, kind);
	if (inside != NULL && seals < SEALS_MOST &&
	    g_bytes_get_size(inside) <= unpacked_most(content)) {
		data = g_bytes_get_data(inside, &length);
		content->unpacked += length;
		message = message_parse(
		    data, length, &content->context->limits, NULL);
	}
	if (message != NULL) {
		read_message(content, message, seals + 1);
	} else if (kind == SEALED_SIGNED || kind == SEALED_UNKNOWN) {
		g_string_append(content->shown,
		    "[This message is packed by S/MIME in a way that was not "
		    "understood; the original is attached.]\n");
		content->left_out = TRUE;
	}
}

static char *
tnef_html_text(const struct tnef *tnef, gsize most)
{
	struct html_limits limits = html_limits_default;
	struct html *html OWNED(html_free) = NULL;

	limits.text_bytes = most;
	html = html_read(tnef->html, strlen(tnef->html), &limits);
	return g_strdup(html->text);
}

/* Its body speaks where the mail itself says nothing. */
static void
use_tnef_body(struct convert_content *content, const struct tnef *tnef)
{
	g_autofree char *text = NULL;

	if (content->html == NULL)
		content->html = g_strdup(tnef->html);
	if (content->text->len > 0)
		return;
	if (*tnef->text == '\0' && tnef->html != NULL)
		text =
		    tnef_html_text(tnef, content->context->limits.text_bytes);
	join_text(content->text, text != NULL ? text : tnef->text);
}

static void
open_tnef(struct convert_content *content, GBytes *bytes)
{
	struct tnef *tnef OWNED(tnef_free) =
	    tnef_read(bytes, unpacked_most(content), NULL);

	if (tnef == NULL) {
		g_string_append(
		    content->noted, "winmail.dat could not be unpacked\n");
		return;
	}
	use_tnef_body(content, tnef);
	while (tnef->files->len > 0) {
		struct ticket_file *file =
		    g_ptr_array_steal_index(tnef->files, 0);

		content->unpacked += g_bytes_get_size(file->bytes);
		convert_add_file(content, file);
	}
	if (tnef->cut)
		g_string_append(content->noted,
		    "winmail.dat is larger or more broken than is unpacked\n");
}

static void
show_invite(
    struct convert_content *content, const struct part *part, GBytes *bytes)
{
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);
	g_autofree char *text =
	    part->text != NULL
		? g_strdup(part->text)
		: g_utf8_make_valid(data != NULL ? data : "", (gssize)length);
	g_autofree char *summary = invite_summary(text, strlen(text));

	/* Many programs send the same twice, as a part and as a file. */
	if (summary != NULL && strstr(content->shown->str, summary) == NULL)
		g_string_append(content->shown, summary);
}

/* --- parts --- */

static void
read_part(struct convert_content *content, struct message *message, guint index,
    guint seals)
{
	const struct part *part = message_part(message, index);
	g_autoptr(GBytes) bytes = message_part_bytes(message, index, NULL);
	struct ticket_file *file;

	if (bytes == NULL) {
		convert_leave_out(content,
		    part->filename != NULL ? part->filename : "a part",
		    part->type, "too large");
		return;
	}
	say_kind(content, sealed_part(part->type));
	if (sealed_is_smime(part->type))
		open_smime(content, bytes, seals);
	else if (tnef_is(part->type, part->filename))
		open_tnef(content, bytes);
	else if (invite_is(part->type, part->filename))
		show_invite(content, part, bytes);
	file = ticket_file_new(part->filename, part->type, bytes);
	file->content_id = g_strdup(part->content_id);
	convert_add_file(content, file);
}

/* Files that stand in the text become files. */
static void
add_text(struct convert_content *content, const char *text)
{
	g_autoptr(GPtrArray) files =
	    g_ptr_array_new_with_free_func(ticket_file_free);
	g_autofree char *rest =
	    uuencode_take(text, unpacked_most(content), files);

	join_text(content->text, rest != NULL ? rest : text);
	while (files->len > 0) {
		struct ticket_file *file = g_ptr_array_steal_index(files, 0);

		content->unpacked += g_bytes_get_size(file->bytes);
		file->type = convert_found_type(content, file->bytes);
		if (file->type == NULL)
			file->type = g_strdup("application/octet-stream");
		convert_add_file(content, file);
	}
}

static void
read_text(struct convert_content *content, struct message *message)
{
	enum sealed_kind kind;
	const char *text = message_text(message);
	g_autofree char *shown = sealed_armour_text(text, &kind);

	say_kind(content, kind);
	add_text(content, shown != NULL ? shown : text);
	/* The HTML has the armour still, and perhaps nothing else. */
	if (shown == NULL && content->html == NULL)
		content->html = g_strdup(message_html(message));
}

static void
read_message(
    struct convert_content *content, struct message *message, guint seals)
{
	read_text(content, message);
	for (guint i = 0; i < message_part_count(message); i++) {
		if (message_part(message, i)->attachment)
			read_part(content, message, i, seals);
	}
	if ((message_oddities(message) & MESSAGE_ODD_TRUNCATED) != 0) {
		g_string_append(content->noted,
		    "The message is larger or built deeper than is read; "
		    "something of it may be missing here.\n");
		content->left_out = TRUE;
	}
}

struct convert_content *
convert_content_new(const struct convert_context *context,
    const struct convert_terms *terms, struct ticket *ticket,
    struct message *message)
{
	struct convert_content *content = g_new0(struct convert_content, 1);

	content->context = context;
	content->terms = terms;
	content->ticket = ticket;
	content->text = g_string_new(NULL);
	content->shown = g_string_new(NULL);
	content->noted = g_string_new(NULL);
	read_message(content, message, 0);
	return content;
}

void
convert_content_free(struct convert_content **content)
{
	if (*content == NULL)
		return;
	g_string_free((*content)->text, TRUE);
	g_string_free((*content)->shown, TRUE);
	g_string_free((*content)->noted, TRUE);
	g_free((*content)->html);
	g_clear_pointer(content, g_free);
}

/* --- the ticket --- */

/* An image that the HTML does not show is a file like others. */
static void
keep_shown_ids(struct ticket *ticket, const GPtrArray *shown)
{
	for (guint i = 0; i < ticket->files->len; i++) {
		struct ticket_file *file = ticket->files->pdata[i];

		if (file->content_id != NULL &&
		    (shown == NULL ||
			!g_ptr_array_find_with_equal_func((GPtrArray *)shown,
			    file->content_id, g_str_equal, NULL)))
			g_clear_pointer(&file->content_id, g_free);
	}
}

static void
set_html(struct convert_content *content)
{
	g_autoptr(GPtrArray) known = g_ptr_array_new();
	struct html_clean_limits limits = html_clean_limits_default;
	struct html_clean *clean OWNED(html_clean_free) = NULL;
	struct ticket *ticket = content->ticket;

	for (guint i = 0; i < ticket->files->len; i++) {
		const struct ticket_file *file = ticket->files->pdata[i];

		if (file->content_id != NULL)
			g_ptr_array_add(known, file->content_id);
	}
	limits.bytes = content->context->limits.text_bytes;
	if (content->html != NULL)
		clean = html_clean_read(
		    content->html, strlen(content->html), known, &limits);
	if (clean != NULL) {
		ticket->html = g_strdup(clean->html);
		if (clean->cut)
			convert_leave_out(content, "the end of the HTML",
			    "text/html", "too large");
	}
	keep_shown_ids(ticket, clean != NULL ? clean->images : NULL);
}

/* Where there is nothing to read, that is said: some desks refuse an empty
 * text. */
static void
add_shown(struct convert_content *content)
{
	struct ticket *ticket = content->ticket;
	const char *shown = g_strchomp(content->shown->str);

	if (*shown != '\0')
		ticket_add_lines(ticket, shown);
	else if (ticket->text[strspn(ticket->text, " \t\r\n")] == '\0') {
		g_free(ticket->text);
		ticket->text = g_strdup("(no text)");
	}
}

void
convert_content_end(struct convert_content *content)
{
	struct ticket *ticket = content->ticket;

	set_html(content);
	add_shown(content);
	ticket->partial = content->left_out && !content->blocked;
	if (ticket->partial)
		g_string_append(content->noted,
		    "The raw source is attached, with all that is in it.");
	else if (content->left_out)
		g_string_append(content->noted,
		    "The raw source is not attached, since blocked files are "
		    "in it.");
	g_strchomp(content->noted->str);
}
