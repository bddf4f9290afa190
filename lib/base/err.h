/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_ERR_H
#define DESKGATE_LIB_BASE_ERR_H

#include <glib.h>

/*
 * One error domain for the whole of Deskgate.  A code says what the caller
 * can do about it; the message says what happened and, where a person will
 * read it, what to do next.  Each layer prefixes its context with
 * g_prefix_error().
 */
#define DG_ERROR (dg_error_quark())

enum dg_error {
	DG_ERROR_NOTFOUND, /* no such thing: ask for another */
	DG_ERROR_AGAIN,    /* passing trouble: try again later */
	DG_ERROR_BAD,      /* the input is wrong: trying again does not help */
	DG_ERROR_DENIED,   /* not allowed: rights, credentials, policy */
	DG_ERROR_FULL,     /* out of room: disk, map, quota, ceiling */
	DG_ERROR_IO        /* the machine failed: disk, socket, library */
};

/* The quark of the domain.  Thread-safe. */
GQuark dg_error_quark(void);

/*
 * Sets *error from errno value `number`, as "<text>: <strerror>", where text
 * is printf-formatted.  ENOSPC, EDQUOT, EMFILE and ENFILE become FULL, ENOENT
 * NOTFOUND, EACCES and EPERM DENIED, EAGAIN, EINTR and EBUSY AGAIN, all else
 * IO.  Always returns FALSE, so that a caller can `return err_errno(...)`.
 */
gboolean err_errno(GError **error, int number, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* Sets *error to `code` with the formatted text.  Always returns FALSE. */
gboolean err_set(GError **error, enum dg_error code, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* TRUE when `error` is of our domain and has this code. */
gboolean err_is(const GError *error, enum dg_error code);

/* The word for a code in logs and JSON: "notfound", "again", ...  Static. */
const char *err_word(const GError *error);

/*
 * The exit code of sysexits.h for an error: NOTFOUND 66 (EX_NOINPUT), AGAIN
 * 75 (EX_TEMPFAIL), BAD 65 (EX_DATAERR), DENIED 77 (EX_NOPERM), FULL 75, IO 74
 * (EX_IOERR); errors of other domains 70 (EX_SOFTWARE).
 */
int err_exit_code(const GError *error);

#endif
