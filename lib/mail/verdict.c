/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The verdict as a value, as words and as JSON.
 */
#include "lib/mail/verdict.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/unicode.h"

static const char *const class_words[] = { "ham", "unsure", "spam" };
static const char *const basis_words[] = { "scored", "cold", "no-model",
	"unread", "not-scored", "by-rule" };

void
verdict_init(struct verdict *verdict, enum verdict_class class,
    enum verdict_basis basis, const char *note)
{
	*verdict = (struct verdict){
		.class = class,
		.basis = basis,
		.probability = 0.5,
	};
	if (note != NULL) {
		g_autofree char *line =
		    unicode_line(note, sizeof(verdict->note) - 1);

		g_strlcpy(verdict->note, line, sizeof(verdict->note));
	}
}

gboolean
verdict_judged(const struct verdict *verdict)
{
	return verdict->basis == VERDICT_SCORED ||
	       verdict->basis == VERDICT_NOT_SCORED ||
	       verdict->basis == VERDICT_BY_RULE;
}

enum verdict_class
verdict_at(double score, double spam_score, double ham_score)
{
	if (score >= spam_score)
		return VERDICT_SPAM;
	return score <= ham_score ? VERDICT_HAM : VERDICT_UNSURE;
}

const char *verdict_word(enum verdict_class class)
{
	return class_words[class];
}

/* The index of `word` in `words`, or -1. */
static int
find_word(const char *const *words, gsize n, const char *word)
{
	for (gsize i = 0; word != NULL && i < n; i++) {
		if (strcmp(words[i], word) == 0)
			return i;
	}
	return -1;
}

gboolean
verdict_parse(const char *word, enum verdict_class *class_r)
{
	int class = find_word(class_words, G_N_ELEMENTS(class_words), word);

	if (class >= 0)
		*class_r = class;
	return class >= 0;
}

const char *
verdict_basis_word(enum verdict_basis basis)
{
	return basis_words[basis];
}

char *
verdict_brief(const struct verdict *verdict, guint count)
{
	GString *brief = g_string_new(verdict->note);

	for (guint i = 0; i < MIN(count, verdict->n_reasons); i++) {
		const struct verdict_reason *reason = &verdict->reasons[i];

		g_string_append_printf(brief, "%s%s:%s %+.1f (%u:%u)",
		    brief->len > 0 ? ", " : "", reason->part, reason->text,
		    reason->weight, reason->spam, reason->ham);
	}
	return g_string_free(brief, FALSE);
}

char *
verdict_words(const struct verdict *verdict, guint count)
{
	GString *words = g_string_new(verdict->note);

	for (guint i = 0; i < MIN(count, verdict->n_reasons); i++) {
		const struct verdict_reason *reason = &verdict->reasons[i];

		g_string_append_printf(words, "%s%s: %s (%u spam, %u ham)",
		    words->len > 0 ? "; " : "", reason->part, reason->text,
		    reason->spam, reason->ham);
	}
	return g_string_free(words, FALSE);
}

json_t *
verdict_to_json(const struct verdict *verdict)
{
	json_t *reasons = json_array();

	for (guint i = 0; i < verdict->n_reasons; i++) {
		const struct verdict_reason *reason = &verdict->reasons[i];

		json_array_append_new(reasons,
		    json_pack("{s:s, s:s, s:f, s:I, s:I}", "part", reason->part,
			"text", reason->text, "weight", reason->weight, "spam",
			(json_int_t)reason->spam, "ham",
			(json_int_t)reason->ham));
	}
	return json_pack("{s:s, s:s, s:f, s:f, s:f, s:s, s:o}", "class",
	    verdict_word(verdict->class), "basis",
	    verdict_basis_word(verdict->basis), "margin", verdict->margin,
	    "score", verdict->score, "probability", verdict->probability,
	    "note", verdict->note, "reasons", reasons);
}

static void
copy_text(char *out, gsize room, const json_t *text)
{
	const char *value = json_string_value(text);
	g_autofree char *line =
	    unicode_line(value != NULL ? value : "", room - 1);

	g_strlcpy(out, line, room);
}

static void
read_reasons(const json_t *array, struct verdict *verdict)
{
	size_t i;
	json_t *item;

	json_array_foreach((json_t *)array, i, item)
	{
		struct verdict_reason *reason;

		if (i >= VERDICT_REASONS)
			break;
		reason = &verdict->reasons[verdict->n_reasons++];
		copy_text(reason->part, sizeof(reason->part),
		    json_object_get(item, "part"));
		copy_text(reason->text, sizeof(reason->text),
		    json_object_get(item, "text"));
		reason->weight =
		    json_number_value(json_object_get(item, "weight"));
		reason->spam =
		    json_integer_value(json_object_get(item, "spam"));
		reason->ham = json_integer_value(json_object_get(item, "ham"));
	}
}

gboolean
verdict_from_json(
    const json_t *object, struct verdict *verdict_r, GError **error)
{
	enum verdict_class class;
	int basis = find_word(basis_words, G_N_ELEMENTS(basis_words),
	    json_string_value(json_object_get(object, "basis")));

	if (basis < 0 ||
	    !verdict_parse(
		json_string_value(json_object_get(object, "class")), &class))
		return err_set(error, DG_ERROR_BAD,
		    "a verdict needs a known class and basis");
	verdict_init(verdict_r, class, basis, NULL);
	verdict_r->margin =
	    json_number_value(json_object_get(object, "margin"));
	verdict_r->score = json_number_value(json_object_get(object, "score"));
	verdict_r->probability =
	    json_number_value(json_object_get(object, "probability"));
	copy_text(verdict_r->note, sizeof(verdict_r->note),
	    json_object_get(object, "note"));
	read_reasons(json_object_get(object, "reasons"), verdict_r);
	return TRUE;
}
