/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chain of milters, taken apart. */
#include "tools/milter_chain.h"

#include <string.h>

#define BETWEEN ", \t\r\n"

/* Behind the element that begins here: at a brace, its partner. */
static const char *
end_of(const char *at)
{
	guint depth = 0;

	if (*at != '{')
		return at + strcspn(at, BETWEEN);
	for (; *at != '\0'; at++) {
		if (*at == '{')
			depth++;
		else if (*at == '}' && --depth == 0)
			return at + 1;
	}
	return at;
}

GPtrArray *
milter_chain_split(const char *value)
{
	GPtrArray *elements = g_ptr_array_new_with_free_func(g_free);

	for (value += strspn(value, BETWEEN); *value != '\0';
	     value += strspn(value, BETWEEN)) {
		const char *end = end_of(value);

		g_ptr_array_add(elements, g_strndup(value, end - value));
		value = end;
	}
	return elements;
}

/* What stands in the braces, or the element itself. */
static GPtrArray *
inside(const char *element)
{
	gsize length = strlen(element);
	g_autofree char *bare = NULL;

	if (*element != '{')
		return milter_chain_split(element);
	bare = g_strndup(
	    element + 1, length - (element[length - 1] == '}' ? 2 : 1));
	return milter_chain_split(bare);
}

char *
milter_chain_address(const char *element)
{
	g_autoptr(GPtrArray) words = inside(element);

	return g_strdup(words->len > 0 ? words->pdata[0] : "");
}

char *
milter_chain_setting(const char *element, const char *name)
{
	g_autoptr(GPtrArray) words = inside(element);
	gsize length = strlen(name);

	for (guint i = 1; i < words->len; i++) {
		const char *word = words->pdata[i];

		if (strncmp(word, name, length) == 0 && word[length] == '=')
			return g_strdup(word + length + 1);
	}
	return NULL;
}

char *
milter_chain_socket(const char *socket, const char *queue)
{
	const char *at = strchr(socket, '@'), *path = strchr(socket, ':');
	gsize length = strlen(queue);

	path = path != NULL ? path + 1 : socket;
	if (g_str_has_prefix(socket, "inet") && at != NULL) {
		gboolean six = g_str_has_prefix(socket, "inet6:");

		return g_strdup_printf("inet:%s%s%s:%.*s", six ? "[" : "",
		    at + 1, six ? "]" : "", (int)(at - path), path);
	}
	if (strncmp(path, queue, length) == 0 && path[length] == '/')
		return g_strdup_printf("unix:%s", path + length + 1);
	return g_strdup_printf("unix:%s", path);
}
