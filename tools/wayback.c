/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way back from the desks, as the keeper has it.
 */
#include "tools/wayback.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "tools/daybook.h"
#include "tools/models.h"

/* The last line of the trail goes into the log, which stands elsewhere: lines
 * that are cut off then are missed. */
static gboolean
log_head(struct keeper *keeper, GError **error)
{
	struct audit_report report;
	g_autofree char *head = NULL;

	if (!audit_verify(keeper->audit, NULL, &report, error))
		return FALSE;
	if (!report.whole) {
		log_event(LOG_LEVEL_ERROR, "audit-broken", "where",
		    report.fault, NULL);
		return TRUE;
	}
	if (report.records == 0)
		return TRUE;
	head = g_strdup_printf("%" PRIu64 ":%s", report.last, report.head);
	log_event(LOG_LEVEL_INFO, "audit-head", "head", head, NULL);
	return TRUE;
}

/* When something was last done, as the trail has it. */
static gboolean
hear_audit(struct keeper *keeper, GError **error)
{
	json_t *list = audit_list(keeper->audit, 1, error);
	const char *text =
	    json_string_value(json_object_get(json_array_get(list, 0), "time"));
	g_autoptr(GDateTime) time =
	    text != NULL ? g_date_time_new_from_iso8601(text, NULL) : NULL;

	if (time != NULL)
		daybook_hear(keeper->daybook,
		    g_date_time_to_unix(time) * G_USEC_PER_SEC);
	json_decref(list);
	return list != NULL;
}

static gboolean
open_audit(struct keeper *keeper, GError **error)
{
	struct kept kept = { .keep = kept_setting(
				 keeper->conf, NULL, "audit-retention") };

	keeper->audit = audit_open(
	    keeper->paths.audit, keeper->own.ledger, &clock_system, error);
	return keeper->audit != NULL && hear_audit(keeper, error) &&
	       daybook_tend(keeper->daybook, error) &&
	       audit_expire(keeper->audit, daybook_now(keeper->daybook), TRUE,
		   &kept, error);
}

static gboolean
judge(void *self, int message, const char *inbox, struct verdict *verdict_r,
    GError **error)
{
	struct keeper *keeper = self;

	return models_judge(keeper->classify, keeper->conf,
	    conf_find(keeper->conf, "inbox", inbox), message, verdict_r, error);
}

static gboolean
begin_lessons(void *self, GError **error)
{
	struct keeper *keeper = self;

	return faculty_group_begin(keeper->faculty, error);
}

static gboolean
end_lessons(void *self, GError **error)
{
	struct keeper *keeper = self;

	return faculty_group_end(keeper->faculty, error);
}

gboolean
wayback_open(struct keeper *keeper, GError **error)
{
	struct feedback_world world = {
		.deliver = keeper->deliver,
		.vaulted = &keeper->vaulted,
		.ledger = keeper->ledger,
		.operators = keeper->operators,
		.teacher = &keeper->teacher,
		.subject_key = keeper->own.subject,
		.conf = keeper->conf,
		.clock = &clock_system,
		.begin = begin_lessons,
		.end = end_lessons,
		.judge = judge,
		.self = keeper,
	};

	keeper->acts =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (!open_audit(keeper, error))
		return FALSE;
	world.audit = keeper->audit;
	keeper->feedback = feedback_open(&world);
	return TRUE;
}

/* With what settings: whoever changed them did so before. */
static gboolean
tell_start(struct keeper *keeper, GError **error)
{
	g_autofree char *object =
	    g_strdup_printf("settings %.32s", conf_sum(keeper->conf));
	const struct audit_act line = { "keeper", "start", object, NULL };

	return audit_add(keeper->audit, &line, error);
}

gboolean
wayback_start(struct keeper *keeper, GError **error)
{
	return log_head(keeper, error) && tell_start(keeper, error) &&
	       feedback_start(keeper->feedback, error) &&
	       push_open(keeper->conf, keeper->feedback, &keeper->push, error);
}

void
wayback_stop(struct keeper *keeper)
{
	push_close(&keeper->push);
	feedback_stop(keeper->feedback);
}

void
wayback_close(struct keeper *keeper)
{
	push_close(&keeper->push);
	feedback_close(&keeper->feedback);
	audit_close(&keeper->audit);
	g_clear_pointer(&keeper->acts, g_hash_table_unref);
}

/* --- what the verbs tell --- */

void
wayback_tell(struct keeper *keeper, const struct audit_act *act)
{
	g_autoptr(GError) fault = NULL;

	if (!audit_add(keeper->audit, act, &fault))
		log_error(LOG_LEVEL_ERROR, fault, "audit-fault", "act",
		    act->act, "actor", act->actor, NULL);
}

void
wayback_act(struct keeper *keeper, const struct control_request *request,
    const char *act, const struct ident *object)
{
	char name[IDENT_TEXT];
	const struct audit_act line = { request->actor, act, name, NULL };
	char *counted;
	guint times;

	if (object != NULL) {
		ident_text(object, name);
		wayback_tell(keeper, &line);
		return;
	}
	counted = g_strdup_printf("%s\n%s", request->actor, act);
	times = GPOINTER_TO_UINT(g_hash_table_lookup(keeper->acts, counted));
	g_hash_table_insert(keeper->acts, counted, GUINT_TO_POINTER(times + 1));
}

gboolean
wayback_look(struct keeper *keeper, const struct control_request *request,
    const char *object, GError **error)
{
	const char *reason =
	    json_string_value(json_object_get(request->body, "reason"));
	const struct audit_act line = { request->actor, "look", object,
		reason };

	if (reason == NULL &&
	    conf_flag(conf_global(keeper->conf), "ask-reason"))
		return err_set(error, DG_ERROR_BAD,
		    "say why with --reason: it is written down "
		    "(ask-reason is set)");
	return audit_add(keeper->audit, &line, error);
}

gboolean
wayback_search(struct keeper *keeper, const struct control_request *request,
    const GArray *subjects, GError **error)
{
	for (guint i = 0; i < subjects->len; i++) {
		char name[IDENT_TEXT];
		const struct audit_act line = { request->actor, "search", name,
			NULL };

		ident_text(&g_array_index(subjects, struct ident, i), name);
		if (!audit_add(keeper->audit, &line, error))
			return FALSE;
	}
	return TRUE;
}

static void
flush_acts(struct keeper *keeper)
{
	GHashTableIter iter;
	gpointer key, value;

	g_hash_table_iter_init(&iter, keeper->acts);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		g_auto(GStrv) words = g_strsplit(key, "\n", 2);
		g_autofree char *times =
		    g_strdup_printf("%u times", GPOINTER_TO_UINT(value));
		const struct audit_act line = { words[0], words[1], NULL,
			GPOINTER_TO_UINT(value) > 1 ? times : NULL };

		wayback_tell(keeper, &line);
		g_hash_table_iter_remove(&iter);
	}
}

void
wayback_settle(struct keeper *keeper)
{
	flush_acts(keeper);
	feedback_settle(keeper->feedback);
}
