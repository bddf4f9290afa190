/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what postconf prints to values. */
#include "tools/postfix_facts.h"

#include <string.h>

struct postfix_facts {
	GHashTable *raw, *expanded; /* name => value */
	GHashTable *overrides, *expanded_overrides;
	GPtrArray *services;
};

static void
service_free(gpointer pointer)
{
	struct postfix_service *service = pointer;

	g_free(service->name);
	g_free(service->type);
	g_free(service->command);
	g_free(service->line);
	g_free(service);
}

/* Lines "NAME = VALUE". */
static GHashTable *
read_settings(const char *text)
{
	GHashTable *table =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line != NULL; line++) {
		const char *is = strchr(*line, '=');

		if (is != NULL)
			g_hash_table_replace(table,
			    g_strchomp(g_strndup(*line, is - *line)),
			    g_strstrip(g_strdup(is + 1)));
	}
	return table;
}

/* Columns of master(5): name type private unprivileged chroot wakeup maxproc
 * command. */
enum { COLUMN_NAME, COLUMN_TYPE, COLUMN_CHROOT = 4, COLUMN_COMMAND = 7 };

static void
read_service(struct postfix_facts *facts, const char *text)
{
	g_autofree char *line = g_strdup(text);
	g_auto(GStrv) words = NULL;
	g_autoptr(GPtrArray) filled = g_ptr_array_new();
	struct postfix_service *service;

	g_strdelimit(line, "\t\r", ' ');
	words = g_strsplit(line, " ", -1);
	for (char **word = words; *word != NULL; word++) {
		if (**word != '\0')
			g_ptr_array_add(filled, *word);
	}
	if (filled->len <= COLUMN_COMMAND)
		return;
	g_ptr_array_add(filled, NULL);
	service = g_new0(struct postfix_service, 1);
	service->name = g_strdup(filled->pdata[COLUMN_NAME]);
	service->type = g_strdup(filled->pdata[COLUMN_TYPE]);
	service->command = g_strdup(filled->pdata[COLUMN_COMMAND]);
	service->line = g_strjoinv(" ", (char **)filled->pdata);
	/* "-" is the default of the release, and no since 3.0. */
	service->chroot = strcmp(filled->pdata[COLUMN_CHROOT], "y") == 0;
	g_ptr_array_add(facts->services, service);
}

struct postfix_facts *
postfix_facts_new(const struct postfix_texts *texts)
{
	struct postfix_facts *facts = g_new0(struct postfix_facts, 1);
	g_auto(GStrv) lines = g_strsplit(texts->services, "\n", -1);

	facts->raw = read_settings(texts->raw);
	facts->expanded = read_settings(texts->expanded);
	facts->overrides = read_settings(texts->overrides);
	facts->expanded_overrides = read_settings(texts->expanded_overrides);
	facts->services = g_ptr_array_new_with_free_func(service_free);
	for (char **line = lines; *line != NULL; line++)
		read_service(facts, *line);
	return facts;
}

void
postfix_facts_free(struct postfix_facts **facts)
{
	if (*facts == NULL)
		return;
	g_hash_table_unref((*facts)->raw);
	g_hash_table_unref((*facts)->expanded);
	g_hash_table_unref((*facts)->overrides);
	g_hash_table_unref((*facts)->expanded_overrides);
	g_ptr_array_unref((*facts)->services);
	g_clear_pointer(facts, g_free);
}

const char *
postfix_facts_raw(const struct postfix_facts *facts, const char *name)
{
	return g_hash_table_lookup(facts->raw, name);
}

const char *
postfix_facts_value(const struct postfix_facts *facts, const char *name)
{
	return g_hash_table_lookup(facts->expanded, name);
}

static const char *
look_up(GHashTable *overrides, const struct postfix_service *service,
    const char *name)
{
	g_autofree char *key =
	    g_strjoin("/", service->name, service->type, name, NULL);

	return g_hash_table_lookup(overrides, key);
}

const char *
postfix_facts_override(const struct postfix_facts *facts,
    const struct postfix_service *service, const char *name)
{
	return look_up(facts->overrides, service, name);
}

const char *
postfix_facts_override_value(const struct postfix_facts *facts,
    const struct postfix_service *service, const char *name)
{
	return look_up(facts->expanded_overrides, service, name);
}

const GPtrArray *
postfix_facts_services(const struct postfix_facts *facts)
{
	return facts->services;
}

const struct postfix_service *
postfix_facts_service(
    const struct postfix_facts *facts, const char *name, const char *type)
{
	for (guint i = 0; i < facts->services->len; i++) {
		const struct postfix_service *one = facts->services->pdata[i];

		if (strcmp(one->name, name) == 0 &&
		    strcmp(one->type, type) == 0)
			return one;
	}
	return NULL;
}

gboolean
postfix_facts_since(
    const struct postfix_facts *facts, guint major, guint minor, guint patch)
{
	const char *text = postfix_facts_value(facts, "mail_version");
	const guint least[] = { major, minor, patch };
	guint64 is = 0;

	for (guint i = 0; text != NULL && i < G_N_ELEMENTS(least); i++) {
		char *end;

		is = g_ascii_strtoull(text, &end, 10);
		if (is != least[i])
			return is > least[i];
		text = *end == '.' ? end + 1 : "0";
	}
	return text != NULL;
}
