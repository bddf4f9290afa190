/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans, as both MTAs have them. */
#include "tools/setup_plan.h"

#include "lib/base/owned.h"
#include "lib/base/translate.h"

static void
edit_free(gpointer pointer)
{
	struct setup_edit *edit = pointer;

	g_free(edit->name);
	g_free(edit->value);
	g_free(edit);
}

struct setup_plan *
setup_plan_new(void)
{
	struct setup_plan *plan = g_new0(struct setup_plan, 1);

	plan->edits = g_ptr_array_new_with_free_func(edit_free);
	plan->warnings = g_ptr_array_new_with_free_func(g_free);
	return plan;
}

void
setup_plan_free(struct setup_plan **plan)
{
	if (*plan == NULL)
		return;
	g_ptr_array_unref((*plan)->edits);
	g_ptr_array_unref((*plan)->warnings);
	g_free((*plan)->refusal);
	g_clear_pointer(plan, g_free);
}

void
setup_plan_edit(struct setup_plan *plan, enum setup_edit_kind kind,
    const char *name, const char *value)
{
	struct setup_edit *edit = g_new0(struct setup_edit, 1);

	edit->kind = kind;
	edit->name = g_strdup(name);
	edit->value = g_strdup(value);
	g_ptr_array_add(plan->edits, edit);
}

void
setup_plan_warn(struct setup_plan *plan, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	g_ptr_array_add(
	    plan->warnings, g_strdup_vprintf(translate(format), list));
	va_end(list);
}

void
setup_plan_refuse(struct setup_plan *plan, const char *format, ...)
{
	va_list list;

	if (plan->refusal != NULL)
		return;
	va_start(list, format);
	plan->refusal = g_strdup_vprintf(translate(format), list);
	va_end(list);
}

gboolean
setup_plan_routes(const struct policy_inbox *inbox)
{
	return inbox->mode == POLICY_TICKET;
}
