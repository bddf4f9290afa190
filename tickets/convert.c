/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Conversion handed to a jailed reader: the job and the call.  What a reader
 * could not read still becomes a ticket, with the raw source attached and the
 * reason in it.
 */
#include "tickets/convert.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "tickets/convert_private.h"
#include "tickets/marks.h"

/* --- in the reader --- */

static gboolean
put_answer(
    const struct ticket *ticket, struct worker_answer *answer, GError **error)
{
	json_t *object = ticket_to_json(ticket);
	char *text = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	if (text == NULL)
		return err_set(error, DG_ERROR_BAD, "the ticket makes no JSON");
	g_byte_array_append(answer->record, (const guint8 *)text, strlen(text));
	free(text);
	for (guint i = 0; i < ticket->files->len; i++) {
		const struct ticket_file *file = ticket->files->pdata[i];
		gsize length;
		gconstpointer data = g_bytes_get_data(file->bytes, &length);
		int fd = file_memory("attachment", data, length, error);

		if (fd < 0)
			return FALSE;
		answer->fds[answer->n_fds++] = fd;
	}
	return TRUE;
}

gboolean
convert_job(struct convert_context *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	struct ticket *ticket OWNED(ticket_free) = NULL;
	struct message *message OWNED(message_free) = NULL;
	struct entry *entry OWNED(entry_free) = NULL;
	struct convert_terms *terms OWNED(convert_terms_free) = NULL;
	g_autoptr(GBytes) bytes = NULL;
	gsize length;
	const guint8 *data;
	json_t *request = json_loadb(
	    (const char *)call->request, call->request_length, 0, NULL);

	if (request == NULL || call->n_fds < 1) {
		json_decref(request);
		return err_set(
		    error, DG_ERROR_BAD, "a conversion without entry");
	}
	entry = entry_from_json(json_object_get(request, "entry"), error);
	bytes =
	    entry == NULL ? NULL : file_read_fd(call->fds[0], G_MAXSIZE, error);
	if (bytes != NULL) {
		data = g_bytes_get_data(bytes, &length);
		message = message_parse(data, length, &context->limits, error);
	}
	terms = convert_terms_from_json(json_object_get(request, "terms"));
	if (message != NULL)
		ticket = convert_make(context, message, entry, terms);
	if (ticket != NULL && context->rules != NULL)
		rules_mark(context->rules,
		    &(const struct rule_facts){ message, entry }, ticket);
	json_decref(request);
	return ticket != NULL && put_answer(ticket, answer, error);
}

/* --- at the caller --- */

/* Reads a file's bytes from its memory file; sealed ones cannot change under
 * us. */
static gboolean
take_files(
    struct ticket *ticket, const struct worker_reply *reply, GError **error)
{
	if (ticket->files->len != reply->n_fds)
		return err_set(error, DG_ERROR_BAD,
		    "the reader named %u files and gave %u", ticket->files->len,
		    reply->n_fds);
	for (guint i = 0; i < reply->n_fds; i++) {
		struct ticket_file *file = ticket->files->pdata[i];

		file->bytes = file_read_fd(reply->fds[i], G_MAXSIZE, error);
		if (file->bytes == NULL)
			return FALSE;
	}
	return TRUE;
}

/* A name that no desk can take for a path or for more than one line. */
static gboolean
is_plain_name(const char *name)
{
	for (const char *at = name; *at != '\0'; at++) {
		if (g_ascii_iscntrl(*at) || *at == '/' || *at == '\\')
			return FALSE;
	}
	return *name != '\0' && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0;
}

static gboolean
is_one_line(const char *text)
{
	return text == NULL || strpbrk(text, "\r\n") == NULL;
}

/* What convert_make never makes, only a reader that mail has taken over. */
static gboolean
makes_sense(const struct ticket *ticket)
{
	const char *requester = ticket->requester_address;

	if ((!addr_valid(requester) && strcmp(requester, TICKET_NOBODY) != 0) ||
	    !is_one_line(ticket->requester_name) ||
	    !is_one_line(ticket->subject) || !is_one_line(ticket->message_id) ||
	    !is_one_line(ticket->subject_tag))
		return FALSE;
	for (guint i = 0; i < ticket->followers->len; i++) {
		const struct addr *addr = ticket->followers->pdata[i];

		if (!addr_valid(addr->address) || !is_one_line(addr->name))
			return FALSE;
	}
	for (guint i = 0; i < ticket->references->len; i++) {
		if (!is_one_line(ticket->references->pdata[i]))
			return FALSE;
	}
	for (guint i = 0; i < ticket->files->len; i++) {
		const struct ticket_file *file = ticket->files->pdata[i];

		if (!is_plain_name(file->name) || !is_one_line(file->type) ||
		    !is_one_line(file->content_id))
			return FALSE;
	}
	return TRUE;
}

static void
add_raw_source(struct ticket *ticket, GBytes *message)
{
	struct ticket_file *file = g_new0(struct ticket_file, 1);

	file->name = convert_file_name(ticket, "message.eml");
	file->type = g_strdup("message/rfc822");
	file->bytes = g_bytes_ref(message);
	g_ptr_array_add(ticket->files, file);
}

/* The reader's answer is data from a process that met hostile mail: read as
 * strictly as mail itself, and what matters for where it goes is taken from the
 * entry. */
static struct ticket *
take_answer(const struct entry *entry, GBytes *message,
    const struct worker_reply *reply, GError **error)
{
	json_t *object = json_loadb(
	    (const char *)reply->record->data, reply->record->len, 0, NULL);
	struct ticket *ticket =
	    object != NULL ? ticket_from_json(object, error) : NULL;

	if (object == NULL)
		err_set(error, DG_ERROR_BAD, "the reader's answer is no JSON");
	json_decref(object);
	if (ticket == NULL || !take_files(ticket, reply, error)) {
		ticket_free(&ticket);
		return NULL;
	}
	if (!makes_sense(ticket) ||
	    !marks_make_sense(ticket, marks_trusted(entry->envelope))) {
		err_set(
		    error, DG_ERROR_BAD, "the reader's answer makes no sense");
		ticket_free(&ticket);
		return NULL;
	}
	g_free(ticket->inbox);
	ticket->inbox = g_strdup(entry->inbox);
	ticket->verdict = entry->verdict;
	ticket->spam = entry->action == ENTRY_TICKET_AS_SPAM;
	ticket->unread = FALSE;
	if (ticket->partial)
		add_raw_source(ticket, message);
	return ticket;
}

/* A ticket with the raw source, for what could not be read. */
static struct ticket *
unread_ticket(const struct entry *entry, GBytes *message, const char *reason)
{
	struct ticket *ticket = convert_begin(entry);
	const char *sender = entry->envelope->sender;

	ticket->unread = TRUE;
	ticket->requester_address =
	    g_strdup(addr_valid(sender) ? sender : TICKET_NOBODY);
	ticket->requester_name = g_strdup("");
	ticket->subject = g_strdup("(a message that could not be read)");
	ticket->text = g_strdup_printf(
	    "This message could not be read (%s). Its raw source is attached.",
	    reason);
	ticket->note = convert_note(entry, ticket->text);
	add_raw_source(ticket, message);
	return ticket;
}

static json_t *
make_request(const struct entry *entry, const struct convert_terms *terms)
{
	json_t *request = json_object();

	json_object_set_new(request, "entry", entry_to_json(entry));
	json_object_set_new(request, "terms", convert_terms_to_json(terms));
	return request;
}

gboolean
convert_message(struct worker_pool *pool, const struct entry *entry,
    GBytes *message, const struct convert_terms *terms,
    struct ticket **ticket_r, GError **error)
{
	struct worker_reply reply = { 0 };
	g_autoptr(GError) fault = NULL;
	json_t *request = make_request(entry, terms);
	char *text = json_dumps(request, JSON_COMPACT);
	gsize length;
	gconstpointer data = g_bytes_get_data(message, &length);
	int fd OWNED(file_close) = file_memory("message", data, length, &fault);
	const struct worker_call call = { (const guint8 *)text, strlen(text),
		&fd, 1 };
	gboolean called = fd >= 0 && worker_pool_run(pool, "convert", &call, 0,
					 &reply, &fault);

	json_decref(request);
	free(text);
	*ticket_r = called ? take_answer(entry, message, &reply, &fault) : NULL;
	if (called)
		worker_reply_clear(&reply);
	if (*ticket_r != NULL)
		return TRUE;
	if (fd < 0 || err_is(fault, DG_ERROR_AGAIN)) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	*ticket_r = unread_ticket(entry, message, fault->message);
	return TRUE;
}
