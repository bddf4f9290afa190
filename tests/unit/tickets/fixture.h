/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TESTS_UNIT_TICKETS_FIXTURE_H
#define DESKGATE_TESTS_UNIT_TICKETS_FIXTURE_H

#include "lib/base/clock.h"
#include "lib/base/seal.h"
#include "tickets/ledger.h"
#include "tickets/spool.h"
#include "tickets/vaulted.h"

/* A keeper's stores in a folder of their own, removed at the end. */
struct fixture {
	char *folder;
	int key_dir;
	struct secret *key;
	struct spool *spool;
	struct vault *vault;
	struct intake *intake;
	struct ledger *ledger;
	struct vaulted vaulted;
	struct ident intake_id;
	guint8 intake_public[SEAL_PUBLIC_BYTES];
};

/* Makes a folder with stores and keys in it. */
void fixture_init(struct fixture *fixture);
/* Closes the stores and opens them again, as a new start of the keeper does. */
void fixture_reopen(struct fixture *fixture);
/* Closes the stores, as the end of the keeper does. */
void fixture_close(struct fixture *fixture);
/* Closes what is open and removes the folder. */
void fixture_fini(struct fixture *fixture);

/* The path of `part` within the folder.  The caller frees it. */
char *fixture_path(const struct fixture *fixture, const char *part);

/* The ident made of a number. */
struct ident fixture_ident(guint number);
/* An entry with this number for its key. */
struct entry *fixture_entry(guint number, enum entry_action action);
/* Seals it and puts it into the spool. */
gboolean fixture_put(struct fixture *fixture, const struct entry *entry,
    const char *message, enum spool_put *result_r, GError **error);
/* The state of entry `number`, or SPOOL_STATES when it has none. */
enum spool_state fixture_state(struct fixture *fixture, guint number);

/* How many names stand in a folder. */
guint fixture_count(const struct fixture *fixture, const char *part);

#endif
