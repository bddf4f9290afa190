/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ceilings on parts, counted on raw bytes.  A MIME parser builds objects, and
 * hostile mail makes it build many: 3 MB of tiny parts became 554 MB in GMime.
 * So what it is given ends where a ceiling is met.
 *
 * A part begins with a line that begins with "--".  Text has such lines too (a
 * patch, a dump of a database), so when there are too many, only those count
 * that some "boundary=" in the message allows.  It need not be a real one: too
 * many count, never too few.
 */
#include "lib/mail/ceiling.h"

#include <string.h>

/* A boundary line opens a part and the last closes all: two lines a part at
 * most, and some of text. */
#define LINES_PER_PART 3
#define FIELDS_PER_PART 20
/* More than that and every line counts. */
#define BOUNDARIES_MOST 50

struct boundary {
	const guint8 *text;
	gsize length;
};

struct boundaries {
	struct boundary list[BOUNDARIES_MOST];
	guint n;
	gboolean any; /* one of them could not be read: every line counts */
};

static const guint8 *
line_end(const guint8 *at, const guint8 *end)
{
	const guint8 *lf = memchr(at, '\n', end - at);

	return lf != NULL ? lf + 1 : end;
}

static gboolean
is_empty(const guint8 *line, const guint8 *next)
{
	return next - line <= 2 && (*line == '\n' || *line == '\r');
}

static gboolean
is_boundary(
    const guint8 *line, const guint8 *next, const struct boundaries *boundaries)
{
	gsize length = next - line;

	if (length < 3 || line[0] != '-' || line[1] != '-')
		return FALSE;
	if (boundaries == NULL || boundaries->any)
		return TRUE;
	for (guint i = 0; i < boundaries->n; i++) {
		const struct boundary *one = &boundaries->list[i];

		if (length - 2 >= one->length &&
		    memcmp(line + 2, one->text, one->length) == 0)
			return TRUE;
	}
	return FALSE;
}

static const guint8 *
find_end(const guint8 *body, const guint8 *end,
    const struct message_limits *limits, const struct boundaries *boundaries)
{
	guint lines = 0, fields = 0;
	gboolean in_header = FALSE;
	const guint8 *line = body, *next;

	for (; line < end; line = next) {
		next = line_end(line, end);
		if (is_boundary(line, next, boundaries)) {
			if (++lines > limits->parts * LINES_PER_PART)
				return line;
			in_header = TRUE;
		} else if (in_header && is_empty(line, next)) {
			in_header = FALSE;
		} else if (in_header &&
			   ++fields > limits->parts * FIELDS_PER_PART) {
			return line;
		}
	}
	return end;
}

static const guint8 *
skip_blanks(const guint8 *at, const guint8 *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

/* A value that means what it says: no escapes, encoded words or comments. */
static gboolean
is_simple(const guint8 *text, gsize length)
{
	for (gsize i = 0; i < length; i++) {
		if (text[i] < ' ' || text[i] >= 127 ||
		    strchr("\\\"()", text[i]) != NULL ||
		    (text[i] == '=' && i + 1 < length && text[i + 1] == '?'))
			return FALSE;
	}
	return length > 0 && *text != ' ';
}

/* What stands behind the word "boundary". */
static void
read_boundary(
    const guint8 *at, const guint8 *end, struct boundaries *boundaries)
{
	struct boundary one = { 0 };

	at = skip_blanks(at, end);
	if (at == end || *at != '=' || boundaries->n == BOUNDARIES_MOST) {
		boundaries->any = TRUE;
		return;
	}
	at = skip_blanks(at + 1, end);
	if (at < end && *at == '"') {
		const guint8 *close = memchr(at + 1, '"', end - at - 1);

		one.text = at + 1;
		one.length = (close != NULL ? close : end) - one.text;
	} else {
		one.text = at;
		while (at<end && * at> ' ' && *at != ';')
			at++;
		one.length = at - one.text;
	}
	while (one.length > 0 && one.text[one.length - 1] == ' ')
		one.length--;
	if (is_simple(one.text, one.length))
		boundaries->list[boundaries->n++] = one;
	else
		boundaries->any = TRUE;
}

static void
find_boundaries(
    const guint8 *data, const guint8 *end, struct boundaries *boundaries)
{
	static const char word[] = "boundary";
	const gsize length = sizeof(word) - 1;

	for (const guint8 *at = data; at + length <= end && !boundaries->any;
	     at++) {
		if ((*at | 0x20) != 'b' ||
		    g_ascii_strncasecmp((const char *)at, word, length) != 0)
			continue;
		at += length;
		read_boundary(at, end, boundaries);
		at--;
	}
}

const guint8 *
ceiling_body_end(const guint8 *data, const guint8 *body, const guint8 *end,
    const struct message_limits *limits)
{
	struct boundaries boundaries = { .n = 0 };
	const guint8 *cut = find_end(body, end, limits, NULL);

	if (cut == end)
		return end;
	find_boundaries(data, end, &boundaries);
	return find_end(body, end, limits, &boundaries);
}
