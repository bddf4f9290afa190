/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How the MTA is wired to us.  Postfix is asked by its own postconf(1), and
 * each smtpd of master.cf is looked at, since it can have milters of its own;
 * of Sendmail the settings are read.
 */
#include <inttypes.h>
#include <string.h>

#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tools/doctor.h"
#include "tools/postfix_ask.h"
#include "tools/postfix_wiring.h"
#include "tools/sendmail_cf.h"

#define SENDMAIL_CF "/etc/mail/sendmail.cf"

/* `where`: "" or of which part it is told; `wait`: what to do about mail that
 * passes. */
static void
tell_place(struct doctor *doctor, const struct milter_place *place,
    const char *where, const char *wait)
{
	if (!place->waits)
		doctor_note(doctor, DOCTOR_FAIL, "mta", wait,
		    "%swhile Deskgate does not run, mail passes it by, or is "
		    "refused",
		    where);
	if (!place->last)
		doctor_note(doctor, DOCTOR_WARN, "mta",
		    "name it last in the list of milters",
		    "%sanother milter comes after Deskgate: what that one "
		    "refuses has a ticket already",
		    where);
	if (place->waits && place->last)
		doctor_note(doctor, DOCTOR_OK, "mta", NULL,
		    "%sthe MTA hands its mail to Deskgate, last of its "
		    "milters, and waits when it is not there",
		    where);
}

static void
tell_absence(struct doctor *doctor, const char *add)
{
	doctor_note(doctor, DOCTOR_FAIL, "mta", add,
	    "the MTA does not hand its mail to Deskgate");
}

/* --- Postfix --- */

/* A Postfix that is looked at. */
struct patient {
	struct doctor *doctor;
	const struct postfix_facts *facts;
	const char *socket; /* of the milter */
	char *mend;         /* the command that wires it */
};

static gboolean
is_smtpd(const struct postfix_service *service)
{
	return strcmp(service->command, "smtpd") == 0;
}

/* main.cf's chain when no service is told. */
static struct milter_place
place_of(const struct patient *patient, const struct postfix_service *service)
{
	const struct postfix_facts *facts = patient->facts;
	struct milter_place place;

	postfix_wiring_read(facts,
	    service != NULL ? postfix_wiring_chain(facts, service)
			    : postfix_facts_value(facts, "smtpd_milters"),
	    patient->socket, &place);
	return place;
}

static void
tell_service(
    const struct patient *patient, const struct postfix_service *service)
{
	struct milter_place place = place_of(patient, service);
	gboolean own = postfix_wiring_has_own(patient->facts, service);
	g_autofree char *where =
	    own ? g_strdup_printf(
		      translate("master.cf, service %s: "), service->name)
		: g_strdup("");

	if (place.there)
		tell_place(patient->doctor, &place, where, patient->mend);
	else
		doctor_note(patient->doctor, DOCTOR_WARN, "mta",
		    own ? N_("where its mail is for inboxes, take "
			     "smtpd_milters and no_milters out of its -o in "
			     "master.cf")
			: patient->mend,
		    "%smail that comes in there is not handed to Deskgate",
		    where);
}

/* main.cf's chain is told once, whoever uses it. */
static void
look_at_chains(const struct patient *patient)
{
	const GPtrArray *services = postfix_facts_services(patient->facts);
	struct milter_place place = place_of(patient, NULL);
	gboolean there = FALSE, smtpd = FALSE, told = FALSE;

	for (guint i = 0; i < services->len; i++) {
		const struct postfix_service *one = services->pdata[i];

		if (!is_smtpd(one))
			continue;
		smtpd = TRUE;
		there = there || place_of(patient, one).there;
	}
	if (!smtpd && place.there)
		tell_place(patient->doctor, &place, "", patient->mend);
	if (smtpd ? !there : !place.there)
		tell_absence(patient->doctor, patient->mend);
	for (guint i = 0; there && i < services->len; i++) {
		const struct postfix_service *one = services->pdata[i];
		gboolean own = postfix_wiring_has_own(patient->facts, one);

		if (!is_smtpd(one) || (told && !own))
			continue;
		tell_service(patient, one);
		told = told || !own;
	}
}

/* A service in a chroot sees no path outside of its queue. */
static void
look_at_chroot(const struct patient *patient)
{
	const struct postfix_service *service =
	    postfix_wiring_shut_out(patient->facts, patient->socket);
	const char *queue =
	    postfix_facts_value(patient->facts, "queue_directory");
	g_autofree char *mend = NULL;

	if (service == NULL)
		return;
	mend = g_strdup_printf(
	    translate("set milter-socket = \"unix:%s/deskgate/milter.sock\" "
		      "and start "
		      "deskgate-milter anew, or run \"postconf -F "
		      "%s/%s/chroot=n\" and "
		      "\"postfix reload\""),
	    queue, service->name, service->type);
	doctor_note(patient->doctor, DOCTOR_FAIL, "mta", mend,
	    "Postfix's %s (%s) runs in a chroot and cannot see %s",
	    service->name, service->command, patient->socket);
}

static void
look_at_size(const struct patient *patient)
{
	const char *text =
	    postfix_facts_value(patient->facts, "message_size_limit");
	guint64 most =
	    conf_size(conf_global(patient->doctor->conf), "max-message-size");
	guint64 limit = text == NULL ? 0 : g_ascii_strtoull(text, NULL, 10);

	if (text != NULL && (limit == 0 || limit > most))
		doctor_note(patient->doctor, DOCTOR_WARN, "mta",
		    "raise max-message-size, or lower message_size_limit",
		    "Postfix takes messages of %s bytes, Deskgate of "
		    "%" PRIu64 " only",
		    limit == 0 ? "any number of" : text, most);
}

static gboolean
look_at_postfix(struct doctor *doctor, const char *socket, GError **error)
{
	g_autofree char *folder = doctor->postfix != NULL
				      ? g_strdup(doctor->postfix)
				      : postfix_ask_folder(error);
	struct postfix_facts *facts OWNED(postfix_facts_free) =
	    folder == NULL ? NULL : postfix_ask_facts(folder, error);
	struct patient patient = { doctor, facts, socket, NULL };

	if (facts == NULL)
		return FALSE;
	patient.mend = g_strdup_printf(
	    translate(
		"run \"deskgate setup postfix%s%s\", which shows what Postfix "
		"lacks, and with --apply tells it"),
	    doctor->postfix != NULL ? " --folder " : "",
	    doctor->postfix != NULL ? doctor->postfix : "");
	look_at_chains(&patient);
	look_at_chroot(&patient);
	look_at_size(&patient);
	g_free(patient.mend);
	return TRUE;
}

/* --- Sendmail --- */

static gboolean
look_at_sendmail(struct doctor *doctor, const char *socket)
{
	static const char mend[] = N_(
	    "run \"deskgate setup sendmail\", which shows what Sendmail lacks "
	    "(an INPUT_MAIL_FILTER with F=T), and with --apply tells it");
	g_autofree char *text = NULL;
	struct milter_place place;

	if (!g_file_get_contents(
		doctor->sendmail != NULL ? doctor->sendmail : SENDMAIL_CF,
		&text, NULL, NULL))
		return FALSE;
	sendmail_cf_place(text, socket, &place);
	if (place.there)
		tell_place(doctor, &place, "", mend);
	else
		tell_absence(doctor, mend);
	return TRUE;
}

void
doctor_mta(struct doctor *doctor)
{
	g_autofree char *socket = paths_socket(doctor->conf);
	g_autoptr(GError) error = NULL;
	gboolean found;

	if (doctor->sendmail != NULL)
		found = look_at_sendmail(doctor, socket);
	else
		found = look_at_postfix(doctor, socket, &error) ||
			(doctor->postfix == NULL &&
			    look_at_sendmail(doctor, socket));
	/* postconf may say several things, each a line. */
	if (error != NULL)
		g_strdelimit(error->message, "\n", ' ');
	if (!found)
		doctor_note(doctor, DOCTOR_WARN, "mta",
		    "where it is on another host, look there; where its "
		    "settings are elsewhere, name them by --postfix or "
		    "--sendmail",
		    "no Postfix or Sendmail can be asked here%s%s",
		    error != NULL ? ": " : "",
		    error != NULL ? error->message : "");
}
