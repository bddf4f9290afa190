/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The verbs of queue and quarantine: what stands in the spool, why, and what a
 * person wants done with it.  An entry is shown from its sealed bytes, so that
 * an erased person's entry shows nothing but that it is there.
 */
#include "tools/verbs.h"

#include <string.h>

#include "tools/wayback.h"

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tickets/vaulted.h"
#include "tools/keeper.h"
#include "tools/rights.h"

/* A listing is cut here; the answer says so. */
#define LIST_MOST 1000

static gboolean
request_key(
    const struct control_request *request, struct ident *key_r, GError **error)
{
	const char *text = verb_text(request, "id", error);

	if (text == NULL)
		return FALSE;
	if (!ident_parse(text, key_r))
		return err_set(error, DG_ERROR_BAD,
		    "\"%s\" is no id: 32 digits of 0-9a-f, as the list shows",
		    text);
	return TRUE;
}

static void
add_entry(json_t *row, const struct entry *entry)
{
	g_autofree char *received = clock_text(entry->received);
	g_autofree char *why = verdict_brief(&entry->verdict, 3);

	json_object_set_new(row, "received", json_string(received));
	json_object_set_new(row, "inbox", json_string(entry->inbox));
	json_object_set_new(
	    row, "sender", json_string(entry->envelope->sender));
	json_object_set_new(row, "size", json_integer(entry->size));
	json_object_set_new(
	    row, "action", json_string(entry_action_word(entry->action)));
	json_object_set_new(row, "verdict", verdict_to_json(&entry->verdict));
	json_object_set_new(row, "why", json_string(why));
}

static void
add_ledger(json_t *row, const struct ledger_entry *known)
{
	json_object_set_new(row, "desk", json_string(known->desk));
	json_object_set_new(row, "ticket", json_string(known->code));
	json_object_set_new(row, "attempts", json_integer(known->attempts));
	if (known->next > 0) {
		g_autofree char *next = clock_text(known->next);

		json_object_set_new(row, "next", json_string(next));
	}
	if (known->reason[0] != '\0')
		json_object_set_new(row, "reason", json_string(known->reason));
}

/* Whether it is of somebody who has restricted the use of his data. */
static gboolean
is_hidden(struct keeper *keeper, const struct ident *key,
    const struct control_request *request)
{
	struct ident subject;

	return vaulted_subject(&keeper->vaulted, key, &subject) &&
	       rights_hide(keeper, &subject, request);
}

/* What is known of one entry; what cannot be read is said in the row, not an
 * error. */
static json_t *
describe(struct keeper *keeper, const struct ident *key, enum spool_state state,
    const struct control_request *request)
{
	struct entry *entry OWNED(entry_free) = NULL;
	struct ledger_entry known;
	char text[IDENT_TEXT];
	g_autoptr(GError) fault = NULL;
	json_t *row = json_object();

	ident_text(key, text);
	json_object_set_new(row, "id", json_string(text));
	json_object_set_new(row, "state", json_string(spool_state_word(state)));
	if (is_hidden(keeper, key, request)) {
		json_object_set_new(row, "restricted", json_true());
		json_object_set_new(row, "unreadable",
		    json_string("restricted: --restricted shows it"));
		return row;
	}
	if (vaulted_read(&keeper->vaulted, key, &entry, NULL, &fault))
		add_entry(row, entry);
	else
		json_object_set_new(
		    row, "unreadable", json_string(fault->message));
	if (ledger_get(keeper->ledger, key, &known, NULL))
		add_ledger(row, &known);
	return row;
}

static gboolean
list_state(struct keeper *keeper, const struct control_request *request,
    enum spool_state state, json_t *rows, GError **error)
{
	guint room = LIST_MOST - MIN(json_array_size(rows), LIST_MOST);
	g_autoptr(GArray) keys = spool_list(keeper->spool, state, room, error);

	if (keys == NULL)
		return FALSE;
	for (guint i = 0; i < keys->len; i++) {
		const struct ident *key = &g_array_index(keys, struct ident, i);

		json_array_append_new(
		    rows, describe(keeper, key, state, request));
	}
	return TRUE;
}

/* {all: bool} -> {entries: [...], cut: bool}: new, busy, wait and dead ones;
 * with `all` done ones too */
gboolean
verb_queue_list(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	static const enum spool_state states[] = { SPOOL_DEAD, SPOOL_WAIT,
		SPOOL_BUSY, SPOOL_NEW, SPOOL_DONE };
	gboolean all = json_is_true(json_object_get(request->body, "all"));
	json_t *rows = json_array();

	json_object_set_new(answer->body, "entries", rows);
	for (gsize i = 0; i < G_N_ELEMENTS(states) - (all ? 0 : 1); i++) {
		if (!list_state(self, request, states[i], rows, error))
			return FALSE;
	}
	json_object_set_new(answer->body, "cut",
	    json_boolean(json_array_size(rows) >= LIST_MOST));
	return TRUE;
}

/* {} -> {entries: [...], cut: bool} */
gboolean
verb_quarantine_list(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	json_t *rows = json_array();

	json_object_set_new(answer->body, "entries", rows);
	if (!list_state(self, request, SPOOL_HELD, rows, error))
		return FALSE;
	json_object_set_new(answer->body, "cut",
	    json_boolean(json_array_size(rows) >= LIST_MOST));
	return TRUE;
}

/* The entry's message as a memory file in the answer, and (unless NULL)
 * the entry, which the caller frees. */
static gboolean
answer_message(struct keeper *keeper, const struct ident *key,
    struct control_answer *answer, struct entry **entry_r, GError **error)
{
	struct entry *entry OWNED(entry_free) = NULL;
	g_autoptr(GBytes) message = NULL;
	gconstpointer data;
	gsize length;

	if (!vaulted_read(&keeper->vaulted, key, &entry, &message, error))
		return FALSE;
	data = g_bytes_get_data(message, &length);
	answer->fds[0] = file_memory("message", data, length, error);
	if (answer->fds[0] < 0)
		return FALSE;
	answer->n_fds = 1;
	if (entry_r != NULL)
		*entry_r = g_steal_pointer(&entry);
	return TRUE;
}

static gboolean
show(struct keeper *keeper, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	char object[sizeof("entry ") + IDENT_TEXT] = "entry ";
	struct ident key;
	enum spool_state state;

	if (!request_key(request, &key, error) ||
	    !spool_state(keeper->spool, &key, &state, error))
		return FALSE;
	ident_text(&key, object + strlen(object));
	if (is_hidden(keeper, &key, request))
		return err_set(error, DG_ERROR_DENIED,
		    "its sender has restricted the use of his data: "
		    "--restricted shows it, for what Article 18(2) allows");
	if (!wayback_look(keeper, request, object, error))
		return FALSE;
	json_object_set_new(
	    answer->body, "entry", describe(keeper, &key, state, request));
	return answer_message(keeper, &key, answer, NULL, error);
}

/* {id} -> {entry: {...}} + the message */
gboolean
verb_queue_show(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	return show(self, request, answer, error);
}

/* {id} -> {entry: {...}} + the message */
gboolean
verb_quarantine_show(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	return show(self, request, answer, error);
}

/* Whether the queue went on by itself since somebody saw the entry wait: it is
 * tried, was tried again or is done, so that nothing is left to ask for. */
static gboolean
went_on(struct keeper *keeper, const struct ident *key,
    struct control_answer *answer)
{
	enum spool_state state;

	if (!spool_state(keeper->spool, key, &state, NULL) ||
	    state == SPOOL_HELD)
		return FALSE;
	json_object_set_new(
	    answer->body, "state", json_string(spool_state_word(state)));
	return TRUE;
}

/* {id} -> {}: an entry that waits or is dead is tried again now.  -> {state}:
 * it does neither any more, and nothing was done. */
gboolean
verb_queue_retry(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	g_autoptr(GError) fault = NULL;
	struct ident key;

	if (!request_key(request, &key, error))
		return FALSE;
	if (deliver_retry(keeper->deliver, &key, &fault)) {
		wayback_act(keeper, request, "retry", &key);
		return TRUE;
	}
	if (err_is(fault, DG_ERROR_NOTFOUND) && went_on(keeper, &key, answer))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

/* {id} -> {}: an entry is removed for good, unless it is being delivered */
gboolean
verb_queue_drop(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	struct ident key;

	(void)answer;
	if (!request_key(request, &key, error) ||
	    !deliver_drop(keeper->deliver, &key, error))
		return FALSE;
	wayback_act(keeper, request, "drop", &key);
	return TRUE;
}

/* {id} -> {ticket: code}: what became a ticket is read again, and what is read
 * today goes to it as a note */
gboolean
verb_reprocess(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	g_autofree char *code = NULL;
	struct ident key;

	if (!request_key(request, &key, error))
		return FALSE;
	if (is_hidden(keeper, &key, request))
		return err_set(error, DG_ERROR_DENIED,
		    "its sender has restricted the use of his data");
	if (!deliver_reprocess(keeper->deliver, &key, &code, error))
		return FALSE;
	json_object_set_new(answer->body, "ticket", json_string(code));
	return TRUE;
}

/* Teaches the held message as `class`; the outcome goes into the answer. */
static gboolean
teach_held(struct keeper *keeper, const struct ident *key,
    enum verdict_class class, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct teacher_lesson lesson = { class, TRUE, request->actor, NULL,
		NULL };
	struct entry *entry OWNED(entry_free) = NULL;
	enum teacher_outcome outcome;
	gboolean taught;

	if (!answer_message(keeper, key, answer, &entry, error))
		return FALSE;
	lesson.inbox = entry->inbox;
	lesson.scored = entry->scored;
	taught = keeper->teacher.teach(keeper->teacher.self, answer->fds[0],
	    &lesson, &outcome, NULL, error);
	/* It was for the teacher, and is no part of the answer. */
	file_close(&answer->fds[0]);
	answer->n_fds = 0;
	if (!taught)
		return FALSE;
	json_object_set_new(
	    answer->body, "word", json_string(teacher_word(outcome)));
	return TRUE;
}

static gboolean
held_key(struct keeper *keeper, const struct control_request *request,
    struct ident *key_r, GError **error)
{
	enum spool_state state;

	if (!request_key(request, key_r, error) ||
	    !spool_state(keeper->spool, key_r, &state, error))
		return FALSE;
	if (state != SPOOL_HELD)
		return err_set(error, DG_ERROR_BAD,
		    "it is not in quarantine but %s", spool_state_word(state));
	return TRUE;
}

/* {id, teach: bool} -> {word}: the message becomes a ticket, and (unless teach
 * is false) a lesson of ham */
gboolean
verb_quarantine_release(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	struct ident key;

	if (!held_key(keeper, request, &key, error))
		return FALSE;
	if (!json_is_false(json_object_get(request->body, "teach")) &&
	    !teach_held(keeper, &key, VERDICT_HAM, request, answer, error))
		return FALSE;
	if (!deliver_release(keeper->deliver, &key, error))
		return FALSE;
	wayback_act(keeper, request, "release", &key);
	return TRUE;
}

/* {id, spam: bool} -> {word}: removed for good; with spam a lesson of spam
 * first */
gboolean
verb_quarantine_delete(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	struct ident key;

	if (!held_key(keeper, request, &key, error))
		return FALSE;
	if (json_is_true(json_object_get(request->body, "spam")) &&
	    !teach_held(keeper, &key, VERDICT_SPAM, request, answer, error))
		return FALSE;
	if (!deliver_drop(keeper->deliver, &key, error))
		return FALSE;
	wayback_act(keeper, request, "delete-held", &key);
	return TRUE;
}
