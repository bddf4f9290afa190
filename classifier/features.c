/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a message to its features: grams here, structured tokens in tokens_*.c.
 *
 * The canonical message: header fields as they came, without those that a mail
 * system on our side adds or a mailbox keeps (so that a copy from a mailbox
 * teaches what the milter scored); the body as people read it, decoded, without
 * HTML, blanks squeezed, with link targets first, since those cannot be left
 * out by a spammer.
 */
#include "classifier/features_private.h"

#include <string.h>

#include "lib/base/seal.h"

#define GRAM 6
#define HEADER_BYTES 2500
#define BODY_BYTES 2500
#define LINKS_MOST 20
#define LINK_BYTES 80
#define TOKEN_BYTES 128

gboolean
feature_is_local(const char *name)
{
	static const char *const names[] = { "Delivered-To", "X-Original-To",
		"Return-Path", "Status", "X-Status", "X-UID", "X-UIDL",
		"X-Keywords", "Content-Length", "Lines", "X-Bogosity",
		"Authentication-Results", "X-IMAP", "X-Mozilla-Status",
		"X-Mozilla-Status2", "X-Mozilla-Keys", "X-Evolution", "Xref" };
	static const char *const prefixes[] = { "X-Deskgate-", "X-Spam-",
		"X-Rspamd-", "X-DSPAM-", "X-SpamProbe", "X-Virus-", "ARC-" };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		if (g_ascii_strcasecmp(name, names[i]) == 0)
			return TRUE;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++) {
		if (g_ascii_strncasecmp(
			name, prefixes[i], strlen(prefixes[i])) == 0)
			return TRUE;
	}
	return FALSE;
}

static void
add_digest(struct feature_sink *sink, guint64 digest)
{
	if (sink->n < FEATURES_ROOM)
		sink->digests[sink->n++] = digest;
}

void
feature_add(struct feature_sink *sink, const char *part, const char *prefix,
    const char *text, gsize length)
{
	char token[1 + 16 + TOKEN_BYTES];
	gsize prefix_length = strlen(prefix);
	guint64 digest;

	g_assert(prefix_length <= 16);
	length = MIN(length, TOKEN_BYTES);
	token[0] = 'T';
	memcpy(token + 1, prefix, prefix_length);
	memcpy(token + 1 + prefix_length, text, length);
	digest = seal_short(sink->key, token, 1 + prefix_length + length);
	add_digest(sink, digest);
	if (sink->witness != NULL)
		sink->witness(sink->self, digest, part, text, length);
}

/* Byte 6-grams in their own namespace; a witness gets the text around each. */
static void
add_grams(struct feature_sink *sink, char space, const char *part,
    const char *text, gsize length)
{
	char gram[1 + GRAM];

	gram[0] = space;
	for (gsize i = 0; i + GRAM <= length; i++) {
		guint64 digest;

		memcpy(gram + 1, text + i, GRAM);
		digest = seal_short(sink->key, gram, sizeof(gram));
		add_digest(sink, digest);
		if (sink->witness != NULL) {
			gsize from = i > 10 ? i - 10 : 0;

			sink->witness(sink->self, digest, part, text + from,
			    MIN(length - from, 2 * 10 + GRAM));
		}
	}
}

static void
header_grams(struct feature_sink *sink, const struct message *message)
{
	g_autoptr(GString) block = g_string_sized_new(HEADER_BYTES + 256);

	for (guint i = 0;
	     i < message_header_count(message) && block->len < HEADER_BYTES;
	     i++) {
		const char *raw = message_header_raw(message, i);

		if (feature_is_local(message_header_name(message, i)))
			continue;
		g_string_append(block, message_header_name(message, i));
		g_string_append_c(block, ':');
		for (; *raw != '\0' && block->len < HEADER_BYTES; raw++) {
			if (*raw != '\r')
				g_string_append_c(block, *raw);
		}
		g_string_append_c(block, '\n');
	}
	add_grams(
	    sink, 'H', "header", block->str, MIN(block->len, HEADER_BYTES));
}

/* Runs of blanks become one. */
static void
append_squeezed(GString *out, const char *text, gsize most)
{
	gboolean blank = out->len > 0;

	for (; *text != '\0' && out->len < most; text++) {
		if (g_ascii_isspace(*text)) {
			blank = TRUE;
			continue;
		}
		if (blank && out->len > 0)
			g_string_append_c(out, ' ');
		blank = FALSE;
		g_string_append_c(out, *text);
	}
}

static void
body_grams(struct feature_sink *sink, struct message *message)
{
	g_autoptr(GString) body = g_string_sized_new(BODY_BYTES + 256);
	g_autoptr(GPtrArray) links = tokens_links(message, LINKS_MOST);

	for (guint i = 0; i < links->len; i++) {
		g_string_append_len(body, links->pdata[i],
		    MIN(strlen(links->pdata[i]), LINK_BYTES));
		g_string_append_c(body, ' ');
	}
	append_squeezed(body, message_text(message), BODY_BYTES);
	for (guint i = 0;
	     i < message_part_count(message) && body->len < BODY_BYTES; i++) {
		const struct part *part = message_part(message, i);

		if (part->text == NULL)
			g_string_append_printf(body, "[%s][%.40s]", part->type,
			    part->filename != NULL ? part->filename : "");
	}
	add_grams(sink, 'B', "text", body->str, MIN(body->len, BODY_BYTES));
}

/* One pass of a radix sort by the eleven bits from `shift`. */
static void
sort_pass(const guint64 *from, guint64 *to, guint n, guint shift)
{
	guint starts[2048] = { 0 };
	guint at = 0;

	for (guint i = 0; i < n; i++)
		starts[from[i] >> shift & 2047]++;
	for (guint i = 0; i < 2048; i++) {
		guint count = starts[i];

		starts[i] = at;
		at += count;
	}
	for (guint i = 0; i < n; i++)
		to[starts[from[i] >> shift & 2047]++] = from[i];
}

/* Digests are as good as random, so their first 22 bits leave next to nothing
 * for the insertion that ends it; qsort took as long as all else together. */
static void
sort_digests(guint64 *digests, guint64 *spare, guint n)
{
	sort_pass(digests, spare, n, 42);
	sort_pass(spare, digests, n, 53);
	for (guint i = 1; i < n; i++) {
		guint64 digest = digests[i];
		guint to = i;

		for (; to > 0 && digests[to - 1] > digest; to--)
			digests[to] = digests[to - 1];
		digests[to] = digest;
	}
}

void
features_extract(struct message *message, const guint8 *key,
    features_witness witness, void *self, struct features *features_r)
{
	struct feature_sink sink = { key, witness, self,
		g_new(guint64, 2 * FEATURES_ROOM), 0 };
	guint kept = 0;

	tokens_header(&sink, message);
	tokens_body(&sink, message);
	header_grams(&sink, message);
	body_grams(&sink, message);
	sort_digests(sink.digests, sink.digests + FEATURES_ROOM, sink.n);
	for (guint i = 0; i < sink.n; i++) {
		if (i == 0 || sink.digests[i] != sink.digests[i - 1])
			sink.digests[kept++] = sink.digests[i];
	}
	/* Digests are random to who does not know the key: the smallest are a
	 * fair choice when there are too many. */
	features_r->digests = sink.digests;
	features_r->n = MIN(kept, FEATURES_MAX);
}

void
features_clear(struct features *features)
{
	g_clear_pointer(&features->digests, g_free);
	features->n = 0;
}
