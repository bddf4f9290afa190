/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading an index of labelled messages, as the TREC spam track has them. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "tools/cmd.h"
#include "tools/exam.h"

static void
clear_item(gpointer data)
{
	struct exam_item *item = data;

	g_free(item->path);
}

/* "ham", "Ham" or "HAM", or the same of spam. */
static gboolean
read_judge(const char *word, struct exam_item *item)
{
	static const struct {
		const char *word;
		enum verdict_class truth;
		gboolean judged, taught;
	} judges[] = {
		{ "ham", VERDICT_HAM, TRUE, TRUE },
		{ "spam", VERDICT_SPAM, TRUE, TRUE },
		{ "Ham", VERDICT_HAM, TRUE, FALSE },
		{ "Spam", VERDICT_SPAM, TRUE, FALSE },
		{ "HAM", VERDICT_HAM, FALSE, TRUE },
		{ "SPAM", VERDICT_SPAM, FALSE, TRUE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(judges); i++) {
		if (strcmp(word, judges[i].word) == 0) {
			item->truth = judges[i].truth;
			item->judged = judges[i].judged;
			item->taught = judges[i].taught;
			return TRUE;
		}
	}
	return FALSE;
}

static gboolean
read_line(char *line, const char *folder, GArray *items)
{
	struct exam_item item = { 0 };
	char *end = strpbrk(line, " \t"), *actor;

	if (end == NULL)
		return FALSE;
	*end = '\0';
	end = g_strstrip(end + 1);
	actor = strchr(line, '@');
	if (actor != NULL)
		*actor++ = '\0';
	if (*end == '\0' || !read_judge(line, &item) ||
	    (actor != NULL && *actor == '\0'))
		return FALSE;
	item.actor = g_intern_string(actor);
	item.path = g_path_is_absolute(end)
			? g_strdup(end)
			: g_build_filename(folder, end, NULL);
	g_array_append_val(items, item);
	return TRUE;
}

GBytes *
exam_read_message(const char *path, GError **error)
{
	/* A pipe would be waited for. */
	if (g_file_test(path, G_FILE_TEST_EXISTS) &&
	    !g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
		err_set(error, DG_ERROR_BAD, "%s: it is no file", path);
		return NULL;
	}
	return file_read(AT_FDCWD, path, CMD_MESSAGE_MOST, error);
}

GArray *
exam_read_index(const char *path, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_autoptr(GBytes) bytes = file_read(AT_FDCWD, path, G_MAXINT32, error);
	g_autoptr(GArray) items =
	    g_array_new(FALSE, FALSE, sizeof(struct exam_item));
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (bytes == NULL)
		return NULL;
	g_array_set_clear_func(items, clear_item);
	/* Of an empty file there is no data; behind a NUL nobody would look. */
	text = g_strndup(
	    g_bytes_get_size(bytes) > 0 ? g_bytes_get_data(bytes, NULL) : "",
	    g_bytes_get_size(bytes));
	if (strlen(text) != g_bytes_get_size(bytes)) {
		err_set(error, DG_ERROR_BAD,
		    "%s: a NUL is in it: it is no index", path);
		return NULL;
	}
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		if (*g_strstrip(lines[i]) == '\0' ||
		    read_line(lines[i], folder, items))
			continue;
		err_set(error, DG_ERROR_BAD,
		    "%s:%u: a line is \"ham PATH\" or \"spam PATH\" (Ham, "
		    "Spam: judged only; HAM, SPAM: taught only; @AGENT behind "
		    "it: whose label it is)",
		    path, i + 1);
		return NULL;
	}
	if (items->len > 0)
		return g_steal_pointer(&items);
	err_set(error, DG_ERROR_BAD, "%s: there is no line in it", path);
	return NULL;
}
