/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The registry of holders.
 */
#include "lib/privacy/holder.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/mail/addr.h"

struct registry {
	GArray *holders; /* struct holder */
};

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

static const struct holder *
at(const struct registry *registry, guint i)
{
	return &g_array_index(registry->holders, struct holder, i);
}

json_t *
registry_list(const struct registry *registry)
{
	json_t *list = json_array();

	for (guint i = 0; i < registry->holders->len; i++) {
		const struct holder *holder = at(registry, i);
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
		const struct holder *holder = at(registry, i);
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

static gboolean
has_holder(const struct registry *registry, const char *name)
{
	for (guint i = 0; i < registry->holders->len; i++)
		if (g_strcmp0(at(registry, i)->name, name) == 0)
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

		if (name == NULL || !has_holder(registry, name))
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
		const struct holder *holder = at(registry, i);

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
		const struct holder *holder = at(registry, i);

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

/* How it went; with a fault it is open. */
static void
tell_outcome(const struct holder *holder, json_t *counts,
    struct holder_erased *erased, const GError *fault)
{
	g_autofree char *hidden = NULL;

	if (fault != NULL) {
		erased->outcome = HOLDER_OPEN;
		g_free(erased->words);
		erased->words = g_strdup(fault->message);
	}
	/* A desk's own words may name the person. */
	hidden = erased->words != NULL ? addr_hide(erased->words) : NULL;
	if (fault != NULL)
		log_event(LOG_LEVEL_ERROR, "erase-fault", "holder",
		    holder->name, "error", err_word(fault), "text", hidden,
		    NULL);
	json_object_set_new(counts, "outcome",
	    json_string(holder_outcome_word(erased->outcome)));
	if (hidden != NULL)
		json_object_set_new(counts, "words", json_string(hidden));
}

/* What was told of a remote one before stays told. */
static gboolean
erase_inbox(const struct holder *holder, const char *inbox, json_t *counts,
    struct holder_erased *erased, GError **error)
{
	erased->outcome = holder->remote ? HOLDER_REFUSED : HOLDER_DONE;
	if (holder->remote)
		erased->words = g_strdup("what it holds of this inbox is its "
					 "own: erase it there");
	return holder->remote || holder->erase_inbox == NULL ||
	       holder->erase_inbox(holder->self, inbox, counts, erased, error);
}

static void
erase_from(const struct holder *holder, const struct person *person,
    const char *inbox, json_t *counts, GError **error)
{
	struct holder_erased erased OWNED(holder_erased_clear) = { 0 };
	GError *fault = NULL;
	gboolean done =
	    inbox != NULL
		? erase_inbox(holder, inbox, counts, &erased, &fault)
		: holder->erase(holder->self, person, counts, &erased, &fault);

	if (!done && fault == NULL)
		err_set(&fault, DG_ERROR_IO, "no reason was given");
	tell_outcome(holder, counts, &erased, fault);
	if (fault != NULL && !holder->remote)
		g_propagate_error(error, fault);
	else
		g_clear_error(&fault);
}

static void
stay_open(json_t *counts, const char *words)
{
	json_object_set_new(
	    counts, "outcome", json_string(holder_outcome_word(HOLDER_OPEN)));
	json_object_set_new(counts, "words", json_string(words));
}

/* What the round before told of a holder, or NULL. */
static const json_t *
find_before(const json_t *before, const char *name)
{
	const json_t *one;
	size_t i;

	json_array_foreach(before, i, one)
	{
		if (g_strcmp0(json_string_value(json_object_get(one, "holder")),
			name) == 0)
			return one;
	}
	return NULL;
}

static gboolean
is_final(const json_t *one)
{
	const char *word = json_string_value(json_object_get(one, "outcome"));

	return word != NULL &&
	       strcmp(word, holder_outcome_word(HOLDER_OPEN)) != 0;
}

/* What went in the round before is gone too. */
static void
add_before(json_t *counts, const json_t *before)
{
	const char *kind;
	json_t *value;

	json_object_foreach((json_t *)before, kind, value)
	{
		json_int_t now =
		    json_integer_value(json_object_get(counts, kind));

		if (json_is_integer(value))
			json_object_set_new(counts, kind,
			    json_integer(json_integer_value(value) + now));
	}
}

static gboolean
is_stopped(const struct registry_round *round)
{
	return round->stopping != NULL && g_atomic_int_get(round->stopping);
}

/* Whether there is nothing more to do with what it told before.  What is held
 * here is erased as a whole, keys included, and then no more: what comes later
 * is of somebody who came back. */
gboolean
registry_subjects(
    const struct registry *registry, struct people *people, GError **error)
{
	for (guint i = 0; i < registry->holders->len; i++) {
		const struct holder *holder = at(registry, i);

		if (holder->subjects != NULL &&
		    !holder->subjects(holder->self, people, error)) {
			g_prefix_error(error, "%s: ", holder->name);
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
is_left_alone(const struct holder *holder, const json_t *before,
    const struct registry_round *round, gboolean here_settled)
{
	if (before == NULL)
		return FALSE;
	if (!holder->remote)
		return here_settled;
	return round->here_only || is_stopped(round) || is_final(before);
}

static json_t *
erase_one(const struct holder *holder, const struct person *person,
    const struct registry_round *round, gboolean here_settled, GError **error)
{
	const json_t *before = find_before(round->before, holder->name);
	json_t *counts;

	if (is_left_alone(holder, before, round, here_settled))
		return json_deep_copy(before);
	counts = json_object();
	json_object_set_new(counts, "holder", json_string(holder->name));
	if (json_object_get(before, "left") != NULL)
		json_object_set(
		    counts, "left", json_object_get(before, "left"));
	if (*error != NULL && !holder->remote)
		stay_open(counts, "waits for what is above");
	else if (round->inbox == NULL && holder->remote &&
		 (round->here_only || is_stopped(round)))
		stay_open(counts, "is yet to be asked");
	else
		erase_from(holder, person, round->inbox, counts, error);
	add_before(counts, before);
	return counts;
}

/* A desk that left the settings meanwhile is not forgotten. */
static void
add_former(const struct registry *registry, const json_t *before, json_t *gone)
{
	json_t *one;
	size_t i;

	json_array_foreach((json_t *)before, i, one)
	{
		json_t *former;

		if (has_holder(registry,
			json_string_value(json_object_get(one, "holder"))))
			continue;
		former = json_deep_copy(one);
		json_array_append_new(gone, former);
		if (is_final(one))
			continue;
		json_object_set_new(former, "outcome",
		    json_string(holder_outcome_word(HOLDER_REFUSED)));
		json_object_set_new(former, "words",
		    json_string("it is no more in the settings: do it there"));
	}
}

json_t *
registry_erase(const struct registry *registry, const struct person *person,
    const struct registry_round *round)
{
	gboolean here_settled = registry_settled(registry, round->before, TRUE);
	json_t *gone = json_array();
	g_autoptr(GError) fault = NULL;

	for (guint i = 0; i < registry->holders->len; i++)
		json_array_append_new(gone, erase_one(at(registry, i), person,
						round, here_settled, &fault));
	add_former(registry, round->before, gone);
	return gone;
}

gboolean
registry_settled(
    const struct registry *registry, const json_t *erased, gboolean here_only)
{
	for (guint i = 0; i < registry->holders->len; i++) {
		const struct holder *holder = at(registry, i);

		if ((!here_only || !holder->remote) &&
		    !is_final(find_before(erased, holder->name)))
			return FALSE;
	}
	return TRUE;
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
		if (at(registry, i)->expire != NULL &&
		    !holder_is_stopping(expiry))
			expire_one(at(registry, i), expiry, rows);
	return rows;
}
