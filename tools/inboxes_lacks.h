/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_INBOXES_LACKS_H
#define DESKGATE_TOOLS_INBOXES_LACKS_H

#include <jansson.h>

#include "lib/base/conf.h"

/*
 * What the settings lack for the lives of inboxes: no faults, since mail is
 * served all the same.  Pure.
 */

/* One sentence each: char *, the caller's. */
GPtrArray *inboxes_lacks(const struct conf *conf);
/* The same, by the states that inboxes are in (inboxes_count; NULL: not
 * known); static, or NULL. */
const char *inboxes_lack_now(const struct conf *conf, const json_t *counts);

#endif
