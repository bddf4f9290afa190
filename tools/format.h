/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_FORMAT_H
#define DESKGATE_TOOLS_FORMAT_H

#include <glib.h>

/*
 * The format of all that is kept, state and keys together: one number, in
 * KEYS/format.  It grows when a program of before could misread what a program
 * of now writes; then format_keep is where the old is brought to the new, and
 * tests/upgrade gets a state of the version that ends.  Single records carry
 * versions of their own beside it.
 */
#define FORMAT_NOW 1
#define FORMAT_NAME "format"

/* What it is; 0 where nothing was written down: a new one, or the first
 * version's.  BAD, with what to do, when this program is too old for it. */
gboolean format_look(
    int key_dir, guint *format_r, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* For who keeps the state, before any store is opened: looks, brings what is
 * older to the format of now, and writes that down. */
gboolean format_keep(int key_dir, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
