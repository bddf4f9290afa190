/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names in a file of settings: twice, of old, of two sections. */
#include <string.h>

#include "lib/base/conf_private.h"

const struct conf_mark *
conf_mark_find(const struct conf *conf, const char *kind, const char *title,
    const char *option)
{
	for (guint i = 0; i < conf->marks->len; i++) {
		const struct conf_mark *mark = conf->marks->pdata[i];

		if (strcmp(mark->kind, kind) == 0 &&
		    strcmp(mark->title, title) == 0 &&
		    g_strcmp0(mark->option, option) == 0)
			return mark;
	}
	return NULL;
}

const char *
conf_names_written(struct conf *conf, const struct conf_section *section,
    const struct conf_option *option)
{
	const char *kind = section->kind->name;
	const char *title = section->title != NULL ? section->title : "";
	const struct conf_mark *old =
	    option->was == NULL
		? NULL
		: conf_mark_find(conf, kind, title, option->was);

	if (old == NULL)
		return option->name;
	if (conf_mark_find(conf, kind, title, option->name) != NULL) {
		conf_fault_at(conf, old->path, old->line,
		    "%s is called %s now, which is set too: take this line out",
		    option->was, option->name);
		return option->name;
	}
	g_ptr_array_add(conf->warnings,
	    g_strdup_printf("%s:%u: %s is called %s now; the old name is read "
			    "in this version still",
		old->path, old->line, option->was, option->name));
	return option->was;
}

/* A section by the name of another: that one alone is ever found. */
static void
find_namesakes(struct conf *conf)
{
	for (guint i = 0; i < conf->sections->len; i++) {
		const struct conf_section *section = conf->sections->pdata[i];
		const struct conf_section *first =
		    section->title == NULL
			? section
			: conf_find(conf, section->kind->name, section->title);

		if (first != section)
			conf_fault_at(conf, section->path, section->line,
			    "%s \"%s\" is there already, at %s:%u: capitals "
			    "make no other",
			    section->kind->name, section->title, first->path,
			    first->line);
	}
}

/* The same setting twice in one section: libconfuse takes the last in silence.
 */
static void
find_doubles(struct conf *conf)
{
	for (guint i = 0; i < conf->marks->len; i++) {
		const struct conf_mark *mark = conf->marks->pdata[i];
		const struct conf_mark *first;

		if (mark->option == NULL)
			continue;
		first =
		    conf_mark_find(conf, mark->kind, mark->title, mark->option);
		if (first != mark)
			conf_fault_at(conf, mark->path, mark->line,
			    "%s was set before, at %s:%u", mark->option,
			    first->path, first->line);
	}
}

void
conf_names_check(struct conf *conf)
{
	find_namesakes(conf);
	find_doubles(conf);
}

guint
conf_warnings(const struct conf *conf)
{
	return conf->warnings->len;
}

const char *
conf_warning(const struct conf *conf, guint index)
{
	return conf->warnings->pdata[index];
}
