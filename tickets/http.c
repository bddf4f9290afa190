/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one file that knows libcurl.
 *
 * What matters here is to tell three outcomes apart, since a ticket may hang on
 * it: surely not sent (AGAIN), answered (TRUE), and everything else (IO), which
 * is the default for whatever libcurl may say.
 */
#include "tickets/http.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"

#define CONNECT_SECONDS 20L
#define ENDING "Deskgate is ending, and waits for no answer"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(curl_mime, curl_mime_free)

struct http {
	CURL *curl;
	char *base;
	char *ca_file; /* or NULL */
	char *token_header;
	char *token_scheme;
	const struct secret *token;
	gsize max_answer;
	gint64 timeout;
	const gint *stopping;   /* or NULL */
	gboolean allow_private; /* for the addresses of this url */
	gboolean refused;       /* an address was private, in this call */
	char fault[CURL_ERROR_SIZE];
};

/* --- libcurl's questions */

static curl_socket_t
open_socket(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http *http = self;
	const guint8 *bytes = NULL;

	(void)purpose;
	if (address->family == AF_INET)
		bytes = (const guint8 *)&((struct sockaddr_in *)&address->addr)
			    ->sin_addr;
	else if (address->family == AF_INET6)
		bytes = (const guint8 *)&((struct sockaddr_in6 *)&address->addr)
			    ->sin6_addr;
	if (!http->allow_private &&
	    (bytes == NULL || http_address_private(address->family, bytes))) {
		http->refused = TRUE;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC,
	    address->protocol);
}

struct sink {
	GString *body;
	gsize max;
};

static size_t
take_body(char *data, size_t size, size_t count, void *self)
{
	struct sink *sink = self;
	gsize length = size * count;

	if (length > sink->max - sink->body->len)
		return 0; /* ends the call with an error */
	g_string_append_len(sink->body, data, (gssize)length);
	return length;
}

static gboolean
is_stopping(const struct http *http)
{
	return http->stopping != NULL && g_atomic_int_get(http->stopping) != 0;
}

/* Asked about once a second while nothing comes, and more often else. */
static int
on_progress(void *self, curl_off_t to_come, curl_off_t came, curl_off_t to_go,
    curl_off_t gone)
{
	(void)to_come, (void)came, (void)to_go, (void)gone;
	return is_stopping(self);
}

/* --- one call */

static void
set_fixed(struct http *http)
{
	CURL *curl = http->curl;

	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CERTINFO, 1L);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, http->fault);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR,
	    g_str_has_prefix(http->base, "https:") ? "https" : "http");
	curl_easy_setopt(
	    curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(
	    curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	if (http->ca_file != NULL) {
		curl_easy_setopt(curl, CURLOPT_CAINFO, http->ca_file);
		curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "deskgate/" PACKAGE_VERSION);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT,
	    MIN(CONNECT_SECONDS, (long)http->timeout));
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)http->timeout);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, http);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, http);
}

/* Date is the one field of an answer that we look at: to compare clocks. */
static size_t
take_field(char *line, size_t size, size_t count, void *self)
{
	gint64 *date = self;
	gsize length = size * count;
	g_autofree char *text = g_strndup(line, length);

	if (g_ascii_strncasecmp(text, "Date:", strlen("Date:")) == 0)
		*date = MAX(curl_getdate(text + strlen("Date:"), NULL), 0);
	return length;
}

/* The list's strings hold the token: wiped before they are given back. */
static void
wipe_headers(struct curl_slist **headers)
{
	for (struct curl_slist *one = *headers; one != NULL; one = one->next)
		explicit_bzero(one->data, strlen(one->data));
	curl_slist_free_all(*headers);
	*headers = NULL;
}

static struct curl_slist *
make_headers(const struct http *http, const struct http_request *request)
{
	struct curl_slist *headers = NULL;
	char *line;

	headers = curl_slist_append(headers, "Accept: application/json");
	headers = curl_slist_append(headers, "Expect:");
	if (request->json != NULL)
		headers = curl_slist_append(
		    headers, "Content-Type: application/json");
	if (http->token_header != NULL && http->token != NULL) {
		line = g_strdup_printf("%s: %s%s", http->token_header,
		    http->token_scheme, secret_text(http->token));
		headers = curl_slist_append(headers, line);
		explicit_bzero(line, strlen(line));
		g_free(line);
	}
	if (request->bytes != NULL) {
		line = g_strdup_printf("Content-Type: %s", request->bytes_type);
		headers = curl_slist_append(headers, line);
		g_free(line);
	}
	for (const struct http_field *field = request->fields;
	     field != NULL && field->name != NULL; field++) {
		line = g_strdup_printf("%s: %s", field->name, field->value);
		headers = curl_slist_append(headers, line);
		g_free(line);
	}
	return headers;
}

static curl_mime *
make_form(CURL *curl, const struct http_file *file)
{
	curl_mime *form = curl_mime_init(curl);
	curl_mimepart *part = curl_mime_addpart(form);
	gsize length = 0;
	const char *data = g_bytes_get_data(file->bytes, &length);

	curl_mime_name(part, file->field);
	curl_mime_filename(part, file->name);
	curl_mime_type(part, file->type);
	curl_mime_data(part, data != NULL ? data : "", length);
	return form;
}

static void
set_post(CURL *curl, const void *data, gsize length)
{
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, data != NULL ? data : "");
}

static void
set_body(CURL *curl, const struct http_request *request, curl_mime *form)
{
	gsize length = 0;
	const void *bytes = NULL;

	if (request->bytes != NULL)
		bytes = g_bytes_get_data(request->bytes, &length);
	if (form != NULL)
		curl_easy_setopt(curl, CURLOPT_MIMEPOST, form);
	else if (request->form != NULL)
		set_post(curl, request->form->str, request->form->len);
	else if (request->bytes != NULL)
		set_post(curl, bytes, length);
	else if (request->json != NULL)
		set_post(curl, request->json, strlen(request->json));
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
}

/* TRUE when nothing of the request can have reached the desk's application: the
 * connection, its TLS included, was never ready to send on. */
static gboolean
surely_not_sent(CURL *curl)
{
	curl_off_t ready = 0;
	long sent = 0;

	return curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &ready) ==
		   CURLE_OK &&
	       curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &sent) ==
		   CURLE_OK &&
	       ready == 0 && sent == 0;
}

static gboolean
fail(const struct http *http, CURLcode result, GError **error)
{
	const char *text =
	    http->fault[0] != '\0' ? http->fault : curl_easy_strerror(result);

	if (result == CURLE_ABORTED_BY_CALLBACK)
		text = ENDING;
	if (http->refused)
		return err_set(error, DG_ERROR_DENIED,
		    "the desk's name leads to a private address; if that is "
		    "meant, set allow-private");
	if (result == CURLE_WRITE_ERROR)
		return err_set(error, DG_ERROR_IO,
		    "the answer is longer than %" G_GSIZE_FORMAT " bytes",
		    http->max_answer);
	return err_set(error,
	    surely_not_sent(http->curl) ? DG_ERROR_AGAIN : DG_ERROR_IO, "%s",
	    text);
}

/* The end of the first certificate, the desk's own. */
static gint64
certificate_end(CURL *curl)
{
	static const char name[] = "Expire date:";
	struct curl_certinfo *info = NULL;

	if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &info) != CURLE_OK ||
	    info == NULL || info->num_of_certs < 1)
		return 0;
	for (const struct curl_slist *one = info->certinfo[0]; one != NULL;
	     one = one->next)
		if (g_str_has_prefix(one->data, name))
			return MAX(
			    curl_getdate(one->data + strlen(name), NULL), 0);
	return 0;
}

static void
take_answer(CURL *curl, struct http_answer *answer_r)
{
	curl_off_t after = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer_r->status);
	curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &after);
	answer_r->retry_after = MAX(after, 0);
	answer_r->certificate_end = certificate_end(curl);
}

/* What a desk, or what stands before it, says of a request may have the token
 * in it, and goes into errors, logs and the ledger. */
static void
hide_token(const struct http *http, GString *body)
{
	const char *token =
	    http->token != NULL ? secret_text(http->token) : NULL;
	gsize length = token != NULL ? strlen(token) : 0;
	char *at = body->str;

	while (
	    length > 0 && (at = memmem(at, body->len - (gsize)(at - body->str),
			       token, length)) != NULL)
		memset(at, '*', length);
}

gboolean
http_call(struct http *http, const struct http_request *request,
    struct http_answer *answer_r, GError **error)
{
	struct curl_slist *headers OWNED(wipe_headers) = NULL;
	g_autoptr(curl_mime) form = NULL;
	g_autofree char *url = g_strconcat(http->base, request->path, NULL);
	struct sink sink = { g_string_new(NULL), http->max_answer };
	gint64 date = 0;
	CURLcode result;

	memset(answer_r, 0, sizeof *answer_r);
	answer_r->body = sink.body;
	if (is_stopping(http)) {
		http_answer_clear(answer_r);
		return err_set(error, DG_ERROR_AGAIN, ENDING);
	}
	curl_easy_reset(http->curl); /* keeps connections and TLS sessions */
	set_fixed(http);
	http->refused = FALSE;
	http->fault[0] = '\0';
	headers = make_headers(http, request);
	if (request->file != NULL)
		form = make_form(http->curl, request->file);
	set_body(http->curl, request, form);
	curl_easy_setopt(http->curl, CURLOPT_URL, url);
	curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(http->curl, CURLOPT_WRITEDATA, &sink);
	curl_easy_setopt(http->curl, CURLOPT_HEADERFUNCTION, take_field);
	curl_easy_setopt(http->curl, CURLOPT_HEADERDATA, &date);
	curl_easy_setopt(http->curl, CURLOPT_FRESH_CONNECT,
	    g_str_equal(request->method, "GET") ? 0L : 1L);
	result = curl_easy_perform(http->curl);
	if (result == CURLE_OK) {
		take_answer(http->curl, answer_r);
		hide_token(http, sink.body);
		answer_r->date = date;
		return TRUE;
	}
	http_answer_clear(answer_r);
	return fail(http, result, error);
}

void
http_form_add(GString *form, const char *name, const char *value)
{
	g_autofree char *encoded = g_uri_escape_string(value, NULL, FALSE);

	if (form->len > 0)
		g_string_append_c(form, '&');
	g_string_append_printf(form, "%s=%s", name, encoded);
	explicit_bzero(encoded, strlen(encoded)); /* it may be a key */
}

void
http_form_add_bytes(GString *form, const char *name, GBytes *value)
{
	gsize length = 0;
	const guint8 *data = g_bytes_get_data(value, &length);
	g_autofree char *encoded = g_uri_escape_bytes(data, length, NULL);

	if (form->len > 0)
		g_string_append_c(form, '&');
	g_string_append_printf(form, "%s=", name);
	g_string_append(form, encoded);
}

void
http_answer_clear(struct http_answer *answer)
{
	if (answer->body != NULL)
		g_string_free(answer->body, TRUE);
	memset(answer, 0, sizeof *answer);
}

struct http *
http_new(const struct http_settings *settings, GError **error)
{
	const char *fault =
	    http_url_fault(settings->url, settings->allow_private);
	struct http *http;

	if (fault != NULL) {
		err_set(error, DG_ERROR_BAD, "url %s", fault);
		return NULL;
	}
	http = g_new0(struct http, 1);
	http->base = g_strdup(settings->url);
	while (g_str_has_suffix(http->base, "/"))
		http->base[strlen(http->base) - 1] = '\0';
	http->ca_file = g_strdup(settings->ca_file);
	http->token_header = g_strdup(settings->token_header);
	http->token_scheme = g_strdup(
	    settings->token_scheme != NULL ? settings->token_scheme : "");
	http->token = settings->token;
	http->timeout = settings->timeout;
	http->max_answer = settings->max_answer;
	http->stopping = settings->stopping;
	http->allow_private =
	    settings->allow_private || http_url_is_loopback(settings->url);
	http->curl = curl_easy_init();
	if (http->curl != NULL)
		return http;
	http_free(&http);
	err_set(error, DG_ERROR_IO, "libcurl does not start");
	return NULL;
}

void
http_free(struct http **http)
{
	if (*http == NULL)
		return;
	curl_easy_cleanup((*http)->curl);
	g_free((*http)->base);
	g_free((*http)->ca_file);
	g_free((*http)->token_header);
	g_free((*http)->token_scheme);
	g_free(*http);
	*http = NULL;
}
