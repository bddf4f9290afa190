/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reasons.  The model holds digests only, so names are gathered while the
 * message is read again: each token told by the extraction is kept with its
 * digest, weighed, and the strongest are shown.  Grams (pieces of six bytes)
 * are shown as the text around them, and only in the long form, since one word
 * makes many.
 */
#include "classifier/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/features_private.h"
#include "classifier/score.h"
#include "lib/base/owned.h"
#include "lib/base/unicode.h"

#define NAMES_MOST FEATURES_ROOM
#define REASONS_MOST 200
/* Of them, those that no person can read. */
#define PIECES_MOST 100
/* Reasons of one part in a verdict. */
#define PART_MOST 3
/* Weights below this are not worth a person's time. */
#define WEIGHT_LEAST 0.2

struct name {
	guint64 digest;
	const char *part; /* static, from the extraction */
	gsize at, length; /* in the arena */
	gsize own;        /* of the length, without the lead */
	double weight;
	guint32 spam, ham;
	gboolean readable;
};

struct names {
	GArray *list;   /* struct name */
	GString *arena; /* their texts */
	gboolean all;   /* also what no person can read */
};

/* Says nothing to a person when it stands alone. */
static gboolean
is_idle(const char *text, gsize length)
{
	static const char *const idle[] = { "http", "https", "www", "com",
		"net", "org" };

	for (gsize i = 0; i < G_N_ELEMENTS(idle); i++) {
		if (strlen(idle[i]) == length &&
		    memcmp(idle[i], text, length) == 0)
			return TRUE;
	}
	for (gsize i = 0; i < length; i++) {
		if (text[i] != '-' && text[i] != '\'')
			return FALSE;
	}
	return length > 0;
}

static void
witness(void *self, guint64 digest, const struct feature_kind *kind,
    const char *text, gsize length)
{
	struct names *names = self;
	struct name name = { .digest = digest,
		.part = kind->part,
		.at = names->arena->len,
		.own = length,
		.readable = kind->lead != NULL && !is_idle(text, length) };

	if (!name.readable && !names->all)
		return;
	if (kind->lead != NULL)
		g_string_append(names->arena, kind->lead);
	g_string_append_len(names->arena, text, length);
	name.length = names->arena->len - name.at;
	g_array_append_val(names->list, name);
}

static void
names_init(struct names *names, gboolean all)
{
	names->list =
	    g_array_sized_new(FALSE, FALSE, sizeof(struct name), 2048);
	names->arena = g_string_sized_new(16384);
	names->all = all;
}

static void
names_fini(struct names *names)
{
	g_array_unref(names->list);
	g_string_free(names->arena, TRUE);
}

static int
by_digest(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	return x->digest < y->digest ? -1 : x->digest > y->digest;
}

/* What people look at first, among reasons of one weight. */
static int
rank(const char *part)
{
	static const char *const ranks[] = { "subject", "sender", "links",
		"wording", "history", "structure", "field", "route",
		"recipient" };

	for (gsize i = 0; i < G_N_ELEMENTS(ranks); i++) {
		if (strcmp(part, ranks[i]) == 0)
			return i;
	}
	return G_N_ELEMENTS(ranks);
}

static int
by_weight(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	double dx = fabs(x->weight), dy = fabs(y->weight);
	int order = rank(x->part) - rank(y->part);

	if (dx != dy)
		return dx > dy ? -1 : 1;
	/* The longer text says more: a whole address more than its domain. */
	if (order == 0)
		order = (x->own < y->own) - (x->own > y->own);
	return order != 0 ? order : by_digest(a, b);
}

/* Each digest once, weighed, strongest first; of those that the verdict is made
 * of, which are the smallest when there are too many. */
static void
weigh(struct names *names, const struct features *features,
    const struct table_reader *table)
{
	struct name *list = (struct name *)names->list->data;
	struct table_totals totals;
	struct score_ramp ramp;
	struct score_sum sum;
	guint kept = 0;

	table_totals(table, &totals);
	score_begin(
	    &(struct score_totals){ totals.spam, totals.ham }, &ramp, &sum);
	qsort(list, names->list->len, sizeof(*list), by_digest);
	for (guint i = 0; i < names->list->len; i++) {
		struct name name = list[i];

		if (name.digest > features->digests[features->n - 1])
			break;
		if (kept > 0 && list[kept - 1].digest == name.digest)
			continue;
		table_get(table, name.digest, &name.spam, &name.ham);
		if (name.spam + name.ham == 0)
			continue;
		name.weight =
		    score_feature(&ramp, name.spam, name.ham) / SCORE_UNIT;
		list[kept++] = name;
	}
	g_array_set_size(names->list, kept);
	qsort(list, kept, sizeof(*list), by_weight);
}

static char *
name_text(const struct names *names, const struct name *name, gsize most)
{
	g_autofree char *valid =
	    unicode_repair(names->arena->str + name->at, name->length);

	return unicode_line(valid, most);
}

/* `text` has `words` in it, not within another word. */
static gboolean
has_words(const char *text, const char *words)
{
	gsize length = strlen(words);

	for (const char *at = text; (at = strcasestr(at, words)) != NULL;
	     at++) {
		if ((at == text || !g_ascii_isalnum(at[-1]) ||
			!g_ascii_isalnum(*words)) &&
		    (!g_ascii_isalnum(at[length]) ||
			!g_ascii_isalnum(words[length - 1])))
			return TRUE;
	}
	return FALSE;
}

/* A reason adds nothing for a person when there are enough of its part, or when
 * one before it has its words already (the domain of an address, say). */
static gboolean
is_told(const struct verdict *verdict, const struct verdict_reason *reason)
{
	const char *words = strrchr(reason->text, ' ');
	guint same = 0;

	words = words != NULL ? words + 1 : reason->text;
	for (guint i = 0; i < verdict->n_reasons; i++) {
		const struct verdict_reason *told = &verdict->reasons[i];

		if (strcmp(told->part, reason->part) != 0)
			continue;
		if (++same >= PART_MOST || has_words(told->text, words))
			return TRUE;
	}
	return FALSE;
}

static void
fill_reasons(const struct names *names, struct verdict *verdict)
{
	for (guint i = 0;
	     i < names->list->len && verdict->n_reasons < VERDICT_REASONS;
	     i++) {
		const struct name *name =
		    &g_array_index(names->list, struct name, i);
		struct verdict_reason reason = { .weight = name->weight,
			.spam = name->spam,
			.ham = name->ham };
		g_autofree char *text = NULL;

		if (!name->readable || fabs(name->weight) < WEIGHT_LEAST)
			continue;
		text = name_text(names, name, sizeof(reason.text) - 1);
		g_strlcpy(reason.part, name->part, sizeof(reason.part));
		g_strlcpy(reason.text, text, sizeof(reason.text));
		if (*text != '\0' && !is_told(verdict, &reason))
			verdict->reasons[verdict->n_reasons++] = reason;
	}
}

void
explain_verdict(struct message *message, const struct features_rules *rules,
    const struct table_reader *table, const struct classify_settings *settings,
    struct verdict *verdict_r)
{
	struct features features OWNED(features_clear) = { 0 };
	struct names names;

	names_init(&names, FALSE);
	features_extract(message, rules, witness, &names, &features);
	classify_verdict(
	    table, settings, features.digests, features.n, verdict_r);
	if (table != NULL) {
		weigh(&names, &features, table);
		fill_reasons(&names, verdict_r);
	}
	names_fini(&names);
}

static json_t *
reason_to_json(const struct names *names, const struct name *name)
{
	g_autofree char *text = name_text(names, name, 200);

	return json_pack("{s:s, s:s, s:f, s:I, s:I}", "part", name->part,
	    "text", text, "weight", name->weight, "spam",
	    (json_int_t)name->spam, "ham", (json_int_t)name->ham);
}

/* Adds the weight to parts.PART.spam or .ham. */
static void
add_share(json_t *parts, const char *part, double weight)
{
	json_t *sums = json_object_get(parts, part);
	const char *side = weight > 0 ? "spam" : "ham";

	if (sums == NULL) {
		sums = json_pack("{s:f, s:f}", "spam", 0.0, "ham", 0.0);
		json_object_set_new(parts, part, sums);
	}
	json_object_set_new(sums, side,
	    json_real(
		json_real_value(json_object_get(sums, side)) + fabs(weight)));
}

static void
add_reasons(json_t *object, const struct names *names)
{
	json_t *reasons = json_array(), *parts = json_object();
	guint pieces = 0;

	for (guint i = 0; i < names->list->len; i++) {
		const struct name *name =
		    &g_array_index(names->list, struct name, i);

		if (name->weight == 0)
			continue;
		add_share(parts, name->part, name->weight);
		if (json_array_size(reasons) >= REASONS_MOST ||
		    fabs(name->weight) < WEIGHT_LEAST)
			continue;
		/* One word makes many pieces: they do not crowd it out. */
		if (!name->readable && ++pieces > PIECES_MOST)
			continue;
		json_array_append_new(reasons, reason_to_json(names, name));
	}
	json_object_set_new(object, "reasons", reasons);
	json_object_set_new(object, "parts", parts);
}

json_t *
explain_message(struct message *message, const struct features_rules *rules,
    const struct table_reader *table, const struct classify_settings *settings)
{
	struct features features OWNED(features_clear) = { 0 };
	struct table_totals totals = { 0 };
	struct verdict verdict;
	struct names names;
	json_t *object = json_object();

	names_init(&names, TRUE);
	features_extract(message, rules, witness, &names, &features);
	classify_verdict(
	    table, settings, features.digests, features.n, &verdict);
	if (table != NULL) {
		table_totals(table, &totals);
		weigh(&names, &features, table);
		fill_reasons(&names, &verdict);
	} else {
		g_array_set_size(names.list, 0);
	}
	json_object_set_new(object, "verdict", verdict_to_json(&verdict));
	json_object_set_new(object, "lessons",
	    json_pack("{s:I, s:I}", "spam", (json_int_t)totals.spam, "ham",
		(json_int_t)totals.ham));
	json_object_set_new(object, "features", json_integer(features.n));
	json_object_set_new(object, "known", json_integer(names.list->len));
	add_reasons(object, &names);
	names_fini(&names);
	return object;
}
