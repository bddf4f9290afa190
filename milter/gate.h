/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_MILTER_GATE_H
#define DESKGATE_MILTER_GATE_H

#include <glib.h>

/*
 * Whether new connections are taken.  libmilter tries accept(2) again at once,
 * and for ever, when the process has no descriptor left.  So before that the
 * listening socket is put away, under its number, by one that nobody connects
 * to: who connects meanwhile waits in the kernel's queue, and goes on to wait
 * or is told to come later by his MTA, as its time-out says.
 *
 * Not for several threads at once; libmilter may use the socket meanwhile.
 */
struct gate;

/* `listening` is borrowed, and keeps its number until gate_free. */
struct gate *gate_new(int listening, GError **error);
/* Puts nothing back.  Accepts NULL. */
void gate_free(struct gate **gate);

/* To be called about once a second: shuts the gate when hardly a descriptor is
 * left, and opens it when there are some again, which libmilter notices within
 * five seconds. */
void gate_tend(struct gate *gate);

/* Of the last gate_tend. */
gboolean gate_is_open(const struct gate *gate);

#endif
