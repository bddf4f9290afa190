/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a delivery leaves behind when it comes to rest: the ledger's record, the
 * reason, the state.
 */
#include "tickets/deliver_private.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/seal.h"
#include "lib/base/unicode.h"
#include "lib/mail/addr.h"

double
delivery_chance(void)
{
	guint32 random;

	seal_random(&random, sizeof(random));
	return (double)random / G_MAXUINT32;
}

gboolean
delivery_record(
    struct delivery *delivery, const struct ledger_links *links, GError **error)
{
	const struct deliver_world *world = &delivery->deliver->world;

	delivery->record.changed = clock_wall(world->clock);
	return ledger_put(
	    world->ledger, &delivery->key, &delivery->record, links, error);
}

gboolean
delivery_move(struct delivery *delivery, enum spool_state state, GError **error)
{
	return spool_move(delivery->deliver->world.spool, &delivery->key,
	    SPOOL_BUSY, state, error);
}

/* A desk's words may name the person it was about; the ledger keeps nobody's
 * address. */
void
delivery_reason(struct delivery *delivery, const char *text)
{
	g_autofree char *hidden = addr_hide(text);
	g_autofree char *line =
	    unicode_line(hidden, sizeof(delivery->record.reason) - 1);

	g_strlcpy(
	    delivery->record.reason, line, sizeof(delivery->record.reason));
}

static void
log_step(const struct delivery *delivery, enum spool_state state, gint64 wait,
    const GError *fault)
{
	char name[IDENT_TEXT];
	g_autofree char *hidden = addr_hide(fault->message);
	g_autoptr(GError) told =
	    g_error_new_literal(fault->domain, fault->code, hidden);
	g_autofree char *delay = g_strdup_printf("%" G_GINT64_FORMAT, wait);

	ident_text(&delivery->key, name);
	log_error(state == SPOOL_WAIT ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, told,
	    "not-delivered", "id", name, "state", spool_state_word(state),
	    "desk", delivery->record.desk, "delay", delay, NULL);
}

gboolean
delivery_settle(struct delivery *delivery, const struct retry_step *step,
    const GError *fault, GError **error)
{
	enum spool_state state = step->state;

	/* It is delivered, and not to be given up for dead. */
	if (delivery->record.sought && state == SPOOL_DEAD)
		state = SPOOL_DONE;
	log_step(delivery, state, step->delay, fault);
	if (state == SPOOL_DONE)
		delivery->record.intent = delivery->record.sought = FALSE;
	delivery_reason(delivery, fault->message);
	delivery->record.attempts++;
	delivery->record.next = clock_wall(delivery->deliver->world.clock) +
				step->delay * G_USEC_PER_SEC;
	return delivery_record(delivery, NULL, error) &&
	       delivery_move(delivery, state, error);
}

gboolean
delivery_hold(struct delivery *delivery, const char *reason, GError **error)
{
	delivery_reason(delivery, reason);
	return delivery_record(delivery, NULL, error) &&
	       delivery_move(delivery, SPOOL_HELD, error);
}
