/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The text format is told in "Exposition formats" of Prometheus' documentation:
 * lines end with \n alone, the last too; in HELP a backslash and a line end
 * are escaped, in a label's value the quote too; NaN and Inf have these names.
 */
#include "lib/base/exposition.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

json_t *
exposition_new(void)
{
	return json_array();
}

json_t *
exposition_family(
    json_t *page, const char *name, const char *type, const char *help)
{
	json_t *family = json_pack("{s:s, s:s, s:s, s:[]}", "name", name,
	    "type", type, "help", help, "samples");

	json_array_append_new(page, family);
	return family;
}

void
exposition_add_labelled(
    json_t *family, const char *suffix, json_t *labels, double value)
{
	json_t *sample = json_object();

	if (suffix != NULL)
		json_object_set_new(sample, "suffix", json_string(suffix));
	json_object_set_new(sample, "labels", labels);
	/* JSON has no NaN and no Inf: such a value is not known, and none. */
	json_object_set_new(
	    sample, "value", isfinite(value) ? json_real(value) : json_null());
	json_array_append_new(json_object_get(family, "samples"), sample);
}

void
exposition_add(json_t *family, double value, ...)
{
	json_t *labels = json_object();
	const char *name;
	va_list list;

	va_start(list, value);
	while ((name = va_arg(list, const char *)) != NULL) {
		g_autofree char *text =
		    g_utf8_make_valid(va_arg(list, const char *), -1);

		json_object_set_new(labels, name, json_string(text));
	}
	va_end(list);
	exposition_add_labelled(family, NULL, labels, value);
}

static void
append_escaped(GString *text, const char *plain, gboolean quoted)
{
	for (; *plain != '\0'; plain++) {
		if (*plain == '\n')
			g_string_append(text, "\\n");
		else if (*plain == '\\' || (quoted && *plain == '"'))
			g_string_append_printf(text, "\\%c", *plain);
		else
			g_string_append_c(text, *plain);
	}
}

static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static void
append_labels(GString *text, json_t *labels)
{
	gboolean first = TRUE;
	const char *name;
	json_t *value;

	json_object_foreach(labels, name, value)
	{
		g_string_append_printf(
		    text, "%s%s=\"", first ? "{" : ",", name);
		append_escaped(text, json_string_value(value), TRUE);
		g_string_append_c(text, '"');
		first = FALSE;
	}
	if (!first)
		g_string_append_c(text, '}');
}

static void
append_sample(GString *text, const char *name, const json_t *sample)
{
	const json_t *value = json_object_get(sample, "value");
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append_printf(text, "%s%s", name, text_of(sample, "suffix"));
	append_labels(text, json_object_get(sample, "labels"));
	g_ascii_formatd(
	    number, sizeof(number), "%.15g", json_number_value(value));
	g_string_append_printf(
	    text, " %s\n", json_is_null(value) ? "NaN" : number);
}

char *
exposition_text(const json_t *page)
{
	GString *text = g_string_new(NULL);
	const json_t *family, *sample;
	size_t i, j;

	json_array_foreach(page, i, family)
	{
		const json_t *samples = json_object_get(family, "samples");
		const char *name = text_of(family, "name");

		if (json_array_size(samples) == 0)
			continue;
		g_string_append_printf(text, "# HELP %s ", name);
		append_escaped(text, text_of(family, "help"), FALSE);
		g_string_append_printf(
		    text, "\n# TYPE %s %s\n", name, text_of(family, "type"));
		json_array_foreach(samples, j, sample)
		    append_sample(text, name, sample);
	}
	return g_string_free(text, FALSE);
}

static gboolean
has_label(const json_t *sample, const char *label, const char *value)
{
	const json_t *labels = json_object_get(sample, "labels");

	if (json_object_get(sample, "suffix") != NULL)
		return FALSE;
	return label == NULL || strcmp(text_of(labels, label), value) == 0;
}

double
exposition_sum(
    const json_t *page, const char *name, const char *label, const char *value)
{
	const json_t *family, *sample;
	double sum = 0;
	size_t i, j;

	json_array_foreach(page, i, family)
	{
		if (strcmp(text_of(family, "name"), name) != 0)
			continue;
		json_array_foreach(json_object_get(family, "samples"), j,
		    sample) if (has_label(sample, label, value)) sum +=
		    json_number_value(json_object_get(sample, "value"));
	}
	return sum;
}
