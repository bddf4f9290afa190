/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a message to its features: grams here, structured tokens in tokens_*.c.
 *
 * The header is read as it was sent (canonical.h), so that a copy from a
 * mailbox teaches what the milter scored; the body as people read it, decoded,
 * without HTML, blanks squeezed, with link targets first, since those cannot be
 * left out by a spammer.  Where there is plain text and HTML
 * both are read: what a mail program shows is the HTML, and what is in the
 * other may be there for filters.
 */
#include <string.h>

#include "classifier/canonical.h"
#include "classifier/features_private.h"
#include "classifier/score.h"
#include "lib/base/gram.h"

#define HEADER_BYTES 2500
#define NAME_BYTES 80
#define SUBJECT_BYTES 400
#define BODY_BYTES 1500
#define LINKS_MOST 20
#define MARKUP_BYTES 6144
#define LINK_BYTES 80
#define TOKEN_BYTES FEATURES_TOKEN_BYTES
/* Texts that begin alike for so long are the same. */
#define SAME_BYTES 300
#define PREFIX_BYTES 40
#define SORT_BITS 12
G_STATIC_ASSERT(FEATURES_ROOM <= G_MAXUINT16);

/* In the lowest bit of the digest (score.h). */
static guint8
side_of(const struct feature_kind *kind)
{
	return kind->says ? SCORE_SAYS : SCORE_CAME;
}

void
feature_add(struct feature_sink *sink, const struct feature_kind *kind,
    const char *text, gsize length)
{
	char token[2 + PREFIX_BYTES + TOKEN_BYTES + DIGEST_BATCH_SLACK];
	guint64 *digest = &sink->digests[sink->n];
	char *end = token;

	if (sink->n >= sink->most)
		return;
	length = MIN(length, TOKEN_BYTES);
	*end++ = 'T';
	/* A few characters: less than a call. */
	for (const char *prefix = kind->prefix; *prefix != '\0'; prefix++)
		*end++ = *prefix;
	*end++ = '\0';
	g_assert(end - token <= 2 + PREFIX_BYTES);
	memcpy(end, text, length);
	end += length;
	memset(end, 0, DIGEST_BATCH_SLACK);
	digest_batch_add(
	    sink->batch, token, end - token, side_of(kind), digest);
	if (sink->names != NULL)
		feature_names_add(sink->names, kind, text, length, sink->n);
	sink->n++;
}

/* All grams of the text, in their own namespace. */
static void
add_grams(struct feature_sink *sink, const struct feature_kind *kind,
    const char *text, gsize length)
{
	const struct gram_kind gram = { *(const guint8 *)kind->prefix,
		side_of(kind) };
	guint64 *digests = sink->digests + sink->n;
	gsize n;

	length = MIN(length, sink->most - sink->n);
	n = gram_count(length);
	gram_digests(sink->rules->key, gram, text, length, digests);
	if (sink->names != NULL)
		feature_names_add_grams(sink->names, kind, text, n, sink->n);
	sink->n += n;
}

/* Signatures are noise: each is new. */
static gboolean
is_signature(const char *name)
{
	return g_ascii_strcasecmp(name, "DKIM-Signature") == 0 ||
	       g_ascii_strcasecmp(name, "DomainKey-Signature") == 0 ||
	       g_ascii_strncasecmp(name, "X-Google-", 9) == 0;
}

static void
header_grams(struct feature_sink *sink)
{
	static const struct feature_kind kind = { "header", "H", NULL };
	const struct message *message = sink->message;
	g_autoptr(GString) block = g_string_sized_new(HEADER_BYTES + 256);

	for (guint f = 0; f < sink->fields->len && block->len < HEADER_BYTES;
	     f++) {
		guint i = g_array_index(sink->fields, guint, f);
		const char *name = message_header_name(message, i);
		const char *raw = message_header_raw(message, i);

		if (is_signature(name))
			continue;
		g_string_append(block, name);
		g_string_append_c(block, ':');
		while (*raw != '\0' && block->len < HEADER_BYTES) {
			gsize take = strchrnul(raw, '\r') - raw;

			g_string_append_len(
			    block, raw, MIN(take, HEADER_BYTES - block->len));
			raw += take;
			raw += *raw == '\r';
		}
		g_string_append_c(block, '\n');
	}
	add_grams(sink, &kind, block->str, MIN(block->len, HEADER_BYTES));
}

/* Runs of blanks become one, and the ">" of an mbox before "From " goes; behind
 * any blank, since HTML's lines are joined by now.  `out` becomes `most` bytes
 * at most. */
static void
append_squeezed(GString *out, const char *text, gsize most)
{
	gboolean blank = FALSE, begins = TRUE;
	gsize before = out->len;
	char *to, *end;

	if (before >= most)
		return;
	/* Room for all of it, so that nothing is asked for byte by byte. */
	g_string_set_size(out, most + 1);
	to = out->str + before;
	end = out->str + most;
	for (; *text != '\0' && to < end; text++) {
		gsize quotes = begins && *text == '>' ? strspn(text, ">") : 0;

		if (quotes > 0 && strncmp(text + quotes, "From ", 5) == 0)
			text += quotes;
		begins = g_ascii_isspace(*text);
		if (begins) {
			blank = TRUE;
			continue;
		}
		if (blank && to > out->str && to[-1] != ' ')
			*to++ = ' ';
		blank = FALSE;
		*to++ = *text;
	}
	g_string_truncate(out, to - out->str);
}

static void
append_parts(const struct message *message, GString *out)
{
	for (guint i = 0;
	     i < message_part_count(message) && out->len < BODY_BYTES; i++) {
		const struct part *part = message_part(message, i);

		if (part->text == NULL)
			g_string_append_printf(out, "[%.60s][%.40s]",
			    part->type,
			    part->filename != NULL ? part->filename : "");
	}
}

/* Name and subject as people read them: in the header they may be encoded. */
static void
subject_grams(struct feature_sink *sink)
{
	static const struct feature_kind kind = { "text", "S", NULL, TRUE };
	const GPtrArray *from = message_addresses(sink->message, "From");
	g_autoptr(GString) text = g_string_sized_new(512);

	if (from->len > 0)
		append_squeezed(text,
		    ((const struct addr *)from->pdata[0])->name, NAME_BYTES);
	g_string_append_c(text, ' ');
	append_squeezed(text, message_subject(sink->message), SUBJECT_BYTES);
	add_grams(sink, &kind, text->str, text->len);
}

static void
body_grams(struct feature_sink *sink)
{
	static const struct feature_kind kind = { "text", "B", NULL, TRUE };
	struct message *message = sink->message;
	g_autoptr(GString) body = g_string_sized_new(BODY_BYTES + 256);

	for (guint i = 0; i < MIN(sink->links->len, LINKS_MOST); i++) {
		const char *link = sink->links->pdata[i];

		g_string_append_len(body, link, MIN(strlen(link), LINK_BYTES));
		g_string_append_c(body, ' ');
	}
	append_squeezed(body, message_text(message), BODY_BYTES);
	append_parts(message, body);
	add_grams(sink, &kind, body->str, MIN(body->len, BODY_BYTES));
	if (sink->other_text == NULL)
		return;
	g_string_truncate(body, 0);
	append_squeezed(body, sink->other_text, BODY_BYTES);
	add_grams(sink, &kind, body->str, MIN(body->len, BODY_BYTES));
}

/* The HTML's text when message_text is not made of it. */
static const char *
other_text(struct message *message, const struct html *html)
{
	const char *text = message_text(message);

	if (html == NULL || strncmp(html->text, text, SAME_BYTES) == 0)
		return NULL;
	return html->text;
}

/*
 * Sorts `digests` into `sorted_r`.  They are spread evenly, so that those which
 * are alike in their high bits are one or two: what is left to be sorted then
 * is nearly in order.  (A general sort took a third of the time of a message.)
 */
static void
sort(const guint64 *digests, guint n, guint64 *sorted_r)
{
	guint16 places[1 << SORT_BITS] = { 0 };
	guint16 place = 0;
	guint64 before = 0; /* the last in order: no load waits for a store */

	for (guint i = 0; i < n; i++)
		places[digests[i] >> (64 - SORT_BITS)]++;
	for (guint high = 0; high < G_N_ELEMENTS(places); high++) {
		guint16 count = places[high];

		places[high] = place;
		place += count;
	}
	for (guint i = 0; i < n; i++)
		sorted_r[places[digests[i] >> (64 - SORT_BITS)]++] = digests[i];
	for (guint i = 0; i < n; i++) {
		guint64 digest = sorted_r[i];
		guint at = i;

		if (before <= digest) {
			before = digest;
			continue;
		}
		for (; at > 0 && sorted_r[at - 1] > digest; at--)
			sorted_r[at] = sorted_r[at - 1];
		sorted_r[at] = digest;
	}
}

/* Sorted, each once, the smallest FEATURES_MAX: digests are random to who does
 * not know the key, so that is a fair choice when there are too many. */
static void
settle(const guint64 *digests, guint n, struct features *features_r)
{
	guint64 *kept = g_new(guint64, n + 1);
	guint count = 0;

	sort(digests, n, kept);
	/* Without a branch, which would be guessed wrongly at each double. */
	for (guint i = 0; i < n; i++) {
		kept[count] = kept[i];
		count += i + 1 == n || kept[i] != kept[i + 1];
	}
	features_r->digests = kept;
	features_r->n = MIN(count, FEATURES_MAX);
}

struct message *
features_read(const guint8 *data, gsize length,
    const struct message_limits *limits, GError **error)
{
	struct message_limits less = *limits;

	less.markup_bytes = MIN(less.markup_bytes, MARKUP_BYTES);
	return message_parse(data, length, &less, error);
}

void
features_extract(struct message *message, const struct features_rules *rules,
    struct feature_names *names, struct features *features_r)
{
	const struct html *html = message_markup(message);
	g_autoptr(GPtrArray) links = tokens_links(message, html);
	g_autoptr(GArray) fields =
	    canonical_fields(message, rules->local_domains);
	g_autofree guint64 *digests = g_new(guint64, FEATURES_ROOM);
	struct digest_batch batch;
	struct feature_sink sink = { .rules = rules,
		.batch = &batch,
		.names = names,
		.message = message,
		.fields = fields,
		.html = html,
		.other_text = other_text(message, html),
		.links = links,
		.digests = digests,
		.most = FEATURES_ROOM };

	digest_batch_begin(&batch, rules->key);
	if (!rules->body_only) {
		header_grams(&sink);
		subject_grams(&sink);
	}
	body_grams(&sink);
	sink.most = FEATURES_ROOM / 2;
	if (!rules->body_only)
		tokens_header(&sink);
	sink.most = FEATURES_ROOM;
	tokens_body(&sink);
	digest_batch_end(&batch);
	if (names != NULL)
		feature_names_settle(names, digests);
	settle(digests, sink.n, features_r);
}

void
features_clear(struct features *features)
{
	g_clear_pointer(&features->digests, g_free);
	features->n = 0;
}
