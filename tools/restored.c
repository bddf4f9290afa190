/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * After a restore.
 */
#include "tools/restored.h"

#include <errno.h>
#include <unistd.h>

#include "classifier/holder.h"
#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/privacy/holder.h"
#include "tools/traces.h"

#define MARK "restored.json"
#define MARK_MOST 1048576

/* The mark; NULL without an error when there is none. */
static json_t *
read_mark(int state, GError **error)
{
	g_autoptr(GError) fault = NULL;
	g_autoptr(GBytes) bytes = file_read(state, MARK, MARK_MOST, &fault);
	json_t *mark;
	gsize length;
	const char *text;

	if (bytes == NULL) {
		if (!err_is(fault, DG_ERROR_NOTFOUND))
			g_propagate_error(error, g_steal_pointer(&fault));
		return NULL;
	}
	text = g_bytes_get_data(bytes, &length);
	mark = json_loadb(text != NULL ? text : "", length, 0, NULL);
	if (mark == NULL)
		err_set(error, DG_ERROR_BAD,
		    "%s is damaged: restore the backup again", MARK);
	return mark;
}

/* --- people --- */

/* Whether an erasure that was going on as the backup was made is his. */
static gboolean
was_going_on(const json_t *erasing, gint64 when)
{
	const json_t *one;
	size_t i;

	json_array_foreach(erasing, i, one)
	{
		if (json_integer_value(one) == when)
			return TRUE;
	}
	return FALSE;
}

static gint64
cut_of(const json_t *mark)
{
	return json_integer_value(json_object_get(mark, "cut"));
}

/* Those of them who were erased at its cut or later, or were being: GArray of
 * struct ident, the caller's. */
static GArray *
erased_since(struct keeper *keeper, const json_t *mark, GError **error)
{
	struct people *people OWNED(people_free) = people_new();
	g_autoptr(GArray) erased =
	    g_array_new(FALSE, FALSE, sizeof(struct ident));
	g_autoptr(GArray) all = NULL;

	if (!registry_subjects(keeper->registry, people, error))
		return NULL;
	all = people_list(people);
	for (guint i = 0; i < all->len; i++) {
		const struct ident *subject =
		    &g_array_index(all, struct ident, i);
		gint64 when;

		if (!suppress_when(keeper->suppress, subject, &when, error))
			return NULL;
		if (when != 0 &&
		    (when >= cut_of(mark) ||
			was_going_on(json_object_get(mark, "erasing"), when)))
			g_array_append_vals(erased, subject, 1);
	}
	return g_steal_pointer(&erased);
}

/* What holders here still have to do, and why. */
static gboolean
all_done(const struct keeper *keeper, const json_t *erased, GError **error)
{
	const json_t *one;
	size_t i;

	if (registry_settled(keeper->registry, erased, TRUE))
		return TRUE;
	json_array_foreach(erased, i, one)
	{
		const char *words =
		    json_string_value(json_object_get(one, "words"));

		if (g_strcmp0(
			json_string_value(json_object_get(one, "outcome")),
			holder_outcome_word(HOLDER_DONE)) != 0 &&
		    words != NULL)
			return err_set(error, DG_ERROR_AGAIN,
			    "people who were erased are in the backup, and "
			    "could not be erased again: %s: %s",
			    json_string_value(json_object_get(one, "holder")),
			    words);
	}
	return err_set(error, DG_ERROR_AGAIN,
	    "people who were erased could not be erased again");
}

static gboolean
erase_again(struct keeper *keeper, const json_t *mark, GError **error)
{
	const struct registry_round round = { .here_only = TRUE };
	GArray *subjects = erased_since(keeper, mark, error);
	struct person *person OWNED(person_free) = NULL;
	json_t *erased;
	gboolean done;

	if (subjects == NULL)
		return FALSE;
	person = person_of_subjects(subjects);
	json_object_set_new(
	    keeper->restored, "erased", json_integer(subjects->len));
	if (subjects->len == 0)
		return TRUE;
	erased = registry_erase(keeper->registry, person, &round);
	done = all_done(keeper, erased, error);
	json_decref(erased);
	return done;
}

/* --- inboxes --- */

static gboolean
reopen(void *self, struct life *life, GError **error)
{
	const gint64 *now = self;

	(void)error;
	if (life->state <= LIFE_ERASING)
		return FALSE;
	life_erase_again(life, *now);
	return TRUE;
}

/* What cannot go yet, of people who restricted its use, the calendar goes on
 * with. */
static gboolean
erase_inbox(
    struct keeper *keeper, const char *inbox, gboolean again, GError **error)
{
	const struct registry_round round = { .here_only = TRUE,
		.inbox = { inbox, again } };
	gint64 now = clock_wall(&clock_system);
	const struct lives_change change = { reopen, &now };
	json_t *erased = registry_erase(keeper->registry, NULL, &round);
	gboolean done = registry_settled(keeper->registry, erased, TRUE);

	json_decref(erased);
	return done || lives_edit(keeper->lives, inbox, &change, NULL, error);
}

/* Receipts are the newest, and say nothing of a state that is older. */
static gboolean
erase_inboxes(struct keeper *keeper, gint64 cut, GError **error)
{
	g_autoptr(GPtrArray) names = lives_names(keeper->lives, error);
	int erased = 0;

	for (guint i = 0; names != NULL && i < names->len; i++) {
		struct life life;
		gint64 gone;

		if (!lives_get(keeper->lives, names->pdata[i], &life, error))
			return FALSE;
		/* One that was opened anew: what it had before that. */
		gone = life.state > LIFE_ERASING ? life.since : life.erased;
		if (life.state != LIFE_ERASING && (gone == 0 || gone < cut))
			continue;
		if (!erase_inbox(keeper, names->pdata[i],
			life.state != LIFE_ERASING, error))
			return FALSE;
		erased++;
	}
	json_object_set_new(keeper->restored, "inboxes", json_integer(erased));
	return names != NULL;
}

/* --- what stands --- */

/* Whoever restricted the use of his data, or objected, has no lessons; he may
 * have asked for it after the backup. */
static gboolean
take_back(struct keeper *keeper, GError **error)
{
	struct people *people OWNED(people_free) = people_new();
	g_autoptr(GArray) all = NULL;
	guint taken = 0;

	if (!standings_people(keeper->standings, people, error))
		return FALSE;
	all = people_list(people);
	for (guint i = 0; i < all->len; i++) {
		const struct ident *subject =
		    &g_array_index(all, struct ident, i);
		struct standing standing;
		guint n = 0;

		if (!standings_get(
			keeper->standings, subject, &standing, error) ||
		    ((standing.restricted != 0 || standing.objected != 0) &&
			!holder_take_back(keeper->faculty, subject, &n, error)))
			return FALSE;
		taken += n;
	}
	json_object_set_new(keeper->restored, "lessons", json_integer(taken));
	return TRUE;
}

/* --- requests --- */

/* Whether whose it is cannot be read any more. */
static gboolean
is_blind(struct keeper *keeper, guint64 id, gboolean *blind_r, GError **error)
{
	g_autoptr(GError) fault = NULL;
	struct person *person OWNED(person_free) =
	    requests_person(keeper->requests, id, keeper->own.subject, &fault);

	*blind_r = person == NULL && err_is(fault, DG_ERROR_NOTFOUND);
	if (person != NULL || *blind_r)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

/* What a desk has not done yet it cannot be asked for any more.  The caller's.
 */
static json_t *
close_holders(const json_t *request)
{
	json_t *holders = json_deep_copy(json_object_get(request, "holders"));
	json_t *one;
	size_t i;

	json_array_foreach(holders, i, one)
	{
		if (g_strcmp0(
			json_string_value(json_object_get(one, "outcome")),
			holder_outcome_word(HOLDER_OPEN)) != 0)
			continue;
		json_object_set_new(one, "outcome",
		    json_string(holder_outcome_word(HOLDER_REFUSED)));
		json_object_set_new(one, "words",
		    json_string("whom it is about was lost in a restore: do "
				"it there"));
	}
	return holders;
}

static gboolean
is_ours(const json_t *request)
{
	const char *kind = json_string_value(json_object_get(request, "kind"));

	return !json_is_true(json_object_get(request, "by_hand")) &&
	       (g_strcmp0(kind, request_kind_word(REQUEST_ERASE)) == 0 ||
		   g_strcmp0(kind, request_kind_word(REQUEST_RESTRICT)) == 0 ||
		   g_strcmp0(kind, request_kind_word(REQUEST_OBJECT)) == 0);
}

/* One whose person cannot be read any more has ended since: with its end that
 * key is destroyed.  Or it was made after the copy of the vault, which `lost`
 * tells; what was done here of it stays done.  One by hand stays open. */
static gboolean
end_request(struct keeper *keeper, const json_t *request, json_t *lost,
    gboolean *ended_r, GError **error)
{
	guint64 id =
	    (guint64)json_integer_value(json_object_get(request, "id"));
	json_t *holders;
	gboolean blind, good;

	if (json_object_get(request, "inbox") != NULL)
		return TRUE;
	if (!is_blind(keeper, id, &blind, error))
		return FALSE;
	if (blind && json_is_true(json_object_get(keeper->restored, "kept")))
		json_array_append_new(lost, json_integer((json_int_t)id));
	*ended_r = blind && is_ours(request);
	if (!*ended_r)
		return TRUE;
	holders = close_holders(request);
	good = requests_step(keeper->requests, id, REQUEST_COMPACTED, error) &&
	       requests_put(keeper->requests, id, holders, TRUE, error);
	json_decref(holders);
	return good;
}

static gboolean
end_requests(struct keeper *keeper, GError **error)
{
	json_t *open = requests_list(keeper->requests, TRUE, error);
	json_t *lost = json_array();
	gboolean good = open != NULL;
	const json_t *one;
	int ended = 0;
	size_t i;

	json_array_foreach(open, i, one)
	{
		gboolean this_one = FALSE;

		good = good && end_request(keeper, one, lost, &this_one, error);
		ended += this_one;
	}
	json_decref(open);
	json_object_set_new(keeper->restored, "requests", json_integer(ended));
	json_object_set_new(keeper->restored, "lost", lost);
	return good;
}

/* --- the whole --- */

static gboolean
look_first(struct keeper *keeper, GError **error)
{
	struct deliver_restored found;

	if (!deliver_look_first(keeper->deliver, &found, error))
		return FALSE;
	json_object_set_new(
	    keeper->restored, "waiting", json_integer(found.waiting));
	json_object_set_new(
	    keeper->restored, "acknowledgements", json_integer(found.acks));
	return TRUE;
}

static gboolean
end(struct keeper *keeper, int state, GError **error)
{
	const struct audit_act act = { .actor = "cli:restore",
		.act = "restore",
		.object = json_string_value(
		    json_object_get(keeper->restored, "made")) };

	if (!traces_remove(keeper, error) ||
	    !audit_add(keeper->audit, &act, error))
		return FALSE;
	if (unlinkat(state, MARK, 0) != 0)
		return err_errno(error, errno, "cannot remove %s", MARK);
	log_event(LOG_LEVEL_INFO, "restored", "made", act.object, NULL);
	return file_sync(state, error);
}

static gboolean
apply(struct keeper *keeper, const json_t *mark, int state, GError **error)
{
	keeper->restored =
	    json_pack("{s:O, s:b}", "made", json_object_get(mark, "made"),
		"kept", json_is_true(json_object_get(mark, "kept")));
	return erase_again(keeper, mark, error) &&
	       erase_inboxes(keeper, cut_of(mark), error) &&
	       take_back(keeper, error) && end_requests(keeper, error) &&
	       look_first(keeper, error) && end(keeper, state, error);
}

gboolean
restored_apply(struct keeper *keeper, GError **error)
{
	int state OWNED(file_close) = file_open_dir(keeper->paths.state, error);
	g_autoptr(GError) fault = NULL;
	json_t *mark = state < 0 ? NULL : read_mark(state, &fault);
	gboolean good;

	if (mark == NULL) {
		if (fault != NULL)
			g_propagate_error(error, g_steal_pointer(&fault));
		return state >= 0 && fault == NULL;
	}
	good = apply(keeper, mark, state, error);
	json_decref(mark);
	return good;
}
