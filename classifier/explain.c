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

struct listener {
	const struct table_reader *table;
	struct score_ramp ramp;
	struct score_memo memo;
	guint heard; /* tokens so far */
	struct waiting ring[WAITING];
	struct strongest parts[PARTS];
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

	table_get(listener->table, name->digest, &name->spam, &name->ham);
	if (name->spam == 0 && name->ham == 0)
		return;
	name->weight = score_feature_memo(&listener->ramp, &listener->memo,
			   name->spam, name->ham) /
		       SCORE_UNIT;
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
witness(void *self, guint64 digest, const struct feature_kind *kind,
    const char *text, gsize length)
{
	struct listener *listener = self;
	struct waiting *waiting = &listener->ring[listener->heard % WAITING];
	struct name *name = &waiting->name;
	gsize lead;

	if (kind->lead == NULL)
		return;
	if (listener->heard++ >= WAITING)
		weigh(listener, waiting);
	table_prefetch(listener->table, digest);
	lead = MIN(strlen(kind->lead), NAME_BYTES / 3);
	waiting->part = kind->part;
	name->digest = digest;
	name->lead = lead;
	name->own = MIN(length, NAME_BYTES - lead);
	memcpy(name->text, kind->lead, lead);
	memcpy(name->text + lead, text, name->own);
}

static void
listener_init(struct listener *listener, const struct table_reader *table)
{
	struct table_totals totals;
	struct score_sum sum;

	memset(listener, 0, sizeof(*listener));
	listener->table = table;
	table_totals(table, &totals);
	score_begin(&(struct score_totals){ totals.spam, totals.ham },
	    &listener->ramp, &sum);
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

void
explain_verdict(struct message *message, const struct features_rules *rules,
    const struct table_reader *table, const struct classify_settings *settings,
    struct verdict *verdict_r)
{
	struct features features OWNED(features_clear) = { 0 };
	struct features_rules readable = *rules;
	struct listener listener;

	readable.tell_words = TRUE;
	if (table != NULL)
		listener_init(&listener, table);
	features_extract(message, &readable, table != NULL ? witness : NULL,
	    &listener, &features);
	classify_verdict(
	    table, settings, features.digests, features.n, verdict_r);
	if (table == NULL)
		return;
	hear_out(&listener);
	fill_reasons(&listener, &features, verdict_r);
}
