/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file of lives: {"version": 1, "inboxes": [{"inbox": "...", "state":
 * "suspended", ...}]}.  Times are microseconds; what is 0, FALSE or empty is
 * left out.
 */
#include "lib/privacy/lives.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/err.h"
#include "lib/base/file.h"

#define NAME "inboxes.json"
#define MOST ((gsize)16 << 20)

/* By this one file is told from another. */
struct mark {
	gboolean there;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct lives {
	int dir;
	pthread_mutex_t lock; /* of what follows */
	struct mark mark;
	gboolean known;    /* the table is what the file with `mark` says */
	GHashTable *table; /* name -> struct life, both its own */
};

static guint
name_hash(gconstpointer name)
{
	g_autofree char *low = g_ascii_strdown(name, -1);

	return g_str_hash(low);
}

static gboolean
name_same(gconstpointer a, gconstpointer b)
{
	return g_ascii_strcasecmp(a, b) == 0;
}

static GHashTable *
table_new(void)
{
	return g_hash_table_new_full(name_hash, name_same, g_free, g_free);
}

struct lives *
lives_open(int key_dir, GError **error)
{
	struct lives *lives;
	int dir = fcntl(key_dir, F_DUPFD_CLOEXEC, 0);

	if (dir < 0) {
		err_errno(error, errno, "lives of inboxes");
		return NULL;
	}
	lives = g_new0(struct lives, 1);
	lives->dir = dir;
	lives->table = table_new();
	pthread_mutex_init(&lives->lock, NULL);
	return lives;
}

void
lives_close(struct lives **lives)
{
	struct lives *old = *lives;

	*lives = NULL;
	if (old == NULL)
		return;
	file_close(&old->dir);
	g_hash_table_unref(old->table);
	pthread_mutex_destroy(&old->lock);
	g_free(old);
}

/* --- one inbox as JSON --- */

static gint64
number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static const char *
word(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static gboolean
read_step(const json_t *object, struct life_step *step_r)
{
	*step_r = (struct life_step){ 0 };
	if (object == NULL)
		return TRUE;
	step_r->at = number(object, "at");
	return life_parse(word(object, "to"), &step_r->to);
}

static gboolean
read_life(const json_t *object, struct life *life_r)
{
	const char *reason = word(object, "reason");

	*life_r = (struct life){
		.since = number(object, "since"),
		.resumed = number(object, "resumed"),
		.told_when = number(object, "told_when"),
		.letter_ahead =
		    json_is_true(json_object_get(object, "letter_ahead")),
		.letter_done =
		    json_is_true(json_object_get(object, "letter_done")),
		.waits = json_is_true(json_object_get(object, "waits")),
		.request = (guint64)number(object, "request"),
		.erased = number(object, "erased"),
	};
	g_strlcpy(life_r->reason, reason != NULL ? reason : "",
	    sizeof(life_r->reason));
	return life_parse(word(object, "state"), &life_r->state) &&
	       life_answer_parse(word(object, "answer"), &life_r->answer) &&
	       read_step(
		   json_object_get(object, "planned"), &life_r->planned) &&
	       read_step(json_object_get(object, "later"), &life_r->later) &&
	       read_step(json_object_get(object, "told"), &life_r->told);
}

static void
put_number(json_t *object, const char *name, gint64 value)
{
	if (value != 0)
		json_object_set_new(object, name, json_integer(value));
}

static void
put_step(json_t *object, const char *name, const struct life_step *step)
{
	if (step->at != 0)
		json_object_set_new(object, name,
		    json_pack("{s:s, s:I}", "to", life_word(step->to), "at",
			(json_int_t)step->at));
}

static json_t *
write_life(const char *name, const struct life *life)
{
	json_t *object = json_pack("{s:s, s:s, s:s}", "inbox", name, "state",
	    life_word(life->state), "answer", life_answer_word(life->answer));

	put_number(object, "since", life->since);
	put_number(object, "resumed", life->resumed);
	put_step(object, "planned", &life->planned);
	put_step(object, "later", &life->later);
	put_step(object, "told", &life->told);
	put_number(object, "told_when", life->told_when);
	if (life->letter_ahead)
		json_object_set_new(object, "letter_ahead", json_true());
	if (life->letter_done)
		json_object_set_new(object, "letter_done", json_true());
	if (life->waits)
		json_object_set_new(object, "waits", json_true());
	put_number(object, "request", (gint64)life->request);
	put_number(object, "erased", life->erased);
	if (life->reason[0] != '\0')
		json_object_set_new(
		    object, "reason", json_string(life->reason));
	return object;
}

/* --- the file --- */

static gboolean
read_table(const json_t *whole, GHashTable *table)
{
	const json_t *list = json_object_get(whole, "inboxes");
	json_t *one;
	size_t i;

	if (number(whole, "version") != 1 || !json_is_array(list))
		return FALSE;
	json_array_foreach((json_t *)list, i, one)
	{
		const char *name = word(one, "inbox");
		struct life life;

		if (name == NULL || !read_life(one, &life))
			return FALSE;
		g_hash_table_replace(
		    table, g_strdup(name), g_memdup2(&life, sizeof(life)));
	}
	return TRUE;
}

/* With the lock held, as all that follow. */
static gboolean
read_file(struct lives *lives, GError **error)
{
	g_autoptr(GBytes) bytes = file_read(lives->dir, NAME, MOST, error);
	g_autoptr(GHashTable) table = table_new();
	json_t *whole;
	gboolean good;

	if (bytes == NULL)
		return FALSE;
	whole = json_loadb(g_bytes_get_data(bytes, NULL),
	    g_bytes_get_size(bytes), JSON_REJECT_DUPLICATES, NULL);
	good = read_table(whole, table);
	json_decref(whole);
	if (!good)
		return err_set(error, DG_ERROR_BAD,
		    "it is damaged: put key-dir back from its newest backup");
	g_hash_table_unref(lives->table);
	lives->table = g_steal_pointer(&table);
	return TRUE;
}

static gboolean
look(struct lives *lives, struct mark *mark_r, GError **error)
{
	struct stat status;

	*mark_r = (struct mark){ 0 };
	if (fstatat(lives->dir, NAME, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ||
		       err_errno(error, errno, "it cannot be looked at");
	mark_r->there = TRUE;
	mark_r->inode = status.st_ino;
	mark_r->size = status.st_size;
	mark_r->changed = status.st_mtim;
	return TRUE;
}

static gboolean
is_same(const struct mark *a, const struct mark *b)
{
	return a->there == b->there && a->inode == b->inode &&
	       a->size == b->size && a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec;
}

/* One that is replaced between the look and the reading is read once more the
 * next time. */
static gboolean
refresh(struct lives *lives, GError **error)
{
	struct mark mark;

	if (!look(lives, &mark, error)) {
		g_prefix_error(error, "key-dir/" NAME ": ");
		return FALSE;
	}
	if (lives->known && is_same(&mark, &lives->mark))
		return TRUE;
	lives->known = FALSE;
	if (!mark.there)
		g_hash_table_remove_all(lives->table);
	else if (!read_file(lives, error)) {
		g_prefix_error(error, "key-dir/" NAME ": ");
		return FALSE;
	}
	lives->mark = mark;
	lives->known = TRUE;
	return TRUE;
}

static gboolean
write_file(struct lives *lives, GError **error)
{
	json_t *list = json_array();
	json_t *whole = json_pack("{s:i, s:o}", "version", 1, "inboxes", list);
	g_autofree char *text = NULL;
	GHashTableIter iter;
	gpointer name, life;

	g_hash_table_iter_init(&iter, lives->table);
	while (g_hash_table_iter_next(&iter, &name, &life))
		json_array_append_new(list, write_life(name, life));
	text = json_dumps(whole, JSON_INDENT(1) | JSON_SORT_KEYS);
	json_decref(whole);
	g_assert(text != NULL);
	/* The folder lets in nobody but the group. */
	return file_replace(lives->dir, NAME, text, strlen(text), 0644, error);
}

gboolean
lives_get(
    struct lives *lives, const char *inbox, struct life *life_r, GError **error)
{
	const struct life *life = NULL;
	gboolean good;

	pthread_mutex_lock(&lives->lock);
	good = refresh(lives, error);
	if (good)
		life = g_hash_table_lookup(lives->table, inbox);
	*life_r = life != NULL ? *life : (struct life){ 0 };
	pthread_mutex_unlock(&lives->lock);
	return good;
}

/* With the lock held. */
static gboolean
keep(struct lives *lives, const char *inbox, const struct life *life,
    GError **error)
{
	gboolean good;

	g_hash_table_replace(
	    lives->table, g_strdup(inbox), g_memdup2(life, sizeof(*life)));
	good = write_file(lives, error);
	/* What is on the disk is what is true. */
	lives->known = FALSE;
	return good;
}

gboolean
lives_edit(struct lives *lives, const char *inbox,
    const struct lives_change *change, gboolean *kept_r, GError **error)
{
	const struct life *before;
	struct life life = { 0 };
	GError *fault = NULL;
	gboolean kept = FALSE;

	pthread_mutex_lock(&lives->lock);
	if (refresh(lives, &fault)) {
		before = g_hash_table_lookup(lives->table, inbox);
		if (before != NULL)
			life = *before;
		kept = change->edit(change->self, &life, &fault) &&
		       keep(lives, inbox, &life, &fault);
	}
	pthread_mutex_unlock(&lives->lock);
	if (kept_r != NULL)
		*kept_r = kept;
	if (fault == NULL)
		return TRUE;
	g_propagate_error(error, fault);
	return FALSE;
}

GPtrArray *
lives_names(struct lives *lives, GError **error)
{
	GPtrArray *names = NULL;
	GHashTableIter iter;
	gpointer name;

	pthread_mutex_lock(&lives->lock);
	if (refresh(lives, error)) {
		names = g_ptr_array_new_with_free_func(g_free);
		g_hash_table_iter_init(&iter, lives->table);
		while (g_hash_table_iter_next(&iter, &name, NULL))
			g_ptr_array_add(names, g_strdup(name));
	}
	pthread_mutex_unlock(&lives->lock);
	return names;
}

gboolean
lives_rest(struct lives *lives, const char *inbox)
{
	struct life life;

	if (lives == NULL)
		return FALSE;
	return !lives_get(lives, inbox, &life, NULL) ||
	       life.state != LIFE_ACTIVE;
}
