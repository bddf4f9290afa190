/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The terminal: see screen.h. */
#include "tools/screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "lib/base/log.h"

#define COLUMNS 80
#define ROWS 24
/* Alternate screen, no cursor, no wrapping at the right edge; and back. */
static const char enter[] = "\033[?1049h\033[?25l\033[?7l";
static const char leave[] = "\033[?7h\033[?25h\033[?1049l";

struct screen {
	gboolean pages;
	gboolean keys; /* standard input is a terminal, and ours */
	struct termios before;
	sigset_t blocked;
	int signals; /* signalfd */
};

gboolean
screen_able(void)
{
	const char *term = g_getenv("TERM");

	return isatty(STDOUT_FILENO) && term != NULL && *term != '\0' &&
	       strcmp(term, "dumb") != 0;
}

/* A key is there at once and does not show; Ctrl-C stays a signal. */
static void
take_terminal(struct screen *screen)
{
	struct termios now;

	if (!screen->pages)
		return;
	fputs(enter, stdout);
	fflush(stdout);
	screen->keys = isatty(STDIN_FILENO) &&
		       tcgetattr(STDIN_FILENO, &screen->before) == 0;
	if (!screen->keys)
		return;
	now = screen->before;
	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	now.c_cc[VMIN] = 0;
	now.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &now);
}

static void
give_terminal(struct screen *screen)
{
	if (!screen->pages)
		return;
	if (screen->keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &screen->before);
	fputs(leave, stdout);
	fflush(stdout);
}

struct screen *
screen_open(gboolean pages)
{
	static const int taken[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP,
		SIGWINCH };
	struct screen *screen = g_new0(struct screen, 1);
	sigset_t signals;

	sigemptyset(&signals);
	for (gsize i = 0; i < G_N_ELEMENTS(taken); i++)
		sigaddset(&signals, taken[i]);
	pthread_sigmask(SIG_BLOCK, &signals, &screen->blocked);
	screen->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	screen->pages = pages;
	take_terminal(screen);
	return screen;
}

void
screen_close(struct screen **address)
{
	struct screen *screen = *address;

	if (screen == NULL)
		return;
	give_terminal(screen);
	if (screen->signals >= 0)
		close(screen->signals);
	pthread_sigmask(SIG_SETMASK, &screen->blocked, NULL);
	g_clear_pointer(address, g_free);
}

void
screen_size(guint *columns_r, guint *rows_r)
{
	struct winsize size;
	gboolean known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;

	*columns_r = known && size.ws_col > 0 ? size.ws_col : COLUMNS;
	*rows_r = known && size.ws_row > 0 ? size.ws_row : ROWS;
}

void
screen_draw(struct screen *screen, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	guint columns, rows;

	if (!screen->pages)
		return;
	screen_size(&columns, &rows);
	fputs("\033[H", stdout);
	for (guint i = 0; lines[i] != NULL && i < rows; i++) {
		g_autofree char *safe = log_neuter(lines[i], G_MAXSIZE / 8);
		g_autofree char *cut =
		    g_utf8_strlen(safe, -1) > (glong)columns
			? g_utf8_substring(safe, 0, (glong)columns)
			: g_strdup(safe);

		printf("%s%s\033[K", i > 0 ? "\r\n" : "", cut);
	}
	fputs("\033[J", stdout);
	fflush(stdout);
}

/* Stops as any program does, with the terminal given back meanwhile. */
static void
stop(struct screen *screen)
{
	give_terminal(screen);
	raise(SIGSTOP);
	take_terminal(screen);
}

static enum screen_event
take_signal(struct screen *screen)
{
	struct signalfd_siginfo info;

	if (read(screen->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return SCREEN_TIME;
	if (info.ssi_signo == SIGTSTP)
		stop(screen);
	return info.ssi_signo == SIGTSTP || info.ssi_signo == SIGWINCH
		   ? SCREEN_RESIZE
		   : SCREEN_END;
}

/* q ends it; any other key looks again.  FALSE: there was none. */
static gboolean
take_key(struct screen *screen, enum screen_event *event_r)
{
	char key;
	ssize_t length = read(STDIN_FILENO, &key, 1);

	/* The terminal is gone. */
	if (length <= 0) {
		screen->keys = length < 0 && errno == EINTR;
		return FALSE;
	}
	*event_r = key == 'q' || key == 'Q' ? SCREEN_END : SCREEN_NOW;
	return TRUE;
}

/* What of it has come first, or SCREEN_TIME: nothing that counts. */
static enum screen_event
take_event(struct screen *screen, const struct pollfd *files)
{
	enum screen_event event;

	if ((files[0].revents & POLLIN) != 0)
		return take_signal(screen);
	if (files[2].revents != 0)
		return SCREEN_FILE;
	return files[1].revents != 0 && take_key(screen, &event) ? event
								 : SCREEN_TIME;
}

enum screen_event
screen_wait(struct screen *screen, gint64 usec, int file)
{
	gint64 until = g_get_monotonic_time() + usec;

	for (;;) {
		struct pollfd files[] = {
			{ .fd = screen->signals, .events = POLLIN },
			{ .fd = screen->keys ? STDIN_FILENO : -1,
			    .events = POLLIN },
			{ .fd = file, .events = POLLIN },
		};
		gint64 left = until - g_get_monotonic_time();
		enum screen_event event = SCREEN_TIME;
		int ready = poll(files, G_N_ELEMENTS(files),
		    (int)CLAMP((left + 999) / 1000, 0, G_MAXINT));

		if (ready < 0 && errno != EINTR)
			return SCREEN_END;
		if (ready > 0)
			event = take_event(screen, files);
		if (event != SCREEN_TIME || g_get_monotonic_time() >= until)
			return event;
	}
}
