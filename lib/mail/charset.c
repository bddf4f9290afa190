/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Charsets by GLib's iconv.  Labels as mail uses them are mapped to what they
 * mean in practice (gb2312 is written by programs that mean gb18030, and so
 * on), as browsers do by the WHATWG encoding standard.
 *
 * Only charsets named here are converted: glibc loads a module for each from a
 * file, which a jailed reader cannot, and text must not differ by who reads it.
 */
#include "lib/mail/charset.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/unicode.h"
#include "lib/mail/charset_convert.h"

#define WINDOWS "WINDOWS-1252"
#define JAPANESE "ISO-2022-JP-3"
#define JAPANESE_8BIT "EUC-JP-MS"

/* Labels in lower case without signs, and what they mean. */
static const struct {
	const char *label, *means;
} labels[] = {
	{ "utf8", "UTF-8" },
	{ "utf7", "UTF-7" },
	{ "unicode11utf7", "UTF-7" },
	{ "unicode11utf8", "UTF-8" },
	{ "utf16", "UTF-16" },
	{ "utf16le", "UTF-16LE" },
	{ "utf16be", "UTF-16BE" },
	{ "utf32", "UTF-32" },
	{ "usascii", WINDOWS },
	{ "ascii", WINDOWS },
	{ "ansix341968", WINDOWS },
	{ "iso646us", WINDOWS },
	{ "latin1", WINDOWS },
	{ "ansi", WINDOWS },
	{ "unknown", WINDOWS },
	{ "unknown8bit", WINDOWS },
	{ "latin2", "ISO-8859-2" },
	{ "latin3", "ISO-8859-3" },
	{ "latin4", "ISO-8859-4" },
	{ "latin5", "WINDOWS-1254" },
	{ "latin6", "ISO-8859-10" },
	{ "latin9", "ISO-8859-15" },
	{ "cyrillic", "ISO-8859-5" },
	{ "arabic", "ISO-8859-6" },
	{ "greek", "ISO-8859-7" },
	{ "hebrew", "ISO-8859-8" },
	{ "koi8", "KOI8-R" },
	{ "koi8r", "KOI8-R" },
	{ "koi8u", "KOI8-U" },
	{ "koi8ru", "KOI8-U" },
	{ "gb2312", "GB18030" },
	{ "gb231280", "GB18030" },
	{ "gbk", "GB18030" },
	{ "gb18030", "GB18030" },
	{ "euccn", "GB18030" },
	{ "chinese", "GB18030" },
	{ "iso2022cn", "ISO-2022-CN" },
	{ "big5", "BIG5-HKSCS" },
	{ "big5hkscs", "BIG5-HKSCS" },
	{ "cnbig5", "BIG5-HKSCS" },
	{ "euctw", "EUC-TW" },
	{ "ksc5601", "CP949" },
	{ "ksc56011987", "CP949" },
	{ "euckr", "CP949" },
	{ "uhc", "CP949" },
	{ "korean", "CP949" },
	{ "iso2022kr", "ISO-2022-KR" },
	{ "johab", "JOHAB" },
	{ "sjis", "CP932" },
	{ "shiftjis", "CP932" },
	{ "mskanji", "CP932" },
	{ "windows31j", "CP932" },
	{ "eucjp", JAPANESE_8BIT },
	{ "eucjpms", JAPANESE_8BIT },
	{ "iso2022jp", JAPANESE },
	{ "iso2022jp1", JAPANESE },
	{ "iso2022jp2", "ISO-2022-JP-2" },
	{ "iso2022jp3", JAPANESE },
	{ "tis620", "WINDOWS-874" },
	{ "macintosh", "MACINTOSH" },
	{ "macroman", "MACINTOSH" },
	{ "maccyrillic", "MAC-CYRILLIC" },
	{ "viscii", "VISCII" },
};

/* "cp1252", "windows-1252", "ibm850" and their like. */
static const struct {
	guint number;
	const char *means;
} pages[] = {
	{ 367, WINDOWS },
	{ 437, "IBM437" },
	{ 819, WINDOWS },
	{ 850, "IBM850" },
	{ 852, "IBM852" },
	{ 866, "IBM866" },
	{ 874, "WINDOWS-874" },
	{ 932, "CP932" },
	{ 936, "GB18030" },
	{ 949, "CP949" },
	{ 950, "BIG5-HKSCS" },
	{ 1250, "WINDOWS-1250" },
	{ 1251, "WINDOWS-1251" },
	{ 1252, WINDOWS },
	{ 1253, "WINDOWS-1253" },
	{ 1254, "WINDOWS-1254" },
	{ 1255, "WINDOWS-1255" },
	{ 1256, "WINDOWS-1256" },
	{ 1257, "WINDOWS-1257" },
	{ 1258, "WINDOWS-1258" },
	{ 20866, "KOI8-R" },
	{ 21866, "KOI8-U" },
	{ 50220, JAPANESE },
	{ 50221, JAPANESE },
	{ 65000, "UTF-7" },
	{ 65001, "UTF-8" },
};

/* ISO-8859-N by N. */
static const char *const parts[] = { NULL, WINDOWS, "ISO-8859-2", "ISO-8859-3",
	"ISO-8859-4", "ISO-8859-5", "ISO-8859-6", "ISO-8859-7", "ISO-8859-8",
	"WINDOWS-1254", "ISO-8859-10", "WINDOWS-874", NULL, "ISO-8859-13",
	"ISO-8859-14", "ISO-8859-15", "ISO-8859-16" };

/* What GMime asks for when it decodes parameters. */
static const char *const others[] = { "ISO-8859-1", "ISO-8859-9", "ISO-8859-11",
	"GB2312", "GBK", "BIG5", "EUC-KR", "EUC-JP", "SHIFT_JIS", "ISO-2022-JP",
	"US-ASCII", "TIS-620" };

/* An open converter keeps its module in memory. */
static void
keep(GHashTable *kept, const char *name)
{
	if (name != NULL && !g_hash_table_contains(kept, name))
		g_hash_table_insert(
		    kept, (gpointer)name, g_iconv_open("UTF-8", name));
}

void
charset_prepare(void)
{
	GHashTable *kept;

	/* They stay open to the end, and in reach: GLib's table of data that
	 * belongs to an address is as good as a variable here. */
	if (g_dataset_get_data(labels, "kept") != NULL)
		return;
	kept = g_hash_table_new(g_str_hash, g_str_equal);
	g_dataset_set_data(labels, "kept", kept);
	for (gsize i = 0; i < G_N_ELEMENTS(labels); i++)
		keep(kept, labels[i].means);
	for (gsize i = 0; i < G_N_ELEMENTS(pages); i++)
		keep(kept, pages[i].means);
	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
		keep(kept, parts[i]);
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
		keep(kept, others[i]);
}

static const char *
page_means(const char *number)
{
	guint64 wanted = g_ascii_strtoull(number, NULL, 10);

	for (gsize i = 0; i < G_N_ELEMENTS(pages); i++) {
		if (pages[i].number == wanted)
			return pages[i].means;
	}
	return NULL;
}

/* Lower case without signs, "x-" or a year behind a colon; what is behind "*"
 * is a language (RFC 2231). */
static void
plain_label(const char *declared, char *label, gsize room)
{
	gsize n = 0;

	while (g_ascii_isspace(*declared) || *declared == '"')
		declared++;
	if (g_ascii_strncasecmp(declared, "x-", 2) == 0)
		declared += 2;
	for (; *declared != '\0' && *declared != ':' && *declared != '*' &&
	       n + 1 < room;
	     declared++) {
		if (g_ascii_isalnum(*declared))
			label[n++] = g_ascii_tolower(*declared);
	}
	label[n] = '\0';
}

static const char *
label_means(const char *label)
{
	static const char *const families[] = { "windows", "win", "cp", "ibm",
		"ms", "codepage" };

	for (gsize i = 0; i < G_N_ELEMENTS(labels); i++) {
		if (strcmp(label, labels[i].label) == 0)
			return labels[i].means;
	}
	if (g_str_has_prefix(label, "iso8859") && g_ascii_isdigit(label[7])) {
		guint64 part = g_ascii_strtoull(label + 7, NULL, 10);

		return part < G_N_ELEMENTS(parts) ? parts[part] : NULL;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(families); i++) {
		gsize length = strlen(families[i]);

		if (strncmp(label, families[i], length) == 0 &&
		    g_ascii_isdigit(label[length]))
			return page_means(label + length);
	}
	return NULL;
}

/* The converter's name for a label, or NULL. */
static const char *
meaning(const char *declared)
{
	char label[40];
	const char *means;

	if (declared == NULL)
		return NULL;
	plain_label(declared, label, sizeof(label));
	means = label_means(label);
	if (means == NULL && g_str_has_prefix(label, "cs"))
		means = label_means(label + 2);
	return means;
}

static gboolean
is_ascii(const char *bytes, gsize length)
{
	return unicode_ascii_run(bytes, length) == length;
}

/* ISO-2022-JP as eight bits: programs write their own signs (circled digits and
 * such) in it, which only the eight-bit charset knows. */
static GString *
japanese_8bit(const char *bytes, gsize length)
{
	GString *out = g_string_sized_new(length);
	enum { ASCII, KANA, KANJI } mode = ASCII;

	for (gsize i = 0; i < length; i++) {
		char c = bytes[i];

		if (c == 0x1b && i + 2 < length) {
			mode = bytes[i + 1] == '$'   ? KANJI
			       : bytes[i + 2] == 'I' ? KANA
						     : ASCII;
			i += 2;
			continue;
		}
		if (c == '\n')
			mode = ASCII;
		if (mode == KANA && c > ' ')
			g_string_append_c(out, '\x8e');
		g_string_append_c(out, mode != ASCII && c > ' ' ? c | 0x80 : c);
	}
	return out;
}

/* Some programs write Shift JIS and call it ISO-2022-JP. */
static GString *
convert_japanese(const char *bytes, gsize length, gsize max, gboolean *odd_r)
{
	gboolean odd = FALSE;
	g_autoptr(GString) text =
	    charset_convert(JAPANESE, bytes, length, max, &odd);
	g_autoptr(GString) wide = NULL;
	GString *shifted;

	if (!odd)
		return g_steal_pointer(&text);
	*odd_r = TRUE;
	odd = is_ascii(bytes, length);
	shifted =
	    odd ? NULL : charset_convert("CP932", bytes, length, max, &odd);
	if (shifted != NULL && !odd)
		return shifted;
	if (shifted != NULL)
		g_string_free(shifted, TRUE);
	wide = japanese_8bit(bytes, length);
	return charset_convert(JAPANESE_8BIT, wide->str, wide->len, max, &odd);
}

/* --- what is it --- */

/* Charsets whose seven-bit text is not ASCII. */
static gboolean
has_escapes(const char *charset)
{
	return g_str_has_prefix(charset, "UTF-7") ||
	       g_str_has_prefix(charset, "UTF-16") ||
	       g_str_has_prefix(charset, "UTF-32") ||
	       g_str_has_prefix(charset, "ISO-2022");
}

/* Text of these that is valid UTF-8 is hardly ever meant otherwise. */
static gboolean
is_single_byte(const char *charset)
{
	return g_str_has_prefix(charset, "WINDOWS-") ||
	       g_str_has_prefix(charset, "ISO-8859") ||
	       g_str_has_prefix(charset, "KOI8") ||
	       g_str_has_prefix(charset, "IBM") ||
	       g_str_has_prefix(charset, "MAC") ||
	       strcmp(charset, "VISCII") == 0;
}

static gboolean
has_japanese_escapes(const char *bytes, gsize length)
{
	const char *end = bytes + length;

	for (const char *at = bytes; (at = memchr(at, 0x1b, end - at)) != NULL;
	     at++) {
		if (end - at > 2 && at[1] == '$' &&
		    (at[2] == 'B' || at[2] == '@'))
			return TRUE;
	}
	return FALSE;
}

/* Called UTF-8 and is not: more bytes that cannot be than characters that can?
 */
static gboolean
is_hardly_utf8(const char *bytes, gsize length)
{
	const char *at = bytes, *end = bytes + length;
	gsize good = 0, bad = 0;

	while (at < end) {
		gunichar c = (guint8)*at < 0x80
				 ? (gunichar)*at
				 : g_utf8_get_char_validated(at, end - at);

		if (c == (gunichar)-1 || c == (gunichar)-2) {
			bad++;
			at++;
			continue;
		}
		good += c >= 0x80;
		at = g_utf8_next_char(at);
	}
	return bad > good;
}

/* The charset to convert from; NULL: it is UTF-8, with bad bytes or without. */
static const char *
choose(const char *bytes, gsize length, const char *declared, gboolean *odd_r)
{
	const char *charset = meaning(declared);
	gboolean utf8;

	if (charset != NULL && has_escapes(charset))
		return charset;
	if (is_ascii(bytes, length)) {
		if (!has_japanese_escapes(bytes, length))
			return NULL;
		*odd_r = TRUE;
		return JAPANESE;
	}
	utf8 = g_utf8_validate(bytes, length, NULL);
	if (charset != NULL && strcmp(charset, "UTF-8") != 0 &&
	    !(utf8 && is_single_byte(charset)))
		return charset;
	if (utf8) {
		*odd_r =
		    *odd_r ||
		    (declared != NULL &&
			(charset == NULL || strcmp(charset, "UTF-8") != 0));
		return NULL;
	}
	*odd_r = TRUE;
	return charset == NULL || is_hardly_utf8(bytes, length) ? WINDOWS
								: NULL;
}

static GString *
convert_as(const char *charset, const char *bytes, gsize length, gsize max,
    gboolean *odd_r)
{
	gboolean odd = FALSE;
	g_autoptr(GString) text =
	    strcmp(charset, JAPANESE) == 0
		? convert_japanese(bytes, length, max, &odd)
		: charset_convert(charset, bytes, length, max, &odd);

	*odd_r = *odd_r || odd;
	/* Not what it was called, and something else fits. */
	if (odd && !is_ascii(bytes, length) &&
	    g_utf8_validate(bytes, length, NULL))
		return NULL;
	return g_steal_pointer(&text);
}

char *
charset_to_utf8(const void *bytes, gsize length, const char *declared,
    gsize max, gboolean *odd_r)
{
	const char *charset;
	g_autoptr(GString) text = NULL;
	char *clean;

	if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes = (const char *)bytes + 3;
		length -= 3;
		declared = "utf-8";
	}
	charset = choose(bytes, length, declared, odd_r);
	if (charset != NULL)
		text = convert_as(charset, bytes, length, max, odd_r);
	if (text != NULL)
		clean = unicode_repair(text->str, (gssize)text->len);
	else
		clean = unicode_repair(bytes, MIN(length, max + 4));
	unicode_cut(clean, max);
	return clean;
}
