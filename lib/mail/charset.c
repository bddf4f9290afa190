/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Charsets by GLib's iconv.  Labels as mail uses them are mapped to what they
 * mean in practice (gb2312 is written by programs that mean gb18030, and so
 * on), as browsers do by the WHATWG encoding standard.
 */
#include "lib/mail/charset.h"

#include <errno.h>
#include <string.h>

#include "lib/base/unicode.h"

#define REPLACEMENT "\xef\xbf\xbd"

static const struct {
	const char *label, *means;
} labels[] = {
	{ "gb2312", "GB18030" },
	{ "gb_2312-80", "GB18030" },
	{ "gbk", "GB18030" },
	{ "x-gbk", "GB18030" },
	{ "ks_c_5601-1987", "CP949" },
	{ "ks_c_5601", "CP949" },
	{ "euc-kr", "CP949" },
	{ "x-sjis", "CP932" },
	{ "shift_jis", "CP932" },
	{ "shift-jis", "CP932" },
	{ "iso-8859-1", "WINDOWS-1252" },
	{ "latin1", "WINDOWS-1252" },
	{ "us-ascii", "WINDOWS-1252" },
	{ "ascii", "WINDOWS-1252" },
	{ "iso-8859-9", "WINDOWS-1254" },
	{ "iso-8859-8-i", "ISO-8859-8" },
	{ "iso-2022-jp", "ISO-2022-JP-3" },
	{ "big5", "BIG5-HKSCS" },
	{ "utf8", "UTF-8" },
	{ "unicode-1-1-utf-7", "UTF-7" },
	{ "x-unknown", "WINDOWS-1252" },
	{ "unknown-8bit", "WINDOWS-1252" },
};

static const char *const kept[] = { "UTF-8", "UTF-7", "UTF-16", "UTF-16LE",
	"UTF-16BE", "UTF-32", "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252",
	"WINDOWS-1253", "WINDOWS-1254", "WINDOWS-1255", "WINDOWS-1256",
	"WINDOWS-1257", "WINDOWS-1258", "WINDOWS-874", "ISO-8859-1",
	"ISO-8859-2", "ISO-8859-3", "ISO-8859-4", "ISO-8859-5", "ISO-8859-6",
	"ISO-8859-7", "ISO-8859-8", "ISO-8859-9", "ISO-8859-10", "ISO-8859-13",
	"ISO-8859-14", "ISO-8859-15", "ISO-8859-16", "KOI8-R", "KOI8-U",
	"IBM437", "IBM850", "IBM852", "IBM866", "GB18030", "GB2312", "GBK",
	"HZ", "BIG5", "BIG5-HKSCS", "EUC-TW", "ISO-2022-CN", "EUC-KR", "CP949",
	"ISO-2022-KR", "EUC-JP", "CP932", "SHIFT_JIS", "ISO-2022-JP",
	"ISO-2022-JP-2", "ISO-2022-JP-3", "TIS-620", "MACINTOSH", "US-ASCII" };

void
charset_prepare(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(kept); i++) {
		/* Never closed: an open converter keeps its module in memory.
		 */
		(void)g_iconv_open("UTF-8", kept[i]);
		(void)g_iconv_open(kept[i], "UTF-8");
	}
}

static const char *
meaning(const char *declared)
{
	for (gsize i = 0; i < G_N_ELEMENTS(labels); i++) {
		if (g_ascii_strcasecmp(declared, labels[i].label) == 0)
			return labels[i].means;
	}
	return declared;
}

/* A label that is plain enough to be handed to iconv. */
static gboolean
is_label(const char *declared)
{
	gsize length = strlen(declared);

	return length > 0 && length < 40 &&
	       strspn(declared,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		   "0123456789-_.:+") == length;
}

/* Converts what can be, with U+FFFD for what cannot. */
static char *
convert(GIConv converter, const char *bytes, gsize length, gsize max,
    gboolean *odd_r)
{
	GString *text = g_string_sized_new(MIN(length * 2, max) + 16);
	gchar *at = (gchar *)bytes;
	gsize left = length;

	while (left > 0 && text->len < max) {
		gchar buffer[4096], *out = buffer;
		gsize room = sizeof(buffer);
		gsize done = g_iconv(converter, &at, &left, &out, &room);

		g_string_append_len(text, buffer, out - buffer);
		if (done != (gsize)-1 || errno == E2BIG)
			continue;
		*odd_r = TRUE;
		g_string_append(text, REPLACEMENT);
		at++;
		left--;
	}
	return g_string_free(text, FALSE);
}

static char *
convert_from(const char *charset, const char *bytes, gsize length, gsize max,
    gboolean *odd_r)
{
	GIConv converter = g_iconv_open("UTF-8", charset);
	char *text;

	if (converter == (GIConv)-1)
		return NULL;
	text = convert(converter, bytes, length, max, odd_r);
	g_iconv_close(converter);
	return text;
}

char *
charset_to_utf8(const void *bytes, gsize length, const char *declared,
    gsize max, gboolean *odd_r)
{
	const char *charset =
	    declared != NULL && is_label(declared) ? meaning(declared) : NULL;
	gboolean utf8 = g_utf8_validate(bytes, length, NULL);
	g_autofree char *text = NULL;
	char *clean;

	/* Valid UTF-8 with bytes above 127 is hardly ever anything else, but
	 * charsets of seven bits with escapes are always as declared. */
	if (charset != NULL &&
	    !(utf8 && strcmp(charset, "WINDOWS-1252") == 0) &&
	    g_ascii_strcasecmp(charset, "UTF-8") != 0)
		text = convert_from(charset, bytes, length, max, odd_r);
	if (text == NULL && !utf8 && charset == NULL) {
		*odd_r = TRUE;
		text = convert_from("WINDOWS-1252", bytes, length, max, odd_r);
	}
	if (text == NULL) {
		*odd_r = *odd_r || !utf8;
		clean = unicode_repair(bytes, length);
	} else {
		clean = unicode_repair(text, -1);
	}
	unicode_cut(clean, max);
	return clean;
}
