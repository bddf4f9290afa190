/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_HTTP_H
#define DESKGATE_TICKETS_HTTP_H

#include <glib.h>

#include "lib/base/secret.h"

/*
 * Calls to a help desk over HTTPS (libcurl in http.c alone).
 *
 * TLS 1.2 or later with the certificate checked; no redirects, no proxy from
 * the environment, no cookies, no netrc; one request at a time.  Addresses of
 * private and local networks are refused, so that a mistyped or hijacked name
 * cannot turn the token against machines of the house, unless `allow_private`
 * is set.  Plain http:// is taken only with `allow_private` or to a loopback
 * address written as a number (http://127.0.0.1:8080).
 *
 * A request that could make something twice is never sent twice: anything but
 * GET goes out on a new connection, since on a used one libcurl repeats a
 * request whose connection was closed without an answer.
 */
struct http;

struct http_settings {
	const char *url;            /* the base of all paths */
	const char *token_header;   /* "apikey"; NULL: none */
	const char *token_scheme;   /* before the token: "Bearer "; NULL: "" */
	const struct secret *token; /* borrowed for the life of the http */
	gint64 timeout;             /* seconds for a whole call */
	gboolean allow_private;
	const char *ca_file; /* the only ones who may vouch for it; NULL: those
				of the system */
	gsize max_answer;    /* bytes; a longer answer is an error */
	/* Atomic; once it is not 0, calls end, and none begins.  NULL: never.
	 */
	const gint *stopping;
};

/* BAD when the url is none of ours. */
struct http *http_new(const struct http_settings *settings, GError **error);
/* Closes its connections; NULL included. */
void http_free(struct http **http);

/* What is wrong with a base url, or NULL (pure; for `check` too).  Static text.
 */
const char *http_url_fault(const char *url, gboolean allow_private);

/* TRUE when its host is a loopback address, written as a number. */
gboolean http_url_is_loopback(const char *url);

/* TRUE for an address no public server has: loopback, private, link-local,
 * carrier NAT, multicast, reserved (RFC 6890), in both families, also when
 * mapped into IPv6.  `family` is AF_INET or AF_INET6, `bytes` the 4 or 16 of
 * it. */
gboolean http_address_private(int family, const guint8 *bytes);

/* A file as multipart/form-data; its bytes are borrowed during the call. */
struct http_file {
	const char *field; /* "file" */
	const char *name;
	const char *type;
	GBytes *bytes;
};

/* A header field; neither may hold a control character. */
struct http_field {
	const char *name, *value;
};

struct http_request {
	const char *method; /* "GET", "POST", "PUT", "DELETE" */
	/* After the base url, with its query, encoded: "/ping". */
	const char *path;
	const char *json;             /* body, or NULL */
	const struct http_file *file; /* body, or NULL */
	/* Body of application/x-www-form-urlencoded (http_form_add), or NULL.
	 */
	const GString *form;
	/* Any bytes as they are, or NULL, and their type. */
	GBytes *bytes;
	const char *bytes_type;
	/* More header fields, ended by one without a name; or NULL. */
	const struct http_field *fields;
};

/* Adds a field to a form's body, encoded. */
void http_form_add(GString *form, const char *name, const char *value);
/* The same of any bytes. */
void http_form_add_bytes(GString *form, const char *name, GBytes *value);

struct http_answer {
	long status;
	GString *body;      /* where the token stood in it there are stars */
	gint64 retry_after; /* seconds, 0 when not given */
	gint64 date; /* the Date field, seconds since 1970; 0 when none */
	/* When the desk's certificate ends, seconds since 1970; 0 when there
	 * is none or the connection was an old one. */
	gint64 certificate_end;
};
/* Frees the body. */
void http_answer_clear(struct http_answer *answer);

/*
 * Sends one request; TRUE when a whole answer came, whatever its status.
 * On FALSE:
 *   AGAIN   nothing was sent: name, connection, TLS
 *   DENIED  the address is a private one
 *   IO      it was sent, or may have been, and no whole answer came
 *
 * So does a call that is ended by `stopping`, within a second or so.
 */
gboolean http_call(struct http *http, const struct http_request *request,
    struct http_answer *answer_r, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
