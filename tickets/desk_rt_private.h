/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_DESK_RT_PRIVATE_H
#define DESKGATE_TICKETS_DESK_RT_PRIVATE_H

#include "lib/base/secret.h"
#include "tickets/answer.h"
#include "tickets/desk_probe.h"
#include "tickets/desk.h"
#include "tickets/http.h"
#include "tickets/rt.h"

/*
 * What the files of the Request Tracker adapter share: desk_rt.c (tickets) and
 * desk_rt_care.c (what agents did, erasure, the test).
 */

/* What is known of a queue: RT drops a field it does not have, or that we may
 * not write, without a word. */
struct rt_queue {
	gboolean asked;   /* it has the field */
	gboolean proven;  /* a ticket of ours was read back with it */
	char *unmarked;   /* a ticket that did not get it; or NULL */
	struct ident key; /* of that one */
};

struct rt {
	struct desk desk; /* first */
	struct http *http;
	struct secret *token;
	char *queue;
	char *field;
	char *tags; /* the custom field for tags, or NULL: none */
	char *open, *closed, *spam;
	struct rt_states states; /* points at those */
	GHashTable *queues;      /* name -> struct rt_queue */
	gboolean encrypted;
	const struct clock *clock;
};

/* The desk as what it is; asserts the type. */
struct rt *rt_of(struct desk *desk);

/* One call; the answer is one of success. */
gboolean rt_call(struct rt *rt, enum answer_call call,
    const struct http_request *request, struct http_answer *answer_r,
    GError **error);
/* A GET about something that is there: ANSWER_ASK. */
gboolean rt_get(struct rt *rt, const char *path, struct http_answer *answer_r,
    GError **error);

/* A GET and a PUT of a ticket; NOTFOUND when `id` is none. */
gboolean rt_get_ticket(struct rt *rt, const char *id,
    struct http_answer *answer_r, GError **error);
/* The PUT. */
gboolean rt_put_ticket(
    struct rt *rt, const char *id, const char *json, GError **error);
/* Adds its people to a silent ticket, and marks spam; whatever fails is IO. */
gboolean rt_settle(
    struct rt *rt, const char *id, const struct ticket *ticket, GError **error);

/* --- desk_rt_make.c: the operations of desk.h */
gboolean rt_create(struct desk *desk, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *made_r, GError **error);
/* `append` */
gboolean rt_append(struct desk *desk, const char *id,
    const struct ticket *ticket, const struct ident *key, GError **error);
/* `change` */
gboolean rt_change(struct desk *desk, const char *id,
    const struct desk_change *change, GError **error);
/* The path of a queue. */
char *rt_queue_path(const char *queue);

/* --- desk_rt_care.c: the operations of desk.h */
gboolean rt_changes(struct desk *desk, struct desk_cursor *cursor,
    GPtrArray *events_r, GError **error);
/* `erase` */
gboolean rt_erase(struct desk *desk, const struct desk_whom *whom,
    struct desk_erased *erased_r, GError **error);
/* `purged` */
gboolean rt_purged(struct desk *desk, const char *left,
    struct desk_erased *now_r, GError **error);
/* `health` */
gboolean rt_health(struct desk *desk, GError **error);
/* `test` */
gboolean rt_test(struct desk *desk, struct desk_report *report, GError **error);

#endif
