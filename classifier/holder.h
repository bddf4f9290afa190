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

#endif
