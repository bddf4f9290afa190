/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_MIGRATE_PRIVATE_H
#define DESKGATE_TOOLS_MIGRATE_PRIVATE_H

#include "tools/migrate.h"

/* What the filters' parts share: migrate_kinds.c has the table and those that
 * weigh words, migrate_points.c those that add up points of rules. */

/* Why no counts of tokens are taken, and what is better. */
extern const char migrate_why_not[];
extern const char migrate_use_mail[];

/* Tells each line "name value" of a file to `take`.  FALSE when there is no
 * such file; what else is wrong with it is noted. */
gboolean migrate_read_config(struct migrate_plan *plan, const char *path,
    void (*take)(struct migrate_plan *plan, const char *name, char *value));
/* A file of the store when it is there, or NULL; the caller's. */
char *migrate_store_file(const struct migrate_plan *plan, const char *name);
/* What the filter's own program says of a store of who asks; NULL, and why in
 * the plan.  The caller's. */
char *migrate_ask_program(
    struct migrate_plan *plan, const char *file, const char *const *words);
/* The number at `at`, blanks before it passed over: behind it, or NULL. */
const char *migrate_read_number(const char *at, guint64 *number_r);
/* Notes how much it was taught, or that there is no store. */
void migrate_note_counts(
    struct migrate_plan *plan, const char *file, guint64 ham, guint64 spam);
void migrate_note_no_store(struct migrate_plan *plan);
/* A threshold of its settings; then what becomes of them all, or of `usual`. */
void migrate_add_limit(
    struct migrate_plan *plan, const char *name, const char *value);
void migrate_note_limits(struct migrate_plan *plan, const char *usual);

/* The filters of migrate_points.c. */
void migrate_look_spamassassin(struct migrate_plan *plan);
void migrate_look_rspamd(struct migrate_plan *plan);

#endif
