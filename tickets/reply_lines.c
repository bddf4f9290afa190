/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Four passes: what a line is by itself; which lines of "Name: value" are a
 * quoted header; which end with "wrote:"; what that makes a quote below.  A
 * line is compared with the tables once, and no look ahead or back is longer
 * than a constant, so that the time is linear.
 */
#include "tickets/reply_lines.h"

#include <string.h>

#include "lib/mail/html.h"

/* Lines that are told apart; what follows them is one piece of text.  A
 * person's letter with all its quotes has some hundreds. */
#define LINES_MOST 20000
/* Bytes of a line that can be anything but text. */
#define LINE_MOST 400
/* Lines of a quoted header, lists of recipients included. */
#define HEADER_LINES_MOST 30
/* Lines that continue one field. */
#define CONTINUED_MOST 3
/* Lines and bytes of "On ... wrote:". */
#define ATTRIBUTION_LINES_MOST 6
#define ATTRIBUTION_MOST 500
/* Bytes of "[...]", letters of "AE>". */
#define LEFT_OUT_MOST 20
#define INITIALS_MOST 4
/* Lines that are tried as the end of one: each try searches the tables. */
#define ATTRIBUTIONS_MOST 500

static struct reply_line *
line_at(struct reply_lines *lines, guint index)
{
	return &lines->line[index];
}

/* --- by itself --- */

static gboolean
is_rule(const char *folded)
{
	return strlen(folded) >= 3 && strchr("-_=~#+", *folded) != NULL &&
	       folded[strspn(folded, "-_=~#+ ")] == '\0';
}

static gboolean
is_delimiter(const char *folded)
{
	return strcmp(folded, "--") == 0 || strcmp(folded, "—") == 0 ||
	       strcmp(folded, "–") == 0;
}

static gboolean
is_quote(const struct reply_line *line)
{
	gsize blanks = 0;

	while (blanks < MIN(line->length, 3) && line->at[blanks] == ' ')
		blanks++;
	return blanks < line->length && line->at[blanks] == '>';
}

static void
describe(struct reply_line *line)
{
	gsize value;

	if (line->length > LINE_MOST) {
		line->kind = is_quote(line) ? REPLY_QUOTE : REPLY_TEXT;
		return;
	}
	line->folded = reply_words_fold(line->at, line->length);
	line->field = reply_words_field(line->folded, &value);
	if (is_quote(line))
		line->kind = REPLY_QUOTE;
	else if (*line->folded == '\0')
		line->kind = strspn(line->at, " \t") >= line->length
				 ? REPLY_EMPTY
				 : REPLY_RULE;
	else if (is_delimiter(line->folded))
		line->kind = REPLY_DELIMITER;
	else if (is_rule(line->folded))
		line->kind = REPLY_RULE;
	else if ((line->mark = reply_words_mark(line->folded)) !=
		 REPLY_MARK_NONE)
		line->kind = REPLY_MARK;
	else
		line->kind = reply_words_device(line->folded) ? REPLY_DEVICE
							      : REPLY_TEXT;
}

static void
split(struct reply_lines *lines, const char *text)
{
	GArray *array = g_array_new(FALSE, TRUE, sizeof(struct reply_line));
	gboolean code = FALSE;

	for (const char *at = text; *at != '\0';) {
		const char *end = strchrnul(at, '\n');
		struct reply_line line = { .at = at };

		if (array->len == LINES_MOST)
			end = at + strlen(at);
		line.length = end - at;
		describe(&line);
		/* What stands between fences is somebody's code. */
		if (g_str_has_prefix(at, "```")) {
			code = !code;
			line.kind = REPLY_TEXT;
		} else if (code && line.kind != REPLY_EMPTY) {
			line.kind = REPLY_TEXT;
		}
		if (line.kind == REPLY_TEXT && code)
			line.field = REPLY_FIELD_NONE;
		g_array_append_val(array, line);
		at = *end != '\0' ? end + 1 : end;
	}
	lines->count = array->len;
	lines->line = (struct reply_line *)g_array_free(array, FALSE);
}

/* --- what the HTML says --- */

static void
apply_mark(struct reply_line *line, const struct html_mark *mark)
{
	if (line->kind == REPLY_EMPTY)
		return;
	switch (mark->kind) {
	case HTML_MARK_QUOTE:
		line->kind = REPLY_QUOTE;
		break;
	case HTML_MARK_INTRO:
		/* Of a forwarded message it holds the header. */
		if (line->kind == REPLY_TEXT && line->field == REPLY_FIELD_NONE)
			line->kind = REPLY_ATTRIBUTION;
		break;
	case HTML_MARK_REST:
		line->kind = REPLY_MARK;
		line->mark = REPLY_MARK_ORIGINAL;
		break;
	}
}

/* Both in order; marks do not overlap. */
static void
apply_marks(struct reply_lines *lines, const char *text, const GArray *marks)
{
	guint next = 0;

	for (guint i = 0; i < lines->count && next < marks->len; i++) {
		gsize start = line_at(lines, i)->at - text;
		const struct html_mark *mark =
		    &g_array_index(marks, struct html_mark, next);

		while (start >= mark->to && ++next < marks->len)
			mark = &g_array_index(marks, struct html_mark, next);
		if (start >= mark->from && start < mark->to)
			apply_mark(line_at(lines, i), mark);
	}
}

/* --- headers --- */

static gboolean
is_field(const struct reply_line *line)
{
	return line->kind == REPLY_TEXT && line->field != REPLY_FIELD_NONE;
}

static guint
count_bits(guint bits)
{
	return (guint)__builtin_popcount(bits);
}

/* Behind the last line of the block that begins at `first`, or `first` where
 * none does.  Who, and two of when, to whom, about what. */
static guint
header_end(struct reply_lines *lines, guint first)
{
	guint most = MIN(lines->count, first + HEADER_LINES_MOST);
	guint seen = 0, end = first, strange = 0;

	for (guint i = first; i < most && strange <= CONTINUED_MOST; i++) {
		const struct reply_line *line = line_at(lines, i);

		if (line->kind == REPLY_EMPTY)
			break;
		strange++;
		if (!is_field(line))
			continue;
		strange = 0;
		seen |= 1u << line->field;
		end = i + 1;
	}
	if ((seen & 1u << REPLY_FIELD_FROM) == 0 ||
	    count_bits(seen & ~(1u << REPLY_FIELD_OTHER)) < 3)
		return first;
	return end;
}

/* A quoted header stands by itself.  Lines of "Name: value" in the middle of
 * others are somebody's list, or the whole header of a mail that he shows. */
static gboolean
may_begin_header(struct reply_lines *lines, guint index)
{
	return is_field(line_at(lines, index)) &&
	       (index == 0 || line_at(lines, index - 1)->kind != REPLY_TEXT);
}

static void
find_headers(struct reply_lines *lines)
{
	for (guint i = 0; i < lines->count;) {
		guint end = i;

		if (may_begin_header(lines, i))
			end = header_end(lines, i);
		for (guint j = i; j < end; j++)
			line_at(lines, j)->kind = REPLY_HEADER;
		i = MAX(end, i + 1);
	}
}

/* --- attributions --- */

static gboolean
quote_follows(struct reply_lines *lines, guint index)
{
	while (++index < lines->count) {
		enum reply_kind kind = line_at(lines, index)->kind;

		if (kind != REPLY_EMPTY)
			return kind == REPLY_QUOTE;
	}
	return FALSE;
}

/* "... wrote:", "... wrote ----", "... napisał(a)" */
static gboolean
may_end(const struct reply_line *line)
{
	gsize length = line->folded != NULL ? strlen(line->folded) : 0;

	return length > 0 && strchr(":-)", line->folded[length - 1]) != NULL;
}

/* A wrapped address leaves ">:" at a line's start, as if it were a quote. */
static gboolean
is_torn(struct reply_lines *lines, guint index)
{
	const struct reply_line *line = line_at(lines, index);

	return line->kind == REPLY_QUOTE && line->length < 40 && index > 0 &&
	       line_at(lines, index - 1)->kind == REPLY_TEXT && may_end(line);
}

/* The line holds the end of an address whose beginning it has not. */
static gboolean
is_rest_of_address(const char *folded)
{
	const char *open = strchr(folded, '<'), *close = strchr(folded, '>');

	return open == folded ||
	       (close != NULL && (open == NULL || close < open));
}

/* One empty line may stand before a torn address. */
static gboolean
may_continue(struct reply_lines *lines, guint from, guint index, guint *empty)
{
	const struct reply_line *line = line_at(lines, index);

	if (index == from || line->kind == REPLY_TEXT)
		return line->folded != NULL;
	return line->kind == REPLY_EMPTY && (*empty)++ == 0 &&
	       is_rest_of_address(line_at(lines, index + 1)->folded);
}

/* Where the attribution that ends at `last` begins; above `last` where there is
 * none.  The nearest line that begins as one does, else the nearest from which
 * on all is there. */
static guint
attribution_start(struct reply_lines *lines, guint last)
{
	g_autoptr(GString) joined = g_string_new(NULL);
	gboolean sure = !quote_follows(lines, last);
	guint found = last + 1, empty = 0;

	for (guint k = 0; k < ATTRIBUTION_LINES_MOST && k <= last; k++) {
		const char *folded = line_at(lines, last - k)->folded;

		if (!may_continue(lines, last, last - k, &empty))
			break;
		g_string_prepend_c(joined, ' ');
		g_string_prepend(joined, folded);
		if (joined->len > ATTRIBUTION_MOST)
			break;
		g_strchomp(joined->str);
		joined->len = strlen(joined->str);
		if (*folded == '\0' ||
		    !reply_words_attribution(joined->str, sure))
			continue;
		if (reply_words_leads(folded))
			return last - k;
		if (found > last && !is_rest_of_address(folded))
			found = last - k;
	}
	return found;
}

/* "2020-05-01 10:00 GMT+02:00 Ann", by itself between empty lines: an old
 * program's, which has no verb. */
static gboolean
is_dated_name(struct reply_lines *lines, guint index)
{
	const struct reply_line *line = line_at(lines, index);

	if (line->kind != REPLY_TEXT || line->folded == NULL ||
	    strspn(line->folded, "0123456789") != 4 ||
	    (line->folded[4] != '-' && line->folded[4] != '/') || index == 0 ||
	    line_at(lines, index - 1)->kind != REPLY_EMPTY ||
	    index + 1 == lines->count ||
	    line_at(lines, index + 1)->kind != REPLY_EMPTY)
		return FALSE;
	return strstr(line->folded, " gmt") != NULL ||
	       (g_str_has_suffix(line->folded, ">") &&
		   strchr(line->folded, '@') != NULL);
}

static void
find_attributions(struct reply_lines *lines)
{
	guint tries = 0;

	for (guint i = 0; i < lines->count && tries < ATTRIBUTIONS_MOST; i++) {
		struct reply_line *line = line_at(lines, i);
		guint start = i + 1;

		if (is_dated_name(lines, i)) {
			start = i;
		} else if ((line->kind == REPLY_TEXT && may_end(line)) ||
			   is_torn(lines, i)) {
			start = attribution_start(lines, i);
			tries++;
		}
		for (; start <= i; start++)
			line_at(lines, start)->kind = REPLY_ATTRIBUTION;
	}
}

/* "[...]", "[snip]", "...": something of the quote was left out. */
static gboolean
is_left_out(const struct reply_line *line)
{
	const char *folded = line->folded;

	if (line->kind != REPLY_TEXT || folded == NULL ||
	    strlen(folded) > LEFT_OUT_MOST)
		return FALSE;
	return (*folded == '[' && g_str_has_suffix(folded, "]")) ||
	       (*folded == '<' && g_str_has_suffix(folded, ">")) ||
	       folded[strspn(folded, ".")] == '\0';
}

/* "AE> ": some programs quote with initials. */
static gboolean
has_initials(const struct reply_line *line)
{
	gsize blanks = 0, letters = 0;

	while (blanks < line->length && line->at[blanks] == ' ')
		blanks++;
	while (letters < MIN(line->length - blanks, INITIALS_MOST + 1) &&
	       g_ascii_isupper(line->at[blanks + letters]))
		letters++;
	return line->kind == REPLY_TEXT && letters > 0 &&
	       letters <= INITIALS_MOST && blanks + letters < line->length &&
	       line->at[blanks + letters] == '>';
}

/* What only an attribution above makes a quote. */
static void
find_quotes(struct reply_lines *lines)
{
	gboolean seen = FALSE, next = FALSE;

	for (guint i = 0; i < lines->count; i++) {
		struct reply_line *line = line_at(lines, i);

		if (line->kind == REPLY_EMPTY)
			continue;
		if ((next && is_left_out(line)) || (seen && has_initials(line)))
			line->kind = REPLY_QUOTE;
		next = line->kind == REPLY_ATTRIBUTION;
		seen = seen || next;
	}
}

struct reply_lines *
reply_lines_read(const char *text, const GArray *marks)
{
	struct reply_lines *lines = g_new0(struct reply_lines, 1);

	split(lines, text);
	if (marks != NULL)
		apply_marks(lines, text, marks);
	find_headers(lines);
	find_attributions(lines);
	find_quotes(lines);
	return lines;
}

void
reply_lines_free(struct reply_lines **lines)
{
	if (*lines == NULL)
		return;
	for (guint i = 0; i < (*lines)->count; i++)
		g_free((*lines)->line[i].folded);
	g_free((*lines)->line);
	g_clear_pointer(lines, g_free);
}
