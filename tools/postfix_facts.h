/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_POSTFIX_FACTS_H
#define DESKGATE_TOOLS_POSTFIX_FACTS_H

#include <glib.h>

/*
 * What a Postfix is set to, as postconf(1) prints it.  Pure: from text to
 * values.
 */
struct postfix_facts;

struct postfix_service { /* a line of master.cf */
	char *name;      /* "smtp", "127.0.0.1:25" */
	char *type;      /* "inet", "unix" */
	gboolean chroot; /* it runs in queue_directory as its root */
	char *command;   /* "smtpd", "pipe" */
	char *line;      /* all of it, one blank between words */
};

/* What postconf(1) printed. */
struct postfix_texts {
	const char *raw;       /* postconf NAME...: values as written */
	const char *expanded;  /* postconf -x NAME... */
	const char *services;  /* postconf -M */
	const char *overrides; /* postconf -P */
	const char *expanded_overrides; /* postconf -Px */
};

/* Copies what it keeps. */
struct postfix_facts *postfix_facts_new(const struct postfix_texts *texts);
/* Accepts NULL. */
void postfix_facts_free(struct postfix_facts **facts);

/* A setting as it is written, and with its $names replaced: NULL when this
 * Postfix does not know it; borrowed. */
const char *postfix_facts_raw(
    const struct postfix_facts *facts, const char *name);
/* The same, $names replaced. */
const char *postfix_facts_value(
    const struct postfix_facts *facts, const char *name);
/* What one service has in place of the setting, or NULL; borrowed. */
const char *postfix_facts_override(const struct postfix_facts *facts,
    const struct postfix_service *service, const char *name);

/* The same, $names replaced. */
const char *postfix_facts_override_value(const struct postfix_facts *facts,
    const struct postfix_service *service, const char *name);

/* struct postfix_service *, in the order of master.cf; borrowed. */
const GPtrArray *postfix_facts_services(const struct postfix_facts *facts);
/* The first one of this name and type, or NULL. */
const struct postfix_service *postfix_facts_service(
    const struct postfix_facts *facts, const char *name, const char *type);

/* Whether mail_version is at least this; of an experimental release by what it
 * begins with ("3.9-20231112"). */
gboolean postfix_facts_since(
    const struct postfix_facts *facts, guint major, guint minor, guint patch);

#endif
