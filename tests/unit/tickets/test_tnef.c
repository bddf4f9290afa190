/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * winmail.dat, written here piece by piece, whole and broken.
 */
#include "tickets/tnef.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/mail/message.h"
#include "tickets/rtf.h"

#define MOST (1 << 20)

/* --- writing --- */

static void
put(GByteArray *out, guint32 number, guint bytes)
{
	for (guint i = 0; i < bytes; i++) {
		guint8 byte = number >> (8 * i);

		g_byte_array_append(out, &byte, 1);
	}
}

static GByteArray *
begin(void)
{
	GByteArray *out = g_byte_array_new();

	put(out, 0x223e9f78, 4);
	put(out, 1, 2);
	return out;
}

static void
put_attribute(
    GByteArray *out, guint level, guint32 id, const void *data, gsize length)
{
	guint sum = 0;

	for (gsize i = 0; i < length; i++)
		sum += ((const guint8 *)data)[i];
	put(out, level, 1);
	put(out, id, 4);
	put(out, length, 4);
	g_byte_array_append(out, data, length);
	put(out, sum, 2);
}

static void
put_counted(GByteArray *out, const void *data, gsize length)
{
	put(out, length, 4);
	g_byte_array_append(out, data, length);
	put(out, 0, (4 - length % 4) % 4);
}

static void
put_value(GByteArray *out, guint type, guint id, const void *data, gsize length)
{
	put(out, type, 2);
	put(out, id, 2);
	put(out, 1, 4);
	put_counted(out, data, length);
}

/* Properties of the message: a number, a named one, many texts, then the body.
 */
static void
put_message(
    GByteArray *out, guint type, guint id, const void *body, gsize length)
{
	g_autoptr(GByteArray) values = g_byte_array_new();
	static const guint8 guid[16] = { 7 };

	put(values, 4, 4);
	put(values, 0x0003, 2);
	put(values, 0x3fde, 2);
	put(values, 65001, 4);
	put(values, 0x001f, 2);
	put(values, 0x8001, 2);
	g_byte_array_append(values, guid, sizeof(guid));
	put(values, 1, 4);
	put_counted(values, "n\0a\0m\0", 6);
	put(values, 1, 4);
	put_counted(values, "v\0", 2);
	put(values, 0x101e, 2);
	put(values, 0x0042, 2);
	put(values, 2, 4);
	put_counted(values, "one", 4);
	put_counted(values, "second", 7);
	put_value(values, type, id, body, length);
	put_attribute(out, 1, 0x00069003, values->data, values->len);
}

static void
put_file(GByteArray *out, const char *name, const char *bytes)
{
	g_autoptr(GByteArray) values = g_byte_array_new();

	put_attribute(out, 2, 0x00069002, "\1\0\0\0\0\0\0\0\0\0\0\0\0\0", 14);
	put_attribute(out, 2, 0x00018010, "SHORT~1.PDF", 12);
	put_attribute(out, 2, 0x0006800f, bytes, strlen(bytes));
	put(values, 3, 4);
	put_value(values, 0x1e, 0x3707, name, strlen(name) + 1);
	put_value(values, 0x1e, 0x370e, "application/pdf", 16);
	put_value(values, 0x1e, 0x3712, "i@example.org", 14);
	put_attribute(out, 2, 0x00069005, values->data, values->len);
}

static struct tnef *
read_bytes(GByteArray *out, gsize most)
{
	g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(out);
	g_autoptr(GError) error = NULL;
	struct tnef *tnef = tnef_read(bytes, most, &error);

	g_assert_no_error(error);
	return tnef;
}

/* --- reading --- */

static void
test_files(void)
{
	GByteArray *out = begin();
	struct tnef *tnef OWNED(tnef_free) = NULL;
	const struct ticket_file *file;

	put_attribute(out, 1, 0x0002800c, "Old body", 8);
	put_file(out, "A long name.pdf", "%PDF-1");
	put_file(out, "Another.pdf", "%PDF-2");
	tnef = read_bytes(out, MOST);
	g_assert_cmpstr(tnef->text, ==, "Old body");
	g_assert_null(tnef->html);
	g_assert_false(tnef->cut);
	g_assert_cmpuint(tnef->files->len, ==, 2);
	file = tnef->files->pdata[0];
	g_assert_cmpstr(file->name, ==, "A long name.pdf");
	g_assert_cmpstr(file->type, ==, "application/pdf");
	g_assert_cmpstr(file->content_id, ==, "i@example.org");
	g_assert_cmpmem(g_bytes_get_data(file->bytes, NULL),
	    g_bytes_get_size(file->bytes), "%PDF-1", 6);
}

static void
test_bodies(void)
{
	static const struct {
		const char *name;
		guint type, id;
		const char *body;
		gsize length;
		const char *text, *html;
	} cases[] = {
		{ "text", 0x1e, 0x1000, "caf\xc3\xa9", 6, "caf\xc3\xa9", NULL },
		{ "wide text", 0x1f, 0x1000, "c\0a\0f\0\xe9\0\0", 10,
		    "caf\xc3\xa9", NULL },
		{ "html", 0x102, 0x1013, "<p>x</p>", 8, "", "<p>x</p>" },
		{ "rtf", 0x102, 0x1009,
		    "\x20\0\0\0\x10\0\0\0MELA\0\0\0\0{\\rtf1 a\\par b}", 32,
		    "a\nb", NULL },
		{ "an odd type", 0x03, 0x1000, "abcd", 4, "", NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		GByteArray *out = begin();
		struct tnef *tnef OWNED(tnef_free) = NULL;

		put_message(out, cases[i].type, cases[i].id, cases[i].body,
		    cases[i].length);
		tnef = read_bytes(out, MOST);
		g_test_message("%s", cases[i].name);
		g_assert_cmpstr(tnef->text, ==, cases[i].text);
		g_assert_cmpstr(tnef->html, ==, cases[i].html);
	}
}

/* Cut anywhere, and with each byte another one: it is read or refused. */
static void
test_broken(void)
{
	GByteArray *out = begin();
	g_autoptr(GBytes) whole = NULL;
	gsize length;
	const guint8 *data;

	put_message(out, 0x1e, 0x1000, "body", 5);
	put_file(out, "A long name.pdf", "%PDF-1");
	whole = g_byte_array_free_to_bytes(out);
	data = g_bytes_get_data(whole, &length);
	for (gsize cut = 0; cut < length; cut++) {
		/* Of its own, so that a sanitizer sees its end. */
		g_autoptr(GBytes) bytes = g_bytes_new(data, cut);
		struct tnef *tnef OWNED(tnef_free) =
		    tnef_read(bytes, MOST, NULL);

		g_assert_cmpint(tnef != NULL, ==, cut >= 6);
	}
	for (gsize at = 6; at < length; at++) {
		static const guint8 odd[] = { 0, 0x7f, 0x80, 0xff };

		for (gsize i = 0; i < G_N_ELEMENTS(odd); i++) {
			guint8 *copy = g_memdup2(data, length);
			g_autoptr(GBytes) bytes =
			    g_bytes_new_take(copy, length);
			struct tnef *tnef OWNED(tnef_free) = NULL;

			copy[at] = odd[i];
			tnef = tnef_read(bytes, MOST, NULL);
			g_assert_nonnull(tnef);
		}
	}
}

static void
test_limits(void)
{
	GByteArray *out = begin();
	struct tnef *many OWNED(tnef_free) = NULL;
	struct tnef *large OWNED(tnef_free) = NULL;
	g_autoptr(GBytes) none = g_bytes_new_static("winmail", 7);
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < TNEF_FILES_MOST + 5; i++)
		put_file(out, "a.pdf", "x");
	many = read_bytes(out, MOST);
	g_assert_cmpuint(many->files->len, ==, TNEF_FILES_MOST);
	g_assert_true(many->cut);

	out = begin();
	put_file(out, "a.pdf", "0123456789");
	put_file(out, "b.pdf", "012");
	large = read_bytes(out, 5);
	g_assert_cmpuint(large->files->len, ==, 1);
	g_assert_true(large->cut);

	g_assert_null(tnef_read(none, MOST, &error));
	g_assert_true(err_is(error, DG_ERROR_BAD));
}

static void
test_is(void)
{
	g_assert_true(tnef_is("application/ms-tnef", NULL));
	g_assert_true(tnef_is("application/octet-stream", "WINMAIL.DAT"));
	g_assert_false(tnef_is("application/octet-stream", "x.dat"));
	g_assert_false(tnef_is("application/octet-stream", NULL));
}

/* --- RTF --- */

static void
test_rtf(void)
{
	static const struct {
		const char *rtf, *want;
	} cases[] = {
		{ "{\\rtf1\\ansi Hello\\par {\\b you}\\tab x}",
		    "Hello\nyou\tx" },
		{ "{\\rtf1{\\fonttbl{\\f0 Arial;}}{\\*\\generator "
		  "x;}{\\info{\\title t}}a}",
		    "a" },
		{ "{\\rtf1\\ansicpg1251 \\'cf\\'f0}", "\xd0\x9f\xd1\x80" },
		{ "{\\rtf1\\uc1 \\u8364 ?x\\u-4064?}",
		    "\xe2\x82\xacx\xef\x80\xa0" },
		{ "{\\rtf1 \\{a\\}\\\\\\~b}", "{a}\\ b" },
		{ "{\\rtf1\\fromhtml1 {\\*\\htmltag64 <p>}\\htmlrtf \\par "
		  "\\htmlrtf0 a{\\*\\htmltag72 </p>}}",
		    "a" },
		{ "{\\rtf1 {\\pict 0102}{\\bin3 }}}a", "a" },
		{ "{\\rtf1 a\\'", "a" },
		{ "{\\rtf1 a\\", "a" },
		{ "{\\rtf1 a}}}}b", "ab" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		GByteArray *packed = g_byte_array_new();
		g_autofree char *text = NULL;

		put(packed, strlen(cases[i].rtf) + 12, 4);
		put(packed, strlen(cases[i].rtf), 4);
		g_byte_array_append(packed, (const guint8 *)"MELA\0\0\0\0", 8);
		g_byte_array_append(
		    packed, (const guint8 *)cases[i].rtf, strlen(cases[i].rtf));
		text = rtf_text((const char *)packed->data, packed->len, MOST);
		g_test_message("%s", cases[i].rtf);
		g_assert_cmpstr(text, ==, cases[i].want);
		g_byte_array_unref(packed);
	}
}

/* The example of [MS-OXRTFCP] 4.1.1: with references into what stands at first
 * in the window. */
static void
test_unpack(void)
{
	static const guint8 packed[] = { 0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c,
		0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0, 0x0a, 0,
		0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a,
		0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0, 0x20, 0x62, 0x77, 0x05,
		0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0 };
	GString *rtf = rtf_unpack((const char *)packed, sizeof(packed), MOST);

	g_assert_cmpstr(
	    rtf->str, ==, "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
	g_string_free(rtf, TRUE);
	for (gsize cut = 0; cut < sizeof(packed); cut++) {
		g_autofree char *copy = g_memdup2(packed, cut);

		rtf = rtf_unpack(copy, cut, MOST);
		g_assert_cmpint(rtf != NULL, ==, cut >= 16);
		if (rtf != NULL)
			g_string_free(rtf, TRUE);
	}
}

/* It says that it is 4 GB, and each two bytes would be 17: no more comes out
 * than may. */
static void
test_unpack_bomb(void)
{
	static const guint8 head[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0x4c, 0x5a, 0x46, 0x75, 0, 0, 0, 0 };
	g_autoptr(GByteArray) bomb = g_byte_array_new();
	GString *rtf;

	g_byte_array_append(bomb, head, sizeof(head));
	/* 207 bytes stand in the window at first; a reference to where it is
	 * written would be the end. */
	for (guint i = 0, at = 207; i < 80000; i++, at += 17) {
		guint from = (at + 100) % 4096;
		const guint8 piece[] = { 0xff, (guint8)(from >> 4),
			(guint8)(from << 4 | 0xf) };

		g_byte_array_append(
		    bomb, piece + (i % 8 != 0), 2 + (i % 8 == 0));
	}
	rtf = rtf_unpack((const char *)bomb->data, bomb->len, G_MAXSIZE);
	g_assert_cmpuint(rtf->len, >, 1000000);
	g_string_free(rtf, TRUE);
	rtf = rtf_unpack((const char *)bomb->data, bomb->len, 1000);
	g_assert_cmpuint(rtf->len, ==, 1000);
	g_string_free(rtf, TRUE);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	message_prepare();
	g_test_add_func("/tnef/files", test_files);
	g_test_add_func("/tnef/bodies", test_bodies);
	g_test_add_func("/tnef/broken", test_broken);
	g_test_add_func("/tnef/limits", test_limits);
	g_test_add_func("/tnef/is", test_is);
	g_test_add_func("/tnef/rtf", test_rtf);
	g_test_add_func("/tnef/rtf-unpack", test_unpack);
	g_test_add_func("/tnef/rtf-bomb", test_unpack_bomb);
	return g_test_run();
}
