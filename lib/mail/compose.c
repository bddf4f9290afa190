/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing mail of our own, by GMime.  What must not be done with received parts
 * (message.c: its encoders can hang) is safe here: the parts are ours, one of
 * plain text, without parameters of others.
 */
#include "lib/mail/compose.h"

#include <gmime/gmime.h>

#include "lib/base/err.h"
#include "lib/base/ident.h"
#include "lib/base/seal.h"
#include "lib/base/unicode.h"
#include "lib/mail/addr.h"

/* A subject or a name may not be longer: some programs cut there. */
#define LINE_MOST 500
/* RFC 5322 section 2.1.1: a line is at most 998 bytes. */
#define WORD_MOST 900

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeFormatOptions, g_mime_format_options_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeDataWrapper, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeMessage, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimePart, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)

char *
compose_new_id(const char *address)
{
	const char *domain = addr_domain(address);
	char digits[IDENT_TEXT];
	struct ident random;

	seal_random(random.bytes, sizeof random.bytes);
	ident_text(&random, digits);
	return g_strdup_printf(
	    "%s@%s", digits, domain[0] != '\0' ? domain : "localhost");
}

/* A word that stands in a header as it is. */
static gboolean
word_is_fit(const char *word)
{
	if (word == NULL || word[0] == '\0' || strlen(word) > WORD_MOST)
		return FALSE;
	for (const char *at = word; *at != '\0'; at++)
		if (!g_ascii_isgraph(*at) || strchr("<>", *at) != NULL)
			return FALSE;
	return TRUE;
}

static gboolean
check(const struct compose *mail, GError **error)
{
	if (mail->from == NULL || !addr_valid(mail->from))
		return err_set(error, DG_ERROR_BAD,
		    "the sender of a mail of ours is no address");
	if (mail->reply_to != NULL && !addr_valid(mail->reply_to))
		return err_set(error, DG_ERROR_BAD,
		    "where a mail of ours is answered to is no address");
	if (mail->to == NULL || !addr_valid(mail->to))
		return err_set(error, DG_ERROR_BAD,
		    "the recipient of a mail of ours is no address");
	if (!word_is_fit(mail->auto_submitted) || !word_is_fit(mail->loop))
		return err_set(error, DG_ERROR_BAD,
		    "Auto-Submitted or " COMPOSE_LOOP " is not one word");
	if ((mail->message_id != NULL && !word_is_fit(mail->message_id)) ||
	    (mail->in_reply_to != NULL && !word_is_fit(mail->in_reply_to)))
		return err_set(error, DG_ERROR_BAD,
		    "a mail of ours has an id that cannot stand in a header");
	return TRUE;
}

static void
add_address(GMimeMessage *message, GMimeAddressType type, const char *name,
    const char *address)
{
	g_autofree char *line =
	    unicode_line(name != NULL ? name : "", LINE_MOST);

	g_mime_message_add_mailbox(
	    message, type, line[0] != '\0' ? line : NULL, address);
}

static void
set_id(GMimeObject *object, const char *field, const char *id)
{
	g_autofree char *value = g_strdup_printf("<%s>", id);

	g_mime_object_set_header(object, field, value, NULL);
}

static void
set_fields(GMimeMessage *message, const struct compose *mail)
{
	GMimeObject *object = GMIME_OBJECT(message);
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(mail->date);
	g_autofree char *subject = unicode_line(mail->subject, LINE_MOST);
	g_autofree char *made =
	    mail->message_id == NULL ? compose_new_id(mail->from) : NULL;

	add_address(
	    message, GMIME_ADDRESS_TYPE_FROM, mail->from_name, mail->from);
	add_address(message, GMIME_ADDRESS_TYPE_TO, NULL, mail->to);
	if (mail->reply_to != NULL)
		add_address(
		    message, GMIME_ADDRESS_TYPE_REPLY_TO, NULL, mail->reply_to);
	g_mime_message_set_subject(message, subject, "utf-8");
	if (date != NULL)
		g_mime_message_set_date(message, date);
	set_id(object, "Message-Id", made != NULL ? made : mail->message_id);
	if (mail->in_reply_to != NULL) {
		set_id(object, "In-Reply-To", mail->in_reply_to);
		set_id(object, "References", mail->in_reply_to);
	}
	g_mime_object_set_header(
	    object, "Auto-Submitted", mail->auto_submitted, NULL);
	g_mime_object_set_header(object, COMPOSE_LOOP, mail->loop, NULL);
}

static void
set_text(GMimeMessage *message, const char *text)
{
	g_autofree char *valid = unicode_repair(text, -1);
	g_autoptr(GMimeStream) stream =
	    g_mime_stream_mem_new_with_buffer(valid, strlen(valid));
	g_autoptr(GMimeDataWrapper) content =
	    g_mime_data_wrapper_new_with_stream(
		stream, GMIME_CONTENT_ENCODING_DEFAULT);
	g_autoptr(GMimePart) part = g_mime_part_new_with_type("text", "plain");

	g_mime_object_set_content_type_parameter(
	    GMIME_OBJECT(part), "charset", "utf-8");
	g_mime_part_set_content(part, content);
	g_mime_part_set_content_encoding(
	    part, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	g_mime_message_set_mime_part(message, GMIME_OBJECT(part));
}

GBytes *
compose_message(const struct compose *mail, GError **error)
{
	g_autoptr(GMimeMessage) message = NULL;
	g_autoptr(GMimeFormatOptions) format = NULL;
	g_autofree char *text = NULL;

	if (!check(mail, error))
		return NULL;
	message = g_mime_message_new(TRUE);
	set_fields(message, mail);
	set_text(message, mail->text);
	format = g_mime_format_options_new();
	g_mime_format_options_set_newline_format(
	    format, GMIME_NEWLINE_FORMAT_DOS);
	text = g_mime_object_to_string(GMIME_OBJECT(message), format);
	return g_bytes_new(text, strlen(text));
}
