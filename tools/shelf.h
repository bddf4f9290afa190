/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TOOLS_SHELF_H
#define DESKGATE_TOOLS_SHELF_H

#include "classifier/classify.h"

/*
 * Messages as features in a temporary file, to be taken in any order and more
 * than once: reading mail costs more than learning from it, and ten thousand
 * messages' features are 200 MB.  The file has no name, so that nothing of it
 * outlives the process.
 */
struct shelf;

/* An empty one, its file made in `folder`. */
struct shelf *shelf_new(const char *folder, GError **error);
/* Accepts NULL. */
void shelf_free(struct shelf **shelf);

/* Puts a message behind the others; *known_r tells that it is there already (by
 * its ident), and then nothing is added. */
gboolean shelf_put(struct shelf *shelf, const struct classify_lesson *lesson,
    enum verdict_class truth, gboolean *known_r, GError **error);

/* How many there are, and of which class each is. */
guint shelf_count(const struct shelf *shelf);
/* HAM or SPAM, of the one at `index`. */
enum verdict_class shelf_truth(const struct shelf *shelf, guint index);
/* Takes the one at `index`; the caller clears the lesson. */
gboolean shelf_get(struct shelf *shelf, guint index,
    struct classify_lesson *lesson_r, GError **error);

/*
 * The order in which two piles are best taught when nobody knows their times:
 * interleaved, each class spread evenly over the whole.  An array of guint
 * indexes; the caller's.
 */
GArray *shelf_interleaved(const struct shelf *shelf);

#endif
