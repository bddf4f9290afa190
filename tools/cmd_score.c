/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate score and explain: what the filter thinks of messages, and why. Many
 * messages in one go.  Nothing is stored or taught.
 */
#include <string.h>
#include <sysexits.h>

#include "lib/base/translate.h"
#include "lib/mail/verdict.h"
#include "tools/many.h"

/* The exit codes of --exit-verdict: those of bogofilter(1), which recipes for
 * procmail and maildrop are written for.  What is no verdict is never one of
 * the first three. */
enum {
	EXIT_SPAM = 0,
	EXIT_HAM = 1,
	EXIT_UNSURE = 2,
	EXIT_NO_VERDICT = 3,
};

struct question {
	struct cmd_context *context;
	gint most;                       /* reasons to show */
	char *inbox;                     /* or NULL */
	gboolean exit_verdict;           /* it is told by the exit code */
	guint classes[VERDICT_SPAM + 1]; /* how many were which */
};

#define INBOX_ENTRY(question) \
	{ \
		"inbox", 'i', 0, G_OPTION_ARG_STRING, &(question)->inbox, \
		    N_("as mail to this inbox, with its own model and " \
		       "thresholds"), \
		    "ADDRESS" \
	}

#define EXIT_ENTRY(question) \
	{ \
		"exit-verdict", 'e', 0, G_OPTION_ARG_NONE, \
		    &(question)->exit_verdict, \
		    "exit 0: spam, 1: ham, 2: unsure, 3: it could not be " \
		    "told; several messages are spam or ham when all are", \
		    NULL \
	}

/* FALSE when the answer has no verdict that can be read. */
static gboolean
take_verdict(
    struct question *question, const json_t *object, struct verdict *verdict_r)
{
	if (!verdict_from_json(object, verdict_r, NULL))
		return FALSE;
	question->classes[verdict_r->class]++;
	return TRUE;
}

/* The exit code, when it is to tell the verdict.  A mailbox of both kinds is
 * neither. */
static int
exit_code(const struct question *question, const struct many *many, int code)
{
	const guint *classes = question->classes;

	if (!question->exit_verdict)
		return code;
	if (code != EX_OK || many->asked == 0 ||
	    classes[VERDICT_SPAM] + classes[VERDICT_HAM] +
		    classes[VERDICT_UNSURE] !=
		many->asked)
		return EXIT_NO_VERDICT;
	if (classes[VERDICT_HAM] == many->asked)
		return EXIT_HAM;
	return classes[VERDICT_SPAM] == many->asked ? EXIT_SPAM : EXIT_UNSURE;
}

static void
show_verdict(void *self, const char *name, const json_t *answer)
{
	struct question *question = self;
	json_t *object = json_object_get(answer, "verdict");
	struct verdict verdict;
	g_autofree char *why = NULL;
	gboolean read = take_verdict(question, object, &verdict);

	if (question->context->json)
		cmd_json_line(json_pack(
		    "{s:s, s:O}", "message", name, "verdict", object));
	if (question->context->json || !read)
		return;
	why = verdict_brief(&verdict, 3);
	cmd_print("%s: %s margin=%+.1f score=%+.3f p=%.4f %s\n", name,
	    verdict_word(verdict.class), verdict.margin, verdict.score,
	    verdict.probability, verdict.note[0] != '\0' ? verdict.note : why);
}

/* "  +4.12  sender  news.example.org  (seen in 12 spam, 0 ham)" */
static void
show_reason(const json_t *reason)
{
	cmd_print("  %+7.2f  %-10s %s  (seen in %d spam, %d ham)\n",
	    json_number_value(json_object_get(reason, "weight")),
	    cmd_member(reason, "part"), cmd_member(reason, "text"),
	    (int)json_integer_value(json_object_get(reason, "spam")),
	    (int)json_integer_value(json_object_get(reason, "ham")));
}

/* Shapes and orders say nothing to a person, and pieces of text stand in runs
 * of their own; --json has them all. */
static gboolean
is_readable(const char *part)
{
	return strcmp(part, "form") != 0 && strcmp(part, "header") != 0 &&
	       strcmp(part, "text") != 0;
}

static double
part_sum(const json_t *sums)
{
	return json_number_value(json_object_get(sums, "spam")) +
	       json_number_value(json_object_get(sums, "ham"));
}

/* The larger share first. */
static gint
by_share(gconstpointer a, gconstpointer b, gpointer parts)
{
	double x = part_sum(json_object_get(parts, *(char *const *)a));
	double y = part_sum(json_object_get(parts, *(char *const *)b));

	return (x < y) - (x > y);
}

static void
show_parts(json_t *parts)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	const char *part;
	json_t *sums;
	double all = 0;

	json_object_foreach(parts, part, sums)
	{
		all += part_sum(sums);
		g_ptr_array_add(names, (gpointer)part);
	}
	if (all == 0)
		return;
	g_ptr_array_sort_with_data(names, by_share, parts);
	cmd_print("where the evidence comes from:\n");
	for (guint i = 0; i < names->len; i++) {
		part = names->pdata[i];
		sums = json_object_get(parts, part);
		cmd_print("  %3.0f %%  %-10s for spam %8.2f, for ham %8.2f\n",
		    100 * part_sum(sums) / all, part,
		    json_number_value(json_object_get(sums, "spam")),
		    json_number_value(json_object_get(sums, "ham")));
	}
}

static void
show_reasons(const json_t *reasons, gint most)
{
	size_t i;
	gint shown = 0;
	json_t *reason;

	if (json_array_size(reasons) == 0)
		return;
	cmd_print("strongest reasons; above 0 speaks for spam:\n");
	json_array_foreach((json_t *)reasons, i, reason)
	{
		if (is_readable(cmd_member(reason, "part")) && shown++ < most)
			show_reason(reason);
	}
	shown = 0;
	json_array_foreach((json_t *)reasons, i, reason)
	{
		if (json_object_get(reason, "grams") == NULL || shown++ >= most)
			continue;
		if (shown == 1)
			cmd_print("strongest pieces, with what is around "
				  "them:\n");
		cmd_print("  %+7.2f  %-10s %s\n",
		    json_number_value(json_object_get(reason, "weight")),
		    cmd_member(reason, "part"), cmd_member(reason, "text"));
	}
}

static int
count_of(const json_t *object, const char *member)
{
	return (int)json_integer_value(json_object_get(object, member));
}

/* What the model lacks before it decides. */
static void
show_missing(const struct verdict *verdict, const json_t *missing)
{
	if (verdict->basis != VERDICT_COLD &&
	    verdict->basis != VERDICT_NO_MODEL)
		return;
	cmd_print("%s: all is unsure until more is taught (deskgate train): "
		  "%d spam, %d ham and %d of either are missing\n",
	    verdict->basis == VERDICT_COLD ? "the model is cold"
					   : "there is no model",
	    count_of(missing, "spam"), count_of(missing, "ham"),
	    count_of(missing, "any"));
}

static void
show_explanation(void *self, const char *name, const json_t *answer)
{
	struct question *question = self;
	json_t *whole = json_object_get(answer, "explanation");
	json_t *object = json_object_get(whole, "verdict");
	json_t *lessons = json_object_get(whole, "lessons");
	struct verdict verdict;
	gboolean read = take_verdict(question, object, &verdict);

	if (question->context->json)
		cmd_json_line(json_pack(
		    "{s:s, s:O}", "message", name, "explanation", whole));
	if (question->context->json || !read)
		return;
	cmd_print("%s: %s (%s), score %+.2f, probability of spam %.2f %%\n",
	    name, verdict_word(verdict.class),
	    verdict_basis_word(verdict.basis), verdict.score,
	    100 * verdict.probability);
	if (verdict.note[0] != '\0')
		cmd_print("%s\n", verdict.note);
	show_missing(&verdict, json_object_get(whole, "missing"));
	cmd_print("compared with %d spam and %d ham lessons: %d of %d features "
		  "are known\n",
	    count_of(lessons, "spam"), count_of(lessons, "ham"),
	    count_of(whole, "known"), count_of(whole, "features"));
	show_parts(json_object_get(whole, "parts"));
	show_reasons(json_object_get(whole, "reasons"), question->most);
}

static int
ask(struct question *question, const char *verb,
    void (*show)(void *self, const char *name, const json_t *answer), int argc,
    char **argv)
{
	struct many many = { .context = question->context,
		.request = json_pack("{s:s}", "verb", verb),
		.show = show,
		.self = question };

	if (argc < 2) {
		json_decref(many.request);
		return cmd_usage(question->context,
		    "say which messages (- is standard input)");
	}
	if (question->inbox != NULL)
		json_object_set_new(
		    many.request, "inbox", json_string(question->inbox));
	return exit_code(question, &many, many_ask(&many, argv + 1));
}

int
cmd_score(struct cmd_context *context, int argc, char **argv)
{
	struct question question = { .context = context };
	const GOptionEntry entries[] = {
		INBOX_ENTRY(&question),
		EXIT_ENTRY(&question),
		{ NULL },
	};
	int code = cmd_options(
	    context, entries, "FILE|FOLDER|MBOX|MAILDIR|-...", &argc, &argv);

	if (code < 0)
		code = ask(&question, "score", show_verdict, argc, argv);
	g_free(question.inbox);
	return code;
}

int
cmd_explain(struct cmd_context *context, int argc, char **argv)
{
	struct question question = { .context = context, .most = 15 };
	const GOptionEntry entries[] = {
		{ "reasons", 'n', 0, G_OPTION_ARG_INT, &question.most,
		    N_("how many reasons to show (15)"), "N" },
		INBOX_ENTRY(&question),
		EXIT_ENTRY(&question),
		{ NULL },
	};
	int code = cmd_options(
	    context, entries, "FILE|FOLDER|MBOX|MAILDIR|-...", &argc, &argv);

	if (code < 0)
		code = ask(&question, "explain", show_explanation, argc, argv);
	g_free(question.inbox);
	return code;
}
