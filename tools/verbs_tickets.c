/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The verbs of the embedded desk.  Each names its desk by "desk" (default
 * "local"); a desk of another type has its own screens and is refused here.
 */
#include "tools/verbs.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tickets/desk_local.h"
#include "tools/keeper.h"

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
	json_object_set_new(answer->body, member, result);
	return TRUE;
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

/* {status?, inbox?, limit?} -> {tickets: [...]} */
gboolean
verb_tickets_list(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	return answer_with(self, request, answer, "tickets", read_list, error);
}

/* {ticket} -> {ticket: {...}} */
gboolean
verb_tickets_show(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	return answer_with(self, request, answer, "ticket", read_one, error);
}

/* {text, limit?} -> {tickets: [...]} */
gboolean
verb_tickets_search(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	return answer_with(
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

/* Teaches the message that the entry `key` keeps; what became of it in a word.
 */
static const char *
teach_entry(struct keeper *keeper, const char *key, enum verdict_class class,
    const char *actor)
{
	struct teacher_lesson lesson = { class, TRUE, actor, NULL, NULL };
	struct entry *entry OWNED(entry_free) = NULL;
	g_autoptr(GBytes) message = NULL;
	enum teacher_outcome outcome;
	gconstpointer data;
	struct ident ident;
	gsize length;
	int fd OWNED(file_close) = -1;

	if (!ident_parse(key, &ident) ||
	    !vaulted_read(&keeper->vaulted, &ident, &entry, &message, NULL))
		return "its source is no longer kept";
	data = g_bytes_get_data(message, &length);
	fd = file_memory("message", data, length, NULL);
	lesson.inbox = entry->inbox;
	lesson.scored = entry->scored;
	if (fd < 0 || !keeper->teacher.teach(keeper->teacher.self, fd, &lesson,
			  &outcome, NULL, NULL))
		return "could not be taught";
	return teacher_word(outcome);
}

/* A ticket marked as spam is a lesson, and one marked as not spam is the other.
 */
static void
teach_ticket(struct keeper *keeper, const json_t *ticket,
    enum verdict_class class, const struct control_request *request,
    struct control_answer *answer)
{
	g_autoptr(GString) words = g_string_new(NULL);
	const json_t *message;
	size_t i;

	json_array_foreach(json_object_get(ticket, "messages"), i, message)
	{
		const char *key =
		    json_string_value(json_object_get(message, "entry"));

		if (key != NULL)
			g_string_append_printf(words, "%s%s",
			    words->len > 0 ? ", " : "",
			    teach_entry(keeper, key, class, request->actor));
	}
	json_object_set_new(answer->body, "taught", json_string(words->str));
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
	gboolean done, spam;
	json_t *ticket = NULL;

	if (desk == NULL)
		return FALSE;
	spam = strcmp(status, "spam") == 0;
	done = set_status(desk, code, status, error);
	if (done && (spam || strcmp(status, "not-spam") == 0))
		ticket = desk_local_show(desk, code, NULL);
	deliver_unlock_desk(keeper->deliver, desk);
	if (ticket != NULL)
		teach_ticket(keeper, ticket, spam ? VERDICT_SPAM : VERDICT_HAM,
		    request, answer);
	json_decref(ticket);
	return done;
}

/* {attachment: id} -> {name} + the attachment */
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
	gconstpointer data;
	gsize length;

	if (desk == NULL)
		return FALSE;
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
