/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_OPTIONS_H
#define DESKGATE_LIB_PRIVACY_OPTIONS_H

#include "lib/base/conf.h"

/* What the record of processing says of the installation, an inbox and a desk
 * (GDPR Article 30); nothing else depends on it but `regions`. */
extern const struct conf_option privacy_options[];
extern const struct conf_option privacy_inbox_options[];
extern const struct conf_option privacy_desk_options[];

/* Whether a region is within the European Economic Area: "eu", or the code of
 * a member (ISO 3166-1 alpha-2), in any case. */
gboolean privacy_is_eea(const char *region);

#endif
