/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The settings as a list in mdoc(7), for the manual page.  What a table says is
 * plain text; here it gets the marks of mdoc, so that no table has to know
 * them, and mandoc -Tlint has nothing to say: a line for each sentence, none of
 * more than 80 columns, nothing at its start that would be taken for a macro.
 */
#include <string.h>

#include "lib/base/conf_private.h"

#define COLUMNS_MOST 76

/* A backslash and the dash mean something to mdoc: a plain dash is set as a
 * hyphen, which nobody can paste into a file. */
static void
append_escaped(GString *out, const char *word)
{
	if (*word == '.' || *word == '\'')
		g_string_append(out, "\\&");
	for (; *word != '\0'; word++) {
		if (*word == '\\')
			g_string_append(out, "\\e");
		else if (*word == '-')
			g_string_append(out, "\\-");
		else
			g_string_append_c(out, *word);
	}
}

/* "end.", "end.)", "end?". */
static gboolean
ends_sentence(const char *word)
{
	gsize length = strlen(word);

	while (length > 0 && strchr(")\"", word[length - 1]) != NULL)
		length--;
	return length > 0 && strchr(".?!", word[length - 1]) != NULL;
}

static void
append_text(GString *out, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	gsize column = 0;

	for (char **word = words; *word != NULL; word++) {
		if (**word == '\0')
			continue;
		if (column + strlen(*word) + 1 > COLUMNS_MOST) {
			g_string_append_c(out, '\n');
			column = 0;
		}
		if (column > 0)
			g_string_append_c(out, ' ');
		append_escaped(out, *word);
		column += strlen(*word) + 1;
		if (ends_sentence(*word)) {
			g_string_append_c(out, '\n');
			column = 0;
		}
	}
	if (column > 0)
		g_string_append_c(out, '\n');
}

/* An argument of a macro, quoted whatever it holds; never taken for a macro
 * itself. */
static void
append_argument(GString *out, const char *text)
{
	g_auto(GStrv) parts = g_strsplit(text, "\"", -1);
	g_autofree char *doubled = g_strjoinv("\"\"", parts);

	g_string_append(out, " \"\\&");
	append_escaped(out, doubled);
	/* What ends a sentence there does not end ours. */
	if (ends_sentence(doubled))
		g_string_append(out, "\\&");
	g_string_append_c(out, '"');
}

/* What stands in the page for a value. */
static const char *
word_of(enum conf_type type)
{
	static const char *const words[] = {
		[CONF_STRING] = "text",
		[CONF_CHOICE] = "word",
		[CONF_INTEGER] = "number",
		[CONF_REAL] = "number",
		[CONF_FLAG] = "yes|no",
		[CONF_SIZE] = "size",
		[CONF_DURATION] = "time",
		[CONF_DATE] = "day",
		[CONF_LIST] = "list",
		[CONF_PATH] = "path",
		[CONF_PATTERN] = "pattern",
		[CONF_PATTERNS] = "patterns",
	};

	return words[type];
}

static void
append_default(GString *out, const struct conf_option *option)
{
	if (option->required) {
		g_string_append(out, "It must be set.\n");
	} else if (option->fallback == NULL) {
		g_string_append(out, "It is not set by default.\n");
	} else if (*option->fallback == '\0') {
		g_string_append(out, "It is empty by default.\n");
	} else {
		g_string_append(out, "The default is\n.Ql");
		append_argument(out, option->fallback);
		g_string_append(out, " .\n");
	}
}

static void
append_option(GString *out, const struct conf_option *option)
{
	g_autofree char *wanted = conf_value_wanted(option);
	g_autofree char *sentence = g_strdup_printf("It is %s.", wanted);

	g_string_append(out, ".It Ic");
	append_argument(out, option->name);
	g_string_append_printf(out, " No = Ar %s\n", word_of(option->type));
	append_text(out, option->help);
	if (option->type != CONF_STRING)
		append_text(out, sentence);
	append_default(out, option);
}

static void
append_kind(GString *out, const struct conf_kind *kind)
{
	if (kind->title == NULL)
		g_string_append(out, ".Ss Settings outside of sections\n");
	else
		g_string_append_printf(out, ".Ss Settings of %s %s\n",
		    strchr("aeio", kind->name[0]) != NULL ? "an" : "a",
		    kind->name);
	append_text(out, kind->help);
	if (kind->title != NULL) {
		g_autofree char *head = g_strdup_printf(
		    "%s \"%s\" { ... }", kind->name, kind->title);

		g_string_append(out, "It is written\n.Ql");
		append_argument(out, head);
		g_string_append(out, " .\n");
	}
	g_string_append(out, ".Bl -tag -width Ds\n");
	for (const struct conf_option *const *table = kind->tables;
	     *table != NULL; table++) {
		for (const struct conf_option *o = *table; o->name != NULL; o++)
			append_option(out, o);
	}
	g_string_append(out, ".El\n");
}

char *
conf_manual(const struct conf_kind *kinds)
{
	GString *out = g_string_new(NULL);

	for (const struct conf_kind *kind = kinds; kind->name != NULL; kind++)
		append_kind(out, kind);
	return g_string_free(out, FALSE);
}
