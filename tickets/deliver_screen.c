/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rules, lists and rates between reading and desk.
 */
#include "tickets/deliver_screen.h"

#include <string.h>

#include "lib/base/log.h"
#include "tickets/ledger_marks.h"
#include "tickets/ledger_sender.h"
#include "tickets/lists.h"
#include "tickets/marks.h"

#define REASONS_SHOWN 3
#define HOUR ((gint64)3600 * G_USEC_PER_SEC)

static void
replace(char **text, const char *other)
{
	if (other == NULL)
		return;
	g_free(*text);
	*text = g_strdup(other);
}

static void
mark(struct ticket *ticket, const struct rule_effects *effects)
{
	replace(&ticket->department, effects->department);
	replace(&ticket->priority, effects->priority);
	replace(&ticket->status, effects->status);
	replace(&ticket->desk, effects->desk);
	for (guint i = 0; i < effects->tags->len; i++) {
		if (!g_ptr_array_find_with_equal_func(ticket->tags,
			effects->tags->pdata[i], g_str_equal, NULL))
			g_ptr_array_add(
			    ticket->tags, g_strdup(effects->tags->pdata[i]));
	}
}

/* The inbox's own department where nothing said another. */
static void
use_department(struct delivery *delivery)
{
	const struct conf_section *inbox = conf_find(
	    delivery->deliver->world.conf, "inbox", delivery->entry->inbox);

	if (delivery->ticket->department == NULL && inbox != NULL)
		delivery->ticket->department =
		    g_strdup(conf_string(inbox, "department"));
}

static char *
join(const GPtrArray *names)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < names->len; i++)
		g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
		    (const char *)names->pdata[i]);
	return g_string_free(text, FALSE);
}

/* Agents are told why the ticket is where it is. */
static void
note_rules(struct delivery *delivery)
{
	struct ticket *ticket = delivery->ticket;
	g_autofree char *matched = join(ticket->rules);
	g_autofree char *undecided = join(ticket->undecided);
	char name[IDENT_TEXT];

	if (*matched == '\0' && *undecided == '\0')
		return;
	ident_text(&delivery->key, name);
	log_event(*undecided != '\0' ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "rules",
	    "id", name, "matched", *matched != '\0' ? matched : NULL,
	    "undecided", *undecided != '\0' ? undecided : NULL, NULL);
	if (*matched != '\0')
		ticket_add_note(ticket, "by rule: %s", matched);
	if (*undecided != '\0')
		ticket_add_note(
		    ticket, "undecided, since a limit was met: %s", undecided);
}

static char *
verdict_reason(const struct verdict *verdict)
{
	g_autofree char *brief = verdict_brief(verdict, REASONS_SHOWN);

	return g_strdup_printf("%s%s%s", verdict_word(verdict->class),
	    brief[0] == '\0' ? "" : ": ", brief);
}

/* Whether we know that From is not forged. */
static gboolean
is_proven(const struct delivery *delivery)
{
	return marks_trusted(delivery->entry->envelope) ||
	       delivery->ticket->origin.auth == ORIGIN_PASSED;
}

static enum list_answer
ask_lists(const struct delivery *delivery, const char **item_r)
{
	const struct list_question question = {
		.inbox = delivery->entry->inbox,
		.from = delivery->ticket->from,
		.sender = delivery->entry->envelope->sender,
		.proven = is_proven(delivery),
	};

	return lists_ask(delivery->deliver->world.conf, &question, item_r);
}

/* Why the verdict holds it; NULL: it does not after all. */
static char *
hold_by_verdict(struct delivery *delivery)
{
	if (delivery_trusted(delivery))
		return NULL;
	if (delivery->record.milder) {
		ticket_add_note(delivery->ticket,
		    "Not held, though it looks like %s: a copy of it came that "
		    "was judged milder.",
		    verdict_word(delivery->entry->verdict.class));
		return NULL;
	}
	delivery->record.by_verdict = TRUE;
	return verdict_reason(&delivery->entry->verdict);
}

/* What becomes of it by verdict, lists and rules. */
static char *
decide(struct delivery *delivery, const struct rule_effects *effects)
{
	const char *item;
	enum list_answer listed = ask_lists(delivery, &item);
	enum entry_action action = delivery->entry->action;

	if (listed == LIST_BLOCKED)
		return g_strdup_printf("blocked: %s", item);
	delivery->ticket->spam = action == ENTRY_TICKET_AS_SPAM;
	if (effects->action != RULE_NO_ACTION)
		delivery->ticket->verdict.basis = VERDICT_BY_RULE;
	switch (effects->action) {
	case RULE_QUARANTINE:
		return g_strdup_printf("by rule \"%s\"", effects->action_by);
	case RULE_TICKET:
		delivery->ticket->spam = FALSE;
		return NULL;
	case RULE_SPAM:
		delivery->ticket->spam = TRUE;
		return NULL;
	case RULE_NO_ACTION:
		break;
	}
	if (listed == LIST_ALLOWED) {
		delivery->ticket->spam = FALSE;
		return NULL;
	}
	return action == ENTRY_QUARANTINE ? hold_by_verdict(delivery) : NULL;
}

static void
mark_by_rules(struct delivery *delivery, struct rule_effects *effects_r)
{
	rules_effects(
	    delivery->deliver->rules, delivery->ticket->rules, effects_r);
	mark(delivery->ticket, effects_r);
	use_department(delivery);
}

void
delivery_mark(struct delivery *delivery)
{
	struct rule_effects effects;

	mark_by_rules(delivery, &effects);
	rule_effects_clear(&effects);
}

gboolean
delivery_screen(struct delivery *delivery, char **reason_r, GError **error)
{
	struct rule_effects effects;

	(void)error;
	mark_by_rules(delivery, &effects);
	note_rules(delivery);
	*reason_r =
	    delivery->record.released ? NULL : decide(delivery, &effects);
	if (delivery->record.released)
		delivery->ticket->spam = FALSE;
	rule_effects_clear(&effects);
	return TRUE;
}

/* --- how much of one sender --- */

static guint
count_since(const struct ledger_sender *sender, gint64 since)
{
	guint count = 0;

	for (guint i = 0; i < sender->n; i++)
		count += sender->tickets[i].made >= since;
	return count;
}

/* Those of which the desk has not told that they are done with. */
static guint
count_open(struct ledger *ledger, const struct ledger_sender *sender)
{
	guint count = 0;

	for (guint i = 0; i < sender->n; i++) {
		const struct ledger_sender_ticket *one = &sender->tickets[i];
		struct ledger_mark mark;

		count += !ledger_mark_get(
			     ledger, one->desk, one->ticket, &mark, NULL) ||
			 mark.status[0] == '\0' ||
			 strcmp(mark.status, "new") == 0 ||
			 strcmp(mark.status, "open") == 0;
	}
	return count;
}

gboolean
delivery_too_many(struct delivery *delivery, char **reason_r, GError **error)
{
	const struct deliver_world *world = &delivery->deliver->world;
	const struct conf_section *global = conf_global(world->conf);
	gint64 rate = conf_integer(global, "rate-per-sender");
	gint64 open = conf_integer(global, "open-per-sender");
	g_autofree struct ledger_sender *sender =
	    g_new(struct ledger_sender, 1);

	*reason_r = NULL;
	if ((rate == 0 && open == 0) || delivery->record.released ||
	    delivery->entry->imported ||
	    marks_trusted(delivery->entry->envelope))
		return TRUE;
	if (!ledger_sender_get(
		world->ledger, &delivery->subject, sender, error))
		return FALSE;
	if (rate > 0 &&
	    count_since(sender, clock_wall(world->clock) - HOUR) >= rate)
		*reason_r = g_strdup_printf("rate-per-sender: %" G_GINT64_FORMAT
					    " tickets of this sender within an "
					    "hour",
		    rate);
	else if (open > 0 && count_open(world->ledger, sender) >= open)
		*reason_r = g_strdup_printf("open-per-sender: %" G_GINT64_FORMAT
					    " open tickets of this sender",
		    open);
	return TRUE;
}

gboolean
delivery_count(const struct delivery *delivery, GError **error)
{
	const struct deliver_world *world = &delivery->deliver->world;
	struct ledger_sender_ticket ticket = { .made =
						   clock_wall(world->clock) };

	if (delivery->record.appended)
		return TRUE;
	g_strlcpy(ticket.desk, delivery->record.desk, sizeof(ticket.desk));
	g_strlcpy(
	    ticket.ticket, delivery->record.ticket, sizeof(ticket.ticket));
	return ledger_sender_add(
	    world->ledger, &delivery->subject, &ticket, error);
}
