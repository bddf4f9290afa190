/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of the audit trail, and of those who are in it. */
#include "lib/store/store.h"

#include <inttypes.h>
#include "tools/changes.h"
#include "tools/keeper.h"
#include "tools/records.h"
#include "tools/verbs.h"
#include "tools/wayback.h"

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
				: g_strdup_printf("%" PRIu64 ":%s", report.last,
				      report.head);
	json_object_update_new(answer->body,
	    json_pack("{s:b, s:I, s:I, s:I, s:s, s:b, s:s}", "whole",
		report.whole, "records", (json_int_t)report.records, "first",
		(json_int_t)report.first, "last", (json_int_t)report.last,
		"head", text, "has", report.has, "fault", report.fault));
	return TRUE;
}

/* {} -> {operators: [...]} */
gboolean
verb_operator_list(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;

	(void)request, (void)error;
	json_object_set_new(
	    answer->body, "operators", operators_list(keeper->operators));
	return TRUE;
}

/* {operator} -> {alias}: what he is called from now on.  The act is written
 * down first: a name that is gone and no word of it is worse than a word too
 * many. */
gboolean
verb_operator_delete(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	const char *name = verb_text(request, "operator", error);
	const char *alias =
	    name == NULL ? NULL
			 : operators_find(keeper->operators, name, error);
	const struct audit_act act = { request->actor, "operator-delete", alias,
		NULL };

	/* Counted before: once the name is gone it cannot be asked for
	 * again. */
	if (alias == NULL || !audit_add(keeper->audit, &act, error) ||
	    !changes_add(keeper, error) ||
	    !operators_delete(keeper->operators, name, error) ||
	    !store_compact(operators_store(keeper->operators), error) ||
	    !records_drop_aside(keeper, error))
		return FALSE;
	json_object_set_new(answer->body, "alias", json_string(alias));
	return TRUE;
}
