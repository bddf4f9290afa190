/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_BASE_EXPOSITION_H
#define DESKGATE_LIB_BASE_EXPOSITION_H

#include <glib.h>
#include <jansson.h>

/*
 * Figures for Prometheus, as a value: an array of families, one for each name,
 *
 *   {"name": "deskgate_spool_entries", "type": "gauge", "help": "...",
 *    "samples": [{"labels": {"state": "new"}, "value": 3}, ...]}
 *
 * where a sample may have a "suffix" ("_bucket", "_sum", "_count").  It becomes
 * the text format 0.0.4, which Prometheus asks for, or is shown by a command as
 * it is.  Nothing here is shared: a page belongs to whoever makes it.
 */
#define EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* An empty page; the caller's, json_decref frees it. */
json_t *exposition_new(void);

/* Adds a family to a page; borrowed from the page.  The type is "counter",
 * "gauge" or "histogram". */
json_t *exposition_family(
    json_t *page, const char *name, const char *type, const char *help);

/* Adds a sample: `labels` are names and values in turn, both of them texts,
 * NULL-ended; a value that is not UTF-8 becomes valid.  Times are in seconds,
 * sizes in bytes (base units). */
void exposition_add(json_t *family, double value, ...) G_GNUC_NULL_TERMINATED;
/* The same with a suffix and ready labels, which are taken over. */
void exposition_add_labelled(
    json_t *family, const char *suffix, json_t *labels, double value);

/* The page in the text format: HELP and TYPE of each family that has samples,
 * then these; what a help or a label may not hold as it is stands escaped.  The
 * caller frees it.  Pure. */
char *exposition_text(const json_t *page);

/* The sum of a family's samples that have no suffix and whose labels include
 * `label` = `value` (NULL: all of them).  0 when there are none.  Pure. */
double exposition_sum(
    const json_t *page, const char *name, const char *label, const char *value);

#endif
