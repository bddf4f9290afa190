/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files by their content.  Types are compared by family: programs name the same
 * kind of file in many ways (every office document is a zip archive, every CSV
 * is text), and a note that is wrong half of the time is read by nobody.
 */
#include "lib/mail/filetype.h"

#include <magic.h>
#include <string.h>

#include "lib/base/err.h"

/* Enough for every magic number, and for the list of an office document. */
#define LOOK_MOST (1 << 20)

struct filetype {
	magic_t cookie;
};

struct filetype *
filetype_open(GError **error)
{
	struct filetype *filetype = g_new0(struct filetype, 1);

	/* Not within compressed files: that takes a program, or much memory. */
	filetype->cookie = magic_open(
	    MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF);
	if (filetype->cookie != NULL && magic_load(filetype->cookie, NULL) == 0)
		return filetype;
	err_set(error, DG_ERROR_IO, "libmagic: %s",
	    filetype->cookie != NULL ? magic_error(filetype->cookie)
				     : "no memory");
	filetype_close(&filetype);
	return NULL;
}

void
filetype_close(struct filetype **filetype)
{
	if (*filetype == NULL)
		return;
	if ((*filetype)->cookie != NULL)
		magic_close((*filetype)->cookie);
	g_clear_pointer(filetype, g_free);
}

char *
filetype_find(struct filetype *filetype, gconstpointer data, gsize length)
{
	const char *type;

	if (length == 0)
		return NULL;
	type = magic_buffer(filetype->cookie, data, MIN(length, LOOK_MOST));
	if (type == NULL || strcmp(type, "application/octet-stream") == 0)
		return NULL;
	return g_ascii_strdown(type, -1);
}

enum family {
	UNKNOWN,
	ARCHIVE,
	IMAGE,
	MEDIA,
	OLE, /* the binary files of older office programs */
	PDF,
	PROGRAM,
	RTF,
	TEXT,
	ZIP /* and what is built as one */
};

/* The first that the type begins with counts. */
static const struct {
	const char *type;
	enum family family;
} families[] = {
	{ "application/cdfv2", OLE },
	{ "application/csv", TEXT },
	{ "application/epub", ZIP },
	{ "application/gzip", ARCHIVE },
	{ "application/ics", TEXT },
	{ "application/java-archive", ZIP },
	{ "application/javascript", TEXT },
	{ "application/json", TEXT },
	{ "application/msexcel", OLE },
	{ "application/mspowerpoint", OLE },
	{ "application/msword", OLE },
	{ "application/ogg", MEDIA },
	{ "application/pdf", PDF },
	{ "application/pgp", TEXT },
	{ "application/rtf", RTF },
	{ "application/vnd.microsoft.portable-executable", PROGRAM },
	{ "application/vnd.ms-excel.sheet.macroenabled", ZIP },
	{ "application/vnd.ms-excel", OLE },
	{ "application/vnd.ms-office", OLE },
	{ "application/vnd.ms-outlook", OLE },
	{ "application/vnd.ms-powerpoint", OLE },
	{ "application/vnd.ms-word.document.macroenabled", ZIP },
	{ "application/vnd.oasis.opendocument", ZIP },
	{ "application/vnd.openxmlformats", ZIP },
	{ "application/vnd.rar", ARCHIVE },
	{ "application/x-7z", ARCHIVE },
	{ "application/x-bzip", ARCHIVE },
	{ "application/x-dosexec", PROGRAM },
	{ "application/x-executable", PROGRAM },
	{ "application/x-gzip", ARCHIVE },
	{ "application/x-mach-binary", PROGRAM },
	{ "application/x-msdos-program", PROGRAM },
	{ "application/x-msdownload", PROGRAM },
	{ "application/x-ole-storage", OLE },
	{ "application/x-pdf", PDF },
	{ "application/x-pie-executable", PROGRAM },
	{ "application/x-rar", ARCHIVE },
	{ "application/x-sharedlib", PROGRAM },
	{ "application/x-tar", ARCHIVE },
	{ "application/x-xz", ARCHIVE },
	{ "application/x-zip", ZIP },
	{ "application/xml", TEXT },
	{ "application/zip", ZIP },
	{ "audio/", MEDIA },
	{ "image/svg", TEXT },
	{ "image/", IMAGE },
	{ "message/", TEXT },
	{ "text/rtf", RTF },
	{ "text/", TEXT },
	{ "video/", MEDIA },
};

/* What counts where the header says nothing, and what nameless parts get (the
 * first of its type). */
static const struct {
	const char *type, *ending;
} endings[] = {
	{ "application/json", ".json" },
	{ "application/msword", ".doc" },
	{ "application/ms-tnef", ".dat" },
	{ "application/pdf", ".pdf" },
	{ "application/pgp-encrypted", ".asc" },
	{ "application/pgp-keys", ".asc" },
	{ "application/pgp-signature", ".asc" },
	{ "application/pkcs7-mime", ".p7m" },
	{ "application/pkcs7-signature", ".p7s" },
	{ "application/rtf", ".rtf" },
	{ "application/vnd.ms-excel", ".xls" },
	{ "application/vnd.ms-powerpoint", ".ppt" },
	{ "application/vnd.ms-tnef", ".dat" },
	{ "application/vnd.oasis.opendocument.text", ".odt" },
	{ "application/"
	  "vnd.openxmlformats-officedocument.wordprocessingml.document",
	    ".docx" },
	{ "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	    ".xlsx" },
	{ "application/x-msdownload", ".exe" },
	{ "application/x-msdownload", ".dll" },
	{ "application/x-msdownload", ".scr" },
	{ "application/x-pkcs7-mime", ".p7m" },
	{ "application/x-pkcs7-signature", ".p7s" },
	{ "application/xml", ".xml" },
	{ "application/zip", ".zip" },
	{ "audio/aac", ".aac" },
	{ "audio/amr", ".amr" },
	{ "audio/mp4", ".m4a" },
	{ "audio/mpeg", ".mp3" },
	{ "audio/ogg", ".ogg" },
	{ "audio/wav", ".wav" },
	{ "image/bmp", ".bmp" },
	{ "image/gif", ".gif" },
	{ "image/heic", ".heic" },
	{ "image/jpeg", ".jpg" },
	{ "image/jpeg", ".jpeg" },
	{ "image/jpg", ".jpg" },
	{ "image/png", ".png" },
	{ "image/svg+xml", ".svg" },
	{ "image/tiff", ".tif" },
	{ "image/webp", ".webp" },
	{ "message/delivery-status", ".txt" },
	{ "message/disposition-notification", ".txt" },
	{ "message/global", ".eml" },
	{ "message/rfc822", ".eml" },
	{ "message/rfc2822", ".eml" },
	{ "text/calendar", ".ics" },
	{ "text/csv", ".csv" },
	{ "text/html", ".html" },
	{ "text/plain", ".txt" },
	{ "text/rfc822-headers", ".txt" },
	{ "text/vcard", ".vcf" },
	{ "text/x-vcard", ".vcf" },
	{ "video/3gpp", ".3gp" },
	{ "video/mp4", ".mp4" },
	{ "video/quicktime", ".mov" },
	{ "video/webm", ".webm" },
};

/* What is said of a kind of file in the name of a part that has none: the first
 * that the type begins with. */
static const struct {
	const char *type, *word;
} words[] = {
	{ "application/ms-tnef", "winmail" },
	{ "application/msword", "document" },
	{ "application/pdf", "document" },
	{ "application/pgp-signature", "signature" },
	{ "application/pkcs7-mime", "smime" },
	{ "application/pkcs7-signature", "signature" },
	{ "application/rtf", "document" },
	{ "application/vnd.ms-tnef", "winmail" },
	{ "application/vnd.oasis.opendocument.text", "document" },
	{ "application/vnd.openxmlformats-officedocument.word", "document" },
	{ "application/x-pkcs7-mime", "smime" },
	{ "application/x-pkcs7-signature", "signature" },
	{ "audio/", "audio" },
	{ "image/", "image" },
	{ "message/", "message" },
	{ "text/calendar", "invitation" },
	{ "text/", "document" },
	{ "video/", "video" },
};

static enum family
family_of(const char *type)
{
	for (gsize i = 0; i < G_N_ELEMENTS(families); i++) {
		if (g_ascii_strncasecmp(
			type, families[i].type, strlen(families[i].type)) == 0)
			return families[i].family;
	}
	return UNKNOWN;
}

static enum family
family_by_name(const char *name)
{
	const char *dot = name != NULL ? strrchr(name, '.') : NULL;

	for (gsize i = 0; dot != NULL && i < G_N_ELEMENTS(endings); i++) {
		if (g_ascii_strcasecmp(dot, endings[i].ending) == 0)
			return family_of(endings[i].type);
	}
	return UNKNOWN;
}

/* Old Word documents are RTF now and then, tables text or HTML: Word and Excel
 * write them so. */
static gboolean
is_one_family(enum family a, enum family b)
{
	return a == b || a == UNKNOWN || b == UNKNOWN ||
	       (a == OLE && b == RTF) || (a == RTF && b == TEXT) ||
	       (a == ARCHIVE && b == ZIP) || (a == ZIP && b == ARCHIVE);
}

gboolean
filetype_fits(const char *declared, const char *name, const char *found)
{
	enum family is = family_of(found), header = family_of(declared),
		    ending = family_by_name(name);

	if (is == PROGRAM)
		return (header == PROGRAM || header == UNKNOWN) &&
		       (ending == PROGRAM ||
			   (ending == UNKNOWN && header == PROGRAM));
	return is_one_family(header, is) && is_one_family(ending, is);
}

static const char *
ending_of(const char *type)
{
	for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
		if (strcmp(type, endings[i].type) == 0)
			return endings[i].ending;
	}
	return ".bin";
}

static gboolean
has_ending_of(const char *name, const char *type)
{
	const char *dot = strrchr(name, '.');

	for (gsize i = 0;
	     dot != NULL && dot > name && i < G_N_ELEMENTS(endings); i++) {
		if (strcmp(type, endings[i].type) == 0 &&
		    g_ascii_strcasecmp(dot, endings[i].ending) == 0)
			return TRUE;
	}
	return FALSE;
}

char *
filetype_name(const char *type, const char *id)
{
	g_autofree char *left =
	    id != NULL ? g_strndup(id, strcspn(id, "@")) : NULL;
	const char *word = "file";

	if (left != NULL && has_ending_of(left, type))
		return g_steal_pointer(&left);
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
		if (g_str_has_prefix(type, words[i].type)) {
			word = words[i].word;
			break;
		}
	}
	return g_strconcat(word, ending_of(type), NULL);
}
