/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_PROGRAM_H
#define DESKGATE_TOOLS_PROGRAM_H

#include <glib.h>

/*
 * Runs another program to its end, for the administrator's command: never from
 * a daemon, and never with a word that comes from mail.
 */

/*
 * Runs `words` (the first is looked up in PATH; in /usr/sbin and /sbin too,
 * which are not in everybody's) with nothing to read, and hands out what it
 * wrote to standard output (the caller frees it; `output_r` may be NULL).  The
 * exit code, or -1: NOTFOUND when there is no such program, IO when a signal
 * ended it.  A code other than 0 is no error here.
 */
int program_run(const char *const *words, char **output_r, GError **error);

/* The same where a code other than 0 is an error, with what the program said:
 * BAD. */
gboolean program_must(
    const char *const *words, char **output_r, GError **error);

#endif
