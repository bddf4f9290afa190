/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Outlook marks where the answered message begins and closes nothing; all
 * others put it into an element of its own.  Gmail's div "gmail_quote" is no
 * mark: who answers between the lines writes within it.
 */
#include "lib/mail/html_mark.h"

#include <string.h>

struct known {
	const char *word;
	enum html_mark_kind kind;
};

static const struct known ids[] = {
	{ "divRplyFwdMsg", HTML_MARK_REST }, /* Outlook on the web */
	{ "appendonsend", HTML_MARK_REST },
	{ "stopSpelling", HTML_MARK_REST },         /* Hotmail */
	{ "OLK_SRC_BODY_SECTION", HTML_MARK_REST }, /* Outlook for Mac */
	{ "mail-editor-reference-message-container", HTML_MARK_REST },
};

static const struct known classes[] = {
	{ "gmail_attr", HTML_MARK_INTRO },
	{ "moz-cite-prefix", HTML_MARK_INTRO },
	{ "yahoo_quoted", HTML_MARK_QUOTE },
	{ "protonmail_quote", HTML_MARK_QUOTE },
	{ "tutanota_quote", HTML_MARK_QUOTE },
	{ "zmail_extra", HTML_MARK_QUOTE },
};

static gboolean
find_id(const char *id, enum html_mark_kind *kind_r)
{
	/* Outlook prefixes those of what is answered: "x_divRplyFwdMsg". */
	while (g_str_has_prefix(id, "x_"))
		id += 2;
	for (gsize i = 0; i < G_N_ELEMENTS(ids); i++) {
		if (strcmp(id, ids[i].word) == 0) {
			*kind_r = ids[i].kind;
			return TRUE;
		}
	}
	return FALSE;
}

/* One of the words of a class attribute. */
static gboolean
has_class(const char *class, const char *word)
{
	gsize length = strlen(word);

	for (const char *at = class; (at = strstr(at, word)) != NULL; at++) {
		gboolean starts = at == class || g_ascii_isspace(at[-1]);

		if (starts &&
		    (at[length] == '\0' || g_ascii_isspace(at[length])))
			return TRUE;
	}
	return FALSE;
}

static gboolean
find_class(const char *class, enum html_mark_kind *kind_r)
{
	for (gsize i = 0; i < G_N_ELEMENTS(classes); i++) {
		if (has_class(class, classes[i].word)) {
			*kind_r = classes[i].kind;
			return TRUE;
		}
	}
	return FALSE;
}

/* Outlook's line above "From:": a border at the top, three points of padding.
 */
static gboolean
is_outlook_line(const char *style)
{
	const char *border = strstr(style, "border-top:solid #");

	return border != NULL && strstr(border, "padding:3.0pt 0") != NULL;
}

static gboolean
is_quote(const struct html_mark_hints *hints)
{
	return (hints->type != NULL &&
		   g_ascii_strcasecmp(hints->type, "cite") == 0) ||
	       (hints->class != NULL && has_class(hints->class, "gmail_quote"));
}

gboolean
html_mark_find(const char *tag, const struct html_mark_hints *hints,
    enum html_mark_kind *kind_r)
{
	*kind_r = HTML_MARK_QUOTE;
	if (strcmp(tag, "blockquote") == 0 && is_quote(hints))
		return TRUE;
	if (hints->id != NULL && find_id(hints->id, kind_r))
		return TRUE;
	if (hints->class != NULL && find_class(hints->class, kind_r))
		return TRUE;
	*kind_r = HTML_MARK_REST;
	return hints->style != NULL && strcmp(tag, "div") == 0 &&
	       is_outlook_line(hints->style);
}
