/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The test of a Redmine: all that we need there, asked anew; nothing is
 * changed. What cannot be seen is whether the workflow lets our role set a
 * status.
 */
#include "tickets/desk_redmine_private.h"

#include <string.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

static gboolean
test_reach(struct redmine *redmine, struct desk_report *report)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autoptr(GError) fault = NULL;

	if (redmine_get(redmine, "/users/current.json", &answer, &fault)) {
		desk_probe_answer(report, &answer, redmine->encrypted,
		    clock_wall(redmine->clock) / G_USEC_PER_SEC);
		return TRUE;
	}
	if (err_is(fault, DG_ERROR_DENIED) || err_is(fault, DG_ERROR_NOTFOUND))
		desk_report_add(report, DESK_FAIL, "credentials",
		    fault->message,
		    "look at url and token-file (an API access key, \"My "
		    "account\"), and enable the REST web service in "
		    "Administration, Settings, API; or set allow-private, if "
		    "the address is meant");
	else
		desk_probe_fault(report, fault);
	return FALSE;
}

static void
test_words(struct redmine *redmine, struct desk_report *report)
{
	g_autoptr(GError) fault = NULL;

	if (redmine_ask_words(redmine, &fault))
		desk_report_add(
		    report, DESK_OK, "fields", "the statuses are there", NULL);
	else
		desk_report_add(report, DESK_FAIL, "fields", fault->message,
		    "set status-open, status-closed and status-spam to names "
		    "of Redmine's issue statuses");
	if (redmine->priorities != NULL &&
	    (redmine_item_named(redmine->priorities, "high") == NULL ||
		redmine_item_named(redmine->priorities, "low") == NULL))
		desk_report_add(report, DESK_WARN, "fields",
		    "the priorities are not called Low, Normal, High and "
		    "Urgent: those that rules and senders ask for are left out",
		    "let rules name Redmine's own, or rename them there");
}

static void
test_rights(const struct redmine *redmine, const struct redmine_place *place,
    struct desk_report *report)
{
	static const struct {
		const char *right, *loss;
		enum desk_level level;
	} rights[] = {
		{ "view_issues", "nothing can be done", DESK_FAIL },
		{ "add_issues", "nothing can be done", DESK_FAIL },
		{ "edit_issues", "nothing can be done", DESK_FAIL },
		{ "add_issue_notes", "follow-ups cannot be added", DESK_FAIL },
		{ "set_notes_private", "agents get no notes", DESK_WARN },
		{ "delete_issues", "nobody can be erased", DESK_WARN },
	};
	guint missing = 0;

	for (gsize i = 0; i < G_N_ELEMENTS(rights); i++) {
		g_autofree char *text = NULL;

		if (redmine_may(redmine, place, rights[i].right))
			continue;
		missing++;
		text = g_strdup_printf("our user lacks %s in the project: %s",
		    rights[i].right, rights[i].loss);
		desk_report_add(report, rights[i].level, "rights", text,
		    "make our user a member of the project, in a role that "
		    "has this permission");
	}
	if (missing == 0)
		desk_report_add(report, DESK_OK, "rights",
		    "our user may do in the project what is needed", NULL);
	if (!redmine->me.admin && redmine->customers != REDMINE_CUSTOMERS_TEXT)
		desk_report_add(report, DESK_WARN, "rights",
		    "our user is no administrator, so all issues and notes "
		    "are his",
		    "make him one, or set customers = text");
	else if (!redmine->me.admin)
		desk_report_add(report, DESK_OK, "rights",
		    "our user is no administrator, so erasing a person leaves "
		    "an account of his, if he has one",
		    NULL);
}

static void
test_place(struct redmine *redmine, struct redmine_place *place,
    struct desk_report *report)
{
	g_autofree char *text =
	    g_strdup_printf("project \"%s\" is there", place->project.name);
	g_autofree char *field = NULL;
	g_autoptr(GError) tracker = NULL, fault = NULL;

	if (place->project.open && place->project.tracking)
		desk_report_add(report, DESK_OK, "department", text, NULL);
	else
		desk_report_add(report, DESK_FAIL, "department",
		    "the project is closed, or has no issues",
		    "reopen it, or enable its module \"Issue tracking\"");
	if (!redmine_take_tracker(redmine, place, &tracker))
		desk_report_add(report, DESK_FAIL, "department",
		    tracker->message,
		    "set tracker to one of the project's, or add it there");
	if (redmine->marks.by != REDMINE_BY_STATUS && place->spam == 0)
		desk_report_add(report, DESK_FAIL, "fields",
		    "the project has not what spam-by and status-spam name",
		    "make a category or tracker of that name in the project");
	field = g_strdup_printf(
	    "the project has the custom field %s", redmine->field);
	if (redmine_take_field(redmine, place, &fault))
		desk_report_add(report, DESK_OK, "fields", field, NULL);
	else
		desk_report_add(report, DESK_FAIL, "fields", fault->message,
		    "make a custom field for issues, format \"Long text\", "
		    "\"Used as a filter\", for the tracker and the project, "
		    "visible to our role");
}

gboolean
redmine_test(struct desk *desk, struct desk_report *report, GError **error)
{
	struct redmine *redmine = redmine_of(desk);
	struct redmine_place *place;
	g_autoptr(GError) fault = NULL;

	(void)error;
	if (!test_reach(redmine, report))
		return TRUE;
	if (!redmine_ask_me(redmine, &fault)) {
		desk_probe_fault(report, fault);
		return TRUE;
	}
	desk_report_add(
	    report, DESK_OK, "credentials", "the API key is good", NULL);
	test_words(redmine, report);
	g_hash_table_remove(redmine->places, redmine->project);
	place = redmine_place(redmine, redmine->project, &fault);
	if (place == NULL) {
		desk_report_add(report, DESK_FAIL, "department", fault->message,
		    "set department to the identifier of a project, as in its "
		    "url, and make our user a member of it");
		return TRUE;
	}
	test_place(redmine, place, report);
	test_rights(redmine, place, report);
	return TRUE;
}
