/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reasons.  The model holds digests only, so texts are had while the message is
 * read: each token is weighed as it is told, and copied only when it is among
 * the strongest of its part.  A token waits in a ring until the table's memory
 * has come for it.
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
/* Tokens that wait; a power of two. */
#define WAITING 16
#define NAME_BYTES 192

struct name {
	guint64 digest;
	double weight;
	guint32 spam, ham;
	guint8 own, lead; /* lengths within the text */
	char text[NAME_BYTES];
};

/* The strongest of a part, strongest first. */
struct strongest {
	const char *part; /* NULL: nothing yet */
	guint n;
	struct name names[KEPT];
};

struct waiting {
	const char *part;
	struct name name;
};

/* One for each verdict. */
struct listener {
	struct explain_scale scale;
	guint heard; /* tokens so far */
	struct waiting ring[WAITING];
	struct strongest parts[PARTS];
};

struct listeners {
	struct listener *list;
	guint n;
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

/* Below 0 when `a` is the stronger of two names of one part. */
static int
compare(const struct name *a, const struct name *b)
{
	double wa = fabs(a->weight), wb = fabs(b->weight);

	if (wa != wb)
		return wa > wb ? -1 : 1;
	/* The longer text says more: a whole address more than its domain. */
	if (a->own != b->own)
		return a->own > b->own ? -1 : 1;
	return a->digest < b->digest ? -1 : a->digest > b->digest;
}

static void
keep(struct strongest *strongest, const struct name *name)
{
	struct name *names = strongest->names;
	guint at = strongest->n;
	int order = 1;

	while (at > 0 && (order = compare(name, &names[at - 1])) < 0)
		at--;
	if (at == KEPT || (at > 0 && order == 0))
		return; /* too weak, or there already */
	if (strongest->n < KEPT)
		strongest->n++;
	memmove(&names[at + 1], &names[at],
	    (strongest->n - 1 - at) * sizeof(*names));
	names[at] = *name;
}

/* Weighs one that has waited. */
static void
weigh(struct listener *listener, struct waiting *waiting)
{
	struct name *name = &waiting->name;
	int part;

	if (!explain_weigh(&listener->scale, name->digest, &name->weight,
		&name->spam, &name->ham))
		return;
	if (fabs(name->weight) < EXPLAIN_LEAST ||
	    is_idle(name->text + name->lead, name->own))
		return;
	part = rank(waiting->part);
	if (part < 0)
		return;
	listener->parts[part].part = waiting->part;
	keep(&listener->parts[part], name);
}

static void
hear(struct listener *listener, guint64 digest, const struct feature_kind *kind,
    const char *text, gsize length)
{
	struct waiting *waiting = &listener->ring[listener->heard % WAITING];
	struct name *name = &waiting->name;
	gsize lead = MIN(strlen(kind->lead), NAME_BYTES / 3);

	if (listener->heard++ >= WAITING)
		weigh(listener, waiting);
	table_prefetch(listener->scale.shared, digest);
	if (listener->scale.own != NULL)
		table_prefetch(listener->scale.own, digest);
	waiting->part = kind->part;
	name->digest = digest;
	name->lead = lead;
	name->own = MIN(length, NAME_BYTES - lead);
	memcpy(name->text, kind->lead, lead);
	memcpy(name->text + lead, text, name->own);
}

static void
witness(void *self, guint64 digest, const struct feature_kind *kind,
    const char *text, gsize length)
{
	const struct listeners *listeners = self;

	for (guint i = 0; kind->lead != NULL && i < listeners->n; i++)
		hear(&listeners->list[i], digest, kind, text, length);
}

static void
listeners_init(struct listeners *listeners,
    const struct table_reader *const *tables, guint n)
{
	listeners->list = g_new0(struct listener, n);
	listeners->n = n;
	for (guint i = 0; i < n; i++)
		explain_scale_init(&listeners->list[i].scale, tables[0],
		    i > 0 ? tables[i] : NULL);
}

/* Weighs those that wait still. */
static void
hear_out(struct listener *listener)
{
	for (guint i = 0; i < MIN(listener->heard, WAITING); i++)
		weigh(listener, &listener->ring[i]);
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

/* The part whose next name is the strongest; NULL when none has any. */
static struct strongest *
next_part(struct listener *listener, const guint *taken)
{
	struct strongest *best = NULL;
	double most = 0;

	for (guint i = 0; i < PARTS; i++) {
		struct strongest *part = &listener->parts[i];

		if (taken[i] < part->n &&
		    fabs(part->names[taken[i]].weight) > most) {
			most = fabs(part->names[taken[i]].weight);
			best = part;
		}
	}
	return best;
}

/* Of those that the verdict is made of, which are the smallest digests when
 * there are too many. */
static void
fill_reasons(struct listener *listener, const struct features *features,
    struct verdict *verdict)
{
	guint taken[PARTS] = { 0 };
	struct strongest *part;

	while (verdict->n_reasons < VERDICT_REASONS &&
	       (part = next_part(listener, taken)) != NULL) {
		const struct name *name =
		    &part->names[taken[part - listener->parts]++];
		struct verdict_reason reason = { .weight = name->weight,
			.spam = name->spam,
			.ham = name->ham };
		g_autofree char *valid = NULL;
		g_autofree char *text = NULL;

		if (name->digest > features->digests[features->n - 1])
			continue;
		valid = unicode_repair(name->text, name->lead + name->own);
		text = unicode_line(valid, sizeof(reason.text) - 1);
		g_strlcpy(reason.part, part->part, sizeof(reason.part));
		g_strlcpy(reason.text, text, sizeof(reason.text));
		if (*text != '\0' && !is_told(verdict, &reason))
			verdict->reasons[verdict->n_reasons++] = reason;
	}
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
	struct features_rules readable = *rules;
	struct listeners listeners;

	*features_r = (struct features){ 0 };
	if (tables->readers[0] == NULL) {
		judge_unknown(verdicts_r, tables->n);
		return;
	}
	readable.tell_words = TRUE;
	listeners_init(&listeners, tables->readers, tables->n);
	features_extract(message, &readable, witness, &listeners, features_r);
	judge(features_r, tables->readers, tables->n, settings, verdicts_r);
	for (guint i = 0; i < tables->n; i++) {
		hear_out(&listeners.list[i]);
		fill_reasons(&listeners.list[i], features_r, &verdicts_r[i]);
	}
	g_free(listeners.list);
}
