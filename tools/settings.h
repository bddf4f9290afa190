/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_SETTINGS_H
#define DESKGATE_TOOLS_SETTINGS_H

#include <glib.h>

#include "lib/base/conf.h"

/*
 * The settings of the whole: the rooms' tables put together, and what must hold
 * between them.
 */
extern const struct conf_kind settings_kinds[];

/* SYSCONFDIR/deskgate/deskgate.conf. */
const char *settings_default_path(void);

/* Who asks: a daemon is refused where it would run as root, or without a wall
 * that it is to stand behind.  For figures only the file itself is looked at,
 * and none of the folders, keys and users it names: who works them out needs no
 * right to those. */
enum settings_use { SETTINGS_COMMAND, SETTINGS_DAEMON, SETTINGS_FIGURES };

/* Reads the file and adds the faults that no single table can find (a desk that
 * is not there, a secret that others can read, a socket path that is too long
 * ...). NULL only when the file cannot be read. */
struct conf *settings_load(
    const char *path, enum settings_use use, GError **error);

/* Whether a daemon would take the file; logs its first fault when not. For
 * reloads. */
gboolean settings_usable(const char *path);

#endif
