/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * New issues and follow-ups in Redmine.
 *
 * An issue that did not take the custom field cannot be found again: each
 * project's first one is looked at, and until it is well nothing more is sent
 * there.
 */
#include "tickets/desk_redmine_private.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"

/* --- files */

static char *
upload(struct redmine *redmine, const struct ticket_file *file, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = redmine_upload_path(file);

	if (!redmine_call(redmine, ANSWER_FILE,
		&(struct http_request){ .method = "POST",
		    .path = path,
		    .bytes = file->bytes,
		    .bytes_type = "application/octet-stream" },
		&answer, error))
		return NULL;
	return redmine_read_token(answer.body, error);
}

static void
no_token_free(gpointer token)
{
	g_free(token);
}

/* What Redmine refuses for good (too big, an ending it does not take) is named
 * in the text: the message itself is worth more. */
static gboolean
upload_all(struct redmine *redmine, const struct ticket *ticket,
    GPtrArray *tokens, GString *refused, GError **error)
{
	for (guint i = 0; ticket->files != NULL && i < ticket->files->len;
	     i++) {
		const struct ticket_file *file = ticket->files->pdata[i];
		g_autoptr(GError) fault = NULL;
		char *token = upload(redmine, file, &fault);

		if (token == NULL && !err_is(fault, DG_ERROR_BAD)) {
			/* No ticket came of it, however it ended. */
			if (err_is(fault, DG_ERROR_IO))
				fault->code = DG_ERROR_AGAIN;
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
		if (token == NULL)
			g_string_append_printf(refused,
			    "Not attached: %s (%s)\n", file->name,
			    fault->message);
		g_ptr_array_add(tokens, token);
	}
	return TRUE;
}

/* --- the project's field */

static void
forget_unmarked(struct redmine_place *place)
{
	g_clear_pointer(&place->unmarked, g_free);
	g_clear_pointer(&place->line, g_free);
}

/* Gives the issue that lacks its key another chance. */
static gboolean
mend(struct redmine *redmine, struct redmine_place *place, GError **error)
{
	struct redmine_issue issue OWNED(redmine_issue_clear) = { 0 };
	g_autofree char *json = redmine_field_json(place->field, place->line);

	if (!redmine_put(redmine, ANSWER_ASK, place->unmarked, json, error) ||
	    !redmine_look_at(redmine, place->unmarked, "", &issue, NULL, error))
		return FALSE;
	if (issue.field[0] == '\0')
		return err_set(error, DG_ERROR_DENIED,
		    "issue %s did not take the custom field %s: let it be for "
		    "our tracker, and editable by our role",
		    place->unmarked, redmine->field);
	forget_unmarked(place);
	return TRUE;
}

static struct redmine_place *
ready(struct redmine *redmine, const struct ticket *ticket, GError **error)
{
	/* The desk's own project is the one that find knows the field by. */
	struct redmine_place *place = redmine_home(redmine, error);
	g_autoptr(GError) fault = NULL;

	if (place == NULL)
		return NULL;
	if (ticket->department != NULL) {
		place = redmine_ready_place(redmine, ticket->department, error);
		if (place == NULL)
			return NULL;
	}
	if (place->unmarked == NULL)
		return place;
	if (mend(redmine, place, &fault))
		return place;
	if (err_is(fault, DG_ERROR_NOTFOUND)) { /* it is gone */
		forget_unmarked(place);
		return place;
	}
	g_propagate_error(error, g_steal_pointer(&fault));
	return NULL;
}

static void
prove(struct redmine *redmine, struct redmine_place *place,
    const struct redmine_issue *issue, const struct redmine_post *post)
{
	if (redmine_field_has_key(issue->field, post->key)) {
		place->proven = TRUE;
		return;
	}
	place->unmarked = g_strdup(issue->id);
	place->line = redmine_line(post->ticket, post->key);
	log_event(LOG_LEVEL_ERROR, "field-lost", "desk", redmine->desk.name,
	    "ticket", issue->id, NULL);
}

/* --- a new issue */

/* Gives the issue its line, which its customer may not write. */
static gboolean
give_line(struct redmine *redmine, const struct redmine_post *post,
    const char *id, struct redmine_issue *issue_r, GError **error)
{
	g_autofree char *json = redmine_longer_json(post, "");
	char name[IDENT_TEXT];

	if (!redmine_put(redmine, ANSWER_MAKE, id, json, error) ||
	    !redmine_look_at(redmine, id, "", issue_r, NULL, error)) {
		g_prefix_error(error, "issue %s is made without its key: ", id);
		return FALSE;
	}
	ident_text(post->key, name);
	g_hash_table_remove(redmine->bare, name);
	return TRUE;
}

/* The issue is there, whatever comes: no second one is to be made. */
static gboolean
give_first_line(struct redmine *redmine, const struct redmine_post *post,
    struct redmine_issue *issue_r, GError **error)
{
	g_autofree char *id = g_strdup(issue_r->id);
	g_autoptr(GError) fault = NULL;
	char name[IDENT_TEXT];

	ident_text(post->key, name);
	g_hash_table_replace(redmine->bare, g_strdup(name), g_strdup(id));
	redmine_issue_clear(issue_r);
	if (give_line(redmine, post, id, issue_r, &fault))
		return TRUE;
	return err_set(error, DG_ERROR_IO, "%s", fault->message);
}

gboolean
redmine_find_bare(struct redmine *redmine, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *found_r, GError **error)
{
	struct redmine_issue issue OWNED(redmine_issue_clear) = { 0 };
	const struct redmine_place *home = redmine_home(redmine, error);
	struct redmine_post post = { .ticket = ticket, .key = key };
	g_autofree char *id = NULL;
	g_autoptr(GError) fault = NULL;
	char name[IDENT_TEXT];

	if (home == NULL)
		return FALSE;
	post.field = home->field;
	ident_text(key, name);
	id = g_strdup(g_hash_table_lookup(redmine->bare, name));
	if (id == NULL)
		return FALSE;
	if (!give_line(redmine, &post, id, &issue, &fault)) {
		if (err_is(fault, DG_ERROR_NOTFOUND)) /* deleted since */
			g_hash_table_remove(redmine->bare, name);
		else
			g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	if (!redmine_settle(redmine, &issue, ticket, error))
		return FALSE;
	found_r->id = g_strdup(issue.id);
	found_r->code = g_strdup(issue.id);
	return TRUE;
}

/* In the customer's name.  FALSE without error: not so. */
static gboolean
post_for(struct redmine *redmine, struct redmine_place *place,
    struct redmine_post *post, struct redmine_issue *issue_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *login = NULL, *json = NULL;

	if (place->mute ||
	    !redmine_login(redmine, post->ticket, post->key, &login, error) ||
	    login == NULL)
		return FALSE;
	post->named = TRUE;
	json = redmine_issue_json(post);
	post->named = FALSE;
	if (!redmine_speak(redmine, login, NULL, json, &answer, error) ||
	    !redmine_read_issue(answer.body, post->field, issue_r, error))
		return FALSE;
	if (redmine_field_has_key(issue_r->field, post->key))
		return TRUE;
	place->mute = TRUE;
	return give_first_line(redmine, post, issue_r, error);
}

static gboolean
post_issue(struct redmine *redmine, struct redmine_place *place,
    struct redmine_post *post, struct redmine_issue *issue_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *json = NULL;
	g_autoptr(GError) fault = NULL;

	if (post_for(redmine, place, post, issue_r, &fault))
		return TRUE;
	if (fault != NULL) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	json = redmine_issue_json(post);

	return redmine_call(redmine, ANSWER_MAKE,
		   &(struct http_request){
		       .method = "POST", .path = "/issues.json", .json = json },
		   &answer, error) &&
	       redmine_read_issue(answer.body, post->field, issue_r, error);
}

/* What agents should know is no part of the message, and a ticket without it
 * is still a ticket. */
static void
tell_agents(
    struct redmine *redmine, const char *id, const struct ticket *ticket)
{
	g_autoptr(GError) fault = NULL;

	if (ticket->note != NULL && ticket->note[0] != '\0' &&
	    !redmine_note(&redmine->desk, id, ticket->note, &fault))
		log_error(LOG_LEVEL_WARN, fault, "note-lost", "desk",
		    redmine->desk.name, "ticket", id, NULL);
}

static void
choose(const struct redmine *redmine, const struct redmine_place *place,
    struct redmine_post *post)
{
	const struct redmine_item *priority =
	    post->ticket->priority != NULL
		? redmine_item_named(
		      redmine->priorities, post->ticket->priority)
		: NULL;

	post->project = place->project.id;
	post->tracker = place->tracker;
	post->field = place->field;
	post->priority = priority != NULL ? priority->id : 0;
	if (post->ticket->spam && redmine->marks.by == REDMINE_BY_CATEGORY)
		post->category = place->spam;
	if (post->ticket->spam && redmine->marks.by == REDMINE_BY_TRACKER &&
	    place->spam != 0)
		post->tracker = place->spam;
}

gboolean
redmine_create(struct desk *desk, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *made_r, GError **error)
{
	struct redmine *redmine = redmine_of(desk);
	struct redmine_issue issue OWNED(redmine_issue_clear) = { 0 };
	struct redmine_place *place = ready(redmine, ticket, error);
	g_autoptr(GPtrArray) tokens =
	    g_ptr_array_new_with_free_func(no_token_free);
	g_autoptr(GString) refused = g_string_new(NULL);
	struct redmine_post post = {
		.ticket = ticket, .key = key, .tokens = tokens
	};

	if (place == NULL ||
	    !upload_all(redmine, ticket, tokens, refused, error))
		return FALSE;
	choose(redmine, place, &post);
	post.refused = refused->len > 0 ? refused->str : NULL;
	if (!post_issue(redmine, place, &post, &issue, error))
		return FALSE;
	if (!place->proven)
		prove(redmine, place, &issue, &post);
	if (!redmine_settle(redmine, &issue, ticket, error))
		return FALSE;
	tell_agents(redmine, issue.id, ticket);
	made_r->id = g_strdup(issue.id);
	made_r->code = g_strdup(issue.id);
	return TRUE;
}

/* --- a follow-up */

/* The field's line for a message that is in the notes. */
static gboolean
add_line(struct redmine *redmine, const struct redmine_issue *issue,
    const struct redmine_post *post, GError **error)
{
	g_autofree char *json = NULL;

	if (!issue->has_field)
		return TRUE;
	json = redmine_longer_json(post, issue->field);
	return redmine_put(redmine, ANSWER_ADD, issue->id, json, error);
}

/* In the customer's name, who may not write the field: the note ends with the
 * mark, and the field gets its line after.  Redmine may leave out the note and
 * say nothing, so it is looked for.  FALSE without error: not so. */
static gboolean
put_for(struct redmine *redmine, const struct redmine_issue *issue,
    struct redmine_post *post, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	struct redmine_issue now OWNED(redmine_issue_clear) = { 0 };
	g_autofree char *login = NULL, *json = NULL;
	g_autoptr(GString) body = NULL;

	if (!redmine_login(redmine, post->ticket, post->key, &login, error) ||
	    login == NULL)
		return FALSE;
	post->named = TRUE;
	json = redmine_append_json(post, NULL, TRUE);
	post->named = FALSE;
	if (!redmine_speak(redmine, login, issue->id, json, &answer, error) ||
	    !redmine_look_at(
		redmine, issue->id, "?include=journals", &now, &body, error) ||
	    !redmine_read_marked(body, post->key))
		return FALSE;
	return add_line(redmine, &now, post, error);
}

static gboolean
put_message(struct redmine *redmine, const struct redmine_issue *issue,
    struct redmine_post *post, GError **error)
{
	g_autoptr(GPtrArray) tokens =
	    g_ptr_array_new_with_free_func(no_token_free);
	g_autoptr(GString) refused = g_string_new(NULL);
	g_autofree char *json = NULL;
	g_autoptr(GError) fault = NULL;

	if (!upload_all(redmine, post->ticket, tokens, refused, error))
		return FALSE;
	post->tokens = tokens;
	post->refused = refused->len > 0 ? refused->str : NULL;
	if (put_for(redmine, issue, post, &fault))
		return TRUE;
	if (fault != NULL) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	json = redmine_append_json(
	    post, issue->has_field ? issue->field : NULL, !issue->has_field);
	if (redmine_put(redmine, ANSWER_ADD, issue->id, json, &fault))
		return TRUE;
	/* We could read it with the same key: its project is closed, or its
	 * tracker not for us. A new ticket takes the message then. */
	if (err_is(fault, DG_ERROR_DENIED))
		fault->code = DG_ERROR_NOTFOUND;
	g_propagate_error(error, g_steal_pointer(&fault));
	return FALSE;
}

/* Looks first: an answer of an earlier try may have been lost. */
gboolean
redmine_append(struct desk *desk, const char *id, const struct ticket *ticket,
    const struct ident *key, GError **error)
{
	struct redmine *redmine = redmine_of(desk);
	struct redmine_issue issue OWNED(redmine_issue_clear) = { 0 };
	const struct redmine_place *home = redmine_home(redmine, error);
	struct redmine_post post = { .ticket = ticket, .key = key };
	g_autoptr(GString) body = NULL;

	if (home == NULL)
		return FALSE;
	post.field = home->field;
	if (!redmine_look_at(
		redmine, id, "?include=journals", &issue, &body, error))
		return FALSE;
	if (redmine_field_has_key(issue.field, key))
		return TRUE;
	if (redmine_read_marked(body, key))
		return add_line(redmine, &issue, &post, error);
	if (!put_message(redmine, &issue, &post, error))
		return FALSE;
	tell_agents(redmine, issue.id, ticket);
	return TRUE;
}
