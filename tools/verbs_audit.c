/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of the audit trail. */
#include "tools/keeper.h"
#include "tools/verbs.h"

#define LIST_MOST 10000

/* {limit?} -> {records: [...]}: the last ones, oldest first */
gboolean
verb_audit_list(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	json_int_t limit =
	    json_integer_value(json_object_get(request->body, "limit"));
	json_t *records =
	    audit_list(keeper->audit, (guint)CLAMP(limit, 1, LIST_MOST), error);

	if (records == NULL)
		return FALSE;
	json_object_set_new(answer->body, "records", records);
	return TRUE;
}

/* {head?: "SEQ:CHAIN"} -> {whole, records, first, last, head, has, fault} */
gboolean
verb_audit_verify(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	const char *head =
	    json_string_value(json_object_get(request->body, "head"));
	struct audit_report report;
	g_autofree char *text = NULL;

	if (!audit_verify(keeper->audit, head, &report, error))
		return FALSE;
	text = report.last == 0 ? g_strdup("")
				: g_strdup_printf("%" G_GUINT64_FORMAT ":%s",
				      report.last, report.head);
	json_object_update_new(answer->body,
	    json_pack("{s:b, s:I, s:I, s:I, s:s, s:b, s:s}", "whole",
		report.whole, "records", (json_int_t)report.records, "first",
		(json_int_t)report.first, "last", (json_int_t)report.last,
		"head", text, "has", report.has, "fault", report.fault));
	return TRUE;
}
