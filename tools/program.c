/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other programs, run to their end. */
#include "tools/program.h"

#include <sys/wait.h>

#include "lib/base/err.h"

static char *
find_program(const char *name)
{
	static const char *const folders[] = { "/usr/sbin", "/sbin" };
	char *path = g_find_program_in_path(name);

	for (gsize i = 0; path == NULL && i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *whole =
		    g_build_filename(folders[i], name, NULL);

		path = g_find_program_in_path(whole);
	}
	return path;
}

static int
run(const char *const *words, char **output_r, char **said_r, GError **error)
{
	g_autofree char *path = find_program(words[0]);
	g_autoptr(GError) problem = NULL;
	g_auto(GStrv) copy = g_strdupv((char **)words);
	int status;

	if (path == NULL) {
		(void)err_set(error, DG_ERROR_NOTFOUND,
		    "%s is not installed, or not in PATH", words[0]);
		return -1;
	}
	g_free(copy[0]);
	copy[0] = g_steal_pointer(&path);
	if (!g_spawn_sync(NULL, copy, NULL, G_SPAWN_DEFAULT, NULL, NULL,
		output_r, said_r, &status, &problem)) {
		(void)err_set(
		    error, DG_ERROR_IO, "%s: %s", words[0], problem->message);
		return -1;
	}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	(void)err_set(error, DG_ERROR_IO, "%s was ended by a signal", words[0]);
	return -1;
}

int
program_run(const char *const *words, char **output_r, GError **error)
{
	g_autofree char *output = NULL, *said = NULL;
	int code = run(words, &output, &said, error);

	if (output_r != NULL)
		*output_r = g_steal_pointer(&output);
	return code;
}

gboolean
program_must(const char *const *words, char **output_r, GError **error)
{
	g_autofree char *output = NULL, *said = NULL;
	int code = run(words, &output, &said, error);

	if (code > 0)
		(void)err_set(
		    error, DG_ERROR_BAD, "%s: %s", words[0], g_strstrip(said));
	if (code != 0)
		return FALSE;
	if (output_r != NULL)
		*output_r = g_steal_pointer(&output);
	return TRUE;
}
