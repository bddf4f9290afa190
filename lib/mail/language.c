/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Language by script and little words.
 *
 * A rule needs "is it German?", not a linguist: a letter to a help desk has
 * several of its language's commonest words in every sentence.  Words that two
 * languages share count for both, so that they decide nothing.
 */
#include "lib/mail/language.h"

#include <string.h>

/* Fewer little words than this are chance: a name, a product, a greeting. */
#define WORDS_LEAST 2
/* Fewer letters of a script than this are a quotation. */
#define LETTERS_LEAST 4
/* No word of the lists is longer, in bytes. */
#define WORD_MOST 16

static const struct {
	const char *code;
	const char *words; /* between blanks, lower case */
} latin[] = {
	{ "cs",
	    " je se na že to jsem jsme a v s z pro ale jako nebo jsou by bych "
	    "mi prosím děkuji dobrý den není máte můžete byl od do která " },
	{ "da", " og jeg er ikke det at en på har med til af den som kan vi "
		"mvh hej "
		"tak hvad hvordan blev mit " },
	{ "de",
	    " der die das und ist nicht ich wir sie mit für auf ein eine zu "
	    "den "
	    "von im dem bitte haben habe kann wurde noch bei mir es auch " },
	{ "en",
	    " the and is to of you i we it that for in have not with this on "
	    "please my are your can was be but from has would " },
	{ "es",
	    " el la los las y que de en no es por para con mi una un se lo del "
	    "pero gracias hola está me he su como " },
	{ "fi",
	    " ja on ei että se en olen hei kiitos mutta voi ole kun jos tai "
	    "minun meidän vielä " },
	{ "fr",
	    " le la les et est je vous que de des en pas pour une un mon ma "
	    "nous ne dans sur avec merci bonjour du au ce qui " },
	{ "hu",
	    " a az és nem hogy van egy is de meg kérem köszönöm ha már csak "
	    "vagy ezt mint volt " },
	{ "it",
	    " il la di che e non per un una sono ho mi del con è grazie ma lo "
	    "le della al si come vostro nel gli alla " },
	{ "nl",
	    " de het een en ik is niet van dat wij u we op voor met te zijn "
	    "heb kan aan maar mijn bij deze " },
	{ "no",
	    " og jeg er ikke det at en på har med til av den som kan vi hei "
	    "takk hva hvordan ble mitt " },
	{ "pl",
	    " nie jest się i w na z do że to proszę dziękuję jak ale czy o za "
	    "dzień dobry mam po przez od są " },
	{ "pt",
	    " o a os as e que de não em um uma para com por meu minha eu do da "
	    "no na obrigado olá está você é ao mas " },
	{ "ro",
	    " și nu este la de în un o pe cu mulțumesc bună că am pentru din "
	    "să mai vă " },
	{ "sv",
	    " och jag är inte det att en på har med till av den som kan vi hej "
	    "tack vad hur ett men för om min " },
	{ "tr", " ve bir bu için de da ne ile çok var merhaba lütfen ama gibi "
		"teşekkürler olarak değil " },
};

static const struct {
	GUnicodeScript script;
	const char *code;
} scripts[] = {
	{ G_UNICODE_SCRIPT_ARABIC, "ar" },
	{ G_UNICODE_SCRIPT_CYRILLIC, "ru" },
	{ G_UNICODE_SCRIPT_DEVANAGARI, "hi" },
	{ G_UNICODE_SCRIPT_GREEK, "el" },
	{ G_UNICODE_SCRIPT_HANGUL, "ko" },
	{ G_UNICODE_SCRIPT_HEBREW, "he" },
	{ G_UNICODE_SCRIPT_HIRAGANA, "ja" },
	{ G_UNICODE_SCRIPT_KATAKANA, "ja" },
	{ G_UNICODE_SCRIPT_HAN, "zh" },
	{ G_UNICODE_SCRIPT_THAI, "th" },
};

struct tally {
	guint latin, script[G_N_ELEMENTS(scripts)];
	guint ukrainian, persian; /* letters that only those have */
	guint words[G_N_ELEMENTS(latin)];
};

static void
count_letter(struct tally *tally, gunichar letter)
{
	GUnicodeScript script = g_unichar_get_script(letter);

	if (script == G_UNICODE_SCRIPT_LATIN)
		tally->latin++;
	for (gsize i = 0; i < G_N_ELEMENTS(scripts); i++)
		tally->script[i] += scripts[i].script == script;
	/* і ї є ґ; پ چ گ ی */
	tally->ukrainian += letter == 0x456 || letter == 0x457 ||
			    letter == 0x454 || letter == 0x491;
	tally->persian += letter == 0x67e || letter == 0x686 ||
			  letter == 0x6af || letter == 0x6cc;
}

static void
count_word(struct tally *tally, const char *word)
{
	g_autofree char *lower = g_utf8_strdown(word, -1);
	g_autofree char *between = g_strdup_printf(" %s ", lower);

	for (gsize i = 0; i < G_N_ELEMENTS(latin); i++)
		tally->words[i] += strstr(latin[i].words, between) != NULL;
}

/* Text behind ">" is another's. */
static const char *
skip_quoted(const char *at, const char *end)
{
	const char *line;

	while (at < end && *at == '>') {
		line = memchr(at, '\n', end - at);
		at = line != NULL ? line + 1 : end;
	}
	return at;
}

static void
count(struct tally *tally, const char *text)
{
	const char *end = text + strnlen(text, LANGUAGE_BYTES);
	GString *word = g_string_new(NULL);

	for (const char *at = skip_quoted(text, end); at < end;
	     at = g_utf8_next_char(at)) {
		gunichar letter = g_utf8_get_char_validated(at, end - at);

		if (letter >= (gunichar)-2) /* cut, or no UTF-8 */
			break;
		if (g_unichar_isalpha(letter) || g_unichar_ismark(letter)) {
			count_letter(tally, letter);
			g_string_append_unichar(word, letter);
			continue;
		}
		if (word->len > 0 && word->len <= WORD_MOST)
			count_word(tally, word->str);
		g_string_truncate(word, 0);
		if (letter == '\n')
			at = skip_quoted(at + 1, end) - 1;
	}
	if (word->len > 0 && word->len <= WORD_MOST)
		count_word(tally, word->str);
	g_string_free(word, TRUE);
}

/* The commonest script that is not Latin; kana decide against Han. */
static const char *
by_script(const struct tally *tally)
{
	const char *best = NULL;
	guint most = 0, kana = 0;

	for (gsize i = 0; i < G_N_ELEMENTS(scripts); i++) {
		if (strcmp(scripts[i].code, "ja") == 0)
			kana += tally->script[i];
		if (tally->script[i] > most) {
			most = tally->script[i];
			best = scripts[i].code;
		}
	}
	/* Chinese words are one letter where Latin ones are five. */
	if (most < LETTERS_LEAST || most * 3 < tally->latin)
		return NULL;
	if (strcmp(best, "zh") == 0 && kana * 10 > most)
		return "ja";
	if (strcmp(best, "ru") == 0 && tally->ukrainian * 50 > most)
		return "uk";
	if (strcmp(best, "ar") == 0 && tally->persian * 20 > most)
		return "fa";
	return best;
}

const char *
language_guess(const char *text)
{
	struct tally tally = { 0 };
	gsize best = 0;
	const char *code;
	guint second = 0;

	count(&tally, text);
	code = by_script(&tally);
	if (code != NULL)
		return code;
	for (gsize i = 1; i < G_N_ELEMENTS(latin); i++) {
		if (tally.words[i] > tally.words[best])
			best = i;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(latin); i++) {
		if (i != best)
			second = MAX(second, tally.words[i]);
	}
	if (tally.words[best] < WORDS_LEAST || tally.words[best] == second)
		return NULL;
	return latin[best].code;
}

gboolean
language_known(const char *code)
{
	for (gsize i = 0; i < G_N_ELEMENTS(latin); i++) {
		if (strcmp(latin[i].code, code) == 0)
			return TRUE;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(scripts); i++) {
		if (strcmp(scripts[i].code, code) == 0)
			return TRUE;
	}
	return strcmp(code, "uk") == 0 || strcmp(code, "fa") == 0;
}
