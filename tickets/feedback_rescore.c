/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What waits of a person is judged again after a lesson about him.
 *
 * Whose an entry is stands in its wrap, so looking through all that waits costs
 * a small file each; only his own are opened and judged, and both are bounded.
 */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"
#include "tickets/feedback_private.h"
#include "tickets/note.h"

/* Looked through in each state, the newest; and judged, of one person. */
#define LOOK_MOST 5000
#define JUDGE_MOST 50
#define ACTOR "deskgate" /* who releases: no person did */

struct again {
	struct feedback *feedback;
	const struct waiter *waiter;
	struct entry *entry;
	struct verdict verdict; /* of today */
};

static void
again_clear(struct again *again)
{
	entry_free(&again->entry);
}

/* FALSE when it cannot be read or judged just now: it stays as it is. */
static gboolean
judge(struct again *again, const struct ident *key)
{
	const struct feedback_world *world = &again->feedback->world;
	g_autoptr(GBytes) message = NULL;
	gconstpointer data;
	gsize length;
	int fd OWNED(file_close) = -1;

	if (!vaulted_read(world->vaulted, key, &again->entry, &message, NULL))
		return FALSE;
	data = g_bytes_get_data(message, &length);
	fd = file_memory("message", data, length, NULL);
	return fd >= 0 && world->judge(world->self, fd, again->entry->inbox,
			      &again->verdict, NULL);
}

static char *
reason_text(const struct again *again)
{
	/* Whose lesson it was stands in the audit trail, not at the desk. */
	return g_strdup_printf("judged again after a lesson, it is %s "
			       "(score %+.1f, was %+.1f)",
	    verdict_word(again->verdict.class), again->verdict.score,
	    again->entry->verdict.score);
}

static gboolean
is_trusted(const struct again *again)
{
	const struct feedback_world *world = &again->feedback->world;
	const struct envelope *envelope = again->entry->envelope;
	struct ledger_trust trust;

	return ledger_trust_get(
		   world->ledger, &again->waiter->subject, &trust, NULL) &&
	       decision_trusts(&trust, clock_wall(world->clock),
		   envelope->client_address, envelope->authenticated != NULL);
}

/* --- held mail --- */

/* A list, a rate, a rule or a report that holds it is not answered by what the
 * model has learnt. */
static gboolean
is_held_by_verdict(const struct again *again, const struct ident *key)
{
	struct ledger_entry record;

	return ledger_get(again->feedback->world.ledger, key, &record, NULL) &&
	       record.by_verdict;
}

static void
look_held(struct again *again, const struct ident *key)
{
	struct feedback *feedback = again->feedback;
	g_autofree char *reason = reason_text(again);
	g_autoptr(GError) fault = NULL;
	char name[IDENT_TEXT];

	if (!is_held_by_verdict(again, key))
		return;
	feedback_count(feedback, again->waiter->actor, "rescored");
	if (again->verdict.class != VERDICT_HAM && !is_trusted(again))
		return;
	ident_text(key, name);
	if (!deliver_release_for(
		feedback->world.deliver, key, reason, &fault)) {
		/* NOTFOUND: somebody else was quicker. */
		if (!err_is(fault, DG_ERROR_NOTFOUND))
			log_error(LOG_LEVEL_WARN, fault, "not-released", "id",
			    name, NULL);
		return;
	}
	log_event(LOG_LEVEL_INFO, "released", "id", name, "actor",
	    again->waiter->actor, "verdict", verdict_word(again->verdict.class),
	    NULL);
	feedback_count(feedback, again->waiter->actor, "released");
	feedback_audit(feedback, ACTOR, "release", name, "judged again");
}

/* --- tickets that were unsure --- */

static gboolean
takes_notes(const struct again *again, const struct ledger_entry *record)
{
	struct deliver *deliver = again->feedback->world.deliver;
	struct desk *desk =
	    deliver_lock_desk(deliver, record->desk, NULL, NULL);
	gboolean takes = desk != NULL && desk->ops->note != NULL;

	if (desk != NULL)
		deliver_unlock_desk(deliver, desk);
	return takes;
}

static void
want_note(const struct again *again, const struct ledger_entry *record,
    const struct ident *key)
{
	const struct feedback_world *world = &again->feedback->world;
	g_autofree char *reason = reason_text(again);
	g_autofree char *text = g_strdup_printf("Deskgate: %s.", reason);
	const struct note note = { LEDGER_DUE_AGAIN, key, record->desk,
		record->ticket, text };
	g_autoptr(GError) fault = NULL;

	if (!note_want(world->deliver, &note, clock_wall(world->clock), &fault))
		log_error(LOG_LEVEL_WARN, fault, "note-not-kept", NULL);
}

/* Not what somebody has decided about, and not twice the same. */
static gboolean
wants_note(const struct again *again, const struct ledger_mark *mark)
{
	return (mark->status[0] == '\0' || strcmp(mark->status, "new") == 0 ||
		   strcmp(mark->status, "open") == 0) &&
	       strcmp(mark->noted, verdict_word(again->verdict.class)) != 0;
}

static void
look_ticket(struct again *again, const struct ident *key)
{
	const struct feedback_world *world = &again->feedback->world;
	struct ledger_entry record;
	struct ledger_mark mark;

	if (again->entry->verdict.class != VERDICT_UNSURE)
		return;
	feedback_count(again->feedback, again->waiter->actor, "rescored");
	if (again->verdict.class == VERDICT_UNSURE ||
	    !ledger_get(world->ledger, key, &record, NULL) ||
	    !ledger_mark_get(
		world->ledger, record.desk, record.ticket, &mark, NULL) ||
	    !wants_note(again, &mark) || !takes_notes(again, &record))
		return;
	g_strlcpy(
	    mark.noted, verdict_word(again->verdict.class), sizeof(mark.noted));
	/* First: killed between, it is not written twice. */
	if (!ledger_mark_put(world->ledger, record.desk, record.ticket, &mark,
		clock_wall(world->clock), NULL)) {
		log_event(LOG_LEVEL_WARN, "note-not-kept", NULL);
		return;
	}
	feedback_count(again->feedback, again->waiter->actor, "noted-tickets");
	want_note(again, &record, key);
}

/* --- all that waits --- */

static void
look_state(struct feedback *feedback, const struct waiter *waiter,
    enum spool_state state,
    void (*look)(struct again *again, const struct ident *key))
{
	struct spool *spool = feedback->world.vaulted->spool;
	g_autoptr(GArray) keys = spool_list(spool, state, G_MAXUINT, NULL);
	guint first =
	    keys != NULL && keys->len > LOOK_MOST ? keys->len - LOOK_MOST : 0;
	guint judged = 0;

	for (guint i = keys == NULL ? 0 : keys->len;
	     i > first && judged < JUDGE_MOST; i--) {
		const struct ident *key =
		    &g_array_index(keys, struct ident, i - 1);
		struct again again OWNED(again_clear) = { feedback, waiter };
		struct ident subject;

		if (!vaulted_subject(feedback->world.vaulted, key, &subject) ||
		    !ident_equal(&subject, &waiter->subject))
			continue;
		judged++;
		if (judge(&again, key))
			look(&again, key);
	}
}

void
feedback_rescore(struct feedback *feedback, const GArray *waiters)
{
	for (guint i = 0; feedback->rescore && i < waiters->len; i++) {
		const struct waiter *waiter =
		    &g_array_index(waiters, struct waiter, i);

		look_state(feedback, waiter, SPOOL_HELD, look_held);
		look_state(feedback, waiter, SPOOL_DONE, look_ticket);
	}
	note_turn(feedback->world.deliver);
}
