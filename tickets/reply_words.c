/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The questions asked of the tables.  No patterns: each table is searched in
 * plain, so that no mail can make it slow.
 */
#include "tickets/reply_words.h"

#include <string.h>

#include "lib/base/unicode.h"
#include "tickets/reply_tables.h"

/* From here on a script has no blanks between words. */
#define NO_BLANKS_FROM 0x2e80
/* A field's name has no more bytes; Greek and Arabic take two a letter. */
#define FIELD_NAME_MOST 40
/* A line that only names a device is short. */
#define DEVICE_LINE_MOST 160

/* Soft hyphens, joiners, directions, and the sign of a tracker's image. */
static gboolean
is_invisible(gunichar c)
{
	return c == 0xad || c == 0x180e || c == 0xfeff || c == 0x1427 ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x2069);
}

char *
reply_words_fold(const char *text, gsize length)
{
	g_autofree char *copy = g_strndup(text, length);
	g_autofree char *folded = unicode_fold(copy);
	GString *out = g_string_sized_new(strlen(folded));
	gboolean blank = FALSE;

	for (const char *at = folded; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);

		if (is_invisible(c) || c == '*')
			continue;
		if (g_unichar_isspace(c)) {
			blank = out->len > 0;
			continue;
		}
		if (blank)
			g_string_append_c(out, ' ');
		blank = FALSE;
		g_string_append_unichar(out, c);
	}
	return g_string_free(out, FALSE);
}

static gboolean
is_one_of(const char *const *list, const char *text, gsize length)
{
	for (; *list != NULL; list++) {
		if (strlen(*list) == length && memcmp(*list, text, length) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean
begins_as(const char *const *list, const char *text)
{
	for (; *list != NULL; list++) {
		if (g_str_has_prefix(text, *list))
			return TRUE;
	}
	return FALSE;
}

/* --- fields --- */

enum reply_field
reply_words_field(const char *folded, gsize *value_r)
{
	static const struct {
		const char *const *names;
		enum reply_field field;
	} fields[] = { { reply_tables_from, REPLY_FIELD_FROM },
		{ reply_tables_date, REPLY_FIELD_DATE },
		{ reply_tables_to, REPLY_FIELD_TO },
		{ reply_tables_subject, REPLY_FIELD_SUBJECT },
		{ reply_tables_copy, REPLY_FIELD_COPY },
		{ reply_tables_other, REPLY_FIELD_OTHER } };
	gsize within = strnlen(folded, FIELD_NAME_MOST);
	const char *colon = memchr(folded, ':', within);
	gsize length;

	if (colon == NULL)
		return REPLY_FIELD_NONE;
	length = colon - folded;
	if (length > 0 && folded[length - 1] == ' ')
		length--;
	*value_r = colon + 1 - folded;
	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
		if (is_one_of(fields[i].names, folded, length))
			return fields[i].field;
	}
	return REPLY_FIELD_NONE;
}

/* --- marks --- */

static gboolean
is_rule_sign(char c)
{
	return c != '\0' && strchr("-_=<># ~", c) != NULL;
}

/* At its start, or after other words where `within`. */
static gboolean
names_one(const char *const *list, const char *words, gboolean within)
{
	for (; *list != NULL; list++) {
		const char *found = strstr(words, *list);

		if (found == words || (found != NULL && within))
			return TRUE;
	}
	return FALSE;
}

enum reply_mark
reply_words_mark(const char *folded)
{
	gsize length = strlen(folded), before = 0, after = 0;
	gboolean begin = begins_as(reply_tables_begins, folded);

	while (is_rule_sign(folded[before]))
		before++;
	while (
	    before + after < length && is_rule_sign(folded[length - after - 1]))
		after++;
	/* Also "----- Forwarded by Ann on 1 May 2020 -----". */
	if (!begin && (before < 2 || after < 2))
		return REPLY_MARK_NONE;
	if (names_one(reply_tables_forwarded, folded + before, begin))
		return REPLY_MARK_FORWARD;
	if (names_one(reply_tables_original, folded + before, begin))
		return REPLY_MARK_ORIGINAL;
	return REPLY_MARK_NONE;
}

/* --- attributions --- */

/* Nothing but signs to the end, "(a)" and "/la" aside. */
static gboolean
is_end(const char *rest)
{
	static const char *const tails[] = { "(a)", "(а)", "(ла)", "/la", "/a",
		"-a" };

	for (gsize i = 0; i < G_N_ELEMENTS(tails); i++) {
		if (g_str_has_prefix(rest, tails[i])) {
			rest += strlen(tails[i]);
			break;
		}
	}
	for (; *rest != '\0'; rest = g_utf8_next_char(rest)) {
		if (g_unichar_isalnum(g_utf8_get_char(rest)))
			return FALSE;
	}
	return TRUE;
}

static gboolean
is_letter_before(const char *text, const char *at)
{
	return at > text &&
	       g_unichar_isalnum(g_utf8_get_char(g_utf8_prev_char(at)));
}

/* Behind the last of its kind in the text, as a word; or NULL. */
static const char *
behind_word(const char *text, const char *word)
{
	gboolean joined = g_utf8_get_char(word) >= NO_BLANKS_FROM;
	const char *found = g_strrstr(text, word);
	const char *after = found != NULL ? found + strlen(word) : NULL;

	if (found == NULL || joined)
		return after;
	return is_letter_before(text, found) ||
		       g_unichar_isalnum(g_utf8_get_char(after))
		   ? NULL
		   : after;
}

enum verb_found { NO_VERB, VERB_INSIDE, VERB_AT_END };

static enum verb_found
find_verb(const char *folded)
{
	const char *after;

	for (gsize i = 0; reply_tables_verbs_last[i] != NULL; i++) {
		after = behind_word(folded, reply_tables_verbs_last[i]);
		if (after != NULL && is_end(after))
			return VERB_AT_END;
	}
	for (gsize i = 0; reply_tables_verbs[i] != NULL; i++) {
		after = behind_word(folded, reply_tables_verbs[i]);
		if (after != NULL)
			return is_end(after) ? VERB_AT_END : VERB_INSIDE;
	}
	return NO_VERB;
}

/* Bits of what a line tells of when and who. */
enum evidence { HAS_TIME = 1, HAS_DAY = 2, HAS_ADDRESS = 4 };

static gsize
count_digits(const char *at)
{
	return strspn(at, "0123456789");
}

/* "2020", "10:45", "13.16", "1.5.2020" at a number's start. */
static guint
number_evidence(const char *at, gsize digits)
{
	const char *next = at + digits;
	gsize more = *next != '\0' ? count_digits(next + 1) : 0;

	if (digits == 4)
		return *at == '1' || *at == '2' ? HAS_DAY : 0;
	if (digits > 2 || more == 0)
		return 0;
	if (*next == ':' || *next == 'h')
		return more == 2 ? HAS_TIME : 0;
	if (*next == '.' && more == 2 && next[3] != '.')
		return HAS_TIME;
	return *next == '.' || *next == '/' || *next == '-' ? HAS_DAY : 0;
}

static guint
find_evidence(const char *folded)
{
	guint found = 0;

	for (const char *at = folded; *at != '\0';) {
		gsize digits = count_digits(at);

		if (digits > 0)
			found |= number_evidence(at, digits);
		else if (*at == '@' && at > folded && g_ascii_isalnum(at[-1]) &&
			 g_ascii_isalnum(at[1]))
			found |= HAS_ADDRESS;
		at += MAX(digits, 1);
	}
	return found;
}

gboolean
reply_words_attribution(const char *folded, gboolean sure)
{
	gsize length = strlen(folded);
	gboolean colon = length > 0 && folded[length - 1] == ':';
	enum verb_found verb = find_verb(folded);
	guint found = find_evidence(folded);
	gboolean who = (found & HAS_ADDRESS) != 0;

	/* In a language that the tables have not: somebody, at a time. */
	if (colon && found == (HAS_TIME | HAS_DAY | HAS_ADDRESS))
		return TRUE;
	/* "Ann wrote:" above a quote needs no more. */
	if (verb == VERB_AT_END && (found != 0 || (colon && !sure)))
		return TRUE;
	if (verb == NO_VERB || found == 0)
		return FALSE;
	/* "Am 1.5. schrieb ich Ihnen:" is a sentence of the letter. */
	return colon && (!sure || who || (found & HAS_TIME) != 0);
}

gboolean
reply_words_leads(const char *folded)
{
	return (g_ascii_isdigit(*folded) ||
		   begins_as(reply_tables_leads, folded)) &&
	       strpbrk(folded, "0123456789") != NULL;
}

/* --- devices --- */

gboolean
reply_words_device(const char *folded)
{
	if (*folded == '\0' || strlen(folded) > DEVICE_LINE_MOST)
		return FALSE;
	folded += strspn(folded, "<([_");
	return begins_as(reply_tables_devices, folded) ||
	       g_str_has_suffix(folded, " from mobile");
}

/* --- subjects --- */

enum reply_prefix
reply_words_prefix(const char *folded)
{
	gsize length = strcspn(folded, ":[(");
	gsize word = length;

	/* "Re[2]:", "Re (2):", "Re :" */
	while (word > 0 && folded[word - 1] == ' ')
		word--;
	length += strspn(folded + length, "[]() 0123456789");
	if (folded[length] != ':')
		return REPLY_PREFIX_NONE;
	if (is_one_of(reply_tables_replies, folded, word))
		return REPLY_PREFIX_REPLY;
	if (is_one_of(reply_tables_forwards, folded, word))
		return REPLY_PREFIX_FORWARD;
	return REPLY_PREFIX_NONE;
}
