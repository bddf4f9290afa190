/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is the sender's and what was added on our side.
 *
 * Received fields cannot be left out as a whole: by which way a message came is
 * among the best evidence.  But each delivery adds its own on top, so those are
 * told by the host that wrote them.
 */
#include "classifier/canonical.h"

#include <string.h>

#include "classifier/features.h"
#include "lib/base/seal.h"

/* Bytes of the body that name a lesson: enough to tell messages apart, and the
 * same whether a copy was cut at max-scan-size or not. */
#define IDENT_BODY 65536

/* Most names are told apart by their first three letters, and then nothing is
 * called.  `known` has as many. */
static inline gboolean
begins_alike(const char *name, const char *known)
{
	return (name[0] | 0x20) == (known[0] | 0x20) &&
	       (name[1] | 0x20) == (known[1] | 0x20) &&
	       (name[2] | 0x20) == (known[2] | 0x20);
}

gboolean
canonical_is_local(const char *name)
{
	static const char *const names[] = { "Delivered-To", "X-Original-To",
		"Delivery-Date", "Envelope-To", "Return-Path", "Status",
		"Content-Length", "Lines", "Xref", "X-Status", "X-UID",
		"X-UIDL", "X-Keywords", "X-Bogosity", "X-IMAP", "X-IMAPbase",
		"X-Evolution", "X-Sieve", "X-Delivery-Time", "X-Scanned-By",
		"Authentication-Results", "Received-SPF", "DKIM-Filter",
		"DMARC-Filter", "X-Quarantine-ID", "X-ACL-Warn", "X-Antivirus",
		"X-Antivirus-Status", "X-TUID", "X-Account-Key", "Deliver-To" };
	static const char *const prefixes[] = { "X-Deskgate-", "X-Spam",
		"X-Rspamd-", "X-DSPAM-", "X-Virus-", "X-Amavis-", "X-Mozilla-",
		"X-Envelope-", "X-MailScanner", "X-Greylist", "X-GMail-",
		"X-GM-", "X-MS-Exchange-Organization-", "X-SA-Exim-",
		"X-CRM114-", "X-Evolution-", "X-KMail-", "ARC-" };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		if (begins_alike(name, names[i]) &&
		    g_ascii_strcasecmp(name, names[i]) == 0)
			return TRUE;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++) {
		if (begins_alike(name, prefixes[i]) &&
		    g_ascii_strncasecmp(
			name, prefixes[i], strlen(prefixes[i])) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_received(const struct message *message, guint index)
{
	return g_ascii_strcasecmp(
		   message_header_name(message, index), "Received") == 0;
}

/* The host behind "by", outside of comments; its length is 0 when there is
 * none. */
static const char *
by_host(const char *value, gsize *length_r)
{
	static const char ends[] = " \t\r\n();";
	gboolean by = FALSE;
	guint depth = 0;

	for (const char *at = value; *at != '\0';) {
		gsize length = strcspn(at, ends);

		if (length == 0) {
			depth += *at == '(';
			depth -= *at == ')' && depth > 0;
			at++;
			continue;
		}
		if (depth == 0 && by) {
			*length_r = length;
			return at;
		}
		by = depth == 0 && length == 2 &&
		     g_ascii_strncasecmp(at, "by", 2) == 0;
		at += length;
	}
	*length_r = 0;
	return value;
}

/* `host` is `domain` or stands under it. */
static gboolean
is_under(const char *host, gsize length, const char *domain)
{
	gsize tail = strlen(domain);

	return length >= tail && tail > 0 &&
	       g_ascii_strncasecmp(host + length - tail, domain, tail) == 0 &&
	       (length == tail || host[length - tail - 1] == '.');
}

guint
canonical_local_hops(const struct message *message, const char *const *domains)
{
	static const char *const own[] = { "localhost", "localhost.localdomain",
		"127.0.0.1", "[127.0.0.1]", NULL };
	guint hops = 0;

	for (guint i = 0; i < message_header_count(message); i++) {
		const char *host;
		gboolean local = FALSE;
		gsize length;

		if (!is_received(message, i))
			continue;
		host = by_host(message_header_raw(message, i), &length);
		for (guint d = 0; own[d] != NULL && !local; d++)
			local = length == strlen(own[d]) &&
				is_under(host, length, own[d]);
		for (guint d = 0;
		     domains != NULL && domains[d] != NULL && !local; d++)
			local = is_under(host, length, domains[d]);
		if (!local)
			break;
		hops++;
	}
	return hops;
}

GArray *
canonical_fields(const struct message *message, const char *const *domains)
{
	guint n = message_header_count(message);
	guint hops = canonical_local_hops(message, domains);
	GArray *fields = g_array_sized_new(FALSE, FALSE, sizeof(guint), n);

	for (guint i = 0; i < n; i++) {
		if (hops > 0 && is_received(message, i))
			hops--;
		else if (!canonical_is_local(message_header_name(message, i)))
			g_array_append_val(fields, i);
	}
	return fields;
}

/* The line without the ">" that stand before "From ". */
static const guint8 *
skip_quotes(const guint8 *line, const guint8 *end)
{
	const guint8 *at = line;

	while (at < end && *at == '>')
		at++;
	return end - at >= 5 && memcmp(at, "From ", 5) == 0 ? at : line;
}

/* Where the pieces of a canonical body go. */
struct body_sink {
	GByteArray *bytes; /* or NULL: only counted */
	gsize length;
	gsize blank; /* line ends at the end of it */
};

static void
take(struct body_sink *sink, const guint8 *piece, gsize length)
{
	gsize ends = 0;

	if (sink->bytes != NULL)
		g_byte_array_append(sink->bytes, piece, length);
	while (ends < length && piece[length - 1 - ends] == '\n')
		ends++;
	sink->blank = ends == length ? sink->blank + ends : ends;
	sink->length += length;
}

/* The next ">" that begins a line, or the end. */
static const guint8 *
next_quote(const guint8 *at, const guint8 *begin, const guint8 *end)
{
	while ((at = memchr(at, '>', end - at)) != NULL) {
		if (at == begin || at[-1] == '\n')
			return at;
		at++;
	}
	return end;
}

static const guint8 *
next_cr(const guint8 *at, const guint8 *end)
{
	const guint8 *cr = memchr(at, '\r', end - at);

	return cr != NULL ? cr : end;
}

/* All but CR and the quotes of mailboxes, as far as there is room. */
static void
take_body(const struct message *message, gsize most, struct body_sink *sink)
{
	gsize length;
	const guint8 *begin = message_body_block(message, &length);
	const guint8 *at = begin, *end = begin + length;
	const guint8 *cr = next_cr(at, end), *quote = next_quote(at, at, end);

	while (sink->length < most) {
		const guint8 *stop = MIN(cr, quote);

		take(sink, at, MIN((gsize)(stop - at), most - sink->length));
		at = stop;
		if (at == end)
			return;
		if (at == cr) {
			at++;
			cr = next_cr(at, end);
		} else {
			at = skip_quotes(at, end);
			quote = next_quote(stop + 1, begin, end);
		}
	}
}

void
canonical_body(const struct message *message, gsize most, GByteArray *out)
{
	struct body_sink sink = { .bytes = out };

	take_body(message, most, &sink);
	g_byte_array_set_size(out, out->len - sink.blank);
}

gsize
canonical_body_length(const struct message *message, gsize most)
{
	struct body_sink sink = { 0 };

	take_body(message, most, &sink);
	return sink.length - sink.blank;
}

static void
add_text(struct seal_digest *digest, const char *text)
{
	seal_digest_add(
	    digest, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

/* The addresses only: mail systems write names and comments in new ways. */
static void
add_from(struct seal_digest *digest, const struct message *message)
{
	const GPtrArray *from = message_addresses(message, "From");

	if (from->len == 0)
		add_text(digest, message_header(message, "From"));
	for (guint i = 0; i < from->len; i++) {
		const struct addr *addr = from->pdata[i];
		g_autofree char *lower = g_ascii_strdown(addr->address, -1);

		add_text(digest, lower);
	}
}

void
canonical_ident(
    const struct message *message, const guint8 *key, struct ident *ident_r)
{
	struct seal_digest *digest =
	    seal_digest_new(key, FEATURES_KEY_BYTES, "lesson");
	g_autoptr(GByteArray) body = g_byte_array_new();
	const char *id = message_id(message);

	if (id == NULL)
		id = message_header(message, "Message-ID");
	add_text(digest, id);
	if (id == NULL)
		add_text(digest, message_header(message, "Subject"));
	add_from(digest, message);
	add_text(digest, message_header(message, "Date"));
	canonical_body(message, IDENT_BODY, body);
	seal_digest_add(
	    digest, body->data != NULL ? body->data : (guint8 *)"", body->len);
	seal_digest_end(&digest, ident_r->bytes, sizeof(ident_r->bytes));
}
