/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where each setting stands: libconfuse keeps values, not lines, and hides how
 * a value was quoted.  This reads the same text once more, for places only.
 */
#include <string.h>

#include "lib/base/conf_private.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_SINGLE,
	TOKEN_DOUBLE,
	TOKEN_MARK
};

struct token {
	enum token_kind kind;
	char *text;
	guint line;
};

struct scan {
	const char *at;
	guint line;
	const char *path;
	GPtrArray *marks;
	char *kind, *title; /* of the section we are in */
};

void
conf_mark_free(struct conf_mark *mark)
{
	g_free(mark->kind);
	g_free(mark->title);
	g_free(mark->option);
	g_free(mark);
}

/* Goes behind `end`, counting lines; to the end of the text when it is not
 * found. */
static void
skip_past(struct scan *scan, const char *end)
{
	const char *found = strstr(scan->at, end);
	const char *to =
	    found != NULL ? found + strlen(end) : scan->at + strlen(scan->at);

	for (; scan->at < to; scan->at++)
		scan->line += *scan->at == '\n';
}

static void
skip_blanks(struct scan *scan)
{
	for (;;) {
		if (*scan->at == '#' || g_str_has_prefix(scan->at, "//"))
			skip_past(scan, "\n");
		else if (g_str_has_prefix(scan->at, "/*"))
			skip_past(scan, "*/");
		else if (*scan->at != '\0' && g_ascii_isspace(*scan->at))
			scan->line += *scan->at++ == '\n';
		else
			return;
	}
}

static char *
read_string(struct scan *scan)
{
	char quote = *scan->at++;
	GString *text = g_string_new(NULL);

	for (; *scan->at != '\0' && *scan->at != quote; scan->at++) {
		if (*scan->at == '\\' && scan->at[1] != '\0')
			scan->at++;
		scan->line += *scan->at == '\n';
		g_string_append_c(text, *scan->at);
	}
	if (*scan->at == quote)
		scan->at++;
	return g_string_free(text, FALSE);
}

static struct token
next_token(struct scan *scan)
{
	struct token token = { .kind = TOKEN_END };
	gsize length;

	skip_blanks(scan);
	token.line = scan->line;
	if (*scan->at == '\0')
		return token;
	if (*scan->at == '"' || *scan->at == '\'') {
		token.kind = *scan->at == '"' ? TOKEN_DOUBLE : TOKEN_SINGLE;
		token.text = read_string(scan);
		return token;
	}
	length = strcspn(scan->at, " \t\r\n\"'={}(),+#");
	token.kind = length > 0 ? TOKEN_WORD : TOKEN_MARK;
	length = MAX(length, 1);
	token.text = g_strndup(scan->at, length);
	scan->at += length;
	return token;
}

static struct conf_mark *
add_mark(struct scan *scan, const char *option, guint line)
{
	struct conf_mark *mark = g_new0(struct conf_mark, 1);

	mark->kind = g_strdup(scan->kind);
	mark->title = g_strdup(scan->title);
	mark->option = g_strdup(option);
	mark->path = scan->path;
	mark->line = line;
	g_ptr_array_add(scan->marks, mark);
	return mark;
}

static void
enter(struct scan *scan, const char *kind, const char *title)
{
	g_free(scan->kind);
	g_free(scan->title);
	scan->kind = g_strdup(kind);
	scan->title = g_strdup(title);
}

/* Behind "name =": the value, with its list when it is one. */
static void
scan_value(struct scan *scan, const struct token *name)
{
	struct conf_mark *mark = add_mark(scan, name->text, name->line);
	struct token token = next_token(scan);
	gboolean list = token.kind == TOKEN_MARK && *token.text == '{';

	if (token.kind == TOKEN_MARK && *token.text == '=') {
		g_free(token.text); /* "+=" */
		token = next_token(scan);
	}
	mark->double_quoted = token.kind == TOKEN_DOUBLE;
	while (list && token.kind != TOKEN_END &&
	       !(token.kind == TOKEN_MARK && *token.text == '}')) {
		g_free(token.text);
		token = next_token(scan);
		mark->double_quoted |= token.kind == TOKEN_DOUBLE;
	}
	g_free(token.text);
}

static void
scan_mark(struct scan *scan, const struct token *name,
    const struct token *title, char mark)
{
	const struct token *option = title->kind == TOKEN_WORD ? title : name;

	if ((mark == '=' || mark == '+') && option->kind == TOKEN_WORD) {
		scan_value(scan, option);
	} else if (mark == '{' && name->kind == TOKEN_WORD) {
		enter(scan, name->text, title->text != NULL ? title->text : "");
		add_mark(scan, NULL, name->line);
	} else if (mark == '}') {
		enter(scan, "", "");
	}
}

void
conf_scan(const char *path, const char *text, GPtrArray *marks)
{
	struct scan scan = { text, 1, path, marks, g_strdup(""), g_strdup("") };
	struct token name = { 0 }, title = { 0 }, token;

	while ((token = next_token(&scan)).kind != TOKEN_END) {
		if (token.kind == TOKEN_MARK) {
			scan_mark(&scan, &name, &title, *token.text);
			g_clear_pointer(&token.text, g_free);
			g_clear_pointer(&name.text, g_free);
			g_clear_pointer(&title.text, g_free);
			name = title = (struct token){ 0 };
		} else if (name.kind == TOKEN_END) {
			name = token;
		} else {
			/* A stray word before them is not theirs. */
			if (title.kind != TOKEN_END) {
				g_free(name.text);
				name = title;
			}
			title = token;
		}
	}
	g_free(name.text);
	g_free(title.text);
	g_free(scan.kind);
	g_free(scan.title);
}
