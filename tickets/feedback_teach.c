/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One decision about one ticket: its lessons, its record, whom it vouches for.
 */
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"
#include "tickets/feedback_private.h"

struct task {
	struct feedback *feedback;
	const struct feedback_decision *told;
	struct ledger_mark mark;
	/* What a kill had left, before `announce`. */
	enum ledger_undo before[LEDGER_MARK_ENTRIES];
	enum decision step;
	GString *words; /* or NULL */
};

/* Of one of its messages. */
struct source {
	struct entry *entry;
	struct ident subject;
	gboolean known; /* the subject is */
	int message;
};

static void
source_clear(struct source *source)
{
	entry_free(&source->entry);
	file_close(&source->message);
}

/* NOTFOUND or BAD: it is gone, or cannot be read. */
static gboolean
source_read(struct feedback *feedback, const struct ident *key,
    struct source *source_r, GError **error)
{
	g_autoptr(GBytes) message = NULL;
	gconstpointer data;
	gsize length;

	*source_r = (struct source){ .message = -1 };
	if (!vaulted_read(feedback->world.vaulted, key, &source_r->entry,
		&message, error))
		return FALSE;
	source_r->known =
	    vaulted_subject(feedback->world.vaulted, key, &source_r->subject);
	data = g_bytes_get_data(message, &length);
	source_r->message = file_memory("message", data, length, error);
	return source_r->message >= 0;
}

/* --- lessons --- */

static gboolean
teach(struct task *task, const struct source *source, enum verdict_class class,
    enum teacher_outcome *outcome_r, GError **error)
{
	const struct teacher *teacher = task->feedback->world.teacher;
	/* An agent is believed: a slip is taken back by the same hand, and
	 * train-rate holds up who marks without end. */
	const struct teacher_lesson lesson = { class, TRUE, task->told->actor,
		source->entry->inbox, source->entry->scored };

	return teacher->teach(
	    teacher->self, source->message, &lesson, outcome_r, NULL, error);
}

/* What the lesson leaves to be undone.  One that a kill left pending and that
 * is known now was made before it. */
static enum ledger_undo
undo_of(enum teacher_outcome outcome, enum ledger_undo before)
{
	switch (outcome) {
	case TEACHER_LEARNT:
	case TEACHER_NOTED:
		return LEDGER_UNDO_TAUGHT;
	case TEACHER_MOVED:
		return LEDGER_UNDO_MOVED;
	case TEACHER_KNOWN:
		return before == LEDGER_UNDO_PENDING ? LEDGER_UNDO_TAUGHT
						     : before;
	case TEACHER_REFUSED:
	case TEACHER_UNTAUGHT:
		break;
	}
	return LEDGER_UNDO_NOTHING;
}

static gboolean
teach_spam(struct task *task, const struct source *source, guint i,
    enum teacher_outcome *outcome_r, GError **error)
{
	if (!teach(task, source, VERDICT_SPAM, outcome_r, error))
		return FALSE;
	task->mark.entries[i].undo = undo_of(*outcome_r, task->before[i]);
	return TRUE;
}

static gboolean
teach_ham(struct task *task, const struct source *source, guint i,
    enum teacher_outcome *outcome_r, GError **error)
{
	task->mark.entries[i].undo = LEDGER_UNDO_NOTHING;
	return teach(task, source, VERDICT_HAM, outcome_r, error);
}

/* As if the mark had never been. */
static gboolean
take_back(struct task *task, const struct source *source, guint i,
    enum teacher_outcome *outcome_r, GError **error)
{
	const struct teacher *teacher = task->feedback->world.teacher;
	enum ledger_undo *undo = &task->mark.entries[i].undo;
	enum ledger_undo before = *undo;
	g_autoptr(GError) fault = NULL;

	*undo = LEDGER_UNDO_NOTHING;
	*outcome_r = TEACHER_UNTAUGHT;
	if (before == LEDGER_UNDO_MOVED)
		return teach(task, source, VERDICT_HAM, outcome_r, error);
	if (before != LEDGER_UNDO_NOTHING &&
	    !teacher->untrain(
		teacher->self, source->message, task->told->actor, &fault) &&
	    !err_is(fault, DG_ERROR_NOTFOUND)) {
		*undo = before;
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	if (task->feedback->unmark_is_ham)
		return teach(task, source, VERDICT_HAM, outcome_r, error);
	if (before == LEDGER_UNDO_NOTHING || fault != NULL)
		*outcome_r = TEACHER_KNOWN;
	return TRUE;
}

static gboolean
give_lesson(struct task *task, const struct source *source, guint i,
    enum teacher_outcome *outcome_r, GError **error)
{
	switch (task->step) {
	case DECISION_SPAM:
		return teach_spam(task, source, i, outcome_r, error);
	case DECISION_HAM:
		return teach_ham(task, source, i, outcome_r, error);
	case DECISION_UNDO:
		return take_back(task, source, i, outcome_r, error);
	case DECISION_NOTHING:
	case DECISION_SEEN:
		break;
	}
	g_assert_not_reached();
}

/* --- what follows a lesson --- */

/* Whom an agent vouches for, or no longer does. */
static gboolean
set_trust(struct task *task, const struct source *source, GError **error)
{
	struct feedback *feedback = task->feedback;
	g_autofree char *network =
	    decision_network(source->entry->envelope->client_address);
	struct ledger_trust trust = { 0 };

	if (!source->known || feedback->trust_for == 0)
		return TRUE;
	if (task->step != DECISION_SPAM) {
		trust.until =
		    clock_wall(feedback->world.clock) + feedback->trust_for;
		g_strlcpy(trust.network, network, sizeof(trust.network));
	}
	return ledger_trust_put(
	    feedback->world.ledger, &source->subject, &trust, error);
}

static void
tell(struct task *task, const struct ident *key, const char *act,
    const char *word)
{
	const char *actor = task->told->actor;
	char name[IDENT_TEXT];
	g_autofree char *outcome =
	    g_strdup_printf("%s, %s", decision_word(task->step), word);

	ident_text(key, name);
	log_event(LOG_LEVEL_INFO, "lesson", "id", name, "mark",
	    decision_word(task->step), "outcome", word, "actor", actor, NULL);
	feedback_count(task->feedback, actor, act);
	feedback_audit(task->feedback, actor, "lesson", name, outcome);
	if (task->words != NULL)
		g_string_append_printf(task->words, "%s%s",
		    task->words->len > 0 ? ", " : "", word);
}

/* The word that statistics count under. */
static const char *
count_word(enum teacher_outcome outcome)
{
	static const char *const words[] = { [TEACHER_LEARNT] = "learnt",
		[TEACHER_KNOWN] = "known",
		[TEACHER_MOVED] = "moved",
		[TEACHER_NOTED] = "noted",
		[TEACHER_REFUSED] = "refused",
		[TEACHER_UNTAUGHT] = "taken-back" };

	return words[outcome];
}

/* A message that is no longer kept teaches nothing, and holds up nothing. */
static gboolean
passed_by(
    struct task *task, const struct ident *key, GError *fault, GError **error)
{
	if (err_is(fault, DG_ERROR_NOTFOUND)) {
		tell(task, key, "gone", "its source is no longer kept");
	} else if (err_is(fault, DG_ERROR_BAD)) {
		tell(task, key, "unread", "could not be taught");
	} else {
		g_propagate_error(error, g_error_copy(fault));
		return FALSE;
	}
	return TRUE;
}

static gboolean
one_entry(struct task *task, guint i, GError **error)
{
	const struct ident *key = &task->mark.entries[i].key;
	struct source source OWNED(source_clear) = { .message = -1 };
	g_autoptr(GError) fault = NULL;
	enum teacher_outcome outcome;

	if (!source_read(task->feedback, key, &source, &fault) ||
	    !give_lesson(task, &source, i, &outcome, &fault))
		return passed_by(task, key, fault, error);
	tell(task, key, count_word(outcome), teacher_word(outcome));
	if (source.known)
		feedback_wait(
		    task->feedback, &source.subject, task->told->actor);
	return set_trust(task, &source, error);
}

/* --- the whole --- */

static gboolean
keep(struct task *task, GError **error)
{
	return ledger_mark_put(task->feedback->world.ledger, task->told->desk,
	    task->told->ticket, &task->mark,
	    clock_wall(task->feedback->world.clock), error);
}

/* Before the first lesson: a kill from here on cannot hide that there may be
 * something to take back. */
static gboolean
announce(struct task *task, GError **error)
{
	if (task->step != DECISION_SPAM)
		return TRUE;
	for (guint i = 0; i < task->mark.n; i++)
		task->before[i] = task->mark.entries[i].undo;
	for (guint i = 0; i < task->mark.n; i++)
		if (task->mark.entries[i].undo == LEDGER_UNDO_NOTHING)
			task->mark.entries[i].undo = LEDGER_UNDO_PENDING;
	return keep(task, error);
}

static enum decision
step_of(const struct task *task)
{
	const struct feedback_decision *told = task->told;
	enum decision step = decision_of(&task->mark, told->status, told->when);

	if (!told->said || step == DECISION_SPAM || step == DECISION_HAM ||
	    step == DECISION_UNDO)
		return step;
	/* Said of a ticket that is so already. */
	if (strcmp(told->status, "spam") == 0)
		return DECISION_SPAM;
	return strcmp(told->status, "not-spam") == 0 ? DECISION_HAM : step;
}

static void
settle_mark(struct task *task)
{
	struct ledger_mark *mark = &task->mark;
	const struct feedback_decision *told = task->told;
	gboolean was = strcmp(mark->status, "spam") == 0;

	if (task->step == DECISION_SPAM && !was)
		mark->ours = FALSE;
	if (strcmp(told->status, "not-spam") != 0)
		g_strlcpy(mark->status, told->status, sizeof(mark->status));
	else if (was)
		g_strlcpy(mark->status, "open", sizeof(mark->status));
	mark->noted[0] = '\0';
	mark->when = told->when != 0 ? told->when
				     : clock_wall(task->feedback->world.clock) /
					   G_USEC_PER_SEC;
}

gboolean
feedback_decided(struct feedback *feedback,
    const struct feedback_decision *told, GString *words, GError **error)
{
	struct task task = {
		.feedback = feedback, .told = told, .words = words
	};

	if (!ledger_mark_get(feedback->world.ledger, told->desk, told->ticket,
		&task.mark, error))
		return FALSE;
	task.step = step_of(&task);
	if (task.step == DECISION_NOTHING)
		return TRUE;
	if (task.step != DECISION_SEEN && !announce(&task, error))
		return FALSE;
	for (guint i = 0; task.step != DECISION_SEEN && i < task.mark.n; i++)
		if (!one_entry(&task, i, error)) {
			(void)keep(&task, NULL);
			return FALSE;
		}
	settle_mark(&task);
	return keep(&task, error);
}
