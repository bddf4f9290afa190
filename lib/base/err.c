/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The error domain: codes say what the caller can do.  The only place that
 * knows how errno values and exit codes map to them.
 */
#include "lib/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <sysexits.h>

#include "lib/base/translate.h"

static const struct {
	const char *word;
	int exit_code;
} codes[] = {
	[DG_ERROR_NOTFOUND] = { "notfound", EX_NOINPUT },
	[DG_ERROR_AGAIN] = { "again", EX_TEMPFAIL },
	[DG_ERROR_BAD] = { "bad", EX_DATAERR },
	[DG_ERROR_DENIED] = { "denied", EX_NOPERM },
	[DG_ERROR_FULL] = { "full", EX_TEMPFAIL },
	[DG_ERROR_IO] = { "io", EX_IOERR },
};

G_DEFINE_QUARK(deskgate, dg_error)

static enum dg_error
code_of_errno(int number)
{
	switch (number) {
	case ENOSPC:
	case EDQUOT:
	case EMFILE:
	case ENFILE:
		return DG_ERROR_FULL;
	case ENOENT:
		return DG_ERROR_NOTFOUND;
	case EACCES:
	case EPERM:
		return DG_ERROR_DENIED;
	case EAGAIN:
	case EINTR:
	case EBUSY:
		return DG_ERROR_AGAIN;
	default:
		return DG_ERROR_IO;
	}
}

gboolean
err_errno(GError **error, int number, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(translate(format), args);
	va_end(args);
	g_set_error(error, DG_ERROR, code_of_errno(number), "%s: %s", text,
	    g_strerror(number));
	return FALSE;
}

gboolean
err_set(GError **error, enum dg_error code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (error != NULL)
		*error =
		    g_error_new_valist(DG_ERROR, code, translate(format), args);
	va_end(args);
	return FALSE;
}

gboolean
err_is(const GError *error, enum dg_error code)
{
	return g_error_matches(error, DG_ERROR, code);
}

const char *
err_word(const GError *error)
{
	if (error == NULL)
		return "none";
	if (error->domain != DG_ERROR ||
	    (guint)error->code >= G_N_ELEMENTS(codes))
		return "internal";
	return codes[error->code].word;
}

int
err_exit_code(const GError *error)
{
	if (error == NULL)
		return EX_OK;
	if (error->domain != DG_ERROR ||
	    (guint)error->code >= G_N_ELEMENTS(codes))
		return EX_SOFTWARE;
	return codes[error->code].exit_code;
}
