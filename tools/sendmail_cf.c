/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sendmail.cf: a line is what its first letter says; X is a mail filter, O an
 * option. */
#include "tools/sendmail_cf.h"

#include <string.h>

char *
sendmail_cf_option(const char *cf, const char *name)
{
	g_autofree char *head = g_strdup_printf("O %s=", name);
	g_auto(GStrv) lines = g_strsplit(cf, "\n", -1);

	for (char **line = lines; *line != NULL; line++) {
		if (g_str_has_prefix(*line, head))
			return g_strstrip(g_strdup(*line + strlen(head)));
	}
	return NULL;
}

char *
sendmail_cf_last_filter(const char *cf)
{
	g_autofree char *chain = sendmail_cf_option(cf, "InputMailFilters");
	g_auto(GStrv) names =
	    g_strsplit_set(chain != NULL ? chain : "", ", ", -1);
	const char *last = "";

	for (char **name = names; *name != NULL; name++) {
		if (**name != '\0')
			last = *name;
	}
	return g_strdup(last);
}

static gboolean
has_filter(const char *cf, const char *name)
{
	g_autofree char *chain = sendmail_cf_option(cf, "InputMailFilters");
	g_auto(GStrv) names =
	    g_strsplit_set(chain != NULL ? chain : "", ", ", -1);

	return g_strv_contains((const char *const *)names, name);
}

/* One field of "Xdeskgate, S=unix:/run/..., F=T, T=S:10s"; "" without it. */
static const char *
field_of(char *const *fields, const char *head)
{
	for (; *fields != NULL; fields++) {
		if (g_str_has_prefix(*fields, head))
			return *fields + strlen(head);
	}
	return "";
}

/* "local" is another word for "unix". */
static gboolean
is_same_socket(const char *at, const char *socket)
{
	if (g_str_has_prefix(at, "local:"))
		return g_str_has_prefix(socket, "unix:") &&
		       strcmp(at + strlen("local:"),
			   socket + strlen("unix:")) == 0;
	return strcmp(at, socket) == 0;
}

void
sendmail_cf_place(
    const char *cf, const char *socket, struct milter_place *place_r)
{
	g_auto(GStrv) lines = g_strsplit(cf, "\n", -1);
	g_autofree char *last = sendmail_cf_last_filter(cf);

	*place_r = (struct milter_place){ 0 };
	for (char **line = lines; *line != NULL; line++) {
		g_auto(GStrv) fields = g_strsplit(*line, ",", -1);

		if ((*line)[0] != 'X' || fields[0] == NULL)
			continue;
		for (char **field = fields; *field != NULL; field++)
			g_strstrip(*field);
		if (!is_same_socket(field_of(fields + 1, "S="), socket) ||
		    !has_filter(cf, fields[0] + 1))
			continue;
		place_r->there = TRUE;
		place_r->waits = strcmp(field_of(fields + 1, "F="), "T") == 0;
		place_r->last = strcmp(fields[0] + 1, last) == 0;
	}
}

static char *
bare(const char *cf)
{
	GString *text = g_string_new(NULL);
	g_auto(GStrv) lines = g_strsplit(cf, "\n", -1);

	for (char **line = lines; *line != NULL; line++) {
		if (**line != '#')
			g_string_append_printf(text, "%s\n", *line);
	}
	return g_string_free(text, FALSE);
}

gboolean
sendmail_cf_same(const char *a, const char *b)
{
	g_autofree char *left = bare(a), *right = bare(b);

	return strcmp(left, right) == 0;
}

/* "Name=MTA, Port=smtp, Addr=127.0.0.1" */
char *
sendmail_cf_entrance(const char *cf)
{
	g_autofree char *text = sendmail_cf_option(cf, "DaemonPortOptions");
	g_auto(GStrv) words = g_strsplit(text != NULL ? text : "", ",", -1);
	const char *port = "25", *host = "127.0.0.1";

	for (char **word = words; *word != NULL; word++) {
		g_strstrip(*word);
		if (g_str_has_prefix(*word, "Port="))
			port = *word + strlen("Port=");
		else if (g_str_has_prefix(*word, "Addr="))
			host = *word + strlen("Addr=");
	}
	if (strcmp(port, "smtp") == 0)
		port = "25";
	return g_strdup_printf("%s:%s", host, port);
}
