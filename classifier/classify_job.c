/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The classifier's jobs, as they run in a jailed reader: read, extract, look
 * up, score, and say why.
 */
#include <string.h>
#include <sys/stat.h>

#include "classifier/canonical.h"
#include "classifier/classify.h"
#include "classifier/explain.h"
#include "classifier/score.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

/* How far ahead the table's memory is asked for: a look-up waits for it. */
#define AHEAD 16

static gboolean
is_active(
    const struct table_totals *totals, const struct classify_settings *settings)
{
	return totals->label_spam >= settings->activation_labels &&
	       totals->label_ham >= settings->activation_labels &&
	       totals->label_spam + totals->label_ham >=
		   settings->activation_total;
}

static void
add_features(const struct table_reader *table, const struct score_ramp *ramp,
    const guint64 *digests, guint n, struct score_sum *sum)
{
	struct score_memo memo = { 0 };

	for (guint i = 0; i < MIN(n, AHEAD); i++)
		table_prefetch(table, digests[i]);
	for (guint i = 0; i < n; i++) {
		guint32 spam, ham;

		if (i + AHEAD < n)
			table_prefetch(table, digests[i + AHEAD]);
		table_get(table, digests[i], &spam, &ham);
		if (spam != 0 || ham != 0)
			score_add(sum, SCORE_SIDE(digests[i]),
			    score_feature_memo(ramp, &memo, spam, ham));
	}
}

void
classify_verdict(const struct table_reader *table,
    const struct classify_settings *settings, const guint64 *digests, guint n,
    struct verdict *verdict_r)
{
	struct table_totals totals;
	struct score_ramp ramp;
	struct score_sum sum;

	verdict_init(verdict_r, VERDICT_UNSURE, VERDICT_NO_MODEL, NULL);
	if (table == NULL)
		return;
	table_totals(table, &totals);
	score_begin(
	    &(struct score_totals){ totals.spam, totals.ham }, &ramp, &sum);
	add_features(table, &ramp, digests, n, &sum);
	verdict_r->margin = score_margin(&sum);
	verdict_r->score = score_published(&sum);
	verdict_r->probability = score_probability(verdict_r->score);
	verdict_r->basis = VERDICT_COLD;
	if (is_active(&totals, settings)) {
		verdict_r->basis = VERDICT_SCORED;
		verdict_r->class = verdict_at(verdict_r->score,
		    settings->spam_score, settings->ham_score);
	}
}

/* Maps the table that came with the call, or finds that it is mapped already.
 */
static const struct table_reader *
call_table(struct classify_context *context, const struct worker_call *call)
{
	struct stat status;

	if (call->n_fds < 2 || !file_status(call->fds[1], &status, NULL))
		return NULL;
	if (context->table != NULL && context->table_inode == status.st_ino &&
	    context->table_device == status.st_dev)
		return context->table;
	table_unmap(&context->table);
	context->table = table_map(call->fds[1], NULL);
	context->table_inode = status.st_ino;
	context->table_device = status.st_dev;
	return context->table;
}

/* Reads the call's message; *bytes_r has to live as long. */
static struct message *
call_message(struct classify_context *context, const struct worker_call *call,
    GBytes **bytes_r, GError **error)
{
	const guint8 *data;
	gsize length;

	if (call->n_fds < 1) {
		err_set(error, DG_ERROR_BAD, "a call without a message");
		return NULL;
	}
	*bytes_r = file_read_fd(call->fds[0], G_MAXSIZE, error);
	if (*bytes_r == NULL)
		return NULL;
	data = g_bytes_get_data(*bytes_r, &length);
	return message_parse(data, length, &context->limits, error);
}

static struct features_rules
context_rules(const struct classify_context *context)
{
	return (struct features_rules){ .key = context->feature_key,
		.local_domains = context->local_domains,
		.body_only = context->body_only };
}

static void
append_json(GByteArray *record, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	if (text != NULL)
		g_byte_array_append(record, (const guint8 *)text, strlen(text));
	free(text);
	json_decref(object);
}

gboolean
classify_job_score(struct classify_context *context,
    const struct worker_call *call, struct worker_answer *answer,
    GError **error)
{
	const struct table_reader *table = call_table(context, call);
	g_autoptr(GBytes) bytes = NULL;
	struct message *message OWNED(message_free) =
	    call_message(context, call, &bytes, error);
	const struct features_rules rules = context_rules(context);
	struct verdict verdict;

	if (message == NULL)
		return FALSE;
	explain_verdict(message, &rules, table, &context->settings, &verdict);
	append_json(answer->record, verdict_to_json(&verdict));
	return TRUE;
}

/* The addresses the message says it is from, each once. */
static json_t *
people_of(const struct message *message)
{
	static const char *const fields[MODEL_PEOPLE] = { "From", "Reply-To" };
	json_t *people = json_array();
	const char *before = "";

	for (guint i = 0; i < MODEL_PEOPLE; i++) {
		const GPtrArray *addresses =
		    message_addresses(message, fields[i]);
		const struct addr *first =
		    addresses->len > 0 ? addresses->pdata[0] : NULL;

		if (first == NULL || g_str_equal(first->address, before))
			continue;
		before = first->address;
		/* One that is no UTF-8 gives nothing. */
		json_array_append_new(people, json_string(before));
	}
	return people;
}

static void
append_lesson(GByteArray *record, const struct message *message,
    const struct verdict *verdict)
{
	json_t *object = verdict_to_json(verdict);
	const char *id = message_id(message);

	json_object_set_new(object, "people", people_of(message));
	if (id != NULL)
		json_object_set_new(object, "id", json_string(id));
	append_json(record, object);
}

gboolean
classify_job_features(struct classify_context *context,
    const struct worker_call *call, struct worker_answer *answer,
    GError **error)
{
	const struct table_reader *table = call_table(context, call);
	g_autoptr(GBytes) bytes = NULL;
	struct message *message OWNED(message_free) =
	    call_message(context, call, &bytes, error);
	struct features features OWNED(features_clear) = { 0 };
	const struct features_rules rules = context_rules(context);
	struct verdict verdict;
	struct ident ident;
	guint32 n;

	if (message == NULL)
		return FALSE;
	features_extract(message, &rules, NULL, NULL, &features);
	canonical_ident(message, rules.key, &ident);
	classify_verdict(
	    table, &context->settings, features.digests, features.n, &verdict);
	n = features.n;
	g_byte_array_append(answer->record, ident.bytes, sizeof(ident.bytes));
	g_byte_array_append(answer->record, (guint8 *)&n, sizeof(n));
	g_byte_array_append(
	    answer->record, (guint8 *)features.digests, n * sizeof(guint64));
	append_lesson(answer->record, message, &verdict);
	return TRUE;
}

gboolean
classify_job_explain(struct classify_context *context,
    const struct worker_call *call, struct worker_answer *answer,
    GError **error)
{
	const struct table_reader *table = call_table(context, call);
	g_autoptr(GBytes) bytes = NULL;
	struct message *message OWNED(message_free) =
	    call_message(context, call, &bytes, error);
	const struct features_rules rules = context_rules(context);

	if (message == NULL)
		return FALSE;
	append_json(answer->record,
	    explain_message(message, &rules, table, &context->settings));
	return TRUE;
}
