/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The desk of a holder.  An embedded desk that is in no settings any more holds
 * tickets of people all the same, until they are past their time: it is opened
 * here.
 */
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "tickets/desk_local.h"
#include "tickets/holders_private.h"

struct desk *
place_lock(struct place *place, GError **error)
{
	if (place->own == NULL)
		return deliver_lock_desk(
		    place->all->deliver, place->desk, NULL, error);
	pthread_mutex_lock(&place->lock);
	return place->own;
}

void
place_unlock(struct place *place, struct desk *desk)
{
	if (place->own == NULL)
		deliver_unlock_desk(place->all->deliver, desk);
	else
		pthread_mutex_unlock(&place->lock);
}

void
place_free(gpointer item)
{
	struct place *place = item;

	if (place->own != NULL)
		place->own->ops->close(place->own);
	pthread_mutex_destroy(&place->lock);
	g_free(place->desk);
	g_free(place->name);
	g_free(place);
}

struct place *
place_new(struct ticket_holders *all, const char *desk, gboolean local)
{
	struct place *place = g_new0(struct place, 1);

	place->all = all;
	place->desk = g_strdup(desk);
	place->name = g_strconcat("desk ", desk, NULL);
	place->local = local;
	pthread_mutex_init(&place->lock, NULL);
	g_ptr_array_add(all->places, place);
	return place;
}

struct place *
place_left_behind(struct ticket_holders *all, const char *state_dir)
{
	const struct desk_world world = { .state_dir = state_dir,
		.vault = all->vaulted.vault,
		.subject_key = all->subject_key };
	g_autofree char *path =
	    g_build_filename(state_dir, "desk.sqlite", NULL);
	g_autoptr(GError) fault = NULL;
	struct place *place;
	struct desk *desk;

	for (guint i = 0; i < all->places->len; i++)
		if (((struct place *)all->places->pdata[i])->local)
			return NULL;
	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return NULL;
	desk = desk_local_ops.open(NULL, &world, &fault);
	if (desk == NULL) {
		/* What is sealed in it must not lose its keys. */
		log_error(LOG_LEVEL_ERROR, fault, "desk-left-behind", NULL);
		all->unknown = TRUE;
		return NULL;
	}
	place = place_new(all, "left-behind", TRUE);
	place->own = desk;
	return place;
}
