/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deskgate top: what goes on, again and again.  It asks the keeper that runs,
 * and never takes its place: who watches must not stand in its way.
 */
#include <stdio.h>
#include <sysexits.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/local_socket.h"
#include "lib/base/owned.h"
#include "lib/base/translate.h"
#include "tickets/control.h"
#include "tools/chart.h"
#include "tools/cmd.h"
#include "tools/paths.h"
#include "tools/screen.h"
#include "tools/top.h"

#define INTERVAL 2.0
#define INTERVAL_MOST 3600.0
/* For one answer. */
#define PATIENCE_USEC (20 * (gint64)G_USEC_PER_SEC)
/* Lines under one head. */
#define HEAD_EVERY 20

struct watching {
	struct cmd_context *context;
	double interval;
	gboolean once;
	struct paths paths;
	struct top *top;
	struct screen *screen;
	gboolean pages;
	guint lines;
};

static gboolean
take(struct watching *watching, json_t *answer)
{
	if (answer == NULL)
		return FALSE;
	top_take(watching->top, json_object_get(answer, "families"),
	    clock_wall(&clock_system));
	json_decref(answer);
	return TRUE;
}

static void
draw(struct watching *watching, const GError *fault)
{
	g_autofree char *page = NULL;
	g_autoptr(GString) text = g_string_new(NULL);
	guint columns, rows;

	screen_size(&columns, &rows);
	page = top_page(watching->top, columns, chart_unicode());
	if (fault != NULL)
		g_string_append_printf(text,
		    translate("deskgate-deliver does not answer:\n%s\nit is "
			      "asked again "
			      "every %.3g seconds\n\n"),
		    fault->message, watching->interval);
	g_string_append_printf(text, "%s\n%s", page,
	    translate("q ends, any other key looks again"));
	screen_draw(watching->screen, text->str);
}

static void
print(struct watching *watching)
{
	g_autofree char *line = NULL;

	if (watching->context->json) {
		cmd_json_line(top_json(watching->top));
		return;
	}
	if (watching->once) {
		g_autofree char *page =
		    top_page(watching->top, 80, chart_unicode());

		cmd_print("%s", page);
		return;
	}
	if (watching->lines++ % HEAD_EVERY == 0)
		cmd_print("%s\n", top_head());
	line = top_line(watching->top);
	cmd_print("%s\n", line);
}

/* FALSE when nobody reads any more. */
static gboolean
show(struct watching *watching, const GError *fault)
{
	if (watching->pages)
		draw(watching, fault);
	else if (fault != NULL)
		cmd_complain(
		    "deskgate-deliver does not answer: %s", fault->message);
	else
		print(watching);
	return fflush(stdout) == 0 && !ferror(stdout);
}

/* Waits; another size is drawn at once. */
static enum screen_event
wait_for(struct watching *watching, gint64 usec, int file, const GError *fault)
{
	gint64 until = g_get_monotonic_time() + usec;
	enum screen_event event;

	for (;;) {
		event = screen_wait(watching->screen,
		    MAX(until - g_get_monotonic_time(), 0), file);
		if (event != SCREEN_RESIZE)
			return event;
		if (watching->pages)
			draw(watching, fault);
	}
}

/*
 * Asks the keeper, and looks at keys and signals while he thinks.  SCREEN_FILE
 * when he has answered or cannot be asked (*error), SCREEN_END when it is to
 * end.
 */
static enum screen_event
look(struct watching *watching, GError **error)
{
	int socket = local_socket_connect(watching->paths.control, error);
	struct control_client *client OWNED(control_client_free) =
	    socket >= 0 ? control_adopt(socket) : NULL;
	json_t *body = json_pack("{s:s}", "verb", "metrics"), *answer = NULL;
	enum screen_event event = SCREEN_FILE;
	guint files = 0;
	gboolean sent =
	    client != NULL && control_send(client, body, NULL, 0, error);

	json_decref(body);
	do {
		if (sent)
			event = wait_for(watching, PATIENCE_USEC, socket, NULL);
	} while (event == SCREEN_NOW);
	if (event == SCREEN_TIME)
		(void)err_set(
		    error, DG_ERROR_AGAIN, "no answer within 20 seconds");
	else if (event == SCREEN_FILE && sent)
		(void)control_receive(client, &answer, NULL, &files, error);
	(void)take(watching, answer);
	return event == SCREEN_END ? event : SCREEN_FILE;
}

static int
watch(struct watching *watching)
{
	gint64 usec = (gint64)(watching->interval * G_USEC_PER_SEC);
	g_autoptr(GError) fault = NULL;
	enum screen_event event;

	do {
		g_clear_error(&fault);
		event = look(watching, &fault);
		/* Rights do not come by waiting. */
		if (err_is(fault, DG_ERROR_DENIED)) {
			screen_close(&watching->screen);
			return cmd_fail(fault);
		}
		if (event != SCREEN_END)
			event = show(watching, fault)
				    ? wait_for(watching, usec, -1, fault)
				    : SCREEN_END;
	} while (event != SCREEN_END);
	return EX_OK;
}

static int
watch_once(struct watching *watching)
{
	g_autoptr(GError) error = NULL;
	json_t *answer = cmd_ask_running(watching->paths.control,
	    json_pack("{s:s}", "verb", "metrics"), &error);

	if (take(watching, answer)) {
		print(watching);
		return EX_OK;
	}
	cmd_complain("deskgate top: deskgate-deliver does not answer: %s",
	    error->message);
	return err_is(error, DG_ERROR_DENIED) ? EX_NOPERM : EX_UNAVAILABLE;
}

static int
run(struct watching *watching)
{
	struct conf *conf OWNED(conf_free) = NULL;
	int code = cmd_settings(watching->context, &conf);

	if (code != EX_OK)
		return code;
	paths_init(&watching->paths, conf);
	watching->top = top_new();
	if (watching->once) {
		code = watch_once(watching);
	} else {
		watching->pages = !watching->context->json && screen_able();
		watching->screen = screen_open(watching->pages);
		code = watch(watching);
		screen_close(&watching->screen);
	}
	top_free(&watching->top);
	paths_fini(&watching->paths);
	return code;
}

int
cmd_top(struct cmd_context *context, int argc, char **argv)
{
	struct watching watching = { .context = context, .interval = INTERVAL };
	const GOptionEntry entries[] = {
		{ "interval", 'n', 0, G_OPTION_ARG_DOUBLE, &watching.interval,
		    N_("seconds between two looks (2)"), "S" },
		{ "once", '1', 0, G_OPTION_ARG_NONE, &watching.once,
		    N_("look once, and end"), NULL },
		{ NULL },
	};
	int code = cmd_options(context, entries, NULL, &argc, &argv);

	if (code >= 0)
		return code;
	if (argc > 1)
		return cmd_usage(context, "it takes no words");
	if (!(watching.interval >= 0.1 && watching.interval <= INTERVAL_MOST))
		return cmd_usage(context, "--interval is 0.1 to 3600 seconds");
	return run(&watching);
}
