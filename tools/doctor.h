/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_DOCTOR_H
#define DESKGATE_TOOLS_DOCTOR_H

#include <jansson.h>

#include "lib/base/conf.h"
#include "tickets/control.h"
#include "tools/home.h"
#include "tools/paths.h"

/*
 * One look at all that Deskgate stands on: settings, rights, programs, the MTA,
 * desks, clocks, disks, stores and what waits.  Nothing is changed, no store is
 * opened that another program may write, and no name is looked up in DNS by the
 * doctor itself (a desk's test calls the desk, by the keeper).
 *
 * Each finding has a level, a word for what was looked at, what was found, and
 * what to do about it.
 */
enum doctor_level { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL };

struct doctor {
	const char *path;     /* the settings file */
	const char *postfix;  /* main.cf's folder; NULL: Postfix's own */
	const char *sendmail; /* sendmail.cf; NULL: /etc/mail/sendmail.cf */
	json_t *checks;       /* [{check, level, text, mend}]; owned */
	guint counts[DOCTOR_FAIL + 1];
	/* Once the settings are read; the doctor's own: */
	struct conf *conf;
	struct paths paths;
	struct home_owners owners;
	json_t *stats; /* of the keeper (verb stats); NULL: it does not run */
	json_t *families; /* likewise (verb metrics) */
};

/* Everything, in order; the caller has set the first three.  doctor_clear is
 * the caller's also after settings that cannot be used. */
void doctor_look(struct doctor *doctor);
/* Frees what it holds. */
void doctor_clear(struct doctor *doctor);
/* "ok", "warn", "fail" */
const char *doctor_level_word(enum doctor_level level);

/* Adds a finding; `mend` is NULL where there is nothing to do.  Copied. */
void doctor_note(struct doctor *doctor, enum doctor_level level,
    const char *check, const char *mend, const char *format, ...)
    G_GNUC_PRINTF(5, 6);

/* --- the parts, for doctor.c --- */
/* doctor_host.c: owners and modes of folders and keys; room on disks; the
 * clock. */
void doctor_rights(struct doctor *doctor);
void doctor_disks(struct doctor *doctor);
void doctor_clock(struct doctor *doctor);
/* doctor_mta.c: whether the MTA hands its mail to us, and what it does when it
 * cannot. */
void doctor_mta(struct doctor *doctor);
/* doctor_state.c: stores and score table; what waits, and for whom; desks. */
void doctor_stores(struct doctor *doctor);
void doctor_waiting(struct doctor *doctor);
void doctor_desks(struct doctor *doctor);

/* Asks the keeper that runs; NULL when none does, or with its error.  `body` is
 * taken over, the answer the caller's. */
json_t *doctor_ask(struct doctor *doctor, json_t *body, GError **error);

#endif
