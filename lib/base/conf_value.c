/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the text of a setting to its value, with the allowed values in the
 * fault.
 */
#include <math.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/conf_private.h"

/* Names further apart than this are not a slip of the finger. */
#define DISTANCE_MOST 3

struct unit {
	const char *name;
	double factor;
};

static const struct unit size_units[] = { { "", 1 }, { "K", 1 << 10 },
	{ "M", 1 << 20 }, { "G", 1 << 30 }, { "T", (double)(1LL << 40) },
	{ NULL, 0 } };
static const struct unit time_units[] = { { "", 1 }, { "s", 1 }, { "m", 60 },
	{ "h", 3600 }, { "d", 86400 }, { NULL, 0 } };
static const struct unit no_units[] = { { "", 1 }, { NULL, 0 } };

gboolean
conf_is_list(enum conf_type type)
{
	return type == CONF_LIST || type == CONF_PATTERNS;
}

static const struct unit *
units_of(enum conf_type type)
{
	if (type == CONF_SIZE)
		return size_units;
	return type == CONF_DURATION ? time_units : no_units;
}

/* "25M" by the units of its type; whole numbers but for reals. */
static gboolean
read_number(const char *text, enum conf_type type, double *number_r)
{
	char *end;
	double number = g_ascii_strtod(text, &end);

	if (end == text || !isfinite(number))
		return FALSE;
	for (const struct unit *unit = units_of(type); unit->name != NULL;
	     unit++) {
		if (g_ascii_strcasecmp(end, unit->name) == 0) {
			*number_r = number * unit->factor;
			return type == CONF_REAL ||
			       *number_r == floor(*number_r);
		}
	}
	return FALSE;
}

/* A number as a person writes it: 26214400 bytes as 25M. */
static char *
write_number(double number, enum conf_type type)
{
	const struct unit *units = units_of(type), *best = units;

	for (const struct unit *unit = units; unit->name != NULL; unit++) {
		if (unit->factor > 1 && number >= unit->factor &&
		    fmod(number, unit->factor) == 0)
			best = unit;
	}
	return g_strdup_printf("%.15g%s", number / best->factor,
	    type == CONF_DURATION && number == 0 ? "s" : best->name);
}

char *
conf_value_wanted(const struct conf_option *option)
{
	g_autofree char *low = write_number(option->minimum, option->type);
	g_autofree char *high = write_number(option->maximum, option->type);
	g_auto(GStrv) choices = NULL;
	g_autofree char *list = NULL;

	switch (option->type) {
	case CONF_INTEGER:
		return g_strdup_printf(
		    "a whole number from %s to %s", low, high);
	case CONF_REAL:
		return g_strdup_printf("a number from %s to %s", low, high);
	case CONF_SIZE:
		return g_strdup_printf(
		    "a size from %s to %s (units K, M, G, T)", low, high);
	case CONF_DURATION:
		return g_strdup_printf(
		    "a time from %s to %s (units s, m, h, d)", low, high);
	case CONF_DATE:
		return g_strdup("a day: 2027-01-31");
	case CONF_FLAG:
		return g_strdup("yes or no");
	case CONF_CHOICE:
		choices = g_strsplit(option->choices, "|", -1);
		list = g_strjoinv(", ", choices);
		return g_strdup_printf("one of: %s", list);
	case CONF_PATH:
		return g_strdup("an absolute path");
	case CONF_LIST:
		return g_strdup("a list: { \"a\", \"b\" }");
	case CONF_PATTERN:
		return g_strdup("a regular expression in 'single quotes'");
	case CONF_PATTERNS:
		return g_strdup(
		    "a list of patterns in single quotes: { 'a', 'b' }");
	case CONF_STRING:
		break;
	}
	return g_strdup("a text");
}

static gboolean
read_flag(const char *word, double *number_r)
{
	static const char *const words[] = { "no", "yes", "false", "true",
		"off", "on" };

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
		if (g_ascii_strcasecmp(word, words[i]) == 0) {
			*number_r = i % 2;
			return TRUE;
		}
	}
	return FALSE;
}

static gboolean
read_date(const char *word, double *number_r)
{
	gint64 seconds;

	if (!clock_parse_day(word, &seconds))
		return FALSE;
	*number_r = (double)seconds;
	return TRUE;
}

static gboolean
is_choice(const char *word, const char *choices)
{
	g_auto(GStrv) list = g_strsplit(choices, "|", -1);

	return g_strv_contains((const char *const *)list, word);
}

static gboolean
read_word(struct conf_value *value, const char *word)
{
	const struct conf_option *option = value->option;

	switch (option->type) {
	case CONF_INTEGER:
	case CONF_REAL:
	case CONF_SIZE:
	case CONF_DURATION:
		return read_number(word, option->type, &value->number) &&
		       value->number >= option->minimum &&
		       value->number <= option->maximum;
	case CONF_DATE:
		return read_date(word, &value->number);
	case CONF_FLAG:
		return read_flag(word, &value->number);
	case CONF_CHOICE:
		return is_choice(word, option->choices);
	case CONF_PATH:
		return g_path_is_absolute(word);
	case CONF_STRING:
	case CONF_LIST:
	case CONF_PATTERN:
	case CONF_PATTERNS:
		break;
	}
	return g_utf8_validate(word, -1, NULL);
}

gboolean
conf_value_read(struct conf_value *value, char **why_r)
{
	for (char **word = value->words; word != NULL && *word != NULL;
	     word++) {
		if (!read_word(value, *word)) {
			g_autofree char *wanted =
			    conf_value_wanted(value->option);

			*why_r = g_strdup_printf(
			    "%s = \"%s\" is not allowed; it is %s",
			    value->option->name, *word, wanted);
			return FALSE;
		}
	}
	return TRUE;
}

const struct conf_option *
conf_option_find(const struct conf_kind *kind, const char *name)
{
	for (const struct conf_option *const *table = kind->tables;
	     *table != NULL; table++) {
		for (const struct conf_option *o = *table; o->name != NULL;
		     o++) {
			if (strcmp(o->name, name) == 0)
				return o;
		}
	}
	return NULL;
}

/* Levenshtein's distance of two short words. */
static guint
distance(const char *a, const char *b)
{
	gsize n = strlen(b);
	g_autofree guint *row = g_new(guint, n + 1);

	for (gsize j = 0; j <= n; j++)
		row[j] = j;
	for (gsize i = 1; a[i - 1] != '\0'; i++) {
		guint corner = row[0];

		row[0] = i;
		for (gsize j = 1; j <= n; j++) {
			guint up = row[j];
			guint swap = corner + (a[i - 1] != b[j - 1]);

			row[j] = MIN(MIN(up, row[j - 1]) + 1, swap);
			corner = up;
		}
	}
	return row[n];
}

const char *
conf_option_nearest(const struct conf_kind *kind, const char *name)
{
	const char *best = NULL;
	/* A short name allows fewer slips. */
	guint least = MIN(strlen(name) / 3, DISTANCE_MOST) + 1;

	for (const struct conf_option *const *table = kind->tables;
	     *table != NULL; table++) {
		for (const struct conf_option *o = *table; o->name != NULL;
		     o++) {
			guint apart = strlen(name) > 64
					  ? G_MAXUINT
					  : distance(name, o->name);

			if (apart < least) {
				least = apart;
				best = o->name;
			}
		}
	}
	return best;
}
