/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_MODELS_H
#define DESKGATE_TOOLS_MODELS_H

#include <glib.h>

#include "classifier/classify.h"
#include "lib/base/conf.h"
#include "tools/paths.h"

/*
 * The own models that inboxes name in the settings: where they are, beside the
 * installation's.
 */

/* Whether it can be a model's name, "shared" included. */
gboolean models_valid(const char *name);
/* The inbox's own model, or NULL for "shared"; borrowed. */
const char *models_of(const struct conf_section *inbox);
/* The own models, each once, in the order of the settings; borrowed texts (char
 * *) in an array that is the caller's. */
GPtrArray *models_names(const struct conf *conf);

/* How long its journal is kept, in seconds: the shortest that one of its
 * inboxes says, else as for all. */
gint64 models_keep(const struct conf *conf, const char *name);

/* STATE/model-NAME; the caller frees it. */
char *models_folder(const struct paths *paths, const char *name);
/* RUNTIME/keeper/score-NAME.table; the caller frees it. */
char *models_table(const struct paths *paths, const char *name);
/* How the message in the memory file is judged for the inbox (NULL: for none):
 * by its model, with its own lines.  FALSE only with AGAIN. */
gboolean models_judge(struct classify *classify, const struct conf *conf,
    const struct conf_section *inbox, int message, struct verdict *verdict_r,
    GError **error);
/* Tells `classify` of all of them. */
void models_add(struct classify *classify, const struct paths *paths,
    const struct conf *conf);

#endif
