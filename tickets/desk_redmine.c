/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Redmine by its REST API.
 *
 * Redmine leaves out without a word what it does not like: a custom field that
 * the issue cannot have, a status that the workflow forbids, a note's privacy
 * that the role may not set.  So what matters is asked for before it is used or
 * read back after.
 *
 * There is no idempotency key.  The custom field of an issue has a line with
 * the entry's key for each message in it, and find looks there.
 */
#include "tickets/desk_redmine_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/owned.h"

#define MAX_ANSWER (32 << 20)
#define PAGES_MOST 1000 /* of a search: nobody has more */

struct redmine *
redmine_of(struct desk *desk)
{
	g_assert(desk->ops == &desk_redmine_ops);
	return (struct redmine *)desk;
}

static void
redmine_close(struct desk *desk)
{
	struct redmine *redmine = redmine_of(desk);

	http_free(&redmine->http);
	secret_free(&redmine->key);
	g_hash_table_unref(redmine->places);
	g_hash_table_unref(redmine->bare);
	redmine_me_clear(&redmine->me);
	g_clear_pointer(&redmine->statuses, g_ptr_array_unref);
	g_clear_pointer(&redmine->priorities, g_ptr_array_unref);
	g_free(redmine->host);
	g_free(redmine->stuck);
	g_free(redmine->project);
	g_free(redmine->tracker);
	g_free(redmine->field);
	g_free(redmine->open);
	g_free(redmine->closed);
	g_free(redmine->spam);
	g_free(redmine->desk.name);
	g_free(redmine);
}

/* The defaults in the table are Request Tracker's. */
static char *
word_of(const struct conf_section *settings, const char *name, const char *word)
{
	return g_strdup(
	    conf_is_set(settings, name) ? conf_string(settings, name) : word);
}

static enum redmine_by
by_of(const struct conf_section *settings)
{
	const char *word = conf_string(settings, "spam-by");

	if (g_str_equal(word, "tracker"))
		return REDMINE_BY_TRACKER;
	return g_str_equal(word, "category") ? REDMINE_BY_CATEGORY
					     : REDMINE_BY_STATUS;
}

static enum redmine_customers
customers_of(const struct conf_section *settings)
{
	const char *word = conf_string(settings, "customers");

	if (g_str_equal(word, "known"))
		return REDMINE_CUSTOMERS_KNOWN;
	return g_str_equal(word, "create") ? REDMINE_CUSTOMERS_MAKE
					   : REDMINE_CUSTOMERS_TEXT;
}

static gboolean
read_settings(struct redmine *redmine, const struct conf_section *settings,
    GError **error)
{
	const char *project = conf_string(settings, "department");
	const char *address = conf_string(settings, "desk-address");

	if (project == NULL || g_str_equal(project, "default"))
		return err_set(error, DG_ERROR_BAD,
		    "a Redmine desk needs department, the project's "
		    "identifier");
	redmine->customers = customers_of(settings);
	if (address != NULL && strrchr(address, '@') != NULL)
		redmine->host = g_strdup(strrchr(address, '@') + 1);
	redmine->project = g_strdup(project);
	redmine->tracker = g_strdup(conf_string(settings, "tracker"));
	redmine->field = g_strdup(conf_string(settings, "message-id-field"));
	redmine->open = word_of(settings, "status-open", "In Progress");
	redmine->closed = word_of(settings, "status-closed", "Closed");
	redmine->marks.by = by_of(settings);
	redmine->spam = word_of(settings, "status-spam",
	    redmine->marks.by == REDMINE_BY_STATUS ? "Rejected" : "Spam");
	return TRUE;
}

static gboolean
open_with(struct redmine *redmine, const struct conf_section *settings,
    const struct desk_world *world, GError **error)
{
	const char *url = conf_string(settings, "url");
	const char *key_file = conf_string(settings, "token-file");

	if (url == NULL || key_file == NULL)
		return err_set(error, DG_ERROR_BAD,
		    "a Redmine desk needs url and token-file");
	if (!read_settings(redmine, settings, error))
		return FALSE;
	redmine->key = secret_load_token(key_file, error);
	if (redmine->key == NULL)
		return FALSE;
	redmine->encrypted = g_str_has_prefix(url, "https:");
	redmine->http = http_new(
	    &(struct http_settings){
		.url = url,
		.token_header = "X-Redmine-API-Key",
		.token = redmine->key,
		.timeout = conf_duration(settings, "timeout"),
		.allow_private = conf_flag(settings, "allow-private"),
		.ca_file = conf_string(settings, "ca-file"),
		.max_answer = MAX_ANSWER,
		.stopping = world->stopping,
	    },
	    error);
	return redmine->http != NULL;
}

static struct desk *
redmine_open(const struct conf_section *settings,
    const struct desk_world *world, GError **error)
{
	struct redmine *redmine = g_new0(struct redmine, 1);

	redmine->desk.ops = &desk_redmine_ops;
	redmine->desk.name = g_strdup(conf_title(settings));
	redmine->clock = world->clock != NULL ? world->clock : &clock_system;
	redmine->places = g_hash_table_new_full(
	    g_str_hash, g_str_equal, g_free, redmine_place_free);
	redmine->bare =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (open_with(redmine, settings, world, error))
		return &redmine->desk;
	redmine_close(&redmine->desk);
	return NULL;
}

/* --- calls */

gboolean
redmine_call(struct redmine *redmine, enum answer_call call,
    const struct http_request *request, struct http_answer *answer_r,
    GError **error)
{
	const struct answer_ask ask = { redmine->http, call,
		&redmine->desk.retry_after };
	gboolean good = answer_get(&ask, request, answer_r, error);

	redmine->date = answer_r->date;
	return good;
}

gboolean
redmine_get(struct redmine *redmine, const char *path,
    struct http_answer *answer_r, GError **error)
{
	return redmine_call(redmine, ANSWER_ASK,
	    &(struct http_request){ .method = "GET", .path = path }, answer_r,
	    error);
}

gboolean
redmine_put(struct redmine *redmine, enum answer_call call, const char *id,
    const char *json, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = redmine_issue_path(id, "");

	if (path == NULL)
		return err_set(error, DG_ERROR_NOTFOUND, "no issue %s", id);
	return redmine_call(redmine, call,
	    &(struct http_request){
		.method = "PUT", .path = path, .json = json },
	    &answer, error);
}

/* The number of the field; 0 where it is not known, which no field has. */
static gint64
home_field(struct redmine *redmine)
{
	const struct redmine_place *home =
	    g_hash_table_lookup(redmine->places, redmine->project);

	return home != NULL ? home->field : 0;
}

gboolean
redmine_look_at(struct redmine *redmine, const char *id, const char *tail,
    struct redmine_issue *issue_r, GString **body_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *path = redmine_issue_path(id, tail);

	if (path == NULL)
		return err_set(error, DG_ERROR_NOTFOUND, "no issue %s", id);
	if (!redmine_get(redmine, path, &answer, error) ||
	    !redmine_read_issue(
		answer.body, home_field(redmine), issue_r, error))
		return FALSE;
	if (body_r != NULL)
		*body_r = g_steal_pointer(&answer.body);
	return TRUE;
}

gboolean
redmine_set(struct redmine *redmine, const char *id,
    const struct redmine_set *set, GError **error)
{
	struct redmine_issue issue OWNED(redmine_issue_clear) = { 0 };
	g_autofree char *json = redmine_set_json(set);

	if (json == NULL)
		return TRUE;
	if (!redmine_put(redmine, ANSWER_ASK, id, json, error) ||
	    !redmine_look_at(redmine, id, "", &issue, NULL, error))
		return FALSE;
	return redmine_is_set(set, &issue.state) ||
	       err_set(error, DG_ERROR_DENIED,
		   "issue %s did not take the change: allow our role's "
		   "transitions in Redmine's workflow, and edit_issues",
		   id);
}

/* --- find */

GPtrArray *
redmine_search(
    struct redmine *redmine, gint64 field, const char *text, GError **error)
{
	g_autoptr(GPtrArray) all = NULL;
	gboolean more = TRUE;

	for (guint page = 0; more && page < PAGES_MOST; page++) {
		struct http_answer answer OWNED(http_answer_clear) = { 0 };
		g_autofree char *path =
		    redmine_find_path(field, text, page * REDMINE_PAGE);
		GPtrArray *found;

		if (!redmine_get(redmine, path, &answer, error))
			return NULL;
		found =
		    redmine_read_found(answer.body, field, text, &more, error);
		if (found == NULL)
			return NULL;
		if (all == NULL)
			all = found;
		else
			g_ptr_array_extend_and_steal(all, found);
	}
	return g_steal_pointer(&all);
}

/* By the key, or without one by the Message-ID. */
static const struct redmine_issue *
pick(const GPtrArray *found, const struct ticket *ticket,
    const struct ident *key)
{
	for (guint i = 0; i < found->len; i++) {
		const struct redmine_issue *issue = found->pdata[i];

		if (key != NULL ? redmine_field_has_key(issue->field, key)
				: redmine_field_has_id(
				      issue->field, ticket->message_id))
			return issue;
	}
	return NULL;
}

static char *
sought(const struct ticket *ticket, const struct ident *key)
{
	char name[IDENT_TEXT];

	if (key == NULL)
		return g_strdup_printf("<%s>", ticket->message_id);
	ident_text(key, name);
	return g_strconcat(REDMINE_KEY, name, NULL);
}

static gboolean
redmine_find(struct desk *desk, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *found_r, GError **error)
{
	struct redmine *redmine = redmine_of(desk);
	const struct redmine_place *home;
	const struct redmine_issue *issue;
	g_autoptr(GPtrArray) found = NULL;
	g_autofree char *text = NULL;
	g_autoptr(GError) fault = NULL;

	if (key == NULL && ticket->message_id == NULL)
		return err_set(error, DG_ERROR_NOTFOUND,
		    "a message without key and Message-ID");
	home = redmine_home(redmine, error);
	if (home == NULL)
		return FALSE;
	if (key != NULL &&
	    redmine_find_bare(redmine, ticket, key, found_r, &fault))
		return TRUE;
	if (fault != NULL) {
		g_propagate_error(error, g_steal_pointer(&fault));
		return FALSE;
	}
	text = sought(ticket, key);
	found = redmine_search(redmine, home->field, text, error);
	if (found == NULL)
		return FALSE;
	issue = pick(found, ticket, key);
	if (issue == NULL)
		return err_set(
		    error, DG_ERROR_NOTFOUND, "the desk has no such issue");
	/* What was added to an issue of others decides nothing about it. */
	if (redmine_field_begins(issue->field, key, ticket->message_id) &&
	    !redmine_settle(redmine, issue, ticket, error))
		return FALSE;
	found_r->id = g_strdup(issue->id);
	found_r->code = g_strdup(issue->id);
	return TRUE;
}

/* --- changes of ours */

static gint64
priority_of(const struct redmine *redmine, const char *word)
{
	const struct redmine_item *item =
	    word != NULL ? redmine_item_named(redmine->priorities, word) : NULL;

	return item != NULL ? item->id : 0;
}

static gboolean
redmine_change(struct desk *desk, const char *id,
    const struct desk_change *change, GError **error)
{
	struct redmine *redmine = redmine_of(desk);
	struct redmine_issue issue OWNED(redmine_issue_clear) = { 0 };
	struct redmine_place *place;
	struct redmine_set set = { 0 };

	if (!desk_change_check(change, error) ||
	    !redmine_meet(redmine, error) ||
	    !redmine_look_at(redmine, id, "", &issue, NULL, error))
		return FALSE;
	place = redmine_place_of(redmine, &issue, error);
	if (place == NULL)
		return FALSE;
	if (change->status != NULL) {
		const struct redmine_marks marks =
		    redmine_marks_of(redmine, place);

		if (g_str_equal(change->status, "spam") && marks.spam == 0) {
			err_set(error, DG_ERROR_DENIED,
			    "project \"%s\" has no \"%s\" to mark spam with",
			    place->project.name, redmine->spam);
			redmine_forget(redmine, place);
			return FALSE;
		}
		set = redmine_wanted(
		    &marks, &issue.state, change->status, place->tracker);
	}
	set.priority = priority_of(redmine, change->priority);
	return redmine_set(redmine, id, &set, error);
}

gboolean
redmine_settle(struct redmine *redmine, const struct redmine_issue *issue,
    const struct ticket *ticket, GError **error)
{
	const struct desk_change change = {
		.status = ticket->spam ? "spam" : ticket->status,
	};
	g_autoptr(GError) fault = NULL;

	if (change.status == NULL ||
	    redmine_change(&redmine->desk, issue->id, &change, &fault))
		return TRUE;
	if (!err_is(fault, DG_ERROR_DENIED) && !err_is(fault, DG_ERROR_BAD))
		return err_set(error, DG_ERROR_IO,
		    "issue %s is made but its status is not set: %s", issue->id,
		    fault->message);
	log_error(LOG_LEVEL_ERROR, fault, "status-lost", "desk",
	    redmine->desk.name, "ticket", issue->id, NULL);
	return TRUE;
}

gboolean
redmine_note(
    struct desk *desk, const char *id, const char *text, GError **error)
{
	struct redmine *redmine = redmine_of(desk);
	struct redmine_issue issue OWNED(redmine_issue_clear) = { 0 };
	struct redmine_place *place;
	g_autofree char *json = NULL;

	if (text[0] == '\0' || strlen(text) > DESK_NOTE_MAX)
		return err_set(error, DG_ERROR_BAD, "a note has 1 to %d bytes",
		    DESK_NOTE_MAX);
	if (!redmine_meet(redmine, error) ||
	    !redmine_look_at(redmine, id, "", &issue, NULL, error))
		return FALSE;
	place = redmine_place_of(redmine, &issue, error);
	if (place == NULL)
		return FALSE;
	/* Without it Redmine would take the note and show it to everybody. */
	if (!redmine_may(redmine, place, "set_notes_private")) {
		err_set(error, DG_ERROR_DENIED,
		    "our role in project \"%s\" lacks \"Set notes as private\"",
		    place->project.name);
		redmine_forget(redmine, place);
		return FALSE;
	}
	json = redmine_note_json(text);
	return redmine_put(redmine, ANSWER_ASK, id, json, error);
}

/* --- what an issue is */

static gboolean
redmine_look(struct desk *desk, const char *id, struct desk_state *state_r,
    GError **error)
{
	struct redmine *redmine = redmine_of(desk);
	struct redmine_issue issue OWNED(redmine_issue_clear) = { 0 };
	struct redmine_place *place;
	struct redmine_marks marks;

	*state_r = (struct desk_state){ 0 };
	if (!redmine_meet(redmine, error) ||
	    !redmine_look_at(redmine, id, "", &issue, NULL, error))
		return FALSE;
	place = redmine_place_of(redmine, &issue, error);
	if (place == NULL)
		return FALSE;
	marks = redmine_marks_of(redmine, place);
	state_r->status = redmine_word(&marks, &issue.state);
	return TRUE;
}

static gboolean
redmine_health(struct desk *desk, GError **error)
{
	return redmine_home(redmine_of(desk), error) != NULL;
}

const struct desk_ops desk_redmine_ops = {
	.type = "redmine",
	.open = redmine_open,
	.close = redmine_close,
	.create = redmine_create,
	.append = redmine_append,
	.find = redmine_find,
	.change = redmine_change,
	.look = redmine_look,
	.note = redmine_note,
	.changes = redmine_changes,
	.erase = redmine_erase,
	.health = redmine_health,
	.test = redmine_test,
};
