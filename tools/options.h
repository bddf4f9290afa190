/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_OPTIONS_H
#define DESKGATE_TOOLS_OPTIONS_H

#include "lib/base/conf.h"

/* What can be set for this room; each table ends with a NULL name. */
extern const struct conf_option tools_options[];

#endif
