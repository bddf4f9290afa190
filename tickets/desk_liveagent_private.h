/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_DESK_LIVEAGENT_PRIVATE_H
#define DESKGATE_TICKETS_DESK_LIVEAGENT_PRIVATE_H

#include "tickets/answer.h"
#include "tickets/bucket.h"
#include "tickets/desk.h"
#include "tickets/http.h"
#include "tickets/liveagent.h"
#include "tickets/mailer.h"

/*
 * What the files of the LiveAgent adapter share: desk_liveagent.c opens, makes
 * and finds tickets, _follow adds to them, _care changes, erases and looks, and
 * _events tells what agents did.
 */
struct liveagent {
	struct desk desk;    /* first */
	struct desk_ops ops; /* without what these settings cannot do */
	struct http *http;
	struct secret *token;
	struct http *v1; /* NULL: no v1-key-file */
	struct secret *v1_token;
	struct mailer *mailer; /* NULL: no desk-address */
	char *desk_address;
	char *department;
	gboolean encrypted; /* https */
	struct bucket bucket;
	const struct clock *clock;
	GHashTable *looked; /* key's digits -> set of ids (agent_forget) */
};

/* The adapter behind a desk. */
struct liveagent *agent_of(struct desk *desk);

/* Takes what `calls` calls cost of the rate; AGAIN with the time to wait. */
gboolean agent_reserve(struct liveagent *agent, guint calls, GError **error);

/* One call whose cost is reserved; on TRUE the answer is one of success, for
 * the caller to clear. */
gboolean agent_call(struct liveagent *agent, enum answer_call call,
    const struct http_request *request, struct http_answer *answer_r,
    GError **error);

/* A GET, its cost included. */
gboolean agent_get(struct liveagent *agent, const char *path,
    struct http_answer *answer_r, GError **error);

/*
 * What a look-up has seen not to be ours is remembered until the next call that
 * could change it: with many tickets of one sender, and a desk that fails now
 * and then, a look-up that began anew each time would never come to its end.
 * agent_forget is called before each such call.
 */
void agent_forget(struct liveagent *agent, const struct ident *key);

/* Whether one of the newest messages of the ticket is this one.  NOTFOUND when
 * there is no such ticket. */
gboolean agent_has(struct liveagent *agent, const char *id,
    const struct ticket *ticket, const struct ident *key, gboolean *ours_r,
    GError **error);

/* Opens what adding to tickets needs, by the settings; clears the operations
 * that they do not allow. */
gboolean agent_open_follow(struct liveagent *agent,
    const struct conf_section *settings, const struct desk_world *world,
    GError **error);
/*
 * The ids of these tags, made where there are none: char *.  Tags that the key
 * may not read or make are left out, as `test` tells; no error means that
 * anything of a ticket was made.
 */
GPtrArray *agent_tag_ids(
    struct liveagent *agent, const GPtrArray *names, GError **error);

/* How a follow-up reaches its ticket: "v1", "mail", "new"; static. */
const char *agent_follow_word(const struct liveagent *agent);

/* Operations of desk.h. */
gboolean agent_append(struct desk *desk, const char *id,
    const struct ticket *ticket, const struct ident *key, GError **error);
/* The same. */
gboolean agent_note(
    struct desk *desk, const char *id, const char *text, GError **error);
/* The same. */
gboolean agent_change(struct desk *desk, const char *id,
    const struct desk_change *change, GError **error);
/* The same. */
gboolean agent_erase(struct desk *desk, const struct desk_whom *whom,
    struct desk_erased *erased_r, GError **error);
/* The same. */
gboolean agent_purged(struct desk *desk, const char *left,
    struct desk_erased *now_r, GError **error);
/* The same. */
gboolean agent_health(struct desk *desk, GError **error);
/* The same. */
gboolean agent_test(
    struct desk *desk, struct desk_report *report, GError **error);
/* The same. */
gboolean agent_changes(struct desk *desk, struct desk_cursor *cursor,
    GPtrArray *events_r, GError **error);

#endif
