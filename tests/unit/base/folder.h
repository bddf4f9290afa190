/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TESTS_UNIT_BASE_FOLDER_H
#define DESKGATE_TESTS_UNIT_BASE_FOLDER_H

#include <glib.h>

/* A folder that is there for one test, for g_test_add. */
struct folder {
	char *path;
	int fd;
};

/* Makes it, empty. */
void folder_init(struct folder *folder, gconstpointer unused);
/* Removes it with the files in it. */
void folder_fini(struct folder *folder, gconstpointer unused);

/* `name` in the folder as a path; the caller frees it. */
char *folder_path(const struct folder *folder, const char *name);
/* How many names there are in it. */
guint folder_names(const struct folder *folder);
/* Puts a file of this text and mode there. */
void folder_put(
    const struct folder *folder, const char *name, const char *text, int mode);
/* That the file holds exactly this text; NULL: that there is none. */
void folder_assert(
    const struct folder *folder, const char *name, const char *text);

#endif
