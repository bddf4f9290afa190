/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The spool, putting side: from "the MTA offers a message" to "it is ours".
 *
 * One put costs two fsyncs:
 *   1. of the temporary file, before the link makes its name visible: a name in
 *      msg/ always means whole bytes on disk;
 *   2. of msg/, after the link or after EEXIST: then the name is on disk as
 * well. Only after both is the answer yes.  The state file in new/ is not
 * fsynced, since an entry without a state is `new` (spool_heal): losing it
 * loses nothing.  The unlink in tmp/ is not fsynced either; what a crash leaves
 * there is removed by age.
 *
 * EEXIST is success only after our own fsync of msg/: whoever linked it may not
 * have come so far, and what he wrote was fsynced before he linked.
 *
 * When the fsync of msg/ fails, the link is left: another thread may have been
 * told EEXIST for the same name, fsynced and said yes.  The caller says
 * "later", the client comes again with the same bytes, and the name makes one
 * of them. The same descriptor of a file is never fsynced again after a
 * failure: the kernel has marked its pages clean, and the second call would
 * lie.
 */
#include "tickets/spool_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"

/* So old is a count of the folders at most, or so many times what counting
 * took: with hundreds of thousands of entries it takes long, and puts wait. */
#define LOAD_AGE G_USEC_PER_SEC
#define LOAD_SHARE 50
/* Entries whose size is looked at; the rest is taken to be alike, so that a
 * full spool does not make MAIL slow. */
#define LOAD_SAMPLE 4096

static const char *const folder_names[SPOOL_FOLDERS + 1] = { "new", "busy",
	"wait", "held", "dead", "done", "msg", "wrap", "tmp", "milder", NULL };

const char *
spool_state_word(enum spool_state state)
{
	g_assert((guint)state < SPOOL_STATES);
	return folder_names[state];
}

const char *const *
spool_folders(void)
{
	return folder_names;
}

static int *
folder_at(struct spool *spool, guint index)
{
	if (index < SPOOL_STATES)
		return &spool->state[index];
	switch (index - SPOOL_STATES) {
	case 0:
		return &spool->msg;
	case 1:
		return &spool->wrap;
	case 2:
		return &spool->tmp;
	default:
		return &spool->milder;
	}
}

struct spool *
spool_open(const char *folder, GError **error)
{
	struct spool *spool = g_new0(struct spool, 1);

	pthread_mutex_init(&spool->lock, NULL);
	for (guint i = 0; i < SPOOL_FOLDERS; i++)
		*folder_at(spool, i) = -1;
	for (guint i = 0; i < SPOOL_FOLDERS; i++) {
		g_autofree char *path =
		    g_build_filename(folder, folder_names[i], NULL);

		*folder_at(spool, i) = file_open_dir(path, error);
		if (*folder_at(spool, i) < 0) {
			g_prefix_error(error, "spool: ");
			spool_close(&spool);
			return NULL;
		}
	}
	return spool;
}

void
spool_close(struct spool **spool)
{
	struct spool *old = *spool;

	*spool = NULL;
	if (old == NULL)
		return;
	for (guint i = 0; i < SPOOL_FOLDERS; i++)
		file_close(folder_at(old, i));
	pthread_mutex_destroy(&old->lock);
	g_free(old);
}

gboolean
spool_scan(int folder, GArray *keys, GError **error)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *item;
	struct ident key;
	DIR *dir;
	int number;

	if (fd < 0)
		return err_errno(error, errno, "spool: open a folder");
	dir = fdopendir(fd);
	if (dir == NULL) {
		number = errno;
		file_close(&fd);
		return err_errno(error, number, "spool: read a folder");
	}
	while (errno = 0, (item = readdir(dir)) != NULL)
		if (ident_parse(item->d_name, &key))
			g_array_append_val(keys, key);
	number = errno;
	closedir(dir);
	if (number != 0)
		return err_errno(error, number, "spool: read a folder");
	return TRUE;
}

/* The bytes of msg/KEY in two pieces: head, and stream. */
static void
seal_offer(
    const struct spool_offer *offer, const char *name, GBytes *pieces_r[2])
{
	struct secret *key OWNED(secret_free) = secret_random(SEAL_KEY_BYTES);
	json_t *object = entry_to_json(offer->entry);
	g_autofree char *json = json_dumps(object, JSON_COMPACT);
	g_autoptr(GBytes) box = NULL, plain = NULL;
	GBytes *scored = offer->entry->scored;
	gsize scored_size = 0;
	const guint8 *scored_data =
	    scored != NULL ? g_bytes_get_data(scored, &scored_size) : NULL;
	GByteArray *bytes;

	json_decref(object);
	g_assert(json != NULL); /* entry_to_json makes valid UTF-8 */
	box = seal_box(offer->intake_public, secret_data(key), SEAL_KEY_BYTES);
	g_assert(g_bytes_get_size(box) == SPOOL_BOX_BYTES);

	bytes = g_byte_array_sized_new(SPOOL_HEAD_BYTES);
	g_byte_array_append(bytes, (const guint8 *)SPOOL_MAGIC, 4);
	g_byte_array_append(bytes, offer->intake_id->bytes, IDENT_BYTES);
	g_byte_array_append(
	    bytes, g_bytes_get_data(box, NULL), SPOOL_BOX_BYTES);
	pieces_r[0] = g_byte_array_free_to_bytes(bytes);

	bytes = g_byte_array_sized_new(
	    (guint)(strlen(json) + 1 + scored_size + offer->length));
	g_byte_array_append(
	    bytes, (const guint8 *)json, (guint)strlen(json) + 1);
	if (scored_size > 0)
		g_byte_array_append(bytes, scored_data, (guint)scored_size);
	g_byte_array_append(bytes, offer->message, (guint)offer->length);
	plain = g_byte_array_free_to_bytes(bytes);
	pieces_r[1] = seal_stream(key, name, plain);
}

static gboolean
write_pieces(int fd, GBytes *const *pieces, guint n, GError **error)
{
	for (guint i = 0; i < n; i++) {
		gsize length;
		const void *data = g_bytes_get_data(pieces[i], &length);

		if (!file_write_all(fd, data, length, error))
			return FALSE;
	}
	return file_sync(fd, error);
}

gboolean
spool_write_tmp(struct spool *spool, GBytes *const *pieces, guint n,
    char name_r[IDENT_TEXT], GError **error)
{
	int fd OWNED(file_close) = -1;
	struct ident random;

	seal_random(&random, sizeof(random));
	ident_text(&random, name_r);
	fd = openat(spool->tmp, name_r,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0)
		return err_errno(error, errno, "spool: make a file in tmp");
	/* Two programs share the spool by its group, whatever the umask. */
	if (fchmod(fd, 0640) == 0 && write_pieces(fd, pieces, n, error))
		return TRUE;
	if (error != NULL && *error == NULL)
		err_errno(error, errno, "spool: chmod");
	g_prefix_error(error, "spool: ");
	(void)unlinkat(spool->tmp, name_r, 0);
	return FALSE;
}

gboolean
spool_mark(struct spool *spool, const char *name, enum spool_state state,
    GError **error)
{
	int fd OWNED(file_close) = openat(spool->state[state], name,
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);

	if (fd < 0)
		return err_errno(error, errno, "spool: mark an entry %s",
		    spool_state_word(state));
	return TRUE;
}

/* From the temporary file to the name in msg/, durably. */
static gboolean
link_offer(struct spool *spool, const char *tmp, const char *name,
    enum spool_put *result_r, GError **error)
{
	gboolean linked = linkat(spool->tmp, tmp, spool->msg, name, 0) == 0;
	int number = errno;

	(void)unlinkat(spool->tmp, tmp, 0);
	if (!linked && number != EEXIST)
		return err_errno(error, number, "spool: link an entry");
	if (!file_sync(spool->msg, error)) {
		g_prefix_error(error, "spool: ");
		return FALSE;
	}
	*result_r = linked ? SPOOL_STORED : SPOOL_ALREADY;
	/* It is stored; that the mark fails costs a minute (spool_adopt). */
	if (linked)
		(void)spool_mark(spool, name, SPOOL_NEW, NULL);
	return TRUE;
}

/* Between two counts of the folders, what is put here is added: a second is
 * long enough for a thousand messages. */
static void
load_add(struct spool *spool, gsize bytes)
{
	pthread_mutex_lock(&spool->lock);
	spool->entries++;
	spool->bytes += bytes;
	pthread_mutex_unlock(&spool->lock);
}

gboolean
spool_put(struct spool *spool, const struct spool_offer *offer,
    enum spool_put *result_r, GError **error)
{
	char name[IDENT_TEXT], tmp[IDENT_TEXT];
	GBytes *pieces[2];
	gboolean written;
	gsize size;

	if (offer->length > SPOOL_MAX_MESSAGE)
		return err_set(error, DG_ERROR_FULL,
		    "spool: a message of %" G_GSIZE_FORMAT " bytes",
		    offer->length);
	ident_text(&offer->entry->key, name);
	seal_offer(offer, name, pieces);
	size = g_bytes_get_size(pieces[0]) + g_bytes_get_size(pieces[1]);
	written = spool_write_tmp(spool, pieces, 2, tmp, error);
	g_bytes_unref(pieces[0]);
	g_bytes_unref(pieces[1]);
	if (!written)
		return FALSE;
	if (offer->check != NULL && !offer->check(offer->self)) {
		(void)unlinkat(spool->tmp, tmp, 0);
		return err_set(error, DG_ERROR_AGAIN,
		    "spool: nobody waits for the answer");
	}
	if (!link_offer(spool, tmp, name, result_r, error))
		return FALSE;
	if (*result_r == SPOOL_STORED)
		load_add(spool, size);
	return TRUE;
}

/* Adds what stands in one state; sizes beyond a sample are taken as its mean.
 */
static gboolean
load_state(struct spool *spool, enum spool_state state, guint64 *entries,
    guint64 *bytes, GError **error)
{
	g_autoptr(GArray) keys =
	    g_array_new(FALSE, FALSE, sizeof(struct ident));
	guint sample;
	guint64 sum = 0;

	if (!spool_scan(spool->state[state], keys, error))
		return FALSE;
	sample = MIN(keys->len, LOAD_SAMPLE);
	for (guint i = 0; i < sample; i++) {
		char name[IDENT_TEXT];
		struct stat st;

		ident_text(&g_array_index(keys, struct ident, i), name);
		if (fstatat(spool->msg, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			sum += (guint64)st.st_size;
	}
	*entries += keys->len;
	if (sample > 0)
		*bytes += sum / sample * keys->len;
	return TRUE;
}

static gboolean
load_count(struct spool *spool, gint64 now, GError **error)
{
	guint64 entries = 0, bytes = 0;

	if (!load_state(spool, SPOOL_NEW, &entries, &bytes, error) ||
	    !load_state(spool, SPOOL_BUSY, &entries, &bytes, error) ||
	    !load_state(spool, SPOOL_WAIT, &entries, &bytes, error))
		return FALSE;
	spool->entries = entries;
	spool->bytes = bytes;
	/* What it took, others' turns included, grows with the entries. */
	spool->count_next =
	    now + MAX(LOAD_AGE, LOAD_SHARE * (clock_mono(&clock_system) - now));
	return TRUE;
}

gboolean
spool_load(
    struct spool *spool, guint64 *entries_r, guint64 *bytes_r, GError **error)
{
	gint64 now = clock_mono(&clock_system);
	gboolean known = TRUE;

	pthread_mutex_lock(&spool->lock);
	if (now >= spool->count_next)
		known = load_count(spool, now, error);
	*entries_r = spool->entries;
	*bytes_r = spool->bytes;
	pthread_mutex_unlock(&spool->lock);
	return known;
}
