/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Header edits, as functions of values.
 */
#include "milter/headers.h"

#include <string.h>

/* The reasons in X-Spam-Status. */
#define REASONS 3
#define VALUE_MOST 400

static const char own_prefix[] = "X-Deskgate-";

/* A field that may have to go. */
struct noted {
	char *name;
	guint index;
	enum { OWN, SPAM, RESULTS } kind;
	char *authserv_id; /* RESULTS */
	gboolean below;    /* RESULTS: below the first Received */
};

struct headers {
	GPtrArray *noted;
	GHashTable *counts; /* name in lower case -> how many so far */
	gboolean received;
	gboolean forged;
};

static void
noted_free(gpointer pointer)
{
	struct noted *noted = pointer;

	g_free(noted->name);
	g_free(noted->authserv_id);
	g_free(noted);
}

struct headers *
headers_new(void)
{
	struct headers *headers = g_new0(struct headers, 1);

	headers->noted = g_ptr_array_new_with_free_func(noted_free);
	headers->counts =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return headers;
}

void
headers_free(struct headers **headers)
{
	if (*headers == NULL)
		return;
	g_ptr_array_unref((*headers)->noted);
	g_hash_table_unref((*headers)->counts);
	g_clear_pointer(headers, g_free);
}

/* FALSE when the field is none of our business. */
static gboolean
kind_of(const char *name, struct noted *noted)
{
	if (g_ascii_strncasecmp(name, own_prefix, strlen(own_prefix)) == 0)
		noted->kind = OWN;
	else if (g_ascii_strcasecmp(name, "X-Spam-Flag") == 0 ||
		 g_ascii_strcasecmp(name, "X-Spam-Status") == 0)
		noted->kind = SPAM;
	else if (g_ascii_strcasecmp(name, "Authentication-Results") == 0)
		noted->kind = RESULTS;
	else
		return FALSE;
	return TRUE;
}

/* The first word of the value (RFC 8601 2.2), comments before it left out; a
 * quoted one without its quotes. */
static char *
read_authserv_id(const char *value)
{
	gsize length;

	value += strspn(value, " \t\r\n");
	while (*value == '(') {
		const char *end = strchr(value, ')');

		if (end == NULL)
			return g_strdup("");
		value = end + 1;
		value += strspn(value, " \t\r\n");
	}
	if (*value == '"') {
		value++;
		length = strcspn(value, "\"");
	} else {
		length = strcspn(value, " \t\r\n;(");
	}
	return g_strndup(value, MIN(length, 255));
}

void
headers_note(struct headers *headers, const char *name, const char *value)
{
	struct noted found = { 0 };
	char *lower;
	guint count;

	if (!headers->received && g_ascii_strcasecmp(name, "Received") == 0)
		headers->received = TRUE;
	if (!kind_of(name, &found))
		return;
	lower = g_ascii_strdown(name, -1);
	count = GPOINTER_TO_UINT(g_hash_table_lookup(headers->counts, lower));
	g_hash_table_replace(
	    headers->counts, lower, GUINT_TO_POINTER(count + 1));
	found.name = g_strdup(name);
	found.index = count + 1;
	if (found.kind == RESULTS)
		found.authserv_id = read_authserv_id(value);
	found.below = headers->received;
	headers->forged |= found.kind == OWN;
	g_ptr_array_add(headers->noted, g_memdup2(&found, sizeof(found)));
}

gboolean
headers_forged(const struct headers *headers)
{
	return headers->forged;
}

static gboolean
must_go(const struct noted *noted, const struct headers_plan *plan)
{
	switch (noted->kind) {
	case OWN:
		return TRUE;
	case SPAM:
		return plan->ours && plan->spam_headers;
	case RESULTS:
		return plan->ours && plan->strip_results &&
		       plan->authserv_id != NULL &&
		       (noted->below || g_ascii_strcasecmp(noted->authserv_id,
					    plan->authserv_id) != 0);
	}
	return FALSE;
}

static void
edit_free(gpointer pointer)
{
	struct headers_edit *edit = pointer;

	g_free(edit->name);
	g_free(edit->value);
	g_free(edit);
}

/* Takes the value over. */
static void
push_edit(GPtrArray *edits, const char *name, guint index, char *value)
{
	struct headers_edit *edit = g_new0(struct headers_edit, 1);

	edit->name = g_strdup(name);
	edit->index = index;
	edit->value = value;
	g_ptr_array_add(edits, edit);
}

/* A header value is one line of ASCII, whatever the reasons quote from the
 * message. */
static char *
plain_value(char *value)
{
	for (char *c = value; *c != '\0'; c++) {
		if (!g_ascii_isprint(*c))
			*c = '?';
	}
	if (strlen(value) > VALUE_MOST)
		value[VALUE_MOST] = '\0';
	return value;
}

static char *
spam_status(const struct verdict *verdict)
{
	g_autofree char *brief = verdict_brief(verdict, REASONS);

	return plain_value(g_strdup_printf(
	    "%s, score=%.1f verdict=%s basis=%s%s%s",
	    verdict->class == VERDICT_SPAM ? "Yes" : "No", verdict->score,
	    verdict_word(verdict->class), verdict_basis_word(verdict->basis),
	    *brief != '\0' ? " why=" : "", brief));
}

static void
add_own(GPtrArray *edits, const struct headers_plan *plan)
{
	const struct verdict *verdict = plan->verdict;

	push_edit(edits, "X-Deskgate-Verdict", 0,
	    g_strdup(verdict_word(verdict->class)));
	push_edit(edits, "X-Deskgate-Score", 0,
	    g_strdup_printf("%+.2f", verdict->score));
	push_edit(edits, "X-Deskgate-Id", 0, g_strdup(plan->ids));
	if (!plan->spam_headers)
		return;
	push_edit(edits, "X-Spam-Flag", 0,
	    g_strdup(verdict->class == VERDICT_SPAM ? "YES" : "NO"));
	push_edit(edits, "X-Spam-Status", 0, spam_status(verdict));
}

GPtrArray *
headers_edits(const struct headers *headers, const struct headers_plan *plan)
{
	GPtrArray *edits = g_ptr_array_new_with_free_func(edit_free);

	for (guint i = headers->noted->len; i > 0; i--) {
		const struct noted *noted = headers->noted->pdata[i - 1];

		if (!must_go(noted, plan))
			continue;
		if (edits->len >= HEADERS_MOST) {
			g_ptr_array_unref(edits);
			return NULL;
		}
		push_edit(edits, noted->name, noted->index, NULL);
	}
	if (plan->verdict != NULL)
		add_own(edits, plan);
	return edits;
}
