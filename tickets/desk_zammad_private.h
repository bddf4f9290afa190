/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_DESK_ZAMMAD_PRIVATE_H
#define DESKGATE_TICKETS_DESK_ZAMMAD_PRIVATE_H

#include "lib/base/secret.h"
#include "tickets/desk.h"
#include "tickets/http.h"

/*
 * What the files of the Zammad adapter share: desk_zammad.c (tickets, the test)
 * and desk_zammad_erase.c.
 */

struct zammad {
	struct desk desk; /* first */
	struct http *http;
	struct secret *token;
	char *group;
	gboolean encrypted;
	const struct clock *clock;
};

/* The desk as what it is; asserts the type. */
struct zammad *zammad_of(struct desk *desk);
/* A GET about something that is there: ANSWER_ASK. */
gboolean zammad_get(struct zammad *zammad, const char *path,
    struct http_answer *answer_r, GError **error);
/* A call whose answer says nothing we need. */
gboolean zammad_order(struct zammad *zammad, const char *method,
    const char *path, const char *json, GError **error);

/* --- desk_zammad_erase.c: the operations of desk.h */
gboolean zammad_erase(struct desk *desk, const struct desk_whom *whom,
    struct desk_erased *erased_r, GError **error);
/* `purged` */
gboolean zammad_purged(struct desk *desk, const char *left,
    struct desk_erased *now_r, GError **error);

#endif
