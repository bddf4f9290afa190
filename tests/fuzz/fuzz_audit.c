/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a month of the audit trail.  By the first byte they stand alone,
 * or behind a line that is right; then whatever follows is no part of a whole
 * chain.
 */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "lib/privacy/audit.h"
#include "tests/fuzz/quiet.h"
#include "tests/unit/base/folder.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

#define MONTH "2026-11.log"

struct trail {
	struct folder folder;
	struct secret *key;
	struct clock clock;
	GBytes *sound; /* one line */
};

static struct trail *
the_trail(void)
{
	static struct trail trail;

	return &trail;
}

static gint64
now_of(void *self)
{
	(void)self;
	return G_GINT64_CONSTANT(1795896000) * G_USEC_PER_SEC;
}

static void
make_sound(struct trail *trail)
{
	const struct audit_act act = { "cli:root", "release", "7", "new" };
	struct audit *audit =
	    audit_open(trail->folder.path, trail->key, &trail->clock, NULL);
	g_autofree char *path = folder_path(&trail->folder, MONTH);
	char *text;
	gsize length;

	g_assert(audit != NULL && audit_add(audit, &act, NULL));
	audit_close(&audit);
	g_assert(g_file_get_contents(path, &text, &length, NULL));
	trail->sound = g_bytes_new_take(text, length);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const guint8 key[SEAL_KEY_BYTES] = { 7 };
	struct trail *trail = the_trail();

	(void)argc, (void)argv;
	quiet_logs();
	g_assert(seal_init(NULL));
	folder_init(&trail->folder, NULL);
	trail->key = secret_new(key, sizeof(key));
	trail->clock = (struct clock){ now_of, now_of, NULL };
	make_sound(trail);
	return 0;
}

static void
ask(struct audit *audit, gboolean behind, gsize size)
{
	GHashTable *actors =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	json_t *list = audit_list(audit, 10, NULL);
	struct audit_report report;

	g_assert(list == NULL || json_array_size(list) <= 10);
	json_decref(list);
	(void)audit_actors(audit, actors, NULL);
	g_hash_table_unref(actors);
	if (audit_verify(audit, NULL, &report, NULL) && behind && size > 0)
		g_assert(!report.whole || report.records <= 1);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	struct trail *trail = the_trail();
	g_autofree char *path = folder_path(&trail->folder, MONTH);
	g_autoptr(GString) text = g_string_new(NULL);
	gboolean behind = size > 0 && (data[0] & 1) != 0;
	struct audit *audit OWNED(audit_close) = NULL;

	if (size == 0)
		return 0;
	if (behind)
		g_string_append_len(text, g_bytes_get_data(trail->sound, NULL),
		    (gssize)g_bytes_get_size(trail->sound));
	g_string_append_len(text, (const char *)data + 1, (gssize)size - 1);
	/* GLib lets the end of a longer file stand. */
	(void)g_unlink(path);
	if (!g_file_set_contents_full(path, text->str, (gssize)text->len,
		G_FILE_SET_CONTENTS_NONE, 0600, NULL))
		return 0;
	audit = audit_open(trail->folder.path, trail->key, &trail->clock, NULL);
	if (audit != NULL)
		ask(audit, behind, size - 1);
	return 0;
}
