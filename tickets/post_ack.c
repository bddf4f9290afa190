/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sending an acknowledgement: the entry is read again, so that nothing of a
 * person waits anywhere but in his sealed entry.
 */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/mail/compose.h"
#include "tickets/ack.h"
#include "tickets/ledger_ack.h"
#include "tickets/mailer.h"
#include "tickets/post.h"
#include "tickets/token.h"

/* In one turn, so that stopping never waits long. */
#define TURN_MOST 10
/* Tries at a server that cannot be had, and the wait before the next: an
 * acknowledgement that comes days later is worth nothing. */
#define TRIES_MOST 20
#define TRY_AGAIN ((gint64)60 * G_USEC_PER_SEC)

/* What the person is to be told of, and its version; NULL: nothing new. */
struct notice {
	char *text, *version;
};

static void
notice_clear(struct notice *notice)
{
	g_free(notice->text);
	g_free(notice->version);
}

static gboolean
notice_for(const struct delivery *delivery, const struct conf_section *inbox,
    struct notice *notice_r, GError **error)
{
	struct standings *standings = delivery->deliver->world.standings;
	struct consent consent;

	if (!ack_notice(inbox, &notice_r->text, &notice_r->version, error))
		return FALSE;
	if (notice_r->text == NULL || standings == NULL)
		return TRUE;
	if (!standings_consent(standings, &delivery->subject,
		delivery->entry->inbox, &consent, error))
		return FALSE;
	if (consent.noticed != 0 &&
	    strcmp(consent.notice_version, notice_r->version) == 0)
		g_clear_pointer(&notice_r->text, g_free);
	return TRUE;
}

/* It went out: never told again, and what cannot be kept is told once more. */
static gboolean
keep_noticed(const struct delivery *delivery, const struct notice *notice,
    GError **error)
{
	struct standings *standings = delivery->deliver->world.standings;
	const char *inbox = delivery->entry->inbox;
	struct consent said = { 0 };

	if (notice->text == NULL || standings == NULL)
		return TRUE;
	said.noticed = clock_wall(delivery->deliver->world.clock);
	g_strlcpy(
	    said.notice_version, notice->version, sizeof(said.notice_version));
	return standings_say_consent(
	    standings, &delivery->subject, inbox, &said, error);
}

static GBytes *
compose(struct delivery *delivery, struct notice *notice_r, GError **error)
{
	const struct deliver_world *world = &delivery->deliver->world;
	const struct entry *entry = delivery->entry;
	const struct ticket *ticket = delivery->ticket;
	const struct conf_section *inbox =
	    conf_find(world->conf, "inbox", entry->inbox);
	const char *from = post_from(entry->inbox, entry->recipient);
	const struct ack_words words = { delivery->record.code, ticket->subject,
		from, ticket->requester_name };
	g_autofree char *token = token_make(
	    world->subject_key, delivery->record.desk, delivery->record.ticket);
	g_autofree char *loop = post_loop(delivery->deliver);
	g_autofree char *id = token_message_id(token, entry->inbox);
	g_autofree char *text = NULL;
	g_autofree char *subject = NULL;
	g_autofree char *answers = NULL;

	if (inbox == NULL) {
		err_set(error, DG_ERROR_BAD, "the inbox left the settings");
		return NULL;
	}
	text = !notice_for(delivery, inbox, notice_r, error)
		   ? NULL
		   : ack_text(inbox, &words, notice_r->text, error);
	if (text == NULL)
		return NULL;
	subject = ack_fill(conf_string(inbox, "ack-subject"), &words);
	if (conf_flag(inbox, "ack-reply-token"))
		answers = token_address(token, from);
	return compose_message(
	    &(const struct compose){
		.from_name = conf_string(inbox, "ack-name"),
		.from = from,
		.reply_to = answers,
		.to = entry->envelope->sender,
		.subject = subject,
		.text = text,
		.date = clock_wall(world->clock) / G_USEC_PER_SEC,
		.message_id = id,
		.in_reply_to = ticket->message_id,
		.auto_submitted = "auto-replied",
		.loop = loop },
	    error);
}

static gboolean
send(struct delivery *delivery, struct mailer *mailer, GError **error)
{
	struct notice notice OWNED(notice_clear) = { 0 };
	g_autoptr(GBytes) message = compose(delivery, &notice, error);
	g_autoptr(GError) fault = NULL;
	const char *to[] = { delivery->entry->envelope->sender, NULL };
	const struct mailer_letter letter = { NULL, to, message };

	if (message == NULL ||
	    !ledger_ack_begin(
		delivery->deliver->world.ledger, &delivery->key, error) ||
	    !mailer_send(mailer, &letter, error))
		return FALSE;
	if (!keep_noticed(delivery, &notice, &fault))
		log_error(LOG_LEVEL_ERROR, fault, "notice-not-kept", NULL);
	return TRUE;
}

/* Reads what it is about. */
static gboolean
read_entry(struct delivery *delivery, GError **error)
{
	struct deliver *deliver = delivery->deliver;

	return deliver_record(
		   deliver, &delivery->key, &delivery->record, error) &&
	       vaulted_read(&deliver->vaulted, &delivery->key, &delivery->entry,
		   &delivery->message, error) &&
	       (vaulted_subject(
		    &deliver->vaulted, &delivery->key, &delivery->subject) ||
		   err_set(error, DG_ERROR_NOTFOUND, "whose it was is gone")) &&
	       delivery_convert(delivery, error);
}

/* TRUE when the server could be had. */
static gboolean
settle(struct deliver *deliver, const struct ident *key, guint tries,
    const GError *fault)
{
	struct ledger *ledger = deliver->world.ledger;
	/* What is denied now may be mended in time. */
	gboolean again =
	    (err_is(fault, DG_ERROR_AGAIN) || err_is(fault, DG_ERROR_DENIED)) &&
	    tries + 1 < TRIES_MOST;
	g_autoptr(GError) error = NULL;
	char name[IDENT_TEXT];

	ident_text(key, name);
	if (fault == NULL)
		log_event(LOG_LEVEL_INFO, "acknowledged", "id", name, NULL);
	else
		log_error(LOG_LEVEL_WARN, fault, "not-acknowledged", "id", name,
		    "again", again ? "yes" : "no", NULL);
	if (again ? !ledger_ack_again(ledger, key,
			clock_wall(deliver->world.clock) + TRY_AGAIN, tries + 1,
			&error)
		  : !ledger_ack_end(ledger, key, &error))
		log_error(LOG_LEVEL_ERROR, error, "not-acknowledged", NULL);
	return !again && error == NULL;
}

gboolean
post_ack_turn(struct deliver *deliver, struct mailer *mailer)
{
	for (guint i = 0; i < TURN_MOST; i++) {
		struct delivery delivery = { .deliver = deliver };
		g_autoptr(GError) fault = NULL;
		guint tries;
		gboolean good;

		if (!ledger_ack_next(deliver->world.ledger,
			clock_wall(deliver->world.clock), &delivery.key, &tries,
			NULL))
			return TRUE;
		if (read_entry(&delivery, &fault))
			(void)send(&delivery, mailer, &fault);
		good = settle(deliver, &delivery.key, tries, fault);
		delivery_clear(&delivery);
		if (!good)
			return FALSE;
	}
	return TRUE;
}
