/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever may stand in msg/KEY: by the first byte the file's bytes, or what
 * was sealed in it.
 */
#include <glib/gstdio.h>

#include "lib/base/owned.h"
#include "tests/unit/tickets/fixture.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static struct fixture *
fixture_one(void)
{
	static struct fixture fixture;

	return &fixture;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fixture_init(fixture_one());
	return 0;
}

/* The file that holds these plain bytes. */
static GBytes *
sealed(const struct fixture *fixture, const char *name, const guint8 *data,
    gsize size)
{
	struct secret *key OWNED(secret_free) = secret_random(SEAL_KEY_BYTES);
	g_autoptr(GBytes) plain = g_bytes_new(data, size);
	g_autoptr(GBytes) stream = seal_stream(key, name, plain);
	g_autoptr(GBytes) box =
	    seal_box(fixture->intake_public, secret_data(key), SEAL_KEY_BYTES);
	GByteArray *bytes = g_byte_array_new();

	g_byte_array_append(bytes, (const guint8 *)SPOOL_MAGIC, 4);
	g_byte_array_append(bytes, fixture->intake_id.bytes, IDENT_BYTES);
	g_byte_array_append(
	    bytes, g_bytes_get_data(box, NULL), SPOOL_BOX_BYTES);
	g_byte_array_append(bytes, g_bytes_get_data(stream, NULL),
	    (guint)g_bytes_get_size(stream));
	return g_byte_array_free_to_bytes(bytes);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	struct fixture *fixture = fixture_one();
	const struct ident key = fixture_ident(1);
	struct entry *entry OWNED(entry_free) = NULL;
	g_autoptr(GBytes) message = NULL, bytes = NULL;
	g_autofree char *folder = fixture_path(fixture, "spool/msg");
	g_autofree char *path = NULL;
	char name[IDENT_TEXT];

	if (size == 0)
		return 0;
	ident_text(&key, name);
	path = g_build_filename(folder, name, NULL);
	bytes = data[0] % 2 == 0 ? g_bytes_new(data + 1, size - 1)
				 : sealed(fixture, name, data + 1, size - 1);
	/* GLib lets the end of a longer file stand. */
	(void)g_unlink(path);
	if (!g_file_set_contents_full(path, g_bytes_get_data(bytes, NULL),
		(gssize)g_bytes_get_size(bytes), G_FILE_SET_CONTENTS_NONE, 0600,
		NULL))
		return 0;
	if (vaulted_read(&fixture->vaulted, &key, &entry, &message, NULL))
		g_assert(g_bytes_get_size(message) < size);
	return 0;
}
