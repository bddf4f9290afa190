/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_SETUP_PLAN_H
#define DESKGATE_TOOLS_SETUP_PLAN_H

#include <glib.h>

#include "milter/terms.h"

/*
 * What an MTA is to be told, and what stands against it.  Made by pure
 * functions, one for each MTA, of what is there and what is wished.
 */

/* What stands in a route where an inbox stands else, for the message of
 * `deskgate setup` itself, to TERMS_PROBE_DOMAIN: the second door hands it
 * back.
 */
#define SETUP_PROBE_INBOX "probe"

struct setup_wish {           /* all borrowed */
	const char *socket;   /* of the milter: unix:/PATH, inet:PORT@HOST */
	const char *user;     /* who runs the second door, never root */
	const char *group;    /* his group there */
	const char *program;  /* path of the command deskgate */
	const char *settings; /* path of its settings */
	const char *routes;   /* path of the file of routes; Postfix */
	const struct terms *terms;
};

enum setup_edit_kind {
	SETUP_SETTING, /* `name` of the MTA's settings becomes `value` */
	SETUP_SERVICE, /* `name` of master.cf becomes the line `value` */
	SETUP_FILE     /* the file `name` has the text `value` */
};

struct setup_edit {
	enum setup_edit_kind kind;
	char *name, *value;
};

struct setup_plan {
	GPtrArray *edits;    /* struct setup_edit *; none: nothing to do */
	GPtrArray *warnings; /* char *; each one sentence or more */
	char *refusal;       /* why nothing may be changed, or NULL */
};

/* An empty one. */
struct setup_plan *setup_plan_new(void);
/* Accepts NULL. */
void setup_plan_free(struct setup_plan **plan);
/* One edit more. */
void setup_plan_edit(struct setup_plan *plan, enum setup_edit_kind kind,
    const char *name, const char *value);
/* One warning more. */
void setup_plan_warn(struct setup_plan *plan, const char *format, ...)
    G_GNUC_PRINTF(2, 3);
/* Refuses; the first reason stays. */
void setup_plan_refuse(struct setup_plan *plan, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

/* Whether mail for this inbox is never delivered to anybody else, so that it
 * can be routed to the second door. */
gboolean setup_plan_routes(const struct policy_inbox *inbox);

#endif
