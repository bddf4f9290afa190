/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each inbox by RCPT: see setup_inboxes.h. */
#include "tools/setup_inboxes.h"

#include <gio/gio.h>
#include <string.h>

#include "lib/base/err.h"
#include "lib/base/file.h"
#include "lib/base/owned.h"
#include "lib/privacy/lives.h"
#include "tools/setup_probe.h"

/* RFC 5321 section 4.5.3.1.5 allows 512 bytes a line; an answer has a few. */
#define ANSWER_MOST 8192
#define SMTP_PORT 25
/* In front of the domain of an inbox that takes all of one. */
#define MADE_UP "deskgate-setup"

struct talk {
	const struct terms *terms;
	struct lives *lives; /* or NULL */
	GSocketConnection *connection;
	char answer[ANSWER_MOST + 1]; /* the last one */
	gsize length;
};

/* Whether the answer is whole: its last line has a blank, or nothing, behind
 * the code (RFC 5321 section 4.2.1). */
static gboolean
is_whole(struct talk *talk)
{
	char *line;

	if (talk->length == 0 || talk->answer[talk->length - 1] != '\n')
		return FALSE;
	talk->answer[talk->length - 1] = '\0';
	line = strrchr(talk->answer, '\n');
	line = line != NULL ? line + 1 : talk->answer;
	talk->answer[talk->length - 1] = '\n';
	return strlen(line) < 4 || line[3] != '-';
}

static gboolean
hear(struct talk *talk, GError **error)
{
	GInputStream *in =
	    g_io_stream_get_input_stream(G_IO_STREAM(talk->connection));

	talk->length = 0;
	do {
		gssize n = g_input_stream_read(in, talk->answer + talk->length,
		    ANSWER_MOST - talk->length, NULL, error);

		if (n < 0)
			return FALSE;
		if (n == 0)
			return err_set(error, DG_ERROR_AGAIN,
			    talk->length < ANSWER_MOST
				? "the MTA hung up"
				: "the MTA's answer does not end");
		talk->length += (gsize)n;
		talk->answer[talk->length] = '\0';
	} while (!is_whole(talk));
	g_strdelimit(g_strchomp(talk->answer), "\r\n", ' ');
	return TRUE;
}

static gboolean
tell(struct talk *talk, const char *line, GError **error)
{
	GOutputStream *out =
	    g_io_stream_get_output_stream(G_IO_STREAM(talk->connection));
	g_autofree char *whole = g_strconcat(line, "\r\n", NULL);

	return g_output_stream_write_all(
		   out, whole, strlen(whole), NULL, NULL, error) &&
	       hear(talk, error);
}

static gboolean
is_yes(const struct talk *talk)
{
	return talk->answer[0] == '2';
}

/* The same, where nothing can be asked before it is answered well. */
static gboolean
must(struct talk *talk, const char *line, GError **error)
{
	if (!tell(talk, line, error))
		return FALSE;
	return is_yes(talk) ||
	       err_set(error, DG_ERROR_BAD, "%s: %s", line, talk->answer);
}

/* The address by which an inbox is named; the caller's. */
static char *
address_of(const struct policy_inbox *inbox)
{
	const char *at = strrchr(inbox->title, '@');

	if (at == NULL)
		return g_strconcat(MADE_UP "@", inbox->title, NULL);
	return at == inbox->title ? g_strconcat(MADE_UP, at, NULL)
				  : g_strdup(inbox->title);
}

/* FALSE when no more can be asked; *taken_r: how many were. */
static gboolean
ask_all(struct talk *talk, GPtrArray *findings, guint *taken_r, GError **error)
{
	for (guint i = 0; i < talk->terms->inboxes->len; i++) {
		const struct policy_inbox *inbox =
		    talk->terms->inboxes->pdata[i];
		g_autofree char *address = address_of(inbox);
		g_autofree char *line =
		    g_strdup_printf("RCPT TO:<%s>", address);

		if (lives_rest(talk->lives, inbox->title))
			continue;
		/* One message each, so that no limit of recipients counts. */
		if (!must(talk, "MAIL FROM:<>", error) ||
		    !tell(talk, line, error))
			return FALSE;
		if (is_yes(talk))
			(*taken_r)++;
		else
			setup_found(findings, SETUP_BAD,
			    "the MTA takes no mail for the inbox %s: %s",
			    address, talk->answer);
		if (!must(talk, "RSET", error))
			return FALSE;
	}
	return TRUE;
}

static gboolean
converse(struct talk *talk, GPtrArray *findings, guint *taken_r, GError **error)
{
	if (!hear(talk, error))
		return FALSE;
	if (!is_yes(talk))
		return err_set(error, DG_ERROR_AGAIN, "%s", talk->answer);
	if (!must(talk, "EHLO deskgate.invalid", error) ||
	    !ask_all(talk, findings, taken_r, error))
		return FALSE;
	(void)tell(talk, "QUIT", NULL);
	return TRUE;
}

void
setup_inboxes_try(const char *entrance, const struct terms *terms,
    const char *key_dir, guint patience, GPtrArray *findings)
{
	g_autoptr(GSocketClient) client = g_socket_client_new();
	g_autoptr(GSocketConnection) connection = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree struct talk *talk = g_new0(struct talk, 1);
	int keys OWNED(file_close) = file_open_dir(key_dir, NULL);
	/* Where there is none yet, nobody has closed an inbox. */
	struct lives *lives OWNED(lives_close) =
	    keys >= 0 ? lives_open(keys, NULL) : NULL;
	guint bad = findings->len, taken = 0;

	g_socket_client_set_timeout(client, patience);
	g_socket_client_set_enable_proxy(client, FALSE);
	connection = g_socket_client_connect_to_host(
	    client, entrance, SMTP_PORT, NULL, &error);
	talk->connection = connection;
	talk->terms = terms;
	talk->lives = lives;
	if (connection == NULL || !converse(talk, findings, &taken, &error))
		setup_found(findings, SETUP_BAD,
		    "%s could not be asked about the inboxes: %s", entrance,
		    error->message);
	else if (findings->len == bad && taken > 0)
		setup_found(findings, SETUP_GOOD,
		    "the MTA takes mail for each inbox (%u)", taken);
}
