/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_OPTIONS_H
#define DESKGATE_TICKETS_OPTIONS_H

#include "lib/base/conf.h"

/* What can be set for this room; each table ends with a NULL name. */
extern const struct conf_option tickets_options[];
extern const struct conf_option tickets_inbox_options[];
extern const struct conf_option tickets_desk_options[];
extern const struct conf_option tickets_rule_options[];

#endif
