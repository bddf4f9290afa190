/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The thread that sends mail of our own.
 */
#include "tickets/post.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/seal.h"
#include "lib/mail/message.h"
#include "tickets/ack.h"
#include "tickets/ledger_ack.h"
#include "tickets/mailer.h"

#define LOOK_SECONDS 1
#define PAUSE ((gint64)60 * G_USEC_PER_SEC)

struct post {
	struct deliver *deliver;
	struct mailer *mailer;
	gint64 paused; /* mono: the server is not asked before */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	gboolean stopping;
	pthread_t thread;
};

char *
post_loop(const struct deliver *deliver)
{
	const struct secret *key = deliver->world.subject_key;
	struct seal_digest *digest =
	    seal_digest_new(secret_data(key), secret_length(key), "loop");
	guint8 bytes[IDENT_BYTES];
	char text[IDENT_TEXT];
	struct ident ident;

	seal_digest_end(&digest, bytes, sizeof(bytes));
	memcpy(ident.bytes, bytes, sizeof(bytes));
	ident_text(&ident, text);
	return g_strdup(text);
}

const char *
post_from(const char *inbox, const char *recipient)
{
	return inbox[0] == '@' ? recipient : inbox;
}

static void
note_refusal(const struct delivery *delivery, const char *refusal)
{
	char name[IDENT_TEXT];

	ident_text(&delivery->key, name);
	log_event(LOG_LEVEL_DEBUG, "not-acknowledged", "id", name, "why",
	    refusal, NULL);
}

void
post_acknowledge(struct delivery *delivery)
{
	const struct deliver_world *world = &delivery->deliver->world;
	const struct conf_section *inbox =
	    conf_find(world->conf, "inbox", delivery->entry->inbox);
	gint64 now = clock_wall(world->clock);
	gint64 every = inbox == NULL ? 0 : conf_duration(inbox, "ack-every");
	const struct ledger_ack_case of = { &delivery->subject,
		delivery->entry->inbox, now, now - every * G_USEC_PER_SEC };
	const char *refusal =
	    ack_refusal(inbox, delivery->entry, delivery->ticket);
	g_autoptr(GError) error = NULL;
	gboolean wanted;

	if (delivery->record.ticket[0] == '\0' || delivery->record.appended)
		return;
	if (refusal == NULL && delivery->record.quiet)
		refusal = "it may have been, before a restore";
	if (refusal != NULL) {
		note_refusal(delivery, refusal);
		return;
	}
	if (!ledger_ack_want(
		world->ledger, &delivery->key, &of, &wanted, &error))
		log_error(LOG_LEVEL_ERROR, error, "not-acknowledged", NULL);
}

/* TRUE to go on. */
static gboolean
wait(struct post *post)
{
	gint64 until =
	    clock_mono(&clock_system) + (gint64)LOOK_SECONDS * G_USEC_PER_SEC;
	const struct timespec at = { .tv_sec = until / G_USEC_PER_SEC,
		.tv_nsec = until % G_USEC_PER_SEC * 1000 };
	gboolean go;

	pthread_mutex_lock(&post->lock);
	if (!post->stopping)
		pthread_cond_timedwait(&post->changed, &post->lock, &at);
	go = !post->stopping;
	pthread_mutex_unlock(&post->lock);
	return go;
}

static void *
run(void *self)
{
	struct post *post = self;

	while (wait(post)) {
		if (clock_mono(&clock_system) < post->paused)
			continue;
		if (!post_ack_turn(post->deliver, post->mailer) ||
		    !post_digest_turn(post->deliver, post->mailer) ||
		    !post_life_turn(post->deliver, post->mailer))
			post->paused = clock_mono(&clock_system) + PAUSE;
	}
	return NULL;
}

static gboolean
is_wanted(const struct conf *conf)
{
	if (conf_string(conf_global(conf), "operator-address") != NULL)
		return TRUE;
	for (guint i = 0; i < conf_count(conf, "inbox"); i++) {
		const struct conf_section *inbox = conf_at(conf, "inbox", i);

		if (conf_flag(inbox, "acknowledge") ||
		    conf_string(inbox, "digest-to") != NULL)
			return TRUE;
	}
	return FALSE;
}

static void
init_lock(struct post *post)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&post->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&post->lock, NULL);
}

static void
post_free(struct post *post)
{
	mailer_free(&post->mailer);
	pthread_cond_destroy(&post->changed);
	pthread_mutex_destroy(&post->lock);
	g_free(post);
}

struct post *
post_start(struct deliver *deliver, GError **error)
{
	struct post *post;
	guint dropped = 0;
	int number;

	if (!is_wanted(deliver->world.conf))
		return NULL;
	if (!ledger_ack_heal(deliver->world.ledger, FALSE, &dropped, error))
		return NULL;
	message_prepare(); /* compose_message asks for it */
	post = g_new0(struct post, 1);
	post->deliver = deliver;
	init_lock(post);
	post->mailer = mailer_open(
	    conf_global(deliver->world.conf), &deliver->stopping, error);
	number = post->mailer != NULL
		     ? pthread_create(&post->thread, NULL, run, post)
		     : 0;
	if (post->mailer != NULL && number == 0)
		return post;
	if (number != 0)
		err_errno(error, number, "post: thread");
	post_free(post);
	return NULL;
}

void
post_stop(struct post **post)
{
	struct post *old = *post;

	*post = NULL;
	if (old == NULL)
		return;
	pthread_mutex_lock(&old->lock);
	old->stopping = TRUE;
	pthread_cond_signal(&old->changed);
	pthread_mutex_unlock(&old->lock);
	pthread_join(old->thread, NULL);
	post_free(old);
}
