/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an inbox has taught, forgotten when it comes to its end.
 */
#include "classifier/exchange.h"
#include "classifier/faculty_private.h"

/* Its own model, when no other inbox uses it. */
static struct learn *
sole_of(const struct faculty *faculty, const char *inbox)
{
	const struct own *own = NULL;

	for (guint i = 0; i < faculty->places->len; i++) {
		const struct place *place = faculty->places->pdata[i];

		if (g_ascii_strcasecmp(place->inbox, inbox) == 0)
			own = place->own;
	}
	for (guint i = 0; own != NULL && i < faculty->places->len; i++) {
		const struct place *place = faculty->places->pdata[i];

		if (place->own == own &&
		    g_ascii_strcasecmp(place->inbox, inbox) != 0)
			return NULL;
	}
	return own != NULL ? own->learn : NULL;
}

gboolean
faculty_take_back_inbox(
    struct faculty *faculty, const char *inbox, guint *taken_r, GError **error)
{
	struct learn *sole = sole_of(faculty, inbox);

	*taken_r = 0;
	for (guint i = 0; i < faculty_count(faculty); i++) {
		guint taken;

		if (!learn_take_back_inbox(
			faculty_at(faculty, i), inbox, &taken, error))
			return FALSE;
		*taken_r = MAX(*taken_r, taken);
	}
	return sole == NULL || exchange_clear(sole, error);
}
