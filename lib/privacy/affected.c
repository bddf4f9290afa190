/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whom a breach affects.
 */
#include "lib/privacy/affected.h"

#include <string.h>

#include "lib/base/clock.h"

#define DUE_HOURS 72

struct one {
	struct ident subject;
	char *address; /* or NULL */
	guint records;
	gint64 first, last;
	GHashTable *holders; /* name to how many records */
};

struct affected {
	GHashTable *all; /* subject to struct one */
};

static guint
subject_hash(gconstpointer key)
{
	const struct ident *subject = key;
	guint hash;

	/* It is a keyed digest. */
	memcpy(&hash, subject->bytes, sizeof(hash));
	return hash;
}

static gboolean
subject_equal(gconstpointer a, gconstpointer b)
{
	return ident_equal(a, b);
}

static void
one_free(gpointer item)
{
	struct one *one = item;

	g_free(one->address);
	g_hash_table_unref(one->holders);
	g_free(one);
}

struct affected *
affected_new(void)
{
	struct affected *affected = g_new(struct affected, 1);

	affected->all =
	    g_hash_table_new_full(subject_hash, subject_equal, NULL, one_free);
	return affected;
}

void
affected_free(struct affected **address)
{
	if (*address != NULL)
		g_hash_table_unref((*address)->all);
	g_clear_pointer(address, g_free);
}

static guint
records_of(const struct one *one, const char *holder)
{
	return GPOINTER_TO_UINT(
	    g_hash_table_lookup(one->holders, (gpointer)holder));
}

void
affected_add(struct affected *affected, const struct affected_record *record)
{
	struct one *one = g_hash_table_lookup(affected->all, &record->subject);

	if (one == NULL) {
		one = g_new0(struct one, 1);
		one->subject = record->subject;
		one->first = record->when;
		one->holders = g_hash_table_new(g_str_hash, g_str_equal);
		g_hash_table_insert(affected->all, &one->subject, one);
	}
	if (one->address == NULL)
		one->address = g_strdup(record->address);
	one->records++;
	one->first = MIN(one->first, record->when);
	one->last = MAX(one->last, record->when);
	g_hash_table_insert(one->holders, (gpointer)record->holder,
	    GUINT_TO_POINTER(records_of(one, record->holder) + 1));
}

guint
affected_count(const struct affected *affected, guint *unnamed_r)
{
	GHashTableIter iter;
	gpointer value;

	*unnamed_r = 0;
	g_hash_table_iter_init(&iter, affected->all);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		*unnamed_r += ((struct one *)value)->address == NULL;
	return g_hash_table_size(affected->all);
}

guint
affected_of(
    const struct affected *affected, const char *holder, guint *records_r)
{
	GHashTableIter iter;
	gpointer value;
	guint people = 0;

	*records_r = 0;
	g_hash_table_iter_init(&iter, affected->all);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		guint records = records_of(value, holder);

		people += records > 0;
		*records_r += records;
	}
	return people;
}

static int
by_address(gconstpointer a, gconstpointer b)
{
	const struct one *one = a, *other = b;

	return g_strcmp0(one->address, other->address);
}

static json_t *
one_json(const struct one *one)
{
	g_autofree char *first = clock_text(one->first);
	g_autofree char *last = clock_text(one->last);
	g_autoptr(GList) names = g_list_sort(
	    g_hash_table_get_keys(one->holders), (GCompareFunc)strcmp);
	json_t *holders = json_array();

	for (const GList *at = names; at != NULL; at = at->next)
		json_array_append_new(holders, json_string(at->data));
	return json_pack("{s:s, s:i, s:s, s:s, s:o}", "address", one->address,
	    "records", (int)one->records, "first", first, "last", last,
	    "holders", holders);
}

json_t *
affected_people(const struct affected *affected)
{
	g_autoptr(GList) all =
	    g_list_sort(g_hash_table_get_values(affected->all), by_address);
	json_t *people = json_array();

	for (const GList *at = all; at != NULL; at = at->next) {
		const struct one *one = at->data;

		if (one->address != NULL)
			json_array_append_new(people, one_json(one));
	}
	return people;
}

gint64
affected_due(gint64 known)
{
	return known + (gint64)DUE_HOURS * 3600;
}
