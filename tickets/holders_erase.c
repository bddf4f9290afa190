/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asking a desk to erase a person, until nothing is left there.
 */
#include "tickets/holders_private.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"

/* A desk that cannot be asked just now is no fault of ours. */
static gboolean
is_passing(const GError *fault)
{
	return err_is(fault, DG_ERROR_AGAIN) || err_is(fault, DG_ERROR_IO) ||
	       err_is(fault, DG_ERROR_DENIED);
}

static void
merge(struct holder_erased *all, const struct desk_erased *one)
{
	enum holder_outcome outcome =
	    one->outcome == DESK_ERASE_DONE   ? HOLDER_DONE
	    : one->outcome == DESK_ERASE_OPEN ? HOLDER_OPEN
					      : HOLDER_REFUSED;
	char *words;

	/* What is open stays so, whatever another address came to. */
	if (all->outcome == HOLDER_DONE || outcome == HOLDER_OPEN)
		all->outcome = outcome;
	if (one->words == NULL)
		return;
	words = all->words == NULL
		    ? g_strdup(one->words)
		    : g_strconcat(all->words, "; ", one->words, NULL);
	g_free(all->words);
	all->words = words;
}

/* A passing fault leaves it open; takes it. */
static gboolean
pass(GError *fault, struct holder_erased *all, GError **error)
{
	struct desk_erased one = { .outcome = DESK_ERASE_OPEN,
		.words = fault->message };

	if (!is_passing(fault)) {
		g_propagate_error(error, fault);
		return FALSE;
	}
	merge(all, &one);
	g_error_free(fault);
	return TRUE;
}

static gboolean
has_text(const json_t *list, const char *text)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (g_strcmp0(json_string_value(one), text) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Adds what is kept there until it is purged. */
static void
add_left(json_t *counts, const GPtrArray *left)
{
	json_t *list = json_object_get(counts, "left");

	if (left == NULL || left->len == 0)
		return;
	if (list == NULL) {
		list = json_array();
		json_object_set_new(counts, "left", list);
	}
	for (guint i = 0; i < left->len; i++)
		if (!has_text(list, left->pdata[i]))
			json_array_append_new(
			    list, json_string(left->pdata[i]));
}

/* Asks for what was left until the first that is there still: what was deleted
 * together goes together.  What stays for good tells so each time. */
static gboolean
look_for_left(struct desk *desk, json_t *counts, struct holder_erased *all,
    GError **error)
{
	json_t *left = json_object_get(counts, "left");
	gboolean there = FALSE;
	size_t at = 0;

	while (
	    desk->ops->purged != NULL && !there && at < json_array_size(left)) {
		struct desk_erased now OWNED(desk_erased_clear) = { 0 };

		if (!desk->ops->purged(desk,
			json_string_value(json_array_get(left, at)), &now,
			error))
			return FALSE;
		there = now.outcome == DESK_ERASE_OPEN;
		if (there && all->words != NULL)
			g_clear_pointer(&now.words, g_free); /* it is told */
		if (!there && now.words == NULL)
			json_array_remove(left, at);
		else
			at++;
		merge(all, &now);
	}
	if (there)
		return TRUE;
	json_object_del(counts, "left");
	json_object_del(counts, "asked");
	return TRUE;
}

static gboolean
was_asked(const json_t *counts)
{
	return json_is_true(json_object_get(counts, "asked"));
}

/* *failed_r: it is to be asked again. */
static gboolean
erase_address(struct desk *desk, const struct desk_whom *whom, json_t *counts,
    struct holder_erased *all, gboolean *failed_r, GError **error)
{
	struct desk_erased one OWNED(desk_erased_clear) = { 0 };
	g_autoptr(GError) fault = NULL;

	if (desk->ops->erase(desk, whom, &one, &fault)) {
		holders_add_count(counts, "tickets", one.tickets);
		add_left(counts, one.left);
		merge(all, &one);
		return TRUE;
	}
	*failed_r = TRUE;
	return pass(g_steal_pointer(&fault), all, error);
}

/* By all his addresses.  Once all was asked for, and waits to be purged, what
 * comes there is of somebody who came back. */
static gboolean
erase_at(struct desk *desk, const struct person *person, json_t *counts,
    struct holder_erased *erased_r, GError **error)
{
	gboolean failed = FALSE;
	GError *fault = NULL;

	erased_r->outcome = HOLDER_DONE;
	if (desk->ops->erase == NULL) {
		erased_r->outcome = HOLDER_REFUSED;
		erased_r->words = g_strdup("this desk cannot be asked to "
					   "erase: do it there");
		return TRUE;
	}
	for (guint i = 0; i < person->addresses->len && !was_asked(counts);
	     i++) {
		const struct desk_whom whom = { person->addresses->pdata[i],
			person->until == G_MAXINT64
			    ? G_MAXINT64
			    : person->until / G_USEC_PER_SEC };

		if (!erase_address(
			desk, &whom, counts, erased_r, &failed, error))
			return FALSE;
	}
	if (!failed && json_array_size(json_object_get(counts, "left")) > 0)
		json_object_set_new(counts, "asked", json_true());
	return look_for_left(desk, counts, erased_r, &fault) ||
	       pass(fault, erased_r, error);
}

gboolean
holders_erase_desk(void *self, const struct person *person, json_t *counts,
    struct holder_erased *erased_r, GError **error)
{
	struct place *place = self;
	struct desk *desk;
	gboolean good;

	if (place->local && person->addresses->len == 0)
		return holders_erase_people(
		    place, person, counts, erased_r, error);
	desk = place_lock(place, error);
	if (desk == NULL)
		return FALSE;
	good = erase_at(desk, person, counts, erased_r, error);
	place_unlock(place, desk);
	return good;
}
