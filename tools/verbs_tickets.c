/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The verbs of the embedded desk.  Each names its desk by "desk" (default
 * "local"); a desk of another type has its own screens and is refused here.
 */
#include "tools/verbs.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/privacy/subject.h"
#include "tickets/desk_local.h"
#include "tools/keeper.h"
#include "tools/rights.h"
#include "tools/wayback.h"

typedef json_t *(*desk_reader)(
    struct desk *desk, const struct control_request *request, GError **error);

static struct desk *
lock_desk(struct keeper *keeper, const struct control_request *request,
    GError **error)
{
	const char *name =
	    json_string_value(json_object_get(request->body, "desk"));

	return deliver_lock_desk(keeper->deliver, name != NULL ? name : "local",
	    desk_local_ops.type, error);
}

static guint
request_limit(const struct control_request *request)
{
	json_int_t limit =
	    json_integer_value(json_object_get(request->body, "limit"));

	return CLAMP(limit, 0, 1000);
}

static json_t *
read_list(
    struct desk *desk, const struct control_request *request, GError **error)
{
	const struct desk_local_filter filter = {
		.status =
		    json_string_value(json_object_get(request->body, "status")),
		.inbox =
		    json_string_value(json_object_get(request->body, "inbox")),
		.limit = request_limit(request),
	};

	return desk_local_list(desk, &filter, error);
}

static json_t *
read_one(
    struct desk *desk, const struct control_request *request, GError **error)
{
	const char *code = verb_text(request, "ticket", error);

	return code == NULL ? NULL : desk_local_show(desk, code, error);
}

static json_t *
read_search(
    struct desk *desk, const struct control_request *request, GError **error)
{
	const char *text = verb_text(request, "text", error);

	return text == NULL ? NULL
			    : desk_local_search(
				  desk, text, request_limit(request), error);
}

/* Runs `read` with the desk and puts its result into the answer as `member`. */
static gboolean
answer_with(struct keeper *keeper, const struct control_request *request,
    struct control_answer *answer, const char *member, desk_reader read,
    GError **error)
{
	struct desk *desk = lock_desk(keeper, request, error);
	json_t *result;

	if (desk == NULL)
		return FALSE;
	result = read(desk, request, error);
	deliver_unlock_desk(keeper->deliver, desk);
	if (result == NULL)
		return FALSE;
	if (read == read_search)
		rights_drop_tickets(keeper, request, result);
	rights_hide_tickets(keeper, request, result);
	json_object_set_new(answer->body, member, result);
	return TRUE;
}

/* {status?, inbox?, limit?} -> {tickets: [...]} */
gboolean
verb_tickets_list(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	return answer_with(self, request, answer, "tickets", read_list, error);
}

/* Writes down that what the request names was opened.  A name is the digits of
 * a number; what is none is refused by the desk. */
static gboolean
look(struct keeper *keeper, const struct control_request *request,
    const char *member, GError **error)
{
	const json_t *value = json_object_get(request->body, member);
	const char *text = json_string_value(value);
	gint64 number =
	    text != NULL ? g_ascii_strtoll(text + strspn(text, "#"), NULL, 10)
			 : json_integer_value(value);
	g_autofree char *object =
	    g_strdup_printf("%s %" PRId64, member, number);

	return wayback_look(keeper, request, object, error);
}

/* {ticket} -> {ticket: {...}} */
gboolean
verb_tickets_show(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	return look(self, request, "ticket", error) &&
	       answer_with(self, request, answer, "ticket", read_one, error);
}

/* Who is looked for by his address. */
static gboolean
tell_search(struct keeper *keeper, const struct control_request *request,
    GError **error)
{
	const char *text = verb_text(request, "text", error);
	g_autoptr(GArray) whom =
	    g_array_new(FALSE, FALSE, sizeof(struct ident));
	g_auto(GStrv) words =
	    g_strsplit_set(text != NULL ? text : "", " \t\"", -1);

	for (gsize i = 0; words[i] != NULL; i++) {
		struct ident subject;

		if (strchr(words[i], '@') != NULL &&
		    subject_ident(keeper->own.subject, words[i], &subject))
			g_array_append_val(whom, subject);
	}
	return text != NULL && wayback_search(keeper, request, whom, error);
}

/* {text, limit?} -> {tickets: [...]} */
gboolean
verb_tickets_search(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	return tell_search(self, request, error) &&
	       answer_with(
		   self, request, answer, "tickets", read_search, error);
}

/* {ticket, text} -> {}: a note that only agents see */
gboolean
verb_tickets_note(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	const char *code = verb_text(request, "ticket", error);
	const char *text =
	    code == NULL ? NULL : verb_text(request, "text", error);
	struct desk *desk =
	    text == NULL ? NULL : lock_desk(keeper, request, error);
	gboolean done;

	(void)answer;
	if (desk == NULL)
		return FALSE;
	done = desk_local_note(desk, code, request->actor, text, error);
	deliver_unlock_desk(keeper->deliver, desk);
	return done;
}

/* {ticket, into} -> {} */
gboolean
verb_tickets_merge(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	const char *code = verb_text(request, "ticket", error);
	const char *into =
	    code == NULL ? NULL : verb_text(request, "into", error);
	struct desk *desk =
	    into == NULL ? NULL : lock_desk(keeper, request, error);
	gboolean done;

	(void)answer;
	if (desk == NULL)
		return FALSE;
	done = desk_local_merge(desk, code, into, error);
	deliver_unlock_desk(keeper->deliver, desk);
	return done;
}

static gboolean
set_status(
    struct desk *desk, const char *code, const char *status, GError **error)
{
	if (strcmp(status, "closed") == 0)
		return desk_local_close(desk, code, error);
	if (strcmp(status, "open") == 0)
		return desk_local_reopen(desk, code, error);
	if (strcmp(status, "spam") == 0)
		return desk_local_spam(desk, code, TRUE, error);
	if (strcmp(status, "not-spam") == 0)
		return desk_local_spam(desk, code, FALSE, error);
	return err_set(
	    error, DG_ERROR_BAD, "a status is closed, open, spam or not-spam");
}

/* The decision's lessons; a ticket that was not made of mail teaches nothing.
 */
static gboolean
teach_ticket(struct keeper *keeper, const struct control_request *request,
    const char *status, struct control_answer *answer, GError **error)
{
	const char *code =
	    json_string_value(json_object_get(request->body, "ticket"));
	const char *name =
	    json_string_value(json_object_get(request->body, "desk"));
	/* The desk took it for a code: as the desk itself writes it. */
	g_autofree char *id = g_strdup_printf("%" PRIu64,
	    g_ascii_strtoull(code[0] == '#' ? code + 1 : code, NULL, 10));
	const struct feedback_decision decision = {
		.desk = name != NULL ? name : desk_local_ops.type,
		.ticket = id,
		.status = status,
		.actor = request->actor,
		.said = TRUE,
	};
	g_autoptr(GString) words = g_string_new(NULL);
	g_autoptr(GError) fault = NULL;

	if (!feedback_decided(keeper->feedback, &decision, words, &fault) &&
	    !err_is(fault, DG_ERROR_NOTFOUND)) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	json_object_set_new(answer->body, "taught", json_string(words->str));
	return TRUE;
}

/* {ticket, status: closed|open|spam|not-spam} -> {taught}: marking as spam or
 * not teaches the ticket's messages, as far as their source is still kept */
gboolean
verb_tickets_status(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	const char *code = verb_text(request, "ticket", error);
	const char *status =
	    code == NULL ? NULL : verb_text(request, "status", error);
	struct desk *desk =
	    status == NULL ? NULL : lock_desk(keeper, request, error);
	gboolean done;

	if (desk == NULL)
		return FALSE;
	done = set_status(desk, code, status, error);
	deliver_unlock_desk(keeper->deliver, desk);
	return done && teach_ticket(keeper, request, status, answer, error);
}

static gboolean
may_show(struct keeper *keeper, const struct ident *owner,
    const struct control_request *request, GError **error)
{
	return !rights_hide(keeper, owner, request) ||
	       err_set(error, DG_ERROR_DENIED,
		   "whose it is has restricted the use of his data: "
		   "--restricted shows it, for what Article 18(2) allows");
}

/* {attachment: id, restricted?: true} -> {name} + the attachment */
gboolean
verb_tickets_file(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	json_int_t id =
	    json_integer_value(json_object_get(request->body, "attachment"));
	struct desk *desk = lock_desk(keeper, request, error);
	g_autoptr(GBytes) bytes = NULL;
	g_autofree char *name = NULL;
	struct ident owner;
	gconstpointer data;
	gsize length;

	if (desk == NULL)
		return FALSE;
	if (desk_local_attachment_owner(desk, id, &owner, error) &&
	    may_show(keeper, &owner, request, error) &&
	    look(keeper, request, "attachment", error))
		bytes = desk_local_attachment(desk, id, &name, error);
	deliver_unlock_desk(keeper->deliver, desk);
	if (bytes == NULL)
		return FALSE;
	data = g_bytes_get_data(bytes, &length);
	answer->fds[0] = file_memory("attachment", data, length, error);
	if (answer->fds[0] < 0)
		return FALSE;
	answer->n_fds = 1;
	json_object_set_new(answer->body, "name", json_string(name));
	return TRUE;
}

/* {address} -> {outcome, tickets, entries, words?}: the spool first, since what
 * waits there for this person would be unreadable without the key */
gboolean
verb_tickets_erase(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	const char *address = verb_text(request, "address", error);
	const struct desk_whom whom = { address, G_MAXINT64 };
	struct desk_erased erased OWNED(desk_erased_clear) = { 0 };
	struct ident subject;
	struct desk *desk;
	guint entries;
	gboolean done;

	if (address == NULL)
		return FALSE;
	if (!subject_ident(keeper->own.subject, address, &subject))
		return err_set(error, DG_ERROR_BAD,
		    "\"%s\" is no address: a person is erased by it", address);
	desk = lock_desk(keeper, request, error);
	if (desk == NULL)
		return FALSE;
	done = deliver_forget(keeper->deliver, &subject, 1, &entries, error) &&
	       desk->ops->erase(desk, &whom, &erased, error);
	deliver_unlock_desk(keeper->deliver, desk);
	if (!done)
		return FALSE;
	wayback_act(keeper, request, "erase", &subject);
	json_object_update_new(
	    answer->body, json_pack("{s:s, s:i, s:i, s:s?}", "outcome",
			      desk_erasure_word(erased.outcome), "tickets",
			      (int)erased.tickets, "entries", (int)entries,
			      "words", erased.words));
	return TRUE;
}
