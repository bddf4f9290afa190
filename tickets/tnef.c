/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TNEF is a list of attributes (level, id, length, bytes, checksum).  Two of
 * them, one for the message and one for each attachment, hold a list of MAPI
 * properties, in which newer programs put all that matters; the older
 * attributes are read where no property says more.
 */
#include "tickets/tnef.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/mail/charset.h"
#include "tickets/mapi.h"
#include "tickets/rtf.h"

#define SIGNATURE 0x223e9f78u
/* A body larger than this is cut, and so marked. */
#define BODY_MOST (4 << 20)
#define NAME_BYTES 4096

/* Attributes, [MS-OXTNEF] 2.1.3.1. */
#define ATT_BODY 0x0002800cu
#define ATT_ATTACH_DATA 0x0006800fu
#define ATT_ATTACH_TITLE 0x00018010u
#define ATT_RENDDATA 0x00069002u
#define ATT_PROPS 0x00069003u
#define ATT_ATTACH_PROPS 0x00069005u
#define ATT_CODEPAGE 0x00069007u

/* Properties, [MS-OXPROPS]. */
#define PROP_BODY 0x1000
#define PROP_RTF 0x1009
#define PROP_HTML 0x1013
#define PROP_DISPLAY_NAME 0x3001
#define PROP_ATTACH_DATA 0x3701
#define PROP_ATTACH_NAME 0x3704
#define PROP_ATTACH_LONG_NAME 0x3707
#define PROP_ATTACH_TYPE 0x370e
#define PROP_ATTACH_ID 0x3712
#define PROP_CODEPAGE 0x3fde

struct unpack {
	struct tnef *tnef;
	gsize most; /* bytes that may still be taken */
	guint codepage;
	GString *rtf;
	struct ticket_file *file; /* the attachment that is being read */
	gboolean long_name;
};

/* --- text --- */

static char *
text_in(const struct mapi_span *bytes, guint codepage, gsize most)
{
	gboolean odd = FALSE;
	g_autofree char *name = NULL;
	char *text;

	if (codepage == 1200)
		name = g_strdup("utf-16le");
	else if (codepage == 65001 || codepage == 0)
		name = g_strdup("utf-8");
	else if (codepage > 28590 && codepage <= 28606)
		name = g_strdup_printf("iso-8859-%u", codepage - 28590);
	else
		name = g_strdup_printf("cp%u", codepage);
	text = charset_to_utf8(bytes->at, bytes->left, name, most, &odd);
	return text;
}

static char *
value_text(
    const struct unpack *unpack, const struct mapi_value *value, gsize most)
{
	return text_in(&value->bytes,
	    value->type == MAPI_UNICODE ? 1200 : unpack->codepage, most);
}

static void
set_text(char **slot, char *text)
{
	if (*text == '\0') {
		g_free(text);
		return;
	}
	g_free(*slot);
	*slot = text;
}

/* --- attachments --- */

/* Whether so much may be taken. */
static gboolean
afford(struct unpack *unpack, gsize length)
{
	if (length > unpack->most) {
		unpack->tnef->cut = TRUE;
		return FALSE;
	}
	unpack->most -= length;
	return TRUE;
}

static void
begin_file(struct unpack *unpack)
{
	unpack->file = NULL;
	unpack->long_name = FALSE;
	if (unpack->tnef->files->len >= TNEF_FILES_MOST) {
		unpack->tnef->cut = TRUE;
		return;
	}
	unpack->file = ticket_file_new(NULL, "application/octet-stream", NULL);
	g_ptr_array_add(unpack->tnef->files, unpack->file);
}

static void
set_bytes(struct unpack *unpack, const struct mapi_span *bytes)
{
	if (unpack->file == NULL || !afford(unpack, bytes->left))
		return;
	g_clear_pointer(&unpack->file->bytes, g_bytes_unref);
	unpack->file->bytes = g_bytes_new(bytes->at, bytes->left);
}

/* A message or document within: without the id of its interface, a message is
 * TNEF again. */
static void
set_object(struct unpack *unpack, struct mapi_span bytes)
{
	struct mapi_span interface;
	guint32 signature;
	struct mapi_span look;

	if (!mapi_take(&bytes, MAPI_INTERFACE_BYTES, &interface))
		return;
	look = bytes;
	if (unpack->file != NULL && mapi_take_number(&look, 4, &signature) &&
	    signature == SIGNATURE) {
		g_free(unpack->file->type);
		unpack->file->type = g_strdup("application/ms-tnef");
	}
	set_bytes(unpack, &bytes);
}

static void
set_type(struct ticket_file *file, const char *type)
{
	g_auto(GStrv) halves = g_strsplit(type, "/", 3);

	if (g_strv_length(halves) != 2 || *halves[0] == '\0' ||
	    *halves[1] == '\0' || strlen(type) > 100)
		return;
	for (const char *at = type; *at != '\0'; at++) {
		if (!g_ascii_isalnum(*at) && strchr("/.+-_", *at) == NULL)
			return;
	}
	g_free(file->type);
	file->type = g_ascii_strdown(type, -1);
}

static void
on_file_value(struct unpack *unpack, const struct mapi_value *value)
{
	struct ticket_file *file = unpack->file;
	g_autofree char *text = NULL;

	if (file == NULL)
		return;
	if (value->id == PROP_ATTACH_DATA) {
		if (value->type == MAPI_OBJECT)
			set_object(unpack, value->bytes);
		else if (value->type == MAPI_BINARY)
			set_bytes(unpack, &value->bytes);
		return;
	}
	if (value->type != MAPI_STRING8 && value->type != MAPI_UNICODE)
		return;
	text = value_text(unpack, value, NAME_BYTES);
	if (value->id == PROP_ATTACH_LONG_NAME) {
		unpack->long_name = *text != '\0';
		set_text(&file->name, g_steal_pointer(&text));
	} else if ((value->id == PROP_ATTACH_NAME ||
		       value->id == PROP_DISPLAY_NAME) &&
		   file->name == NULL) {
		set_text(&file->name, g_steal_pointer(&text));
	} else if (value->id == PROP_ATTACH_TYPE) {
		set_type(file, text);
	} else if (value->id == PROP_ATTACH_ID) {
		set_text(&file->content_id, g_steal_pointer(&text));
	}
}

/* --- the message --- */

static void
set_body(struct unpack *unpack, char **slot, char *text)
{
	if (*slot != NULL || !afford(unpack, strlen(text)))
		g_free(text);
	else
		set_text(slot, text);
}

static void
on_message_value(struct unpack *unpack, const struct mapi_value *value)
{
	struct tnef *tnef = unpack->tnef;
	gboolean text =
	    value->type == MAPI_STRING8 || value->type == MAPI_UNICODE;

	if (value->bytes.left > BODY_MOST) {
		tnef->cut |= value->id == PROP_BODY || value->id == PROP_HTML ||
			     value->id == PROP_RTF;
	} else if (value->id == PROP_BODY && text) {
		set_body(
		    unpack, &tnef->text, value_text(unpack, value, BODY_MOST));
	} else if (value->id == PROP_HTML &&
		   (text || value->type == MAPI_BINARY)) {
		set_body(
		    unpack, &tnef->html, value_text(unpack, value, BODY_MOST));
	} else if (value->id == PROP_RTF && value->type == MAPI_BINARY) {
		g_string_truncate(unpack->rtf, 0);
		g_string_append_len(unpack->rtf, (const char *)value->bytes.at,
		    (gssize)value->bytes.left);
	} else if (value->id == PROP_CODEPAGE && value->type == MAPI_LONG) {
		struct mapi_span bytes = value->bytes;
		guint32 codepage;

		if (mapi_take_number(&bytes, 4, &codepage))
			unpack->codepage = codepage;
	}
}

/* --- properties --- */

static void
read_values(struct unpack *unpack, struct mapi_span from,
    void (*on_value)(struct unpack *unpack, const struct mapi_value *value))
{
	guint32 count;
	struct mapi_value value;

	if (!mapi_take_number(&from, 4, &count))
		return;
	for (; count > 0 && mapi_take_value(&from, &value); count--)
		on_value(unpack, &value);
}

/* The codepage counts for texts that stand before it, too. */
static void
find_codepage(struct unpack *unpack, const struct mapi_value *value)
{
	if (value->id == PROP_CODEPAGE)
		on_message_value(unpack, value);
}

/* --- attributes --- */

static void
on_attribute(struct unpack *unpack, guint32 id, struct mapi_span bytes)
{
	guint32 codepage;

	switch (id) {
	case ATT_CODEPAGE:
		if (mapi_take_number(&bytes, 4, &codepage))
			unpack->codepage = codepage;
		break;
	case ATT_BODY:
		if (bytes.left <= BODY_MOST)
			set_body(unpack, &unpack->tnef->text,
			    text_in(&bytes, unpack->codepage, BODY_MOST));
		break;
	case ATT_PROPS:
		read_values(unpack, bytes, find_codepage);
		read_values(unpack, bytes, on_message_value);
		break;
	case ATT_RENDDATA:
		begin_file(unpack);
		break;
	case ATT_ATTACH_TITLE:
		if (unpack->file != NULL && !unpack->long_name)
			set_text(&unpack->file->name,
			    text_in(&bytes, unpack->codepage, NAME_BYTES));
		break;
	case ATT_ATTACH_DATA:
		set_bytes(unpack, &bytes);
		break;
	case ATT_ATTACH_PROPS:
		/* Here a long name is better than the title's 8.3. */
		read_values(unpack, bytes, on_file_value);
		break;
	default:
		break;
	}
}

static void
read_attributes(struct unpack *unpack, struct mapi_span from)
{
	guint32 level, id, length, checksum;
	struct mapi_span bytes;

	while (mapi_take_number(&from, 1, &level) &&
	       mapi_take_number(&from, 4, &id) &&
	       mapi_take_number(&from, 4, &length)) {
		if (!mapi_take(&from, length, &bytes)) {
			unpack->tnef->cut = TRUE;
			return;
		}
		on_attribute(unpack, id, bytes);
		/* Some programs do not know how to sum: it is not held against
		 * the bytes. */
		if (!mapi_take_number(&from, 2, &checksum))
			return;
	}
}

static void
use_rtf(struct unpack *unpack)
{
	g_autofree char *text = NULL;

	if (unpack->tnef->text != NULL || unpack->rtf->len == 0)
		return;
	text = rtf_text(unpack->rtf->str, unpack->rtf->len, BODY_MOST);
	if (text != NULL && afford(unpack, strlen(text)))
		unpack->tnef->text = g_steal_pointer(&text);
}

/* Attachments of which only the frame came are none. */
static void
drop_hollow(GPtrArray *files)
{
	for (guint i = files->len; i > 0; i--) {
		const struct ticket_file *file = files->pdata[i - 1];

		if (file->bytes == NULL)
			g_ptr_array_remove_index(files, i - 1);
	}
}

gboolean
tnef_is(const char *type, const char *name)
{
	return strcmp(type, "application/ms-tnef") == 0 ||
	       strcmp(type, "application/vnd.ms-tnef") == 0 ||
	       (strcmp(type, "application/octet-stream") == 0 && name != NULL &&
		   g_ascii_strcasecmp(name, "winmail.dat") == 0);
}

struct tnef *
tnef_read(GBytes *bytes, gsize most, GError **error)
{
	struct unpack unpack = { .most = most, .codepage = 1252 };
	struct mapi_span from;
	guint32 signature, key;

	from.at = g_bytes_get_data(bytes, &from.left);
	if (!mapi_take_number(&from, 4, &signature) || signature != SIGNATURE ||
	    !mapi_take_number(&from, 2, &key)) {
		err_set(error, DG_ERROR_BAD, "no TNEF");
		return NULL;
	}
	unpack.tnef = g_new0(struct tnef, 1);
	unpack.tnef->files = g_ptr_array_new_with_free_func(ticket_file_free);
	unpack.rtf = g_string_new(NULL);
	read_attributes(&unpack, from);
	use_rtf(&unpack);
	drop_hollow(unpack.tnef->files);
	g_string_free(unpack.rtf, TRUE);
	if (unpack.tnef->text == NULL)
		unpack.tnef->text = g_strdup("");
	return unpack.tnef;
}

void
tnef_free(struct tnef **tnef)
{
	if (*tnef == NULL)
		return;
	g_free((*tnef)->text);
	g_free((*tnef)->html);
	g_ptr_array_unref((*tnef)->files);
	g_clear_pointer(tnef, g_free);
}
