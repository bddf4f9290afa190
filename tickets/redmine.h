/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_REDMINE_H
#define DESKGATE_TICKETS_REDMINE_H

#include <glib.h>
#include <jansson.h>

#include "lib/base/ident.h"
#include "tickets/desk.h"
#include "tickets/ticket.h"

/*
 * Redmine's REST API as values: requests are made and answers are read here,
 * without any call; desk_redmine.c sends them.  All of it was tried against
 * Redmine 5.0.4 (tests/line/redmine).
 *
 * An issue's custom field holds a line for each message that is in it:
 *	deskgate:KEY <Message-ID> sender@example.net
 */

/* Before the entry's key in the custom field. */
#define REDMINE_KEY "deskgate:"
/* Before the key in the last line of a note that another user than ours wrote,
 * or on an issue that has no such field. */
#define REDMINE_MARK "Deskgate-Id: "
/* Redmine takes no longer subject (characters). */
#define REDMINE_SUBJECT_MOST 255
/* Issues on a page of a list. */
#define REDMINE_PAGE 100

/* --- what Redmine has (names are borrowed from nobody: freed by the frees) */

struct redmine_item {
	gint64 id;
	char *name;
	gboolean closed; /* of a status: it closes the issue */
};
/* For g_ptr_array_new_with_free_func. */
void redmine_item_free(gpointer item);
/* The one with this name, case aside, or with this number; NULL. */
const struct redmine_item *redmine_item_named(
    const GPtrArray *items, const char *name);

/* How agents say that an issue is spam. */
enum redmine_by { REDMINE_BY_STATUS, REDMINE_BY_TRACKER, REDMINE_BY_CATEGORY };

/* What our words stand for, as numbers; 0: nothing. */
struct redmine_marks {
	enum redmine_by by;
	gint64 spam;         /* status, tracker or category */
	gint64 open, closed; /* status */
	gint64 fresh;        /* the status a new issue has */
	const GPtrArray *statuses;
};

/* What of an issue decides what it is. */
struct redmine_state {
	gint64 status, tracker, category, project;
};
gboolean redmine_is_spam(
    const struct redmine_marks *marks, const struct redmine_state *state);
/* Our word for it (desk.h). */
const char *redmine_word(
    const struct redmine_marks *marks, const struct redmine_state *state);

/* --- requests (texts are the caller's) */

struct redmine_post {
	const struct ticket *ticket;
	const struct ident *key;
	gint64 project, tracker, category, priority; /* 0: as Redmine does */
	gint64 field;
	gboolean named;      /* it is its sender's: his name is not put above */
	GPtrArray *tokens;   /* char *: of uploads, one for each of the
				ticket's files; NULL where one was refused */
	const char *refused; /* lines below the text, or NULL */
};
/* The body of POST /issues.json. */
char *redmine_issue_json(const struct redmine_post *post);
/* The body of PUT /issues/ID.json that adds the message: `old` is the field's
 * value until now, or NULL when the field is to be left alone; `marked`: the
 * note ends with the mark. */
char *redmine_append_json(
    const struct redmine_post *post, const char *old, gboolean marked);
/* The same that writes the field alone. */
char *redmine_field_json(gint64 field, const char *value);
/* The same: `old` and the message's line. */
char *redmine_longer_json(const struct redmine_post *post, const char *old);
/* The same with a note that only agents see. */
char *redmine_note_json(const char *text);

/* What to set; 0 leaves alone.  `uncategorize` takes the category away. */
struct redmine_set {
	gint64 status, tracker, category, priority;
	gboolean uncategorize;
};
/* The body of PUT /issues/ID.json; NULL when there is nothing to set. */
char *redmine_set_json(const struct redmine_set *set);
/* What a change asks for (`status` a word of desk.h), `now` what the issue is;
 * `tracker`: the one of issues that are no spam. */
struct redmine_set redmine_wanted(const struct redmine_marks *marks,
    const struct redmine_state *now, const char *status, gint64 tracker);
/* Whether the issue is so. */
gboolean redmine_is_set(
    const struct redmine_set *set, const struct redmine_state *now);

/* The line for this message in the field. */
char *redmine_line(const struct ticket *ticket, const struct ident *key);

/* "/issues.json?..." of all issues whose field contains the text; page from
 * `offset` on. */
char *redmine_find_path(gint64 field, const char *text, guint offset);
/* "/issues/ID.json" and `tail`; NULL when the id is no number. */
char *redmine_issue_path(const char *id, const char *tail);
/* "/uploads.json?filename=..." */
char *redmine_upload_path(const struct ticket_file *file);
/* "/projects/NAME.json" with all we ask of it. */
char *redmine_project_path(const char *name);

/* --- answers (IO when they are not what they should be) */

/* An issue, as POST and GET answer. */
struct redmine_issue {
	char *id;
	struct redmine_state state;
	gboolean has_field;
	char *field; /* its value, "" when empty or not there */
	gint64 author, created, updated; /* a number; seconds since 1970 */
	gint64 closed;   /* when last, also of one opened again; or 0 */
	gboolean parent; /* it has subtasks (include=children) */
};
/* Frees what it holds. */
void redmine_issue_clear(struct redmine_issue *issue);
/* Of the body of one issue. */
gboolean redmine_read_issue(const GString *body, gint64 field,
    struct redmine_issue *issue_r, GError **error);
/* Whether a note of the issue (include=journals) ends with our mark. */
gboolean redmine_read_marked(const GString *body, const struct ident *key);

/* When the field got the first line of this sender, by the issue's journals
 * (include=journals); 0 when they do not tell: with the issue. */
gint64 redmine_read_joined(
    const GString *body, gint64 field, const char *address);

/* Whether the field's value has this key's line. */
gboolean redmine_field_has_key(const char *value, const struct ident *key);
/* Whether it has a line with this Message-ID. */
gboolean redmine_field_has_id(const char *value, const char *message_id);
/* Whether the issue was made of the message with this key, or, `key` NULL, with
 * this Message-ID: its line is the first. */
gboolean redmine_field_begins(
    const char *value, const struct ident *key, const char *message_id);
/* The lines of this sender: 0 none, 1 among others, 2 the first one. */
int redmine_field_sender(const char *value, const char *address);

/* The issues of a list: struct redmine_issue *.  DENIED when one of them lacks
 * the text in the field: Redmine passes by, without a word, a filter that the
 * field does not offer.  *more_r: there are more than these. */
GPtrArray *redmine_read_found(const GString *body, gint64 field,
    const char *text, gboolean *more_r, GError **error);

/* The token of an upload; the caller frees it. */
char *redmine_read_token(const GString *body, GError **error);
/* A list under this name: "issue_statuses", "issue_priorities": struct
 * redmine_item *. */
GPtrArray *redmine_read_items(
    const GString *body, const char *name, GError **error);

/* A project, with what it has. */
struct redmine_project {
	gint64 id;
	char *name;
	gboolean open;
	gboolean tracking; /* the module for issues is on */
	GPtrArray *trackers, *categories, *fields;
};
/* Frees what it holds. */
void redmine_project_clear(struct redmine_project *project);
/* The answer to redmine_project_path. */
gboolean redmine_read_project(
    const GString *body, struct redmine_project *project_r, GError **error);

/* Who we are (/users/current.json?include=memberships). */
struct redmine_me {
	gint64 id;
	gboolean admin;
	GHashTable *roles; /* project's number (gint64 *) -> GArray of roles'
			      numbers */
};
/* Frees what it holds. */
void redmine_me_clear(struct redmine_me *me);
/* The answer. */
gboolean redmine_read_me(
    const GString *body, struct redmine_me *me_r, GError **error);
/* Adds the permissions of a role (/roles/ID.json) to a set of char *. */
gboolean redmine_read_role(
    const GString *body, GHashTable *permissions, GError **error);

/* --- what was changed (redmine_changes.c) */

/*
 * How far `changes` has come: all journals before `since` are told.  While the
 * list of what changed after is longer than one call reads, `at` and `id` are
 * its last issue that was read (`at` 0: none).
 *
 * The list is sorted by times with fractions and shows whole seconds, so ids
 * say nothing of the order within one: `id` is a place in the list.
 */
struct redmine_cursor {
	gint64 since, at, id;
};
/* FALSE for what is none. */
gboolean redmine_cursor_read(const char *text, struct redmine_cursor *cursor_r);
/* As text. */
void redmine_cursor_write(
    const struct redmine_cursor *cursor, struct desk_cursor *text_r);

/* "/issues.json?..." of the issues of all projects that have a key of ours in
 * the field and were changed at `from` (seconds) or later, in that order, from
 * `offset` on. */
char *redmine_changes_path(gint64 field, gint64 from, guint offset);
/* A page of that: struct redmine_issue *. */
GPtrArray *redmine_read_changed(
    const GString *body, gint64 field, gboolean *full_r, GError **error);
/* Where in the list reading goes on. */
enum redmine_seek {
	REDMINE_SEEK_HERE, /* on this page, from *first_r on */
	REDMINE_SEEK_NEXT, /* on the next page, which begins with the last
			    * issue of this one */
	REDMINE_SEEK_ANEW  /* the cursor's issue is elsewhere now: `id` is to be
			    * 0, and all of its second is read again */
};
/* `full`: there are more pages.  Pages are sought in their order. */
enum redmine_seek redmine_cursor_seek(const struct redmine_cursor *cursor,
    const GPtrArray *issues, gboolean full, guint *first_r);
/* Whether its journals can hold something to tell. */
gboolean redmine_may_tell(
    const struct redmine_marks *marks, const struct redmine_issue *issue);

/* Who speaks in a journal, and how Redmine names its mail. */
struct redmine_voice {
	gint64 me;        /* our own are left out */
	const char *host; /* of its Message-IDs; NULL: not known */
};
/* The body of an issue (include=journals): struct desk_event *, oldest first,
 * of what others decided from `since` to before `until`, and (with `host`) the
 * Message-IDs of the mail by which Redmine told its author of others' notes. */
GPtrArray *redmine_read_journals(const GString *body,
    const struct redmine_marks *marks, const struct redmine_voice *voice,
    gint64 since, gint64 until, GError **error);

/* Makes them `most` at most: the older go into the one that follows them, which
 * then has their Message-IDs too, and their last decision unless it is one. */
void redmine_fold_events(GPtrArray *events, guint most);

/* --- people */

struct redmine_user {
	gint64 id;
	char *login;
	gboolean admin;
	gboolean member; /* of a project (include=memberships) */
};
/* For g_ptr_array_new_with_free_func. */
void redmine_user_free(gpointer item);
/* "/users.json?name=..."; `all`: locked ones too. */
char *redmine_users_path(const char *address, gboolean all);
/* The body of POST /users.json: an account for the message's sender. */
char *redmine_user_json(const struct ticket *ticket, const struct ident *key);
/* Those with this very address: struct redmine_user *. */
GPtrArray *redmine_read_users(
    const GString *body, const char *address, GError **error);
/* One (/users/ID.json). */
struct redmine_user *redmine_read_user(const GString *body, GError **error);

#endif
