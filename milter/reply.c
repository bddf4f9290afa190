/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers to SMTP clients.
 */
#include "milter/reply.h"

#include "lib/base/err.h"

void
reply_set(struct reply *reply_r, const char *code, const char *status,
    const char *text)
{
	g_strlcpy(reply_r->code, code, sizeof(reply_r->code));
	g_strlcpy(reply_r->status, status, sizeof(reply_r->status));
	g_strlcpy(reply_r->text, text, sizeof(reply_r->text));
	for (char *c = reply_r->text; *c != '\0'; c++) {
		if (g_ascii_iscntrl(*c))
			*c = ' ';
		else if (!g_ascii_isprint(*c))
			*c = '?';
	}
}

void
reply_for_error(const GError *error, struct reply *reply_r)
{
	if (err_is(error, DG_ERROR_FULL))
		reply_set(reply_r, "451", "4.3.1",
		    "The help desk is short of room at the moment; please try "
		    "again later");
	else if (err_is(error, DG_ERROR_AGAIN))
		reply_set(reply_r, "451", "4.3.2",
		    "The help desk is busy at the moment; please try again "
		    "later");
	else
		reply_set(reply_r, "451", "4.3.0",
		    "The help desk could not store this message; please try "
		    "again later");
}
