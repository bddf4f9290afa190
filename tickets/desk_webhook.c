/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A receiver of one's own: signed JSON by POST to one url, for every desk that
 * has no adapter here.
 *
 * Each event that the receiver knows is listed in `events`.  Exactly one ticket
 * needs the receiver's help: every create and append bears an Idempotency-Key,
 * the entry's, and after an unclear end is simply sent again.  A receiver that
 * does not honour the key lists "find", and is asked first.
 */
#include "tickets/webhook.h"

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "tickets/answer.h"
#include "tickets/bucket.h"
#include "tickets/desk_probe.h"
#include "tickets/http.h"

#define MAX_ANSWER (1 << 20)
#define TIMESTAMP_TEXT 24

struct webhook {
	struct desk desk;    /* first */
	struct desk_ops ops; /* without what the receiver does not know */
	struct http *http;
	struct secret *secret;
	struct webhook_template *template;
	gboolean by_reference; /* files go first, each by itself */
	gboolean takes_change;
	gboolean asked; /* find is an event */
	gboolean encrypted;
	struct bucket bucket;
	const struct clock *clock;
};

static struct webhook *
webhook_of(struct desk *desk)
{
	g_assert(desk->ops->type == desk_webhook_ops.type);
	return (struct webhook *)desk;
}

static void
webhook_close(struct desk *desk)
{
	struct webhook *hook = webhook_of(desk);

	http_free(&hook->http);
	secret_free(&hook->secret);
	webhook_template_free(&hook->template);
	g_free(hook->desk.name);
	g_free(hook);
}

/* --- opening */

static gboolean
open_events(struct webhook *hook, const char *const *events, GError **error)
{
	static const char *const known[] = { "create", "append", "find",
		"change", "note", "erase", NULL };

	for (gsize i = 0; events[i] != NULL; i++)
		if (!g_strv_contains(known, events[i]))
			return err_set(error, DG_ERROR_BAD,
			    "events: \"%s\" is none of create, append, find, "
			    "change, note, erase",
			    events[i]);
	if (!g_strv_contains(events, "create"))
		return err_set(
		    error, DG_ERROR_BAD, "events: a receiver must know create");
	if (!g_strv_contains(events, "append"))
		hook->ops.append = NULL;
	if (!g_strv_contains(events, "note"))
		hook->ops.note = NULL;
	if (!g_strv_contains(events, "erase"))
		hook->ops.erase = NULL;
	hook->takes_change = g_strv_contains(events, "change");
	hook->asked = g_strv_contains(events, "find");
	return TRUE;
}

static gboolean
open_http(struct webhook *hook, const struct conf_section *settings,
    const struct desk_world *world, GError **error)
{
	const char *url = conf_string(settings, "url");

	hook->encrypted = g_str_has_prefix(url, "https:");
	hook->http = http_new(
	    &(struct http_settings){
		.url = url,
		.timeout = conf_duration(settings, "timeout"),
		.allow_private = conf_flag(settings, "allow-private"),
		.ca_file = conf_string(settings, "ca-file"),
		.max_answer = MAX_ANSWER,
		.stopping = world->stopping,
	    },
	    error);
	return hook->http != NULL;
}

static gboolean
open_with(struct webhook *hook, const struct conf_section *settings,
    const struct desk_world *world, GError **error)
{
	const char *path = conf_string(settings, "token-file");

	if (conf_string(settings, "url") == NULL || path == NULL)
		return err_set(error, DG_ERROR_BAD,
		    "a webhook needs url, and token-file with the secret it "
		    "is signed with");
	hook->secret = secret_load_token(path, error);
	if (hook->secret == NULL)
		return FALSE;
	hook->template =
	    webhook_template_new(conf_list(settings, "fields"), error);
	if (hook->template == NULL)
		return FALSE;
	hook->by_reference =
	    g_str_equal(conf_string(settings, "attachments"), "reference");
	bucket_init(&hook->bucket, (guint)conf_integer(settings, "rate"),
	    clock_mono(hook->clock));
	return open_events(hook, conf_list(settings, "events"), error) &&
	       open_http(hook, settings, world, error);
}

static struct desk *
webhook_open(const struct conf_section *settings,
    const struct desk_world *world, GError **error)
{
	struct webhook *hook = g_new0(struct webhook, 1);

	hook->ops = desk_webhook_ops;
	hook->desk.ops = &hook->ops;
	hook->desk.name = g_strdup(conf_title(settings));
	hook->clock = world->clock != NULL ? world->clock : &clock_system;
	if (open_with(hook, settings, world, error))
		return &hook->desk;
	webhook_close(&hook->desk);
	return NULL;
}

/* --- one event */

struct post {
	const char *event;
	const char *body; /* JSON, or NULL: */
	const struct ticket_file *file;
	const char *idempotency; /* or NULL */
	enum answer_call call;
};

static gboolean
reserve(struct webhook *hook, GError **error)
{
	gint64 wait = bucket_take(&hook->bucket, 1, clock_mono(hook->clock));

	hook->desk.retry_after = (wait + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
	return wait == 0 || err_set(error, DG_ERROR_AGAIN,
				"the rate of this desk is used up for %d s",
				(int)hook->desk.retry_after);
}

/* The file's name must not end the field. */
static char *
encoded_name(const struct post *post)
{
	return post->file != NULL
		   ? g_uri_escape_string(post->file->name, NULL, FALSE)
		   : NULL;
}

static gboolean
send_post(struct webhook *hook, const struct post *post,
    struct http_answer *answer_r, GError **error)
{
	char timestamp[TIMESTAMP_TEXT], signature[WEBHOOK_SIGNATURE_TEXT];
	g_autofree char *name = encoded_name(post);
	const char *text = post->body != NULL ? post->body : "";
	g_autoptr(GBytes) body = post->file != NULL
				     ? g_bytes_ref(post->file->bytes)
				     : g_bytes_new_static(text, strlen(text));
	struct webhook_signed what = { .timestamp = timestamp,
		.event = post->event };
	const struct http_field fields[] = { { WEBHOOK_EVENT, post->event },
		{ WEBHOOK_TIMESTAMP, timestamp },
		{ WEBHOOK_SIGNATURE, signature },
		{ post->idempotency != NULL ? WEBHOOK_IDEMPOTENCY : NULL,
		    post->idempotency },
		{ name != NULL ? "X-Deskgate-Name" : NULL, name },
		{ NULL, NULL } };
	const struct http_request request = { .method = "POST",
		.path = "",
		.bytes = body,
		.bytes_type = post->file != NULL ? "application/octet-stream"
						 : "application/json",
		.fields = fields };
	const struct answer_ask ask = { hook->http, post->call,
		&hook->desk.retry_after };

	if (!reserve(hook, error))
		return FALSE;
	g_snprintf(timestamp, sizeof timestamp, "%" G_GINT64_FORMAT,
	    clock_wall(hook->clock) / G_USEC_PER_SEC);
	what.body = g_bytes_get_data(body, &what.length);
	webhook_sign(hook->secret, &what, signature);
	return answer_get(&ask, &request, answer_r, error);
}

/* --- tickets */

static char *
send_file(struct webhook *hook, const struct ticket_file *file,
    const char *idempotency, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	const struct post post = { .event = "file",
		.file = file,
		.idempotency = idempotency,
		.call = ANSWER_FILE };
	g_autoptr(GError) fault = NULL;
	char *reference = NULL;

	if (send_post(hook, &post, &answer, &fault))
		reference = webhook_read_file(answer.body, &fault);
	if (reference != NULL)
		return reference;
	/* No ticket can have come of it. */
	if (err_is(fault, DG_ERROR_IO))
		fault->code = DG_ERROR_AGAIN;
	g_prefix_error(&fault, "file %s: ", file->name);
	g_propagate_error(error, g_steal_pointer(&fault));
	return NULL;
}

static GPtrArray *
send_files(struct webhook *hook, const struct ticket *ticket, const char *key,
    GError **error)
{
	g_autoptr(GPtrArray) references =
	    g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; ticket->files != NULL && i < ticket->files->len;
	     i++) {
		g_autofree char *name = g_strdup_printf("%s-%u", key, i + 1);
		char *reference =
		    send_file(hook, ticket->files->pdata[i], name, error);

		if (reference == NULL)
			return NULL;
		g_ptr_array_add(references, reference);
	}
	return g_steal_pointer(&references);
}

static gboolean
send_ticket(struct webhook *hook, struct webhook_post *what,
    struct http_answer *answer_r, GError **error)
{
	char key[IDENT_TEXT];
	gboolean looks = g_str_equal(what->event, "find");
	g_autoptr(GPtrArray) references = NULL;
	g_autofree char *body = NULL;
	struct post post = { .event = what->event };

	ident_text(what->key, key);
	if (hook->by_reference) {
		references = send_files(hook, what->ticket, key, error);
		if (references == NULL)
			return FALSE;
		what->references = references;
	}
	body = webhook_ticket_json(hook->template, what);
	what->references = NULL;
	post.body = body;
	post.idempotency = looks ? NULL : key;
	post.call = looks                     ? ANSWER_ASK
		    : what->ticket_id != NULL ? ANSWER_ADD
					      : ANSWER_MAKE;
	return send_post(hook, &post, answer_r, error);
}

static gboolean
webhook_create(struct desk *desk, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *made_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	struct webhook_post what = {
		.event = "create", .key = key, .ticket = ticket
	};

	if (!send_ticket(webhook_of(desk), &what, &answer, error))
		return FALSE;
	webhook_read_made(answer.body, key, made_r);
	return TRUE;
}

static gboolean
webhook_append(struct desk *desk, const char *id, const struct ticket *ticket,
    const struct ident *key, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	struct webhook_post what = {
		.event = "append", .key = key, .ticket_id = id, .ticket = ticket
	};

	return send_ticket(webhook_of(desk), &what, &answer, error);
}

/* With an Idempotency-Key that is honoured, sending again is the look-up. */
static gboolean
webhook_find(struct desk *desk, const struct ticket *ticket,
    const struct ident *key, struct desk_ticket *found_r, GError **error)
{
	struct webhook *hook = webhook_of(desk);
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	struct ticket bare = *ticket;
	struct webhook_post what = {
		.event = "find", .key = key, .ticket = &bare
	};

	if (!hook->asked)
		return err_set(error, DG_ERROR_NOTFOUND,
		    "the receiver tells by the Idempotency-Key");
	bare.files = NULL;
	return send_ticket(hook, &what, &answer, error) &&
	       webhook_read_found(answer.body, found_r, error);
}

/* --- the rest */

static gboolean
send_event(struct webhook *hook, const char *event, const char *id,
    json_t *more, struct http_answer *answer_r, GError **error)
{
	g_autofree char *body = webhook_event_json(event, id, more);
	const struct post post = {
		.event = event, .body = body, .call = ANSWER_ASK
	};

	return send_post(hook, &post, answer_r, error);
}

static gboolean
webhook_change(struct desk *desk, const char *id,
    const struct desk_change *change, GError **error)
{
	struct webhook *hook = webhook_of(desk);
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	json_t *tags;

	if (!desk_change_check(change, error))
		return FALSE;
	if (!hook->takes_change)
		return err_set(error, DG_ERROR_BAD,
		    "this webhook takes no changes (its events do not list "
		    "change)");
	tags = json_array();
	for (gsize i = 0; change->tags != NULL && change->tags[i] != NULL; i++)
		json_array_append_new(tags, desk_text(change->tags[i]));
	return send_event(hook, "change", id,
	    json_pack("{s:o, s:o, s:o}", "status", desk_text(change->status),
		"priority", desk_text(change->priority), "tags", tags),
	    &answer, error);
}

static gboolean
webhook_note(
    struct desk *desk, const char *id, const char *text, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };

	return send_event(webhook_of(desk), "note", id,
	    json_pack("{s:o}", "text", desk_text(text)), &answer, error);
}

static gboolean
webhook_erase(struct desk *desk, const struct desk_whom *whom,
    struct desk_erased *erased_r, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autofree char *until = whom->until != G_MAXINT64
				     ? clock_text(whom->until * G_USEC_PER_SEC)
				     : NULL;
	json_t *body = json_pack(
	    "{s:o, s:s*}", "address", desk_text(whom->address), "until", until);
	g_autoptr(GError) fault = NULL;

	*erased_r = (struct desk_erased){ 0 };
	if (send_event(
		webhook_of(desk), "erase", NULL, body, &answer, &fault)) {
		webhook_read_erased(answer.body, erased_r);
		return TRUE;
	}
	if (err_is(fault, DG_ERROR_NOTFOUND)) /* nobody of this address */
		return TRUE;
	return desk_erase_fault(g_steal_pointer(&fault), erased_r, error);
}

static gboolean
ask_test(struct webhook *hook, struct http_answer *answer_r, GError **error)
{
	return send_event(hook, "test", NULL, json_object(), answer_r, error);
}

static gboolean
webhook_health(struct desk *desk, GError **error)
{
	struct http_answer answer OWNED(http_answer_clear) = { 0 };

	return ask_test(webhook_of(desk), &answer, error);
}

static gboolean
webhook_test(struct desk *desk, struct desk_report *report, GError **error)
{
	struct webhook *hook = webhook_of(desk);
	struct http_answer answer OWNED(http_answer_clear) = { 0 };
	g_autoptr(GError) fault = NULL;

	(void)error;
	if (!ask_test(hook, &answer, &fault)) {
		desk_probe_fault(report, fault);
		return TRUE;
	}
	desk_probe_answer(report, &answer, hook->encrypted,
	    clock_wall(hook->clock) / G_USEC_PER_SEC);
	desk_report_add(report, DESK_OK, "credentials",
	    "the receiver took our signature", NULL);
	desk_report_add(report, DESK_OK, "lost answers",
	    hook->asked ? "find is asked before a second try"
			: "a second try bears the same Idempotency-Key; the "
			  "receiver must honour it",
	    NULL);
	return TRUE;
}

const struct desk_ops desk_webhook_ops = {
	.type = "webhook",
	.open = webhook_open,
	.close = webhook_close,
	.create = webhook_create,
	.append = webhook_append,
	.find = webhook_find,
	.change = webhook_change,
	.note = webhook_note,
	.erase = webhook_erase,
	.health = webhook_health,
	.test = webhook_test,
};
