/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sending the daily digest of what is held.
 */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/mail/compose.h"
#include "tickets/digest.h"
#include "tickets/ledger_ack.h"
#include "tickets/mailer.h"
#include "tickets/post.h"

/* The local day, and the minute of it. */
static void
local_time(gint64 now, gint64 *day_r, gint *minute_r)
{
	g_autoptr(GDateTime) time =
	    g_date_time_new_from_unix_local(now / G_USEC_PER_SEC);
	gint64 local = now / G_USEC_PER_SEC +
		       g_date_time_get_utc_offset(time) / G_USEC_PER_SEC;

	*day_r = local / 86400;
	*minute_r =
	    60 * g_date_time_get_hour(time) + g_date_time_get_minute(time);
}

static struct digest_item *
describe(struct delivery *delivery)
{
	struct digest_item *item = g_new0(struct digest_item, 1);
	const struct entry *entry = delivery->entry;
	g_autoptr(GError) fault = NULL;
	char name[IDENT_TEXT];

	ident_text(&delivery->key, name);
	item->id = g_strdup(name);
	item->received = clock_text(entry->received);
	item->reason = g_strdup(delivery->record.reason);
	if (delivery_convert(delivery, &fault)) {
		item->sender = g_strdup(delivery->ticket->requester_address);
		item->subject = g_strdup(delivery->ticket->subject);
	} else {
		item->sender = g_strdup(entry->envelope->sender);
		item->subject = g_strdup("(it cannot be read now)");
	}
	return item;
}

/* Adds the entry if it is the inbox's; TRUE when it is. */
static gboolean
add_held(struct deliver *deliver, const struct ident *key, const char *inbox,
    GPtrArray *items)
{
	struct delivery delivery = { .deliver = deliver, .key = *key };
	gboolean ours = deliver_record(deliver, key, &delivery.record, NULL) &&
			g_ascii_strcasecmp(delivery.record.inbox, inbox) == 0;

	if (ours && items->len < DIGEST_MOST &&
	    !deliver_is_restricted(deliver, key) &&
	    vaulted_read(&deliver->vaulted, key, &delivery.entry,
		&delivery.message, NULL))
		g_ptr_array_add(items, describe(&delivery));
	delivery_clear(&delivery);
	return ours;
}

static GBytes *
compose(struct deliver *deliver, const struct conf_section *inbox,
    const char *text, GError **error)
{
	const char *title = conf_title(inbox);
	const char *to = conf_string(inbox, "digest-to");
	g_autofree char *loop = post_loop(deliver);
	g_autofree char *subject =
	    g_strdup_printf("Deskgate: held mail to %s", title);

	return compose_message(
	    &(const struct compose){ .from = post_from(title, to),
		.to = to,
		.subject = subject,
		.text = text,
		.date = clock_wall(deliver->world.clock) / G_USEC_PER_SEC,
		.auto_submitted = "auto-generated",
		.loop = loop },
	    error);
}

static gboolean
send(struct deliver *deliver, struct mailer *mailer,
    const struct conf_section *inbox, GError **error)
{
	g_autoptr(GArray) keys =
	    spool_list(deliver->world.spool, SPOOL_HELD, G_MAXUINT, error);
	g_autoptr(GPtrArray) items =
	    g_ptr_array_new_with_free_func(digest_item_free);
	const char *to[] = { conf_string(inbox, "digest-to"), NULL };
	g_autoptr(GBytes) message = NULL;
	g_autofree char *text = NULL;
	guint all = 0;

	if (keys == NULL)
		return FALSE;
	for (guint i = 0; i < keys->len; i++)
		all += add_held(deliver, &g_array_index(keys, struct ident, i),
		    conf_title(inbox), items);
	if (all == 0)
		return TRUE;
	text = digest_text(conf_title(inbox), items, all);
	message = compose(deliver, inbox, text, error);
	return message != NULL &&
	       mailer_send(mailer,
		   &(const struct mailer_letter){ NULL, to, message }, error);
}

/* The day is noted first: a kill in between loses a digest, and sends no two.
 * Only where the server certainly has none it is tried again. */
static gboolean
send_day(struct deliver *deliver, struct mailer *mailer,
    const struct conf_section *inbox, gint64 day)
{
	struct ledger *ledger = deliver->world.ledger;
	const char *title = conf_title(inbox);
	g_autoptr(GError) fault = NULL;

	if (ledger_digest_put(ledger, title, day, &fault) &&
	    send(deliver, mailer, inbox, &fault)) {
		log_event(LOG_LEVEL_INFO, "digest", "inbox", title, NULL);
		return TRUE;
	}
	log_error(LOG_LEVEL_WARN, fault, "no-digest", "inbox", title, NULL);
	if (!err_is(fault, DG_ERROR_AGAIN))
		return TRUE;
	(void)ledger_digest_put(ledger, title, day - 1, NULL);
	return FALSE;
}

gboolean
post_digest_turn(struct deliver *deliver, struct mailer *mailer)
{
	const struct conf *conf = deliver->world.conf;
	gint64 day;
	gint minute;

	local_time(clock_wall(deliver->world.clock), &day, &minute);
	for (guint i = 0; i < conf_count(conf, "inbox"); i++) {
		const struct conf_section *inbox = conf_at(conf, "inbox", i);
		gint at = digest_minute(conf_string(inbox, "digest-at"));
		gint64 last;

		if (conf_string(inbox, "digest-to") != NULL &&
		    ledger_digest_get(deliver->world.ledger, conf_title(inbox),
			&last, NULL) &&
		    digest_is_due(last, day, minute, at) &&
		    !send_day(deliver, mailer, inbox, day))
			return FALSE;
	}
	return TRUE;
}
