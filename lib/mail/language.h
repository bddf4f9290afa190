/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_LANGUAGE_H
#define DESKGATE_LIB_MAIL_LANGUAGE_H

#include <glib.h>

/*
 * The language a text is written in, for rules that route by it: "en", "de",
 * ... (ISO 639-1; static), or NULL when the text does not tell: too short, or
 * of a language that is not known here.  By script where that decides, else by
 * the commonest little words.  Looks at the first LANGUAGE_BYTES of `text`,
 * which is UTF-8.  Pure; thread-safe.
 */
#define LANGUAGE_BYTES 8192
const char *language_guess(const char *text);

/* Whether language_guess ever answers `code`. */
gboolean language_known(const char *code);

#endif
