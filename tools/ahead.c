/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A ring of slots: each thread takes the next message for the next slot, and
 * the caller takes slots in turn.  The ring's size is how far ahead is read.
 */
#include "tools/ahead.h"

#include <pthread.h>

#include "lib/base/file.h"
#include "lib/base/owned.h"

#define SLOTS 64

struct slot {
	gboolean done;
	struct ahead_item item;
};

struct ahead {
	struct classify *classify;
	ahead_supply supply;
	void *self;
	GPtrArray *threads;    /* pthread_t * */
	pthread_mutex_t order; /* held while a message is fetched */
	pthread_mutex_t lock;  /* guards what follows */
	pthread_cond_t changed;
	gboolean stop, ended; /* ended: `taken` is all there is */
	guint64 taken, given;
	struct slot slots[SLOTS];
};

static void
announce(struct ahead *ahead)
{
	pthread_cond_broadcast(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
}

/* The slot to fill, or NULL when all is done; the caller holds `order`. */
static struct slot *
wait_for_slot(struct ahead *ahead)
{
	struct slot *slot = NULL;

	pthread_mutex_lock(&ahead->lock);
	while (!ahead->stop && !ahead->ended &&
	       ahead->taken - ahead->given >= SLOTS)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	if (!ahead->stop && !ahead->ended)
		slot = &ahead->slots[ahead->taken % SLOTS];
	pthread_mutex_unlock(&ahead->lock);
	return slot;
}

/* Takes the next message for the next slot, in one go with no other thread in
 * between; NULL when all is done. */
static struct slot *
fetch(struct ahead *ahead, GBytes **message_r)
{
	struct slot *slot;
	struct ahead_item *item;

	pthread_mutex_lock(&ahead->order);
	slot = wait_for_slot(ahead);
	if (slot == NULL) {
		pthread_mutex_unlock(&ahead->order);
		return NULL;
	}
	item = &slot->item;
	item->supplied =
	    ahead->supply(ahead->self, message_r, &item->name, &item->error);
	pthread_mutex_lock(&ahead->lock);
	if (!item->supplied && item->error == NULL)
		ahead->ended = TRUE;
	else
		ahead->taken++;
	slot = ahead->ended ? NULL : slot;
	announce(ahead);
	pthread_mutex_unlock(&ahead->order);
	return slot;
}

static void
read_message(struct ahead *ahead, GBytes *message, struct ahead_item *item)
{
	gsize length;
	gconstpointer data = g_bytes_get_data(message, &length);
	int fd OWNED(file_close) =
	    file_memory("message", data, length, &item->error);

	if (fd >= 0 &&
	    classify_lesson(ahead->classify, fd, &item->lesson, &item->error))
		return;
	item->lesson = (struct classify_lesson){ 0 };
}

static void *
work(void *self)
{
	struct ahead *ahead = self;

	for (;;) {
		g_autoptr(GBytes) message = NULL;
		struct slot *slot = fetch(ahead, &message);

		if (slot == NULL)
			return NULL;
		if (slot->item.supplied)
			read_message(ahead, message, &slot->item);
		pthread_mutex_lock(&ahead->lock);
		slot->done = TRUE;
		announce(ahead);
	}
}

struct ahead *
ahead_open(
    struct classify *classify, guint threads, ahead_supply supply, void *self)
{
	struct ahead *ahead = g_new0(struct ahead, 1);

	ahead->classify = classify;
	ahead->supply = supply;
	ahead->self = self;
	ahead->threads = g_ptr_array_new_with_free_func(g_free);
	pthread_mutex_init(&ahead->order, NULL);
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->changed, NULL);
	for (guint i = 0; i < threads; i++) {
		pthread_t *thread = g_new(pthread_t, 1);

		if (pthread_create(thread, NULL, work, ahead) == 0)
			g_ptr_array_add(ahead->threads, thread);
		else
			g_free(thread);
	}
	g_assert(ahead->threads->len > 0);
	return ahead;
}

void
ahead_close(struct ahead **address)
{
	struct ahead *ahead = *address;

	if (ahead == NULL)
		return;
	pthread_mutex_lock(&ahead->lock);
	ahead->stop = TRUE;
	announce(ahead);
	for (guint i = 0; i < ahead->threads->len; i++)
		pthread_join(*(pthread_t *)ahead->threads->pdata[i], NULL);
	for (guint i = 0; i < SLOTS; i++)
		ahead_item_clear(&ahead->slots[i].item);
	g_ptr_array_unref(ahead->threads);
	pthread_cond_destroy(&ahead->changed);
	pthread_mutex_destroy(&ahead->lock);
	pthread_mutex_destroy(&ahead->order);
	g_clear_pointer(address, g_free);
}

gboolean
ahead_next(struct ahead *ahead, struct ahead_item *item_r)
{
	struct slot *slot = &ahead->slots[ahead->given % SLOTS];
	gboolean got;

	pthread_mutex_lock(&ahead->lock);
	while (!slot->done && !(ahead->ended && ahead->given >= ahead->taken))
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	got = slot->done;
	if (got) {
		*item_r = slot->item;
		*slot = (struct slot){ 0 };
		ahead->given++;
	}
	announce(ahead);
	return got;
}

void
ahead_item_clear(struct ahead_item *item)
{
	classify_lesson_clear(&item->lesson);
	g_clear_pointer(&item->name, g_free);
	g_clear_error(&item->error);
}
