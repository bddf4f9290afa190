/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_HOLDER_H
#define DESKGATE_CLASSIFIER_HOLDER_H

#include "classifier/faculty.h"
#include "lib/privacy/holder.h"

/*
 * What the models hold of a person: the lessons in their journals that his mail
 * gave.  Erased by taking each back, after which the counts are those of a
 * model that never had it (journal.c).  Lessons that were folded into the base
 * are counts of nobody: they have no link to him.
 */
void holder_add_model(struct registry *registry, struct faculty *faculty);

/* Takes back all lessons of one who is known by his subject, of all models;
 * *taken_r: of the model that had most, since a lesson may be in two. */
gboolean holder_take_back(struct faculty *faculty, const struct ident *subject,
    guint *taken_r, GError **error);

#endif
