/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A person in the models.
 */
#include "classifier/holder.h"

#include "lib/base/err.h"

static gboolean
find(void *self, const struct person *person, json_t *counts, GError **error)
{
	guint all = 0;

	for (guint i = 0; i < person->addresses->len; i++) {
		guint lessons;

		if (!faculty_count_person(
			self, person->addresses->pdata[i], &lessons, error))
			return FALSE;
		all += lessons;
	}
	if (all > 0)
		json_object_set_new(counts, "lessons", json_integer(all));
	return TRUE;
}

static gboolean export(void *self, const struct person *person,
    const struct handout *handout, GError **error)
{
	json_t *lessons = json_array();

	json_object_set_new(handout->data, "lessons", lessons);
	for (guint i = 0; i < person->addresses->len; i++) {
		if (!faculty_list_person(
			self, person->addresses->pdata[i], lessons, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
subjects(void *self, struct people *people, GError **error)
{
	struct learn *learn;
	const char *name;

	for (guint i = 0; (learn = faculty_model(self, i, &name)) != NULL; i++)
		if (!learn_people(learn, people, error))
			return FALSE;
	return TRUE;
}

gboolean
holder_take_back(struct faculty *faculty, const struct ident *subject,
    guint *taken_r, GError **error)
{
	struct learn *learn;
	const char *name;

	*taken_r = 0;
	for (guint i = 0; (learn = faculty_model(faculty, i, &name)) != NULL;
	     i++) {
		g_autoptr(GError) fault = NULL;
		guint taken = 0;

		if (!learn_take_back_subject(learn, subject, &taken, &fault) &&
		    !err_is(fault, DG_ERROR_NOTFOUND)) {
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
		*taken_r = MAX(*taken_r, fault == NULL ? taken : 0);
	}
	return TRUE;
}

static gboolean
erase(void *self, const struct person *person, json_t *counts,
    struct holder_erased *erased_r, GError **error)
{
	guint all = 0;

	for (guint i = 0; i < person->subjects->len; i++) {
		guint taken;

		if (!holder_take_back(self,
			&g_array_index(person->subjects, struct ident, i),
			&taken, error))
			return FALSE;
		all += taken;
	}
	if (all > 0)
		json_object_set_new(counts, "lessons", json_integer(all));
	erased_r->outcome = HOLDER_DONE;
	return TRUE;
}

static gboolean
expire(void *self, const struct holder_expiry *expiry, json_t *rows,
    GError **error)
{
	struct learn *learn;
	const char *name;

	for (guint i = 0; (learn = faculty_model(self, i, &name)) != NULL; i++)
		if (!learn_expire(learn, name, expiry, rows, error))
			return FALSE;
	return TRUE;
}

static gboolean
erase_inbox(void *self, const struct holder_inbox *inbox, json_t *counts,
    struct holder_erased *erased_r, GError **error)
{
	guint taken;

	if (!faculty_take_back_inbox(self, inbox->name, &taken, error))
		return FALSE;
	if (taken > 0)
		json_object_set_new(counts, "lessons", json_integer(taken));
	erased_r->outcome = HOLDER_DONE;
	return TRUE;
}

void
holder_add_model(struct registry *registry, struct faculty *faculty)
{
	static const char *const kinds[] = {
		"keyed digests of people, messages and their features, of "
		"lessons",
		NULL
	};
	static const char *const claims[] = { "model/data.mdb:counts",
		"model/data.mdb:journal", "model/data.mdb:meta",
		"model/data.mdb:noted", "model/data.mdb:index",
		"model/data.mdb:sources", "model/lock.mdb", "model/compact/",
		"model-*/", "run/keeper/score.table", "run/keeper/score-*",
		NULL };

	registry_add(registry, &(struct holder){ .name = "model",
				   .self = faculty,
				   .claims = claims,
				   .kinds = kinds,
				   .find = find,
				   .subjects = subjects,
				   .export = export,
				   .erase = erase,
				   .expire = expire,
				   .erase_inbox = erase_inbox });
}
