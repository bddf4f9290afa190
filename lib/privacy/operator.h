/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DESKGATE_LIB_PRIVACY_OPERATOR_H
#define DESKGATE_LIB_PRIVACY_OPERATOR_H

#include <glib.h>
#include <jansson.h>

#include "lib/store/store.h"

/*
 * Operators: the people who work with Deskgate.  What is kept of their acts
 * (audit trail, receipts, lessons, statistics, logs) names them by an alias
 * drawn at random, "cli:~0123456789abcdef"; which name it stands for is kept
 * here alone, in an LMDB folder.  So a name can be erased when its owner leaves
 * (GDPR Article 17), while the chains over what he did stay as they are.
 *
 * The keeper's alone; thread-safe.
 */
struct operators;

/* Bytes of a name, "desk:main:anna"; a longer one is cut. */
#define OPERATOR_NAME_MOST 127

/* `folder` exists. */
struct operators *operators_open(const char *folder, GError **error);
/* Accepts NULL. */
void operators_close(struct operators **address);

/*
 * The alias of an actor, "KIND:NAME" or "desk:DESK:NAME"; kept durably with the
 * first call.  What names nobody ("desk:main", "keeper") and what is an alias
 * stays as it is.  Lives as long as `operators`; NULL with an error when it
 * cannot be kept.
 */
const char *operators_alias(
    struct operators *operators, const char *actor, GError **error);

/* The name behind it, or what was given: an alias whose name is gone.  Lives as
 * long as `operators`. */
const char *operators_name(struct operators *operators, const char *alias);

/* The alias of a name; NOTFOUND when there is none.  Lives as long. */
const char *operators_find(
    struct operators *operators, const char *name, GError **error);

/* Puts names in the place of aliases, wherever a member is called "actor", and
 * in the keys of objects. */
void operators_reveal(struct operators *operators, json_t *value);

/* [{"operator": "cli:anna", "alias": "...", "since": "2026-..."}, ...] in the
 * order of names; the caller's. */
json_t *operators_list(struct operators *operators);

/* Forgets the name, durably; who acts under it later has a new alias.  The
 * store wants compacting after it.  NOTFOUND when there is none. */
gboolean operators_delete(
    struct operators *operators, const char *name, GError **error);

/* For compaction. */
struct store *operators_store(struct operators *operators);

#endif
