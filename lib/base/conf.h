/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_CONF_H
#define DESKGATE_LIB_BASE_CONF_H

#include <glib.h>

/*
 * Settings: one file, then conf.d/<name>.conf beside it in order of name, read
 * by libconfuse (this room's conf.c alone includes it).  Each room exports a
 * table of what can be set; the same tables make the sample file, the man page
 * and the checks.
 *
 * Everything wrong is told at once: conf_load returns a conf with a list of
 * faults, each with file, line, what is wrong and what would be right.
 */
enum conf_type {
	CONF_STRING,   /* any text */
	CONF_CHOICE,   /* one of `choices` */
	CONF_INTEGER,  /* minimum..maximum */
	CONF_REAL,     /* minimum..maximum */
	CONF_FLAG,     /* true|false|yes|no|on|off */
	CONF_SIZE,     /* bytes, with K, M, G (powers of 1024) */
	CONF_DURATION, /* seconds, with s, m, h, d */
	CONF_DATE,     /* a day: 2027-01-31 */
	CONF_LIST,     /* list of texts: { "a", "b" } */
	CONF_PATH,     /* absolute path */
	CONF_PATTERN,  /* text in single quotes only (a regular expression) */
	CONF_PATTERNS  /* list of those: { 'a', 'b' } */
};

struct conf_option {
	const char *name; /* kebab-case; NULL ends the table */
	enum conf_type type;
	const char *fallback; /* the default as it would be written in the file,
			       * or NULL: not set */
	/* INTEGER, REAL; bytes for SIZE, seconds for DURATION. */
	double minimum, maximum;
	const char *choices; /* CHOICE: "a|b|c" */
	gboolean required;   /* must be set */
	const char *help; /* one or two sentences for sample file and manual */
	/* The name it had in the version before, or NULL: still read, with a
	 * warning.  To be taken out with the next version. */
	const char *was;
};

/* A kind of section: the global one has the name "" and no title. */
struct conf_kind {
	const char *name;  /* "", "inbox", "desk"; NULL ends the list */
	const char *title; /* what the title is, for help; NULL: no title */
	const char *help;
	const struct conf_option *const *tables; /* ended by NULL */
};

struct conf;
struct conf_section;

/*
 * Reads `path`.  NULL and *error only when the file cannot be read at all.  A
 * conf with faults is returned too, for those who show them.
 */
struct conf *conf_load(
    const char *path, const struct conf_kind *kinds, GError **error);
/* The same from text, for tests; `path` is what faults name. */
struct conf *conf_parse(
    const char *path, const char *text, const struct conf_kind *kinds);
/* Frees it with all its sections and values. */
void conf_free(struct conf **conf);

/* The faults as "FILE:LINE: text" lines; rooms add what they find (a line of 0:
 * the section's own line). */
guint conf_faults(const struct conf *conf);
/* The fault at `index`, below conf_faults(); borrowed. */
const char *conf_fault(const struct conf *conf, guint index);
/* Adds one, told at the line of `option`, or of the section when it is NULL or
 * not set. */
void conf_add_fault(struct conf *conf, const struct conf_section *section,
    const char *option, const char *format, ...) G_GNUC_PRINTF(4, 5);

/* What is right and should be written otherwise, as "FILE:LINE: text": a
 * setting by the name it had before. */
guint conf_warnings(const struct conf *conf);
/* The warning at `index`, below conf_warnings(); borrowed. */
const char *conf_warning(const struct conf *conf, guint index);

/* SHA-256 of all texts, as hex: another one when anything was changed. */
const char *conf_sum(const struct conf *conf);

/* The section of all settings outside of sections; always there. */
const struct conf_section *conf_global(const struct conf *conf);
/* How many sections of this kind there are. */
guint conf_count(const struct conf *conf, const char *kind);
/* The section of this kind at `index`, in the order of the files. */
const struct conf_section *conf_at(
    const struct conf *conf, const char *kind, guint index);
/* The section of this kind and title (case-insensitive), or NULL. */
const struct conf_section *conf_find(
    const struct conf *conf, const char *kind, const char *title);
/* What stands behind the kind, as written; NULL for the global one. */
const char *conf_title(const struct conf_section *section);

/*
 * Values; the name must be in a table of the section's kind (asserted).
 * Borrowed from the conf.  conf_string is NULL when not set and without
 * default.
 */
const char *conf_string(const struct conf_section *section, const char *name);
/* The value of an INTEGER. */
gint64 conf_integer(const struct conf_section *section, const char *name);
/* The value of a REAL. */
double conf_real(const struct conf_section *section, const char *name);
/* The value of a FLAG. */
gboolean conf_flag(const struct conf_section *section, const char *name);
/* The value of a SIZE, in bytes. */
guint64 conf_size(const struct conf_section *section, const char *name);
/* The value of a DURATION, in seconds. */
gint64 conf_duration(const struct conf_section *section, const char *name);
/* The first second of a DATE, by the clock of this host; 0: not set. */
gint64 conf_date(const struct conf_section *section, const char *name);
/* The values of a LIST or of PATTERNS, NULL-ended. */
const char *const *conf_list(
    const struct conf_section *section, const char *name);
/* Whether the file sets it (rather than the default). */
gboolean conf_is_set(const struct conf_section *section, const char *name);

/* The sample file made from the tables: each setting, commented out, with its
 * help, range and default.  The caller frees it. */
char *conf_sample(const struct conf_kind *kinds);

/* The settings as lists in mdoc(7), a part for each kind: what deskgate.conf(5)
 * is made of.  The caller frees it. */
char *conf_manual(const struct conf_kind *kinds);

#endif
