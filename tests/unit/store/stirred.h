/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TESTS_UNIT_STORE_STIRRED_H
#define DESKGATE_TESTS_UNIT_STORE_STIRRED_H

#include "lib/store/check.h"
#include "lib/store/store.h"

/* A store that is there for one test, with records that come and go. */
enum { NAMES, NUMBERS };
extern const struct store_table stirred_tables[];

#define MAP ((guint64)64 << 20)
#define PAGE 4096

struct place {
	char *folder, *data, *aside;
};

/* Makes an empty folder; removes it with all in it. */
void init(struct place *place, gconstpointer unused);
void fini(struct place *place, gconstpointer unused);
/* Removes a folder with all in it. */
void remove_all(const char *path);

/* Some records come, some change, some go, some are larger than a page; FALSE
 * when that could not be kept. */
gboolean stir(struct store *store, GRand *chance, guint changes);
/* A store that was stirred; the caller closes it. */
struct store *fill(const struct place *place, GRand *chance);
/* Records of all tables. */
guint64 count_all(struct store *store);
/* What check_store finds, without keeping what is shown. */
struct check_report look(const char *folder);

#endif
