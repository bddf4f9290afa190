/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_CONF_PRIVATE_H
#define DESKGATE_LIB_BASE_CONF_PRIVATE_H

#include "lib/base/conf.h"

/* What the files of lib/base/conf*.c share. */

/* One assignment or section head, as it stands in the text. */
struct conf_mark {
	char *kind;       /* "" for global */
	char *title;      /* "" when there is none */
	char *option;     /* NULL: the head of a section */
	const char *path; /* borrowed: the file it is in */
	guint line;
	gboolean double_quoted; /* the first value stands in "..." */
};

/* Appends the marks of `text` to `marks` (struct conf_mark *); never fails:
 * what it cannot make sense of, libconfuse complains of. */
void conf_scan(const char *path, const char *text, GPtrArray *marks);
/* Frees a mark and its texts. */
void conf_mark_free(struct conf_mark *mark);

struct conf_value {
	const struct conf_option *option;
	char **words; /* as written; one but for lists; NULL: not set and no
			 default */
	gboolean set;
	guint line;
	const char *path;
	double number; /* parsed: integer, real, flag, size, duration */
};

struct conf_section {
	const struct conf_kind *kind;
	char *title; /* or NULL */
	const char *path;
	guint line;
	GHashTable *values; /* name -> struct conf_value *; owned */
};

struct conf {
	char *path;
	const struct conf_kind *kinds;
	GPtrArray
	    *sections; /* struct conf_section *; the first is the global one */
	GPtrArray *faults;   /* char * */
	GPtrArray *warnings; /* likewise */
	GPtrArray *marks;
	GPtrArray *paths; /* char *: what marks and values borrow */
	GChecksum *sum;   /* of all texts */
};

/* An empty conf; texts are added, then read all at once. */
struct conf *conf_new(const char *path, const struct conf_kind *kinds);
/* The texts to be read together; g_array_unref frees them. */
GArray *conf_texts_new(void);
/* Adds a text and its marks; `path` is what faults name. */
void conf_add_text(
    struct conf *conf, GArray *texts, const char *path, const char *text);
/* Parses all texts and fills conf with values and faults. */
void conf_read_texts(struct conf *conf, GArray *texts);

/* Adds a fault unless it is there already. */
void conf_fault_at(struct conf *conf, const char *path, guint line,
    const char *format, ...) G_GNUC_PRINTF(4, 5);

/* The mark of an option, or of a section's head (`option` NULL): the first one;
 * NULL when there is none. */
const struct conf_mark *conf_mark_find(const struct conf *conf,
    const char *kind, const char *title, const char *option);

/* conf_names.c: what the names in a text tell. */
/* The name by which the text sets the option: its own, or the one it had
 * before, which is a warning; both is a fault.  Borrowed from the option. */
const char *conf_names_written(struct conf *conf,
    const struct conf_section *section, const struct conf_option *option);
/* Adds a fault for each section by the name of another, and for each setting
 * that is set twice in one section. */
void conf_names_check(struct conf *conf);

/* Reads value->words into value->number by the option's type; FALSE with *why_r
 * (the caller frees it) saying what would be right. */
gboolean conf_value_read(struct conf_value *value, char **why_r);
/* Whether it has several values. */
gboolean conf_is_list(enum conf_type type);
/* "a number from 1 to 64", "one of: a, b": what would be right. */
char *conf_value_wanted(const struct conf_option *option);

/* The option of this name in a kind's tables, or NULL; and the known name most
 * like it, or NULL. */
const struct conf_option *conf_option_find(
    const struct conf_kind *kind, const char *name);
/* The known name most like `name`, or NULL. */
const char *conf_option_nearest(const struct conf_kind *kind, const char *name);

#endif
