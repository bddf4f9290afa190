/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RTF to text: groups, control words, and the few of them that stand for
 * characters or line ends.  Fonts, styles, pictures and all destinations that a
 * reader may skip are skipped.
 */
#include "tickets/rtf.h"

#include <string.h>

#include "lib/mail/charset.h"

#define HEADER_BYTES 16
#define PACKED 0x75465a4cu   /* "LZFu" */
#define UNPACKED 0x414c454du /* "MELA" */
#define WINDOW 4096
/* What the window holds at first, [MS-OXRTFCP] 2.1.2.1. */
static const char window_begin[] =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman "
    "\\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New "
    "RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0"
    "\\fs20\\b\\i\\u\\tab\\tx";
/* Deeper groups are read as one. */
#define GROUPS_MOST 256

static guint32
number_at(const char *data)
{
	const guint8 *bytes = (const guint8 *)data;

	return bytes[0] | (guint32)bytes[1] << 8 | (guint32)bytes[2] << 16 |
	       (guint32)bytes[3] << 24;
}

struct window {
	char bytes[WINDOW];
	guint at;
	GString *out;
	gsize most;
};

static void
put(struct window *window, char c)
{
	window->bytes[window->at] = c;
	window->at = (window->at + 1) % WINDOW;
	if (window->out->len < window->most)
		g_string_append_c(window->out, c);
}

/* A piece that stood before: twelve bits where, four how long.  FALSE at the
 * end, which points at the place that is written next. */
static gboolean
repeat(struct window *window, guint8 high, guint8 low)
{
	guint from = (guint)high << 4 | low >> 4;
	guint length = (low & 0xf) + 2;

	if (from == window->at)
		return FALSE;
	for (; length > 0; length--) {
		put(window, window->bytes[from]);
		from = (from + 1) % WINDOW;
	}
	return TRUE;
}

static void
unpack(struct window *window, const guint8 *at, const guint8 *end)
{
	while (at < end && window->out->len < window->most) {
		guint8 flags = *at++;

		for (guint bit = 0; bit < 8 && at < end; bit++, flags >>= 1) {
			if ((flags & 1) == 0) {
				put(window, (char)*at++);
			} else if (end - at < 2 ||
				   !repeat(window, at[0], at[1])) {
				return;
			} else {
				at += 2;
			}
		}
	}
}

GString *
rtf_unpack(const char *packed, gsize length, gsize most)
{
	struct window window = { .at = sizeof(window_begin) - 1, .most = most };
	guint32 kind;

	if (length < HEADER_BYTES)
		return NULL;
	kind = number_at(packed + 8);
	if (kind != PACKED && kind != UNPACKED)
		return NULL;
	window.out = g_string_new(NULL);
	window.most = MIN(most, number_at(packed + 4));
	if (kind == UNPACKED) {
		g_string_append_len(window.out, packed + HEADER_BYTES,
		    (gssize)MIN(length - HEADER_BYTES, window.most));
		return window.out;
	}
	memset(window.bytes, ' ', WINDOW);
	memcpy(window.bytes, window_begin, sizeof(window_begin) - 1);
	unpack(&window, (const guint8 *)packed + HEADER_BYTES,
	    (const guint8 *)packed + length);
	return window.out;
}

/* --- markup --- */

struct group {
	gboolean skipped; /* nothing of it is shown */
	guint unicode;    /* characters to skip behind \u */
};

struct reader {
	const char *at, *end;
	GString *out;   /* UTF-8 */
	GString *bytes; /* of the codepage, not yet text */
	guint codepage, depth, skip;
	gboolean starred; /* the next word may be unknown, and then is skipped
			   */
	gboolean from_html, in_tag; /* \fromhtml, \htmlrtf */
	struct group groups[GROUPS_MOST];
};

static struct group *
group(struct reader *reader)
{
	return &reader->groups[MIN(reader->depth, GROUPS_MOST - 1)];
}

static void
settle_bytes(struct reader *reader)
{
	g_autofree char *name = g_strdup_printf("cp%u", reader->codepage);
	g_autofree char *text = NULL;
	gboolean odd = FALSE;

	if (reader->bytes->len == 0)
		return;
	text = charset_to_utf8(
	    reader->bytes->str, reader->bytes->len, name, G_MAXINT32, &odd);
	g_string_append(reader->out, text);
	g_string_truncate(reader->bytes, 0);
}

static gboolean
is_shown(struct reader *reader)
{
	return !group(reader)->skipped && !reader->in_tag;
}

static void
add_byte(struct reader *reader, char c)
{
	if (reader->skip > 0)
		reader->skip--;
	else if (is_shown(reader) && c != '\0')
		g_string_append_c(reader->bytes, c);
}

static void
add_sign(struct reader *reader, gunichar sign)
{
	if (!is_shown(reader) || !g_unichar_validate(sign) || sign == 0)
		return;
	settle_bytes(reader);
	g_string_append_unichar(reader->out, sign);
}

static void
add_line_end(struct reader *reader)
{
	if (is_shown(reader))
		g_string_append_c(reader->bytes, '\n');
}

/* Words that stand for one character. */
static const struct {
	const char *word;
	gunichar sign;
} signs[] = { { "bullet", 0x2022 }, { "cell", '\t' }, { "emdash", 0x2014 },
	{ "endash", 0x2013 }, { "ldblquote", 0x201c }, { "line", '\n' },
	{ "lquote", 0x2018 }, { "par", '\n' }, { "page", '\n' },
	{ "rdblquote", 0x201d }, { "row", '\n' }, { "rquote", 0x2019 },
	{ "sect", '\n' }, { "tab", '\t' } };

/* Groups that hold no text of the body. */
static const char *const skipped[] = { "colortbl", "filetbl", "fonttbl",
	"footer", "footerf", "footerl", "footerr", "header", "headerf",
	"headerl", "headerr", "info", "object", "pict", "stylesheet", NULL };

static void
on_word(struct reader *reader, const char *word, gint number)
{
	if (reader->starred || g_strv_contains(skipped, word)) {
		group(reader)->skipped = TRUE;
	} else if (strcmp(word, "ansicpg") == 0) {
		reader->codepage = CLAMP(number, 0, 65535);
	} else if (strcmp(word, "fromhtml") == 0) {
		reader->from_html = TRUE;
	} else if (strcmp(word, "htmlrtf") == 0) {
		settle_bytes(reader);
		reader->in_tag = reader->from_html && number != 0;
	} else if (strcmp(word, "uc") == 0) {
		group(reader)->unicode = CLAMP(number, 0, 16);
	} else if (strcmp(word, "u") == 0) {
		add_sign(reader, number < 0 ? number + 65536 : number);
		reader->skip = group(reader)->unicode;
	} else if (strcmp(word, "bin") == 0) {
		reader->at += CLAMP(number, 0, reader->end - reader->at);
	} else {
		for (gsize i = 0; i < G_N_ELEMENTS(signs); i++) {
			if (strcmp(word, signs[i].word) == 0)
				add_sign(reader, signs[i].sign);
		}
	}
}

/* Behind the backslash of a word. */
static void
read_word(struct reader *reader)
{
	char word[32];
	gsize length = 0;
	gint64 number = 0;
	gboolean minus = FALSE, digits = FALSE;

	while (reader->at < reader->end && g_ascii_isalpha(*reader->at)) {
		if (length < sizeof(word) - 1)
			word[length++] = *reader->at;
		reader->at++;
	}
	word[length] = '\0';
	if (reader->at < reader->end && *reader->at == '-') {
		minus = TRUE;
		reader->at++;
	}
	for (; reader->at < reader->end && g_ascii_isdigit(*reader->at);
	     reader->at++) {
		digits = TRUE;
		number = MIN(number * 10 + (*reader->at - '0'), G_MAXINT32);
	}
	if (reader->at < reader->end && *reader->at == ' ')
		reader->at++;
	if (!digits)
		number = 1;
	on_word(reader, word, (gint)(minus ? -number : number));
	reader->starred = FALSE;
}

static void
read_hex(struct reader *reader)
{
	int high, low;

	if (reader->end - reader->at < 2)
		return;
	high = g_ascii_xdigit_value(reader->at[0]);
	low = g_ascii_xdigit_value(reader->at[1]);
	reader->at += 2;
	if (high >= 0 && low >= 0)
		add_byte(reader, (char)(high << 4 | low));
}

/* At a backslash. */
static void
read_control(struct reader *reader)
{
	char c;

	if (++reader->at >= reader->end)
		return;
	c = *reader->at;
	if (g_ascii_isalpha(c)) {
		read_word(reader);
		return;
	}
	reader->at++;
	if (c == '\'')
		read_hex(reader);
	else if (c == '*')
		reader->starred = TRUE;
	else if (c == '~')
		add_byte(reader, ' ');
	else if (c == '\r' || c == '\n')
		add_line_end(reader);
	else if (strchr("\\{}", c) != NULL)
		add_byte(reader, c);
}

static void
open_group(struct reader *reader)
{
	struct group outer = *group(reader);

	reader->depth++;
	*group(reader) = outer;
	reader->starred = FALSE;
}

static char *
strip(const GString *rtf, gsize most)
{
	struct reader reader = { .at = rtf->str,
		.end = rtf->str + rtf->len,
		.codepage = 1252,
		.out = g_string_new(NULL),
		.bytes = g_string_new(NULL),
		.groups = { { FALSE, 1 } } };

	while (reader.at < reader.end &&
	       reader.out->len + reader.bytes->len < most) {
		if (*reader.at == '\\') {
			read_control(&reader);
			continue;
		}
		if (*reader.at == '{')
			open_group(&reader);
		else if (*reader.at == '}' && reader.depth > 0)
			reader.depth--;
		else if (strchr("{}\r\n", *reader.at) == NULL)
			add_byte(&reader, *reader.at);
		reader.at++;
	}
	settle_bytes(&reader);
	g_string_free(reader.bytes, TRUE);
	g_strstrip(reader.out->str);
	return g_string_free(reader.out, FALSE);
}

char *
rtf_text(const char *packed, gsize length, gsize most)
{
	GString *rtf = rtf_unpack(packed, length, most);
	char *text = NULL;

	if (rtf != NULL && g_str_has_prefix(rtf->str, "{\\rtf"))
		text = strip(rtf, most);
	if (rtf != NULL)
		g_string_free(rtf, TRUE);
	return text;
}
