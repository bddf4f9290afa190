/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * New tickets and follow-ups in Request Tracker.
 *
 * A custom field that the queue does not have, or that we may not write, RT
 * drops without a word, and a ticket without it cannot be found again.  So
 * before a queue's first ticket it is asked for the field, and the first ticket
 * is read back.  Until that is good, nothing more is sent there.
 */
#include "tickets/desk_rt_private.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"

#define GATEWAY "/REST/1.0/NoAuth/mail-gateway"

/* --- the queue's field */

static struct rt_queue *
queue_of(struct rt *rt, const char *name)
{
	struct rt_queue *queue = g_hash_table_lookup(rt->queues, name);

	if (queue == NULL) {
		queue = g_new0(struct rt_queue, 1);
		g_hash_table_insert(rt->queues, g_strdup(name), queue);
	}
	return queue;
}

char *
rt_queue_path(const char *queue)
{
	g_autofree char *part = rt_part(queue);

	return g_strconcat("/REST/2.0/queue/", part, NULL);
}

/* Without a place for tags a ticket is still a ticket. */
static void
ask_tags(struct rt *rt, const GString *body, const char *name)
{
	g_autofree char *field =
	    rt->tags != NULL ? rt_read_queue_field(body, rt->tags, NULL) : NULL;
	g_autoptr(GError) fault = NULL;

	if (field == NULL || field[0] != '\0')
		return;
	err_set(&fault, DG_ERROR_DENIED,
	    "queue \"%s\" has no custom field %s for tickets: tags are left "
	    "out",
	    name, rt->tags);
	log_error(
	    LOG_LEVEL_WARN, fault, "tags-lost", "desk", rt->desk.name, NULL);
}

static gboolean
ask_queue(
    struct rt *rt, struct rt_queue *queue, const char *name, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = rt_queue_path(name);
	g_autofree char *field = NULL;
	g_autoptr(GError) fault = NULL;

	if (!rt_get(rt, path, &answer, &fault)) {
		if (err_is(fault, DG_ERROR_NOTFOUND))
			fault->code = DG_ERROR_DENIED;
		g_propagate_prefixed_error(
		    error, g_steal_pointer(&fault), "queue \"%s\": ", name);
		return FALSE;
	}
	field = rt_read_queue_field(answer.body, rt->field, error);
	if (field == NULL)
		return FALSE;
	if (field[0] == '\0')
		return err_set(error, DG_ERROR_DENIED,
		    "queue \"%s\" has no custom field %s for tickets, or we "
		    "lack the right SeeCustomField",
		    name, rt->field);
	queue->asked = TRUE;
	ask_tags(rt, answer.body, name);
	return TRUE;
}

/* Whether the ticket has the key; where it has not, nothing more may go
 * there. */
static gboolean
prove(struct rt *rt, struct rt_queue *queue, const struct rt_post *post,
    const char *id, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	gboolean there = FALSE;

	if (!rt_get_ticket(rt, id, &answer, error) ||
	    !rt_read_field(answer.body, post, &there, error))
		return FALSE;
	if (there) {
		queue->proven = TRUE;
		g_clear_pointer(&queue->unmarked, g_free);
		return TRUE;
	}
	if (queue->unmarked == NULL) {
		queue->unmarked = g_strdup(id);
		queue->key = *post->key;
	}
	return err_set(error, DG_ERROR_DENIED,
	    "ticket %s did not take the custom field %s: we lack the right "
	    "ModifyCustomField in queue \"%s\"",
	    id, post->field, post->queue);
}

/* Gives the ticket that lacks its key another chance. */
static gboolean
mend(struct rt *rt, struct rt_queue *queue, const struct rt_post *post,
    GError **error)
{
	struct rt_post old = *post;
	g_autofree char *json = NULL, *id = g_strdup(queue->unmarked);

	old.key = &queue->key;
	json = rt_field_json(&old);
	return rt_put_ticket(rt, id, json, error) &&
	       prove(rt, queue, &old, id, error);
}

static gboolean
ready(struct rt *rt, struct rt_queue *queue, const struct rt_post *post,
    GError **error)
{
	if (queue->unmarked != NULL && !mend(rt, queue, post, error))
		return FALSE;
	return queue->asked || ask_queue(rt, queue, post->queue, error);
}

/* --- a new ticket */

static gboolean
post_ticket(struct rt *rt, const struct rt_post *post,
    struct desk_ticket *made_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *json = rt_post_json(post);

	return rt_call(rt, ANSWER_MAKE,
		   &(struct http_request){ .method = "POST",
		       .path = "/REST/2.0/ticket",
		       .json = json },
		   &answer, error) &&
	       rt_read_made(answer.body, made_r, error);
}

/* What agents should know is no part of the message, and a ticket without it
 * is still a ticket. */
static void
tell_agents(struct rt *rt, const char *id, const struct ticket *ticket)
{
	g_autoptr(GError) fault = NULL;

	if (ticket->note != NULL && ticket->note[0] != '\0' &&
	    !rt->desk.ops->note(&rt->desk, id, ticket->note, &fault))
		log_error(LOG_LEVEL_WARN, fault, "note-lost", "desk",
		    rt->desk.name, "ticket", id, NULL);
}

/* Where the queue's lifecycle lets no ticket begin with the status that a rule
 * says, RT refuses all of it: then it begins as others do, and post->status is
 * NULL. */
static gboolean
post_as_ruled(struct rt *rt, struct rt_post *post, struct desk_ticket *made_r,
    GError **error)
{
	g_autoptr(GError) fault = NULL;

	if (post_ticket(rt, post, made_r, &fault))
		return TRUE;
	if (post->status == NULL || !err_is(fault, DG_ERROR_BAD)) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	post->status = NULL;
	return post_ticket(rt, post, made_r, error);
}

/* The status of a ticket that could not begin with it. */
static void
set_status(struct rt *rt, const char *id, const struct ticket *ticket)
{
	const struct desk_change change = { .status = ticket->status };
	g_autoptr(GError) fault = NULL;

	if (!rt_change(&rt->desk, id, &change, &fault))
		log_error(LOG_LEVEL_WARN, fault, "status-lost", "desk",
		    rt->desk.name, "ticket", id, NULL);
}

gboolean
rt_create(struct desk *desk, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *made_r, GError **error)
{
	struct rt *rt = rt_of(desk);
	const char *name =
	    ticket->department != NULL ? ticket->department : rt->queue;
	const char *status = rt_first_status(&rt->states, ticket);
	struct rt_post post = { ticket, key, name, rt->field, rt->tags,
		status };
	struct rt_queue *queue = queue_of(rt, post.queue);
	g_autoptr(GError) fault = NULL;

	if (!ready(rt, queue, &post, error) ||
	    !post_as_ruled(rt, &post, made_r, error))
		return FALSE;
	if (!queue->proven && !prove(rt, queue, &post, made_r->id, &fault))
		log_error(LOG_LEVEL_ERROR, fault, "field-lost", "desk",
		    desk->name, "ticket", made_r->id, NULL);
	/* Before it has people, who would be told. */
	if (post.status != status)
		set_status(rt, made_r->id, ticket);
	if (ticket_is_silent(ticket) &&
	    !rt_settle(rt, made_r->id, ticket, error)) {
		desk_ticket_clear(made_r);
		return FALSE;
	}
	tell_agents(rt, made_r->id, ticket);
	return TRUE;
}

/* --- a follow-up */

static gboolean
send_mail(struct rt *rt, const char *id, GBytes *mail, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autoptr(GString) form = g_string_new(NULL);

	http_form_add(form, "SessionType", "REST");
	http_form_add(form, "action", "correspond");
	http_form_add(form, "queue", rt->queue);
	http_form_add(form, "ticket", id);
	http_form_add_bytes(form, "message", mail);
	return rt_call(rt, ANSWER_ADD,
		   &(struct http_request){
		       .method = "POST", .path = GATEWAY, .form = form },
		   &answer, error) &&
	       rt_read_gateway(answer.body, error);
}

/* A deleted ticket still answers, and takes mail that nobody will see. */
static gboolean
is_there(struct rt *rt, const char *id, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *status = NULL;

	if (!rt_get_ticket(rt, id, &answer, error))
		return FALSE;
	status = rt_read_status(answer.body, error);
	if (status == NULL)
		return FALSE;
	return !g_str_equal(status, "deleted") ||
	       err_set(error, DG_ERROR_NOTFOUND, "ticket %s is deleted", id);
}

/* What the gateway refuses (its own mail come back, a sender it may not take)
 * becomes a ticket of its own: NOTFOUND makes deliver do that. */
gboolean
rt_append(struct desk *desk, const char *id, const struct ticket *ticket,
    const struct ident *key, GError **error)
{
	struct rt *rt = rt_of(desk);
	g_autoptr(GBytes) mail = NULL;

	if (ticket->source == NULL)
		return err_set(error, DG_ERROR_NOTFOUND,
		    "a follow-up needs the message as it came");
	if (!is_there(rt, id, error))
		return FALSE;
	mail = rt_mail(ticket, key);
	if (!send_mail(rt, id, mail, error))
		return FALSE;
	tell_agents(rt, id, ticket);
	return TRUE;
}
