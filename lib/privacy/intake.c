/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Intake keys: what the milter seals to and only the keeper opens.
 *
 * A pair is one file, intake/ID.key, written whole or not at all: mark, the
 * second it was made (big endian), the secret half.  The public half follows
 * from it.  The youngest pair is today's and its public half stands in
 * intake.pub; every other one was retired when the next was made, so nothing
 * but the files themselves says what state they are in, and a crash between
 * making a pair and publishing it is set right at the next open.
 *
 * To destroy a pair is to unlink its file.  Deleted bytes can outlive that on
 * the disk, which is why entries are wrapped to persons as soon as they are
 * claimed.
 */
#include "lib/privacy/intake.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/copy.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"

#define PAIR_MAGIC "DGI1"
#define PAIR_BYTES (4 + 8 + SEAL_KEY_BYTES)
#define PUBLIC_MAGIC "DGP1"
#define PUBLIC_NAME "intake.pub"
#define PUBLIC_FILE_BYTES (4 + IDENT_BYTES + SEAL_PUBLIC_BYTES)
/* A milter that read intake.pub may seal to it a while longer. */
#define RETIRED_AGE ((gint64)24 * 60 * 60)
#define PAIRS_MAX 4096

struct pair {
	struct ident id;
	gint64 made; /* wall seconds */
	struct secret *secret;
};

struct intake {
	int dir;              /* key-dir */
	int folder;           /* key-dir/intake */
	GArray *pairs;        /* struct pair, oldest first */
	gint64 published;     /* wall seconds: the youngest; 0: not yet */
	pthread_mutex_t lock; /* of pairs and published */
};

static void
pair_clear(void *item)
{
	secret_free(&((struct pair *)item)->secret);
}

static gint
pair_compare(gconstpointer a, gconstpointer b)
{
	const struct pair *one = a, *other = b;

	if (one->made != other->made)
		return one->made < other->made ? -1 : 1;
	return memcmp(&one->id, &other->id, sizeof(one->id));
}

static void
pair_name(const struct ident *id, char name_r[IDENT_TEXT + 4])
{
	ident_text(id, name_r);
	memcpy(name_r + IDENT_TEXT - 1, ".key", 5);
}

/* The pair of this file; FALSE without error when the name is not a pair's. */
static gboolean
pair_read(int folder, const char *name, struct pair *pair_r, GError **error)
{
	g_autofree char *stem = g_strdup(name);
	g_autoptr(GBytes) bytes = NULL;
	const guint8 *data;
	struct stat st;
	gsize length;

	if (!g_str_has_suffix(stem, ".key"))
		return FALSE;
	stem[strlen(stem) - 4] = '\0';
	if (!ident_parse(stem, &pair_r->id))
		return FALSE;
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return err_errno(error, errno, "intake: %s", name);
	if ((st.st_mode & 077) != 0)
		return err_set(error, DG_ERROR_DENIED,
		    "intake: others can read %s: chmod 0600 it", name);
	bytes = file_read(folder, name, PAIR_BYTES, error);
	if (bytes == NULL)
		return FALSE;
	data = g_bytes_get_data(bytes, &length);
	if (length != PAIR_BYTES || memcmp(data, PAIR_MAGIC, 4) != 0)
		return err_set(
		    error, DG_ERROR_BAD, "intake: %s is not a key file", name);
	memcpy(&pair_r->made, data + 4, 8);
	pair_r->made = GINT64_FROM_BE(pair_r->made);
	pair_r->secret = secret_new(data + 12, SEAL_KEY_BYTES);
	return TRUE;
}

static gboolean
pairs_load(struct intake *intake, GError **error)
{
	int fd =
	    openat(intake->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *item;
	GError *fault = NULL;

	if (dir == NULL) {
		err_errno(error, errno, "intake: read its folder");
		file_close(&fd);
		return FALSE;
	}
	while (fault == NULL && intake->pairs->len < PAIRS_MAX &&
	       (item = readdir(dir)) != NULL) {
		struct pair pair = { 0 };

		/* What a kill left of making a pair holds its secret, and would
		 * outlive it. */
		if (item->d_name[0] == '.')
			(void)unlinkat(intake->folder, item->d_name, 0);
		else if (pair_read(intake->folder, item->d_name, &pair, &fault))
			g_array_append_val(intake->pairs, pair);
	}
	closedir(dir);
	g_array_sort(intake->pairs, pair_compare);
	if (fault != NULL)
		g_propagate_error(error, fault);
	return fault == NULL;
}

/* Writes the public half of the youngest pair where the milter reads it. */
static gboolean
publish(struct intake *intake, gint64 now, GError **error)
{
	const struct pair *pair =
	    &g_array_index(intake->pairs, struct pair, intake->pairs->len - 1);
	guint8 bytes[PUBLIC_FILE_BYTES];

	memcpy(bytes, PUBLIC_MAGIC, 4);
	memcpy(bytes + 4, pair->id.bytes, IDENT_BYTES);
	seal_box_public(pair->secret, bytes + 4 + IDENT_BYTES);
	if (!file_replace(
		intake->dir, PUBLIC_NAME, bytes, sizeof(bytes), 0644, error))
		return FALSE;
	intake->published = now;
	return TRUE;
}

/* A new pair, on disk before anybody can seal to it. */
static gboolean
pair_make(struct intake *intake, gint64 now, GError **error)
{
	struct pair pair = { .made = now };
	gint64 made = GINT64_TO_BE(now);
	guint8 public[SEAL_PUBLIC_BYTES], bytes[PAIR_BYTES];
	char name[IDENT_TEXT + 4];
	gboolean stored;

	if (!seal_box_pair(public, &pair.secret))
		return err_set(error, DG_ERROR_IO, "intake: no key pair");
	seal_random(&pair.id, sizeof(pair.id));
	memcpy(bytes, PAIR_MAGIC, 4);
	memcpy(bytes + 4, &made, 8);
	memcpy(bytes + 12, secret_data(pair.secret), SEAL_KEY_BYTES);
	pair_name(&pair.id, name);
	stored = file_create(
	    intake->folder, name, bytes, sizeof(bytes), 0600, error);
	explicit_bzero(bytes, sizeof(bytes));
	if (!stored) {
		pair_clear(&pair);
		return FALSE;
	}
	g_array_append_val(intake->pairs, pair);
	g_array_sort(intake->pairs, pair_compare);
	intake->published = 0;
	return publish(intake, now, error);
}

/* Loads, makes the first, and publishes what a crash left unpublished. */
static gboolean
intake_begin(struct intake *intake, GError **error)
{
	gint64 now = clock_wall(&clock_system) / G_USEC_PER_SEC;
	const struct pair *youngest;
	guint8 public[SEAL_PUBLIC_BYTES];
	struct ident id;

	if (mkdirat(intake->dir, "intake", 0700) != 0 && errno != EEXIST)
		return err_errno(error, errno, "intake: make its folder");
	intake->folder = openat(intake->dir, "intake",
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (intake->folder < 0)
		return err_errno(error, errno, "intake: open its folder");
	if (!pairs_load(intake, error))
		return FALSE;
	if (intake->pairs->len == 0)
		return pair_make(intake, now, error);
	youngest =
	    &g_array_index(intake->pairs, struct pair, intake->pairs->len - 1);
	if (!intake_public(intake->dir, &id, public, NULL) ||
	    !ident_equal(&id, &youngest->id))
		return publish(intake, now, error);
	intake->published = youngest->made;
	return TRUE;
}

struct intake *
intake_open(int dir, GError **error)
{
	struct intake *intake = g_new0(struct intake, 1);

	intake->dir = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	intake->folder = -1;
	intake->pairs = g_array_new(FALSE, FALSE, sizeof(struct pair));
	g_array_set_clear_func(intake->pairs, pair_clear);
	pthread_mutex_init(&intake->lock, NULL);
	if (!intake_begin(intake, error))
		intake_close(&intake);
	return intake;
}

void
intake_close(struct intake **intake)
{
	struct intake *old = *intake;

	*intake = NULL;
	if (old == NULL)
		return;
	g_array_unref(old->pairs);
	file_close(&old->folder);
	file_close(&old->dir);
	pthread_mutex_destroy(&old->lock);
	g_free(old);
}

gboolean
intake_rotate(struct intake *intake, gint64 now, gint64 age, GError **error)
{
	gboolean rotated = TRUE;
	gint64 made;

	pthread_mutex_lock(&intake->lock);
	made = g_array_index(intake->pairs, struct pair, intake->pairs->len - 1)
		   .made;
	if (intake->published == 0)
		/* Mail is still sealed to its elder. */
		rotated = publish(intake, now, error);
	else if (now - made >= age)
		/* Never made earlier than its elders, whatever the clock does.
		 */
		rotated = pair_make(intake, MAX(now, made + 1), error);
	pthread_mutex_unlock(&intake->lock);
	return rotated;
}

struct secret *
intake_secret(struct intake *intake, const struct ident *id, GError **error)
{
	struct secret *copy = NULL;

	pthread_mutex_lock(&intake->lock);
	for (guint i = 0; i < intake->pairs->len && copy == NULL; i++) {
		const struct pair *pair =
		    &g_array_index(intake->pairs, struct pair, i);

		if (ident_equal(&pair->id, id))
			copy = secret_new(secret_data(pair->secret),
			    secret_length(pair->secret));
	}
	pthread_mutex_unlock(&intake->lock);
	if (copy == NULL)
		err_set(error, DG_ERROR_NOTFOUND,
		    "intake: the key it was sealed to is gone");
	return copy;
}

/* The first pair at or after *from that was retired before `before`. */
static gboolean
retired_next(
    struct intake *intake, guint *from, gint64 before, struct ident *id_r)
{
	gboolean found = FALSE;

	pthread_mutex_lock(&intake->lock);
	if (*from + 1 < intake->pairs->len) {
		const struct pair *pair =
		    &g_array_index(intake->pairs, struct pair, *from);

		*id_r = pair->id;
		/* What counts is when mail ceased to be sealed to it. */
		found =
		    *from + 2 < intake->pairs->len
			? (pair + 1)->made < before
			: intake->published != 0 &&
			      MAX((pair + 1)->made, intake->published) < before;
	}
	pthread_mutex_unlock(&intake->lock);
	return found;
}

static gboolean
pair_destroy(struct intake *intake, guint index, GError **error)
{
	char name[IDENT_TEXT + 4];
	gboolean gone;

	pthread_mutex_lock(&intake->lock);
	pair_name(&g_array_index(intake->pairs, struct pair, index).id, name);
	gone = unlinkat(intake->folder, name, 0) == 0 || errno == ENOENT;
	if (gone)
		g_array_remove_index(intake->pairs, index);
	else
		err_errno(error, errno, "intake: remove %s", name);
	pthread_mutex_unlock(&intake->lock);
	return gone && file_sync(intake->folder, error);
}

gboolean
intake_destroy_unused(struct intake *intake, gint64 now,
    gboolean (*in_use)(void *self, const struct ident *id), void *self,
    GError **error)
{
	struct ident id;
	guint index = 0;

	/* The question is asked without the lock: it may take long, and only
	 * this function, which the keeper's one tending thread calls, removes
	 * pairs. */
	while (retired_next(intake, &index, now - RETIRED_AGE, &id)) {
		if (in_use(self, &id))
			index++;
		else if (!pair_destroy(intake, index, error))
			return FALSE;
	}
	return TRUE;
}

gboolean
intake_copy(struct intake *intake, const GArray *ids, int to, GError **error)
{
	for (guint i = 0; i < ids->len; i++) {
		g_autoptr(GError) fault = NULL;
		char name[IDENT_TEXT + 4];

		pair_name(&g_array_index(ids, struct ident, i), name);
		if (!copy_file(intake->folder, name, to, name, &fault) &&
		    !err_is(fault, DG_ERROR_NOTFOUND)) {
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
	}
	return TRUE;
}

gboolean
intake_public(int dir, struct ident *id_r, guint8 public_r[SEAL_PUBLIC_BYTES],
    GError **error)
{
	g_autoptr(GBytes) bytes =
	    file_read(dir, PUBLIC_NAME, PUBLIC_FILE_BYTES, error);
	const guint8 *data;
	gsize length;

	if (bytes == NULL)
		return FALSE;
	data = g_bytes_get_data(bytes, &length);
	if (length != PUBLIC_FILE_BYTES || memcmp(data, PUBLIC_MAGIC, 4) != 0)
		return err_set(error, DG_ERROR_BAD,
		    "intake: %s is not a public key", PUBLIC_NAME);
	memcpy(id_r->bytes, data + 4, IDENT_BYTES);
	memcpy(public_r, data + 4 + IDENT_BYTES, SEAL_PUBLIC_BYTES);
	return TRUE;
}
