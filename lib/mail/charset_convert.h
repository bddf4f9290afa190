/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_CHARSET_CONVERT_H
#define DESKGATE_LIB_MAIL_CHARSET_CONVERT_H

#include <glib.h>

/*
 * The bytes from `charset`, a name iconv knows, to UTF-8, until there are `max`
 * bytes or a little more; U+FFFD stands for what cannot be converted, and then
 * *odd_r becomes TRUE (it is never made FALSE).  NULL when there is no such
 * converter.  Thread-safe.
 */
GString *charset_convert(const char *charset, const char *bytes, gsize length,
    gsize max, gboolean *odd_r);

#endif
