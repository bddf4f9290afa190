/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a file of mail, one message or an mbox: what comes of it is
 * within the ceiling and no more than there was, and is found again at its
 * place.
 */
#include <glib/gstdio.h>
#include <string.h>

#include "lib/base/owned.h"
#include "tests/unit/base/folder.h"
#include "tools/source.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

#define MOST 2000 /* bytes of a message; small, so that a fuzzer meets it */

static struct folder *
the_folder(void)
{
	static struct folder folder;

	return &folder;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	folder_init(the_folder(), NULL);
	return 0;
}

static void
check_again(struct source *source, GBytes *message)
{
	struct source_place place = { 0 };
	g_autoptr(GBytes) again = NULL;
	g_autofree char *name = NULL;

	source_where(source, &place);
	g_assert(source_read(&place, MOST, &again, &name, NULL));
	g_assert(g_bytes_equal(message, again));
	g_free(place.path);
}

static void
read_all(const char *path, gsize size)
{
	char *paths[] = { (char *)path, NULL };
	struct source *source OWNED(source_close) = source_open(paths, MOST);
	gsize sum = 0, count = 0;

	for (;;) {
		g_autoptr(GBytes) message = NULL;
		g_autofree char *name = NULL;
		g_autoptr(GError) error = NULL;

		if (source_next(source, &message, &name, &error)) {
			g_assert(name != NULL);
			g_assert(g_bytes_get_size(message) <= MOST);
			sum += g_bytes_get_size(message);
			check_again(source, message);
		} else if (error == NULL) {
			break;
		}
		g_assert(++count <= size + 1);
	}
	g_assert(sum <= size);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	g_autofree char *path = folder_path(the_folder(), "mail");

	/* GLib lets the end of a longer file stand. */
	(void)g_unlink(path);
	if (g_file_set_contents_full(path, (const char *)data, (gssize)size,
		G_FILE_SET_CONTENTS_NONE, 0600, NULL))
		read_all(path, size);
	return 0;
}
