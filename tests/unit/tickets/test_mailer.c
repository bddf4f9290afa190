/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Letters to a scripted SMTP server: a thread on loopback that answers each
 * step as the case says, and keeps what it heard.
 */
#include "tickets/mailer.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/seal.h"

/* A reply of "" hangs up; NULL is the usual one. */
struct script {
	const char *greeting, *hello, *mail, *rcpt, *data, *end;
};

struct relay {
	struct script script;
	int fd;
	guint16 port;
	pthread_t thread;
	GString *commands; /* the lines before DATA, and after the message */
	GString *message;  /* with the dots as they were sent */
};

static gboolean
say(int fd, const char *line, const char *usual)
{
	const char *text = line != NULL ? line : usual;
	gsize length = strlen(text);

	return length > 0 && write(fd, text, length) == (ssize_t)length;
}

static gboolean
hear(int fd, GString *line)
{
	char c;

	g_string_truncate(line, 0);
	while (read(fd, &c, 1) == 1) {
		g_string_append_c(line, c);
		if (c == '\n')
			return TRUE;
	}
	return FALSE;
}

static gboolean
hear_message(struct relay *relay, int fd)
{
	g_autoptr(GString) line = g_string_new(NULL);

	while (hear(fd, line)) {
		if (g_str_equal(line->str, ".\r\n"))
			return say(fd, relay->script.end, "250 queued\r\n");
		g_string_append_len(
		    relay->message, line->str, (gssize)line->len);
	}
	return FALSE;
}

static gboolean
answer(struct relay *relay, int fd, const char *line)
{
	const struct script *script = &relay->script;

	if (g_str_has_prefix(line, "EHLO"))
		return say(fd, script->hello,
		    "250-relay.example.com\r\n250-SIZE 1000000\r\n"
		    "250 8BITMIME\r\n");
	if (g_str_has_prefix(line, "MAIL"))
		return say(fd, script->mail, "250 ok\r\n");
	if (g_str_has_prefix(line, "RCPT"))
		return say(fd, script->rcpt, "250 ok\r\n");
	if (g_str_has_prefix(line, "DATA"))
		return say(fd, script->data, "354 go on\r\n") &&
		       (script->data != NULL || hear_message(relay, fd));
	(void)say(fd, NULL, "221 bye\r\n");
	return FALSE;
}

static void *
serve(void *self)
{
	struct relay *relay = self;
	const struct timeval patience = { .tv_sec = 5 };
	g_autoptr(GString) line = g_string_new(NULL);
	int fd = accept(relay->fd, NULL, NULL);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (say(fd, relay->script.greeting, "220 relay.example.com\r\n")) {
		while (hear(fd, line)) {
			g_string_append(relay->commands, line->str);
			if (!answer(relay, fd, line->str))
				break;
		}
	}
	close(fd);
	return NULL;
}

static void
relay_start(struct relay *relay, const struct script *script)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof at;

	relay->script = *script;
	relay->commands = g_string_new(NULL);
	relay->message = g_string_new(NULL);
	relay->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	g_assert_cmpint(
	    bind(relay->fd, (struct sockaddr *)&at, sizeof at), ==, 0);
	g_assert_cmpint(listen(relay->fd, 8), ==, 0);
	g_assert_cmpint(
	    getsockname(relay->fd, (struct sockaddr *)&at, &length), ==, 0);
	relay->port = ntohs(at.sin_port);
	g_assert_cmpint(
	    pthread_create(&relay->thread, NULL, serve, relay), ==, 0);
}

static void
relay_end(struct relay *relay)
{
	close(relay->fd);
	g_string_free(relay->commands, TRUE);
	g_string_free(relay->message, TRUE);
}

static struct mailer *
mailer_to(guint16 port, enum mailer_tls tls)
{
	g_autofree char *url =
	    g_strdup_printf("smtp://127.0.0.1:%d/desk.example.com", port);
	g_autoptr(GError) error = NULL;
	struct mailer *mailer = mailer_new(
	    &(struct mailer_settings){ .url = url, .tls = tls, .timeout = 2 },
	    &error);

	g_assert_no_error(error);
	return mailer;
}

static const char *const two[] = { "carol@example.net", "dave@example.org",
	NULL };

static gboolean
send_text(guint16 port, enum mailer_tls tls, const char *sender,
    const char *text, GError **error)
{
	struct mailer *mailer OWNED(mailer_free) = mailer_to(port, tls);
	g_autoptr(GBytes) message = g_bytes_new_static(text, strlen(text));
	struct mailer_letter letter = { sender, two, message };

	return mailer_send(mailer, &letter, error);
}

static void
test_what_is_sent(void)
{
	static const struct {
		const char *sender, *text, *commands, *message;
	} cases[] = {
		{ "support@example.com", "Subject: x\r\n\r\none\r\n",
		    "EHLO desk.example.com\r\n"
		    "MAIL FROM:<support@example.com> SIZE=19\r\n"
		    "RCPT TO:<carol@example.net>\r\n"
		    "RCPT TO:<dave@example.org>\r\nDATA\r\nQUIT\r\n",
		    "Subject: x\r\n\r\none\r\n" },
		{ NULL, "a: b\n\n.\n..\r.x\n",
		    "EHLO desk.example.com\r\nMAIL FROM:<> SIZE=19\r\n"
		    "RCPT TO:<carol@example.net>\r\n"
		    "RCPT TO:<dave@example.org>\r\nDATA\r\nQUIT\r\n",
		    "a: b\r\n\r\n..\r\n...\r\n..x\r\n" },
		{ "", ".", NULL, "..\r\n" },
		{ "", "", NULL, "\r\n" },
		{ "", "no end", NULL, "no end\r\n" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct relay relay;
		g_autoptr(GError) error = NULL;

		relay_start(&relay, &(struct script){ 0 });
		g_assert_true(send_text(relay.port, MAILER_TLS_MAY,
		    cases[i].sender, cases[i].text, &error));
		g_assert_no_error(error);
		pthread_join(relay.thread, NULL);
		if (cases[i].commands != NULL)
			g_assert_cmpstr(
			    relay.commands->str, ==, cases[i].commands);
		g_assert_cmpstr(relay.message->str, ==, cases[i].message);
		relay_end(&relay);
	}
}

static void
test_outcomes(void)
{
	static const struct {
		struct script script;
		enum dg_error code;
		const char *words;
	} cases[] = {
		{ { .greeting = "" }, DG_ERROR_AGAIN, "mail relay" },
		{ { .greeting = "554 not you\r\n" }, DG_ERROR_BAD,
		    "554 not you" },
		{ { .greeting = "421 later\r\n" }, DG_ERROR_AGAIN,
		    "421 later" },
		{ { .mail = "451 no space\r\n" }, DG_ERROR_AGAIN,
		    "451 no space" },
		{ { .mail = "550-5.7.1 your\r\n550 5.7.1 sender\r\n" },
		    DG_ERROR_BAD, "550 -5.7.1 your 5.7.1 sender" },
		{ { .rcpt = "450 greylisted\r\n" }, DG_ERROR_AGAIN,
		    "450 greylisted" },
		{ { .rcpt = "550 <carol@example.net>: no\x1b[2J such\r\n" },
		    DG_ERROR_BAD, "550 <(address)>: no [2J such" },
		{ { .data = "554 no valid recipients\r\n" }, DG_ERROR_BAD,
		    "554 no valid" },
		{ { .data = "" }, DG_ERROR_AGAIN, "mail relay" },
		{ { .end = "" }, DG_ERROR_IO, "mail relay" },
		{ { .end = "451 scanner is down\r\n" }, DG_ERROR_AGAIN,
		    "451 scanner" },
		{ { .end = "554 5.7.1 spam\r\n" }, DG_ERROR_BAD,
		    "554 5.7.1 spam" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct relay relay;
		g_autoptr(GError) error = NULL;

		relay_start(&relay, &cases[i].script);
		g_assert_false(send_text(
		    relay.port, MAILER_TLS_MAY, NULL, "a: b\r\n\r\n", &error));
		g_test_message("%" G_GSIZE_FORMAT ": %s", i, error->message);
		g_assert_error(error, DG_ERROR, (gint)cases[i].code);
		g_assert_nonnull(strstr(error->message, cases[i].words));
		pthread_join(relay.thread, NULL);
		relay_end(&relay);
	}
}

/* A large message breaks off in its middle: the server cannot have it. */
static void
test_cut_in_the_middle(void)
{
	g_autofree char *text = g_strnfill(32 << 20, 'x');
	struct relay relay;
	g_autoptr(GError) error = NULL;

	memcpy(text, "a: b\n\nline\n", 11);
	relay_start(&relay, &(struct script){ .data = "354 go on\r\n" });
	g_assert_false(
	    send_text(relay.port, MAILER_TLS_MAY, NULL, text, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_AGAIN);
	pthread_join(relay.thread, NULL);
	relay_end(&relay);
}

static void
test_nobody_listens(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(
	    send_text(9, MAILER_TLS_MAY, NULL, "a: b\r\n\r\n", &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_AGAIN);
}

static void
test_tls_must_be(void)
{
	struct relay relay;
	g_autoptr(GError) error = NULL;

	relay_start(&relay, &(struct script){ 0 });
	g_assert_false(send_text(
	    relay.port, MAILER_TLS_MUST, NULL, "a: b\r\n\r\n", &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_DENIED);
	pthread_join(relay.thread, NULL);
	g_assert_null(strstr(relay.commands->str, "MAIL"));
	relay_end(&relay);
}

static void
test_addresses(void)
{
	static const char *const bad[] = { "", "carol", "a@b>\r\nRSET",
		"a b@example.net" };
	struct mailer *mailer OWNED(mailer_free) = mailer_to(9, MAILER_TLS_MAY);
	g_autoptr(GBytes) message = g_bytes_new_static("a: b\n", 5);

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		const char *to[] = { "carol@example.net", bad[i], NULL };
		struct mailer_letter letter = { NULL, to, message };
		g_autoptr(GError) error = NULL, second = NULL;

		g_assert_false(mailer_send(mailer, &letter, &error));
		g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
		if (bad[i][0] == '\0')
			continue;
		letter = (struct mailer_letter){ bad[i], two, message };
		g_assert_false(mailer_send(mailer, &letter, &second));
		g_assert_error(second, DG_ERROR, DG_ERROR_BAD);
	}
}

static void
test_urls(void)
{
	static const struct {
		const char *url;
		gboolean good;
	} cases[] = {
		{ "smtp://127.0.0.1:25", TRUE },
		{ "smtp://127.0.0.1:25/mail.example.com", TRUE },
		{ "smtps://mail.example.com", TRUE },
		{ "http://mail.example.com", FALSE },
		{ "mail.example.com", FALSE },
		{ "smtp://", FALSE },
		{ "smtp://user:word@mail.example.com", FALSE },
	};
	struct secret *word OWNED(secret_free) = secret_new("x\0", 2);
	struct mailer_settings open = { .url = "smtp://mail.example.com",
		.tls = MAILER_TLS_MAY,
		.user = "desk",
		.password = word,
		.timeout = 2 };
	struct mailer *mailer OWNED(mailer_free) = NULL;
	g_autoptr(GError) error = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmpint(
		    mailer_url_fault(cases[i].url) == NULL, ==, cases[i].good);
	g_assert_null(mailer_new(&open, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_BAD);
	open.tls = MAILER_TLS_MUST;
	mailer = mailer_new(&open, NULL);
	g_assert_nonnull(mailer);
}

/* A server that takes the connection and never greets, and we end: it cannot
 * have the message. */
static void
test_stopping(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(at);
	int fd OWNED(file_close) = socket(AF_INET, SOCK_STREAM, 0);
	gint stopping = 1;
	g_autofree char *url = NULL;
	g_autoptr(GBytes) message = g_bytes_new_static("a: b\n\nc\n", 8);
	const struct mailer_letter letter = { NULL, two, message };
	struct mailer *mailer OWNED(mailer_free) = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(bind(fd, (struct sockaddr *)&at, length), ==, 0);
	g_assert_cmpint(listen(fd, 8), ==, 0);
	g_assert_cmpint(
	    getsockname(fd, (struct sockaddr *)&at, &length), ==, 0);
	url = g_strdup_printf(
	    "smtp://127.0.0.1:%d/desk.example.com", ntohs(at.sin_port));
	mailer = mailer_new(
	    &(struct mailer_settings){
		.url = url, .timeout = 20, .stopping = &stopping },
	    NULL);
	g_assert_false(mailer_send(mailer, &letter, &error));
	g_assert_error(error, DG_ERROR, DG_ERROR_AGAIN);
	g_assert_nonnull(strstr(error->message, "is ending"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_assert_true(seal_init(NULL));
	g_test_add_func("/tickets/mailer/sent", test_what_is_sent);
	g_test_add_func("/tickets/mailer/outcomes", test_outcomes);
	g_test_add_func("/tickets/mailer/cut", test_cut_in_the_middle);
	g_test_add_func("/tickets/mailer/nobody", test_nobody_listens);
	g_test_add_func("/tickets/mailer/tls", test_tls_must_be);
	g_test_add_func("/tickets/mailer/addresses", test_addresses);
	g_test_add_func("/tickets/mailer/urls", test_urls);
	g_test_add_func("/tickets/mailer/stopping", test_stopping);
	return g_test_run();
}
