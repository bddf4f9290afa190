/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message that is one text, as it stands: most of the mail that people write.
 * It needs no MIME parser, so none sees it, which saves more than a tenth of
 * what scoring it costs.  Only what can be read in one way is taken here, all
 * else is left to GMime (message.c), and both give the same.
 */
#include <string.h>

#include "lib/mail/message_private.h"

#define CHARSET_MOST 64

/* Signs of a word that need no quotes and have no meaning of their own. */
static const char word_signs[] = "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789-_.+";
static const char blanks[] = " \t\r\n";

/* The raw value of the first field of this name, behind its blanks, or NULL. */
static const char *
first_value(const struct message *message, const char *name)
{
	gint index = message_find_field(message, name);
	const char *value =
	    index >= 0 ? message_header_raw(message, index) : NULL;

	return value != NULL ? value + strspn(value, blanks) : NULL;
}

/* The field is not there, or is one of these words and nothing else. */
static gboolean
says_nothing(
    const struct message *message, const char *name, const char *const *words)
{
	const char *value = first_value(message, name);

	if (value == NULL)
		return TRUE;
	for (; *words != NULL; words++) {
		gsize length = strlen(*words);

		if (g_ascii_strncasecmp(value, *words, length) == 0 &&
		    value[length + strspn(value + length, blanks)] == '\0')
			return TRUE;
	}
	return FALSE;
}

/* Takes one "; name=value" off *at; a charset goes to *charset_r. */
static gboolean
take_parameter(const char **at, char **charset_r)
{
	const char *name = *at + 1 + strspn(*at + 1, blanks), *value;
	gsize name_length = strspn(name, word_signs), length;
	gboolean quoted =
	    name[name_length] == '=' && name[name_length + 1] == '"';

	if (**at != ';' || name_length == 0 || name[name_length] != '=')
		return FALSE;
	value = name + name_length + 1 + quoted;
	length = strspn(value, word_signs);
	if (length == 0 || length > CHARSET_MOST ||
	    (quoted && value[length] != '"'))
		return FALSE;
	*at = value + length + quoted;
	*at += strspn(*at, blanks);
	if (name_length != strlen("charset") ||
	    g_ascii_strncasecmp(name, "charset", name_length) != 0)
		return TRUE;
	if (*charset_r != NULL)
		return FALSE;
	*charset_r = g_ascii_strdown(value, (gssize)length);
	return TRUE;
}

/* Whether the value is a kind of text that a person reads, with parameters that
 * say no more than its charset; *html_r is HTML. */
static gboolean
read_content_type(const char *value, gboolean *html_r, char **charset_r)
{
	static const char plain[] = "text/plain", html[] = "text/html";

	*html_r = g_ascii_strncasecmp(value, html, strlen(html)) == 0;
	if (!*html_r && g_ascii_strncasecmp(value, plain, strlen(plain)) != 0)
		return FALSE;
	value += strlen(*html_r ? html : plain);
	value += strspn(value, blanks);
	while (*value != '\0') {
		if (!take_parameter(&value, charset_r))
			return FALSE;
	}
	return TRUE;
}

gboolean
message_read_single(struct message *message)
{
	static const char *const plain[] = { "7bit", "8bit", NULL };
	static const char *const shown[] = { "inline", NULL };
	static const char *const none[] = { NULL };
	const char *type = first_value(message, "Content-Type");
	g_autofree char *charset = NULL;
	gboolean html = FALSE;
	struct leaf *leaf;

	if (!says_nothing(message, "Content-Transfer-Encoding", plain) ||
	    !says_nothing(message, "Content-Disposition", shown) ||
	    !says_nothing(message, "Content-ID", none) ||
	    (type != NULL && (strcasestr(type, "name") != NULL ||
				 !read_content_type(type, &html, &charset))))
		return FALSE;
	leaf = g_new0(struct leaf, 1);
	leaf->part.type = g_strdup(html ? "text/html" : "text/plain");
	leaf->part.charset = g_steal_pointer(&charset);
	leaf->bytes = message->data + message->raw.body_start;
	leaf->length = message->raw.usable - message->raw.body_start;
	message->hint = leaf->part.charset;
	g_ptr_array_add(message->leaves, leaf);
	return TRUE;
}
