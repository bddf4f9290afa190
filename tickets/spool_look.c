/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/spool_look.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "tickets/spool_private.h"

static gboolean
stands(int folder, const char *name)
{
	return faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

void
spool_look(
    struct spool *spool, const struct ident *key, struct spool_look *look_r)
{
	char name[IDENT_TEXT];

	ident_text(key, name);
	*look_r = (struct spool_look){ 0 };
	pthread_mutex_lock(&spool->lock);
	for (guint i = 0; i < SPOOL_STATES; i++)
		if (stands(spool->state[i], name))
			look_r->states |= 1U << i;
	look_r->bytes = stands(spool->msg, name);
	pthread_mutex_unlock(&spool->lock);
}

GArray *
spool_marks(struct spool *spool, GError **error)
{
	g_autoptr(GArray) keys =
	    g_array_new(FALSE, FALSE, sizeof(struct ident));

	for (guint i = 0; i < SPOOL_STATES; i++)
		if (!spool_scan(spool->state[i], keys, error))
			return NULL;
	return g_steal_pointer(&keys);
}

gboolean
spool_unmark(struct spool *spool, const struct ident *key,
    enum spool_state state, GError **error)
{
	char name[IDENT_TEXT];

	ident_text(key, name);
	if (unlinkat(spool->state[state], name, 0) != 0 && errno != ENOENT)
		return err_errno(error, errno, "spool: take a state away");
	return file_sync(spool->state[state], error);
}

static gboolean
add_strangers(int folder, const char *word, GPtrArray *list, GError **error)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *item;
	struct ident key;

	if (dir == NULL) {
		err_errno(error, errno, "spool: read a folder");
		file_close(&fd);
		return FALSE;
	}
	while ((item = readdir(dir)) != NULL) {
		if (strcmp(item->d_name, ".") != 0 &&
		    strcmp(item->d_name, "..") != 0 &&
		    !ident_parse(item->d_name, &key))
			g_ptr_array_add(
			    list, g_strdup_printf("%s/%s", word, item->d_name));
	}
	closedir(dir);
	return TRUE;
}

GPtrArray *
spool_strangers(struct spool *spool, GError **error)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	gboolean good = TRUE;

	for (guint i = 0; i < SPOOL_STATES && good; i++)
		good = add_strangers(
		    spool->state[i], spool_state_word(i), list, error);
	good = good && add_strangers(spool->msg, "msg", list, error) &&
	       add_strangers(spool->wrap, "wrap", list, error);
	return good ? g_steal_pointer(&list) : NULL;
}
