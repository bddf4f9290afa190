/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_PATTERN_H
#define DESKGATE_LIB_BASE_PATTERN_H

#include <glib.h>

/*
 * Regular expressions that people write and strangers' text meets (PCRE2 in
 * pattern.c alone; the syntax is pcre2pattern(3)).
 *
 * Patterns and text are UTF-8; `\w`, `\d`, `\b` and case go by Unicode.  Bytes
 * that are no UTF-8 match nothing and stop nothing.  `\C` is refused, and `\G`,
 * since text is looked at in pieces.
 *
 * A pattern such as (a+)+b takes for ever on the wrong text, so each match has
 * limits: of backtracking steps from one place of the text, of the memory that
 * nested backtracking takes, of the text that is looked at, and of processor
 * time.  Where one is met the answer is PATTERN_LIMIT, which is neither yes nor
 * no: the caller says what it does then, and tells a person.
 *
 * Compiling makes machine code where the machine allows it (JIT); where it does
 * not, in a jail for one, patterns are interpreted and answer the same. Compile
 * before the jail closes.
 *
 * A compiled pattern does not change: any number of threads may match it.
 */

/* Steps from one place: 2 ms for (a+)+$, where PCRE2's own ten millions take
 * 140. */
#define PATTERN_MATCH_LIMIT 100000
/* Nested backtracking points, each some hundred bytes of heap. */
#define PATTERN_DEPTH_LIMIT 100000
/* Kilobytes of heap for one match; beside it the JIT's stack of 1 MB. */
#define PATTERN_HEAP_KB 20000
/* Bytes of text that are looked at; in longer text a match in these is a match,
 * and none is no "no" but a limit. */
#define PATTERN_TEXT_MOST ((gsize)256 << 10)
/* Microseconds of this thread's processor time for one pattern_match. */
#define PATTERN_TIME_MOST ((gint64)200 * 1000)
/* A pattern longer than this many bytes is written by no person. */
#define PATTERN_LONGEST 8192
/* Groups whose place is told, the whole match (group 0) among them. */
#define PATTERN_GROUPS 10

enum pattern_flag {
	PATTERN_CASELESS = 1 << 0, /* (?-i) in the pattern takes it back */
	PATTERN_LINES = 1 << 1     /* ^ and $ match at every line */
};

/* How a pattern is compiled; 0 in a limit: the one above. */
struct pattern_how {
	guint flags; /* of enum pattern_flag */
	guint32 match_limit, depth_limit;
};

enum pattern_answer { PATTERN_NO, PATTERN_YES, PATTERN_LIMIT };

/* Where a group matched, as bytes from the text's start; a group that took no
 * part has start = end = G_MAXSIZE. */
struct pattern_span {
	gsize start, end;
};

/* A match: spans[0] is all of it. */
struct pattern_hit {
	guint count; /* groups told, at least 1 */
	struct pattern_span spans[PATTERN_GROUPS];
};

struct pattern;

/*
 * Compiles `text`; `how` may be NULL: no flags, the usual limits.  NULL and BAD
 * for what is no pattern, with the character it is wrong at; the caller adds
 * file and line (conf_add_fault).
 */
struct pattern *pattern_compile(const char *text, const struct pattern_how *how,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Frees it and leaves NULL; NULL is nothing to do. */
void pattern_free(struct pattern **pattern);

/*
 * Time that several matches share, by one thread.  It is processor time, so
 * that a busy machine decides nothing; it is looked at often enough that a
 * match goes over it by some ten milliseconds.
 */
struct pattern_time {
	gint64 until;       /* of the thread's processor time */
	gint64 asked_again; /* monotonic: no need to ask before */
};
/* From now, `microseconds` of it. */
void pattern_time_begin(struct pattern_time *time, gint64 microseconds);
/* Whether it is used up. */
gboolean pattern_time_over(struct pattern_time *time);

/* Looks for the first match in `length` bytes of `text`; `hit_r`, filled for
 * PATTERN_YES, may be NULL. */
enum pattern_answer pattern_match(const struct pattern *pattern,
    const char *text, gsize length, struct pattern_hit *hit_r);
/* The same with time of its own: PATTERN_LIMIT when it is over. */
enum pattern_answer pattern_match_within(const struct pattern *pattern,
    const char *text, gsize length, struct pattern_time *time,
    struct pattern_hit *hit_r);

/* How many groups (...) the pattern has. */
guint pattern_groups(const struct pattern *pattern);

/* A copy of what group `group` matched of `text`, NULL when it took no part;
 * the caller frees it. */
char *pattern_hit_copy(
    const struct pattern_hit *hit, const char *text, guint group);

#endif
