/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The classifier's jobs, as they run in a jailed reader: read, extract, look
 * up, score, and say why.
 */
#include <string.h>
#include <sys/stat.h>

#include "classifier/classify.h"
#include "classifier/evidence.h"
#include "classifier/explain.h"
#include "classifier/wire.h"
#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

void
classify_verdict(const struct table_reader *table,
    const struct classify_settings *settings, const guint64 *digests, guint n,
    struct verdict *verdict_r)
{
	struct evidence evidence;

	verdict_init(verdict_r, VERDICT_UNSURE, VERDICT_NO_MODEL, NULL);
	if (table == NULL)
		return;
	evidence_gather(table, digests, n, &evidence);
	evidence_verdict(&evidence, settings, verdict_r);
}

/* Where the file is mapped already; else the one that was not used for longest,
 * which is none of this call's, since there are as many as a call can have. */
static struct classify_table *
find_table(struct classify_context *context, const struct stat *status)
{
	struct classify_table *oldest = &context->tables[0];

	for (guint i = 0; i < G_N_ELEMENTS(context->tables); i++) {
		struct classify_table *table = &context->tables[i];

		if (table->reader != NULL && table->inode == status->st_ino &&
		    table->device == status->st_dev)
			return table;
		if (table->used < oldest->used)
			oldest = table;
	}
	table_unmap(&oldest->reader);
	return oldest;
}

/* A table that was replaced would keep its memory for as long as it is mapped.
 */
static void
drop_replaced(struct classify_context *context)
{
	for (guint i = 0; i < G_N_ELEMENTS(context->tables); i++) {
		struct classify_table *table = &context->tables[i];

		if (table->reader == NULL || table->used == context->calls ||
		    !table_superseded(table->reader))
			continue;
		table_unmap(&table->reader);
		table->used = 0;
	}
}

/* Maps a table that came with the call, or finds that it is mapped already. */
static const struct table_reader *
map_table(struct classify_context *context, int fd)
{
	struct classify_table *table;
	struct stat status;

	if (!file_status(fd, &status, NULL))
		return NULL;
	table = find_table(context, &status);
	table->used = context->calls;
	if (table->reader != NULL)
		return table->reader;
	drop_replaced(context);
	table->reader = table_map(fd, NULL);
	table->inode = status.st_ino;
	table->device = status.st_dev;
	return table->reader;
}

/* The tables of a call: the installation's (or NULL), then own ones. */
struct tables {
	const struct table_reader *readers[CLASSIFY_TABLES];
	guint n; /* at least 1 */
};

static void
call_tables(struct classify_context *context, const struct worker_call *call,
    struct tables *tables_r)
{
	*tables_r = (struct tables){ .n = 1 };
	context->calls++;
	for (guint i = 1; i < MIN(call->n_fds, CLASSIFY_TABLES + 1); i++) {
		tables_r->readers[i - 1] = map_table(context, call->fds[i]);
		tables_r->n = i;
	}
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
	return features_read(data, length, &context->limits, error);
}

static struct features_rules
context_rules(const struct classify_context *context)
{
	return (struct features_rules){ .key = context->feature_key,
		.local_domains = context->local_domains,
		.body_only = context->body_only };
}

gboolean
classify_job_score(struct classify_context *context,
    const struct worker_call *call, struct worker_answer *answer,
    GError **error)
{
	g_autoptr(GBytes) bytes = NULL;
	struct message *message OWNED(message_free) =
	    call_message(context, call, &bytes, error);
	const struct features_rules rules = context_rules(context);
	struct features features OWNED(features_clear) = { 0 };
	struct verdict verdicts[CLASSIFY_TABLES];
	struct tables tables;

	if (message == NULL)
		return FALSE;
	call_tables(context, call, &tables);
	explain_verdicts(message, &rules,
	    &(struct explain_tables){ tables.readers, tables.n },
	    &context->settings, verdicts, &features);
	for (guint i = 0; i < tables.n; i++)
		wire_put_verdict(answer->record, &verdicts[i]);
	if (features.n > 0) {
		/* What is kept for a label is judged anew then, and words of a
		 * message have no place in it. */
		verdicts[0].n_reasons = 0;
		wire_put_scored(
		    answer->record, &(struct wire_lesson){ message, rules.key,
					&features, &verdicts[0] });
	}
	return TRUE;
}

gboolean
classify_job_features(struct classify_context *context,
    const struct worker_call *call, struct worker_answer *answer,
    GError **error)
{
	g_autoptr(GBytes) bytes = NULL;
	struct message *message OWNED(message_free) =
	    call_message(context, call, &bytes, error);
	struct features features OWNED(features_clear) = { 0 };
	const struct features_rules rules = context_rules(context);
	struct verdict verdict;
	struct tables tables;

	if (message == NULL)
		return FALSE;
	call_tables(context, call, &tables);
	features_extract(message, &rules, NULL, &features);
	classify_verdict(tables.readers[0], &context->settings,
	    features.digests, features.n, &verdict);
	wire_put_lesson(answer->record,
	    &(struct wire_lesson){ message, rules.key, &features, &verdict });
	return TRUE;
}

gboolean
classify_job_explain(struct classify_context *context,
    const struct worker_call *call, struct worker_answer *answer,
    GError **error)
{
	g_autoptr(GBytes) bytes = NULL;
	struct message *message OWNED(message_free) =
	    call_message(context, call, &bytes, error);
	const struct features_rules rules = context_rules(context);
	struct tables tables;
	json_t *object;
	char *text;

	if (message == NULL)
		return FALSE;
	call_tables(context, call, &tables);
	object = explain_message(message, &rules, tables.readers[0],
	    tables.readers[1], &context->settings);
	text = json_dumps(object, JSON_COMPACT);
	if (text != NULL)
		g_byte_array_append(
		    answer->record, (const guint8 *)text, strlen(text));
	free(text);
	json_decref(object);
	return TRUE;
}
