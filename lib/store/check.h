/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_STORE_CHECK_H
#define DESKGATE_LIB_STORE_CHECK_H

#include <glib.h>

/*
 * Whether a store's file is whole, and what can be had of one that is not.
 *
 * LMDB keeps no checksums: it maps the file and follows what it finds, so a
 * damaged page ends a program that opens it, or makes it write over what is
 * in use.  Here each page is read (pages.h) and looked at: its bounds, its
 * records, the order of keys, what the trees say of themselves, and that no
 * page is used twice, or used and free.  What is found sound LMDB reads and
 * writes without harm.  Not seen is a changed byte within a value: whoever
 * knows the records looks at those.
 */
#define CHECK_SHOWN 10

struct check_report {
	guint64 pages;   /* in use */
	guint64 records; /* that can be read */
	guint64 faults;
	GPtrArray *shown; /* char *: the first CHECK_SHOWN of them */
};
/* Frees what it holds. */
void check_report_clear(struct check_report *report);

/* What it means that a read fails (EIO, ...).  Its reason may pass, so nothing
 * is said of the store: IO; or, where a person has said so, what cannot be read
 * is damaged.  That a file ends too early is damage always. */
enum check_unread { CHECK_UNREAD_FAILS, CHECK_UNREAD_LOST };

/*
 * Looks at FOLDER/data.mdb, which may be open and written meanwhile as long as
 * a transaction that was begun before is open.  TRUE with what was found;
 * FALSE with NOTFOUND when there is no store, IO when it cannot be read, or is
 * of another format of LMDB, which is no damage and nothing here mends.
 * Reads the whole file once: a second for some hundred megabytes.
 */
gboolean check_store(const char *folder, enum check_unread unread,
    struct check_report *report_r, GError **error);

/*
 * Puts in the place of a store that nobody has open one with all records that
 * can be read.  What stood there is first kept as ASIDE/name (a folder on
 * the same file system), never removed; where that name is taken, with a
 * number behind it.  The report is of what was there, its `records` are those
 * that were saved.  A crash leaves the one
 * or the other.  FULL, IO: nothing has changed.
 */
gboolean check_mend(const char *folder, const char *aside, const char *name,
    enum check_unread unread, struct check_report *report_r, GError **error);

/* Keeps FOLDER/data.mdb as ASIDE/name, as above, and leaves no store. */
gboolean check_set_aside(
    const char *folder, const char *aside, const char *name, GError **error);

#endif
