/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Trying rules on one message.
 */
#include "tickets/rules_job.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"

static json_t *
try_rules(const struct rules *rules, const struct rule_facts *facts)
{
	guint count = rules_count(rules);
	g_autofree struct rule_trace *traces =
	    g_new(struct rule_trace, MAX(count, 1));
	json_t *list = json_array();

	rules_run(rules, facts, traces);
	for (guint i = 0; i < count; i++)
		json_array_append_new(
		    list, json_pack("{s:s, s:s, s:s?, s:I}", "rule",
			      rules_name(rules, i), "result",
			      rule_result_word(traces[i].result), "why",
			      traces[i].why, "us", (json_int_t)traces[i].took));
	return list;
}

gboolean
rules_job(const struct convert_context *context, const struct worker_call *call,
    struct worker_answer *answer, GError **error)
{
	struct message *message OWNED(message_free) = NULL;
	struct entry *entry OWNED(entry_free) = NULL;
	json_t *request = json_loadb(
	    (const char *)call->request, call->request_length, 0, NULL);
	g_autoptr(GBytes) bytes = NULL;
	gsize length;
	const guint8 *data;
	json_t *list;
	char *text;

	entry = entry_from_json(request, error);
	json_decref(request);
	bytes = entry != NULL && call->n_fds > 0
		    ? file_read_fd(call->fds[0], G_MAXSIZE, error)
		    : NULL;
	if (bytes == NULL)
		return FALSE;
	data = g_bytes_get_data(bytes, &length);
	message = message_parse(data, length, &context->limits, error);
	if (message == NULL)
		return FALSE;
	list = try_rules(
	    context->rules, &(const struct rule_facts){ message, entry });
	text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	g_byte_array_append(answer->record, (const guint8 *)text, strlen(text));
	free(text);
	return TRUE;
}

json_t *
rules_ask(struct worker_pool *pool, const struct entry *entry, int message,
    GError **error)
{
	json_t *request = entry_to_json(entry);
	char *text = json_dumps(request, JSON_COMPACT);
	const struct worker_call call = { (const guint8 *)text, strlen(text),
		&message, 1 };
	struct worker_reply reply = { 0 };
	gboolean called =
	    worker_pool_run(pool, "rules", &call, 0, &reply, error);
	json_t *list = NULL;

	json_decref(request);
	free(text);
	if (!called)
		return NULL;
	list = json_loadb(
	    (const char *)reply.record->data, reply.record->len, 0, NULL);
	worker_reply_clear(&reply);
	if (list == NULL)
		err_set(error, DG_ERROR_IO, "the reader's answer is no JSON");
	return list;
}
