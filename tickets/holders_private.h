/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_TICKETS_HOLDERS_PRIVATE_H
#define DESKGATE_TICKETS_HOLDERS_PRIVATE_H

#include <pthread.h>

#include "tickets/holders.h"

/* What the files of the holders share; for no one else. */

/* One desk. */
struct place {
	struct ticket_holders *all;
	char *desk; /* its name */
	char *name; /* "desk main" */
	gboolean local;
	struct desk *own;     /* in no settings; NULL: deliver has it */
	pthread_mutex_t lock; /* of that */
};

struct ticket_holders {
	struct deliver *deliver;
	struct vaulted vaulted;
	struct ledger *ledger;
	const struct secret *subject_key;
	GPtrArray *places; /* struct place * */
	gboolean unknown;  /* there is an embedded desk that cannot be opened */
};

/* --- holders_place.c */
/* One of these, among the places. */
struct place *place_new(
    struct ticket_holders *all, const char *desk, gboolean local);
/* For g_ptr_array_new_with_free_func. */
void place_free(gpointer item);
/* That of the embedded desk that is in no settings; NULL: there is none. */
struct place *place_left_behind(
    struct ticket_holders *all, const char *state_dir);
/* Its desk, for one thread at a time, and back. */
struct desk *place_lock(struct place *place, GError **error);
void place_unlock(struct place *place, struct desk *desk);

/* --- holders_subjects.c: `subjects` of each (lib/privacy/holder.h) */
/* Of the spool: to whom entries are wrapped. */
gboolean holders_subjects_spool(
    void *self, struct people *people, GError **error);
/* Of the embedded desk, a struct place; of others nobody. */
gboolean holders_subjects_desk(
    void *self, struct people *people, GError **error);
/* Of the ledger. */
gboolean holders_subjects_ledger(
    void *self, struct people *people, GError **error);
/* Erases a person without addresses from the embedded desk. */
gboolean holders_erase_people(struct place *place, const struct person *person,
    json_t *counts, struct holder_erased *erased_r, GError **error);

/* --- holders_inbox.c: `erase_inbox` of each */
/* Of the spool. */
gboolean holders_inbox_spool(void *self, const struct holder_inbox *inbox,
    json_t *counts, struct holder_erased *erased_r, GError **error);
/* Of the embedded desk, a struct place. */
gboolean holders_inbox_desk(void *self, const struct holder_inbox *inbox,
    json_t *counts, struct holder_erased *erased_r, GError **error);
/* Of the ledger. */
gboolean holders_inbox_ledger(void *self, const struct holder_inbox *inbox,
    json_t *counts, struct holder_erased *erased_r, GError **error);

/* --- holders_export.c: `export` of each (lib/privacy/holder.h) */
/* Of the spool: his messages, with what was decided of them and why. */
gboolean holders_export_spool(void *self, const struct person *person,
    const struct handout *handout, GError **error);
/* Of one desk, a struct place. */
gboolean holders_export_desk(void *self, const struct person *person,
    const struct handout *handout, GError **error);
/* Of the ledger. */
gboolean holders_export_ledger(void *self, const struct person *person,
    const struct handout *handout, GError **error);

/* --- holders_people.c: `people` of each */
gboolean holders_people_spool(
    void *self, gint64 until, struct affected *affected, GError **error);
/* Of the embedded desk, a struct place. */
gboolean holders_rectify_desk(void *self, const struct person *person,
    const char *name, json_t *counts, GError **error);
gboolean holders_people_desk(
    void *self, gint64 until, struct affected *affected, GError **error);

/* --- holders.c */
/* Adds to a count; 0 adds nothing. */
void holders_add_count(json_t *counts, const char *kind, gint64 count);

/* --- holders_erase.c */
/* `erase` of one desk, a struct place. */
gboolean holders_erase_desk(void *self, const struct person *person,
    json_t *counts, struct holder_erased *erased_r, GError **error);

#endif
