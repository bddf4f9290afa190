/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reasons: the names of a message are weighed when it was judged, so that what
 * the table has of them is still near, and only the strongest of each part are
 * made a text.
 */
#include "classifier/explain.h"

#include <math.h>
#include <string.h>

#include "classifier/evidence.h"
#include "classifier/score.h"
#include "lib/base/owned.h"
#include "lib/base/unicode.h"

/* Reasons of one part in a verdict. */
#define PART_MOST 3
/* Those of them that are kept, since some tell nothing new beside others. */
#define KEPT 12
#define PARTS 9
#define AHEAD 16

struct strong {
	const struct feature_name *name;
	double weight;
	guint32 spam, ham;
};

/* The strongest of a part, strongest first. */
struct strongest {
	guint n;
	struct strong list[KEPT];
};

/* What a verdict's reasons are chosen from. */
struct choice {
	const struct feature_names *names;
	struct explain_scale scale;
	struct strongest parts[PARTS];
};

void
explain_scale_init(struct explain_scale *scale,
    const struct table_reader *shared, const struct table_reader *own)
{
	const struct table_reader *const tables[] = { shared, own };

	*scale = (struct explain_scale){ .shared = shared, .own = own };
	for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
		struct table_totals totals;
		struct score_sum sum;

		if (tables[i] == NULL)
			continue;
		table_totals(tables[i], &totals);
		score_begin(&(struct score_totals){ totals.spam, totals.ham },
		    &scale->ramps[i], &sum);
		scale->share = i == 1 ? evidence_weight(&totals) : 0;
	}
}

gboolean
explain_weigh(struct explain_scale *scale, guint64 digest, double *weight_r,
    guint32 *spam_r, guint32 *ham_r)
{
	score_weight weights[2] = { 0 };
	guint32 spam = 0, ham = 0;

	table_get(scale->shared, digest, spam_r, ham_r);
	weights[0] = score_feature_memo(
	    &scale->ramps[0], &scale->memos[0], *spam_r, *ham_r);
	if (scale->own != NULL) {
		table_get(scale->own, digest, &spam, &ham);
		weights[1] = score_feature_memo(
		    &scale->ramps[1], &scale->memos[1], spam, ham);
		*spam_r = MAX(*spam_r, spam);
		*ham_r = MAX(*ham_r, ham);
	}
	*weight_r =
	    evidence_mix(weights[0], weights[1], scale->share) / SCORE_UNIT;
	return *spam_r > 0 || *ham_r > 0;
}

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

/* What people look at first, among reasons of one weight; -1 for parts that no
 * one can read. */
static int
rank(const char *part)
{
	static const char *const ranks[PARTS] = { "subject", "sender", "links",
		"wording", "history", "structure", "field", "route",
		"recipient" };

	for (int i = 0; i < PARTS; i++) {
		if (strcmp(part, ranks[i]) == 0)
			return i;
	}
	return -1;
}

/* Below 0 when `a` is the stronger of two of one part. */
static int
compare(const struct strong *a, const struct strong *b)
{
	double wa = fabs(a->weight), wb = fabs(b->weight);
	const struct feature_name *x = a->name, *y = b->name;

	if (wa != wb)
		return wa > wb ? -1 : 1;
	/* The longer text says more: a whole address more than its domain. */
	if (x->length != y->length)
		return x->length > y->length ? -1 : 1;
	return x->digest < y->digest ? -1 : x->digest > y->digest;
}

static void
keep(struct strongest *strongest, const struct strong *strong)
{
	struct strong *list = strongest->list;
	guint at = strongest->n;
	int order = 1;

	while (at > 0 && (order = compare(strong, &list[at - 1])) < 0)
		at--;
	if (at == KEPT || (at > 0 && order == 0))
		return; /* too weak, or there already */
	if (strongest->n < KEPT)
		strongest->n++;
	memmove(
	    &list[at + 1], &list[at], (strongest->n - 1 - at) * sizeof(*list));
	list[at] = *strong;
}

static void
weigh(struct choice *choice, const struct feature_name *name)
{
	struct strong strong = { .name = name };
	int part;

	if (!explain_weigh(&choice->scale, name->digest, &strong.weight,
		&strong.spam, &strong.ham) ||
	    fabs(strong.weight) < EXPLAIN_LEAST ||
	    is_idle(choice->names->texts + name->at, name->length))
		return;
	part = rank(name->part);
	if (part >= 0)
		keep(&choice->parts[part], &strong);
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

/* The strongest that was not taken yet; NULL when there is none. */
static const struct strong *
take_next(const struct choice *choice, guint *taken)
{
	const struct strong *best = NULL;
	guint from = 0;

	for (guint i = 0; i < PARTS; i++) {
		const struct strongest *part = &choice->parts[i];

		if (taken[i] < part->n &&
		    (best == NULL || fabs(part->list[taken[i]].weight) >
					 fabs(best->weight))) {
			best = &part->list[taken[i]];
			from = i;
		}
	}
	taken[from] += best != NULL;
	return best;
}

/* Of those that the verdict is made of, which are the smallest digests when
 * there are too many. */
static void
fill_reasons(const struct choice *choice, const struct features *features,
    struct verdict *verdict)
{
	guint taken[PARTS] = { 0 };
	const struct strong *strong;

	while (verdict->n_reasons < VERDICT_REASONS &&
	       (strong = take_next(choice, taken)) != NULL) {
		const struct feature_name *name = strong->name;
		struct verdict_reason reason = { .weight = strong->weight,
			.spam = strong->spam,
			.ham = strong->ham };
		g_autofree char *words = NULL;
		g_autofree char *text = NULL;

		if (name->digest > features->digests[features->n - 1])
			continue;
		words = feature_name_words(choice->names, name);
		text = unicode_line(words, sizeof(reason.text) - 1);
		g_strlcpy(reason.part, name->part, sizeof(reason.part));
		g_strlcpy(reason.text, text, sizeof(reason.text));
		if (*text != '\0' && !is_told(verdict, &reason))
			verdict->reasons[verdict->n_reasons++] = reason;
	}
}

/* Fills the reasons of a verdict of the table, or of it and an own one. */
static void
give_reasons(const struct feature_names *names, const struct features *features,
    const struct table_reader *table, const struct table_reader *own,
    struct verdict *verdict)
{
	struct choice choice = { .names = names };

	explain_scale_init(&choice.scale, table, own);
	for (guint i = 0; i < names->n; i++) {
		if (i + AHEAD < names->n)
			table_prefetch(table, names->list[i + AHEAD].digest);
		weigh(&choice, &names->list[i]);
	}
	fill_reasons(&choice, features, verdict);
}

/* The installation's evidence is gathered once. */
static void
judge(const struct features *features, const struct table_reader *const *tables,
    guint n, const struct classify_settings *settings,
    struct verdict *verdicts_r)
{
	struct evidence shared, own, both;

	evidence_gather(tables[0], features->digests, features->n, &shared);
	evidence_verdict(&shared, settings, &verdicts_r[0]);
	for (guint i = 1; i < n; i++) {
		if (tables[i] == NULL) {
			verdicts_r[i] = verdicts_r[0];
			continue;
		}
		evidence_gather(
		    tables[i], features->digests, features->n, &own);
		evidence_blend(&shared, &own, &both);
		evidence_verdict(&both, settings, &verdicts_r[i]);
	}
}

static void
judge_unknown(struct verdict *verdicts_r, guint n)
{
	for (guint i = 0; i < n; i++)
		verdict_init(
		    &verdicts_r[i], VERDICT_UNSURE, VERDICT_NO_MODEL, NULL);
}

void
explain_verdicts(struct message *message, const struct features_rules *rules,
    const struct explain_tables *tables,
    const struct classify_settings *settings, struct verdict *verdicts_r,
    struct features *features_r)
{
	struct feature_names names OWNED(feature_names_clear) = { 0 };

	*features_r = (struct features){ 0 };
	if (tables->readers[0] == NULL) {
		judge_unknown(verdicts_r, tables->n);
		return;
	}
	feature_names_init(&names, FALSE);
	features_extract(message, rules, &names, features_r);
	judge(features_r, tables->readers, tables->n, settings, verdicts_r);
	for (guint i = 0; i < tables->n; i++)
		give_reasons(&names, features_r, tables->readers[0],
		    i > 0 ? tables->readers[i] : NULL, &verdicts_r[i]);
}
