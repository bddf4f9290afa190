/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A person by his addresses.
 */
#include "lib/privacy/person.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/mail/addr.h"
#include "lib/privacy/subject.h"

static gboolean
add(struct person *person, const struct secret *key, const char *address,
    GError **error)
{
	struct ident subject;

	if (address == NULL || !subject_ident(key, address, &subject))
		return err_set(error, DG_ERROR_BAD,
		    "\"%s\" is no address: people are known by theirs",
		    address != NULL ? address : "");
	if (person_has(person, &subject))
		return TRUE;
	g_ptr_array_add(person->addresses, addr_canonical(address));
	g_array_append_val(person->subjects, subject);
	return TRUE;
}

struct person *
person_new(
    const struct secret *subject_key, const json_t *addresses, GError **error)
{
	struct person *person = g_new(struct person, 1);
	gboolean good = TRUE;
	const json_t *one;
	size_t i;

	person->addresses = g_ptr_array_new_with_free_func(g_free);
	person->subjects = g_array_new(FALSE, FALSE, sizeof(struct ident));
	person->until = G_MAXINT64;
	if (json_array_size(addresses) == 0)
		good = err_set(
		    error, DG_ERROR_BAD, "say whom, by one address or more");
	else if (json_array_size(addresses) > PERSON_ADDRESSES_MOST)
		good = err_set(error, DG_ERROR_BAD,
		    "a person has %d addresses at most", PERSON_ADDRESSES_MOST);
	json_array_foreach(addresses, i, one)
	{
		if (good)
			good = add(
			    person, subject_key, json_string_value(one), error);
	}
	if (!good)
		person_free(&person);
	return person;
}

void
person_free(struct person **person)
{
	struct person *old = *person;

	*person = NULL;
	if (old == NULL)
		return;
	g_ptr_array_unref(old->addresses);
	g_array_unref(old->subjects);
	g_free(old);
}

struct person *
person_of_subjects(GArray *subjects)
{
	struct person *person = g_new(struct person, 1);

	person->addresses = g_ptr_array_new_with_free_func(g_free);
	person->subjects = subjects;
	person->until = G_MAXINT64;
	return person;
}

gboolean
person_has(const struct person *person, const struct ident *subject)
{
	for (guint i = 0; i < person->subjects->len; i++)
		if (ident_equal(
			&g_array_index(person->subjects, struct ident, i),
			subject))
			return TRUE;
	return FALSE;
}

json_t *
person_json(const struct person *person)
{
	json_t *addresses = json_array();

	for (guint i = 0; i < person->addresses->len; i++)
		json_array_append_new(
		    addresses, json_string(person->addresses->pdata[i]));
	return addresses;
}

/* --- many of them --- */

struct people {
	GHashTable *known; /* struct ident *, owned */
};

/* Subjects are keyed digests: any four bytes of one are a good hash. */
static guint
subject_hash(gconstpointer subject)
{
	guint hash;

	memcpy(&hash, ((const struct ident *)subject)->bytes, sizeof(hash));
	return hash;
}

static gboolean
subject_same(gconstpointer a, gconstpointer b)
{
	return ident_equal(a, b);
}

struct people *
people_new(void)
{
	struct people *people = g_new(struct people, 1);

	people->known =
	    g_hash_table_new_full(subject_hash, subject_same, g_free, NULL);
	return people;
}

void
people_free(struct people **people)
{
	struct people *old = *people;

	*people = NULL;
	if (old == NULL)
		return;
	g_hash_table_unref(old->known);
	g_free(old);
}

void
people_add(struct people *people, const struct ident *subject)
{
	if (!g_hash_table_contains(people->known, subject))
		g_hash_table_add(
		    people->known, g_memdup2(subject, sizeof(*subject)));
}

GArray *
people_list(const struct people *people)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(struct ident));
	GHashTableIter iter;
	gpointer subject;

	g_hash_table_iter_init(&iter, people->known);
	while (g_hash_table_iter_next(&iter, &subject, NULL))
		g_array_append_vals(list, subject, 1);
	return list;
}
