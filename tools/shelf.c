/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Features on disk: see shelf.h. */
#include "tools/shelf.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"

struct entry {
	struct ident ident;
	enum verdict_class truth;
	guint n;
	goffset offset;
};

struct shelf {
	int fd;
	goffset end;
	GArray *entries;   /* struct entry */
	GHashTable *known; /* idents as GBytes */
};

struct shelf *
shelf_new(const char *folder, GError **error)
{
	g_autofree char *path = g_build_filename(folder, "shelf-XXXXXX", NULL);
	int fd = g_mkstemp(path);
	struct shelf *shelf;

	if (fd < 0) {
		err_errno(error, errno, "%s: cannot make it", path);
		return NULL;
	}
	g_unlink(path);
	shelf = g_new0(struct shelf, 1);
	shelf->fd = fd;
	shelf->entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
	shelf->known = g_hash_table_new_full(
	    g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
	return shelf;
}

void
shelf_free(struct shelf **shelf)
{
	if (*shelf == NULL)
		return;
	file_close(&(*shelf)->fd);
	g_array_unref((*shelf)->entries);
	g_hash_table_unref((*shelf)->known);
	g_clear_pointer(shelf, g_free);
}

gboolean
shelf_put(struct shelf *shelf, const struct classify_lesson *lesson,
    enum verdict_class truth, gboolean *known_r, GError **error)
{
	const gsize length = lesson->n * sizeof(guint64);
	const struct entry entry = { lesson->ident, truth, lesson->n,
		shelf->end };
	GBytes *ident =
	    g_bytes_new(lesson->ident.bytes, sizeof(lesson->ident.bytes));

	*known_r = !g_hash_table_add(shelf->known, ident);
	if (*known_r)
		return TRUE;
	if (!file_write_all(shelf->fd, lesson->digests, length, error))
		return FALSE;
	shelf->end += length;
	g_array_append_val(shelf->entries, entry);
	return TRUE;
}

guint
shelf_count(const struct shelf *shelf)
{
	return shelf->entries->len;
}

enum verdict_class
shelf_truth(const struct shelf *shelf, guint index)
{
	return g_array_index(shelf->entries, struct entry, index).truth;
}

gboolean
shelf_get(struct shelf *shelf, guint index, struct classify_lesson *lesson_r,
    GError **error)
{
	const struct entry *entry =
	    &g_array_index(shelf->entries, struct entry, index);
	gsize length = entry->n * sizeof(guint64), done = 0;

	*lesson_r = (struct classify_lesson){ .ident = entry->ident,
		.digests = g_malloc(length + 1),
		.n = entry->n };
	while (done < length) {
		gssize got = pread(shelf->fd, (char *)lesson_r->digests + done,
		    length - done, entry->offset + (goffset)done);

		if (got > 0) {
			done += got;
		} else if (got == 0 || errno != EINTR) {
			classify_lesson_clear(lesson_r);
			return err_errno(error, got == 0 ? EIO : errno,
			    "cannot read back what was read of mail");
		}
	}
	return TRUE;
}

GArray *
shelf_interleaved(const struct shelf *shelf)
{
	GArray *order = g_array_new(FALSE, FALSE, sizeof(guint));
	guint counts[2] = { 0 }, next[2] = { 0 }, given[2] = { 0 };
	guint n = shelf_count(shelf);

	for (guint i = 0; i < n; i++)
		counts[shelf_truth(shelf, i) == VERDICT_SPAM]++;
	for (guint taken = 0; taken < n; taken++) {
		/* Of which class a smaller share is given. */
		gboolean spam = (guint64)given[1] * counts[0] <
				(guint64)given[0] * counts[1];

		if (given[spam] == counts[spam])
			spam = !spam;
		while ((shelf_truth(shelf, next[spam]) == VERDICT_SPAM) != spam)
			next[spam]++;
		g_array_append_val(order, next[spam]);
		next[spam]++;
		given[spam]++;
	}
	return order;
}
