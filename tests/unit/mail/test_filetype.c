/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files by their content, beside what is said of them.
 */
#include "lib/mail/filetype.h"

#include <string.h>

#include "lib/base/owned.h"

#define PNG "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0"
#define DOS \
	"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0\xb8\0\0\0\0\0\0\0@\0\0\0\0\0" \
	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" \
	"\x40\0\0\0PE\0\0L\1\1\0"

static void
test_find(void)
{
	static const struct {
		const char *name, *data;
		gsize length;
		const char *want;
	} cases[] = {
		{ "nothing", "", 0, NULL },
		{ "text", "Hello there\n", 12, "text/plain" },
		{ "pdf", "%PDF-1.4\n1 0 obj\n", 17, "application/pdf" },
		{ "png", PNG, sizeof(PNG) - 1, "image/png" },
		/* What is packed stays so: "seen", by gzip. */
		{ "gzip",
		    "\x1f\x8b\x08\0\0\0\0\0\0\x03\x2b\x4e\x4d\xcd\x03\0"
		    "\x0e\xf1\x5e\xb5\x04\0\0\0",
		    24, "application/gzip" },
		{ "noise", "\1\2\3\4\5\6\7\x80\x81\x82\x83", 11, NULL },
	};
	g_autoptr(GError) error = NULL;
	struct filetype *filetype OWNED(filetype_close) = filetype_open(&error);

	g_assert_no_error(error);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *found =
		    filetype_find(filetype, cases[i].data, cases[i].length);

		g_test_message("%s", cases[i].name);
		g_assert_cmpstr(found, ==, cases[i].want);
	}
}

/* Whatever this libmagic calls it, a program is no document. */
static void
test_program(void)
{
	struct filetype *filetype OWNED(filetype_close) = filetype_open(NULL);
	g_autofree char *found = filetype_find(filetype, DOS, sizeof(DOS) - 1);

	g_assert_nonnull(found);
	g_assert_false(filetype_fits("application/pdf", "invoice.pdf", found));
	g_assert_false(
	    filetype_fits("application/octet-stream", "invoice.pdf", found));
	g_assert_true(
	    filetype_fits("application/octet-stream", "setup.exe", found));
}

static void
test_fits(void)
{
	static const struct {
		const char *declared, *name, *found;
		gboolean want;
	} cases[] = {
		{ "image/png", "a.png", "image/png", TRUE },
		{ "image/jpg", "a.jpg", "image/jpeg", TRUE },
		{ "image/png", "a.png", "text/html", FALSE },
		{ "image/svg+xml", "a.svg", "text/plain", TRUE },
		{ "application/pdf", NULL, "text/plain", FALSE },
		{ "application/octet-stream", "a.pdf", "application/pdf",
		    TRUE },
		{ "application/octet-stream", "a.pdf", "image/png", FALSE },
		{ "application/octet-stream", "a.xyz", "image/png", TRUE },
		{ "application/x-unheard", NULL, "text/plain", TRUE },
		{ "application/vnd.openxmlformats-officedocument."
		  "wordprocessingml.document",
		    "a.docx", "application/zip", TRUE },
		{ "application/msword", "a.doc", "text/rtf", TRUE },
		{ "text/csv", "a.csv", "application/csv", TRUE },
		{ "text/plain", "a.txt", "application/x-dosexec", FALSE },
		{ "application/x-msdownload", NULL, "application/x-dosexec",
		    TRUE },
		{ "application/octet-stream", "a.exe", "application/x-dosexec",
		    TRUE },
		{ "application/octet-stream", NULL, "application/x-dosexec",
		    FALSE },
		{ "application/msword", "a.exe", "application/x-dosexec",
		    FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s %s %s", cases[i].declared, cases[i].name,
		    cases[i].found);
		g_assert_cmpint(filetype_fits(cases[i].declared, cases[i].name,
				    cases[i].found),
		    ==, cases[i].want);
	}
}

static void
test_name(void)
{
	static const struct {
		const char *type, *id, *want;
	} cases[] = {
		{ "application/pdf", NULL, "document.pdf" },
		{ "application/x-none", NULL, "file.bin" },
		{ "image/jpeg", NULL, "image.jpg" },
		{ "image/x-none", NULL, "image.bin" },
		{ "message/rfc822", NULL, "message.eml" },
		{ "text/calendar", NULL, "invitation.ics" },
		{ "text/html", NULL, "document.html" },
		{ "video/quicktime", NULL, "video.mov" },
		{ "image/jpeg", "image001.jpg@01CD.D8A5", "image001.jpg" },
		{ "image/jpeg", "A.JPEG", "A.JPEG" },
		{ "image/jpeg", "ii_1@mail.example.com", "image.jpg" },
		{ "image/jpeg", "run.exe@example.com", "image.jpg" },
		{ "image/jpeg", ".jpg@example.com", "image.jpg" },
		{ "image/jpeg", "@a.jpg", "image.jpg" },
		{ "image/jpeg", "", "image.jpg" },
		{ "application/x-none", "a.bin@example.com", "file.bin" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *name =
		    filetype_name(cases[i].type, cases[i].id);

		g_assert_cmpstr(name, ==, cases[i].want);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/filetype/find", test_find);
	g_test_add_func("/filetype/program", test_program);
	g_test_add_func("/filetype/fits", test_fits);
	g_test_add_func("/filetype/name", test_name);
	return g_test_run();
}
