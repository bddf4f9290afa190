/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_HTTPD_H
#define DESKGATE_LIB_BASE_HTTPD_H

#include <glib.h>

/*
 * A small HTTP/1.1 server (libmicrohttpd in httpd.c alone), for what other
 * programs of the house tell us.  No TLS: loopback, or behind a proxy that has
 * it.
 *
 * One thread, one request a connection.  What a client can cost is bounded: so
 * many connections in all and of one address, a time for the whole of a
 * connection whatever trickles in, a header of 16 KiB, a body of `max_body`
 * (beyond it 413 when its length was told, else the line is cut).
 */
struct httpd;

#define HTTPD_CONNECTIONS 64
#define HTTPD_CONNECTIONS_OF_ONE 8

struct httpd_request {
	const char *method;  /* "POST" */
	const char *path;    /* "/push", without its query */
	const char *address; /* the client's, as text: "127.0.0.1" */
	const char *body;    /* NUL-ended, which does not count; never NULL */
	gsize length;
	const void *connection; /* for httpd_header */
};
/* The value of a header field, or NULL; borrowed as long as the request is. */
const char *httpd_header(const struct httpd_request *request, const char *name);

struct httpd_answer {
	guint status;       /* 200 at first */
	const char *type;   /* static; "application/json" at first */
	GString *body;      /* empty at first; freed by the server */
	gint64 retry_after; /* seconds; 0: none is told */
};

struct httpd_settings {
	const char *listen; /* "127.0.0.1:8025", "[::1]:8025"; port 0: any */
	/* NULL, or a socket of this host that listens (local_socket.h) in place
	 * of that, taken over when httpd_open is TRUE: then -1 stands there.
	 * Its clients have the address "local". */
	int *socket;
	gsize max_body; /* bytes */
	guint deadline; /* seconds of a whole connection */
	/* Asked when a client has connected, before a byte of his is read;
	 * FALSE: hung up on.  NULL: everybody may. */
	gboolean (*may_connect)(void *self, const char *address);
	/* In the server's thread; must not wait for long. */
	void (*handle)(void *self, const struct httpd_request *request,
	    struct httpd_answer *answer);
	void *self;
};

/* Listens; nobody is answered before httpd_start.  BAD when `listen` is no
 * numeric address and port, AGAIN when the port is taken. */
struct httpd *httpd_open(const struct httpd_settings *settings, GError **error);
/* Serves in a thread of its own until httpd_close. */
gboolean httpd_start(struct httpd *httpd, GError **error);
/* Ends the thread, hangs up on all.  Accepts NULL. */
void httpd_close(struct httpd **address);
/* The port it listens on. */
guint httpd_port(const struct httpd *httpd);

/* Whether the text can be `listen` (pure), and whether it is a loopback
 * address. */
gboolean httpd_listen_valid(const char *listen, gboolean *loopback_r);

/* One member of a form body (application/x-www-form-urlencoded): the first of
 * this name, decoded; NULL when there is none or it is not UTF-8.  The caller
 * frees it.  Pure. */
char *httpd_form(const char *body, const char *name);

#endif
