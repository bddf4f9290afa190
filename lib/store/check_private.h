/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_STORE_CHECK_PRIVATE_H
#define DESKGATE_LIB_STORE_CHECK_PRIVATE_H

#include "lib/store/check.h"
#include "lib/store/pages.h"

/* What check.c (looking) and mend.c (saving) share. */

/* Gets each record that can be read, of tables in the order of their names;
 * FALSE ends it. */
typedef gboolean (*check_record)(
    void *self, guint table, const struct pages_node *node, const guint8 *data);

struct check_table {
	char *name;
	struct pages_tree tree;
};

/* Which of the two states that a file holds. */
enum check_state { CHECK_NEWEST, CHECK_OLDER };

/* How a file is walked. */
struct check_way {
	enum check_state state;
	enum check_unread unread;
	check_record record; /* may be NULL */
	void *self;
};

/*
 * Walks the file.  `tables` (of check_tables_new) takes what tables there are.
 * FALSE as check_store, or with nothing set when `record` ended it.
 */
gboolean check_walk(const char *folder, const struct check_way *way,
    struct check_report *report_r, GArray *tables, GError **error);
/* An empty array for it. */
GArray *check_tables_new(void);

#endif
