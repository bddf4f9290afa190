/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message to ourselves. */
#include "tools/setup_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/base/secret.h"
#include "lib/base/translate.h"
#include "milter/terms.h"
#include "tickets/mailer.h"

#define TOKEN_BYTES 16
#define MESSAGE_MOST ((gsize)1 << 20)
#define LOOK_USEC (G_USEC_PER_SEC / 10)

/* What is looked for in the message that came back. */
#define MARK_VERDICT "probe-verdict"
#define MARK_TOP "probe-top"
#define MARK_OTHER "probe-other"
#define MARK_BELOW "probe-below"
#define MARK_END "This is its last line."
#define VERDICT "X-Deskgate-Verdict:"

static void
finding_free(gpointer pointer)
{
	struct setup_finding *finding = pointer;

	g_free(finding->text);
	g_free(finding);
}

void
setup_found(
    GPtrArray *findings, enum setup_finding_kind kind, const char *format, ...)
{
	struct setup_finding *finding = g_new0(struct setup_finding, 1);
	g_autofree char *text = NULL;
	va_list list;

	va_start(list, format);
	finding->kind = kind;
	text = g_strdup_vprintf(translate(format), list);
	finding->text = g_utf8_make_valid(text, -1);
	va_end(list);
	g_ptr_array_add(findings, finding);
}

/* --- the message --- */
/* RFC 5322 section 3.3. */
static char *
date_now(void)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();

	return g_date_time_format(now, "%a, %d %b %Y %H:%M:%S +0000");
}

char *
setup_probe_message(const struct setup_probe *probe, const char *token)
{
	const char *id =
	    probe->authserv_id != NULL ? probe->authserv_id : "mail.invalid";
	g_autofree char *date = date_now();

	/* What stands above the first Received can be of an MTA of ours; what
	 * stands below it is the sender's own. */
	return g_strdup_printf(
	    "Authentication-Results: %s; dmarc=pass (" MARK_TOP ")\n"
	    "Received: from forged.invalid by forged.invalid; %s\n"
	    "Authentication-Results: forged.invalid; spf=pass (" MARK_OTHER
	    ")\n"
	    "Authentication-Results: %s; spf=pass (" MARK_BELOW ")\n" VERDICT
	    " ham (" MARK_VERDICT ")\n"
	    "From: Deskgate setup <setup@" TERMS_PROBE_DOMAIN ">\n"
	    "To: <%s@" TERMS_PROBE_DOMAIN ">\n"
	    "Subject: Deskgate setup\n"
	    "Message-ID: <%s@" TERMS_PROBE_DOMAIN ">\n"
	    "Date: %s\n"
	    "Auto-Submitted: auto-generated\n\n"
	    "A message by which \"deskgate setup\" sees what becomes of "
	    "mail.\n" MARK_END "\n",
	    id, date, id, token, token, date);
}

/* --- what came back --- */
static void
judge_results(
    const struct setup_probe *probe, const char *message, GPtrArray *findings)
{
	gboolean left = strstr(message, MARK_OTHER) != NULL ||
			strstr(message, MARK_BELOW) != NULL;

	if (probe->authserv_id == NULL || !probe->strip_results) {
		setup_found(findings, SETUP_NOTE,
		    probe->authserv_id == NULL
			? N_("authserv-id is not set: forged "
			     "Authentication-Results stay in the message, and "
			     "none is believed")
			: N_("strip-authentication-results is off: forged "
			     "Authentication-Results stay in the message"));
	} else if (left) {
		setup_found(findings, SETUP_BAD,
		    "forged Authentication-Results came through the milter");
	} else {
		setup_found(findings, SETUP_GOOD,
		    "forged Authentication-Results are taken out");
	}
	if (probe->authserv_id != NULL && strstr(message, MARK_TOP) != NULL)
		setup_found(findings, SETUP_BAD,
		    "what a sender writes under the name of %s on top of a "
		    "message is believed: have the filter that checks mail "
		    "take it out (contrib/doc/postfix.md tells how), or leave "
		    "authserv-id unset",
		    probe->authserv_id);
}

void
setup_probe_judge(
    const struct setup_probe *probe, const char *message, GPtrArray *findings)
{
	if (strstr(message, MARK_VERDICT) != NULL)
		setup_found(findings, SETUP_BAD,
		    "the message came through, but past the milter: a forged "
		    "X-Deskgate-Verdict is still in it");
	else if (strstr(message, VERDICT) == NULL)
		setup_found(findings, SETUP_BAD,
		    "the message came through without a verdict of the milter");
	else
		setup_found(findings, SETUP_GOOD,
		    "a message came through the milter, which took out a "
		    "forged X-Deskgate-Verdict, and by the second door");
	judge_results(probe, message, findings);
}

/* --- its way --- */
static char *
name_of(const char *token)
{
	return g_strconcat("probe-", token, NULL);
}

/* A random name of a file that waits, made by nobody before. */
static int
open_place(
    const struct setup_probe *probe, int dir, char **token_r, GError **error)
{
	struct secret *random OWNED(secret_free) = secret_random(TOKEN_BYTES);
	g_autoptr(GString) token = g_string_new(NULL);
	g_autofree char *name = NULL;
	int fd;

	for (gsize i = 0; i < TOKEN_BYTES; i++)
		g_string_append_printf(token, "%02x", secret_data(random)[i]);
	name = name_of(token->str);
	fd = openat(dir, name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || fchown(fd, probe->owner, probe->group) != 0) {
		(void)err_errno(
		    error, errno, "cannot make a file in %s", probe->folder);
		file_close(&fd);
		return -1;
	}
	*token_r = g_string_free(g_steal_pointer(&token), FALSE);
	return fd;
}

static gboolean
send_it(const struct setup_probe *probe, const char *token, GError **error)
{
	g_autofree char *url = g_strdup_printf("smtp://%s", probe->entrance);
	g_autofree char *text = setup_probe_message(probe, token);
	g_autofree char *to = g_strconcat(token, "@" TERMS_PROBE_DOMAIN, NULL);
	g_autoptr(GBytes) message = g_bytes_new(text, strlen(text));
	const char *const recipients[] = { to, NULL };
	const struct mailer_settings settings = {
		.url = url, .tls = MAILER_TLS_NONE, .timeout = probe->patience
	};
	const struct mailer_letter letter = { NULL, recipients, message };
	struct mailer *mailer OWNED(mailer_free) = mailer_new(&settings, error);

	return mailer != NULL && mailer_send(mailer, &letter, error);
}

/* The text, once it is there; NULL when it does not come. */
static char *
await(const struct setup_probe *probe, int fd)
{
	guint looks = probe->patience * (G_USEC_PER_SEC / LOOK_USEC);

	for (guint i = 0; i < looks; i++) {
		g_autoptr(GBytes) bytes = file_read_fd(fd, MESSAGE_MOST, NULL);
		gsize length = 0;
		const char *data =
		    bytes != NULL ? g_bytes_get_data(bytes, &length) : NULL;

		if (length > 0 &&
		    g_strstr_len(data, (gssize)length, MARK_END) != NULL)
			return g_strndup(data, length);
		g_usleep(LOOK_USEC);
	}
	return NULL;
}

GPtrArray *
setup_probe_run(const struct setup_probe *probe, GError **error)
{
	GPtrArray *findings = g_ptr_array_new_with_free_func(finding_free);
	g_autoptr(GError) problem = NULL;
	g_autofree char *token = NULL, *name = NULL, *message = NULL;
	int dir OWNED(file_close) = file_open_dir(probe->folder, error);
	int fd OWNED(file_close) =
	    dir < 0 ? -1 : open_place(probe, dir, &token, error);

	if (fd < 0) {
		g_ptr_array_unref(findings);
		return NULL;
	}
	name = name_of(token);
	if (!send_it(probe, token, &problem))
		setup_found(findings, SETUP_BAD,
		    "no message could be sent to %s: %s", probe->entrance,
		    problem->message);
	else if ((message = await(probe, fd)) == NULL)
		setup_found(findings, SETUP_BAD,
		    "a message to %s was taken, and did not come by the second "
		    "door in %u s: the MTA's log and queue tell why",
		    TERMS_PROBE_DOMAIN, probe->patience);
	else
		setup_probe_judge(probe, message, findings);
	(void)unlinkat(dir, name, 0);
	return findings;
}

gboolean
setup_probe_hand_back(
    const char *folder, const char *recipient, GBytes *message, GError **error)
{
	const char *at = recipient != NULL ? strchr(recipient, '@') : NULL;
	g_autofree char *token =
	    at != NULL ? g_strndup(recipient, at - recipient) : g_strdup("");
	g_autofree char *name = name_of(token);
	int dir OWNED(file_close) = -1;
	int fd OWNED(file_close) = -1;
	gsize length;
	const void *data = g_bytes_get_data(message, &length);

	if (strlen(token) != (gsize)2 * TOKEN_BYTES ||
	    strspn(token, "0123456789abcdef") != strlen(token))
		return err_set(error, DG_ERROR_NOTFOUND,
		    "\"probe\" is for \"deskgate setup\" alone");
	dir = file_open_dir(folder, error);
	if (dir < 0)
		return FALSE;
	fd = openat(dir, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(
		    error, errno, "nobody waits for this message any more");
	return file_write_all(fd, data, length, error);
}
