/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The classifier's jobs, as they run in a jailed reader: read, extract, look
 * up, score, and say why.
 */
#include <string.h>
#include <sys/stat.h>

#include "classifier/classify.h"
#include "classifier/explain.h"
#include "classifier/features.h"
#include "classifier/score.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"

static gboolean
is_active(
    const struct table_totals *totals, const struct classify_settings *settings)
{
	return totals->label_spam >= settings->activation_labels &&
	       totals->label_ham >= settings->activation_labels &&
	       totals->label_spam + totals->label_ham >=
		   settings->activation_total;
}

static enum verdict_class
class_of(double margin, const struct classify_settings *settings)
{
	if (margin >= settings->spam_margin)
		return VERDICT_SPAM;
	return margin <= settings->ham_margin ? VERDICT_HAM : VERDICT_UNSURE;
}

/* Most features have counts that others have too, and a weight costs a
 * logarithm. */
#define WEIGHTS 512

struct weights {
	guint64 counts[WEIGHTS]; /* spam << 32 | ham; 0: empty */
	double weight[WEIGHTS];
};

static double
weight_of(struct weights *weights, const struct score_ramp *ramp, guint32 spam,
    guint32 ham)
{
	guint64 counts = (guint64)spam << 32 | ham;
	guint at = (spam * 31 + ham) % WEIGHTS;

	if (weights->counts[at] != counts) {
		weights->counts[at] = counts;
		weights->weight[at] = score_feature(ramp, spam, ham);
	}
	return weights->weight[at];
}

/* How far ahead of its use a digest's record is fetched. */
#define AHEAD 12

static void
sum_weights(const struct table_reader *table, const struct score_ramp *ramp,
    const guint64 *digests, guint n, struct score_sum *sum)
{
	struct weights weights = { 0 };

	for (guint i = 0; i < n; i++) {
		guint32 spam, ham;

		if (i + AHEAD < n)
			table_prefetch(table, digests[i + AHEAD]);
		table_get(table, digests[i], &spam, &ham);
		if (spam + ham > 0)
			score_add(sum, weight_of(&weights, ramp, spam, ham));
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
	sum_weights(table, &ramp, digests, n, &sum);
	verdict_r->margin = score_margin(&sum);
	verdict_r->score = score_published(&sum);
	verdict_r->probability = score_probability(verdict_r->score);
	verdict_r->basis = VERDICT_COLD;
	if (is_active(&totals, settings)) {
		verdict_r->basis = VERDICT_SCORED;
		verdict_r->class = class_of(verdict_r->margin, settings);
	}
}

/* The body without CR before LF: the milter sees CRLF, a mailbox LF. */
static void
digest_body(struct seal_digest *digest, const guint8 *body, gsize length)
{
	g_autoptr(GByteArray) clean = g_byte_array_sized_new(length);

	while (length > 0 &&
	       (body[length - 1] == '\n' || body[length - 1] == '\r'))
		length--;
	for (gsize i = 0; i < length; i++) {
		if (body[i] != '\r')
			g_byte_array_append(clean, &body[i], 1);
	}
	seal_digest_add(digest,
	    clean->data != NULL ? clean->data : (guint8 *)"", clean->len);
}

void
classify_ident(const guint8 *feature_key, const struct message *message,
    struct ident *ident_r)
{
	static const char *const names[] = { "Message-ID", "From", "Date",
		"Subject" };
	struct seal_digest *digest =
	    seal_digest_new(feature_key, FEATURES_KEY_BYTES, "lesson");
	const guint8 *body;
	gsize length;

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		const char *value = message_header(message, names[i]);

		seal_digest_add(digest, value != NULL ? value : "",
		    value != NULL ? strlen(value) : 0);
	}
	body = message_body_block(message, &length);
	digest_body(digest, body, length);
	seal_digest_end(&digest, ident_r->bytes, sizeof(ident_r->bytes));
}

/* Maps the table that came with the call, or finds that it is mapped already.
 */
static const struct table_reader *
call_table(struct classify_context *context, const struct worker_call *call)
{
	struct stat status;

	if (call->n_fds < 2 || fstat(call->fds[1], &status) != 0)
		return NULL;
	if (context->table != NULL && context->table_inode == status.st_ino)
		return context->table;
	table_unmap(&context->table);
	context->table = table_map(call->fds[1], NULL);
	context->table_inode = status.st_ino;
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
	struct verdict verdict;

	if (message == NULL)
		return FALSE;
	explain_verdict(
	    message, context->feature_key, table, &context->settings, &verdict);
	append_json(answer->record, verdict_to_json(&verdict));
	return TRUE;
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
	struct verdict verdict;
	struct ident ident;
	guint32 n;

	if (message == NULL)
		return FALSE;
	features_extract(message, context->feature_key, NULL, NULL, &features);
	classify_ident(context->feature_key, message, &ident);
	classify_verdict(
	    table, &context->settings, features.digests, features.n, &verdict);
	n = features.n;
	g_byte_array_append(answer->record, ident.bytes, sizeof(ident.bytes));
	g_byte_array_append(answer->record, (guint8 *)&n, sizeof(n));
	g_byte_array_append(
	    answer->record, (guint8 *)features.digests, n * sizeof(guint64));
	append_json(answer->record, verdict_to_json(&verdict));
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

	if (message == NULL)
		return FALSE;
	append_json(
	    answer->record, explain_message(message, context->feature_key,
				table, &context->settings));
	return TRUE;
}
