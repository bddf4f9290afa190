/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs about desks as a whole. */
#include "lib/base/owned.h"
#include "tools/keeper.h"
#include "tools/verbs.h"

static json_t *
checks_json(const struct desk_report *report)
{
	json_t *list = json_array();

	for (guint i = 0; i < report->checks->len; i++) {
		const struct desk_check *check = report->checks->pdata[i];

		json_array_append_new(list,
		    json_pack("{s:s, s:s, s:o, s:o}", "check", check->name,
			"level", desk_level_word(check->level), "text",
			desk_text(check->text), "mend",
			desk_text(check->mend)));
	}
	return list;
}

/* {desk: NAME} -> {type, worst: "ok"|"warn"|"fail",
 *                  checks: [{check, level, text, mend}]} */
gboolean
verb_desk_test(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	const char *name = verb_text(request, "desk", error);
	struct desk_report *report OWNED(desk_report_free) = desk_report_new();
	struct desk *desk;
	const char *type;
	gboolean done;

	if (name == NULL)
		return FALSE;
	desk = deliver_lock_desk(keeper->deliver, name, NULL, error);
	if (desk == NULL)
		return FALSE;
	type = desk->ops->type;
	done = desk_test(desk, report, error);
	deliver_unlock_desk(keeper->deliver, desk);
	if (!done)
		return FALSE;
	json_object_set_new(answer->body, "type", json_string(type));
	json_object_set_new(answer->body, "worst",
	    json_string(desk_level_word(desk_report_worst(report))));
	json_object_set_new(answer->body, "checks", checks_json(report));
	return TRUE;
}
