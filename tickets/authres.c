/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Authentication-Results, read.
 *
 * Whether a field is our MTA's is not told by it alone: the caller passes only
 * those that stand above whatever the client sent.
 */
#include "tickets/authres.h"

#include <string.h>

#include "lib/mail/addr.h"

#define DOMAIN_MOST 253
#define VALUE_MOST 8192 /* a field is read so far */

/* RFC 8601 2.7; the best first. */
static const char *const words[] = { "pass", "neutral", "none", "policy",
	"softfail", "temperror", "permerror", "fail", "hardfail" };

static const char *
known_word(const char *word, gsize length)
{
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
		if (strlen(words[i]) == length &&
		    g_ascii_strncasecmp(word, words[i], length) == 0)
			return words[i];
	}
	return NULL;
}

/* What the sender can write between quotes (an address is a word of a result)
 * neither ends a result nor looks like one. */
static char
tame(char c, gboolean quoted)
{
	if (quoted && !g_ascii_isalnum(c) && strchr("@.-+", c) == NULL)
		return '_';
	return g_ascii_iscntrl(c) ? ' ' : c;
}

/* The value without comments (they nest) and with folds as blanks. */
static char *
without_comments(const char *value)
{
	GString *text = g_string_new(NULL);
	guint depth = 0;
	gboolean quoted = FALSE;

	for (gsize i = 0; value[i] != '\0' && i < VALUE_MOST; i++) {
		char c = value[i];

		if (c == '\\' && (quoted || depth > 0)) {
			if (value[i + 1] != '\0')
				i++;
		} else if (depth == 0 && c == '"') {
			quoted = !quoted;
		} else if (!quoted && c == '(') {
			depth++;
		} else if (!quoted && c == ')' && depth > 0) {
			depth--;
		} else if (depth == 0) {
			g_string_append_c(text, tame(c, quoted));
		}
	}
	return g_string_free(text, FALSE);
}

static gboolean
is_ours(const char *first, const char *authserv_id)
{
	gsize length = strcspn(first, " ");

	return length == strlen(authserv_id) &&
	       g_ascii_strncasecmp(first, authserv_id, length) == 0;
}

/* "dkim=pass header.d=example.org ...": the domain it is about. */
static char *
find_domain(const char *text)
{
	static const char *const names[] = { " header.d=", " header.i=" };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		const char *at = strstr(text, names[i]);
		const char *value = at == NULL ? "" : at + strlen(names[i]);
		gsize length = strcspn(value, " ;");
		g_autofree char *word =
		    g_ascii_strdown(value, MIN(length, DOMAIN_MOST));
		const char *domain =
		    strchr(word, '@') != NULL ? addr_domain(word) : word;

		if (*domain != '\0' &&
		    domain[strspn(domain,
			"abcdefghijklmnopqrstuvwxyz0123456789.-")] == '\0')
			return g_strdup(domain);
	}
	return NULL;
}

static gboolean
is_pass(const char *word)
{
	return word != NULL && strcmp(word, "pass") == 0;
}

/* One "method=result ..." piece. */
static void
add_piece(struct authres *results, const char *piece)
{
	const char *equals = strchr(piece, '=');
	gsize method = equals == NULL ? 0 : strcspn(piece, " /=");
	const char *result =
	    equals == NULL ? "" : equals + 1 + strspn(equals + 1, " ");
	const char *word = known_word(result, strcspn(result, " "));

	if (word == NULL)
		return;
	if (method == 3 && g_ascii_strncasecmp(piece, "spf", 3) == 0) {
		if (!is_pass(results->spf))
			results->spf = word;
	} else if (method == 4 && g_ascii_strncasecmp(piece, "dkim", 4) == 0) {
		if (is_pass(results->dkim))
			return;
		results->dkim = word;
		if (is_pass(word))
			results->domain = find_domain(piece);
	} else if (method == 5 && g_ascii_strncasecmp(piece, "dmarc", 5) == 0) {
		if (g_strcmp0(results->dmarc, "fail") != 0)
			results->dmarc = word;
	}
}

/* What stands above is of the filter that had the message last. */
static void
add_below(struct authres *results, struct authres *lower)
{
	if (results->spf == NULL)
		results->spf = lower->spf;
	if (results->dkim == NULL) {
		results->dkim = lower->dkim;
		results->domain = g_steal_pointer(&lower->domain);
	}
	if (results->dmarc == NULL || g_strcmp0(lower->dmarc, "fail") == 0)
		results->dmarc = lower->dmarc;
	g_free(lower->domain);
}

void
authres_add(struct authres *results, const char *value, const char *authserv_id)
{
	g_autofree char *text = without_comments(value);
	g_auto(GStrv) pieces = g_strsplit(text, ";", 64);
	struct authres lower = { 0 };

	if (pieces[0] == NULL || !is_ours(g_strstrip(pieces[0]), authserv_id))
		return;
	for (char **piece = pieces + 1; *piece != NULL; piece++)
		add_piece(&lower, g_strstrip(*piece));
	add_below(results, &lower);
}

void
authres_clear(struct authres *results)
{
	g_clear_pointer(&results->domain, g_free);
}

enum origin_auth
authres_auth(const struct authres *results)
{
	if (is_pass(results->dmarc))
		return ORIGIN_PASSED;
	return g_strcmp0(results->dmarc, "fail") == 0 ? ORIGIN_FAILED
						      : ORIGIN_UNKNOWN;
}

char *
authres_line(const struct authres *results)
{
	GString *line = g_string_new(NULL);

	if (results->spf != NULL)
		g_string_append_printf(line, "SPF %s", results->spf);
	if (results->dkim != NULL)
		g_string_append_printf(line, "%sDKIM %s",
		    line->len > 0 ? ", " : "", results->dkim);
	if (results->domain != NULL)
		g_string_append_printf(line, " (%s)", results->domain);
	if (results->dmarc != NULL)
		g_string_append_printf(line, "%sDMARC %s",
		    line->len > 0 ? ", " : "", results->dmarc);
	return g_string_free(line, line->len == 0);
}
