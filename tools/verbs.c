/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of what can be asked of the keeper, and the verbs of the
 * classifier.
 */
#include "tools/verbs.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/mail/addr.h"
#include "tickets/ledger_marks.h"
#include "tools/inboxes.h"
#include "tools/backup.h"
#include "tools/damage.h"
#include "tools/daybook.h"
#include "tools/keeper.h"
#include "tools/models.h"
#include "tools/privacy.h"
#include "tools/recall.h"
#include "tools/retain.h"
#include "tools/wayback.h"

/* As much as the journal keeps of it. */
#define ACTOR_MOST 40
/* Lessons of one who taught that are taken back before others are answered. */
#define BY_MOST 200

const struct control_verb keeper_verbs[] = {
	{ "train", verb_train },
	{ "untrain", verb_untrain },
	{ "score", verb_score },
	{ "explain", verb_explain },
	{ "stats", verb_stats },
	{ "metrics", verb_metrics },
	{ "check-deep", verb_check_deep },
	{ "check-deep-status", verb_check_deep_status },
	{ "model-verify", verb_model_verify },
	{ "verify-status", verb_verify_status },
	{ "model-dump", verb_model_dump },
	{ "model-load", verb_model_load },
	{ "model-rebuild", verb_model_rebuild },
	{ "model-import", verb_model_import },
	{ "model-forget", verb_model_forget },
	{ "starter-begin", verb_starter_begin },
	{ "starter-train", verb_starter_train },
	{ "starter-end", verb_starter_end },
	{ "import", verb_import },
	{ "inbox-status", verb_inbox_status },
	{ "inbox-suspend", verb_inbox_suspend },
	{ "inbox-end", verb_inbox_end },
	{ "inbox-resume", verb_inbox_resume },
	{ "inbox-open", verb_inbox_open },
	{ "rules-test", verb_rules_test },
	{ "queue-list", verb_queue_list },
	{ "queue-show", verb_queue_show },
	{ "queue-retry", verb_queue_retry },
	{ "queue-drop", verb_queue_drop },
	{ "reprocess", verb_reprocess },
	{ "quarantine-list", verb_quarantine_list },
	{ "quarantine-show", verb_quarantine_show },
	{ "quarantine-release", verb_quarantine_release },
	{ "quarantine-delete", verb_quarantine_delete },
	{ "audit-list", verb_audit_list },
	{ "audit-verify", verb_audit_verify },
	{ "operator-list", verb_operator_list },
	{ "operator-delete", verb_operator_delete },
	{ "privacy-find", verb_privacy_find },
	{ "privacy-breach", verb_privacy_breach },
	{ "privacy-rectify", verb_privacy_rectify },
	{ "privacy-holders", verb_privacy_holders },
	{ "privacy-erase", verb_privacy_erase },
	{ "privacy-export", verb_privacy_export },
	{ "privacy-restrict", verb_privacy_restrict },
	{ "privacy-object", verb_privacy_object },
	{ "privacy-note", verb_privacy_note },
	{ "privacy-consent", verb_privacy_consent },
	{ "privacy-decide", verb_privacy_decide },
	{ "privacy-requests", verb_privacy_requests },
	{ "privacy-receipt", verb_privacy_receipt },
	{ "backup", verb_backup },
	{ "backup-status", verb_backup_status },
	{ "restored", verb_restored },
	{ "privacy-schedule", verb_privacy_schedule },
	{ "privacy-expire", verb_privacy_expire },
	{ "clock-confirm", verb_clock_confirm },
	{ "vault-rotate", verb_vault_rotate },
	{ "vault-status", verb_vault_status },
	{ "desk-test", verb_desk_test },
	{ "tickets-list", verb_tickets_list },
	{ "tickets-show", verb_tickets_show },
	{ "tickets-search", verb_tickets_search },
	{ "tickets-note", verb_tickets_note },
	{ "tickets-status", verb_tickets_status },
	{ "tickets-merge", verb_tickets_merge },
	{ "tickets-erase", verb_tickets_erase },
	{ "tickets-file", verb_tickets_file },
	{ NULL, NULL },
};

const char *
verb_text(
    const struct control_request *request, const char *member, GError **error)
{
	const char *text =
	    json_string_value(json_object_get(request->body, member));

	if (text == NULL)
		err_set(
		    error, DG_ERROR_BAD, "the request lacks \"%s\"", member);
	return text;
}

int
verb_message(const struct control_request *request, GError **error)
{
	if (request->n_fds == 1)
		return request->fds[0];
	err_set(error, DG_ERROR_BAD, "the request lacks its message");
	return -1;
}

/* In whose name: who asks, or whom he names.  A name of the command's own kind
 * cannot be taken. */
static const char *
actor_of(struct keeper *keeper, const struct control_request *request,
    GError **error)
{
	const json_t *member = json_object_get(request->body, "as");
	const char *name = json_string_value(member);
	gsize length;

	if (member == NULL || json_is_null(member))
		return request->actor;
	length = name != NULL ? strlen(name) : 0;
	for (gsize i = 0; i < length; i++)
		if (!g_ascii_isgraph(name[i]))
			length = 0;
	if (length > 0 && length <= ACTOR_MOST && strchr(name, ':') != NULL &&
	    !g_str_has_prefix(name, "cli:"))
		return operators_alias(keeper->operators, name, error);
	err_set(error, DG_ERROR_BAD,
	    "who teaches is KIND:NAME, such as imap:alice: no blanks, %d bytes "
	    "at most, and not cli:",
	    ACTOR_MOST);
	return NULL;
}

static void
answer_lesson(struct control_answer *answer, enum verdict_class class,
    enum teacher_outcome outcome, const struct teacher_reason *reason)
{
	g_autofree char *text = teacher_reason_text(outcome, class, reason);

	json_object_set_new(answer->body, "outcome", json_integer(outcome));
	json_object_set_new(
	    answer->body, "word", json_string(teacher_word(outcome)));
	json_object_set_new(answer->body, "text", json_string(text));
	json_object_set_new(
	    answer->body, "class", json_string(verdict_word(class)));
	json_object_set_new(answer->body, "margin", json_real(reason->margin));
	json_object_set_new(answer->body, "score", json_real(reason->score));
	json_object_set_new(
	    answer->body, "wait", json_real((double)reason->wait / 1e6));
}

/* The section of the inbox that an address, or a title, is of; one of the very
 * address before one of its domain. */
static const struct conf_section *
find_inbox(const struct conf *conf, const char *address)
{
	const struct conf_section *found = conf_find(conf, "inbox", address);

	for (guint i = 0; found == NULL && i < conf_count(conf, "inbox"); i++) {
		const struct conf_section *inbox = conf_at(conf, "inbox", i);

		if (conf_title(inbox)[0] != '@' &&
		    addr_is_inbox(address, conf_title(inbox)))
			found = inbox;
	}
	for (guint i = 0; found == NULL && i < conf_count(conf, "inbox"); i++) {
		const struct conf_section *inbox = conf_at(conf, "inbox", i);

		if (addr_is_inbox(address, conf_title(inbox)))
			found = inbox;
	}
	return found;
}

gboolean
verb_inbox(const struct keeper *keeper, const struct control_request *request,
    const struct conf_section **inbox_r, GError **error)
{
	const char *address =
	    json_string_value(json_object_get(request->body, "inbox"));

	*inbox_r = address != NULL ? find_inbox(keeper->conf, address) : NULL;
	return address == NULL || *inbox_r != NULL ||
	       err_set(error, DG_ERROR_BAD,
		   "there is no inbox \"%s\" in the settings", address);
}

/* {class: ham|spam, force: bool, as: ACTOR, inbox: ADDRESS} + message ->
 * {outcome, word, text, class, margin, score, wait: seconds} */
gboolean
verb_train(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	const char *class = verb_text(request, "class", error);
	struct teacher_lesson lesson = {
		.force = json_is_true(json_object_get(request->body, "force")),
	};
	struct teacher_reason reason;
	enum teacher_outcome outcome;
	const struct conf_section *inbox;
	int message = class == NULL ? -1 : verb_message(request, error);
	g_autoptr(GBytes) scored = NULL;

	if (message < 0 || !verb_inbox(keeper, request, &inbox, error))
		return FALSE;
	lesson.inbox = inbox != NULL ? conf_title(inbox) : NULL;
	scored = recall_scored(keeper, message, lesson.inbox);
	lesson.scored = scored;
	if (!verdict_parse(class, &lesson.class) ||
	    lesson.class == VERDICT_UNSURE)
		return err_set(
		    error, DG_ERROR_BAD, "the class is \"ham\" or \"spam\"");
	lesson.actor = actor_of(keeper, request, error);
	if (lesson.actor == NULL ||
	    !keeper->teacher.teach(keeper->teacher.self, message, &lesson,
		&outcome, &reason, error))
		return FALSE;
	answer_lesson(answer, lesson.class, outcome, &reason);
	wayback_act(keeper, request,
	    lesson.class == VERDICT_SPAM ? "train-spam" : "train-ham", NULL);
	return TRUE;
}

/* All lessons of a sender or a Message-ID. */
static gboolean
untrain_named(struct keeper *keeper, const char *person, const char *id,
    struct control_answer *answer, GError **error)
{
	guint taken;

	if (person != NULL
		? !faculty_take_back_person(
		      keeper->faculty, person, &taken, error)
		: !faculty_take_back_id(keeper->faculty, id, &taken, error))
		return FALSE;
	json_object_set_new(answer->body, "taken", json_integer(taken));
	return TRUE;
}

/* Lessons of who has taught.  A portion, lest others wait: the audit trail
 * tells of each. */
static gboolean
untrain_by(struct keeper *keeper, const struct control_request *request,
    const char *name, struct control_answer *answer, GError **error)
{
	const char *alias = operators_find(keeper->operators, name, NULL);
	const char *actor = alias != NULL ? alias : name;
	g_autofree char *told = NULL;
	gboolean more;
	guint taken;

	if (!faculty_take_back_actor(
		keeper->faculty, actor, BY_MOST, &taken, &more, error))
		return FALSE;
	told = g_strdup_printf("%u lessons", taken);
	wayback_tell(keeper, &(const struct audit_act){
				 request->actor, "untrain", actor, told });
	json_object_set_new(answer->body, "taken", json_integer(taken));
	json_object_set_new(answer->body, "more", json_boolean(more));
	return TRUE;
}

static gboolean
untrain_message(struct keeper *keeper, const struct control_request *request,
    GError **error)
{
	int message = verb_message(request, error);

	return message >= 0 && keeper->teacher.untrain(keeper->teacher.self,
				   message, request->actor, error);
}

/* message, or {person: ADDRESS}, or {id: MESSAGE-ID}, or {by: ACTOR} ->
 * {outcome, word}; but of a message {taken: n} too; of the last {more: bool}:
 * ask again while there is more */
gboolean
verb_untrain(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	const char *person =
	    json_string_value(json_object_get(request->body, "person"));
	const char *id =
	    json_string_value(json_object_get(request->body, "id"));
	const char *by =
	    json_string_value(json_object_get(request->body, "by"));

	if (by != NULL ? !untrain_by(keeper, request, by, answer, error)
	    : person != NULL || id != NULL
		? !untrain_named(keeper, person, id, answer, error)
		: !untrain_message(keeper, request, error))
		return FALSE;
	if (by == NULL)
		wayback_act(keeper, request, "untrain", NULL);
	json_object_set_new(
	    answer->body, "outcome", json_integer(TEACHER_UNTAUGHT));
	json_object_set_new(
	    answer->body, "word", json_string(teacher_word(TEACHER_UNTAUGHT)));
	return TRUE;
}

gboolean
verb_judge(struct keeper *keeper, const struct control_request *request,
    const struct conf_section **inbox_r, struct verdict *verdict_r,
    GError **error)
{
	int message = verb_message(request, error);

	return message >= 0 && verb_inbox(keeper, request, inbox_r, error) &&
	       models_judge(keeper->classify, keeper->conf, *inbox_r, message,
		   verdict_r, error);
}

/* {inbox: ADDRESS or none} + message -> {verdict: {...}} */
gboolean
verb_score(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	const struct conf_section *inbox;
	struct verdict verdict;

	if (!verb_judge(self, request, &inbox, &verdict, error))
		return FALSE;
	json_object_set_new(answer->body, "verdict", verdict_to_json(&verdict));
	return TRUE;
}

/* {inbox: ADDRESS or none} + message -> {explanation: {...}} */
gboolean
verb_explain(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	g_autofree char *text = NULL;
	const struct conf_section *inbox;
	json_t *explanation;
	int message = verb_message(request, error);

	if (message < 0 || !verb_inbox(keeper, request, &inbox, error))
		return FALSE;
	text = classify_explain(keeper->classify, message,
	    inbox != NULL ? models_of(inbox) : NULL, error);
	if (text == NULL)
		return FALSE;
	explanation = json_loads(text, 0, NULL);
	if (explanation == NULL)
		return err_set(
		    error, DG_ERROR_IO, "the reader's answer is no JSON");
	json_object_set_new(answer->body, "explanation", explanation);
	return TRUE;
}

static gboolean
add_spool_counts(struct keeper *keeper, json_t *body, GError **error)
{
	json_t *counts = json_object();

	json_object_set_new(body, "spool", counts);
	for (int state = 0; state < SPOOL_STATES; state++) {
		g_autoptr(GArray) keys =
		    spool_list(keeper->spool, state, G_MAXUINT, error);

		if (keys == NULL)
			return FALSE;
		json_object_set_new(
		    counts, spool_state_word(state), json_integer(keys->len));
	}
	return TRUE;
}

/* {"desk:main:3": {"learnt": 4, ...}, ...} */
static gboolean
add_feedback(struct keeper *keeper, json_t *body, GError **error)
{
	json_t *tallies = ledger_tallies(keeper->ledger, error);

	if (tallies == NULL)
		return FALSE;
	json_object_set_new(body, "feedback", tallies);
	return TRUE;
}

static gboolean
add_inboxes(struct keeper *keeper, json_t *body, GError **error)
{
	json_t *counts = inboxes_count(keeper, error);

	if (counts == NULL)
		return FALSE;
	json_object_set_new(body, "inboxes", counts);
	return TRUE;
}

/* {} -> {model: {...}, spool: {new: n, ...}, persons: n,
 *        inboxes: {active: n, ..., announced: n}, feedback: {actor: {learnt: n,
 * ...}}, kept: (retain_oldest),
 *        damaged: (damage_list), clock: (daybook_state)} */
gboolean
verb_stats(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	json_t *model = faculty_stats(keeper->faculty, error), *known;
	guint64 keys = 0;

	(void)request;
	if (model == NULL)
		return FALSE;
	json_object_set_new(answer->body, "model", model);
	if (!add_feedback(keeper, answer->body, error) ||
	    !vault_count(keeper->vault, &keys, error))
		return FALSE;
	json_object_set_new(answer->body, "persons", json_integer(keys));
	if (!add_inboxes(keeper, answer->body, error))
		return FALSE;
	json_object_set_new(answer->body, "requests", json_object());
	if (!privacy_count(
		keeper, json_object_get(answer->body, "requests"), error))
		return FALSE;
	json_object_set_new(
	    answer->body, "kept", retain_oldest(keeper->retain));
	known = backup_known(&keeper->paths, error);
	if (known == NULL)
		return FALSE;
	json_object_set_new(answer->body, "backup", known);
	json_object_set_new(
	    answer->body, "clock", daybook_state(keeper->daybook));
	json_object_set_new(
	    answer->body, "damaged", damage_list(&keeper->paths));
	return add_spool_counts(keeper, answer->body, error);
}
