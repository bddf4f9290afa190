/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Erasing, through all holders.
 */
#include "lib/privacy/holder_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/mail/addr.h"

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
erase_inbox(const struct holder *holder, const struct holder_inbox *inbox,
    json_t *counts, struct holder_erased *erased, GError **error)
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
    const struct holder_inbox *inbox, json_t *counts, GError **error)
{
	struct holder_erased erased OWNED(holder_erased_clear) = { 0 };
	GError *fault = NULL;
	gboolean done =
	    inbox->name != NULL
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

/* What a remote holder told for itself. */
static void
take_over(json_t *counts, const json_t *before, const char *name)
{
	if (json_object_get(before, name) != NULL)
		json_object_set(counts, name, json_object_get(before, name));
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
	take_over(counts, before, "left");
	take_over(counts, before, "asked");
	if (*error != NULL && !holder->remote)
		stay_open(counts, "waits for what is above");
	else if (round->inbox.name == NULL && holder->remote &&
		 (round->here_only || is_stopped(round)))
		stay_open(counts, "is yet to be asked");
	else
		erase_from(holder, person, &round->inbox, counts, error);
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

		if (registry_has(registry,
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
		json_array_append_new(
		    gone, erase_one(registry_at(registry, i), person, round,
			      here_settled, &fault));
	add_former(registry, round->before, gone);
	return gone;
}

gboolean
registry_settled(
    const struct registry *registry, const json_t *erased, gboolean here_only)
{
	for (guint i = 0; i < registry->holders->len; i++) {
		const struct holder *holder = registry_at(registry, i);

		if ((!here_only || !holder->remote) &&
		    !is_final(find_before(erased, holder->name)))
			return FALSE;
	}
	return TRUE;
}
