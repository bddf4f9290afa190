/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_STORE_PAGES_H
#define DESKGATE_LIB_STORE_PAGES_H

#include "lib/store/check.h"

/*
 * The pages of an LMDB file (0.9, data version 1, this machine's word size and
 * byte order), read by pread(2) and believed in nothing: whatever stands in
 * the file, reading it here is no crash.  LMDB itself maps the file and
 * follows what it finds there.  For lib/store alone.
 *
 * Layout, as in LMDB's mdb.c: a page is a head (number, pad, flags, and two
 * bounds or a count), then 16-bit places of its nodes; nodes fill the page's
 * end.  Page 0 and 1 are metas, of which the newer counts.  A meta has two
 * trees: of free pages, and of the named tables, whose records hold the tables'
 * trees.
 */
struct pages;

struct pages_tree {
	guint32 pad;
	guint16 flags, depth;
	size_t branches, leaves, overflows, entries, root;
};

struct pages_meta {
	guint32 magic, version;
	size_t address, map_bytes;
	struct pages_tree free, main;
	size_t last, txnid;
};

enum pages_kind { PAGES_BRANCH = 1, PAGES_LEAF = 2 };
#define PAGES_NONE ((size_t)-1) /* the root of an empty tree */
#define PAGES_DEPTH_MOST 32     /* CURSOR_STACK of mdb.c */
#define PAGES_INTEGER_KEYS 0x08 /* MDB_INTEGERKEY */

/* A record of a leaf, or a child of a branch. */
struct pages_node {
	const guint8 *key;
	const guint8 *data; /* of a leaf, unless it is far */
	guint32 length;     /* of the data */
	guint16 key_length;
	gboolean far;  /* the data stands in pages of its own, from `child` */
	gboolean tree; /* the data is a struct pages_tree */
	size_t child;
};

/* Opens FOLDER/data.mdb and finds its metas.  NOTFOUND when there is none or it
 * is empty, BAD when no meta is whole; IO, also when it is of another data
 * version: that one is not damaged. */
struct pages *pages_open(
    const char *folder, enum check_unread unread, GError **error);
/* Accepts NULL inside. */
void pages_close(struct pages **pages);
/* The newer meta; *whole_r: the other one is a meta too (LMDB opens no file
 * without). */
void pages_newest(
    const struct pages *pages, struct pages_meta *meta_r, gboolean *whole_r);
/* The one before it, of which every page still stands: LMDB lets nothing be
 * written over that the last commit has freed.  FALSE when it is none. */
gboolean pages_older(const struct pages *pages, struct pages_meta *meta_r);
/* The errno of the last read that failed, or 0: what came of it may be no
 * damage. */
int pages_failed(const struct pages *pages);
/* Bytes of a page. */
gsize pages_size(const struct pages *pages);

/*
 * Reads page `number` into `page` (pages_size bytes) and looks at all of it but
 * the order of its keys.  NULL, or what is wrong (static).  *kind_r and *n_r:
 * what it is, and how many nodes it has.
 */
const char *pages_read(struct pages *pages, size_t number, guint8 *page,
    enum pages_kind *kind_r, guint *n_r);
/* Node `i` of a page that pages_read found nothing wrong in. */
void pages_node(const guint8 *page, guint i, struct pages_node *node_r);

/* Reads the bytes of a far record, which begins at page `number`; they are
 * appended.  *pages_r: how many pages it has, at times more than it needs.
 * NULL, or what is wrong. */
const char *pages_read_far(struct pages *pages, size_t number, guint32 length,
    GByteArray *bytes, size_t *pages_r);

#endif
