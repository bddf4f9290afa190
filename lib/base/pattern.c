/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Regular expressions by PCRE2.
 *
 * The JIT knows the limit of steps, but not that of depth: it has a stack of
 * its own, of fixed size, and gives up when that is full.  Then the match is
 * done again by the interpreter, whose limits decide.
 */
#include "lib/base/pattern.h"

#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "lib/base/err.h"

/* PCRE2's messages are at most 256 bytes, says pcre2_get_error_message(3). */
#define MESSAGE_SIZE 256

struct pattern {
	pcre2_code *code;
	pcre2_match_context *limits;
};

static guint32
compile_options(guint flags)
{
	guint32 options = PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF |
			  PCRE2_NEVER_BACKSLASH_C;

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
	return limits;
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

enum pattern_answer
pattern_match(const struct pattern *pattern, const char *text, gsize length,
    struct pattern_hit *hit_r)
{
	pcre2_match_data *data =
	    pcre2_match_data_create_from_pattern(pattern->code, NULL);
	int groups;

	g_assert(data != NULL); /* out of memory */
	groups = pcre2_match(pattern->code, (PCRE2_SPTR)text, length, 0, 0,
	    data, pattern->limits);
	if (groups == PCRE2_ERROR_JIT_STACKLIMIT)
		groups = pcre2_match(pattern->code, (PCRE2_SPTR)text, length, 0,
		    PCRE2_NO_JIT, data, pattern->limits);
	if (groups > 0 && hit_r != NULL)
		fill_hit(data, groups, hit_r);
	pcre2_match_data_free(data);
	if (groups == PCRE2_ERROR_NOMATCH)
		return PATTERN_NO;
	return groups > 0 ? PATTERN_YES : PATTERN_LIMIT;
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
