/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_REDMINE_PRIVATE_H
#define DESKGATE_TICKETS_REDMINE_PRIVATE_H

#include "tickets/redmine.h"

/*
 * What redmine.c, redmine_answer.c and redmine_changes.c share.
 */

/* What stands in errors about an answer. */
#define REDMINE_WHAT "a Redmine"

/* What stands under this name in an answer, NULL with IO when it is not there
 * or of another type; borrowed from *whole_r, which the caller frees. */
const json_t *redmine_inner(const GString *body, const char *name,
    json_type type, json_t **whole_r, GError **error);
/* A time of an object, seconds since 1970; 0 for none. */
gint64 redmine_time(const json_t *object, const char *name);
/* An issue of an object; FALSE when it has no number. */
gboolean redmine_take_issue(
    const json_t *object, gint64 field, struct redmine_issue *issue_r);
/* For g_ptr_array_new_with_free_func. */
void redmine_issue_free(gpointer item);
/* Adds a filter of a list to its path; `value` may be NULL. */
void redmine_add_filter(
    GString *path, const char *name, const char *operator, const char * value);

#endif
