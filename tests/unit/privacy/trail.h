/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TESTS_UNIT_PRIVACY_TRAIL_H
#define DESKGATE_TESTS_UNIT_PRIVACY_TRAIL_H

#include "lib/base/clock.h"
#include "lib/base/seal.h"
#include "lib/privacy/audit.h"
#include "tests/unit/base/folder.h"

#define DAY ((gint64)24 * 3600 * G_USEC_PER_SEC)
/* 2026-11-02T00:00:00Z, where a trail begins, and the file it is in then. */
#define START ((gint64)1793577600 * G_USEC_PER_SEC)
#define START_FILE "2026-11.log"

/* An audit trail in a folder of the test's own, with a clock that the test
 * sets. */
struct trail {
	struct folder folder;
	struct secret *key;
	struct clock clock;
	gint64 now; /* wall */
	struct audit *audit;
};

/* An empty one, open, at START; as g_test_add has it. */
void trail_init(struct trail *trail, gconstpointer unused);
/* Closes it and removes the folder. */
void trail_fini(struct trail *trail, gconstpointer unused);
/* Opens what is in the folder; it is closed. */
void trail_open(struct trail *trail);
/* Closes it, and opens it again. */
void trail_reopen(struct trail *trail);
/* One act more, "release" by cli:root, of this object. */
void trail_add(struct trail *trail, const char *object);

#endif
