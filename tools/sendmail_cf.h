/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_SENDMAIL_CF_H
#define DESKGATE_TOOLS_SENDMAIL_CF_H

#include "tools/milter_chain.h"

/*
 * What the text of a sendmail.cf says (Sendmail's op.me, sections 5.6 and
 * "Mail filters").  Pure.
 */

/* A value ("O NAME=VALUE"), or NULL; the caller frees it. */
char *sendmail_cf_option(const char *cf, const char *name);

/* The name of the filter that is asked last, "" when there is none; the caller
 * frees it. */
char *sendmail_cf_last_filter(const char *cf);

/* Where the milter that listens at `socket` (unix:/PATH, inet:PORT@HOST) stands
 * among InputMailFilters; F=T is what has mail wait without it. */
void sendmail_cf_place(
    const char *cf, const char *socket, struct milter_place *place_r);

/* Whether two are the same but for comments, in which m4 writes who made it,
 * and when. */
gboolean sendmail_cf_same(const char *a, const char *b);

/* HOST:PORT of the first of the daemon's ports, from DaemonPortOptions; the
 * caller frees it. */
char *sendmail_cf_entrance(const char *cf);

#endif
