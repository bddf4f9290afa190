/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_RECALL_H
#define DESKGATE_TOOLS_RECALL_H

#include "tools/keeper.h"

/*
 * What was scored of a message when it came, while its entry is kept: a person
 * who hands it in again, from a mailbox or a file, teaches that and not what a
 * reading would find today.  An entry is named by its message (entry.h), so it
 * is found by the message alone; not when the copy differs in Message-ID, From,
 * Date or body.  Where the MTA gave it one of the first two, the name has the
 * envelope's sender, Subject and time instead: those are guessed by Return-Path
 * or From and by Date, and what was on its way for long may not be found.
 *
 * `inbox` is the one it came to, NULL: any.  NULL when nothing is kept; the
 * caller frees it.
 */
GBytes *recall_scored(
    const struct keeper *keeper, int message, const char *inbox);

#endif
