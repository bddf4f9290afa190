/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The conversation, up to the end of a message.
 */
#include "milter/session.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "milter/closed.h"
#include "milter/counts.h"
#include "milter/outgoing.h"
#include "milter/path.h"
#include "milter/session_private.h"

static void
recipient_clear(gpointer pointer)
{
	struct recipient *recipient = pointer;

	g_free(recipient->given);
}

static struct mail *
mail_new(void)
{
	struct mail *mail = g_new0(struct mail, 1);

	mail->envelope = envelope_new();
	mail->headers = headers_new();
	mail->recipients = g_array_new(FALSE, FALSE, sizeof(struct recipient));
	g_array_set_clear_func(mail->recipients, recipient_clear);
	return mail;
}

static void
mail_free(struct mail **mail)
{
	if (*mail == NULL)
		return;
	envelope_free(&(*mail)->envelope);
	headers_free(&(*mail)->headers);
	g_array_unref((*mail)->recipients);
	collect_free(&(*mail)->collect);
	if ((*mail)->outgoing != NULL)
		g_string_free((*mail)->outgoing, TRUE);
	g_clear_pointer(mail, g_free);
}

struct session *
session_new(const struct session_world *world, const struct port *port)
{
	struct session *session = g_new0(struct session, 1);

	session->world = world;
	session->port = *port;
	session->terms = hall_enter(world->hall, &session->welcome);
	tally_add(world->tally, COUNTS_CONNECTIONS, 0,
	    session->welcome ? COUNTS_WELCOME : COUNTS_TURNED_AWAY, 1);
	return session;
}

void
session_free(struct session **session)
{
	struct session *old = *session;

	*session = NULL;
	if (old == NULL)
		return;
	hall_leave(old->world->hall);
	mail_free(&old->mail);
	terms_unref(&old->terms);
	g_free(old->client_address);
	g_free(old->client_name);
	g_free(old->helo);
	g_free(old);
}

static enum port_answer
answer(struct session *session, enum port_answer answer, const char *code,
    const char *status, const char *text)
{
	struct reply reply;

	reply_set(&reply, code, status, text);
	session->port.reply(session->port.self, &reply);
	return answer;
}

enum port_answer
session_later(struct session *session, const GError *error)
{
	struct reply reply;

	reply_for_error(error, &reply);
	session->port.reply(session->port.self, &reply);
	return PORT_LATER;
}

/* What the MTA calls a client that has no name. */
static gboolean
is_name(const char *name)
{
	return name != NULL && name[0] != '\0' && name[0] != '[' &&
	       strcmp(name, "unknown") != 0;
}

enum port_answer
session_connect(struct session *session, const char *name, const char *address)
{
	mail_free(&session->mail);
	g_free(session->client_name);
	g_free(session->client_address);
	session->client_name = is_name(name) ? g_strdup(name) : NULL;
	session->client_address = g_strdup(address);
	if (session->welcome)
		return PORT_CONTINUE;
	log_event(LOG_LEVEL_WARN, "connection-refused", "text",
	    hall_is_closing(session->world->hall) ? "stopping"
						  : "max-connections",
	    NULL);
	return PORT_LATER;
}

void
session_helo(struct session *session, const char *name)
{
	g_free(session->helo);
	session->helo = g_strdup(name);
}

static void
fill_envelope(struct session *session, char *const *arguments)
{
	struct envelope *envelope = session->mail->envelope;
	const struct port *port = &session->port;

	g_free(envelope->sender);
	envelope->sender = path_address(arguments[0]);
	envelope->client_address = g_strdup(session->client_address);
	envelope->client_name = g_strdup(session->client_name);
	envelope->helo = g_strdup(session->helo);
	envelope->authenticated =
	    g_strdup(port->macro(port->self, "{auth_authen}"));
	envelope->own_network =
	    networks_contain(session->terms->own, session->client_address);
	envelope->relay_network =
	    networks_contain(session->terms->relay, session->client_address);
	envelope->received = clock_wall(session->world->clock);
}

enum port_answer
session_mail(struct session *session, char *const *arguments)
{
	g_autoptr(GError) error = NULL;
	gboolean room;

	mail_free(&session->mail);
	if (!session->welcome || !hall_begin(session->world->hall))
		return answer(session, PORT_LATER, "451", "4.3.2",
		    "The help desk is restarting; please try again later");
	room = gauge_room(session->world->gauge, session->terms, &error);
	hall_end(session->world->hall);
	if (!room) {
		log_error(LOG_LEVEL_WARN, error, "no-room", NULL);
		return session_later(session, error);
	}
	session->mail = mail_new();
	session->mail->declared = path_size(arguments + 1);
	fill_envelope(session, arguments);
	return PORT_CONTINUE;
}

static void
add_recipient(struct session *session, const char *given, char *address,
    const struct policy_inbox *inbox)
{
	struct mail *mail = session->mail;
	const struct recipient recipient = { g_strdup(given), inbox };

	g_array_append_val(mail->recipients, recipient);
	g_ptr_array_add(mail->envelope->recipients, address);
	if (inbox == NULL)
		return;
	mail->ours++;
	if (mail->collect == NULL)
		mail->collect = collect_new(session->terms->max_size);
}

static enum port_answer
too_large(struct session *session)
{
	g_autofree char *text =
	    g_strdup_printf("This message is larger than the %" G_GSIZE_FORMAT
			    " bytes that the help desk takes",
		session->terms->max_size);

	return answer(session, PORT_REFUSE, "552", "5.3.4", text);
}

/* The inbox that *address is, or leads to.  What blanks, comments, "user%host@"
 * and the like mean is the MTA's own business, and it tells us ({rcpt_addr});
 * by what it says we would else be passed by. */
static const struct policy_inbox *
find_inbox(const struct session *session, char **address)
{
	const struct port *port = &session->port;
	const struct policy_inbox *inbox =
	    terms_inbox(session->terms, *address);
	const char *resolved =
	    inbox == NULL ? port->macro(port->self, "{rcpt_addr}") : NULL;
	g_autofree char *other = NULL;

	if (resolved == NULL)
		return inbox;
	other = path_address(resolved);
	inbox = terms_inbox(session->terms, other);
	if (inbox != NULL) {
		g_free(*address);
		*address = g_steal_pointer(&other);
	}
	return inbox;
}

/* One that takes no mail is refused by itself: the others of a message get
 * it. */
static enum port_answer
ask_closed(struct session *session, const struct policy_inbox *inbox)
{
	struct reply reply;
	enum closed closed =
	    closed_ask(session->world->lives, session->terms, inbox, &reply);

	if (closed == CLOSED_NOT)
		return PORT_CONTINUE;
	session->port.reply(session->port.self, &reply);
	tally_add(session->world->tally, COUNTS_RECIPIENTS_REFUSED,
	    tally_row(session->world->tally, inbox->title), 0, 1);
	log_event(LOG_LEVEL_INFO, "recipient-refused", "inbox", inbox->title,
	    "code", reply.code, NULL);
	return closed == CLOSED_LATER ? PORT_LATER : PORT_REFUSE;
}

/* Whoever could write to an inbox that teaches could teach. */
static enum port_answer
ask_login(struct session *session, const struct policy_inbox *inbox)
{
	const char *login = session->mail->envelope->authenticated;

	if (!policy_teaches(inbox) || (login != NULL && login[0] != '\0'))
		return PORT_CONTINUE;
	tally_add(session->world->tally, COUNTS_RECIPIENTS_REFUSED,
	    tally_row(session->world->tally, inbox->title), 0, 1);
	log_event(LOG_LEVEL_INFO, "recipient-refused", "inbox", inbox->title,
	    "code", "550", "text", "nobody is logged in", NULL);
	return answer(session, PORT_REFUSE, "550", "5.7.1",
	    "This address takes mail of those alone who are logged in");
}

enum port_answer
session_rcpt(struct session *session, char *const *arguments)
{
	struct mail *mail = session->mail;
	enum port_answer closed;
	const struct policy_inbox *inbox;
	g_autofree char *address = NULL;

	if (mail == NULL)
		return session_later(session, NULL);
	if (mail->recipients->len >= session->terms->max_recipients)
		return answer(session, PORT_LATER, "452", "4.5.3",
		    "Too many recipients; please send another copy to the "
		    "rest");
	address = path_address(arguments[0]);
	inbox = find_inbox(session, &address);
	if (inbox != NULL && mail->declared > session->terms->max_size)
		return too_large(session);
	closed = inbox != NULL ? ask_login(session, inbox) : PORT_CONTINUE;
	if (inbox != NULL && closed == PORT_CONTINUE)
		closed = ask_closed(session, inbox);
	if (closed != PORT_CONTINUE)
		return closed;
	add_recipient(session, arguments[0], g_steal_pointer(&address), inbox);
	return PORT_CONTINUE;
}

void
session_header(struct session *session, const char *name, const char *value)
{
	struct mail *mail = session->mail;

	if (mail == NULL)
		return;
	headers_note(mail->headers, name, value);
	if (mail->collect != NULL)
		collect_header(mail->collect, name, value, session->port.exact);
	else
		outgoing_header(session, name, value);
}

enum port_answer
session_end_header(struct session *session)
{
	struct mail *mail = session->mail;

	if (mail == NULL)
		return session_later(session, NULL);
	if (mail->collect != NULL) {
		collect_end_header(mail->collect);
		return PORT_CONTINUE;
	}
	outgoing_end(session);
	if (headers_forged(mail->headers))
		return PORT_CONTINUE;
	mail_free(&session->mail);
	return PORT_ACCEPT;
}

void
session_body(struct session *session, const void *data, gsize length)
{
	if (session->mail != NULL && session->mail->collect != NULL)
		collect_body(session->mail->collect, data, length);
}

/* None of the recipients is ours: only what is forged goes. */
static enum port_answer
let_pass(struct session *session, const struct mail *mail)
{
	const struct headers_plan plan = { .ours = FALSE };
	const struct port *port = &session->port;
	g_autoptr(GPtrArray) edits = headers_edits(mail->headers, &plan);

	if (edits == NULL)
		return answer(session, PORT_REFUSE, "554", "5.6.0",
		    "This message has too many forged header fields");
	for (guint i = 0; i < edits->len; i++) {
		const struct headers_edit *edit = edits->pdata[i];

		if (!port->remove_header(port->self, edit->name, edit->index))
			return session_later(session, NULL);
	}
	return PORT_ACCEPT;
}

enum port_answer
session_end(struct session *session)
{
	struct mail *mail = g_steal_pointer(&session->mail);
	enum port_answer result;

	if (mail == NULL)
		return session_later(session, NULL);
	if (mail->collect == NULL)
		result = let_pass(session, mail);
	else if (collect_is_over(mail->collect))
		result = too_large(session);
	else
		result = session_take(session, mail);
	mail_free(&mail);
	return result;
}

void
session_abort(struct session *session)
{
	mail_free(&session->mail);
}
