/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any text as the settings, by the tables of the whole program: each fault
 * names its file, and what has no fault is within its range, with rules that
 * can be made of it.
 */
#include <string.h>

#include "lib/base/owned.h"
#include "lib/mail/message.h"
#include "tickets/http.h"
#include "tickets/lists.h"
#include "tickets/rules.h"
#include "tools/settings.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
check_number(double number, const struct conf_option *option)
{
	if (option->minimum < option->maximum)
		g_assert(
		    number >= option->minimum && number <= option->maximum);
}

/* Whether the value can be had, by its type. */
static void
check_value(
    const struct conf_section *section, const struct conf_option *option)
{
	const char *name = option->name;

	if (!conf_is_set(section, name))
		return;
	switch (option->type) {
	case CONF_INTEGER:
		check_number((double)conf_integer(section, name), option);
		break;
	case CONF_REAL:
		check_number(conf_real(section, name), option);
		break;
	case CONF_SIZE:
		check_number((double)conf_size(section, name), option);
		break;
	case CONF_DURATION:
		check_number((double)conf_duration(section, name), option);
		break;
	case CONF_FLAG:
		(void)conf_flag(section, name);
		break;
	case CONF_DATE:
		(void)conf_date(section, name);
		break;
	case CONF_LIST:
	case CONF_PATTERNS:
		g_assert(conf_list(section, name) != NULL);
		break;
	case CONF_PATH:
		g_assert(g_path_is_absolute(conf_string(section, name)));
		break;
	case CONF_STRING:
	case CONF_CHOICE:
	case CONF_PATTERN:
	default:
		g_assert(conf_string(section, name) != NULL);
		break;
	}
}

static void
check_values(const struct conf *conf, const struct conf_kind *kind)
{
	guint n = *kind->name == '\0' ? 1 : conf_count(conf, kind->name);

	for (guint i = 0; i < n; i++) {
		const struct conf_section *section =
		    *kind->name == '\0' ? conf_global(conf)
					: conf_at(conf, kind->name, i);

		for (guint table = 0; kind->tables[table] != NULL; table++) {
			const struct conf_option *option = kind->tables[table];

			for (; option->name != NULL; option++)
				check_value(section, option);
		}
	}
}

static void
check_rules(const struct conf *conf)
{
	struct rules *rules OWNED(rules_free) = rules_new(conf);
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	struct rule_effects effects OWNED(rule_effects_clear) = { 0 };

	g_assert_cmpuint(rules_count(rules), ==, conf_count(conf, "rule"));
	for (guint i = 0; i < rules_count(rules); i++) {
		g_autofree char *words = rules_effect_words(rules, i);

		g_assert(words != NULL);
		g_ptr_array_add(names, (gpointer)rules_name(rules, i));
	}
	rules_effects(rules, names, &effects);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	struct conf *conf OWNED(conf_free) =
	    conf_parse("f", text, settings_kinds);

	(void)http_url_fault(text, FALSE);
	rules_check(conf);
	lists_check(conf);
	for (guint i = 0; i < conf_faults(conf); i++)
		g_assert_true(g_str_has_prefix(conf_fault(conf, i), "f:"));
	if (conf_faults(conf) > 0)
		return 0;
	for (const struct conf_kind *kind = settings_kinds; kind->name != NULL;
	     kind++)
		check_values(conf, kind);
	check_rules(conf);
	return 0;
}
