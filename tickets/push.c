/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The push listener.  Everything happens in the server's one thread, so what is
 * here needs no lock.
 */
#include "tickets/push.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/httpd.h"
#include "lib/base/log.h"
#include "lib/base/network.h"
#include "lib/base/owned.h"
#include "tickets/bucket.h"
#include "tickets/decision.h"
#include "tickets/webhook.h"

/* Seconds of a connection: a push is a few hundred bytes. */
#define DEADLINE 20
/* Addresses whose pushes are counted; of more nobody is favoured. */
#define ADDRESSES_MOST 256
/* What a wrong token costs, in pushes: guessing is slow. */
#define GUESS_COST 10
#define PATH "/push"

struct push {
	const struct conf *conf;
	struct feedback *feedback;
	struct httpd *httpd;
	struct secret *token;
	struct networks *from;
	guint rate;
	GHashTable *buckets; /* char * -> struct bucket * */
};

static void
say(struct httpd_answer *answer, guint status, const char *text)
{
	answer->status = status;
	g_string_printf(answer->body, "{\"%s\": \"%s\"}\n",
	    status < 300 ? "done" : "error", text);
}

/* --- how often --- */

static struct bucket *
bucket_of(struct push *push, const char *address)
{
	struct bucket *bucket = g_hash_table_lookup(push->buckets, address);

	if (bucket != NULL)
		return bucket;
	if (g_hash_table_size(push->buckets) >= ADDRESSES_MOST)
		g_hash_table_remove_all(push->buckets);
	bucket = g_new0(struct bucket, 1);
	bucket_init(bucket, push->rate, clock_mono(&clock_system));
	g_hash_table_insert(push->buckets, g_strdup(address), bucket);
	return bucket;
}

static gboolean
is_held_up(struct push *push, const char *address, guint cost,
    struct httpd_answer *answer)
{
	gint64 wait = bucket_take(
	    bucket_of(push, address), cost, clock_mono(&clock_system));

	if (wait == 0)
		return FALSE;
	answer->retry_after = wait / G_USEC_PER_SEC + 1;
	say(answer, 429, "too many pushes");
	return TRUE;
}

/* --- what it says --- */

/* The path's desk, else the body's, else the only one there is; in the
 * spelling of the settings. */
static const char *
desk_of(struct push *push, const char *path, const struct push_word *word)
{
	const char *name =
	    path[strlen(PATH)] == '/' ? path + strlen(PATH) + 1 : word->desk;
	const struct conf_section *section;

	if (name == NULL || name[0] == '\0')
		return conf_count(push->conf, "desk") == 1
			   ? conf_title(conf_at(push->conf, "desk", 0))
			   : NULL;
	section = conf_find(push->conf, "desk", name);
	if (section != NULL)
		return conf_title(section);
	return strcmp(name, "local") == 0 ? "local" : NULL;
}

static const char *
status_word(const char *status)
{
	static const char *const words[] = { "new", "open", "closed", "spam",
		"not-spam", "deleted" };

	for (guint i = 0; status != NULL && i < G_N_ELEMENTS(words); i++)
		if (strcmp(words[i], status) == 0)
			return words[i];
	return NULL;
}

static gboolean
is_signed(struct push *push, const struct httpd_request *request)
{
	return push_is_signed(push->token,
		   httpd_header(request, WEBHOOK_TIMESTAMP),
		   httpd_header(request, WEBHOOK_SIGNATURE), request->body,
		   clock_wall(&clock_system) / G_USEC_PER_SEC) ||
	       push_is_hub_signed(push->token,
		   httpd_header(request, "X-Hub-Signature"), request->body);
}

/* For a desk that cannot be asked: what it signed. */
static void
take_word(struct push *push, const struct httpd_request *request,
    const struct feedback_decision *decision, struct httpd_answer *answer)
{
	g_autoptr(GError) fault = NULL;

	if (!is_signed(push, request)) {
		say(answer, 401, "this desk cannot be asked: sign the push");
	} else if (decision->ticket == NULL || decision->status == NULL) {
		say(answer, 400, "ticket and status are needed");
	} else if (feedback_tell(push->feedback, decision, &fault)) {
		say(answer, 200, "kept");
	} else if (err_is(fault, DG_ERROR_NOTFOUND)) {
		say(answer, 404, "no ticket of ours");
	} else {
		log_error(LOG_LEVEL_ERROR, fault, "push-fault", NULL);
		say(answer, 503, "try again");
	}
}

static void
handle_word(struct push *push, const struct httpd_request *request,
    const struct push_word *word, struct httpd_answer *answer)
{
	const char *desk = desk_of(push, request->path, word);
	g_autofree char *actor = NULL;
	struct feedback_decision decision;
	g_autoptr(GError) fault = NULL;

	if (desk == NULL) {
		say(answer, 400, "no such desk");
		return;
	}
	log_event(LOG_LEVEL_INFO, "push", "desk", desk, "ticket", word->ticket,
	    "client", request->address, NULL);
	if (feedback_nudge(push->feedback, desk)) {
		say(answer, 202, "looking");
		return;
	}
	actor = feedback_actor(push->feedback, desk, word->who, &fault);
	if (actor == NULL) {
		log_error(LOG_LEVEL_ERROR, fault, "push-fault", NULL);
		say(answer, 503, "try again");
		return;
	}
	decision = (struct feedback_decision){ .desk = desk,
		.ticket = word->ticket,
		.status = status_word(word->status),
		.actor = actor };
	if (httpd_header(request, WEBHOOK_TIMESTAMP) != NULL)
		decision.when = g_ascii_strtoll(
		    httpd_header(request, WEBHOOK_TIMESTAMP), NULL, 10);
	take_word(push, request, &decision, answer);
}

static gboolean
is_path(const char *path)
{
	gsize length = strlen(PATH);

	return strncmp(path, PATH, length) == 0 &&
	       (path[length] == '\0' || path[length] == '/');
}

static void
handle(void *self, const struct httpd_request *request,
    struct httpd_answer *answer)
{
	struct push *push = self;
	struct push_word word;

	if (is_held_up(push, request->address, 1, answer))
		return;
	if (!push_has_token(push->token,
		httpd_header(request, "X-Deskgate-Token"),
		httpd_header(request, "Authorization"))) {
		log_event(LOG_LEVEL_WARN, "push-denied", "client",
		    request->address, NULL);
		if (!is_held_up(push, request->address, GUESS_COST, answer))
			say(answer, 401, "no such token");
		return;
	}
	if (!is_path(request->path)) {
		say(answer, 404, "POST to " PATH);
	} else if (strcmp(request->method, "POST") != 0) {
		say(answer, 405, "POST to " PATH);
	} else if (!push_read(request->body, &word)) {
		say(answer, 400, "the body is neither JSON nor a form");
		push_word_clear(&word);
	} else {
		handle_word(push, request, &word, answer);
		push_word_clear(&word);
	}
}

static gboolean
may_connect(void *self, const char *address)
{
	const struct push *push = self;

	return networks_contain(push->from, address);
}

/* --- opening --- */

/* Whom we listen to; nobody named: this machine. */
static struct networks *
from(const struct conf_section *global)
{
	static const char *const loopback[] = { "127.0.0.0/8", "::1", NULL };
	const char *const *list = conf_list(global, "push-from");

	return networks_new(*list != NULL ? list : loopback);
}

gboolean
push_open(const struct conf *conf, struct feedback *feedback,
    struct push **push_r, GError **error)
{
	const struct conf_section *global = conf_global(conf);
	struct push *push = g_new0(struct push, 1);
	const struct httpd_settings settings = {
		.listen = conf_string(global, "push-listen"),
		.max_body = PUSH_BODY_MOST,
		.deadline = DEADLINE,
		.may_connect = may_connect,
		.handle = handle,
		.self = push,
	};

	*push_r = push;
	push->conf = conf;
	push->feedback = feedback;
	push->rate = (guint)conf_integer(global, "push-rate");
	push->from = from(global);
	push->buckets =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (settings.listen == NULL) {
		push_close(push_r);
		return TRUE;
	}
	push->token =
	    secret_load_token(conf_string(global, "push-token-file"), error);
	if (push->token != NULL)
		push->httpd = httpd_open(&settings, error);
	if (push->httpd != NULL && httpd_start(push->httpd, error)) {
		log_event(LOG_LEVEL_INFO, "push-listens", "at", settings.listen,
		    NULL);
		return TRUE;
	}
	g_prefix_error(error, "push-listen: ");
	push_close(push_r);
	return FALSE;
}

void
push_close(struct push **address)
{
	struct push *push = *address;

	if (push == NULL)
		return;
	httpd_close(&push->httpd);
	secret_free(&push->token);
	networks_free(&push->from);
	g_hash_table_unref(push->buckets);
	g_clear_pointer(address, g_free);
}
