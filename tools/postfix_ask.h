/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_POSTFIX_ASK_H
#define DESKGATE_TOOLS_POSTFIX_ASK_H

#include "tools/postfix_facts.h"

/*
 * Asks a Postfix of this host by its own postconf(1), as the user who calls:
 * for the administrator's commands, never from a daemon.  NOTFOUND where there
 * is no postconf; BAD, with its own words, where it cannot read the settings.
 */

/* Its usual folder of settings; the caller frees it.  NULL with *error. */
char *postfix_ask_folder(GError **error);

/*
 * postconf -c FOLDER OPTION NAME..., `option` or `names` (NULL-ended) NULL
 * where there is none; the text it prints is the caller's (`text_r` may be
 * NULL).  A name that this Postfix does not know it leaves out.
 */
gboolean postfix_ask(const char *folder, const char *option,
    const char *const *names, char **text_r, GError **error);

/* All that setup and doctor look at; the caller frees it.  NULL with *error. */
struct postfix_facts *postfix_ask_facts(const char *folder, GError **error);

#endif
