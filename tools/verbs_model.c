/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs about the model as a whole. */
#include "classifier/exchange.h"
#include "classifier/verify.h"
#include "lib/base/file.h"
#include "tools/keeper.h"
#include "tools/verbs.h"

/* {} -> {records, lessons, differences: n, shown: ["..."]} */
gboolean
verb_model_verify(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	struct verify_report report;
	json_t *shown;

	(void)request;
	if (!verify_model(keeper->learn, &report, error))
		return FALSE;
	shown = json_array();
	for (guint i = 0; i < report.shown->len; i++)
		json_array_append_new(
		    shown, json_string(report.shown->pdata[i]));
	json_object_set_new(
	    answer->body, "records", json_integer(report.records));
	json_object_set_new(
	    answer->body, "lessons", json_integer(report.lessons));
	json_object_set_new(
	    answer->body, "differences", json_integer(report.differences));
	json_object_set_new(answer->body, "shown", shown);
	verify_report_clear(&report);
	return TRUE;
}

/* {} -> {} and the text as a memory file */
gboolean
verb_model_dump(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	g_autoptr(GString) text = g_string_new(NULL);

	(void)request;
	if (!exchange_dump(keeper->learn, EXCHANGE_COUNTS, text, error))
		return FALSE;
	answer->fds[0] = file_memory("model", text->str, text->len, error);
	if (answer->fds[0] < 0)
		return FALSE;
	answer->n_fds = 1;
	return TRUE;
}
