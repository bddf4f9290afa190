/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan of a migration: see migrate.h. */
#include "tools/migrate.h"
#include "lib/base/translate.h"

#include <string.h>

#define ITEM_MOST 254 /* bytes of an address, RFC 5321 */

static void
free_item(gpointer data)
{
	struct migrate_item *item = data;

	g_free(item->what);
	g_free(item->text);
	g_free(item->better);
	g_free(item);
}

struct migrate_plan *
migrate_plan_new(
    const struct migrate_kind *kind, const char *path, const char *config)
{
	struct migrate_plan *plan = g_new0(struct migrate_plan, 1);

	plan->kind = kind;
	plan->path = g_strdup(path);
	if (path == NULL && kind->folder != NULL)
		plan->path = g_path_is_absolute(kind->folder)
				 ? g_strdup(kind->folder)
				 : g_build_filename(
				       g_get_home_dir(), kind->folder, NULL);
	plan->config = g_strdup(config);
	plan->items = g_ptr_array_new_with_free_func(free_item);
	plan->allow = g_ptr_array_new_with_free_func(g_free);
	plan->block = g_ptr_array_new_with_free_func(g_free);
	plan->limits = g_string_new(NULL);
	return plan;
}

void
migrate_plan_free(struct migrate_plan **address)
{
	struct migrate_plan *plan = *address;

	if (plan == NULL)
		return;
	g_free(plan->path);
	g_free(plan->config);
	g_free(plan->tag);
	g_ptr_array_unref(plan->items);
	g_ptr_array_unref(plan->allow);
	g_ptr_array_unref(plan->block);
	g_string_free(plan->limits, TRUE);
	g_clear_pointer(address, g_free);
}

void
migrate_note(struct migrate_plan *plan, enum migrate_act act, const char *what,
    const char *better, const char *format, ...)
{
	struct migrate_item *item = g_new0(struct migrate_item, 1);
	va_list args;

	item->act = act;
	item->what = g_strdup(what != NULL ? translate(what) : NULL);
	item->better = g_strdup(better != NULL ? translate(better) : NULL);
	va_start(args, format);
	item->text = g_strdup_vprintf(translate(format), args);
	va_end(args);
	g_ptr_array_add(plan->items, item);
}

const char *
migrate_act_word(enum migrate_act act)
{
	static const char *const words[] = { N_("found"), N_("taken"),
		N_("by hand"), N_("not") };

	return words[act];
}

/* --- lists --- */

/* What may stand in a list, and in double quotes of the settings. */
static gboolean
is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if (!g_ascii_isalnum(*text) && strchr("@.-_+=", *text) == NULL)
			return FALSE;
	return TRUE;
}

static gboolean
is_domain(const char *text)
{
	return *text != '\0' && *text != '.' && strchr(text, '@') == NULL &&
	       strchr(text, '.') != NULL && is_plain(text);
}

char *
migrate_list_item(const char *pattern)
{
	g_autofree char *lower = g_ascii_strdown(pattern, -1);
	const char *at = strchr(lower, '@');

	if (strlen(lower) > ITEM_MOST)
		return NULL;
	if (g_str_has_prefix(lower, "*@*.") && is_domain(lower + 4))
		return g_strdup(lower + 3);
	if (g_str_has_prefix(lower, "*@") && is_domain(lower + 2))
		return g_strdup(lower + 2);
	if (g_str_has_prefix(lower, "*.") && is_domain(lower + 2))
		return g_strdup(lower + 1);
	if (at != NULL && at > lower && is_plain(lower) && is_domain(at + 1))
		return g_steal_pointer(&lower);
	return NULL;
}

static void
add_list(GString *text, const char *name, const GPtrArray *items)
{
	if (items->len == 0)
		return;
	g_string_append_printf(text, "%s = {", name);
	for (guint i = 0; i < items->len; i++)
		g_string_append_printf(text, "%s\n\t\"%s\"", i > 0 ? "," : "",
		    (const char *)items->pdata[i]);
	g_string_append(text, "\n}\n");
}

char *
migrate_settings(const struct migrate_plan *plan)
{
	GString *text;

	if (plan->allow->len + plan->block->len == 0)
		return NULL;
	text = g_string_new(NULL);
	g_string_append_printf(text, "# Lists of %s.\n", plan->kind->name);
	add_list(text, "allow", plan->allow);
	add_list(text, "block", plan->block);
	return g_string_free(text, FALSE);
}

/* --- the rest --- */

json_t *
migrate_json(const struct migrate_plan *plan)
{
	g_autofree char *settings = migrate_settings(plan);
	json_t *items = json_array();

	for (guint i = 0; i < plan->items->len; i++) {
		const struct migrate_item *item = plan->items->pdata[i];

		json_array_append_new(
		    items, json_pack("{s:s, s:s, s:s, s:s*}", "act",
			       migrate_act_word(item->act), "what", item->what,
			       "text", item->text, "better", item->better));
	}
	return json_pack("{s:s, s:o, s:s*}", "kind", plan->kind->name, "items",
	    items, "settings", settings);
}

gboolean
migrate_split(char *line, char **name_r, char **value_r)
{
	char *end;

	line[strcspn(line, "#\r\n")] = '\0';
	line += strspn(line, " \t");
	end = line + strcspn(line, " \t=");
	if (end == line || *end == '\0')
		return FALSE;
	*name_r = line;
	*value_r = end + 1 + strspn(end + 1, " \t=");
	*end = '\0';
	g_strchomp(*value_r);
	return TRUE;
}
