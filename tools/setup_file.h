/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_SETUP_FILE_H
#define DESKGATE_TOOLS_SETUP_FILE_H

#include <glib.h>

/*
 * Files of an MTA's settings, and the record of what they were, so that a
 * change can be taken back byte for byte.  The record is one file below the
 * state, STATE/setup/MTA.json, of the user who changes the MTA (root) alone:
 * what it holds is written into the MTA's settings one day, so a record of
 * anybody else is refused.
 */
struct setup_file {
	char *path;
	GBytes *before; /* NULL: there is no such file */
	GBytes *after;  /* likewise */
};

/* Takes over what is passed. */
struct setup_file *setup_file_new(char *path, GBytes *before, GBytes *after);
/* For free functions of arrays. */
void setup_file_free(gpointer pointer);

/* The bytes of a file, *bytes_r NULL when there is none (TRUE). */
gboolean setup_file_read(const char *path, GBytes **bytes_r, GError **error);

/* Brings a file to these bytes, durably and at once, with the owner and mode it
 * has (0644 of ours when it is new); NULL removes it.  A symbolic link is
 * followed. */
gboolean setup_file_write(
    const char *path, GBytes *bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Brings all of them (struct setup_file *) to what they are after it, in this
 * order; stops at the first that fails. */
gboolean setup_file_write_all(
    const GPtrArray *files, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether both are the same bytes, or both none. */
gboolean setup_file_same(GBytes *a, GBytes *b);

/* The difference for people, as of diff -u; "" when there is none.  The caller
 * frees it; NULL with *error. */
char *setup_file_diff(
    const char *path, GBytes *from, GBytes *to, GError **error);

/* The files (struct setup_file *) of the record, of which there may be none:
 * TRUE with *files_r NULL. */
gboolean setup_record_load(
    const char *state, const char *mta, GPtrArray **files_r, GError **error);
/* Writes them durably in place of what was there. */
gboolean setup_record_save(const char *state, const char *mta,
    const GPtrArray *files, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Removes it. */
gboolean setup_record_remove(const char *state, const char *mta,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes changes into the record (made when *record is NULL): what was there
 * before the first change of a file stays what was there before. */
void setup_record_add(GPtrArray **record, const GPtrArray *files);
/* Files of the record (NULL: none) that are neither as we left them nor as they
 * were before, which is a change that was cut short: from how we left them to
 * what they are.  The caller's. */
gboolean setup_record_changed(
    const GPtrArray *record, GPtrArray **files_r, GError **error);
/* The way back: from what they are to what they were before, the last one
 * first.  The caller's. */
gboolean setup_record_back(
    const GPtrArray *record, GPtrArray **files_r, GError **error);

#endif
