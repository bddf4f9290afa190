/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names in a Maildir: see maildir.h. */
#include "tools/maildir.h"

#include <string.h>

static gboolean
has_folder(const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	return g_file_test(path, G_FILE_TEST_IS_DIR);
}

gboolean
maildir_is(const char *folder)
{
	return has_folder(folder, "cur") && has_folder(folder, "new");
}

gboolean
maildir_has(const char *folder, const char *name)
{
	g_autofree char *path = NULL;

	if (strcmp(name, "cur") == 0 || strcmp(name, "new") == 0)
		return TRUE;
	path = g_build_filename(folder, name, NULL);
	return maildir_is(path);
}

/* What stands behind ":2,", up to what a program has put behind that; "" where
 * there is nothing. */
static const char *
flags_of(const char *name)
{
	const char *at = name + strlen(name);

	while (at > name && strchr(":;!", at[-1]) == NULL)
		at--;
	return at > name && at[0] == '2' && at[1] == ',' ? at + 2 : "";
}

gboolean
maildir_left(const char *folder, const char *name)
{
	g_autofree char *base = g_path_get_basename(folder);
	const char *flags = flags_of(name);

	/* Up to a comma: some add their own behind it. */
	return strcmp(base, "cur") == 0 &&
	       strcspn(flags, "DT") < strcspn(flags, ",");
}
