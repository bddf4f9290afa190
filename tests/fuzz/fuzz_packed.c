/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as what mail is packed in: winmail.dat and RTF, an invitation,
 * S/MIME, PGP armour, uuencode.  They are opened or refused.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "lib/base/unicode.h"
#include "lib/mail/message.h"
#include "tickets/invite.h"
#include "tickets/rtf.h"
#include "tickets/sealed_mail.h"
#include "tickets/tnef.h"
#include "tickets/uuencode.h"

#define MOST 20000

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	message_prepare();
	return 0;
}

static void
must_be_text(const char *text)
{
	g_assert(text == NULL || g_utf8_validate(text, -1, NULL));
}

static void
read_tnef(GBytes *bytes)
{
	struct tnef *tnef OWNED(tnef_free) = tnef_read(bytes, MOST, NULL);
	gsize sum = 0;

	if (tnef == NULL)
		return;
	must_be_text(tnef->text);
	must_be_text(tnef->html);
	g_assert(tnef->files->len <= TNEF_FILES_MOST);
	for (guint i = 0; i < tnef->files->len; i++) {
		const struct ticket_file *file = tnef->files->pdata[i];

		must_be_text(file->name);
		sum += g_bytes_get_size(file->bytes);
	}
	g_assert(sum <= MOST);
}

static void
read_text(const guint8 *data, gsize size)
{
	g_autofree char *text = unicode_repair((const char *)data, size);
	g_autofree char *summary = invite_summary(text, strlen(text));
	enum sealed_kind kind;
	g_autofree char *shown = sealed_armour_text(text, &kind);

	must_be_text(summary);
	must_be_text(shown);
	g_assert((shown == NULL) == (kind == SEALED_NOT));
	g_assert(shown == NULL || strlen(shown) <= strlen(text));
}

static void
read_uuencode(const guint8 *data, gsize size)
{
	g_autoptr(GPtrArray) files =
	    g_ptr_array_new_with_free_func(ticket_file_free);
	g_autofree char *text = unicode_repair((const char *)data, size);
	g_autofree char *rest = uuencode_take(text, MOST, files);
	gsize sum = 0;

	must_be_text(rest);
	g_assert((rest == NULL) == (files->len == 0));
	g_assert(rest == NULL || strlen(rest) < strlen(text));
	g_assert(files->len <= UUENCODE_FILES_MOST);
	for (guint i = 0; i < files->len; i++) {
		const struct ticket_file *file = files->pdata[i];

		must_be_text(file->name);
		sum += g_bytes_get_size(file->bytes);
	}
	g_assert(sum <= MOST);
}

static void
read_smime(GBytes *bytes)
{
	enum sealed_kind kind;
	g_autoptr(GBytes) inside = sealed_smime_open(bytes, &kind);

	g_assert(inside == NULL || kind == SEALED_SIGNED);
}

/* The first byte says what it is taken for. */
int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	g_autoptr(GBytes) bytes = NULL;
	g_autofree char *text = NULL;

	if (size < 1)
		return 0;
	bytes = g_bytes_new(data + 1, size - 1);
	switch (data[0] % 4) {
	case 0:
		read_tnef(bytes);
		break;
	case 1:
		text = rtf_text((const char *)data + 1, size - 1, MOST);
		must_be_text(text);
		break;
	case 2:
		read_text(data + 1, size - 1);
		read_uuencode(data + 1, size - 1);
		break;
	default:
		read_smime(bytes);
		break;
	}
	return 0;
}
