/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SMTP by libcurl.
 *
 * libcurl tells how a transfer ended, but not whether the server can have the
 * message.  So we look ourselves: a server owns a message only once it has seen
 * the end of its data, hence whether libcurl has fetched the last byte from us
 * divides "surely not" from "maybe"; and the server's last reply, which libcurl
 * hands to a callback line by line, is kept for its code and its words.
 *
 * Lone LF and lone CR become CRLF before libcurl sees the message: what one
 * server takes for the end of a message and the next does not is a way to
 * smuggle mail.
 */
#include "tickets/mailer.h"

#include <curl/curl.h>
#include <errno.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/owned.h"
#include "lib/base/unicode.h"
#include "lib/mail/addr.h"

#define CONNECT_SECONDS 20L
/* Of a reply's text, for logs and people. */
#define WORDS_MOST 300

struct mailer {
	CURL *curl;
	char *url;
	enum mailer_tls tls;
	char *ca_file;
	char *user;
	const struct secret *password;
	struct secret *own_password; /* of mailer_open */
	gint64 timeout;
	const gint *stopping; /* or NULL */
	char fault[CURL_ERROR_SIZE];
};

/* One message on its way. */
struct passage {
	const char *data;
	gsize length, sent;
	gboolean ended; /* libcurl has the last byte */
	const gint *stopping;
	int code;       /* of the last reply, 0 before any */
	GString *words; /* its text */
};

/* --- settings */

static gboolean
host_is_loopback(const char *url)
{
	g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
	const char *host = uri != NULL ? g_uri_get_host(uri) : NULL;

	return host != NULL &&
	       (g_str_has_prefix(host, "127.") || g_str_equal(host, "::1"));
}

const char *
mailer_url_fault(const char *url)
{
	g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
	const char *host = uri != NULL ? g_uri_get_host(uri) : NULL;

	if (host == NULL || host[0] == '\0')
		return "is not a URL (smtp://127.0.0.1:25)";
	if (!g_str_equal(g_uri_get_scheme(uri), "smtp") &&
	    !g_str_equal(g_uri_get_scheme(uri), "smtps"))
		return "begins neither with smtp:// nor smtps://";
	if (g_uri_get_userinfo(uri) != NULL || g_uri_get_query(uri) != NULL ||
	    g_uri_get_fragment(uri) != NULL)
		return "has a user, a query or a fragment; a login belongs in "
		       "mail-relay-user and mail-relay-password-file";
	return NULL;
}

struct mailer *
mailer_new(const struct mailer_settings *settings, GError **error)
{
	const char *fault = mailer_url_fault(settings->url);
	gboolean checked = settings->tls == MAILER_TLS_MUST ||
			   g_str_has_prefix(settings->url, "smtps:");
	struct mailer *mailer;

	if (fault != NULL) {
		err_set(error, DG_ERROR_BAD, "mail-relay %s", fault);
		return NULL;
	}
	if (settings->user != NULL && !checked &&
	    !host_is_loopback(settings->url)) {
		err_set(error, DG_ERROR_BAD,
		    "mail-relay-user needs mail-relay-tls = must, or smtps://: "
		    "else the password could be read on its way");
		return NULL;
	}
	mailer = g_new0(struct mailer, 1);
	mailer->url = g_strdup(settings->url);
	mailer->tls = settings->tls;
	mailer->ca_file = g_strdup(settings->ca_file);
	mailer->user = g_strdup(settings->user);
	mailer->password = settings->password;
	mailer->timeout = settings->timeout;
	mailer->stopping = settings->stopping;
	mailer->curl = curl_easy_init();
	if (mailer->curl != NULL)
		return mailer;
	mailer_free(&mailer);
	err_set(error, DG_ERROR_IO, "libcurl does not start");
	return NULL;
}

static enum mailer_tls
tls_of(const char *word)
{
	if (g_str_equal(word, "none"))
		return MAILER_TLS_NONE;
	return g_str_equal(word, "must") ? MAILER_TLS_MUST : MAILER_TLS_MAY;
}

struct mailer *
mailer_open(
    const struct conf_section *global, const gint *stopping, GError **error)
{
	const char *path = conf_string(global, "mail-relay-password-file");
	const char *user = conf_string(global, "mail-relay-user");
	const char *ca_file = conf_string(global, "mail-relay-ca-file");
	struct secret *password OWNED(secret_free) = NULL;
	struct mailer *mailer;

	if ((user == NULL) != (path == NULL)) {
		err_set(error, DG_ERROR_BAD,
		    "mail-relay-user and mail-relay-password-file go together");
		return NULL;
	}
	if (ca_file != NULL && access(ca_file, R_OK) != 0) {
		err_set(error, DG_ERROR_BAD,
		    "mail-relay-ca-file: cannot read %s: %s", ca_file,
		    g_strerror(errno));
		return NULL;
	}
	if (path != NULL) {
		password = secret_load_token(path, error);
		if (password == NULL)
			return NULL;
	}
	mailer = mailer_new(
	    &(struct mailer_settings){
		.url = conf_string(global, "mail-relay"),
		.tls = tls_of(conf_string(global, "mail-relay-tls")),
		.ca_file = ca_file,
		.user = user,
		.password = password,
		.timeout = conf_duration(global, "mail-relay-timeout"),
		.stopping = stopping,
	    },
	    error);
	if (mailer != NULL)
		mailer->own_password = g_steal_pointer(&password);
	return mailer;
}

void
mailer_free(struct mailer **mailer)
{
	if (*mailer == NULL)
		return;
	curl_easy_cleanup((*mailer)->curl);
	secret_free(&(*mailer)->own_password);
	g_free((*mailer)->url);
	g_free((*mailer)->ca_file);
	g_free((*mailer)->user);
	g_free(*mailer);
	*mailer = NULL;
}

/* --- the message */

static GString *
with_crlf(GBytes *message)
{
	gsize length = 0;
	const char *data = g_bytes_get_data(message, &length);
	GString *text = g_string_sized_new(length + length / 32);

	for (gsize i = 0; i < length; i++) {
		if (data[i] == '\r' && i + 1 < length && data[i + 1] == '\n')
			i++;
		if (data[i] == '\r' || data[i] == '\n')
			g_string_append_len(text, "\r\n", 2);
		else
			g_string_append_c(text, data[i]);
	}
	if (text->len < 2 || text->str[text->len - 1] != '\n')
		g_string_append_len(text, "\r\n", 2);
	return text;
}

static size_t
give_data(char *into, size_t size, size_t count, void *self)
{
	struct passage *passage = self;
	gsize most = MIN(size * count, passage->length - passage->sent);

	memcpy(into, passage->data + passage->sent, most);
	passage->sent += most;
	if (passage->sent == passage->length)
		passage->ended = TRUE;
	return most;
}

/* One line of a reply: "250-SIZE 100" or "250 Ok" (RFC 5321 section 4.2). */
static size_t
take_reply(char *line, size_t size, size_t count, void *self)
{
	struct passage *passage = self;
	gsize length = size * count;
	int code;

	if (length < 4 || !g_ascii_isdigit(line[0]) ||
	    !g_ascii_isdigit(line[1]) || !g_ascii_isdigit(line[2]))
		return length;
	code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
	if (code == 221) /* the farewell says nothing of the message */
		return length;
	if (code != passage->code)
		g_string_truncate(passage->words, 0);
	passage->code = code;
	if (passage->words->len < WORDS_MOST)
		g_string_append_len(
		    passage->words, line + 3, (gssize)length - 3);
	return length;
}

/* Once the server can have it all, its answer is waited for: without it nobody
 * knows whether the message is on its way. */
static int
on_progress(void *self, curl_off_t to_come, curl_off_t came, curl_off_t to_go,
    curl_off_t gone)
{
	const struct passage *passage = self;

	(void)to_come, (void)came, (void)to_go, (void)gone;
	return passage->stopping != NULL && !passage->ended &&
	       g_atomic_int_get(passage->stopping) != 0;
}

/* --- the call */

static void
set_tls(struct mailer *mailer)
{
	gboolean from_start = g_str_has_prefix(mailer->url, "smtps:");
	long check = from_start || mailer->tls == MAILER_TLS_MUST;
	static const long level[] = { CURLUSESSL_NONE, CURLUSESSL_TRY,
		CURLUSESSL_ALL };

	curl_easy_setopt(
	    mailer->curl, CURLOPT_PROTOCOLS_STR, from_start ? "smtps" : "smtp");
	curl_easy_setopt(mailer->curl, CURLOPT_USE_SSL, level[mailer->tls]);
	curl_easy_setopt(
	    mailer->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(mailer->curl, CURLOPT_SSL_VERIFYPEER, check);
	curl_easy_setopt(
	    mailer->curl, CURLOPT_SSL_VERIFYHOST, check != 0 ? 2L : 0L);
	/* Else the system's. */
	if (check != 0 && mailer->ca_file != NULL)
		curl_easy_setopt(mailer->curl, CURLOPT_CAINFO, mailer->ca_file);
}

static void
set_call(struct mailer *mailer, struct passage *passage)
{
	CURL *curl = mailer->curl;

	curl_easy_reset(curl);
	mailer->fault[0] = '\0';
	curl_easy_setopt(curl, CURLOPT_URL, mailer->url);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, mailer->fault);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT,
	    MIN(CONNECT_SECONDS, (long)mailer->timeout));
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)mailer->timeout);
	curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_data);
	curl_easy_setopt(curl, CURLOPT_READDATA, passage);
	curl_easy_setopt(
	    curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)passage->length);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_reply);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, passage);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, passage);
	set_tls(mailer);
	if (mailer->user != NULL) {
		curl_easy_setopt(curl, CURLOPT_USERNAME, mailer->user);
		curl_easy_setopt(
		    curl, CURLOPT_PASSWORD, secret_text(mailer->password));
	}
}

/* The server's words as one line without addresses: they go to logs. */
static char *
words_of(const struct passage *passage)
{
	g_autofree char *valid =
	    unicode_repair(passage->words->str, (gssize)passage->words->len);
	g_autofree char *line = unicode_line(valid, WORDS_MOST);

	return addr_hide(line);
}

/* What the administrator has to mend; FALSE with *error unset when it is
 * nothing of that. */
static gboolean
is_denied(CURLcode result, const struct passage *passage, const char *text,
    const char *words, GError **error)
{
	if (result == CURLE_USE_SSL_FAILED)
		err_set(error, DG_ERROR_DENIED,
		    "the mail relay offers no TLS; if it need not, set "
		    "mail-relay-tls = may");
	else if (result == CURLE_PEER_FAILED_VERIFICATION)
		err_set(error, DG_ERROR_DENIED,
		    "the certificate of the mail relay is refused (%s); name "
		    "its CA in mail-relay-ca-file, and in mail-relay the host "
		    "that the certificate is for",
		    text);
	else if (result == CURLE_SSL_CACERT_BADFILE)
		err_set(error, DG_ERROR_DENIED,
		    "mail-relay-ca-file cannot be read, or holds no "
		    "certificate (%s)",
		    text);
	else if (result == CURLE_LOGIN_DENIED && passage->code >= 500)
		err_set(error, DG_ERROR_DENIED,
		    "the mail relay does not take the login: %d %s; see "
		    "mail-relay-user and mail-relay-password-file",
		    passage->code, words);
	else
		return FALSE;
	return TRUE;
}

static gboolean
fail(const struct mailer *mailer, const struct passage *passage,
    CURLcode result, GError **error)
{
	const char *text = mailer->fault[0] != '\0'
			       ? mailer->fault
			       : curl_easy_strerror(result);
	g_autofree char *words = words_of(passage);

	if (result == CURLE_ABORTED_BY_CALLBACK)
		return err_set(error, DG_ERROR_AGAIN,
		    "Deskgate is ending, and waits for no mail relay");
	if (is_denied(result, passage, text, words, error))
		return FALSE;
	if (passage->code >= 500)
		return err_set(error, DG_ERROR_BAD,
		    "the mail relay refused it: %d %s", passage->code, words);
	if (passage->code >= 400)
		return err_set(error, DG_ERROR_AGAIN,
		    "the mail relay says: %d %s", passage->code, words);
	return err_set(error, passage->ended ? DG_ERROR_IO : DG_ERROR_AGAIN,
	    "mail relay: %s", text);
}

static gboolean
check_letter(const struct mailer_letter *letter, GError **error)
{
	if (letter->recipients[0] == NULL)
		return err_set(
		    error, DG_ERROR_BAD, "the letter has no recipient");
	for (guint i = 0; letter->recipients[i] != NULL; i++)
		if (!addr_valid(letter->recipients[i]))
			return err_set(error, DG_ERROR_BAD,
			    "a recipient is not an address");
	if (letter->sender != NULL && letter->sender[0] != '\0' &&
	    !addr_valid(letter->sender))
		return err_set(
		    error, DG_ERROR_BAD, "the sender is not an address");
	return TRUE;
}

static CURLcode
perform(struct mailer *mailer, const struct mailer_letter *letter)
{
	struct curl_slist *recipients = NULL;
	CURLcode result;

	for (guint i = 0; letter->recipients[i] != NULL; i++)
		recipients =
		    curl_slist_append(recipients, letter->recipients[i]);
	/* Without it libcurl says MAIL FROM:<>. */
	if (letter->sender != NULL && letter->sender[0] != '\0')
		curl_easy_setopt(
		    mailer->curl, CURLOPT_MAIL_FROM, letter->sender);
	curl_easy_setopt(mailer->curl, CURLOPT_MAIL_RCPT, recipients);
	result = curl_easy_perform(mailer->curl);
	curl_slist_free_all(recipients);
	return result;
}

gboolean
mailer_send(
    struct mailer *mailer, const struct mailer_letter *letter, GError **error)
{
	g_autoptr(GString) text = NULL;
	g_autoptr(GString) words = NULL;
	struct passage passage;
	CURLcode result;

	if (!check_letter(letter, error))
		return FALSE;
	text = with_crlf(letter->message);
	words = g_string_new(NULL);
	passage = (struct passage){ .data = text->str,
		.length = text->len,
		.words = words,
		.stopping = mailer->stopping };
	set_call(mailer, &passage);
	result = perform(mailer, letter);
	return result == CURLE_OK || fail(mailer, &passage, result, error);
}
