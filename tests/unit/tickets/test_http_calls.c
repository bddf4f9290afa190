/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls against a scripted peer: a thread that listens on loopback and gives
 * one answer of a list to each connection or request, byte for byte.
 */
#include "tickets/http.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"

#define OK(body) "HTTP/1.1 200 OK\r\nContent-Length: " body

struct peer {
	const char *const *answers; /* one for each request; "" hangs up */
	gboolean keep;              /* several requests on one connection */
	int fd;
	guint16 port;
	pthread_t thread;
	GString *seen; /* all that was received */
	guint requests, connections;
};

/* Reads one request, its body by Content-Length; FALSE when the client is gone.
 */
static gboolean
read_request(struct peer *peer, int fd)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const char *end = NULL, *length;
	gsize wanted = 0;
	char part[65536];

	while (end == NULL || text->len < wanted) {
		ssize_t got = read(fd, part, sizeof part);

		if (got <= 0)
			return FALSE;
		g_string_append_len(text, part, got);
		end = strstr(text->str, "\r\n\r\n");
		if (end == NULL)
			continue;
		length = strstr(text->str, "Content-Length: ");
		wanted =
		    (gsize)(end - text->str) + 4 +
		    (length != NULL && length < end
			    ? (gsize)g_ascii_strtoull(length + 16, NULL, 10)
			    : 0);
	}
	g_string_append_len(peer->seen, text->str, (gssize)text->len);
	return TRUE;
}

static void *
serve(void *self)
{
	struct peer *peer = self;

	while (peer->answers[peer->requests] != NULL) {
		const struct timeval patience = { .tv_usec = 300000 };
		int fd = accept(peer->fd, NULL, NULL);

		setsockopt(
		    fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
		peer->connections++;
		while (peer->answers[peer->requests] != NULL &&
		       read_request(peer, fd)) {
			const char *answer = peer->answers[peer->requests++];

			if (answer[0] == '\0')
				break;
			g_assert_cmpint(
			    write(fd, answer, strlen(answer)), >, 0);
			if (!peer->keep)
				break;
		}
		close(fd);
	}
	return NULL;
}

static void
peer_start(struct peer *peer, const char *const *answers, gboolean keep)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof at;

	memset(peer, 0, sizeof *peer);
	peer->answers = answers;
	peer->keep = keep;
	peer->seen = g_string_new(NULL);
	peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	g_assert_cmpint(
	    bind(peer->fd, (struct sockaddr *)&at, sizeof at), ==, 0);
	g_assert_cmpint(listen(peer->fd, 8), ==, 0);
	g_assert_cmpint(
	    getsockname(peer->fd, (struct sockaddr *)&at, &length), ==, 0);
	peer->port = ntohs(at.sin_port);
	g_assert_cmpint(
	    pthread_create(&peer->thread, NULL, serve, peer), ==, 0);
}

/* All answers must have been asked for. */
static void
peer_end(struct peer *peer)
{
	pthread_join(peer->thread, NULL);
	close(peer->fd);
	g_string_free(peer->seen, TRUE);
}

static struct http *
http_to(const struct peer *peer, const struct secret *token, gint64 timeout)
{
	g_autofree char *url =
	    g_strdup_printf("http://127.0.0.1:%d/api/", peer->port);
	g_autoptr(GError) error = NULL;
	struct http *http = http_new(
	    &(struct http_settings){
		.url = url,
		.token_header = "apikey",
		.token = token,
		.timeout = timeout,
		.max_answer = 100,
	    },
	    &error);

	g_assert_no_error(error);
	return http;
}

#define CUT (-1)

static const struct {
	const char *name, *answer;
	int want; /* status, or CUT */
	gint64 retry_after;
	const char *body;
} cases[] = {
	{ "plain", OK("2\r\n\r\n{}"), 200, 0, "{}" },
	{ "no body", "HTTP/1.1 204 No Content\r\n\r\n", 204, 0, "" },
	{ "until the end", "HTTP/1.0 200 OK\r\n\r\nabc", 200, 0, "abc" },
	{ "in chunks",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
	    200, 0, "abc" },
	{ "redirects are answers",
	    "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
	    "Content-Length: 0\r\n\r\n",
	    302, 0, "" },
	{ "told to wait",
	    "HTTP/1.1 429 Slow\r\nRetry-After: 17\r\n"
	    "Content-Length: 1\r\n\r\nx",
	    429, 17, "x" },
	{ "told nonsense",
	    "HTTP/1.1 429 Slow\r\nRetry-After: soon\r\n"
	    "Content-Length: 1\r\n\r\nx",
	    429, 0, "x" },
	{ "hung up", "", CUT, 0, NULL },
	{ "cut", OK("9\r\n\r\n{\"a\""), CUT, 0, NULL },
	{ "cut in a header", "HTTP/1.1 200 O", CUT, 0, NULL },
	{ "cut in a chunk",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nab", CUT,
	    0, NULL },
	{ "not HTTP", "SSH-2.0-OpenSSH\r\n", CUT, 0, NULL },
	{ "longer than allowed",
	    OK("101\r\n\r\n"
	       "0123456789012345678901234567890123456789012345678901234567890"
	       "123456789012345678901234567890123456789a"),
	    CUT, 0, NULL },
};

static void
test_answers(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *const answers[] = { cases[i].answer, NULL };
		struct http_answer answer OWNED(http_answer_clear) = { 0 };
		struct http *http OWNED(http_free) = NULL;
		g_autoptr(GError) error = NULL;
		struct peer peer;
		gboolean good;

		g_test_message("%s", cases[i].name);
		peer_start(&peer, answers, FALSE);
		http = http_to(&peer, NULL, 10);
		good = http_call(http,
		    &(struct http_request){ "POST", "/x", "{}", NULL }, &answer,
		    &error);
		g_assert_cmpint(good, ==, cases[i].want != CUT);
		if (good) {
			g_assert_cmpint(answer.status, ==, cases[i].want);
			g_assert_cmpint(
			    answer.retry_after, ==, cases[i].retry_after);
			g_assert_cmpstr(answer.body->str, ==, cases[i].body);
		} else {
			g_assert_error(error, DG_ERROR, DG_ERROR_IO);
			g_assert_null(answer.body);
		}
		peer_end(&peer);
	}
}

/* On a used connection that is closed without an answer libcurl would send the
 * request again by itself, and have the third answer for it.  A POST must not
 * be. */
static void
test_post_is_never_repeated(void)
{
	static const char *const answers[] = { OK("0\r\n\r\n"), "",
		OK("0\r\n\r\n"), NULL };
	static const struct http_request requests[] = {
		{ "GET", "/ping", NULL, NULL },
		{ "POST", "/tickets", "{}", NULL },
		{ "GET", "/ping", NULL, NULL },
	};
	struct http *http OWNED(http_free) = NULL;
	struct peer peer;

	peer_start(&peer, answers, TRUE);
	http = http_to(&peer, NULL, 10);
	for (gsize i = 0; i < G_N_ELEMENTS(requests); i++) {
		struct http_answer answer OWNED(http_answer_clear) = { 0 };
		g_autoptr(GError) error = NULL;
		gboolean good = http_call(http, &requests[i], &answer, &error);

		g_assert_cmpint(good, ==, i != 1);
		if (!good)
			g_assert_error(error, DG_ERROR, DG_ERROR_IO);
	}
	peer_end(&peer);
}

static void
test_used_connections(void)
{
	static const char *const answers[] = { OK("0\r\n\r\n"), OK("0\r\n\r\n"),
		NULL };
	struct http *http OWNED(http_free) = NULL;
	struct peer peer;

	peer_start(&peer, answers, TRUE);
	http = http_to(&peer, NULL, 10);
	for (int i = 0; i < 2; i++) {
		struct http_answer answer OWNED(http_answer_clear) = { 0 };
		g_autoptr(GError) error = NULL;

		g_assert_true(http_call(http,
		    &(struct http_request){ "GET", "/ping", NULL, NULL },
		    &answer, &error));
		g_assert_no_error(error);
	}
	pthread_join(peer.thread, NULL);
	g_assert_cmpuint(peer.connections, ==, 1);
	close(peer.fd);
	g_string_free(peer.seen, TRUE);
}

static void
test_what_is_sent(void)
{
	static const char *const answers[] = { OK("0\r\n\r\n"), OK("0\r\n\r\n"),
		OK("0\r\n\r\n"), OK("0\r\n\r\n"), OK("0\r\n\r\n"), NULL };
	g_autoptr(GString) form = g_string_new(NULL);
	const struct http_field fields[] = { { "Idempotency-Key", "k1" },
		{ NULL, NULL } };
	struct secret *token OWNED(secret_free) = secret_new("s3cret", 6);
	g_autoptr(GBytes) bytes = g_bytes_new_static("a\0b", 3);
	const struct http_file file = { "file", "x\"\r\nEvil: 1.bin",
		"image/gif", bytes };
	const struct http_request requests[] = {
		{ "GET", "/ping?a=b", NULL, NULL },
		{ "PUT", "/tickets/1", "{\"status\":\"B\"}", NULL },
		{ "POST", "/files", NULL, &file },
		{ "POST", "/messages", .form = form, .fields = fields },
		{ "POST", "/raw", .bytes = bytes, .bytes_type = "a/b" },
	};
	static const char *const wanted[] = { "GET /api/ping?a=b HTTP/1.1\r\n",
		"PUT /api/tickets/1 HTTP/1.1\r\n", "apikey: s3cret\r\n",
		"Content-Type: application/json\r\n", "{\"status\":\"B\"}",
		"POST /api/files HTTP/1.1\r\n", "name=\"file\"",
		"Content-Type: image/gif\r\n", "Idempotency-Key: k1\r\n",
		"Content-Type: a/b\r\n",
		"Content-Type: application/x-www-form-urlencoded\r\n",
		"\r\n\r\nmessage=a%26b%0A%C3%BC%20%2B&type=M" };
	struct http *http OWNED(http_free) = NULL;
	struct peer peer;

	http_form_add(form, "message", "a&b\n\xc3\xbc +");
	http_form_add(form, "type", "M");
	peer_start(&peer, answers, FALSE);
	http = http_to(&peer, token, 10);
	for (gsize i = 0; i < G_N_ELEMENTS(requests); i++) {
		struct http_answer answer OWNED(http_answer_clear) = { 0 };
		g_autoptr(GError) error = NULL;

		g_assert_true(http_call(http, &requests[i], &answer, &error));
		g_assert_no_error(error);
	}
	pthread_join(peer.thread, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++) {
		g_test_message("%s", wanted[i]);
		g_assert_nonnull(memmem(peer.seen->str, peer.seen->len,
		    wanted[i], strlen(wanted[i])));
	}
	g_assert_nonnull(memmem(peer.seen->str, peer.seen->len, "a\0b", 3));
	g_assert_null(memmem(peer.seen->str, peer.seen->len, "\nEvil", 5));
	g_assert_null(memmem(peer.seen->str, peer.seen->len, "Expect", 6));
	close(peer.fd);
	g_string_free(peer.seen, TRUE);
}

static void
test_date_and_scheme(void)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nDate: Thu, 28 May 2026 20:26:40 GMT\r\n"
		"Content-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nDate: soon\r\nContent-Length: 0\r\n\r\n",
		NULL
	};
	static const gint64 wanted[] = { 1780000000, 0 };
	struct secret *token OWNED(secret_free) = secret_new("s3cret\0", 7);
	g_autofree char *url = NULL;
	struct http *http OWNED(http_free) = NULL;
	struct peer peer;

	peer_start(&peer, answers, FALSE);
	url = g_strdup_printf("http://127.0.0.1:%d", peer.port);
	http = http_new(&(struct http_settings){ .url = url,
			    .token_header = "Authorization",
			    .token_scheme = "Bearer ",
			    .token = token,
			    .timeout = 10,
			    .max_answer = 100 },
	    NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++) {
		struct http_answer answer OWNED(http_answer_clear) = { 0 };

		g_assert_true(http_call(http,
		    &(struct http_request){ "GET", "/", NULL, NULL }, &answer,
		    NULL));
		g_assert_cmpint(answer.date, ==, wanted[i]);
	}
	pthread_join(peer.thread, NULL);
	g_assert_nonnull(
	    strstr(peer.seen->str, "\r\nAuthorization: Bearer s3cret\r\n"));
	close(peer.fd);
	g_string_free(peer.seen, TRUE);
}

/* A peer that takes the request, and says nothing: meanwhile we end. */
struct mute {
	int fd;
	gint *stopping;
	guint requests;
};

static void *
keep_silent(void *self)
{
	struct mute *mute = self;
	g_autoptr(GString) seen = g_string_new(NULL);
	struct peer peer = { .seen = seen };
	int fd = accept(mute->fd, NULL, NULL);

	while (read_request(&peer, fd)) {
		mute->requests++;
		g_atomic_int_set(mute->stopping, 1);
	}
	close(fd);
	return NULL;
}

/* The call ends with "may have been sent" long before its time-out, and the
 * next one is not begun. */
static void
test_stopping(void)
{
	static const int wanted[] = { DG_ERROR_IO, DG_ERROR_AGAIN };
	static const char *const none[] = { NULL };
	gint stopping = 0;
	struct mute mute = { .stopping = &stopping };
	g_autofree char *url = NULL;
	struct http *http OWNED(http_free) = NULL;
	struct peer peer;
	pthread_t thread;

	peer_start(&peer, none, FALSE);
	pthread_join(peer.thread, NULL);
	mute.fd = peer.fd;
	g_assert_cmpint(
	    pthread_create(&thread, NULL, keep_silent, &mute), ==, 0);
	url = g_strdup_printf("http://127.0.0.1:%d", peer.port);
	http = http_new(&(struct http_settings){ .url = url,
			    .timeout = 20,
			    .max_answer = 100,
			    .stopping = &stopping },
	    NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++) {
		struct http_answer answer OWNED(http_answer_clear) = { 0 };
		g_autoptr(GError) error = NULL;

		g_assert_false(http_call(http,
		    &(struct http_request){ "POST", "/x", "{}", NULL }, &answer,
		    &error));
		g_assert_error(error, DG_ERROR, wanted[i]);
		g_assert_nonnull(strstr(error->message, "is ending"));
		g_assert_null(answer.body);
	}
	http_free(&http);
	pthread_join(thread, NULL);
	g_assert_cmpuint(mute.requests, ==, 1);
	close(peer.fd);
	g_string_free(peer.seen, TRUE);
}

int
main(int argc, char **argv)
{
	/* What the environment says about proxies must not matter. */
	g_setenv("http_proxy", "http://127.0.0.1:1", TRUE);
	g_setenv("ALL_PROXY", "http://127.0.0.1:1", TRUE);
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add_func("/tickets/http/answers", test_answers);
	g_test_add_func("/tickets/http/post-once", test_post_is_never_repeated);
	g_test_add_func(
	    "/tickets/http/used-connections", test_used_connections);
	g_test_add_func("/tickets/http/sent", test_what_is_sent);
	g_test_add_func("/tickets/http/date", test_date_and_scheme);
	g_test_add_func("/tickets/http/stopping", test_stopping);
	return g_test_run();
}
