/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_MIGRATE_H
#define DESKGATE_TOOLS_MIGRATE_H

#include <jansson.h>

#include "tools/others.h"

/*
 * Coming from another filter: what is found of it, what of that can be taken
 * over, what cannot and why, and what is better then.
 *
 * Counts of tokens are taken from none.  Most of our features are pieces of six
 * bytes of the message, and no list of words gives those back; most filters
 * keep digests of words besides.  And our confidence in a count rests on what
 * was learnt being what the model was wrong or unsure about, while others count
 * every message.  What can be taken is the mail itself, and lists of senders.
 *
 * Thresholds are not translated by a formula: scores of different filters have
 * different scales, so that no number of the one means a number of the other.
 * They mean the same where they do the same to the same mail, which is what
 * `deskgate tune` finds.
 */
enum migrate_act {
	MIGRATE_FOUND,   /* it is there */
	MIGRATE_TAKEN,   /* it is taken over by --apply */
	MIGRATE_BY_HAND, /* a person has to do it */
	MIGRATE_NOT      /* it cannot be */
};

struct migrate_item {
	enum migrate_act act;
	char *what;   /* "words", "thresholds" */
	char *text;   /* what is found, or why not */
	char *better; /* what to do, or NULL */
};

struct migrate_plan {
	const struct migrate_kind *kind;
	char *path;       /* where its store is looked for */
	char *config;     /* its settings, or NULL: where they usually are */
	GPtrArray *items; /* struct migrate_item *, in order */
	GPtrArray *allow, *block; /* char *: items of our lists */
	char *tag;       /* what it puts in front of subjects, or NULL */
	GString *limits; /* its thresholds, as its settings have them */
	guint rules;     /* of its own, in its settings */
};

/* One filter. */
struct migrate_kind {
	const char *name;
	enum others_filter filter; /* whose fields its mail has */
	const char *folder; /* of its store, in the user's home; or NULL */
	/* Adds to the plan what it finds. */
	void (*look)(struct migrate_plan *plan);
};

/* Of this name, or NULL. */
const struct migrate_kind *migrate_kind_find(const char *name);
/* "bogofilter, dspam, ..."; the caller's. */
char *migrate_kind_names(void);

/* An empty plan; `path` and `config` may be NULL. */
struct migrate_plan *migrate_plan_new(
    const struct migrate_kind *kind, const char *path, const char *config);
/* Accepts NULL inside. */
void migrate_plan_free(struct migrate_plan **address);
/* Adds an item; `better` is NULL where there is nothing to do. */
void migrate_note(struct migrate_plan *plan, enum migrate_act act,
    const char *what, const char *better, const char *format, ...)
    G_GNUC_PRINTF(5, 6);
/* "found", "taken", "by hand", "not". */
const char *migrate_act_word(enum migrate_act act);

/*
 * The item of our lists that means what a pattern of SpamAssassin means
 * (an address, with * and ?); NULL when none does.  The caller's.
 */
char *migrate_list_item(const char *pattern);

/* The lists as lines for the settings, or NULL when both are empty; the
 * caller's. */
char *migrate_settings(const struct migrate_plan *plan);
/* The plan as JSON; the caller's. */
json_t *migrate_json(const struct migrate_plan *plan);

/*
 * Splits a line of a filter's settings, "name = value", "name value": in place,
 * without what is behind a #.  FALSE when there is nothing.
 */
gboolean migrate_split(char *line, char **name_r, char **value_r);

#endif
