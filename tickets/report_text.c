/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Delivery reports that are only text.
 *
 * Mail systems have written them in any words for forty years, so it is their
 * form that is read: an address that stands alone at the beginning of a line
 * is one that failed; else one in a line that speaks of recipients or has an
 * SMTP code; else any that is there.  The original's own text, where it is
 * quoted below, is left out.
 */
#include "tickets/report_private.h"

#include <string.h>

#include "lib/base/unicode.h"

#define TEXT_MOST ((gsize)32 << 10)
#define LINES_MOST 300
#define HEAD_MOST ((gsize)3000) /* where such a text says what it is */
/* How far a body is searched for the original's header. */
#define BODY_MOST ((gsize)1 << 20)

static const char *const subjects[] = { "undeliver", "delivery status",
	"delivery fail", "delivery notification", "delivery has failed",
	"delivery report", "delivery problem", "delivery error",
	"delivery delayed", "failure notice", "failure delivery",
	"returned mail", "returned e-mail", "return to sender",
	"returned to sender", "returning message", "could not be delivered",
	"mail delivery", "message delivery", "mail system error", "failed mail",
	"mail failure", "non-deliver", "nondeliver", "not delivered",
	"user unknown", "unknown user", "bounce", "warning: message",
	"message status", "mail error", "unzustellbar", "nicht zugestellt",
	"non remis", "remise impossible", "échec de la remise",
	"no se puede entregar", "no se pudo entregar", "no entregad",
	"devuelto", "mancato recapito", "non recapita", "mancata consegna",
	"não entreg", "onbestelbaar", "niet bezorgd", "недостав", "не доставл",
	"配信不能", "送信できません", "投递失败", "退信" };

static const char *const phrases[] = { "not be delivered",
	"couldn't be delivered", "cannot be delivered", "can't be delivered",
	"unable to deliver", "wasn't able to deliver", "undeliverable",
	"was not delivered", "wasn't delivered", "not deliver",
	"delivery failed", "delivery to the following", "delivery has failed",
	"failed to deliver", "delivery failure", "failed permanently",
	"permanent error", "permanent fatal error", "did not reach",
	"not receive your message", "couldn't reach", "could not reach",
	"user unknown", "unknown user", "no such user", "mailbox is full",
	"over quota", "returned to sender", "delivery status notification",
	"message has been returned", "mail has been returned",
	"no valid recipients", "returned undelivered", "does not exist",
	"не может быть доставлено", "無法", "退回" };

static const char *const speaking[] = { "recipient", "address", "user",
	"unknown", "mailbox", "rcpt to", "undeliver", "fail", "reject", "quota",
	"not exist", "invalid", "denied", "refused", " 55", "<55", " 5.", "#5.",
	"not listed", "account", "delivered", "gateway" };

static const char *const endings[] = { "original message",
	"copy of the message", "copy of your message", "original header",
	"original email", "original mail", "returned message", "message header",
	"message follows", "headers follow", "unsent message",
	"undelivered message", "message text follows", "mail header",
	"received:", "return-path:", "dkim-signature:", "body of message" };

static gboolean
has_one(const char *text, const char *const *words, gsize n)
{
	for (gsize i = 0; i < n; i++) {
		if (strstr(text, words[i]) != NULL)
			return TRUE;
	}
	return FALSE;
}

static char *
lower_head(const char *text, gsize most)
{
	g_autofree char *head = g_strndup(text, most);

	unicode_cut(head, most);
	return g_utf8_strdown(head, -1);
}

gboolean
report_subject(const char *subject)
{
	g_autofree char *lower = lower_head(subject, HEAD_MOST);

	return has_one(lower, subjects, G_N_ELEMENTS(subjects));
}

gboolean
report_text(const char *text)
{
	g_autofree char *lower = lower_head(text, HEAD_MOST);

	return has_one(lower, phrases, G_N_ELEMENTS(phrases));
}

/* --- status --- */

/* "5.1.1" at `at`: its length, or 0. */
static gsize
status_length(const char *at)
{
	gsize length = 1;

	if (at[0] == '\0' || strchr("245", at[0]) == NULL)
		return 0;
	for (guint i = 0; i < 2; i++) {
		gsize digits = at[length] == '.'
				   ? strspn(at + length + 1, "0123456789")
				   : 0;

		if (digits == 0 || digits > 3)
			return 0;
		length += 1 + digits;
	}
	return at[length] == '.' && g_ascii_isdigit(at[length + 1]) ? 0
								    : length;
}

static gboolean
begins_word(const char *text, const char *at)
{
	return at == text || (!g_ascii_isalnum(at[-1]) && at[-1] != '.');
}

static char *
find_status(const char *text)
{
	for (const char *at = text; *at != '\0'; at++) {
		gsize length = begins_word(text, at) ? status_length(at) : 0;

		if (length > 0 && *at != '2')
			return g_strndup(at, length);
	}
	return NULL;
}

/* '4' or '5' of the first SMTP code. */
static char
find_code(const char *text)
{
	for (const char *at = text; *at != '\0'; at++) {
		if ((*at == '4' || *at == '5') && begins_word(text, at) &&
		    g_ascii_isdigit(at[1]) && g_ascii_isdigit(at[2]) &&
		    (at[3] == ' ' || at[3] == '-' || at[3] == '\0'))
			return *at;
	}
	return '5';
}

char *
report_status(const char *field, const char *text)
{
	gsize length = field == NULL ? 0 : status_length(field);
	g_autofree char *head =
	    text == NULL ? g_strdup("") : g_strndup(text, HEAD_MOST);
	char *status;

	/* "5.0.0" tells nothing that the words beside it may not tell
	 * better. */
	if (length > 0 && strncmp(field + 1, ".0.0", length - 1) != 0)
		return g_strndup(field, length);
	status = find_status(head);
	if (status != NULL && (length == 0 || status[0] == field[0]))
		return status;
	g_free(status);
	return length > 0 ? g_strndup(field, length)
			  : g_strdup_printf("%c.0.0", find_code(head));
}

/* --- addresses --- */

static gboolean
is_among(const GPtrArray *list, const char *address)
{
	for (guint i = 0; i < list->len; i++) {
		const struct addr *addr = list->pdata[i];

		if (g_ascii_strcasecmp(addr->address, address) == 0)
			return TRUE;
	}
	return FALSE;
}

void
report_add(struct report_case *report, const char *address, const char *status)
{
	static const char *const systems[] = { "postmaster@", "mailer-daemon@",
		"mailerdaemon@" };

	for (gsize i = 0; i < G_N_ELEMENTS(systems); i++) {
		if (g_ascii_strncasecmp(
			address, systems[i], strlen(systems[i])) == 0)
			return;
	}
	if (addr_valid(address) &&
	    !is_among(message_addresses(report->message, "From"), address) &&
	    !is_among(message_addresses(report->message, "To"), address))
		origin_add_failed(report->origin, address, status);
}

/* What an address may follow at the beginning of a line. */
#define BULLETS " \t*-.>o\xc2\xb7"

/* An address alone, or one that what follows is said of. */
static struct addr *
leading_address(const char *line)
{
	const char *at = line + strspn(line, BULLETS " <");
	gsize length = strcspn(at, " \t<>:;,()\"");
	g_autofree char *word = g_strndup(at, length);
	struct addr *addr = NULL;

	g_strdelimit(word, "[]", ' ');
	g_strstrip(word);
	if (strchr(word, '@') != NULL && !g_str_has_prefix(word, "mailto"))
		addr = addr_repair(word);
	return addr;
}

enum { LEADING, SPEAKING, ANY, LEVELS };

static struct addr *
address_at(const char *line, int level)
{
	g_autofree char *lower = g_ascii_strdown(line, -1);

	if (level == LEADING)
		return leading_address(line);
	if (strchr(line, '@') == NULL || strstr(lower, "mail from:") != NULL ||
	    strstr(lower, "message-id") != NULL)
		return NULL;
	if (level == SPEAKING &&
	    !has_one(lower, speaking, G_N_ELEMENTS(speaking)))
		return NULL;
	return addr_repair(line);
}

/* The lines before the original's. */
static char **
own_lines(const char *text)
{
	g_autofree char *head = g_strndup(text, TEXT_MOST);
	char **lines = g_strsplit(head, "\n", LINES_MOST);
	gboolean begun = FALSE;

	for (guint i = 0; lines[i] != NULL; i++) {
		g_autofree char *lower = g_ascii_strdown(lines[i], -1);

		if (begun && strchr(lower, '@') == NULL &&
		    has_one(lower, endings, G_N_ELEMENTS(endings)) &&
		    strstr(lower, "was received at") == NULL) {
			for (guint j = i; lines[j] != NULL; j++)
				g_clear_pointer(&lines[j], g_free);
			break;
		}
		begun |= strchr(lower, '@') != NULL;
	}
	return lines;
}

/* Its own line and the few that follow say why. */
static char *
status_near(char **lines, guint at)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = at; lines[i] != NULL && i < at + 6; i++)
		g_string_append_printf(text, "%s\n", lines[i]);
	return report_status(NULL, text->str);
}

void
report_read_text(struct report_case *report)
{
	g_auto(GStrv) lines = own_lines(message_text(report->message));

	for (int level = 0; level < LEVELS; level++) {
		for (guint i = 0; lines[i] != NULL; i++) {
			struct addr *addr = address_at(lines[i], level);
			g_autofree char *status =
			    addr == NULL ? NULL : status_near(lines, i);

			if (addr == NULL)
				continue;
			report_add(report, addr->address, status);
			addr_free(addr);
		}
		if (report->origin->failed->len > 0)
			return;
	}
}

/* --- the original's Message-ID --- */

static char *
id_in(const char *text, gsize length)
{
	static const char name[] = "message-id:";
	const char *end = text + length;

	for (const char *at = text; at < end;) {
		const char *next = memchr(at, '\n', end - at);
		const char *field = at;
		const char *open, *close;

		while (field < end && strchr(" \t>", *field) != NULL &&
		       *field != '\0')
			field++;
		at = next == NULL ? end : next + 1;
		if ((gsize)(end - field) <= strlen(name) ||
		    g_ascii_strncasecmp(field, name, strlen(name)) != 0)
			continue;
		open = memchr(field, '<', MIN(end - field, 300));
		close = open == NULL ? NULL
				     : memchr(open, '>', MIN(end - open, 300));
		if (close != NULL && close > open + 1)
			return g_strndup(open + 1, close - open - 1);
	}
	return NULL;
}

/* Whatever stands within what should be an id, it is one line. */
char *
report_text_id(struct message *message)
{
	const char *text = message_text(message);
	gsize length;
	const guint8 *body = message_body_block(message, &length);
	char *id = id_in(text, strlen(text));

	if (id == NULL)
		id = id_in((const char *)body, MIN(length, BODY_MOST));
	if (id != NULL && strpbrk(id, "\r\n\t ") != NULL)
		g_clear_pointer(&id, g_free);
	return id;
}
