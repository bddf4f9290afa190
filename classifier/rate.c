/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One number for each actor: when all that he has taught will be paid off, if
 * each lesson costs its share of an hour.  He may teach while that is less than
 * an hour away.  An actor whose debt is paid is the same as one never seen, so
 * those are let go when there are many.
 */
#include "classifier/rate.h"

#include "classifier/doubt.h"

#define HOUR ((gint64)3600 * G_USEC_PER_SEC)
/* Names that are remembered: far above a desk's agents. */
#define ACTORS_MOST 1024

struct rate {
	gint64 cost;      /* of a lesson; 0: no cap */
	GHashTable *paid; /* char * -> gint64 *: when the debt is paid */
};

struct rate *
rate_new(guint per_hour)
{
	struct rate *rate = g_new0(struct rate, 1);

	rate->cost = per_hour > 0 ? HOUR / per_hour : 0;
	rate->paid =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return rate;
}

void
rate_free(struct rate **address)
{
	struct rate *rate = *address;

	if (rate == NULL)
		return;
	g_hash_table_unref(rate->paid);
	g_clear_pointer(address, g_free);
}

static gboolean
is_capped(const struct rate *rate, const char *actor)
{
	return rate->cost > 0 && doubt_is_agent(actor);
}

/* When his debt is paid; NULL when he has none. */
static gint64 *
find(const struct rate *rate, const char *actor)
{
	char name[RATE_NAME_BYTES];

	g_strlcpy(name, actor, sizeof(name));
	return g_hash_table_lookup(rate->paid, name);
}

gint64
rate_wait(const struct rate *rate, const char *actor, gint64 now)
{
	const gint64 *paid;

	if (!is_capped(rate, actor))
		return 0;
	paid = find(rate, actor);
	return paid != NULL ? MAX(*paid + rate->cost - now - HOUR, 0) : 0;
}

/* Room for one more: those who owe nothing go, else who owes least. */
static void
make_room(struct rate *rate, gint64 now)
{
	GHashTableIter iter;
	gpointer actor, value, least = NULL;
	gint64 least_paid = G_MAXINT64;

	g_hash_table_iter_init(&iter, rate->paid);
	while (g_hash_table_iter_next(&iter, &actor, &value)) {
		gint64 paid = *(gint64 *)value;

		if (paid <= now) {
			g_hash_table_iter_remove(&iter);
		} else if (paid < least_paid) {
			least = actor;
			least_paid = paid;
		}
	}
	if (g_hash_table_size(rate->paid) >= ACTORS_MOST)
		g_hash_table_remove(rate->paid, least);
}

void
rate_take(struct rate *rate, const char *actor, gint64 now)
{
	gint64 *paid;

	if (!is_capped(rate, actor))
		return;
	paid = find(rate, actor);
	if (paid == NULL) {
		if (g_hash_table_size(rate->paid) >= ACTORS_MOST)
			make_room(rate, now);
		paid = g_new0(gint64, 1);
		*paid = now;
		g_hash_table_insert(
		    rate->paid, g_strndup(actor, RATE_NAME_BYTES - 1), paid);
	}
	*paid = MAX(*paid, now) + rate->cost;
}
