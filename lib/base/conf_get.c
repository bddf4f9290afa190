/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading a conf that has been loaded, its faults, and the sample file made
 * from the tables.
 */
#include <string.h>

#include "lib/base/conf_private.h"
#include "lib/base/translate.h"

guint
conf_faults(const struct conf *conf)
{
	return conf->faults->len;
}

const char *
conf_fault(const struct conf *conf, guint index)
{
	return conf->faults->pdata[index];
}

const char *
conf_sum(const struct conf *conf)
{
	return g_checksum_get_string(conf->sum);
}

const struct conf_section *
conf_global(const struct conf *conf)
{
	return conf->sections->pdata[0];
}

static gboolean
is_kind(const struct conf_section *section, const char *kind)
{
	return strcmp(section->kind->name, kind) == 0;
}

guint
conf_count(const struct conf *conf, const char *kind)
{
	guint count = 0;

	for (guint i = 0; i < conf->sections->len; i++)
		count += is_kind(conf->sections->pdata[i], kind);
	return count;
}

const struct conf_section *
conf_at(const struct conf *conf, const char *kind, guint index)
{
	for (guint i = 0; i < conf->sections->len; i++) {
		if (is_kind(conf->sections->pdata[i], kind) && index-- == 0)
			return conf->sections->pdata[i];
	}
	return NULL;
}

const struct conf_section *
conf_find(const struct conf *conf, const char *kind, const char *title)
{
	for (guint i = 0; i < conf->sections->len; i++) {
		const struct conf_section *section = conf->sections->pdata[i];

		if (is_kind(section, kind) && section->title != NULL &&
		    g_ascii_strcasecmp(section->title, title) == 0)
			return section;
	}
	return NULL;
}

const char *
conf_title(const struct conf_section *section)
{
	return section->title;
}

static const struct conf_value *
value_of(const struct conf_section *section, const char *name)
{
	const struct conf_value *value =
	    g_hash_table_lookup(section->values, name);

	if (value == NULL)
		g_error("there is no setting \"%s\" in any table", name);
	return value;
}

const char *
conf_string(const struct conf_section *section, const char *name)
{
	const struct conf_value *value = value_of(section, name);

	return value->words != NULL ? value->words[0] : NULL;
}

gint64
conf_integer(const struct conf_section *section, const char *name)
{
	return value_of(section, name)->number;
}

double
conf_real(const struct conf_section *section, const char *name)
{
	return value_of(section, name)->number;
}

gboolean
conf_flag(const struct conf_section *section, const char *name)
{
	return value_of(section, name)->number != 0;
}

guint64
conf_size(const struct conf_section *section, const char *name)
{
	return value_of(section, name)->number;
}

gint64
conf_duration(const struct conf_section *section, const char *name)
{
	return value_of(section, name)->number;
}

gint64
conf_date(const struct conf_section *section, const char *name)
{
	return value_of(section, name)->number;
}

const char *const *
conf_list(const struct conf_section *section, const char *name)
{
	static const char *const none[] = { NULL };
	const struct conf_value *value = value_of(section, name);

	return value->words != NULL ? (const char *const *)value->words : none;
}

gboolean
conf_is_set(const struct conf_section *section, const char *name)
{
	return value_of(section, name)->set;
}

void
conf_add_fault(struct conf *conf, const struct conf_section *section,
    const char *option, const char *format, ...)
{
	const struct conf_value *value =
	    option != NULL ? value_of(section, option) : NULL;
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(translate(format), args);
	va_end(args);
	conf_fault_at(conf, value != NULL ? value->path : section->path,
	    value != NULL ? value->line : section->line, "%s", text);
}

/* --- the sample file --- */

/* `text` as comment lines of at most 76 columns. */
static void
append_comment(GString *out, const char *indent, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	gsize column = 0;

	for (char **word = words; *word != NULL; word++) {
		if (column == 0 || column + strlen(*word) + 1 > 76) {
			g_string_append_printf(
			    out, "%s%s#", column > 0 ? "\n" : "", indent);
			column = strlen(indent) + 1;
		}
		g_string_append_printf(out, " %s", *word);
		column += strlen(*word) + 1;
	}
	g_string_append_c(out, '\n');
}

static void
append_assignment(GString *out, const char *indent, const struct conf_option *o)
{
	g_auto(GStrv) words =
	    o->fallback != NULL ? g_strsplit(o->fallback, ",", -1) : NULL;
	g_autofree char *list = NULL;

	g_string_append_printf(out, "%s#%s = ", indent, o->name);
	if (conf_is_list(o->type)) {
		list = words != NULL && words[0] != NULL
			   ? g_strjoinv("\", \"", words)
			   : NULL;
		g_string_append_printf(
		    out, list != NULL ? "{ \"%s\" }\n" : "{ }\n", list);
		return;
	}
	if (o->type == CONF_PATTERN)
		g_string_append_printf(
		    out, "'%s'\n", o->fallback != NULL ? o->fallback : "");
	else if (o->type == CONF_STRING || o->type == CONF_PATH ||
		 o->fallback == NULL)
		g_string_append_printf(
		    out, "\"%s\"\n", o->fallback != NULL ? o->fallback : "");
	else
		g_string_append_printf(out, "%s\n", o->fallback);
}

static void
append_kind(GString *out, const struct conf_kind *kind, const char *indent)
{
	for (const struct conf_option *const *table = kind->tables;
	     *table != NULL; table++) {
		for (const struct conf_option *o = *table; o->name != NULL;
		     o++) {
			g_autofree char *wanted = conf_value_wanted(o);

			append_comment(out, indent, o->help);
			g_string_append_printf(out, "%s# It is %s%s.\n", indent,
			    wanted, o->required ? "; it must be set" : "");
			append_assignment(out, indent, o);
			g_string_append_c(out, '\n');
		}
	}
}

char *
conf_sample(const struct conf_kind *kinds)
{
	GString *out = g_string_new(
	    "# Settings of Deskgate: every one there is, with its default.\n"
	    "# Take the # away before one to change it. See "
	    "deskgate.conf(5).\n\n");

	append_kind(out, kinds, "");
	for (const struct conf_kind *kind = kinds + 1; kind->name != NULL;
	     kind++) {
		append_comment(out, "", kind->help);
		g_string_append_printf(
		    out, "#%s \"%s\" {\n", kind->name, kind->title);
		append_kind(out, kind, "\t");
		g_string_append(out, "#}\n\n");
	}
	return g_string_free(out, FALSE);
}
