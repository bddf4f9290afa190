/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of a model as text.  Nothing is guessed: a line is exactly what we
 * would have written, or wrong.
 */
#include <string.h>

#include "classifier/exchange_private.h"
#include "classifier/features.h"
#include "lib/base/err.h"

#define DIGEST_DIGITS 16

void
exchange_lines_init(
    struct exchange_lines *lines, const char *text, gsize length)
{
	*lines = (struct exchange_lines){ text, text + length, 0,
		g_string_new(NULL) };
}

void
exchange_lines_fini(struct exchange_lines *lines)
{
	g_string_free(lines->line, TRUE);
}

gboolean
exchange_lines_next(struct exchange_lines *lines)
{
	gsize left = lines->end - lines->at;
	const char *end = left > 0 ? memchr(lines->at, '\n', left) : NULL;

	/* Behind a NUL nobody would look. */
	if (end == NULL || memchr(lines->at, '\0', end - lines->at) != NULL)
		return FALSE;
	g_string_truncate(lines->line, 0);
	g_string_append_len(lines->line, lines->at, end - lines->at);
	lines->at = end + 1;
	lines->number++;
	return TRUE;
}

gboolean
exchange_lines_fault(
    const struct exchange_lines *lines, const char *text, GError **error)
{
	return err_set(error, DG_ERROR_BAD, "line %u: %s", lines->number, text);
}

/* Over the blank between two words; one at the line's end is no such. */
static void
step_over(const char **at)
{
	if (**at == ' ' && (*at)[1] != '\0')
		(*at)++;
}

/* Steps over `word` and the blank behind it (none at the line's end). */
static gboolean
take_word(const char **at, const char *word)
{
	gsize length = strlen(word);

	if (strncmp(*at, word, length) != 0 ||
	    ((*at)[length] != ' ' && (*at)[length] != '\0'))
		return FALSE;
	*at += length;
	step_over(at);
	return TRUE;
}

/* A decimal number and the blank behind it. */
static gboolean
take_number(const char **at, guint64 most, guint64 *number_r)
{
	const char *start = *at;
	guint64 number = 0;

	for (; g_ascii_isdigit(**at); (*at)++) {
		guint digit = **at - '0';

		if (number > (most - digit) / 10)
			return FALSE;
		number = number * 10 + digit;
	}
	/* No sign, no zeros in front. */
	if (*at == start || (*start == '0' && *at > start + 1) ||
	    (**at != ' ' && **at != '\0'))
		return FALSE;
	step_over(at);
	*number_r = number;
	return TRUE;
}

static gboolean
take_count(const char **at, guint32 *number_r)
{
	guint64 number;

	if (!take_number(at, G_MAXUINT32, &number))
		return FALSE;
	*number_r = number;
	return TRUE;
}

static gboolean
take_digest(const char **at, guint64 *digest_r)
{
	guint64 digest = 0;

	for (guint i = 0; i < DIGEST_DIGITS; i++) {
		char digit = (*at)[i];

		if (!g_ascii_isxdigit(digit) || g_ascii_isupper(digit))
			return FALSE;
		digest = digest << 4 | g_ascii_xdigit_value(digit);
	}
	*at += DIGEST_DIGITS;
	if (**at != ' ' && **at != '\0')
		return FALSE;
	step_over(at);
	*digest_r = digest;
	return TRUE;
}

/* An ident, or "-" for none. */
static gboolean
take_ident(const char **at, struct ident *ident_r)
{
	char text[IDENT_TEXT];

	*ident_r = (struct ident){ 0 };
	if (take_word(at, "-"))
		return TRUE;
	g_strlcpy(text, *at, sizeof(text));
	return ident_parse(text, ident_r) && take_word(at, text);
}

static gboolean
take_totals(const char **at, struct table_totals *totals_r)
{
	return take_count(at, &totals_r->spam) &&
	       take_count(at, &totals_r->ham) &&
	       take_count(at, &totals_r->label_spam) &&
	       take_count(at, &totals_r->label_ham) &&
	       MAX(totals_r->spam, totals_r->ham) <= MODEL_TOTAL_MOST &&
	       MAX(totals_r->label_spam, totals_r->label_ham) <=
		   MODEL_TOTAL_MOST;
}

/* Reads the next line, which begins with this word. */
static gboolean
expect(struct exchange_lines *lines, const char *word, const char **at_r)
{
	if (!exchange_lines_next(lines))
		return FALSE;
	*at_r = lines->line->str;
	return take_word(at_r, word);
}

static gboolean
parse_versions(
    struct exchange_lines *lines, struct exchange_head *head_r, GError **error)
{
	const char *at;
	guint32 format;

	if (!expect(lines, "deskgate-model", &at) || !take_count(&at, &format))
		return exchange_lines_fault(
		    lines, "this is no model of Deskgate's", error);
	if (format != 1)
		return exchange_lines_fault(lines,
		    "the model is of another format than this program reads",
		    error);
	if (!expect(lines, "features", &at) ||
	    !take_count(&at, &head_r->features))
		return exchange_lines_fault(
		    lines, "\"features\" is missing", error);
	if (head_r->features != FEATURES_VERSION)
		return err_set(error, DG_ERROR_BAD,
		    "the model's features are of version %u, this program's of "
		    "version %d",
		    head_r->features, FEATURES_VERSION);
	return TRUE;
}

gboolean
exchange_parse_head(
    struct exchange_lines *lines, struct exchange_head *head_r, GError **error)
{
	const char *at;

	if (!parse_versions(lines, head_r, error))
		return FALSE;
	if (!expect(lines, "key", &at) || strlen(at) != (gsize)IDENT_TEXT - 1 ||
	    !ident_parse(at, &head_r->key))
		return exchange_lines_fault(lines, "\"key\" is missing", error);
	if (!expect(lines, "kind", &at) ||
	    (strcmp(at, "counts") != 0 && strcmp(at, "lessons") != 0))
		return exchange_lines_fault(lines,
		    "\"kind counts\" or \"kind lessons\" is missing", error);
	head_r->lessons = *at == 'l';
	if (!expect(lines, "totals", &at) ||
	    !take_totals(&at, &head_r->totals) || *at != '\0')
		return exchange_lines_fault(
		    lines, "\"totals\" is missing", error);
	return TRUE;
}

gboolean
exchange_parse_count(const char *line, struct import_row *row_r)
{
	return take_digest(&line, &row_r->digest) &&
	       take_count(&line, &row_r->spam) &&
	       take_count(&line, &row_r->ham) && *line == '\0';
}

gboolean
exchange_parse_source(const char *line, struct model_source *source_r)
{
	g_auto(GStrv) words = NULL;

	*source_r = (struct model_source){ 0 };
	if (!take_word(&line, "source"))
		return FALSE;
	words = g_strsplit(line, " ", 3);
	if (g_strv_length(words) != 3 || !import_is_name(words[0]) ||
	    (strcmp(words[1], "starter") != 0 &&
		strcmp(words[1], "import") != 0))
		return FALSE;
	g_strlcpy(source_r->name, words[0], sizeof(source_r->name));
	source_r->starter = *words[1] == 's';
	line = words[2];
	return take_totals(&line, &source_r->totals) &&
	       take_count(&line, &source_r->left) && *line == '\0';
}

static gboolean
take_class(const char **at, guint32 *class_r)
{
	gboolean spam = take_word(at, "spam");

	*class_r = spam ? VERDICT_SPAM : VERDICT_HAM;
	return spam || take_word(at, "ham");
}

gboolean
exchange_parse_lesson(
    const char *line, struct ident *ident_r, struct model_lesson *lesson_r)
{
	guint64 taught;

	*lesson_r = (struct model_lesson){ 0 };
	if (!take_word(&line, "lesson") || !take_ident(&line, ident_r) ||
	    ident_is_zero(ident_r) || !take_class(&line, &lesson_r->class))
		return FALSE;
	lesson_r->trained = take_word(&line, "trained");
	if (!lesson_r->trained && !take_word(&line, "noted"))
		return FALSE;
	if (!take_number(&line, G_MAXINT64, &taught))
		return FALSE;
	lesson_r->taught = (gint64)taught;
	for (guint i = 0; i < MODEL_PEOPLE; i++) {
		if (!take_ident(&line, &lesson_r->people[i]))
			return FALSE;
	}
	if (!take_ident(&line, &lesson_r->id) ||
	    !take_count(&line, &lesson_r->n) || lesson_r->n > FEATURES_MAX)
		return FALSE;
	if (strcmp(line, "-") == 0)
		line = "";
	return g_strlcpy(lesson_r->actor, line, sizeof(lesson_r->actor)) <
	       sizeof(lesson_r->actor);
}

gboolean
exchange_parse_digests(const char *line, guint n, guint64 *digests)
{
	for (guint i = 0; i < n; i++) {
		if (!take_digest(&line, &digests[i]) ||
		    (i > 0 && digests[i] <= digests[i - 1]))
			return FALSE;
	}
	return *line == '\0';
}
