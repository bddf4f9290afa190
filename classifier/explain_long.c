/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The long form: every feature that weighs, by name.  Made when a person asks,
 * so it may gather all.  Grams follow each other by one byte, and neighbours
 * that speak for one side are one reason: the text they stand in.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/explain.h"
#include "classifier/score.h"
#include "lib/base/gram.h"
#include "lib/base/owned.h"
#include "lib/base/unicode.h"

#define REASONS_MOST 200
/* Of them, those of form, header and text. */
#define PIECES_MOST 100
/* Grams in one run: a line of text. */
#define RUN_MOST 60
/* What stands around a run. */
#define AROUND 10
#define TEXT_MOST 200

struct piece {
	const struct feature_name *name;
	gboolean again; /* was there before: its weight is counted once */
	double weight;
	guint32 spam, ham;
};

/* What is shown: a piece, or a run of them. */
struct reason {
	const struct piece *first; /* the strongest of a run has the counts */
	const struct piece *strongest;
	guint grams; /* 0: no run */
	double weight;
};

struct pieces {
	struct feature_names names;
	GArray *list; /* struct piece */
};

/* A gram that is there again stands within its text still. */
static void
pieces_init(struct pieces *pieces)
{
	const struct feature_names *names = &pieces->names;
	g_autoptr(GHashTable) seen =
	    g_hash_table_new(g_int64_hash, g_int64_equal);

	pieces->list = g_array_new(FALSE, FALSE, sizeof(struct piece));
	for (guint i = 0; i < names->n; i++) {
		struct feature_name *name = &names->list[i];
		const struct piece piece = { .name = name,
			.again = !g_hash_table_add(seen, &name->digest) };

		if (!piece.again || name->text > 0)
			g_array_append_val(pieces->list, piece);
	}
}

static void
pieces_fini(struct pieces *pieces)
{
	g_array_unref(pieces->list);
	feature_names_clear(&pieces->names);
}

/* Returns how many features the table knows. */
static guint
weigh(struct pieces *pieces, const struct features *features,
    struct explain_scale *scale)
{
	guint known = 0;

	for (guint i = 0; i < pieces->list->len; i++) {
		struct piece *piece =
		    &g_array_index(pieces->list, struct piece, i);

		/* Of too many features the smallest make the verdict. */
		if (piece->name->digest > features->digests[features->n - 1])
			continue;
		if (explain_weigh(scale, piece->name->digest, &piece->weight,
			&piece->spam, &piece->ham))
			known += !piece->again;
	}
	return known;
}

/* --- reasons --- */

/* Neighbours of one text, of one side. */
static gboolean
goes_on(const struct reason *run, const struct piece *piece)
{
	return run->grams > 0 && run->grams < RUN_MOST &&
	       run->first->name->text == piece->name->text &&
	       piece->name->at == run->first->name->at + run->grams &&
	       (piece->weight > 0) == (run->first->weight > 0);
}

static GArray *
gather(const struct pieces *pieces)
{
	GArray *reasons = g_array_new(FALSE, FALSE, sizeof(struct reason));

	for (guint i = 0; i < pieces->list->len; i++) {
		const struct piece *piece =
		    &g_array_index(pieces->list, struct piece, i);
		struct reason reason = { piece, piece, piece->name->text > 0,
			piece->again ? 0 : piece->weight };
		struct reason *last =
		    reasons->len == 0 ? NULL
				      : &g_array_index(reasons, struct reason,
					    reasons->len - 1);

		if (piece->weight == 0)
			continue;
		if (piece->name->text == 0 || last == NULL ||
		    !goes_on(last, piece)) {
			g_array_append_val(reasons, reason);
			continue;
		}
		last->grams++;
		last->weight += reason.weight;
		if (fabs(piece->weight) > fabs(last->strongest->weight))
			last->strongest = piece;
	}
	return reasons;
}

static gsize
shown_length(const struct feature_name *name)
{
	return (name->lead != NULL ? strlen(name->lead) : 0) + name->length;
}

static int
by_weight(const void *a, const void *b)
{
	const struct reason *x = a, *y = b;
	const struct feature_name *x_name = x->first->name;
	const struct feature_name *y_name = y->first->name;
	gsize lx = shown_length(x_name), ly = shown_length(y_name);
	double dx = fabs(x->weight), dy = fabs(y->weight);

	if (dx != dy)
		return dx > dy ? -1 : 1;
	if (lx != ly)
		return lx > ly ? -1 : 1;
	return x_name->digest < y_name->digest ? -1 : 1;
}

/* The text of a run with what stands around it; "..." where it goes on. */
static char *
run_text(const struct pieces *pieces, const struct reason *run)
{
	const char *from = pieces->names.texts + run->first->name->at;
	const char *to = from + run->grams - 1 + GRAM_BYTES;
	const char *begin = from, *end = to;
	g_autofree char *valid = NULL;

	/* A text stands between two NULs. */
	while (from - begin < AROUND && begin[-1] != '\0')
		begin--;
	while (end - to < AROUND && *end != '\0')
		end++;
	/* Not from within a character. */
	while (begin < from && ((guint8)*begin & 0xc0) == 0x80)
		begin++;
	while (end > to && ((guint8)*end & 0xc0) == 0x80)
		end--;
	valid = unicode_repair(begin, end - begin);
	return g_strdup_printf("%s%s%s", begin[-1] != '\0' ? "..." : "", valid,
	    *end != '\0' ? "..." : "");
}

static json_t *
reason_to_json(const struct pieces *pieces, const struct reason *reason)
{
	const struct piece *piece = reason->strongest;
	g_autofree char *whole =
	    reason->grams > 0 ? run_text(pieces, reason)
			      : feature_name_words(&pieces->names, piece->name);
	g_autofree char *line = unicode_line(whole, TEXT_MOST);
	json_t *object = json_pack("{s:s, s:s, s:f, s:I, s:I}", "part",
	    piece->name->part, "text", line, "weight", reason->weight, "spam",
	    (json_int_t)piece->spam, "ham", (json_int_t)piece->ham);

	if (reason->grams > 0)
		json_object_set_new(
		    object, "grams", json_integer(reason->grams));
	return object;
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
add_reasons(json_t *object, const struct pieces *pieces)
{
	g_autoptr(GArray) reasons = gather(pieces);
	json_t *array = json_array(), *parts = json_object();
	guint unread = 0;

	g_array_sort(reasons, by_weight);
	for (guint i = 0; i < reasons->len; i++) {
		const struct reason *reason =
		    &g_array_index(reasons, struct reason, i);

		if (reason->weight == 0)
			continue;
		add_share(parts, reason->first->name->part, reason->weight);
		if (json_array_size(array) >= REASONS_MOST ||
		    fabs(reason->weight) < EXPLAIN_LEAST)
			continue;
		/* They do not crowd out what a person can read. */
		if (reason->first->name->lead == NULL && ++unread > PIECES_MOST)
			continue;
		json_array_append_new(array, reason_to_json(pieces, reason));
	}
	json_object_set_new(object, "reasons", array);
	json_object_set_new(object, "parts", parts);
}

/* The labels that are missing before the model decides. */
static json_t *
missing(
    const struct table_totals *totals, const struct classify_settings *settings)
{
	gint64 spam = (gint64)settings->activation_labels - totals->label_spam;
	gint64 ham = (gint64)settings->activation_labels - totals->label_ham;
	gint64 all = (gint64)settings->activation_total - totals->label_spam -
		     totals->label_ham;

	spam = MAX(spam, 0);
	ham = MAX(ham, 0);
	return json_pack("{s:I, s:I, s:I}", "spam", (json_int_t)spam, "ham",
	    (json_int_t)ham, "any", (json_int_t)MAX(all - spam - ham, 0));
}

json_t *
explain_message(struct message *message, const struct features_rules *rules,
    const struct table_reader *table, const struct table_reader *own,
    const struct classify_settings *settings)
{
	const struct table_reader *const tables[] = { table, own };
	struct verdict verdicts[G_N_ELEMENTS(tables)];
	const struct verdict *verdict = &verdicts[own != NULL];
	struct features features OWNED(features_clear) = { 0 };
	struct features judged OWNED(features_clear) = { 0 };
	struct table_totals totals = { 0 };
	struct explain_scale scale;
	struct pieces pieces;
	guint known = 0;
	json_t *object = json_object();

	explain_verdicts(message, rules,
	    &(struct explain_tables){ tables, own != NULL ? 2 : 1 }, settings,
	    verdicts, &judged);
	feature_names_init(&pieces.names, TRUE);
	features_extract(message, rules, &pieces.names, &features);
	pieces_init(&pieces);
	if (table != NULL) {
		table_totals(table, &totals);
		explain_scale_init(&scale, table, own);
		known = weigh(&pieces, &features, &scale);
	}
	json_object_set_new(object, "verdict", verdict_to_json(verdict));
	json_object_set_new(object, "lessons",
	    json_pack("{s:I, s:I}", "spam", (json_int_t)totals.spam, "ham",
		(json_int_t)totals.ham));
	json_object_set_new(object, "missing", missing(&totals, settings));
	json_object_set_new(object, "features", json_integer(features.n));
	json_object_set_new(object, "known", json_integer(known));
	add_reasons(object, &pieces);
	pieces_fini(&pieces);
	return object;
}
