/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate compare: our verdicts beside those of another filter.  What both
 * have written into the header is read; where ours is missing the message is
 * scored now.  Nothing is stored or taught.
 */
#include <math.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tools/compare.h"
#include "tools/exam.h"
#include "tools/many.h"

#define LIST 20

static const char words_of_help[] = N_(
    "Set our verdicts beside those of another filter.\n\n"
    "For mail that went through both: each message's header says what the "
    "other filter\n"
    "thought of it (bogofilter, SpamAssassin, rspamd, SpamProbe, DSPAM, "
    "CRM114,\n"
    "SpamBayes) and what we did. Without our X-Deskgate-Verdict a message is "
    "scored now.\n"
    "With --ham and --spam, or --index, it is told too how often each was "
    "wrong.\n"
    "A header field can be forged: take mail that went through your own "
    "hosts.");

struct comparison {
	struct cmd_context *context;
	char **ham, **spam, *index, *inbox;
	gboolean again;
	gint list;
	struct compare *compare;
	struct many many;
	GQueue asked; /* numbers of rows, in the order of the questions */
	guint next;   /* the row that is looked at for the next question */
	guint cold;   /* scored by a model that knows too little */
};

/* --- reading --- */

static void
take_message(struct comparison *comparison, struct source *source,
    GBytes *message, char *name, const enum verdict_class *truth)
{
	struct compare_row row = { .name = name };
	gsize length;
	const guint8 *data = g_bytes_get_data(message, &length);

	source_where(source, &row.place);
	others_read(data, length, &row.words);
	if (comparison->again)
		row.words.ours.said = FALSE;
	row.labelled = truth != NULL;
	if (truth != NULL)
		row.truth = *truth;
	compare_add(comparison->compare, &row);
}

/* `truth` is NULL when it is not known. */
static void
gather(struct comparison *comparison, char **paths,
    const enum verdict_class *truth)
{
	struct source *source OWNED(source_close) =
	    source_open(paths, CMD_MESSAGE_MOST);

	for (;;) {
		g_autoptr(GBytes) message = NULL;
		g_autoptr(GError) fault = NULL;
		char *name = NULL;

		if (source_next(source, &message, &name, &fault)) {
			take_message(comparison, source, message, name, truth);
		} else if (fault != NULL) {
			many_fail(&comparison->many, name, fault);
			g_free(name);
		} else {
			break;
		}
		cmd_progress(
		    comparison->context, compare_count(comparison->compare));
	}
}

static int
gather_index(struct comparison *comparison)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) items = exam_read_index(comparison->index, &error);

	if (items == NULL)
		return cmd_fail(error);
	for (guint i = 0; i < items->len; i++) {
		const struct exam_item *item =
		    &g_array_index(items, struct exam_item, i);
		char *paths[] = { item->path, NULL };

		gather(comparison, paths, &item->truth);
	}
	return EX_OK;
}

static int
gather_all(struct comparison *comparison, char **paths)
{
	const enum verdict_class ham = VERDICT_HAM, spam = VERDICT_SPAM;
	int code = EX_OK;

	gather(comparison, paths, NULL);
	if (comparison->ham != NULL)
		gather(comparison, comparison->ham, &ham);
	if (comparison->spam != NULL)
		gather(comparison, comparison->spam, &spam);
	if (comparison->index != NULL)
		code = gather_index(comparison);
	cmd_progress(comparison->context, 0);
	return code;
}

/* --- scoring what has no word of ours --- */

static gboolean
next_unscored(void *self, GBytes **message_r, char **name_r, GError **error)
{
	struct comparison *comparison = self;

	while (comparison->next < compare_count(comparison->compare)) {
		guint at = comparison->next++;
		const struct compare_row *row =
		    compare_at(comparison->compare, at);

		if (row->words.ours.said)
			continue;
		g_queue_push_tail(&comparison->asked, GUINT_TO_POINTER(at));
		return source_read(
		    &row->place, CMD_MESSAGE_MOST, message_r, name_r, error);
	}
	*message_r = NULL;
	*name_r = NULL;
	return FALSE;
}

/* Answers come in the order of the questions; what failed has none. */
static struct compare_row *
find_asked(struct comparison *comparison, const char *name)
{
	while (!g_queue_is_empty(&comparison->asked)) {
		struct compare_row *row = compare_at(comparison->compare,
		    GPOINTER_TO_UINT(g_queue_pop_head(&comparison->asked)));

		if (strcmp(row->name, name) == 0)
			return row;
	}
	return NULL;
}

static void
take_verdict(void *self, const char *name, const json_t *answer)
{
	struct comparison *comparison = self;
	struct compare_row *row = find_asked(comparison, name);
	struct verdict verdict;

	if (row == NULL ||
	    !verdict_from_json(
		json_object_get(answer, "verdict"), &verdict, NULL))
		return;
	row->scored = TRUE;
	row->words.ours =
	    (struct others_word){ TRUE, FALSE, verdict.class, verdict.score };
	comparison->cold +=
	    verdict.basis == VERDICT_COLD || verdict.basis == VERDICT_NO_MODEL;
}

static int
score_rest(struct comparison *comparison)
{
	struct many *many = &comparison->many;
	guint lacking = 0;

	for (guint i = 0; i < compare_count(comparison->compare); i++)
		lacking += !compare_at(comparison->compare, i)->words.ours.said;
	if (lacking == 0)
		return many->failed > 0 ? EX_DATAERR : EX_OK;
	many->all = lacking;
	many->request = json_pack(
	    "{s:s, s:s*}", "verb", "score", "inbox", comparison->inbox);
	return many->request != NULL
		   ? many_ask_next(many)
		   : cmd_usage(comparison->context, "an address is in UTF-8");
}

/* --- showing --- */

static double
percent(guint count, guint all)
{
	return all > 0 ? 100.0 * count / all : 0;
}

static void
show_table(const struct compare_sum *sum)
{
	cmd_print("%20s %8s %8s %8s\n", translate("theirs:"), "ham", "unsure",
	    "spam");
	for (guint i = 0; i < G_N_ELEMENTS(sum->table); i++)
		cmd_print("  ours: %-12s %8u %8u %8u\n", verdict_word(i),
		    sum->table[i][VERDICT_HAM], sum->table[i][VERDICT_UNSURE],
		    sum->table[i][VERDICT_SPAM]);
}

static void
show_side(const char *name, const struct compare_sum *sum, guint side)
{
	const guint *ham = sum->errors[side][0], *spam = sum->errors[side][1];

	cmd_print("  %-18s %5u (%6.2f %%) %8u %8u (%6.2f %%) %8u\n", name,
	    ham[VERDICT_SPAM], percent(ham[VERDICT_SPAM], sum->labelled[0]),
	    ham[VERDICT_UNSURE], spam[VERDICT_HAM],
	    percent(spam[VERDICT_HAM], sum->labelled[1]), spam[VERDICT_UNSURE]);
}

static void
show_sum(enum others_filter filter, const struct compare_sum *sum)
{
	cmd_print("\n%s: %u messages have both; the same %u (%.1f %%), ham "
		  "against spam %u\n",
	    others_name(filter), sum->both, sum->same,
	    percent(sum->same, sum->both), sum->opposed);
	if (sum->differing > 0)
		cmd_print("  %u more have several fields of it that contradict "
			  "each other; they do not count\n",
		    sum->differing);
	show_table(sum);
	if (sum->labelled[0] + sum->labelled[1] == 0)
		return;
	cmd_print("  of %5u ham, %5u spam  ham as spam   unsure     spam as "
		  "ham   unsure\n",
	    sum->labelled[0], sum->labelled[1]);
	show_side("deskgate", sum, 0);
	show_side(others_name(filter), sum, 1);
}

/* "spam -3.20" */
static char *
word_text(const struct others_word *word)
{
	return !isnan(word->score) ? g_strdup_printf("%s %.2f",
					 verdict_word(word->class), word->score)
				   : g_strdup(verdict_word(word->class));
}

static void
add_differing(
    struct cmd_list *list, const struct compare_row *row, guint filter)
{
	g_autofree char *ours = word_text(&row->words.ours);
	g_autofree char *theirs = word_text(&row->words.theirs[filter]);

	cmd_list_add(list, (const char *[]){ ours, others_name(filter), theirs,
			       row->labelled ? verdict_word(row->truth) : "",
			       row->name, row->words.id });
}

/* Ham against spam first. */
static void
show_differing(const struct comparison *comparison)
{
	static const char *const heads[] = { N_("OURS"), N_("OTHER"),
		N_("THEIRS"), N_("TRUTH"), N_("MESSAGE"), N_("MESSAGE-ID"),
		NULL };
	struct cmd_list *list = cmd_list_new(FALSE, heads);
	guint rows = compare_count(comparison->compare), shown = 0, more = 0;

	for (guint grade = 2; grade > 0; grade--) {
		for (guint at = 0; at < rows * OTHERS_COUNT; at++) {
			const struct compare_row *row =
			    compare_at(comparison->compare, at / OTHERS_COUNT);

			if (compare_differs(row, at % OTHERS_COUNT) != grade)
				continue;
			if (shown < (guint)comparison->list) {
				add_differing(list, row, at % OTHERS_COUNT);
				shown++;
			} else {
				more++;
			}
		}
	}
	cmd_print("\n");
	cmd_list_end(&list, "they differ on none");
	if (more > 0)
		cmd_print("and %u more (--list %u)\n", more, shown + more);
}

static void
show_json(const struct comparison *comparison, guint scored)
{
	json_t *sums = json_object();
	guint rows = compare_count(comparison->compare);

	for (guint i = 0; i < rows; i++)
		cmd_json_line(
		    compare_row_json(compare_at(comparison->compare, i)));
	for (guint i = 0; i < OTHERS_COUNT; i++) {
		struct compare_sum sum;

		compare_sum(comparison->compare, i, &sum);
		if (sum.both + sum.differing > 0)
			json_object_set_new(
			    sums, others_name(i), compare_sum_json(&sum));
	}
	cmd_json_line(json_pack("{s:i, s:i, s:i, s:i, s:o}", "messages", rows,
	    "failed", comparison->many.failed, "scored_now", scored, "cold",
	    comparison->cold, "filters", sums));
}

static void
show_text(const struct comparison *comparison, guint scored)
{
	gboolean any = FALSE;

	cmd_print("%u messages: %u were scored now, in the others our header "
		  "says the verdict\n",
	    compare_count(comparison->compare), scored);
	if (comparison->cold > 0)
		cmd_print("%u of them by a model that knows too little, so "
			  "they are unsure: teach it first (deskgate train)\n",
		    comparison->cold);
	for (guint i = 0; i < OTHERS_COUNT; i++) {
		struct compare_sum sum;

		compare_sum(comparison->compare, i, &sum);
		if (sum.both + sum.differing == 0)
			continue;
		show_sum(i, &sum);
		any = TRUE;
	}
	if (any && comparison->list > 0)
		show_differing(comparison);
}

/* EX_DATAERR when there was nothing to compare with. */
static int
show(const struct comparison *comparison)
{
	guint rows = compare_count(comparison->compare), scored = 0;
	gboolean any = FALSE;

	for (guint i = 0; i < rows; i++) {
		const struct compare_row *row =
		    compare_at(comparison->compare, i);

		scored += row->scored;
		for (guint f = 0; f < OTHERS_COUNT; f++)
			any |= row->words.theirs[f].said ||
			       row->words.theirs[f].differs;
	}
	if (comparison->context->json)
		show_json(comparison, scored);
	else
		show_text(comparison, scored);
	if (any)
		return EX_OK;
	cmd_complain("deskgate compare: no message has a field of another "
		     "filter: pass the mail through it first, so that it adds "
		     "its header");
	return EX_DATAERR;
}

static gboolean
has_stdin(char **paths)
{
	return paths != NULL &&
	       g_strv_contains((const char *const *)paths, "-");
}

static int
compare(struct comparison *comparison, char **paths)
{
	struct cmd_context *context = comparison->context;
	int code, shown;

	if (*paths == NULL && comparison->ham == NULL &&
	    comparison->spam == NULL && comparison->index == NULL)
		return cmd_usage(context, "say which messages");
	if (has_stdin(paths) || has_stdin(comparison->ham) ||
	    has_stdin(comparison->spam))
		return cmd_usage(context,
		    "a message may be read twice: standard input cannot be");
	if (comparison->list < 0)
		return cmd_usage(context, "--list is 0 or more");
	code = gather_all(comparison, paths);
	if (code == EX_OK)
		code = score_rest(comparison);
	if (code != EX_OK && code != EX_DATAERR)
		return code;
	shown = show(comparison);
	return code != EX_OK ? code : shown;
}

int
cmd_compare(struct cmd_context *context, int argc, char **argv)
{
	struct comparison comparison = {
		.context = context, .list = LIST, .asked = G_QUEUE_INIT
	};
	const GOptionEntry entries[] = {
		{ "ham", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &comparison.ham,
		    N_("mail that is known to be good; may be said again"),
		    "PATH" },
		{ "spam", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &comparison.spam,
		    N_("mail that is known to be spam, likewise"), "PATH" },
		{ "index", 0, 0, G_OPTION_ARG_FILENAME, &comparison.index,
		    N_("labelled messages, lines \"ham|spam PATH\""), "FILE" },
		{ "again", 0, 0, G_OPTION_ARG_NONE, &comparison.again,
		    N_("score every message now, whatever our header says"),
		    NULL },
		{ "inbox", 'i', 0, G_OPTION_ARG_STRING, &comparison.inbox,
		    N_("score as mail to this inbox, by its own model and "
		       "thresholds"),
		    "ADDRESS" },
		{ "list", 'l', 0, G_OPTION_ARG_INT, &comparison.list,
		    N_("how many messages to name on which they differ (20)"),
		    "N" },
		{ NULL },
	};
	int code;

	context->summary = words_of_help;
	code = cmd_options(
	    context, entries, "[FILE|FOLDER|MBOX|MAILDIR...]", &argc, &argv);
	if (code < 0) {
		comparison.compare = compare_new();
		comparison.many = (struct many){ .context = context,
			.next = next_unscored,
			.supplier = &comparison,
			.show = take_verdict,
			.self = &comparison };
		code = compare(&comparison, argv + 1);
	}
	compare_free(&comparison.compare);
	g_queue_clear(&comparison.asked);
	g_strfreev(comparison.ham);
	g_strfreev(comparison.spam);
	g_free(comparison.index);
	g_free(comparison.inbox);
	return code;
}
