/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Adding to a LiveAgent ticket, which version 3 of its API cannot: by version 1
 * where it has a key; else, or when there are files (how version 1 takes those
 * is not documented), by mail to an address LiveAgent reads, as it came: it
 * threads by In-Reply-To, References and the code in the subject.  Where
 * neither is set the adapter has no append, and a follow-up becomes a new
 * ticket that names the old one.
 *
 * Each way looks first: an earlier try of this message whose answer was lost
 * may have come through, also on the ticket of somebody else, where a look-up
 * by owner would not find it.
 */
#include "tickets/desk_liveagent_private.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/mail/addr.h"

#define MAX_V1_ANSWER (1 << 20)

/* Version 1 is beside version 3: ".../api" for ".../api/v3". */
static char *
v1_url(const char *url)
{
	g_autofree char *base = g_strdup(url);

	while (g_str_has_suffix(base, "/"))
		base[strlen(base) - 1] = '\0';
	if (!g_str_has_suffix(base, "/v3"))
		return NULL;
	base[strlen(base) - strlen("/v3")] = '\0';
	return g_steal_pointer(&base);
}

static gboolean
open_v1(struct liveagent *agent, const struct conf_section *settings,
    const struct desk_world *world, GError **error)
{
	const char *path = conf_string(settings, "v1-key-file");
	g_autofree char *url = v1_url(conf_string(settings, "url"));

	if (path == NULL)
		return TRUE;
	if (url == NULL)
		return err_set(error, DG_ERROR_BAD,
		    "v1-key-file needs a url that ends in /api/v3: version 1 "
		    "is "
		    "looked for beside it");
	agent->v1_token = secret_load_token(path, error);
	if (agent->v1_token == NULL)
		return FALSE;
	agent->v1 = http_new(
	    &(struct http_settings){
		.url = url,
		.timeout = conf_duration(settings, "timeout"),
		.allow_private = conf_flag(settings, "allow-private"),
		.ca_file = conf_string(settings, "ca-file"),
		.max_answer = MAX_V1_ANSWER,
		.stopping = world->stopping,
	    },
	    error);
	return agent->v1 != NULL;
}

static gboolean
open_mail(struct liveagent *agent, const struct conf_section *settings,
    const struct desk_world *world, GError **error)
{
	const char *address = conf_string(settings, "desk-address");

	if (address == NULL)
		return TRUE;
	if (!addr_valid(address))
		return err_set(
		    error, DG_ERROR_BAD, "desk-address is not an address");
	if (world->global == NULL)
		return err_set(
		    error, DG_ERROR_BAD, "desk-address needs mail-relay");
	agent->desk_address = g_strdup(address);
	agent->mailer = mailer_open(world->global, world->stopping, error);
	return agent->mailer != NULL;
}

gboolean
agent_open_follow(struct liveagent *agent, const struct conf_section *settings,
    const struct desk_world *world, GError **error)
{
	if (!open_v1(agent, settings, world, error) ||
	    !open_mail(agent, settings, world, error))
		return FALSE;
	if (agent->v1 == NULL)
		agent->ops.note = NULL;
	if (agent->v1 == NULL && agent->mailer == NULL)
		agent->ops.append = NULL;
	return TRUE;
}

const char *
agent_follow_word(const struct liveagent *agent)
{
	if (agent->v1 != NULL)
		return "v1";
	return agent->mailer != NULL ? "mail" : "new";
}

/* --- version 1 */

static gboolean
post_v1(struct liveagent *agent, const char *id,
    const struct liveagent_v1 *post, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *encoded = g_uri_escape_string(id, NULL, FALSE);
	g_autofree char *path =
	    g_strdup_printf("/conversations/%s/messages", encoded);
	GString *form OWNED(liveagent_form_free) = NULL;
	struct http_request request = { "POST", path, NULL, NULL };
	gboolean done;

	if (!agent_reserve(agent, 1, error))
		return FALSE;
	form = liveagent_v1_form(post);
	request.form = form;
	done = http_call(agent->v1, &request, &answer, error) &&
	       answer_accepted(ANSWER_ADD, &answer, error);
	agent->desk.retry_after = answer.retry_after;
	return done && liveagent_read_v1(answer.body, error);
}

/* A ticket may have no list of files. */
static guint
count_files(const struct ticket *ticket)
{
	return ticket->files != NULL ? ticket->files->len : 0;
}

/* Who signs his mail writes into his ticket as others do: apart from the
 * message that it is of, which is kept as it came, a signature is no use. */
static gboolean
has_signatures_only(const struct ticket *ticket)
{
	static const char *const types[] = { "application/pgp-signature",
		"application/pkcs7-signature", "application/x-pkcs7-signature",
		NULL };
	gboolean only = TRUE;

	for (guint i = 0; only && i < count_files(ticket); i++) {
		const struct ticket_file *file = ticket->files->pdata[i];

		only = g_strv_contains(types, file->type);
	}
	return only;
}

/* The text, and what is left out of it. */
static char *
text_without_files(const struct ticket *ticket)
{
	GString *text = g_string_new(ticket->text);

	for (guint i = 0; i < count_files(ticket); i++) {
		const struct ticket_file *file = ticket->files->pdata[i];

		g_string_append_printf(text,
		    "\n\n[Left out: %s (%s). The message is kept as it came "
		    "for a time.]",
		    file->name, file->type);
	}
	return g_string_free(text, FALSE);
}

static gboolean
append_v1(struct liveagent *agent, const char *id, const struct ticket *ticket,
    const struct ident *key, GError **error)
{
	g_autofree char *plain = text_without_files(ticket);
	struct ticket without = *ticket;
	struct liveagent_v1 post = { agent->v1_token, 'M',
		ticket->requester_address, NULL };
	g_autofree char *text = NULL;

	without.text = plain;
	text = liveagent_text(&without, key);
	post.text = text;
	return post_v1(agent, id, &post, error);
}

/* --- mail */

/* Bounces come back to the inbox, where people see them; but what a program
 * wrote, a bounce above all, must not bring another one. */
static char *
sender_of(const struct ticket *ticket)
{
	if (ticket->automatic)
		return g_strdup("");
	return g_strconcat(
	    ticket->inbox[0] == '@' ? "postmaster" : "", ticket->inbox, NULL);
}

static gboolean
append_mail(
    struct liveagent *agent, const struct ticket *ticket, GError **error)
{
	g_autofree char *sender = sender_of(ticket);
	const char *const recipients[] = { agent->desk_address, NULL };
	const struct mailer_letter letter = { sender, recipients,
		ticket->source };

	return mailer_send(agent->mailer, &letter, error);
}

gboolean
agent_append(struct desk *desk, const char *id, const struct ticket *ticket,
    const struct ident *key, GError **error)
{
	struct liveagent *agent = agent_of(desk);
	gboolean by_mail = agent->mailer != NULL && ticket->source != NULL;
	gboolean fits = count_files(ticket) == 0 ||
			(!by_mail && has_signatures_only(ticket));
	gboolean ours = FALSE;

	agent_forget(agent, key);
	if (!agent_has(agent, id, ticket, key, &ours, error))
		return FALSE;
	if (ours)
		return TRUE;
	if (agent->v1 != NULL && fits)
		return append_v1(agent, id, ticket, key, error);
	if (by_mail)
		return append_mail(agent, ticket, error);
	/* The caller makes a ticket of its own, with the files. */
	return err_set(error, DG_ERROR_NOTFOUND,
	    "this desk takes no files for an old ticket; desk-address would");
}

gboolean
agent_note(struct desk *desk, const char *id, const char *text, GError **error)
{
	struct liveagent *agent = agent_of(desk);
	const struct liveagent_v1 post = { agent->v1_token, 'N', NULL, text };

	if (strlen(text) > DESK_NOTE_MAX)
		return err_set(error, DG_ERROR_BAD, "the note is too long");
	return post_v1(agent, id, &post, error);
}
