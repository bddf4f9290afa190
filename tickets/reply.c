/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * First the end is taken off: signature, device line, trailing quotes.  Then
 * the first line that introduces a message of others decides: a header or
 * "Original Message" ends what is new; after "Ann wrote:" it depends on whether
 * the quote is followed by text of the writer's own.  Then the new end is taken
 * off again.
 */
#include "tickets/reply.h"

#include <string.h>

#include "tickets/reply_lines.h"

/* Lines below "-- "; more is text of its own. */
#define SIGNATURE_MOST 30
/* Below a rule of underscores: some programs' signatures. */
#define RULED_SIGNATURE_MOST 8
#define RULE_LEAST 5

enum cut { KEPT, CUT, CUT_SIGNATURE };

struct work {
	struct reply_lines *lines;
	guint8 *cut;         /* enum cut, one for each line */
	guint first_text;    /* the first line of text, or G_MAXUINT */
	guint end;           /* behind the last line that is kept so far */
	gboolean introduced; /* somebody "wrote:" */
};

static enum reply_kind
kind_at(const struct work *work, guint index)
{
	return work->lines->line[index].kind;
}

static void
cut_lines(struct work *work, guint from, guint to, enum cut how)
{
	for (guint i = from; i < to; i++) {
		if (work->cut[i] == KEPT)
			work->cut[i] = how;
	}
}

/* Whether a line of the writer's own is kept before `index`: the first of them
 * is never cut. */
static gboolean
has_text_before(const struct work *work, guint index)
{
	return work->first_text < index;
}

static void
cut_end(struct work *work, guint from, enum cut how)
{
	cut_lines(work, from, work->end, how);
	work->end = from;
}

/* --- the end --- */

/* "C> " and "Ann> ": some programs quote with a name. */
static gboolean
is_named_quote(const struct reply_line *line)
{
	gsize letters = 0;

	while (letters < MIN(line->length, 10) &&
	       g_ascii_isalpha(line->at[letters]))
		letters++;
	return letters > 0 && letters < line->length &&
	       line->at[letters] == '>';
}

static gboolean
is_quoted_line(const struct work *work, guint index)
{
	const struct reply_line *line = &work->lines->line[index];

	return line->kind == REPLY_QUOTE ||
	       (work->introduced && is_named_quote(line));
}

/* Empty lines, rules and device lines at the end. */
static gboolean
strip_devices(struct work *work)
{
	guint from = work->end;
	gboolean device = FALSE;

	while (from > 0) {
		enum reply_kind kind = kind_at(work, from - 1);

		if (kind != REPLY_EMPTY && kind != REPLY_RULE &&
		    kind != REPLY_DELIMITER && kind != REPLY_DEVICE)
			break;
		device = device || kind == REPLY_DEVICE;
		from--;
	}
	if (from == work->end || !has_text_before(work, from))
		return FALSE;
	cut_end(work, from, device ? CUT_SIGNATURE : CUT);
	return TRUE;
}

static gboolean
strip_quotes(struct work *work)
{
	guint from = work->end;

	while (from > 0 && (kind_at(work, from - 1) == REPLY_EMPTY ||
			       is_quoted_line(work, from - 1)))
		from--;
	while (from < work->end && kind_at(work, from) == REPLY_EMPTY)
		from++;
	if (from == work->end || !has_text_before(work, from))
		return FALSE;
	cut_end(work, from, CUT);
	return TRUE;
}

static gboolean
begins_signature(const struct work *work, guint index, guint below)
{
	const struct reply_line *line = &work->lines->line[index];

	if (line->kind == REPLY_DELIMITER)
		return below <= SIGNATURE_MOST;
	return line->kind == REPLY_RULE && *line->at == '_' &&
	       line->length >= RULE_LEAST && below <= RULED_SIGNATURE_MOST;
}

/* From "-- " down, if what follows is short and is nothing but text. */
static gboolean
strip_signature(struct work *work)
{
	guint below = 0;

	for (guint i = work->end; i > 0 && below <= SIGNATURE_MOST; i--) {
		enum reply_kind kind = kind_at(work, i - 1);

		if (kind == REPLY_QUOTE || kind == REPLY_ATTRIBUTION ||
		    kind == REPLY_MARK || kind == REPLY_HEADER)
			return FALSE;
		if (begins_signature(work, i - 1, below)) {
			if (!has_text_before(work, i - 1))
				return FALSE;
			cut_end(work, i - 1, CUT_SIGNATURE);
			return TRUE;
		}
		below += kind != REPLY_EMPTY;
	}
	return FALSE;
}

static void
strip_end(struct work *work)
{
	while (
	    strip_devices(work) || strip_signature(work) || strip_quotes(work))
		continue;
}

/* --- introductions --- */

/* Behind the run of lines that are of this kind or empty. */
static guint
run_end(const struct work *work, guint from, enum reply_kind kind)
{
	guint end = from;

	for (guint i = from; i < work->end; i++) {
		if (kind_at(work, i) == kind)
			end = i + 1;
		else if (kind_at(work, i) != REPLY_EMPTY)
			break;
	}
	return end;
}

/* Looked for from the end, where text mostly is. */
static gboolean
has_kind(const struct work *work, guint from, guint to, enum reply_kind kind)
{
	while (to > from) {
		if (kind_at(work, --to) == kind)
			return TRUE;
	}
	return FALSE;
}

static guint
find_first_text(const struct work *work)
{
	for (guint i = 0; i < work->end; i++) {
		if (kind_at(work, i) == REPLY_TEXT)
			return i;
	}
	return G_MAXUINT;
}

/* The attribution [from, to) is met; returns where to go on. */
static guint
take_attribution(struct work *work, guint from, guint to)
{
	gboolean after_text = has_text_before(work, from);
	guint quote_end = run_end(work, to, REPLY_QUOTE);
	gboolean more = has_kind(work, quote_end, work->end, REPLY_TEXT);

	if (after_text && (quote_end == to || !more)) {
		cut_end(work, from, CUT);
		return work->end;
	}
	if (!after_text && !more)
		return work->end;
	/* All that is quoted stands above: the answer is below. */
	if (!after_text && quote_end > to &&
	    !has_kind(work, quote_end, work->end, REPLY_QUOTE)) {
		cut_lines(work, from, quote_end, CUT);
		return quote_end;
	}
	cut_lines(work, from, to, CUT);
	return to;
}

/* "Original Message" or a header is met: what follows is another's; at the top
 * it is a message that was passed on. */
static void
take_message(struct work *work, guint from)
{
	if (has_text_before(work, from))
		cut_end(work, from, CUT);
}

static void
take_introductions(struct work *work)
{
	for (guint i = 0; i < work->end;) {
		switch (kind_at(work, i)) {
		case REPLY_ATTRIBUTION:
			i = take_attribution(
			    work, i, run_end(work, i, REPLY_ATTRIBUTION));
			break;
		case REPLY_MARK:
		case REPLY_HEADER:
			take_message(work, i);
			return;
		default:
			i++;
			break;
		}
	}
}

/* --- the result --- */

static void
add_line(GString **out, const struct reply_line *line)
{
	if (*out == NULL)
		*out = g_string_new(NULL);
	g_string_append_len(*out, line->at, line->length);
	g_string_append_c(*out, '\n');
}

/* Without the empty lines around it; NULL stays NULL. */
static char *
finish(GString *lines)
{
	char *text, *start;

	if (lines == NULL)
		return NULL;
	text = g_strchomp(g_string_free(lines, FALSE));
	start = text;
	for (char *at = text; g_ascii_isspace(*at); at++) {
		if (*at == '\n')
			start = at + 1;
	}
	memmove(text, start, strlen(start) + 1);
	return text;
}

static struct reply *
collect(const struct work *work)
{
	struct reply *reply = g_new0(struct reply, 1);
	GString *text = g_string_new(NULL), *quoted = NULL, *signature = NULL;

	for (guint i = 0; i < work->lines->count; i++) {
		const struct reply_line *line = &work->lines->line[i];

		if (work->cut[i] == KEPT)
			add_line(&text, line);
		else
			add_line(&quoted, line);
		if (work->cut[i] == CUT_SIGNATURE)
			add_line(&signature, line);
	}
	reply->text = finish(text);
	reply->quoted = finish(quoted);
	reply->signature = finish(signature);
	return reply;
}

struct reply *
reply_trim(const char *text, const GArray *marks)
{
	struct work work = { .lines = reply_lines_read(text, marks) };
	struct reply *reply;

	work.end = work.lines->count;
	work.cut = g_new0(guint8, work.end + 1);
	work.first_text = find_first_text(&work);
	work.introduced = has_kind(&work, 0, work.end, REPLY_ATTRIBUTION);
	strip_end(&work);
	take_introductions(&work);
	strip_end(&work);
	reply = collect(&work);
	g_free(work.cut);
	reply_lines_free(&work.lines);
	return reply;
}

void
reply_free(struct reply **reply)
{
	if (*reply == NULL)
		return;
	g_free((*reply)->text);
	g_free((*reply)->quoted);
	g_free((*reply)->signature);
	g_clear_pointer(reply, g_free);
}

gboolean
reply_is(const char *subject, gboolean refers)
{
	g_autofree char *folded = NULL;

	if (refers)
		return TRUE;
	folded = reply_words_fold(subject, strlen(subject));
	return reply_words_prefix(folded) == REPLY_PREFIX_REPLY;
}
