/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_CLASSIFIER_FACULTY_PRIVATE_H
#define DESKGATE_CLASSIFIER_FACULTY_PRIVATE_H

#include "classifier/faculty.h"

/* What the files of the faculty share; for no one else. */

struct own {
	char *name;
	char *folder;
	struct learn *learn;
};

struct place {
	char *inbox;
	const struct own *own;
};

struct faculty {
	struct learn *shared;
	struct classify *classify;
	GPtrArray *owns;   /* struct own * */
	GPtrArray *places; /* struct place * */
	struct faculty_guard guard;
};

/* How many models there are, the installation's included. */
guint faculty_count(const struct faculty *faculty);
/* One of them, the installation's at 0. */
struct learn *faculty_at(const struct faculty *faculty, guint i);

#endif
