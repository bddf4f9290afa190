/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_TRANSLATE_H
#define DESKGATE_LIB_BASE_TRANSLATE_H

#include <glib.h>

/*
 * Texts for people in the language of who reads them, by gettext(3).  The
 * functions that take a text to show (err_set, cmd_print, conf_add_fault, ...)
 * translate it themselves, so that a text stands in the code in plain English
 * where it is said; contrib/messages lists those functions and collects the
 * texts.  Only tables, which are no calls, mark their texts by N_().
 *
 * The daemons never call translate_begin: what they log is in English, and
 * the same on each host.  Nothing that a script reads (JSON, cells of --plain,
 * words such as "ham" and "spam") is translated.
 */

/* Marks a text of a table, which is translated where it is shown. */
#define N_(text) text

/*
 * Takes the language of LC_ALL, LC_MESSAGES or LANG, and LANGUAGE, as
 * gettext(3) does, with the catalogs in `folder`; without a catalog, or
 * in a locale that this host does not have, texts stay English.  Numbers keep
 * their point.  At the start of a program, before it has threads.
 */
void translate_begin(const char *folder);

/* Back to English, as for who asks for JSON.  Likewise. */
void translate_stop(void);

/* The text in that language; `text` itself where there is none.  Static.
 * Thread-safe. */
const char *translate(const char *text) G_GNUC_FORMAT(1);

#endif
