/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_WORKER_H
#define DESKGATE_LIB_BASE_WORKER_H

#include <glib.h>
#include <sys/types.h>

/*
 * Jailed readers.  Whatever parses mail runs in a child that has no network, no
 * token, no writes and no database, and limits on time, memory and output.
 *
 * worker_pool_start() forks a single-threaded fork server; it must be called
 * by a program's main before any thread exists (so before smfi_main) and before
 * LMDB is opened.  Readers are forked from the fork server and stand: each
 * takes one call after the other.  A call hands over descriptors of memory
 * files (the message, the score table) and a small request, and brings back a
 * small record and, where the job makes them, memory files.
 *
 * A reader that dies, or outlasts its time or memory, is killed and the call is
 * tried once more in a new reader; then the call fails with BAD ("unread") and
 * the caller goes on without the answer.  AGAIN means that no reader could be
 * had, which says nothing about the message.
 */
#define WORKER_MAX_FDS 64

struct worker_call {
	const guint8 *request; /* the caller's request bytes */
	gsize request_length;
	const int *fds; /* by convention fds[0] is the message */
	guint n_fds;    /* in the job: closed afterwards by the worker */
};

struct worker_answer {
	GByteArray *record;      /* at most limits.record_bytes; starts empty */
	int fds[WORKER_MAX_FDS]; /* memory files to hand back */
	guint n_fds;
};

/*
 * A job.  Runs inside the jail: only memory, memfd_create and the descriptors
 * it was given.  On FALSE the error's code and message travel to the caller.
 * `context` is what worker_pool_start was given, as it was when the fork server
 * began; a reader may keep caches in it.
 */
struct worker_job {
	const char *name;
	gboolean (*run)(void *context, const struct worker_call *call,
	    struct worker_answer *answer, GError **error);
};

struct worker_limits {
	guint readers; /* standing readers at most, 1 to 64 */
	guint wall_ms; /* for one call, 10 to 600000 */
	/* RLIMIT_DATA above what a fresh reader has; in sanitizer builds the
	 * RSS is watched from outside. */
	gsize memory_bytes;
	gsize record_bytes; /* the largest record */
	gsize file_bytes;   /* the sum of memory files handed back */
	guint calls; /* a reader is renewed after so many calls; 0 never */
};

struct worker_pool;

/*
 * Starts the fork server.  `prepare` runs in it once, before any reader and
 * before the jail closes: open converters, databases, load code.  `jobs` ends
 * with a NULL name.  Readers die with the pool's process.
 */
struct worker_pool *worker_pool_start(const struct worker_job *jobs,
    void *context, void (*prepare)(void *context),
    const struct worker_limits *limits, GError **error);

/* FALSE when the fork server is gone: the program ends, to be started anew. */
gboolean worker_pool_alive(struct worker_pool *pool);

/* Ends readers and fork server.  No call may be running. */
void worker_pool_free(struct worker_pool **address);

struct worker_reply {
	GByteArray *record;
	int fds[WORKER_MAX_FDS];
	guint n_fds;
};

/*
 * Runs one job; thread-safe, waits for a free reader.  The caller keeps the
 * descriptors of its `call`.  `wall_ms` of 0 is the pool's limit; above 0 the
 * wait for a free reader takes at most as long, too, and ends with AGAIN.  On
 * TRUE *reply_r is filled and is the caller's to clear; on FALSE it is empty.
 */
gboolean worker_pool_run(struct worker_pool *pool, const char *job,
    const struct worker_call *call, guint wall_ms, struct worker_reply *reply_r,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Closes the descriptors and frees the record. */
void worker_reply_clear(struct worker_reply *reply);

/* The process ids of the readers that stand now, for tests and `stats`. */
guint worker_pool_readers(struct worker_pool *pool, pid_t *pids_r, guint max);

#endif
