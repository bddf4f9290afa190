/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_FILTER_H
#define DESKGATE_LIB_BASE_FILTER_H

#include <glib.h>

/* Bytes of input at most: what a socket takes at once. */
#define FILTER_INPUT_MOST ((gsize)32 << 10)

/*
 * Runs a program of the administrator's, without a shell: argv[0] is its whole
 * path, NULL ends the words; `input` is its standard input, what it writes to
 * standard output is the answer, standard error is ours.  It is killed after
 * `seconds`.
 *
 * NULL: IO when it cannot be run, ends with another status than 0 or writes
 * more than `most` bytes; AGAIN when the time is over.  Thread-safe.
 */
GBytes *filter_run(const char *const *argv, GBytes *input, gsize most,
    guint seconds, GError **error);

#endif
