/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Settings by libconfuse.
 *
 * libconfuse stops at the first thing it does not know, and a person wants to
 * be told of everything at once.  So the texts are parsed again and again:
 * after a complaint its line is blanked in memory and the fault kept, until the
 * rest is clean.  Values are taken as text and read by conf_value.c, so that
 * types, ranges and the words of a fault are ours.  libconfuse's scanner is not
 * reentrant: one thread at a time loads settings.
 */
#include "lib/base/conf.h"

#include <confuse.h>
#include <string.h>

#include "lib/base/conf_private.h"
#include "lib/base/translate.h"

/* More faults than anybody reads: the file is not one of ours. */
#define FAULTS_MOST 100

/* libconfuse passes no data to its error function, but it copies options: a
 * nameless one that nobody can write carries the address of this. */
#define CARRIER " "
struct complaint {
	guint line;
	char *text;
};

struct source_text {
	const char *path; /* borrowed from conf->paths */
	char *text;
};

static void on_complaint(cfg_t *cfg, const char *format, va_list args)
    G_GNUC_PRINTF(2, 0);

static void
on_complaint(cfg_t *cfg, const char *format, va_list args)
{
	cfg_opt_t *carrier = cfg_getopt(cfg, CARRIER);
	struct complaint *complaint =
	    carrier != NULL ? (void *)carrier->simple_value.ptr : NULL;

	if (complaint == NULL || complaint->text != NULL)
		return;
	complaint->line = cfg->line;
	complaint->text = g_strdup_vprintf(format, args);
}

static void
add_fault(struct conf *conf, char *fault)
{
	for (guint i = 0; i < conf->faults->len; i++) {
		if (strcmp(conf->faults->pdata[i], fault) == 0) {
			g_free(fault);
			return;
		}
	}
	g_ptr_array_add(conf->faults, fault);
}

void
conf_fault_at(
    struct conf *conf, const char *path, guint line, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(translate(format), args);
	va_end(args);
	add_fault(conf, g_strdup_printf("%s:%u: %s", path, line, text));
}

/* --- libconfuse's options from our tables --- */

static void
add_options(
    GArray *options, const struct conf_kind *kind, struct complaint *complaint)
{
	cfg_opt_t carrier =
	    CFG_PTR_CB(CARRIER, NULL, CFGF_NODEFAULT, NULL, NULL);

	for (const struct conf_option *const *table = kind->tables;
	     *table != NULL; table++) {
		for (const struct conf_option *o = *table; o->name != NULL;
		     o++) {
			cfg_opt_t text = CFG_STR(o->name, NULL, CFGF_NODEFAULT);
			cfg_opt_t list =
			    CFG_STR_LIST(o->name, NULL, CFGF_NODEFAULT);

			g_array_append_vals(
			    options, conf_is_list(o->type) ? &list : &text, 1);
			if (o->was == NULL)
				continue;
			text.name = list.name = o->was;
			g_array_append_vals(
			    options, conf_is_list(o->type) ? &list : &text, 1);
		}
	}
	carrier.simple_value.ptr = (void **)complaint;
	g_array_append_val(options, carrier);
}

static void
end_options(GArray *options)
{
	cfg_opt_t end = CFG_END();

	g_array_append_val(options, end);
}

/* The root's options with a section for each further kind; `parts_r` holds what
 * the root borrows. */
static GArray *
make_options(const struct conf_kind *kinds, struct complaint *complaint,
    GPtrArray *parts)
{
	GArray *root = g_array_new(FALSE, TRUE, sizeof(cfg_opt_t));

	add_options(root, kinds, complaint);
	for (const struct conf_kind *kind = kinds + 1; kind->name != NULL;
	     kind++) {
		GArray *inner = g_array_new(FALSE, TRUE, sizeof(cfg_opt_t));
		cfg_opt_t section = CFG_SEC(kind->name, NULL,
		    CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);

		add_options(inner, kind, complaint);
		end_options(inner);
		g_ptr_array_add(parts, inner);
		section.subopts = (cfg_opt_t *)inner->data;
		g_array_append_val(root, section);
	}
	end_options(root);
	return root;
}

static void
free_options(gpointer array)
{
	g_array_unref(array);
}

/* --- parsing --- */

static void
blank_line(char *text, guint line)
{
	for (guint at = 1; at < line && text != NULL; at++) {
		text = strchr(text, '\n');
		if (text != NULL)
			text++;
	}
	for (; text != NULL && *text != '\0' && *text != '\n'; text++)
		*text = ' ';
}

/* libconfuse's "no such option 'x'" in our words, with the name most like it.
 */
static char *
say(const struct conf *conf, const char *text)
{
	const char *open = strstr(text, "no such option '");
	g_autofree char *name = NULL;
	const char *near = NULL;

	if (open == NULL)
		return g_strdup(text);
	name = g_strdup(open + strlen("no such option '"));
	g_strdelimit(name, "'", '\0');
	for (const struct conf_kind *kind = conf->kinds;
	     kind->name != NULL && near == NULL; kind++)
		near = conf_option_nearest(kind, name);
	if (near == NULL)
		return g_strdup_printf("there is no setting \"%s\" here", name);
	return g_strdup_printf(
	    "there is no setting \"%s\" here; did you mean \"%s\"?", name,
	    near);
}

/* One pass over all texts.  TRUE when libconfuse had nothing to say; else the
 * fault is kept and its line blanked. */
static gboolean
parse_pass(
    struct conf *conf, cfg_t *cfg, GArray *texts, struct complaint *complaint)
{
	for (guint i = 0; i < texts->len; i++) {
		struct source_text *source =
		    &g_array_index(texts, struct source_text, i);
		g_autofree char *said = NULL;

		cfg->line = 1;
		if (cfg_parse_buf(cfg, source->text) == CFG_SUCCESS)
			continue;
		if (complaint->text == NULL)
			complaint->text = g_strdup("it cannot be read here");
		said = say(conf, complaint->text);
		conf_fault_at(conf, source->path, complaint->line, "%s", said);
		blank_line(source->text, complaint->line);
		g_clear_pointer(&complaint->text, g_free);
		return FALSE;
	}
	return TRUE;
}

static cfg_t *
parse_texts(struct conf *conf, GArray *texts)
{
	for (guint pass = 0; pass < FAULTS_MOST; pass++) {
		struct complaint *complaint = g_new0(struct complaint, 1);
		g_autoptr(GPtrArray) parts =
		    g_ptr_array_new_with_free_func(free_options);
		g_autoptr(GArray) options =
		    make_options(conf->kinds, complaint, parts);
		cfg_t *cfg = cfg_init((cfg_opt_t *)options->data, CFGF_NONE);
		gboolean clean;

		cfg_set_error_function(cfg, on_complaint);
		clean = parse_pass(conf, cfg, texts, complaint);
		g_free(complaint->text);
		g_free(complaint);
		if (clean)
			return cfg;
		cfg_free(cfg);
	}
	conf_fault_at(conf, conf->path, 1,
	    "too much is wrong here; is this a "
	    "settings file of Deskgate?");
	return NULL;
}

/* --- from libconfuse's tree to ours --- */

static char **
words_of(cfg_t *cfg, const char *name, const struct conf_option *option)
{
	guint n = cfg != NULL ? cfg_size(cfg, name) : 0;
	char **words;

	if (n == 0)
		return option->fallback == NULL
			   ? NULL
			   : (char **)g_strsplit(option->fallback,
				 conf_is_list(option->type) ? "," : "\n", -1);
	words = g_new0(char *, n + 1);
	for (guint i = 0; i < n; i++)
		words[i] = g_strdup(cfg_getnstr(cfg, name, i));
	return words;
}

static void
value_free(gpointer data)
{
	struct conf_value *value = data;

	g_strfreev(value->words);
	g_free(value);
}

static void
add_value(struct conf *conf, struct conf_section *section, cfg_t *cfg,
    const struct conf_option *option)
{
	struct conf_value *value = g_new0(struct conf_value, 1);
	const char *name = conf_names_written(conf, section, option);
	const struct conf_mark *mark = conf_mark_find(conf, section->kind->name,
	    section->title != NULL ? section->title : "", name);
	g_autofree char *why = NULL;

	value->option = option;
	value->set = cfg != NULL && cfg_size(cfg, name) > 0;
	value->words = words_of(cfg, name, option);
	value->path = mark != NULL ? mark->path : section->path;
	value->line = mark != NULL ? mark->line : section->line;
	g_hash_table_insert(section->values, (char *)option->name, value);
	if (!conf_value_read(value, &why))
		conf_fault_at(conf, value->path, value->line, "%s", why);
	else if (option->required && value->words == NULL)
		conf_fault_at(conf, section->path, section->line,
		    "%s must be set", option->name);
	if (value->set && mark != NULL && mark->double_quoted &&
	    (option->type == CONF_PATTERN || option->type == CONF_PATTERNS))
		conf_fault_at(conf, value->path, value->line,
		    "%s: write the pattern in 'single quotes' (in double "
		    "quotes "
		    "backslashes are lost)",
		    option->name);
}

static void
add_section(struct conf *conf, const struct conf_kind *kind, cfg_t *cfg,
    const char *title)
{
	struct conf_section *section = g_new0(struct conf_section, 1);
	const struct conf_mark *mark =
	    title != NULL ? conf_mark_find(conf, kind->name, title, NULL)
			  : NULL;

	section->kind = kind;
	section->title = g_strdup(title);
	section->path = mark != NULL ? mark->path : conf->path;
	section->line = mark != NULL ? mark->line : 1;
	section->values =
	    g_hash_table_new_full(g_str_hash, g_str_equal, NULL, value_free);
	g_ptr_array_add(conf->sections, section);
	for (const struct conf_option *const *table = kind->tables;
	     *table != NULL; table++) {
		for (const struct conf_option *o = *table; o->name != NULL; o++)
			add_value(conf, section, cfg, o);
	}
}

static void
take_tree(struct conf *conf, cfg_t *cfg)
{
	add_section(conf, conf->kinds, cfg, NULL);
	for (const struct conf_kind *kind = conf->kinds + 1; kind->name != NULL;
	     kind++) {
		guint n = cfg != NULL ? cfg_size(cfg, kind->name) : 0;

		for (guint i = 0; i < n; i++) {
			cfg_t *inner = cfg_getnsec(cfg, kind->name, i);

			add_section(conf, kind, inner, cfg_title(inner));
		}
	}
	conf_names_check(conf);
}

static void
section_free(gpointer data)
{
	struct conf_section *section = data;

	g_hash_table_unref(section->values);
	g_free(section->title);
	g_free(section);
}

struct conf *
conf_new(const char *path, const struct conf_kind *kinds)
{
	struct conf *conf = g_new0(struct conf, 1);

	conf->path = g_strdup(path);
	conf->kinds = kinds;
	conf->sections = g_ptr_array_new_with_free_func(section_free);
	conf->faults = g_ptr_array_new_with_free_func(g_free);
	conf->warnings = g_ptr_array_new_with_free_func(g_free);
	conf->marks =
	    g_ptr_array_new_with_free_func((GDestroyNotify)conf_mark_free);
	conf->paths = g_ptr_array_new_with_free_func(g_free);
	conf->sum = g_checksum_new(G_CHECKSUM_SHA256);
	return conf;
}

void
conf_add_text(
    struct conf *conf, GArray *texts, const char *path, const char *text)
{
	struct source_text source = { g_strdup(path), g_strdup(text) };

	g_ptr_array_add(conf->paths, (char *)source.path);
	conf_scan(source.path, text, conf->marks);
	g_checksum_update(
	    conf->sum, (const guchar *)text, (gssize)strlen(text) + 1);
	g_array_append_val(texts, source);
}

static void
clear_text(gpointer data)
{
	g_free(((struct source_text *)data)->text);
}

GArray *
conf_texts_new(void)
{
	GArray *texts = g_array_new(FALSE, FALSE, sizeof(struct source_text));

	g_array_set_clear_func(texts, clear_text);
	return texts;
}

void
conf_read_texts(struct conf *conf, GArray *texts)
{
	cfg_t *cfg = parse_texts(conf, texts);

	take_tree(conf, cfg);
	if (cfg != NULL)
		cfg_free(cfg);
}

struct conf *
conf_parse(const char *path, const char *text, const struct conf_kind *kinds)
{
	struct conf *conf = conf_new(path, kinds);
	g_autoptr(GArray) texts = conf_texts_new();

	conf_add_text(conf, texts, path, text);
	conf_read_texts(conf, texts);
	return conf;
}

void
conf_free(struct conf **conf)
{
	if (*conf == NULL)
		return;
	g_ptr_array_unref((*conf)->sections);
	g_ptr_array_unref((*conf)->faults);
	g_ptr_array_unref((*conf)->warnings);
	g_ptr_array_unref((*conf)->marks);
	g_ptr_array_unref((*conf)->paths);
	g_checksum_free((*conf)->sum);
	g_free((*conf)->path);
	g_clear_pointer(conf, g_free);
}
