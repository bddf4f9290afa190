/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of operators.
 *
 * Table `name`: the alias to {"name", "since"}.  There are few, so all of them
 * are in memory too.
 */
#include "lib/privacy/operator.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"

/* Sparse; a record has a hundred bytes. */
#define OPERATORS_MAP ((guint64)1 << 28)
#define RANDOM_BYTES 8
#define MARK '~'

enum { TABLE_NAME };
static const struct store_table tables[] = {
	{ "name", FALSE },
	{ NULL, FALSE },
};

struct who {
	char *name, *alias;
	gint64 since; /* wall */
};

struct operators {
	struct store *store;
	pthread_mutex_t lock; /* of what follows */
	GHashTable *names;    /* name to struct who */
	GHashTable *aliases;  /* alias to struct who, who live there */
	/* Of those deleted: others may still read the texts. */
	GPtrArray *gone;
};

static void
who_free(gpointer item)
{
	struct who *who = item;

	g_free(who->name);
	g_free(who->alias);
	g_free(who);
}

/* Takes both texts; the lock is held, or others do not know of it yet. */
static const struct who *
remember(struct operators *operators, char *name, char *alias, gint64 since)
{
	struct who *who = g_new(struct who, 1);

	*who = (struct who){ name, alias, since };
	g_hash_table_insert(operators->names, who->name, who);
	g_hash_table_insert(operators->aliases, who->alias, who);
	return who;
}

/* --- the store --- */

static gboolean
load_one(struct operators *operators, const struct store_value *key,
    const struct store_value *value, GError **error)
{
	json_t *record = json_loadb(value->data, value->length, 0, NULL);
	const char *name = json_string_value(json_object_get(record, "name"));

	if (name != NULL)
		remember(operators, g_strdup(name),
		    g_strndup(key->data, key->length),
		    json_integer_value(json_object_get(record, "since")));
	else
		err_set(error, DG_ERROR_BAD, "a record is damaged");
	json_decref(record);
	return name != NULL;
}

static gboolean
load_all(struct operators *operators, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(operators->store, FALSE, error);
	struct store_cursor *cursor;
	struct store_value key, value;
	gboolean good = TRUE;

	if (txn == NULL)
		return FALSE;
	cursor = store_cursor_begin(txn, TABLE_NAME, NULL, 0);
	while (good && store_cursor_next(cursor, &key, &value))
		good = load_one(operators, &key, &value, error);
	store_cursor_end(&cursor);
	return good && store_commit(&txn, error);
}

static gboolean
keep(struct operators *operators, const char *alias, const char *name,
    gint64 since, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(operators->store, TRUE, error);
	json_t *record;
	char *text;

	if (txn == NULL)
		return FALSE;
	record =
	    json_pack("{s:s, s:I}", "name", name, "since", (json_int_t)since);
	text = json_dumps(record, JSON_COMPACT);
	json_decref(record);
	g_assert(text != NULL);
	store_put(txn, TABLE_NAME, alias, strlen(alias), text, strlen(text));
	free(text);
	return store_commit(&txn, error);
}

struct operators *
operators_open(const char *folder, GError **error)
{
	struct operators *operators = g_new0(struct operators, 1);

	pthread_mutex_init(&operators->lock, NULL);
	operators->names = g_hash_table_new(g_str_hash, g_str_equal);
	operators->aliases =
	    g_hash_table_new_full(g_str_hash, g_str_equal, NULL, who_free);
	operators->gone = g_ptr_array_new_with_free_func(who_free);
	operators->store = store_open(folder, tables, OPERATORS_MAP, error);
	if (operators->store == NULL || !load_all(operators, error)) {
		g_prefix_error(error, "operators: ");
		operators_close(&operators);
	}
	return operators;
}

void
operators_close(struct operators **address)
{
	struct operators *operators = *address;

	*address = NULL;
	if (operators == NULL)
		return;
	store_close(&operators->store);
	g_hash_table_unref(operators->names);
	g_hash_table_unref(operators->aliases);
	g_ptr_array_unref(operators->gone);
	pthread_mutex_destroy(&operators->lock);
	g_free(operators);
}

struct store *
operators_store(struct operators *operators)
{
	return operators->store;
}

/* --- aliases --- */

/* The part that is a name begins behind it: "cli:", "desk:main:".  0: none. */
static gsize
kind_length(const char *actor)
{
	const char *colon = strchr(actor, ':');

	if (colon != NULL && g_str_has_prefix(actor, "desk:"))
		colon = strchr(colon + 1, ':');
	return colon == NULL || colon[1] == '\0' || colon[1] == MARK
		   ? 0
		   : (gsize)(colon - actor) + 1;
}

static char *
draw_alias(const char *actor, gsize kind)
{
	guint8 random[RANDOM_BYTES];
	GString *alias = g_string_new_len(actor, (gssize)kind);

	seal_random(random, sizeof(random));
	g_string_append_c(alias, MARK);
	for (gsize i = 0; i < sizeof(random); i++)
		g_string_append_printf(alias, "%02x", random[i]);
	return g_string_free(alias, FALSE);
}

static const char *
alias_locked(struct operators *operators, const char *actor, GError **error)
{
	g_autofree char *name = g_strndup(actor, OPERATOR_NAME_MOST);
	const struct who *who = g_hash_table_lookup(operators->names, name);
	gint64 now = clock_wall(&clock_system);
	g_autofree char *alias = NULL;

	if (who != NULL)
		return who->alias;
	alias = draw_alias(name, kind_length(name));
	if (!keep(operators, alias, name, now, error)) {
		g_prefix_error(error, "operators: ");
		return NULL;
	}
	return remember(
	    operators, g_steal_pointer(&name), g_steal_pointer(&alias), now)
	    ->alias;
}

const char *
operators_alias(struct operators *operators, const char *actor, GError **error)
{
	const char *alias;

	if (kind_length(actor) == 0)
		return actor;
	pthread_mutex_lock(&operators->lock);
	alias = alias_locked(operators, actor, error);
	pthread_mutex_unlock(&operators->lock);
	return alias;
}

const char *
operators_name(struct operators *operators, const char *alias)
{
	const struct who *who;

	if (strchr(alias, MARK) == NULL)
		return alias;
	pthread_mutex_lock(&operators->lock);
	who = g_hash_table_lookup(operators->aliases, alias);
	pthread_mutex_unlock(&operators->lock);
	return who != NULL ? who->name : alias;
}

static struct who *
find_locked(struct operators *operators, const char *name, GError **error)
{
	struct who *who = g_hash_table_lookup(operators->names, name);

	if (who == NULL)
		err_set(error, DG_ERROR_NOTFOUND,
		    "there is no such operator; \"operator list\" shows those "
		    "there are");
	return who;
}

const char *
operators_find(struct operators *operators, const char *name, GError **error)
{
	const struct who *who;

	pthread_mutex_lock(&operators->lock);
	who = find_locked(operators, name, error);
	pthread_mutex_unlock(&operators->lock);
	return who != NULL ? who->alias : NULL;
}

/* --- for people --- */

/* Aliases that are keys; the object is changed behind the walk over it. */
static void
reveal_keys(struct operators *operators, json_t *object)
{
	json_t *shown = json_object(), *value;
	const char *key;
	void *next;

	json_object_foreach_safe(object, next, key, value)
	{
		const char *name = operators_name(operators, key);

		if (name == key)
			continue;
		json_object_set(shown, name, value);
		json_object_del(object, key);
	}
	json_object_update(object, shown);
	json_decref(shown);
}

void
operators_reveal(struct operators *operators, json_t *value)
{
	const char *key;
	json_t *one;
	size_t i;

	json_array_foreach(value, i, one) operators_reveal(operators, one);
	json_object_foreach(value, key, one)
	{
		if (strcmp(key, "actor") == 0 && json_is_string(one))
			json_string_set(one,
			    operators_name(operators, json_string_value(one)));
		operators_reveal(operators, one);
	}
	reveal_keys(operators, value);
}

static int
by_name(gconstpointer a, gconstpointer b)
{
	const struct who *one = a, *other = b;

	return strcmp(one->name, other->name);
}

json_t *
operators_list(struct operators *operators)
{
	json_t *list = json_array();
	g_autoptr(GList) all = NULL;

	pthread_mutex_lock(&operators->lock);
	all = g_list_sort(g_hash_table_get_values(operators->aliases), by_name);
	for (const GList *at = all; at != NULL; at = at->next) {
		const struct who *who = at->data;
		g_autofree char *since = clock_text(who->since);

		json_array_append_new(
		    list, json_pack("{s:s, s:s, s:s}", "operator", who->name,
			      "alias", who->alias, "since", since));
	}
	pthread_mutex_unlock(&operators->lock);
	return list;
}

static gboolean
drop(struct operators *operators, const struct who *who, GError **error)
{
	struct store_txn *txn OWNED(store_abort) =
	    store_begin(operators->store, TRUE, error);

	if (txn == NULL)
		return FALSE;
	(void)store_del(txn, TABLE_NAME, who->alias, strlen(who->alias));
	return store_commit(&txn, error);
}

gboolean
operators_delete(struct operators *operators, const char *name, GError **error)
{
	struct who *who;
	gboolean done;

	pthread_mutex_lock(&operators->lock);
	who = find_locked(operators, name, error);
	done = who != NULL && drop(operators, who, error);
	if (done) {
		g_hash_table_remove(operators->names, name);
		g_hash_table_steal(operators->aliases, who->alias);
		g_ptr_array_add(operators->gone, who);
	}
	pthread_mutex_unlock(&operators->lock);
	return done;
}
