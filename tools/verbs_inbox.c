/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of inboxes' lives. */
#include "lib/base/err.h"
#include "tools/inboxes.h"
#include "tools/keeper.h"
#include "tools/verbs.h"

/* {inbox?} -> {inboxes: [...]} as inboxes_status gives them */
gboolean
verb_inbox_status(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	json_t *list = inboxes_status(self,
	    json_string_value(json_object_get(request->body, "inbox")), error);

	if (list == NULL)
		return FALSE;
	json_object_set_new(answer->body, "inboxes", list);
	return TRUE;
}

static gboolean
change(struct keeper *keeper, struct inbox_wish *wish,
    const struct control_request *request, struct control_answer *answer,
    GError **error)
{
	json_t *list;

	wish->inbox = verb_text(request, "inbox", error);
	wish->actor = request->actor;
	wish->how.at =
	    json_integer_value(json_object_get(request->body, "at")) *
	    G_USEC_PER_SEC;
	wish->how.reason =
	    json_string_value(json_object_get(request->body, "reason"));
	if (wish->inbox == NULL || !inboxes_change(keeper, wish, error))
		return FALSE;
	list = inboxes_status(keeper, wish->inbox, error);
	if (list == NULL)
		return FALSE;
	json_object_set_new(answer->body, "inboxes", list);
	return TRUE;
}

/* {inbox, answer?: tempfail|reject, at?: seconds, reason?} -> {inboxes: [...]},
 * that inbox as it is then */
gboolean
verb_inbox_suspend(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct keeper *keeper = self;
	struct inbox_wish wish = { .act = INBOX_SUSPEND };
	const char *inbox = verb_text(request, "inbox", error);
	const char *word =
	    json_string_value(json_object_get(request->body, "answer"));
	struct life_plan plan;

	if (inbox == NULL)
		return FALSE;
	life_plan_read(conf_find(keeper->conf, "inbox", inbox), &plan);
	wish.how.answer = plan.answer;
	if (word != NULL && !life_answer_parse(word, &wish.how.answer))
		return err_set(error, DG_ERROR_BAD,
		    "the answer is \"tempfail\" or \"reject\"");
	return change(keeper, &wish, request, answer, error);
}

/* {inbox, at?: seconds, reason?} -> likewise */
gboolean
verb_inbox_end(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct inbox_wish wish = { .act = INBOX_END };

	return change(self, &wish, request, answer, error);
}

/* {inbox} -> likewise */
gboolean
verb_inbox_resume(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct inbox_wish wish = { .act = INBOX_RESUME };

	return change(self, &wish, request, answer, error);
}

/* {inbox} -> likewise */
gboolean
verb_inbox_open(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	struct inbox_wish wish = { .act = INBOX_OPEN };

	return change(self, &wish, request, answer, error);
}
