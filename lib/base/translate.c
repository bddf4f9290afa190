/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one place that knows gettext.  A catalog's formats are the code's:
 * msgfmt --check refuses one that takes other arguments.
 */
#include "lib/base/translate.h"

#include <libintl.h>
#include <locale.h>

#define DOMAIN "deskgate"

void
translate_begin(const char *folder)
{
	setlocale(LC_MESSAGES, "");
	bindtextdomain(DOMAIN, folder);
	bind_textdomain_codeset(DOMAIN, "UTF-8");
}

void
translate_stop(void)
{
	setlocale(LC_MESSAGES, "C");
}

const char *
translate(const char *text)
{
	/* The text of "" is the catalog's own head. */
	return text[0] != '\0' ? dgettext(DOMAIN, text) : text;
}
