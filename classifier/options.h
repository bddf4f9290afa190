/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_OPTIONS_H
#define DESKGATE_CLASSIFIER_OPTIONS_H

#include "lib/base/conf.h"

/* What can be set for this room; each table ends with a NULL name. */
extern const struct conf_option classifier_options[];
/* The same for an inbox: what is set there stands in for what is set for all,
 * so a default of these is never taken (conf_is_set). */
extern const struct conf_option classifier_inbox_options[];

#endif
