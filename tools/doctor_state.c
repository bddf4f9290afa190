/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What Deskgate keeps, what waits, and the desks.  A store that a keeper has
 * open is the keeper's to look at: it does so at its start, and tells what it
 * found.
 */
#include <inttypes.h>
#include <string.h>

#include "classifier/table.h"
#include "lib/base/err.h"
#include "lib/base/exposition.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "lib/store/check.h"
#include "tools/damage.h"
#include "tools/doctor.h"

/* A message that waits for longer than this has a desk that fails. */
#define WAIT_SECONDS 3600

static double
figure(const struct doctor *doctor, const char *name, const char *label,
    const char *value)
{
	return exposition_sum(doctor->families, name, label, value);
}

/* --- stores --- */

static gboolean
look_at_store(struct doctor *doctor, const struct damage_store *store)
{
	static const char mend[] = N_(
	    "start deskgate-deliver, which mends what it can at its start, or "
	    "run \"deskgate check --deep --mend\"");
	struct check_report report = { 0 };
	g_autoptr(GError) error = NULL;
	gboolean good;

	if (!check_store(store->folder, CHECK_UNREAD_FAILS, &report, &error)) {
		good = err_is(error, DG_ERROR_NOTFOUND);
		if (!good)
			doctor_note(doctor, DOCTOR_FAIL, "stores",
			    err_is(error, DG_ERROR_DENIED)
				? N_("run the doctor as root")
				: N_("look at the disk (\"dmesg\")"),
			    "the %s cannot be read: %s", store->name,
			    error->message);
		return good;
	}
	good = report.faults == 0;
	if (!good)
		doctor_note(doctor, DOCTOR_FAIL, "stores", mend,
		    "the %s is damaged: %" PRIu64 " faults, the "
		    "first: %s",
		    store->name, report.faults,
		    report.shown->len > 0 ? (const char *)report.shown->pdata[0]
					  : "none told");
	check_report_clear(&report);
	return good;
}

static void
look_at_stores(struct doctor *doctor)
{
	g_autoptr(GPtrArray) stores =
	    damage_stores(&doctor->paths, doctor->conf);
	gboolean good = TRUE;

	for (guint i = 0; i < stores->len; i++)
		good = look_at_store(doctor, stores->pdata[i]) && good;
	if (good)
		doctor_note(doctor, DOCTOR_OK, "stores", NULL,
		    "every store that is there is whole");
}

static void
look_at_damaged(struct doctor *doctor)
{
	json_t *list = damage_list(&doctor->paths);
	gsize n = json_array_size(list);

	if (n > 0)
		doctor_note(doctor, DOCTOR_WARN, "stores",
		    "see \"deskgate stats\" for each, run \"deskgate check "
		    "--deep\", and remove what you need no more",
		    "%zu pieces of damaged stores are kept in "
		    "%s/damaged",
		    n, doctor->paths.state);
	else if (doctor->stats != NULL)
		doctor_note(doctor, DOCTOR_OK, "stores", NULL,
		    "the keeper found every store whole when it started");
	json_decref(list);
}

/* What readers look into. */
static void
look_at_table(struct doctor *doctor)
{
	static const char mend[] =
	    N_("start deskgate-deliver anew, which makes "
	       "the table of the model");
	g_autoptr(GError) error = NULL;
	int fd OWNED(file_close) = table_open(doctor->paths.table, &error);
	struct table_reader *reader OWNED(table_unmap) =
	    fd < 0 ? NULL : table_map(fd, &error);
	json_t *model = json_object_get(doctor->stats, "model");

	if (reader == NULL || table_superseded(reader))
		doctor_note(doctor, DOCTOR_FAIL, "model", mend,
		    "there is no score table, so every message is unsure: %s",
		    reader == NULL ? error->message : "it was replaced");
	else if (!json_is_true(json_object_get(model, "active")))
		doctor_note(doctor, DOCTOR_WARN, "model",
		    "teach it: \"deskgate train ham FOLDER\" and \"deskgate "
		    "train spam FOLDER\", or mark tickets at the desk",
		    "too little was taught, so every message is unsure (ham "
		    "%d, spam %d)",
		    (int)json_integer_value(json_object_get(model, "ham")),
		    (int)json_integer_value(json_object_get(model, "spam")));
	else
		doctor_note(doctor, DOCTOR_OK, "model", NULL,
		    "it judges, by %d lessons",
		    (int)json_integer_value(json_object_get(model, "lessons")));
}

void
doctor_stores(struct doctor *doctor)
{
	if (doctor->stats == NULL) {
		look_at_stores(doctor);
		look_at_damaged(doctor);
		return;
	}
	look_at_damaged(doctor);
	look_at_table(doctor);
}

/* --- what waits --- */

static void
look_at_queue(struct doctor *doctor)
{
	static const char oldest[] = "deskgate_spool_oldest_seconds";
	double wait = MAX(figure(doctor, oldest, "state", "wait"),
	    figure(doctor, oldest, "state", "new"));
	double dead = figure(doctor, "deskgate_spool_entries", "state", "dead");

	if (wait > WAIT_SECONDS)
		doctor_note(doctor, DOCTOR_WARN, "queue",
		    "see \"deskgate queue list\" for the reason, and "
		    "\"deskgate desk test DESK\"",
		    "a message has waited for its desk for %.1f hours",
		    wait / 3600);
	if (dead > 0)
		doctor_note(doctor, DOCTOR_WARN, "queue",
		    "see \"deskgate queue list\"; \"deskgate queue retry\" "
		    "tries one again",
		    "%.0f messages were refused by their desks for good", dead);
	if (wait <= WAIT_SECONDS && dead <= 0)
		doctor_note(doctor, DOCTOR_OK, "queue", NULL,
		    "%.0f messages wait, %.0f stand in quarantine",
		    figure(doctor, "deskgate_spool_entries", "state", "wait") +
			figure(
			    doctor, "deskgate_spool_entries", "state", "new"),
		    figure(doctor, "deskgate_spool_entries", "state", "held"));
}

void
doctor_waiting(struct doctor *doctor)
{
	if (doctor->families == NULL)
		return;
	look_at_queue(doctor);
	if (figure(doctor, "deskgate_requests_overdue", NULL, NULL) > 0)
		doctor_note(doctor, DOCTOR_FAIL, "privacy",
		    "see \"deskgate privacy requests\"",
		    "%.0f requests of people are past the time the law gives",
		    figure(doctor, "deskgate_requests_overdue", NULL, NULL));
	if (figure(doctor, "deskgate_kept_overdue", NULL, NULL) > 0)
		doctor_note(doctor, DOCTOR_WARN, "privacy",
		    "see \"deskgate privacy schedule\"",
		    "%.0f things are kept past their time",
		    figure(doctor, "deskgate_kept_overdue", NULL, NULL));
	if (figure(doctor, "deskgate_backup_stale", NULL, NULL) > 0)
		doctor_note(doctor, DOCTOR_WARN, "backup",
		    "run \"deskgate backup\"",
		    "there is no copy of the vault since somebody was erased, "
		    "or something was asked for or deleted");
}

/* --- desks --- */

/* A line for what is not well, one for all that is. */
static void
look_at_desk(struct doctor *doctor, const char *name)
{
	g_autoptr(GError) error = NULL;
	json_t *answer = doctor_ask(doctor,
	    json_pack("{s:s, s:s}", "verb", "desk-test", "desk", name), &error);
	const json_t *one;
	guint ill = 0;
	size_t i;

	if (answer == NULL) {
		doctor_note(doctor, DOCTOR_FAIL, "desk",
		    "see \"deskgate desk test\" for it", "%s: %s", name,
		    error->message);
		return;
	}
	json_array_foreach(json_object_get(answer, "checks"), i, one)
	{
		const char *level =
		    json_string_value(json_object_get(one, "level"));

		if (strcmp(level, "ok") == 0)
			continue;
		ill++;
		doctor_note(doctor,
		    strcmp(level, "fail") == 0 ? DOCTOR_FAIL : DOCTOR_WARN,
		    "desk", json_string_value(json_object_get(one, "mend")),
		    "%s: %s: %s", name,
		    json_string_value(json_object_get(one, "check")),
		    json_string_value(json_object_get(one, "text")));
	}
	if (ill == 0)
		doctor_note(doctor, DOCTOR_OK, "desk", NULL,
		    "%s answers, with all it needs", name);
	json_decref(answer);
}

void
doctor_desks(struct doctor *doctor)
{
	guint n = conf_count(doctor->conf, "desk");

	if (doctor->stats == NULL) {
		doctor_note(doctor, DOCTOR_WARN, "desk",
		    "start deskgate-deliver, and run the doctor again",
		    "desks can be asked by deskgate-deliver alone");
		return;
	}
	for (guint i = 0; i < n; i++)
		look_at_desk(
		    doctor, conf_title(conf_at(doctor->conf, "desk", i)));
	if (n == 0)
		look_at_desk(doctor, "local");
}
