/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The doctor's round: what stands on nothing comes first, and who depends on it
 * later, so that the first thing that fails is mostly the one to mend.
 */
#include "tools/doctor.h"

#include <grp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/exposition.h"
#include "lib/base/file.h"
#include "lib/base/local_socket.h"
#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tickets/desk.h"
#include "tools/settings.h"

/* A program that has not said for so long that it lives hangs. */
#define SILENT_SECONDS 60

const char *
doctor_level_word(enum doctor_level level)
{
	static const char *const words[] = { "ok", "warn", "fail" };

	return words[level];
}

void
doctor_note(struct doctor *doctor, enum doctor_level level, const char *check,
    const char *mend, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list list;

	va_start(list, format);
	text = g_strdup_vprintf(translate(format), list);
	va_end(list);
	doctor->counts[level]++;
	json_array_append_new(doctor->checks,
	    json_pack("{s:s, s:s, s:o, s:o}", "check", check, "level",
		doctor_level_word(level), "text", desk_text(text), "mend",
		desk_text(mend != NULL ? translate(mend) : NULL)));
}

/* --- settings --- */

static gboolean
look_at_settings(struct doctor *doctor)
{
	static const char mend[] = N_(
	    "mend that line; \"deskgate settings sample\" prints each setting "
	    "with what it means");
	g_autoptr(GError) error = NULL;

	doctor->conf = settings_load(doctor->path, SETTINGS_DAEMON, &error);
	if (doctor->conf == NULL) {
		doctor_note(doctor, DOCTOR_FAIL, "settings",
		    "name the file with -c, or make it", "%s", error->message);
		return FALSE;
	}
	for (guint i = 0; i < conf_faults(doctor->conf); i++)
		doctor_note(doctor, DOCTOR_FAIL, "settings", mend, "%s",
		    conf_fault(doctor->conf, i));
	if (conf_faults(doctor->conf) > 0)
		return FALSE;
	for (guint i = 0; i < conf_warnings(doctor->conf); i++)
		doctor_note(doctor, DOCTOR_WARN, "settings", mend, "%s",
		    conf_warning(doctor->conf, i));
	paths_init(&doctor->paths, doctor->conf);
	if (!home_owners(doctor->conf, TRUE, &doctor->owners, &error)) {
		doctor_note(doctor, DOCTOR_FAIL, "settings", mend, "%s",
		    error->message);
		return FALSE;
	}
	if (conf_count(doctor->conf, "inbox") == 0)
		doctor_note(doctor, DOCTOR_WARN, "settings",
		    "add one: inbox \"support@example.com\" { }",
		    "there is no inbox, so no mail becomes a ticket");
	else
		doctor_note(doctor, DOCTOR_OK, "settings", NULL,
		    "%s: %u inboxes, %u desks", doctor->path,
		    conf_count(doctor->conf, "inbox"),
		    conf_count(doctor->conf, "desk"));
	return TRUE;
}

/* --- programs --- */

json_t *
doctor_ask(struct doctor *doctor, json_t *body, GError **error)
{
	struct control_client *client OWNED(control_client_free) =
	    control_connect(doctor->paths.control, error);
	json_t *answer = NULL;
	guint n = 0;

	if (client != NULL && control_send(client, body, NULL, 0, error))
		(void)control_receive(client, &answer, NULL, &n, error);
	json_decref(body);
	return answer;
}

static void
look_at_keeper(struct doctor *doctor)
{
	g_autoptr(GError) error = NULL;
	json_t *answer;

	doctor->stats =
	    doctor_ask(doctor, json_pack("{s:s}", "verb", "stats"), &error);
	if (doctor->stats == NULL) {
		doctor_note(doctor, DOCTOR_FAIL, "keeper",
		    err_is(error, DG_ERROR_DENIED)
			? N_("run the doctor as root, or as a user of the "
			     "group "
			     "of deskgate-deliver")
			: N_("start deskgate-deliver, and read the end of its "
			     "log"),
		    "deskgate-deliver does not answer: %s", error->message);
		return;
	}
	answer =
	    doctor_ask(doctor, json_pack("{s:s}", "verb", "metrics"), NULL);
	doctor->families = json_incref(json_object_get(answer, "families"));
	json_decref(answer);
	doctor_note(doctor, DOCTOR_OK, "keeper", NULL,
	    "deskgate-deliver answers at %s", doctor->paths.control);
}

/* Whether the MTA's users may connect. */
static void
look_at_socket_rights(struct doctor *doctor, const char *path)
{
	struct group entry, *found = NULL;
	struct stat status;
	char buffer[16384];
	gid_t wanted = doctor->owners.mta_group;
	g_autofree char *mend = NULL;
	const char *name = "the MTA";

	if (getgrgid_r(wanted, &entry, buffer, sizeof(buffer), &found) == 0 &&
	    found != NULL)
		name = entry.gr_name;
	mend = g_strdup_printf("run \"chgrp %s %s; chmod 0660 %s\", and set "
			       "milter-group in the settings",
	    name, path, path);
	if (stat(path, &status) != 0)
		return;
	if ((status.st_gid != wanted || (status.st_mode & 0060) != 0060) &&
	    (status.st_mode & 0006) != 0006)
		doctor_note(doctor, DOCTOR_FAIL, "milter", mend,
		    "group %s may not connect to %s", name, path);
	else if (conf_string(conf_global(doctor->conf), "milter-group") == NULL)
		doctor_note(doctor, DOCTOR_WARN, "milter",
		    "set milter-group = \"postfix\" (or what group your MTA "
		    "runs in)",
		    "milter-group is not set: only group %s may connect", name);
}

static void
look_at_milter(struct doctor *doctor)
{
	g_autofree char *socket = paths_socket(doctor->conf);
	const char *path =
	    g_str_has_prefix(socket, "unix:") ? socket + 5 : NULL;
	double alive = exposition_sum(doctor->families,
	    "deskgate_alive_time_seconds", "program", "milter");
	double now = (double)clock_wall(&clock_system) / G_USEC_PER_SEC;
	int fd OWNED(file_close) = -1;
	g_autoptr(GError) error = NULL;

	if (path != NULL) {
		fd = local_socket_connect(path, &error);
		if (fd < 0) {
			doctor_note(doctor, DOCTOR_FAIL, "milter",
			    err_is(error, DG_ERROR_DENIED)
				? N_("run the doctor as root")
				: N_("start deskgate-milter, and read the end "
				     "of "
				     "its log"),
			    "deskgate-milter does not listen: %s",
			    error->message);
			return;
		}
		look_at_socket_rights(doctor, path);
	}
	if (doctor->families != NULL && alive <= 0)
		doctor_note(doctor, DOCTOR_FAIL, "milter",
		    "start deskgate-milter with these settings",
		    "deskgate-milter has never run with this runtime-dir");
	else if (doctor->families != NULL && now - alive > SILENT_SECONDS)
		doctor_note(doctor, DOCTOR_FAIL, "milter",
		    "start deskgate-milter anew, and read the end of its log",
		    "deskgate-milter has not said for %.0f s that it lives",
		    now - alive);
	else
		doctor_note(doctor, DOCTOR_OK, "milter", NULL,
		    "deskgate-milter listens at %s", socket);
}

/* --- the round --- */

void
doctor_look(struct doctor *doctor)
{
	doctor->checks = json_array();
	if (!look_at_settings(doctor))
		return;
	doctor_rights(doctor);
	doctor_disks(doctor);
	doctor_clock(doctor);
	look_at_keeper(doctor);
	doctor_stores(doctor);
	look_at_milter(doctor);
	doctor_mta(doctor);
	doctor_desks(doctor);
	doctor_waiting(doctor);
}

void
doctor_clear(struct doctor *doctor)
{
	json_decref(doctor->checks);
	json_decref(doctor->stats);
	json_decref(doctor->families);
	paths_fini(&doctor->paths);
	conf_free(&doctor->conf);
}
