/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Regular expressions by PCRE2.
 *
 * The JIT knows the limit of steps, but not that of depth: it has a stack of
 * its own, of fixed size, and gives up when that is full.  It begins with the
 * 32 KB that PCRE2 takes from the thread's; then it gets one of 1 MB; then the
 * match is done again by the interpreter, whose limits decide.
 *
 * PCRE2 counts steps anew for each place where a match may begin, and knows no
 * time.  So text is looked at in pieces of such places (offset limit), what
 * stands before and behind them being in sight, and the clock between.
 */
#include "lib/base/pattern.h"

#include <string.h>
#include <time.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "lib/base/err.h"

/* PCRE2's messages are at most 256 bytes, says pcre2_get_error_message(3). */
#define MESSAGE_SIZE 256
/* Bytes of the JIT's stack, as it begins and grows. */
#define STACK_LEAST (32 << 10)
#define STACK_MOST (1 << 20)
/* Places of a piece: with PATTERN_MATCH_LIMIT steps from each, the most takes a
 * fraction of a second, and the least costs short text nothing.  A piece that
 * took less than PIECE_QUICK microseconds makes the next one larger. */
#define PIECE_LEAST ((gsize)32)
#define PIECE_MOST ((gsize)1024)
#define PIECE_QUICK 500

struct pattern {
	pcre2_code *code;
	pcre2_match_context *limits;
};

static guint32
compile_options(guint flags)
{
	guint32 options = PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF |
			  PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT;

	if (flags & PATTERN_CASELESS)
		options |= PCRE2_CASELESS;
	if (flags & PATTERN_LINES)
		options |= PCRE2_MULTILINE;
	return options;
}

/* pcre2_compile counts bytes; a person counts characters from 1. */
static gboolean
fail_compile(const char *text, int number, gsize offset, GError **error)
{
	char message[MESSAGE_SIZE];

	pcre2_get_error_message(number, (PCRE2_UCHAR *)message, sizeof message);
	return err_set(error, DG_ERROR_BAD, "%s, at character %ld of '%s'",
	    message, g_utf8_strlen(text, (gssize)offset) + 1, text);
}

static pcre2_match_context *
make_limits(const struct pattern_how *how)
{
	pcre2_match_context *limits = pcre2_match_context_create(NULL);

	g_assert(limits != NULL); /* out of memory */
	pcre2_set_match_limit(limits,
	    how->match_limit > 0 ? how->match_limit : PATTERN_MATCH_LIMIT);
	pcre2_set_depth_limit(limits,
	    how->depth_limit > 0 ? how->depth_limit : PATTERN_DEPTH_LIMIT);
	pcre2_set_heap_limit(limits, PATTERN_HEAP_KB);
	return limits;
}

/* \G would hold at the beginning of every piece. */
static gboolean
has_piece_start(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\\' && *++text == 'G')
			return TRUE;
		if (*text == '\0')
			break;
	}
	return FALSE;
}

struct pattern *
pattern_compile(const char *text, const struct pattern_how *how, GError **error)
{
	static const struct pattern_how usual = { 0 };
	struct pattern *pattern;
	pcre2_code *code;
	int number;
	PCRE2_SIZE offset;

	if (strlen(text) > PATTERN_LONGEST) {
		err_set(error, DG_ERROR_BAD,
		    "the pattern is longer than %d bytes", PATTERN_LONGEST);
		return NULL;
	}
	if (!g_utf8_validate(text, -1, NULL)) {
		err_set(error, DG_ERROR_BAD, "the pattern is not UTF-8");
		return NULL;
	}
	if (has_piece_start(text)) {
		err_set(error, DG_ERROR_BAD, "a pattern has no \\G here: '%s'",
		    text);
		return NULL;
	}
	if (how == NULL)
		how = &usual;
	code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
	    compile_options(how->flags), &number, &offset, NULL);
	if (code == NULL) {
		fail_compile(text, number, offset, error);
		return NULL;
	}
	pattern = g_new0(struct pattern, 1);
	pattern->code = code;
	pattern->limits = make_limits(how);
	/* Where no machine code may be made, it is interpreted. */
	(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	return pattern;
}

void
pattern_free(struct pattern **pattern)
{
	if (*pattern == NULL)
		return;
	pcre2_match_context_free((*pattern)->limits);
	pcre2_code_free((*pattern)->code);
	g_clear_pointer(pattern, g_free);
}

static void
fill_hit(pcre2_match_data *data, int groups, struct pattern_hit *hit)
{
	const PCRE2_SIZE *ovector = pcre2_get_ovector_pointer(data);

	hit->count = MIN((guint)groups, PATTERN_GROUPS);
	for (gsize i = 0; i < hit->count; i++) {
		gboolean unset = ovector[2 * i] == PCRE2_UNSET;

		hit->spans[i].start = unset ? G_MAXSIZE : ovector[2 * i];
		hit->spans[i].end = unset ? G_MAXSIZE : ovector[2 * i + 1];
		/* \K in a lookahead can put the start behind the end. */
		if (hit->spans[i].start > hit->spans[i].end)
			hit->spans[i].start = hit->spans[i].end;
	}
}

/* --- time --- */

static gint64
processor_time(void)
{
	struct timespec now;

	g_assert_cmpint(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now), ==, 0);
	return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

void
pattern_time_begin(struct pattern_time *time, gint64 microseconds)
{
	time->until = processor_time() + microseconds;
	time->asked_again = g_get_monotonic_time() + microseconds;
}

/* No thread gets more processor time than time goes by, and the monotonic clock
 * costs no system call. */
gboolean
pattern_time_over(struct pattern_time *time)
{
	gint64 now = g_get_monotonic_time();
	gint64 left;

	if (now < time->asked_again)
		return FALSE;
	left = time->until - processor_time();
	time->asked_again = now + MAX(left, 0);
	return left <= 0;
}

/* --- matching --- */

struct search {
	const struct pattern *pattern;
	const char *text;
	gsize length;
	guint32 options;
	pcre2_match_data *data;
	pcre2_match_context *limits;
};

/* With a stack of our own, then without machine code. */
static int
try_harder(const struct search *search, gsize start)
{
	pcre2_match_context *limits = pcre2_match_context_copy(search->limits);
	pcre2_jit_stack *stack =
	    pcre2_jit_stack_create(STACK_LEAST, STACK_MOST, NULL);
	int groups;

	g_assert(limits != NULL && stack != NULL); /* out of memory */
	pcre2_jit_stack_assign(limits, NULL, stack);
	groups = pcre2_match(search->pattern->code, (PCRE2_SPTR)search->text,
	    search->length, start, search->options, search->data, limits);
	if (groups == PCRE2_ERROR_JIT_STACKLIMIT)
		groups = pcre2_match(search->pattern->code,
		    (PCRE2_SPTR)search->text, search->length, start,
		    search->options | PCRE2_NO_JIT, search->data, limits);
	pcre2_match_context_free(limits);
	pcre2_jit_stack_free(stack);
	return groups;
}

/* A match that begins at a place from `start` to before `end`. */
static int
match_piece(const struct search *search, gsize start, gsize end)
{
	int groups;

	/* The end of the text is a place too. */
	pcre2_set_offset_limit(
	    search->limits, end >= search->length ? search->length : end - 1);
	groups = pcre2_match(search->pattern->code, (PCRE2_SPTR)search->text,
	    search->length, start, search->options, search->data,
	    search->limits);
	return groups == PCRE2_ERROR_JIT_STACKLIMIT ? try_harder(search, start)
						    : groups;
}

/* Not within a character; broken ones have no places. */
static gsize
piece_end(const struct search *search, gsize end)
{
	while (end < search->length && (search->text[end] & 0xc0) == 0x80)
		end++;
	return MIN(end, search->length);
}

static int
match_pieces(const struct search *search, struct pattern_time *time)
{
	gsize size = PIECE_LEAST;
	gsize start = 0;

	do {
		gint64 began = g_get_monotonic_time();
		gsize end = piece_end(search, start + size);
		int groups;

		if (pattern_time_over(time))
			return PCRE2_ERROR_MATCHLIMIT;
		groups = match_piece(search, start, end);
		if (groups != PCRE2_ERROR_NOMATCH)
			return groups;
		size = g_get_monotonic_time() - began < PIECE_QUICK
			   ? MIN(2 * size, PIECE_MOST)
			   : MAX(size / 2, PIECE_LEAST);
		start = end;
	} while (start < search->length);
	return PCRE2_ERROR_NOMATCH;
}

enum pattern_answer
pattern_match_within(const struct pattern *pattern, const char *text,
    gsize length, struct pattern_time *time, struct pattern_hit *hit_r)
{
	gboolean cut = length > PATTERN_TEXT_MOST;
	struct search search = { .pattern = pattern,
		.text = text,
		.length = MIN(length, PATTERN_TEXT_MOST),
		.options = cut ? PCRE2_NOTEOL : 0 };
	int groups;

	search.data = pcre2_match_data_create_from_pattern(pattern->code, NULL);
	search.limits = pcre2_match_context_copy(pattern->limits);
	g_assert(search.data != NULL && search.limits != NULL); /* no memory */
	groups = match_pieces(&search, time);
	if (groups > 0 && hit_r != NULL)
		fill_hit(search.data, groups, hit_r);
	pcre2_match_context_free(search.limits);
	pcre2_match_data_free(search.data);
	if (groups == PCRE2_ERROR_NOMATCH && !cut)
		return PATTERN_NO;
	return groups > 0 ? PATTERN_YES : PATTERN_LIMIT;
}

enum pattern_answer
pattern_match(const struct pattern *pattern, const char *text, gsize length,
    struct pattern_hit *hit_r)
{
	struct pattern_time time;

	pattern_time_begin(&time, PATTERN_TIME_MOST);
	return pattern_match_within(pattern, text, length, &time, hit_r);
}

guint
pattern_groups(const struct pattern *pattern)
{
	guint32 groups = 0;

	pcre2_pattern_info(pattern->code, PCRE2_INFO_CAPTURECOUNT, &groups);
	return groups;
}

char *
pattern_hit_copy(const struct pattern_hit *hit, const char *text, guint group)
{
	const struct pattern_span *span;

	if (group >= hit->count)
		return NULL;
	span = &hit->spans[group];
	if (span->start == G_MAXSIZE)
		return NULL;
	return g_strndup(text + span->start, span->end - span->start);
}
