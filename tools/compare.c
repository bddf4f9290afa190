/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows and sums of a comparison: see compare.h. */
#include "tools/compare.h"

#include <math.h>
#include <string.h>

struct compare {
	GArray *rows; /* struct compare_row */
};

static void
clear_row(gpointer data)
{
	struct compare_row *row = data;

	g_free(row->name);
	g_free(row->place.path);
	others_clear(&row->words);
}

struct compare *
compare_new(void)
{
	struct compare *compare = g_new0(struct compare, 1);

	compare->rows = g_array_new(FALSE, FALSE, sizeof(struct compare_row));
	g_array_set_clear_func(compare->rows, clear_row);
	return compare;
}

void
compare_free(struct compare **address)
{
	if (*address == NULL)
		return;
	g_array_unref((*address)->rows);
	g_clear_pointer(address, g_free);
}

guint
compare_add(struct compare *compare, const struct compare_row *row)
{
	g_array_append_val(compare->rows, *row);
	return compare->rows->len - 1;
}

guint
compare_count(const struct compare *compare)
{
	return compare->rows->len;
}

struct compare_row *
compare_at(struct compare *compare, guint index)
{
	return &g_array_index(compare->rows, struct compare_row, index);
}

static void
add_to_sum(struct compare_sum *sum, const struct compare_row *row,
    enum others_filter filter)
{
	const struct others_word *ours = &row->words.ours;
	const struct others_word *theirs = &row->words.theirs[filter];
	gboolean spam = row->truth == VERDICT_SPAM;
	guint differs = compare_differs(row, filter);

	sum->differing += theirs->differs;
	if (!ours->said || !theirs->said)
		return;
	sum->both++;
	sum->table[ours->class][theirs->class]++;
	sum->same += differs == 0;
	sum->opposed += differs == 2;
	if (!row->labelled)
		return;
	sum->labelled[spam]++;
	sum->errors[0][spam][ours->class]++;
	sum->errors[1][spam][theirs->class]++;
}

void
compare_sum(const struct compare *compare, enum others_filter filter,
    struct compare_sum *sum_r)
{
	*sum_r = (struct compare_sum){ 0 };
	for (guint i = 0; i < compare->rows->len; i++)
		add_to_sum(sum_r,
		    &g_array_index(compare->rows, struct compare_row, i),
		    filter);
}

guint
compare_differs(const struct compare_row *row, enum others_filter filter)
{
	const struct others_word *ours = &row->words.ours;
	const struct others_word *theirs = &row->words.theirs[filter];

	if (!ours->said || !theirs->said || ours->class == theirs->class)
		return 0;
	return ours->class == VERDICT_UNSURE || theirs->class == VERDICT_UNSURE
		   ? 1
		   : 2;
}

/* --- JSON --- */

static json_t *
word_json(const struct others_word *word)
{
	json_t *object =
	    json_pack("{s:s}", "verdict", verdict_word(word->class));

	if (!isnan(word->score))
		json_object_set_new(object, "score", json_real(word->score));
	return object;
}

json_t *
compare_row_json(const struct compare_row *row)
{
	json_t *theirs = json_object();
	json_t *object = json_pack("{s:s, s:s}", "message", row->name, "id",
	    row->words.id != NULL ? row->words.id : "");

	for (guint i = 0; i < OTHERS_COUNT; i++) {
		if (row->words.theirs[i].said)
			json_object_set_new(theirs, others_name(i),
			    word_json(&row->words.theirs[i]));
	}
	if (row->words.ours.said) {
		json_object_set_new(
		    object, "ours", word_json(&row->words.ours));
		json_object_set_new(
		    object, "scored_now", json_boolean(row->scored));
	}
	json_object_set_new(object, "theirs", theirs);
	if (row->labelled)
		json_object_set_new(
		    object, "truth", json_string(verdict_word(row->truth)));
	return object;
}

static json_t *
counts_json(const guint *counts)
{
	return json_pack("{s:i, s:i, s:i}", "ham", counts[VERDICT_HAM],
	    "unsure", counts[VERDICT_UNSURE], "spam", counts[VERDICT_SPAM]);
}

json_t *
compare_sum_json(const struct compare_sum *sum)
{
	static const char *const sides[] = { "ours", "theirs" };
	json_t *object = json_pack("{s:i, s:i, s:i, s:i}", "messages",
	    sum->both, "same", sum->same, "opposed", sum->opposed,
	    "contradictory", sum->differing);
	json_t *table = json_object();

	for (guint i = 0; i < G_N_ELEMENTS(sum->table); i++)
		json_object_set_new(
		    table, verdict_word(i), counts_json(sum->table[i]));
	json_object_set_new(object, "ours_by_theirs", table);
	if (sum->labelled[0] + sum->labelled[1] == 0)
		return object;
	for (guint side = 0; side < G_N_ELEMENTS(sides); side++)
		json_object_set_new(object, sides[side],
		    json_pack("{s:o, s:o}", "ham",
			counts_json(sum->errors[side][0]), "spam",
			counts_json(sum->errors[side][1])));
	return object;
}
