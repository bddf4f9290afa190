/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_SCREEN_H
#define DESKGATE_TOOLS_SCREEN_H

#include <glib.h>

/*
 * A page on the terminal that is drawn again and again, and the keys and
 * signals meanwhile.  By ECMA-48 and xterm's alternate screen, which every
 * terminal of today knows; no colours.  What stood on the terminal before is
 * there again afterwards, however it ends (but by SIGKILL): signals are taken
 * by a signalfd, so that nothing of this runs in a handler.  Where there is no
 * such terminal (a pipe, TERM=dumb), it only waits.
 */
enum screen_event {
	SCREEN_TIME,   /* so much time has passed */
	SCREEN_RESIZE, /* the terminal has another size, or is ours again */
	SCREEN_NOW,    /* a key asks for it now */
	SCREEN_FILE,   /* there is something to be read */
	SCREEN_END     /* a key or a signal ends it */
};

struct screen;

/* Whether pages can be drawn: standard output is such a terminal. */
gboolean screen_able(void);
/* Takes the signals, and with `pages` the terminal.  Before any thread. */
struct screen *screen_open(gboolean pages);
/* Gives both back; accepts NULL inside. */
void screen_close(struct screen **address);

/* Its size; 80 and 24 when it does not say. */
void screen_size(guint *columns_r, guint *rows_r);
/* Draws a page: lines are cut at the size, and neutered. */
void screen_draw(struct screen *screen, const char *text);
/* Waits for the first of these; `usec` from now is SCREEN_TIME, something to be
 * read from `file` (-1: none) SCREEN_FILE. */
enum screen_event screen_wait(struct screen *screen, gint64 usec, int file);

#endif
