/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The registry of holders.
 */
#include "lib/privacy/holder_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/mail/addr.h"

const char *
holder_outcome_word(enum holder_outcome outcome)
{
	static const char *const words[] = { "done", "open", "refused" };

	return words[outcome];
}

void
holder_erased_clear(struct holder_erased *erased)
{
	g_clear_pointer(&erased->words, g_free);
}

gboolean
holder_find_nothing(
    void *self, const struct person *person, json_t *counts, GError **error)
{
	(void)self, (void)person, (void)counts, (void)error;
	return TRUE;
}

gboolean
holder_erase_nothing(void *self, const struct person *person, json_t *counts,
    struct holder_erased *erased_r, GError **error)
{
	erased_r->outcome = HOLDER_DONE;
	return holder_find_nothing(self, person, counts, error);
}

struct registry *
registry_new(void)
{
	struct registry *registry = g_new(struct registry, 1);

	registry->holders = g_array_new(FALSE, FALSE, sizeof(struct holder));
	return registry;
}

void
registry_free(struct registry **registry)
{
	struct registry *old = *registry;

	*registry = NULL;
	if (old == NULL)
		return;
	g_array_unref(old->holders);
	g_free(old);
}

void
registry_add(struct registry *registry, const struct holder *holder)
{
	g_array_append_vals(registry->holders, holder, 1);
}

const struct holder *
registry_at(const struct registry *registry, guint i)
{
	return &g_array_index(registry->holders, struct holder, i);
}

json_t *
registry_list(const struct registry *registry)
{
	json_t *list = json_array();

	for (guint i = 0; i < registry->holders->len; i++) {
		const struct holder *holder = registry_at(registry, i);
		json_t *claims = json_array();

		for (const char *const *claim = holder->claims; *claim != NULL;
		     claim++)
			json_array_append_new(claims, json_string(*claim));
		json_array_append_new(list,
		    json_pack("{s:s, s:o, s:b}", "holder", holder->name,
			"claims", claims, "exports", holder->export != NULL));
	}
	return list;
}

json_t *
registry_find(const struct registry *registry, const struct person *person,
    GError **error)
{
	json_t *found = json_array();

	for (guint i = 0; i < registry->holders->len; i++) {
		const struct holder *holder = registry_at(registry, i);
		json_t *counts = json_object();

		json_object_set_new(
		    counts, "holder", json_string(holder->name));
		json_array_append_new(found, counts);
		if (!holder->find(holder->self, person, counts, error)) {
			g_prefix_error(error, "%s: ", holder->name);
			json_decref(found);
			return NULL;
		}
	}
	return found;
}

static gboolean
is_named(const json_t *names, const char *name)
{
	const json_t *one;
	size_t i;

	json_array_foreach(names, i, one)
	{
		if (g_strcmp0(json_string_value(one), name) == 0)
			return TRUE;
	}
	return names == NULL || json_is_null(names);
}

gboolean
registry_has(const struct registry *registry, const char *name)
{
	for (guint i = 0; i < registry->holders->len; i++)
		if (g_strcmp0(registry_at(registry, i)->name, name) == 0)
			return TRUE;
	return FALSE;
}

static gboolean
check_names(
    const struct registry *registry, const json_t *names, GError **error)
{
	const json_t *one;
	size_t i;

	json_array_foreach(names, i, one)
	{
		const char *name = json_string_value(one);

		if (name == NULL || !registry_has(registry, name))
			return err_set(error, DG_ERROR_NOTFOUND,
			    "there is no holder \"%s\"; \"privacy holders\" "
			    "names them",
			    name != NULL ? name : "");
	}
	return TRUE;
}

static json_t *
holder_affected(const struct holder *holder, const struct affected *affected)
{
	json_t *kinds = json_array();
	guint records = 0, people;

	for (gsize i = 0; holder->kinds != NULL && holder->kinds[i] != NULL;
	     i++)
		json_array_append_new(kinds, json_string(holder->kinds[i]));
	people = affected_of(affected, holder->name, &records);
	return json_pack("{s:s, s:o, s:b, s:i, s:i}", "holder", holder->name,
	    "kinds", kinds, "named", holder->people != NULL, "people",
	    (int)people, "records", (int)records);
}

json_t *
registry_affected(const struct registry *registry, const json_t *names,
    gint64 until, struct affected *affected, GError **error)
{
	json_t *told = json_array();
	gboolean good = check_names(registry, names, error);

	for (guint i = 0; good && i < registry->holders->len; i++) {
		const struct holder *holder = registry_at(registry, i);

		if (!is_named(names, holder->name))
			continue;
		good = holder->people == NULL ||
		       holder->people(holder->self, until, affected, error);
		if (good)
			json_array_append_new(
			    told, holder_affected(holder, affected));
		else
			g_prefix_error(error, "%s: ", holder->name);
	}
	if (good)
		return told;
	json_decref(told);
	return NULL;
}

json_t *
registry_export(const struct registry *registry, const struct person *person,
    const struct handout *handout, GError **error)
{
	struct handout own = *handout;
	json_t *data = json_object();

	for (guint i = 0; i < registry->holders->len; i++) {
		const struct holder *holder = registry_at(registry, i);

		if (holder->export == NULL)
			continue;
		own.data = json_object();
		json_object_set_new(data, holder->name, own.data);
		if (!holder->export(holder->self, person, &own, error)) {
			g_prefix_error(error, "%s: ", holder->name);
			json_decref(data);
			return NULL;
		}
	}
	return data;
}

gboolean
registry_subjects(
    const struct registry *registry, struct people *people, GError **error)
{
	for (guint i = 0; i < registry->holders->len; i++) {
		const struct holder *holder = registry_at(registry, i);

		if (holder->subjects != NULL &&
		    !holder->subjects(holder->self, people, error)) {
			g_prefix_error(error, "%s: ", holder->name);
			return FALSE;
		}
	}
	return TRUE;
}

/* --- a name that is wrong --- */

static gboolean
rectify_one(const struct holder *holder, const struct person *person,
    const char *name, json_t *rows, GError **error)
{
	json_t *row = json_pack("{s:s, s:s}", "holder", holder->name, "outcome",
	    holder_outcome_word(HOLDER_DONE));

	json_array_append_new(rows, row);
	if (holder->rectify != NULL)
		return holder->rectify(holder->self, person, name, row, error);
	json_object_set_new(
	    row, "outcome", json_string(holder_outcome_word(HOLDER_REFUSED)));
	json_object_set_new(row, "words", json_string("change the name there"));
	return TRUE;
}

json_t *
registry_rectify(const struct registry *registry, const struct person *person,
    const char *name, GError **error)
{
	json_t *rows = json_array();

	for (guint i = 0; i < registry->holders->len; i++) {
		const struct holder *holder = registry_at(registry, i);

		if ((holder->rectify == NULL && !holder->remote) ||
		    rectify_one(holder, person, name, rows, error))
			continue;
		g_prefix_error(error, "%s: ", holder->name);
		json_decref(rows);
		return NULL;
	}
	return rows;
}

/* --- what is past its time --- */

gboolean
holder_is_stopping(const struct holder_expiry *expiry)
{
	return expiry->stopping != NULL && g_atomic_int_get(expiry->stopping);
}

static void
expire_one(const struct holder *holder, const struct holder_expiry *expiry,
    json_t *rows)
{
	size_t from = json_array_size(rows);
	g_autoptr(GError) fault = NULL;

	if (!holder->expire(holder->self, expiry, rows, &fault)) {
		log_error(LOG_LEVEL_ERROR, fault, "expire-fault", "holder",
		    holder->name, NULL);
		json_array_append_new(
		    rows, json_pack("{s:s}", "fault", fault->message));
	}
	for (; from < json_array_size(rows); from++)
		json_object_set_new(json_array_get(rows, from), "holder",
		    json_string(holder->name));
}

json_t *
registry_expire(
    const struct registry *registry, const struct holder_expiry *expiry)
{
	json_t *rows = json_array();

	for (guint i = 0; i < registry->holders->len; i++)
		if (registry_at(registry, i)->expire != NULL &&
		    !holder_is_stopping(expiry))
			expire_one(registry_at(registry, i), expiry, rows);
	return rows;
}
