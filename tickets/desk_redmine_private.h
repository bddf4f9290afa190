/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_DESK_REDMINE_PRIVATE_H
#define DESKGATE_TICKETS_DESK_REDMINE_PRIVATE_H

#include "lib/base/secret.h"
#include "tickets/answer.h"
#include "tickets/desk_probe.h"
#include "tickets/http.h"
#include "tickets/redmine.h"

/*
 * What the files of the Redmine adapter share: desk_redmine.c (issues),
 * desk_redmine_place.c (what Redmine has), desk_redmine_make.c (new issues and
 * follow-ups), desk_redmine_care.c (what agents did), desk_redmine_erase.c and
 * desk_redmine_test.c.
 */

/* A project as we use it. */
struct redmine_place {
	struct redmine_project project;
	GHashTable *permissions; /* char *: what our roles let us do there */
	gint64 spam;             /* its tracker or category for spam; or 0 */
	gint64 tracker, field;   /* of new issues; 0 until it is ready */
	gboolean mute;   /* an issue in its customer's name lost the field: all
			  * are made in ours */
	gboolean proven; /* an issue of ours came back with the field */
	char *unmarked;  /* an issue that did not get it; or NULL */
	char *line;      /* what its field should hold */
};

/* Whose the issues are. */
enum redmine_customers {
	REDMINE_CUSTOMERS_TEXT,  /* ours, the sender is named in the text */
	REDMINE_CUSTOMERS_KNOWN, /* the sender's, if he has an account */
	REDMINE_CUSTOMERS_MAKE   /* the same, and he gets one */
};

struct redmine {
	struct desk desk; /* first */
	struct http *http;
	struct secret *key;
	char *project, *tracker, *field; /* names, by the settings */
	char *open, *closed, *spam;
	struct redmine_me me; /* roles NULL: not asked yet */
	GPtrArray *statuses, *priorities;
	struct redmine_marks marks;
	enum redmine_customers customers;
	char *host;         /* of Redmine's own Message-IDs; or NULL */
	GHashTable *places; /* name -> struct redmine_place */
	/* Issues in a customer's name that have not got their line yet: the key
	 * as text -> the issue's number. */
	GHashTable *bare;
	char *stuck;       /* what `changes` could not read, or NULL */
	guint stuck_times; /* in a row */
	gint64 date;       /* of its last answer; 0: it had none */
	gboolean encrypted;
	const struct clock *clock;
};

/* The desk as what it is; asserts the type. */
struct redmine *redmine_of(struct desk *desk);
/* One call; the answer is one of success. */
gboolean redmine_call(struct redmine *redmine, enum answer_call call,
    const struct http_request *request, struct http_answer *answer_r,
    GError **error);
/* A GET about something that is there: ANSWER_ASK. */
gboolean redmine_get(struct redmine *redmine, const char *path,
    struct http_answer *answer_r, GError **error);
/* A PUT of an issue; NOTFOUND when `id` is none. */
gboolean redmine_put(struct redmine *redmine, enum answer_call call,
    const char *id, const char *json, GError **error);
/* A GET of an issue with `tail` ("?include=journals"); *body_r may be NULL. */
gboolean redmine_look_at(struct redmine *redmine, const char *id,
    const char *tail, struct redmine_issue *issue_r, GString **body_r,
    GError **error);
/* Sets it and sees whether it took: a workflow may forbid it without a word
 * (DENIED). */
gboolean redmine_set(struct redmine *redmine, const char *id,
    const struct redmine_set *set, GError **error);
/* The issues whose field contains the text, all pages of them. */
GPtrArray *redmine_search(
    struct redmine *redmine, gint64 field, const char *text, GError **error);
/* A note that only agents see: `note`, and DENIED where it would be public. */
gboolean redmine_note(
    struct desk *desk, const char *id, const char *text, GError **error);
/* Marks it spam, or sets the status a rule asks for, after it was made.  What
 * the desk refuses is told in the log: the ticket stands.  Else IO. */
gboolean redmine_settle(struct redmine *redmine,
    const struct redmine_issue *issue, const struct ticket *ticket,
    GError **error);

/* --- desk_redmine_place.c */

void redmine_place_free(gpointer item);
/* Asks, once, who we are and what statuses there are. */
gboolean redmine_meet(struct redmine *redmine, GError **error);
/* Who we are, asked anew. */
gboolean redmine_ask_me(struct redmine *redmine, GError **error);
/* The lists of statuses and priorities, asked anew. */
gboolean redmine_ask_words(struct redmine *redmine, GError **error);
/* The project of this name or number, asked once; DENIED when there is none.
 */
struct redmine_place *redmine_place(
    struct redmine *redmine, const char *name, GError **error);
/* That of an issue. */
struct redmine_place *redmine_place_of(
    struct redmine *redmine, const struct redmine_issue *issue, GError **error);
/* What marks mean there. */
struct redmine_marks redmine_marks_of(
    const struct redmine *redmine, const struct redmine_place *place);
/* May we? */
gboolean redmine_may(const struct redmine *redmine,
    const struct redmine_place *place, const char *permission);
/* What is missing in it may be there the next time: it is asked for anew.  Not
 * to be used after. */
void redmine_forget(struct redmine *redmine, struct redmine_place *place);
/* The project of this name when issues may be made there; DENIED when not. */
struct redmine_place *redmine_ready_place(
    struct redmine *redmine, const char *name, GError **error);
/* The parts of that: which tracker new issues get, which field (DENIED). */
gboolean redmine_take_tracker(
    struct redmine *redmine, struct redmine_place *place, GError **error);
/* The field, and whether Redmine searches it. */
gboolean redmine_take_field(
    struct redmine *redmine, struct redmine_place *place, GError **error);
/* The project of the settings, ready. */
struct redmine_place *redmine_home(struct redmine *redmine, GError **error);

/* --- desk_redmine_make.c: the operations of desk.h */

gboolean redmine_create(struct desk *desk, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *made_r, GError **error);
/* The part of `find` for an issue that `create` made and could not give its
 * line: gives it.  FALSE without error: there is none for this key. */
gboolean redmine_find_bare(struct redmine *redmine, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *found_r, GError **error);
/* `append` */
gboolean redmine_append(struct desk *desk, const char *id,
    const struct ticket *ticket, const struct ident *key, GError **error);

/* --- desk_redmine_voice.c */

/* *login_r is the account in whose name the message may be given to Redmine;
 * NULL: in ours.  The caller frees it. */
gboolean redmine_login(struct redmine *redmine, const struct ticket *ticket,
    const struct ident *key, char **login_r, GError **error);
/* A POST (`id` NULL) of an issue or a PUT of one in that name.  FALSE without
 * error: Redmine does not let him, and nothing came of it. */
gboolean redmine_speak(struct redmine *redmine, const char *login,
    const char *id, const char *json, struct http_answer *answer_r,
    GError **error);

/* --- desk_redmine_care.c: the operations of desk.h */

gboolean redmine_changes(struct desk *desk, struct desk_cursor *cursor,
    GPtrArray *events_r, GError **error);
/* --- desk_redmine_erase.c: `erase` */
gboolean redmine_erase(struct desk *desk, const struct desk_whom *whom,
    struct desk_erased *erased_r, GError **error);

/* --- desk_redmine_test.c: `test` */
gboolean redmine_test(
    struct desk *desk, struct desk_report *report, GError **error);

#endif
