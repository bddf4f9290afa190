/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a look at a desk found.
 */
#include "tickets/desk.h"

static void
check_free(gpointer item)
{
	struct desk_check *check = item;

	g_free(check->text);
	g_free(check->mend);
	g_free(check);
}

struct desk_report *
desk_report_new(void)
{
	struct desk_report *report = g_new0(struct desk_report, 1);

	report->checks = g_ptr_array_new_with_free_func(check_free);
	return report;
}

void
desk_report_free(struct desk_report **report)
{
	if (*report == NULL)
		return;
	g_ptr_array_unref((*report)->checks);
	g_clear_pointer(report, g_free);
}

void
desk_report_add(struct desk_report *report, enum desk_level level,
    const char *name, const char *text, const char *mend)
{
	struct desk_check *check = g_new0(struct desk_check, 1);

	check->name = name;
	check->level = level;
	check->text = g_strdup(text);
	check->mend = g_strdup(mend);
	g_ptr_array_add(report->checks, check);
}

enum desk_level
desk_report_worst(const struct desk_report *report)
{
	enum desk_level worst = DESK_OK;

	for (guint i = 0; i < report->checks->len; i++) {
		const struct desk_check *check = report->checks->pdata[i];

		worst = MAX(worst, check->level);
	}
	return worst;
}

const char *
desk_level_word(enum desk_level level)
{
	static const char *const words[] = { "ok", "warn", "fail" };

	return words[level];
}

gboolean
desk_test(struct desk *desk, struct desk_report *report, GError **error)
{
	g_autoptr(GError) fault = NULL;

	if (desk->ops->test != NULL)
		return desk->ops->test(desk, report, error);
	if (desk->ops->health(desk, &fault))
		desk_report_add(report, DESK_OK, "reach",
		    "it answers and takes our credentials", NULL);
	else
		desk_report_add(report, DESK_FAIL, "reach", fault->message,
		    "mend what the desk says, then test again");
	return TRUE;
}
