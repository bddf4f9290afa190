/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_MAIL_CEILING_H
#define DESKGATE_LIB_MAIL_CEILING_H

#include "lib/mail/message.h"

/*
 * Where the body of the message in `data` has to be cut, so that no more parts
 * and fields of parts than `limits` allow are in front of it; `end` when it
 * need not.
 */
const guint8 *ceiling_body_end(const guint8 *data, const guint8 *body,
    const guint8 *end, const struct message_limits *limits);

#endif
