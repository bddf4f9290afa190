/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/base/httpd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/err.h"

#define WAIT_USEC (10 * G_USEC_PER_SEC)

struct house {
	struct httpd *httpd;
	gboolean closed; /* nobody may connect */
	gint requests;   /* atomic */
};

static gboolean
may_connect(void *self, const char *address)
{
	const struct house *house = self;

	return !house->closed && strcmp(address, "127.0.0.1") == 0;
}

/* Says what it was asked. */
static void
echo(void *self, const struct httpd_request *request,
    struct httpd_answer *answer)
{
	struct house *house = self;
	const char *word = httpd_header(request, "X-Word");

	g_atomic_int_inc(&house->requests);
	answer->type = "text/plain";
	if (strcmp(request->path, "/busy") == 0) {
		answer->status = 429;
		answer->retry_after = 7;
		return;
	}
	g_string_printf(answer->body, "%s %s %s %s %u %s", request->method,
	    request->path, request->address, word == NULL ? "-" : word,
	    (guint)request->length, request->body);
}

static void
house_init(struct house *house, gconstpointer unused)
{
	const struct httpd_settings settings = { .listen = "127.0.0.1:0",
		.max_body = 1000,
		.deadline = 1,
		.may_connect = may_connect,
		.handle = echo,
		.self = house };
	g_autoptr(GError) error = NULL;

	(void)unused;
	house->httpd = httpd_open(&settings, &error);
	g_assert_no_error(error);
	g_assert_true(httpd_start(house->httpd, &error));
	g_assert_no_error(error);
}

static void
house_fini(struct house *house, gconstpointer unused)
{
	(void)unused;
	httpd_close(&house->httpd);
	g_assert_null(house->httpd);
}

static int
dial(const struct house *house)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((guint16)httpd_port(house->httpd)),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	return fd;
}

/* All that comes until the other side hangs up. */
static char *
hear(int fd)
{
	GString *text = g_string_new(NULL);
	char piece[512];
	gssize length;

	while ((length = read(fd, piece, sizeof(piece))) > 0)
		g_string_append_len(text, piece, length);
	close(fd);
	return g_string_free(text, FALSE);
}

static char *
ask(const struct house *house, const char *text)
{
	int fd = dial(house);

	g_assert_cmpint(send(fd, text, strlen(text), MSG_NOSIGNAL), ==,
	    (gssize)strlen(text));
	return hear(fd);
}

static void
test_asks(struct house *house, gconstpointer unused)
{
	static const struct {
		const char *name, *text, *status, *want;
	} cases[] = {
		{ "get", "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n", " 200 ",
		    "GET /a 127.0.0.1 - 0 " },
		{ "a header, whatever its case",
		    "GET / HTTP/1.1\r\nHost: x\r\nx-word: hi\r\n\r\n", " 200 ",
		    "GET / 127.0.0.1 hi 0 " },
		{ "a body",
		    "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
		    "hello",
		    " 200 ", "POST /p 127.0.0.1 - 5 hello" },
		{ "a body in pieces",
		    "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
		    "chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
		    " 200 ", "POST /p 127.0.0.1 - 5 hello" },
		{ "told to wait", "GET /busy HTTP/1.1\r\nHost: x\r\n\r\n",
		    " 429 ", "Retry-After: 7" },
		{ "too long",
		    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: "
		    "1001\r\n\r\n",
		    " 413 ", "too long" },
		{ "no request", "hello\r\n\r\n", "", "" },
	};

	(void)unused;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *answer = ask(house, cases[i].text);

		g_test_message("%s: %s", cases[i].name, answer);
		g_assert_nonnull(strstr(answer, cases[i].status));
		g_assert_nonnull(strstr(answer, cases[i].want));
	}
	g_assert_cmpint(g_atomic_int_get(&house->requests), ==, 5);
}

/* Pieces whose sum nobody told. */
static void
test_endless(struct house *house, gconstpointer unused)
{
	g_autoptr(GString) text = g_string_new(
	    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
	g_autofree char *piece = g_strnfill(500, 'x');
	g_autofree char *answer = NULL;

	(void)unused;
	for (guint i = 0; i < 3; i++)
		g_string_append_printf(text, "1f4\r\n%s\r\n", piece);
	answer = ask(house, text->str);
	g_assert_null(strstr(answer, " 200 "));
	g_assert_cmpint(g_atomic_int_get(&house->requests), ==, 0);
}

/* Who sends a little now and then is hung up on all the same. */
static void
test_slow(struct house *house, gconstpointer unused)
{
	gint64 end = g_get_monotonic_time() + WAIT_USEC;
	int fd = dial(house);
	gboolean gone = FALSE;

	(void)unused;
	while (!gone && g_get_monotonic_time() < end) {
		char byte;

		gone = send(fd, "G", 1, MSG_NOSIGNAL) < 0 ||
		       recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
		g_usleep(G_USEC_PER_SEC / 20);
	}
	g_assert_true(gone);
	close(fd);
}

/* So many of one address, and no more. */
static void
test_many(struct house *house, gconstpointer unused)
{
	int fds[HTTPD_CONNECTIONS_OF_ONE];
	g_autofree char *answer = NULL, *later = NULL;

	(void)unused;
	for (guint i = 0; i < G_N_ELEMENTS(fds); i++)
		fds[i] = dial(house);
	answer = ask(house, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	g_assert_null(strstr(answer, " 200 "));
	for (guint i = 0; i < G_N_ELEMENTS(fds); i++)
		close(fds[i]);
	for (guint i = 0; i < 100 && later == NULL; i++) {
		later = ask(house, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
		if (strstr(later, " 200 ") == NULL)
			g_clear_pointer(&later, g_free);
		g_usleep(G_USEC_PER_SEC / 20);
	}
	g_assert_nonnull(later);
}

static void
test_closed(struct house *house, gconstpointer unused)
{
	g_autofree char *answer = NULL;

	(void)unused;
	house->closed = TRUE;
	answer = ask(house, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	g_assert_cmpstr(answer, ==, "");
	g_assert_cmpint(g_atomic_int_get(&house->requests), ==, 0);
}

static void
test_taken(struct house *house, gconstpointer unused)
{
	g_autofree char *listen =
	    g_strdup_printf("127.0.0.1:%u", httpd_port(house->httpd));
	const struct httpd_settings settings = { .listen = listen };
	g_autoptr(GError) error = NULL;

	(void)unused;
	g_assert_null(httpd_open(&settings, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_AGAIN);
}

static void
test_listen(void)
{
	static const struct {
		const char *text;
		gboolean valid, loopback;
	} cases[] = {
		{ "127.0.0.1:8025", TRUE, TRUE },
		{ "127.9.9.9:1", TRUE, TRUE },
		{ "[::1]:8025", TRUE, TRUE },
		{ "0.0.0.0:8025", TRUE, FALSE },
		{ "192.0.2.7:65535", TRUE, FALSE },
		{ "[2001:db8::7]:80", TRUE, FALSE },
		{ "localhost:8025", FALSE, FALSE },
		{ "127.0.0.1", FALSE, FALSE },
		{ "127.0.0.1:", FALSE, FALSE },
		{ "127.0.0.1:65536", FALSE, FALSE },
		{ "127.0.0.1:+8", FALSE, FALSE },
		{ "::1:8025", FALSE, FALSE },
		{ ":8025", FALSE, FALSE },
		{ "", FALSE, FALSE },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		gboolean loopback = FALSE;

		g_test_message("%s", cases[i].text);
		g_assert_cmpint(httpd_listen_valid(cases[i].text, &loopback),
		    ==, cases[i].valid);
		g_assert_cmpint(loopback, ==, cases[i].loopback);
	}
}

static void
test_form(void)
{
	static const struct {
		const char *body, *name, *want;
	} cases[] = {
		{ "a=1&b=2", "b", "2" },
		{ "a=1&a=2", "a", "1" },
		{ "a=one+two%26three", "a", "one two&three" },
		{ "%61=x", "a", "x" },
		{ "a=", "a", "" },
		{ "&&a=1", "a", "1" },
		{ "a", "a", NULL },
		{ "ab=1", "a", NULL },
		{ "a=%zz", "a", NULL },
		{ "a=%00", "a", NULL },
		{ "a=%ff", "a", NULL },
		{ "", "a", NULL },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *value =
		    httpd_form(cases[i].body, cases[i].name);

		g_test_message("%s", cases[i].body);
		g_assert_cmpstr(value, ==, cases[i].want);
	}
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(struct house *house, gconstpointer unused);
	} cases[] = {
		{ "/httpd/asks", test_asks },
		{ "/httpd/endless", test_endless },
		{ "/httpd/slow", test_slow },
		{ "/httpd/many", test_many },
		{ "/httpd/closed", test_closed },
		{ "/httpd/taken", test_taken },
	};

	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
		g_test_add(cases[i].name, struct house, NULL, house_init,
		    cases[i].run, house_fini);
	g_test_add_func("/httpd/listen", test_listen);
	g_test_add_func("/httpd/form", test_form);
	return g_test_run();
}
