/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_MEMORY_H
#define DESKGATE_LIB_BASE_MEMORY_H

/*
 * What happens when there is no memory.
 *
 * GLib ends its program then, which is as good as any other kill: what was not
 * said to be taken is sent again.  Jansson would answer with no object instead,
 * which looks just like text that is no JSON, so that a sound record would be
 * taken for a damaged one.  After memory_strict() it ends the program, too.
 * For main(), before any other thread; call it once.
 */
void memory_strict(void);

#endif
