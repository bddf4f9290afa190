/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whoever asks too often is told what was told a moment ago: to look at the
 * spool's folders costs something, and so nobody can make the keeper busy by
 * asking.
 */
#include "tools/watch_private.h"

#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/exposition.h"
#include "lib/base/file.h"
#include "lib/base/httpd.h"
#include "lib/base/local_socket.h"
#include "lib/base/log.h"
#include "lib/base/network.h"
#include "lib/base/owned.h"
#include "milter/counts.h"
#include "tickets/counts.h"
#include "tools/verbs.h"

#define UNIX "unix:"
/* How long a page is as good as new. */
#define FRESH_USEC G_USEC_PER_SEC
#define DEADLINE 20 /* seconds of a connection */

struct watch {
	struct keeper *keeper;
	struct httpd *httpd;
	struct networks *from;
	char *path; /* of a socket of this host; NULL: an address */
	/* Of the server's one thread: */
	char *text;
	gint64 made; /* mono */
};

static gboolean
is_inbox(void *self, const char *title)
{
	struct keeper *keeper = self;

	return conf_find(keeper->conf, "inbox", title) != NULL;
}

static void
add_program(
    const char *name, const struct tally *tally, json_t *started, json_t *alive)
{
	exposition_add(started, (double)tally_started(tally) / G_USEC_PER_SEC,
	    "program", name, NULL);
	exposition_add(alive, (double)tally_alive(tally) / G_USEC_PER_SEC,
	    "program", name, NULL);
}

static struct tally *
read_milter(struct keeper *keeper)
{
	int folder OWNED(file_close) = file_open_dir(keeper->paths.watch, NULL);

	return folder < 0 ? NULL
			  : tally_read(counts_milter, folder,
				COUNTS_MILTER_FILE, NULL);
}

json_t *
watch_page(struct keeper *keeper)
{
	struct tally *milter OWNED(tally_free) = read_milter(keeper);
	json_t *page = exposition_new(), *started, *alive;

	exposition_add(exposition_family(page, "deskgate_build_info", "gauge",
			   "Always 1; the label tells which version runs."),
	    1, "version", PACKAGE_VERSION, NULL);
	started = exposition_family(page, "deskgate_start_time_seconds",
	    "gauge", "When the program began to count, since 1970.");
	alive = exposition_family(page, "deskgate_alive_time_seconds", "gauge",
	    "When the program last said that it lives, since 1970.");
	add_program("deliver", keeper->tally, started, alive);
	if (milter != NULL) {
		add_program("milter", milter, started, alive);
		tally_expose(milter, page, is_inbox, keeper);
	}
	tally_expose(keeper->tally, page, NULL, NULL);
	watch_state(keeper, page);
	return page;
}

/* {} -> {families: (exposition.h)} */
gboolean
verb_metrics(void *self, const struct control_request *request,
    struct control_answer *answer, GError **error)
{
	(void)request;
	(void)error;
	json_object_set_new(answer->body, "families", watch_page(self));
	return TRUE;
}

/* --- the listener --- */

static const char *
page_text(struct watch *watch)
{
	gint64 now = clock_mono(&clock_system);
	json_t *page;

	if (watch->text == NULL || now - watch->made >= FRESH_USEC) {
		page = watch_page(watch->keeper);
		g_free(watch->text);
		watch->text = exposition_text(page);
		watch->made = now;
		json_decref(page);
	}
	return watch->text;
}

static void
handle(void *self, const struct httpd_request *request,
    struct httpd_answer *answer)
{
	answer->type = "text/plain; charset=utf-8";
	if (strcmp(request->path, "/metrics") != 0) {
		answer->status = 404;
		g_string_assign(answer->body, "the figures are at /metrics\n");
	} else if (strcmp(request->method, "GET") != 0 &&
		   strcmp(request->method, "HEAD") != 0) {
		answer->status = 405;
		g_string_assign(answer->body, "GET /metrics\n");
	} else {
		answer->type = EXPOSITION_TYPE;
		g_string_assign(answer->body, page_text(self));
	}
}

static gboolean
may_connect(void *self, const char *address)
{
	const struct watch *watch = self;

	return watch->path != NULL || networks_contain(watch->from, address);
}

/* Whom we tell; nobody named: this machine. */
static struct networks *
from(const struct conf_section *global)
{
	static const char *const loopback[] = { "127.0.0.0/8", "::1", NULL };
	const char *const *list = conf_list(global, "metrics-from");

	return networks_new(*list != NULL ? list : loopback);
}

static gboolean
listen_at(struct watch *watch, const char *listen, GError **error)
{
	int socket OWNED(file_close) = -1;
	struct httpd_settings settings = {
		.listen = listen,
		.deadline = DEADLINE,
		.may_connect = may_connect,
		.handle = handle,
		.self = watch,
	};

	if (g_str_has_prefix(listen, UNIX)) {
		socket = local_socket_listen(listen + strlen(UNIX), error);
		if (socket < 0)
			return FALSE;
		watch->path = g_strdup(listen + strlen(UNIX));
		settings.socket = &socket;
	}
	watch->httpd = httpd_open(&settings, error);
	return watch->httpd != NULL;
}

gboolean
watch_open(struct keeper *keeper, GError **error)
{
	const struct conf_section *global = conf_global(keeper->conf);
	const char *listen = conf_string(global, "metrics-listen");
	struct watch *watch;

	if (listen == NULL)
		return TRUE;
	keeper->watch = watch = g_new0(struct watch, 1);
	watch->keeper = keeper;
	watch->from = from(global);
	if (listen_at(watch, listen, error)) {
		log_event(
		    LOG_LEVEL_INFO, "metrics-listens", "at", listen, NULL);
		return TRUE;
	}
	g_prefix_error(error, "metrics-listen: ");
	watch_close(&keeper->watch);
	return FALSE;
}

gboolean
watch_start(struct watch *watch, GError **error)
{
	return watch == NULL || httpd_start(watch->httpd, error);
}

void
watch_close(struct watch **address)
{
	struct watch *watch = *address;

	if (watch == NULL)
		return;
	httpd_close(&watch->httpd);
	if (watch->path != NULL)
		(void)unlink(watch->path);
	networks_free(&watch->from);
	g_free(watch->path);
	g_free(watch->text);
	g_clear_pointer(address, g_free);
}
