/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_FILTER_SERVER_H
#define DESKGATE_LIB_BASE_FILTER_SERVER_H

#include <glib.h>

/*
 * filter_run for one who may run nothing himself (wall.h): a process of its
 * own, forked while that was still allowed, which runs one program and no
 * other.
 */
struct filter_server;

/* Bytes of an answer, and words of the program, at most. */
#define FILTER_ANSWER_MOST ((gsize)32 << 10)
#define FILTER_WORDS_MOST 32

/*
 * Forks it, so no thread may exist; it ends with its parent.  The program is
 * argv[0], with the words of argv (copied, as the process is) and one more,
 * what is asked; it may take `seconds`.  BAD for too many words.
 */
struct filter_server *filter_server_start(
    const char *const *argv, guint seconds, GError **error);
/* Ends it.  Accepts NULL. */
void filter_server_stop(struct filter_server **address);

/* As filter_run, with `word` (15 bytes at most) behind the words and `most` up
 * to FILTER_ANSWER_MOST.  AGAIN too when the process is gone.  Thread-safe: one
 * at a time. */
GBytes *filter_server_run(struct filter_server *server, const char *word,
    GBytes *input, gsize most, GError **error);

#endif
