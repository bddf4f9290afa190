/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_POST_SETTINGS_H
#define DESKGATE_TICKETS_POST_SETTINGS_H

#include "lib/base/conf.h"

/* Adds to the conf's faults what is wrong with acknowledgements and digests. */
void post_check(struct conf *conf);

#endif
