/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The HTTP server.
 *
 * libmicrohttpd counts only silence as a time-out, so a client who sends a byte
 * now and then would hold his connection for ever.  We turn its loop ourselves
 * and end each connection that is past its deadline between two turns; since
 * everything is one thread, nothing can be freed under us.  A connection bears
 * one request, so its age is the request's.
 */
#include "lib/base/httpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netdb.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/base/clock.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

#define HEADER_BYTES ((size_t)16 << 10)
/* Silence that is enough to go, seconds. */
#define SILENCE 10
/* How long a turn waits for something to happen: how late a deadline or the end
 * is seen. */
#define TURN_MS 250
#define ADDRESS_TEXT 64

struct connection {
	int fd;
	gint64 since; /* mono */
};

struct request {
	GString *body;
};

struct httpd {
	struct httpd_settings settings;
	struct MHD_Daemon *daemon;
	GHashTable *connections; /* MHD_Connection -> struct connection * */
	pthread_t thread;
	gboolean started;
	gint stopping; /* atomic */
};

/* --- addresses --- */

struct place {
	struct sockaddr_storage address;
	socklen_t length;
};

static gboolean
is_loopback(const struct sockaddr *address)
{
	const struct sockaddr_in6 *six = (const void *)address;
	const struct sockaddr_in *four = (const void *)address;

	if (address->sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
	return ntohl(four->sin_addr.s_addr) >> 24 == 127;
}

static gboolean
parse_listen(const char *listen, struct place *place_r)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE };
	const char *colon = strrchr(listen, ':');
	g_autofree char *host =
	    colon == NULL ? NULL : g_strndup(listen, (gsize)(colon - listen));
	gsize length = host == NULL ? 0 : strlen(host);
	const char *name = host;
	guint64 port;
	struct addrinfo *found = NULL;

	if (length == 0 ||
	    !g_ascii_string_to_unsigned(colon + 1, 10, 0, 65535, &port, NULL))
		return FALSE;
	if (host[0] == '[' && host[length - 1] == ']') {
		host[length - 1] = '\0';
		name = host + 1;
	} else if (strchr(host, ':') != NULL) {
		return FALSE; /* whose colon is whose? */
	}
	if (getaddrinfo(name, colon + 1, &hints, &found) != 0)
		return FALSE;
	place_r->length = found->ai_addrlen;
	memcpy(&place_r->address, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return TRUE;
}

gboolean
httpd_listen_valid(const char *listen, gboolean *loopback_r)
{
	struct place place;

	if (!parse_listen(listen, &place))
		return FALSE;
	*loopback_r = is_loopback((const struct sockaddr *)&place.address);
	return TRUE;
}

static void
address_text(const struct sockaddr *address, char text_r[ADDRESS_TEXT])
{
	socklen_t length = address->sa_family == AF_INET6
			       ? sizeof(struct sockaddr_in6)
			       : sizeof(struct sockaddr_in);

	if (address->sa_family == AF_UNIX)
		g_strlcpy(text_r, "local", ADDRESS_TEXT);
	else if (getnameinfo(address, length, text_r, ADDRESS_TEXT, NULL, 0,
		     NI_NUMERICHOST) != 0)
		g_strlcpy(text_r, "unknown", ADDRESS_TEXT);
}

/* --- a request --- */

const char *
httpd_header(const struct httpd_request *request, const char *name)
{
	return MHD_lookup_connection_value(
	    (struct MHD_Connection *)request->connection, MHD_HEADER_KIND,
	    name);
}

static void
handle(struct httpd *httpd, struct MHD_Connection *connection,
    const struct httpd_request *request, struct httpd_answer *answer)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	char address[ADDRESS_TEXT];
	struct httpd_request whole = *request;

	address_text(info->client_addr, address);
	whole.address = address;
	httpd->settings.handle(httpd->settings.self, &whole, answer);
}

static enum MHD_Result
send_answer(
    struct MHD_Connection *connection, const struct httpd_answer *answer)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    answer->body->len, answer->body->str, MHD_RESPMEM_MUST_COPY);
	g_autofree char *wait =
	    g_strdup_printf("%" PRId64, answer->retry_after);
	enum MHD_Result result;

	MHD_add_response_header(response, "Content-Type", answer->type);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	MHD_add_response_header(response, "Connection", "close");
	if (answer->retry_after > 0)
		MHD_add_response_header(response, "Retry-After", wait);
	result = MHD_queue_response(connection, answer->status, response);
	MHD_destroy_response(response);
	return result;
}

/* The body is whole. */
static enum MHD_Result
finish(struct httpd *httpd, struct MHD_Connection *connection,
    const struct request *read, const char *method, const char *path)
{
	const struct httpd_request request = {
		.method = method,
		.path = path,
		.body = read->body->str,
		.length = read->body->len,
		.connection = connection,
	};
	struct httpd_answer answer = { .status = 200,
		.type = "application/json",
		.body = g_string_new(NULL) };
	enum MHD_Result result;

	handle(httpd, connection, &request, &answer);
	result = send_answer(connection, &answer);
	g_string_free(answer.body, TRUE);
	return result;
}

/* Once the header is there: a body that says it is too long is not read. */
static enum MHD_Result
begin(struct httpd *httpd, struct MHD_Connection *connection)
{
	const char *text = MHD_lookup_connection_value(
	    connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
	struct httpd_answer answer = { .status = MHD_HTTP_CONTENT_TOO_LARGE,
		.type = "application/json" };
	enum MHD_Result result;

	if (text == NULL ||
	    g_ascii_strtoull(text, NULL, 10) <= httpd->settings.max_body)
		return MHD_YES;
	answer.body = g_string_new("{\"error\": \"the body is too long\"}\n");
	result = send_answer(connection, &answer);
	g_string_free(answer.body, TRUE);
	return result;
}

/* Called once with the header, then with pieces of the body, then with none. */
static enum MHD_Result
on_request(void *self, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *data, size_t *length,
    void **state)
{
	struct httpd *httpd = self;
	struct request *read = *state;

	(void)version;
	if (read == NULL) {
		*state = read = g_new0(struct request, 1);
		read->body = g_string_new(NULL);
		return begin(httpd, connection);
	}
	if (*length > 0) {
		/* In pieces whose sum was not told: hung up on. */
		if (read->body->len + *length > httpd->settings.max_body)
			return MHD_NO;
		g_string_append_len(read->body, data, (gssize)*length);
		*length = 0;
		return MHD_YES;
	}
	return finish(httpd, connection, read, method, path);
}

static void
on_completed(void *self, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode why)
{
	struct request *read = *state;

	(void)self;
	(void)connection;
	(void)why;
	if (read == NULL)
		return;
	g_string_free(read->body, TRUE);
	g_free(read);
	*state = NULL;
}

/* --- connections --- */

static enum MHD_Result
on_connect(void *self, const struct sockaddr *address, socklen_t length)
{
	struct httpd *httpd = self;
	char text[ADDRESS_TEXT];

	(void)length;
	if (httpd->settings.may_connect == NULL)
		return MHD_YES;
	address_text(address, text);
	return httpd->settings.may_connect(httpd->settings.self, text) ? MHD_YES
								       : MHD_NO;
}

static void
on_connection(void *self, struct MHD_Connection *connection, void **state,
    enum MHD_ConnectionNotificationCode what)
{
	struct httpd *httpd = self;
	struct connection *known;

	(void)state;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		g_hash_table_remove(httpd->connections, connection);
		return;
	}
	known = g_new0(struct connection, 1);
	known->fd = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CONNECTION_FD)
			->connect_fd;
	known->since = clock_mono(&clock_system);
	g_hash_table_insert(httpd->connections, connection, known);
}

static void
end_overdue(struct httpd *httpd)
{
	gint64 before = clock_mono(&clock_system) -
			(gint64)httpd->settings.deadline * G_USEC_PER_SEC;
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, httpd->connections);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct connection *known = value;

		if (known->since < before)
			(void)shutdown(known->fd, SHUT_RDWR);
	}
}

static void *
serve(void *self)
{
	struct httpd *httpd = self;

	while (!g_atomic_int_get(&httpd->stopping)) {
		if (MHD_run_wait(httpd->daemon, TURN_MS) != MHD_YES) {
			log_event(LOG_LEVEL_ERROR, "httpd-fault", NULL);
			return NULL;
		}
		end_overdue(httpd);
	}
	return NULL;
}

/* --- the server --- */

/* `flag` and `where` say where: an address, or a socket that listens. */
static struct MHD_Daemon *
start_daemon(struct httpd *httpd, enum MHD_FLAG flags,
    const struct MHD_OptionItem where[])
{
	return MHD_start_daemon(MHD_USE_EPOLL | flags, 0, on_connect, httpd,
	    on_request, httpd, MHD_OPTION_ARRAY, where,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTPD_CONNECTIONS,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	    (unsigned)HTTPD_CONNECTIONS_OF_ONE, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)SILENCE, MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEADER_BYTES,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, httpd,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, httpd, MHD_OPTION_END);
}

static struct MHD_Daemon *
open_daemon(struct httpd *httpd, struct place *place)
{
	int *socket = httpd->settings.socket;
	const struct MHD_OptionItem at[] = { { MHD_OPTION_SOCK_ADDR, 0,
						 &place->address },
		{ MHD_OPTION_END, 0, NULL } };
	const struct MHD_OptionItem local[] = {
		{ MHD_OPTION_LISTEN_SOCKET, socket == NULL ? -1 : *socket,
		    NULL },
		{ MHD_OPTION_END, 0, NULL }
	};
	struct MHD_Daemon *daemon;

	if (socket == NULL)
		return start_daemon(httpd,
		    place->address.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0,
		    at);
	daemon = start_daemon(httpd, 0, local);
	if (daemon != NULL)
		*socket = -1;
	return daemon;
}

struct httpd *
httpd_open(const struct httpd_settings *settings, GError **error)
{
	struct httpd *httpd;
	struct place place = { 0 };

	if (settings->socket == NULL &&
	    !parse_listen(settings->listen, &place)) {
		err_set(error, DG_ERROR_BAD,
		    "\"%s\" is no address to listen at; write 127.0.0.1:8025",
		    settings->listen);
		return NULL;
	}
	httpd = g_new0(struct httpd, 1);
	httpd->settings = *settings;
	httpd->connections = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	httpd->daemon = open_daemon(httpd, &place);
	httpd->settings.socket = NULL;
	if (httpd->daemon != NULL)
		return httpd;
	err_set(error, DG_ERROR_AGAIN, "cannot listen at %s: %s",
	    settings->listen, g_strerror(errno));
	httpd_close(&httpd);
	return NULL;
}

gboolean
httpd_start(struct httpd *httpd, GError **error)
{
	int number = pthread_create(&httpd->thread, NULL, serve, httpd);

	httpd->started = number == 0;
	return httpd->started || err_errno(error, number, "httpd: thread");
}

void
httpd_close(struct httpd **address)
{
	struct httpd *httpd = *address;

	if (httpd == NULL)
		return;
	g_atomic_int_set(&httpd->stopping, 1);
	if (httpd->started)
		pthread_join(httpd->thread, NULL);
	if (httpd->daemon != NULL)
		MHD_stop_daemon(httpd->daemon);
	g_hash_table_unref(httpd->connections);
	g_clear_pointer(address, g_free);
}

guint
httpd_port(const struct httpd *httpd)
{
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(httpd->daemon, MHD_DAEMON_INFO_BIND_PORT);

	return info->port;
}

/* --- forms --- */

static char *
decode(const char *text, gsize length)
{
	g_autofree char *plain = g_strndup(text, length);

	g_strdelimit(plain, "+", ' ');
	/* NULL for a bad escape and for %00. */
	return g_uri_unescape_string(plain, NULL);
}

char *
httpd_form(const char *body, const char *name)
{
	while (*body != '\0') {
		gsize length = strcspn(body, "&");
		const char *equals = memchr(body, '=', length);
		gsize before = equals == NULL ? length : (gsize)(equals - body);
		g_autofree char *key = decode(body, before);
		char *value;

		if (equals != NULL && g_strcmp0(key, name) == 0) {
			value = decode(equals + 1, length - before - 1);
			if (value != NULL && !g_utf8_validate(value, -1, NULL))
				g_clear_pointer(&value, g_free);
			return value;
		}
		body += length + (body[length] == '&');
	}
	return NULL;
}
