/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_PRIVACY_H
#define DESKGATE_TOOLS_PRIVACY_H

#include "lib/privacy/request.h"
#include "tools/keeper.h"

/*
 * What people can ask of their data, put together for the keeper: the registry
 * of all holders, and the register of requests.
 */

/* Opens the register and adds all holders; everything else is open. */
gboolean privacy_open(struct keeper *keeper, GError **error);
/* Before what the holders look into is closed. */
void privacy_close(struct keeper *keeper);

/* Of a command alone, which runs no thread: what nobody uses can go at once. */
void privacy_alone(struct keeper *keeper);
/* Of a daemon alone: starts the thread that goes on with what is open, and
 * ends it. */
gboolean privacy_start(struct keeper *keeper, GError **error);
void privacy_stop(struct keeper *keeper);

/*
 * Erases a person.  The request is written down before anything is touched;
 * what this computer holds goes at once, and desks are asked, the stores freed
 * of deleted bytes and the receipt made behind it: by the thread, or without
 * one by privacy_settle.  What remains open is gone on with, after a restart
 * too.  The request as it stands is the caller's.
 */
json_t *privacy_erase(
    struct keeper *keeper, const struct request_wish *wish, GError **error);
/*
 * Begins one whose lessons are to be taken back (REQUEST_RESTRICT,
 * REQUEST_OBJECT): written down with what was done of it (`holders`, borrowed),
 * and gone on with as an erasure is: the lessons of the batch that asks are not
 * kept yet, and no receipt tells of what a full disk can still undo.
 */
json_t *privacy_begin(struct keeper *keeper, const struct request_wish *wish,
    const json_t *holders, GError **error);
/* Writes down a request that a person carries out. */
json_t *privacy_note(
    struct keeper *keeper, const struct request_wish *wish, GError **error);
/* Writes down what he decided of it; what ended it goes into the audit. */
json_t *privacy_decide(struct keeper *keeper, guint64 id,
    enum request_decision decision, const char *reason, GError **error);
/* {"open": 2, "overdue": 1} */
gboolean privacy_count(struct keeper *keeper, json_t *counts, GError **error);
/* Writes down a request that is done with, as it is: `holders` (borrowed)
 * becomes the receipt's.  The receipt is the caller's. */
json_t *privacy_record(struct keeper *keeper, const struct request_wish *wish,
    const json_t *holders, GError **error);
/* After a batch of verbs was kept. */
void privacy_settle(struct keeper *keeper);
/* Adds to an answer {request, busy}: the request (taken over), and whether it
 * is being worked at just now, so that it is worth waiting for more. */
void privacy_tell(struct keeper *keeper, json_t *request, json_t *answer);

#endif
