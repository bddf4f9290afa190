/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tickets/http.h"

#include <arpa/inet.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

static void
test_addresses(void)
{
	static const struct {
		const char *text;
		gboolean want;
	} cases[] = {
		{ "127.0.0.1", TRUE },
		{ "10.1.2.3", TRUE },
		{ "172.15.255.255", FALSE },
		{ "172.16.0.1", TRUE },
		{ "172.31.255.255", TRUE },
		{ "172.32.0.0", FALSE },
		{ "192.168.0.1", TRUE },
		{ "192.169.0.1", FALSE },
		{ "169.254.169.254", TRUE },
		{ "100.63.255.255", FALSE },
		{ "100.64.0.1", TRUE },
		{ "100.128.0.0", FALSE },
		{ "0.0.0.0", TRUE },
		{ "224.0.0.1", TRUE },
		{ "255.255.255.255", TRUE },
		{ "8.8.8.8", FALSE },
		{ "198.17.255.255", FALSE },
		{ "198.19.0.1", TRUE },
		{ "::1", TRUE },
		{ "::", TRUE },
		{ "fe80::1", TRUE },
		{ "fc00::1", TRUE },
		{ "fd12::1", TRUE },
		{ "ff02::1", TRUE },
		{ "2001:db8::1", TRUE },
		{ "2002:7f00:1::", TRUE },
		{ "2001::1", TRUE },
		{ "::ffff:10.0.0.1", TRUE },
		{ "::ffff:8.8.8.8", FALSE },
		{ "64:ff9b::a00:1", TRUE },
		{ "64:ff9b::808:808", FALSE },
		{ "2600::1", FALSE },
		{ "2a00:1450::1", FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		int family = strchr(cases[i].text, ':') ? AF_INET6 : AF_INET;
		guint8 bytes[16] = { 0 };

		g_test_message("%s", cases[i].text);
		g_assert_cmpint(inet_pton(family, cases[i].text, bytes), ==, 1);
		g_assert_cmpint(
		    http_address_private(family, bytes), ==, cases[i].want);
	}
	g_assert_true(http_address_private(AF_UNIX, (const guint8 *)"xxxx"));
}

static void
test_urls(void)
{
	static const struct {
		const char *url;
		gboolean allow_private, good;
	} cases[] = {
		{ "https://desk.example.com/api/v3", FALSE, TRUE },
		{ "https://desk.example.com:8443", FALSE, TRUE },
		{ "http://desk.example.com/api/v3", FALSE, FALSE },
		{ "http://desk.example.com/api/v3", TRUE, TRUE },
		{ "http://127.0.0.1:4010", FALSE, TRUE },
		{ "http://[::1]:4010", FALSE, TRUE },
		{ "http://localhost:4010", FALSE, FALSE },
		{ "http://127.0.0.1.example.com/", FALSE, FALSE },
		{ "https://user:secret@desk.example.com/", FALSE, FALSE },
		{ "https://desk.example.com/?apikey=x", FALSE, FALSE },
		{ "file:///etc/passwd", TRUE, FALSE },
		{ "desk.example.com", FALSE, FALSE },
		{ "https:///x", FALSE, FALSE },
		{ "", FALSE, FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *fault =
		    http_url_fault(cases[i].url, cases[i].allow_private);

		g_test_message(
		    "%s: %s", cases[i].url, fault != NULL ? fault : "good");
		g_assert_cmpint(fault == NULL, ==, cases[i].good);
	}
}

/* A port on which nobody listens. */
static guint16
free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	g_assert_cmpint(bind(fd, (struct sockaddr *)&at, sizeof at), ==, 0);
	g_assert_cmpint(
	    getsockname(fd, (struct sockaddr *)&at, &length), ==, 0);
	close(fd);
	return ntohs(at.sin_port);
}

/* Refused and forbidden connections, on loopback only. */
static void
test_not_sent(void)
{
	static const struct {
		const char *name, *host;
		enum dg_error want;
	} cases[] = {
		{ "nobody listens", "http://127.0.0.1", DG_ERROR_AGAIN },
		{ "so written it is meant", "https://127.0.0.1",
		    DG_ERROR_AGAIN },
		{ "a name that leads home", "https://localhost",
		    DG_ERROR_DENIED },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *url =
		    g_strdup_printf("%s:%d", cases[i].host, free_port());
		struct http_settings settings = {
			.url = url, .timeout = 5, .max_answer = 1000
		};
		struct http *http OWNED(http_free) = NULL;
		struct http_answer answer;
		g_autoptr(GError) error = NULL;

		g_test_message("%s", cases[i].name);
		http = http_new(&settings, &error);
		g_assert_no_error(error);
		g_assert_false(http_call(http,
		    &(struct http_request){ "GET", "/ping", NULL, NULL },
		    &answer, &error));
		g_assert_error(error, DG_ERROR, (int)cases[i].want);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_set_nonfatal_assertions();
	g_test_add_func("/tickets/http/addresses", test_addresses);
	g_test_add_func("/tickets/http/urls", test_urls);
	g_test_add_func("/tickets/http/not-sent", test_not_sent);
	return g_test_run();
}
